"""Names of companies that do not exist, and the same names as careless people write them; the truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lvshu.catalog.pack_library import PackLibrary
from lvshu.sample.names import SYLLABLES

LATIN_PARTS = (
    "al", "ber", "con", "dor", "el", "fen", "gar", "hol", "in", "jor", "kal", "lun", "mer", "nor", "ost", "pel",
    "qua", "rin", "sol", "tor", "ul", "ven", "wal", "xan", "yor", "zim", "bra", "cha", "dre", "flo", "gri", "tre",
)  # fmt: skip
LATIN_TRADES = (
    "power", "energy", "steel", "cement", "automobile", "shipping", "chemical", "resources", "electric", "mining",
    "petroleum", "aviation", "trading", "industries", "holdings", "international", "development", "logistics",
)  # fmt: skip
LATIN_FORMS = (
    "Ltd",
    "Co., Ltd.",
    "Inc",
    "Corporation",
    "PLC",
    "GmbH",
    "AG",
    "SpA",
    "SA",
    "LLC",
    "Company Limited",
    "",
)
FORMS = (
    "有限公司",
    "有限公司",
    "有限公司",
    "有限责任公司",
    "股份有限公司",
    "集团有限公司",
    "集团股份有限公司",
    "合伙企业（有限合伙）",
    "厂",
)


@dataclass(frozen=True)
class Company:
    """A company: the parts of its name. Returned by `companies`."""

    region: str
    trade: str
    industry: str
    form: str
    latin: bool = False
    second: str = ""

    @property
    def name(self) -> str:
        """Return the full name."""
        if self.latin:
            return " ".join((self.trade, self.industry, self.form)).strip()
        return self.region + self.trade + self.industry + self.second + self.form


@dataclass(frozen=True)
class Names:
    """Names of companies, names looked for, and the true company of each of these, -1 for none."""

    companies: list[str]
    queries: list[str]
    truth: np.ndarray


@dataclass
class Maker:
    """Draws names; the same seed gives the same names."""

    random: np.random.Generator
    regions: Sequence[str]
    short_regions: Sequence[str]
    industries: Sequence[str]
    traditional: dict[str, str]

    @classmethod
    def of(cls, library: PackLibrary, seed: int) -> Maker:
        """Return a maker with the words of the packs."""
        rows = library["name_parts"].rows
        regions = [
            str(row["word"])
            for row in rows
            if row["kind"] == "region" and str(row["word"]).endswith(("省", "市"))
        ]
        industries = [str(row["word"]) for row in rows if row["kind"] == "industry"]
        characters = {
            str(row["simplified"]): str(row["traditional"]) for row in library["traditional_characters"].rows
        }
        return cls(
            np.random.default_rng(seed), regions, [one[:-1] for one in regions], industries, characters
        )

    def pick(self, words: Sequence[str]) -> str:
        """Return one of the words, the earlier ones more often."""
        return words[int(len(words) * self.random.random() ** 1.6)]

    def company(self) -> Company:
        """Return a new company."""
        if self.random.random() < 0.08:
            parts = "".join(self.pick(LATIN_PARTS) for _ in range(int(self.random.integers(2, 4))))
            more = (
                " " + "".join(self.pick(LATIN_PARTS) for _ in range(2)) if self.random.random() < 0.4 else ""
            )
            return Company(
                "", (parts + more).title(), self.pick(LATIN_TRADES).title(), self.pick(LATIN_FORMS), True
            )
        region = self.pick(self.short_regions if self.random.random() < 0.5 else self.regions)
        length = int(self.random.choice([2, 3, 4], p=[0.5, 0.35, 0.15]))
        trade = "".join(self.random.choice(list(SYLLABLES), length))
        industry = self.pick(self.industries)
        second = self.pick(self.industries) if self.random.random() < 0.2 else ""
        chance = self.random.random()
        if chance < 0.04:
            trade = ""
        elif chance < 0.14:
            region = ""
        return Company(region, trade, industry, self.pick(FORMS), second=second)

    def relative(self, other: Company) -> Company:
        """Return another company with much of the name of one: of the same group, or one character apart."""
        kind = self.random.random()
        if other.latin:
            return Company("", other.trade, self.pick(LATIN_TRADES).title(), other.form, True)
        if kind < 0.06:
            return Company(
                other.region,
                other.trade,
                other.industry,
                other.form + self.pick(self.short_regions) + "分公司",
            )
        if kind < 0.5 or len(other.trade) < 2:
            return Company(other.region, other.trade, self.pick(self.industries), self.pick(FORMS))
        if kind < 0.75:
            return replace(other, region=self.pick(self.short_regions))
        return replace(other, trade=self.changed(other.trade, SYLLABLES))

    def companies(self, count: int) -> list[Company]:
        """Return companies with names of their own, a quarter of them relatives of others."""
        found: dict[str, Company] = {}
        listed: list[Company] = []
        while len(listed) < count:
            near = listed and self.random.random() < 0.25
            one = self.relative(listed[int(self.random.integers(len(listed)))]) if near else self.company()
            if one.name not in found:
                found[one.name] = one
                listed.append(one)
        return listed

    def changed(self, text: str, letters: str) -> str:
        """Return a text with one character changed."""
        place = int(self.random.integers(len(text)))
        return text[:place] + letters[int(self.random.integers(len(letters)))] + text[place + 1 :]

    def written(self, one: Company) -> str:
        """Return the name of a company as somebody wrote it."""
        return self._latin(one) if one.latin else self._han(one)

    def _latin(self, one: Company) -> str:
        kind = self.random.random()
        if kind < 0.2:
            return one.name.upper()
        if kind < 0.45:
            return f"{one.trade} {one.industry}"
        if kind < 0.6:
            return f"{one.trade} {one.industry}, {self.pick(LATIN_FORMS)}"
        if kind < 0.75:
            return self.changed(one.trade, "abcdefghijklmnopqrstuvwxyz") + f" {one.industry} {one.form}"
        if kind < 0.85:
            return (
                one.name.replace("International", "Intl").replace("Development", "Dev").replace(" ", "-", 1)
            )
        return one.name

    def _han(self, one: Company) -> str:
        region, trade, industry, form = one.region, one.trade, one.industry + one.second, one.form

        def plain() -> str:
            return region + trade + industry + form

        kind = self.random.random()
        if kind < 0.22:
            return plain()
        if kind < 0.32:
            form = self.pick(("", "有限公司", "有限责任公司", "公司", "股份公司"))
        elif kind < 0.40 and trade:
            region, form = "", form if self.random.random() < 0.6 else ""
        elif kind < 0.46 and trade and region:
            return f"{trade}{industry}({region}){form}"
        elif kind < 0.52:
            region = region[:-1] if region[-1:] in "省市" else region + "市"
        elif kind < 0.68 and len(trade) > 1:
            trade = self.changed(trade, SYLLABLES)
        elif kind < 0.74 and len(trade) > 2:
            place = int(self.random.integers(len(trade) - 1))
            trade = trade[:place] + trade[place + 1] + trade[place] + trade[place + 2 :]
        elif kind < 0.79 and len(trade) > 2:
            place = int(self.random.integers(len(trade)))
            trade = trade[:place] + trade[place + 1 :]
        elif kind < 0.84 and trade and region:
            industry, form = (one.industry if one.second else ""), ""
        elif kind < 0.88:
            return plain() + self.pick(self.short_regions) + "分公司"
        elif kind < 0.92:
            return "".join(self.traditional.get(letter, letter) for letter in plain())
        elif kind < 0.93 and trade and industry:
            return trade[0] + industry[int(self.random.integers(2))] + self.pick(("集团", "股份", ""))
        elif kind < 0.96:
            return " ".join(plain()).replace("（", "(")
        else:
            industry = self.pick(("", industry[:2], self.pick(self.industries)))
        return region + trade + industry + form

    def names(self, companies: int, queries: int, *, unknown: float = 0.3) -> Names:
        """Return companies, names looked for (no two the same) and the truth.

        Args:
            companies: how many companies.
            queries: how many names.
            unknown: part of the names that belong to no company here, two in five of these close to one that does.
        """
        listed = self.companies(companies)
        taken = {one.name for one in listed}
        texts: dict[str, int] = {}
        while len(texts) < queries:
            place = int(self.random.integers(len(listed)))
            if self.random.random() < unknown:
                stranger = self.relative(listed[place]) if self.random.random() < 0.4 else self.company()
                if stranger.name in taken or stranger.form.endswith("分公司"):  # a branch is its enterprise
                    continue
                text, truth = self.written(stranger), -1
            else:
                text, truth = self.written(listed[place]), place
            texts.setdefault(text, truth)
        return Names([one.name for one in listed], list(texts), np.array(list(texts.values())))
