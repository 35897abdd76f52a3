"""Labels of the sample's loans: the bank's own tags, what each loan truly is, and what is wrong in between."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lvshu.sample.arrow import choice, dates
from lvshu.sample.context import City
from lvshu.sample.files import TableWriter
from lvshu.sample.label_texts import EASY, GREEN_TEXTS, MISLEADING
from lvshu.sample.lending import LoanBlock, day

CATALOGUE = "green_bond_catalogue_2021"
FORMER, OUTDATED, FUTURE = (
    "green_industry_catalogue_2019",
    "green_bond_catalogue_2015",
    "green_finance_catalogue_2025",
)
CHANGED_ON = (2021, 7, 1)
RIGHT, OTHER_ITEM, MISSED, MISLED, WRONG_CATALOGUE = 0.86, 0.07, 0.015, 0.015, 0.03
SIGNED = 0.3
REVIEWERS = ("样本复核员甲", "样本复核员乙")
THEMES = {
    "digital": ("digital_economy_2021_codes", "medium", "gbt4754_code"),
    "technology": ("high_technology_industries", "code", "gbt4754_code"),
    "elderly_care": ("elderly_care_industries_2020", "code", "starred_code"),
}
REPORTED, WRONG_CODE, EXCESS = 0.92, 0.03, 0.004


@dataclass
class LabelWriter:
    """Writes label_claim, label_decision, label_evidence and the truth about labels, block by block."""

    city: City
    greens: tuple[str, ...]
    products: tuple[str, ...]
    texts: list[str] = field(default_factory=list)
    of_code: dict[str, list[int]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    _writers: dict[str, TableWriter] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self.texts = [*self.products, *MISLEADING]
        titles = {str(row["code"]): str(row["name_zh"]) for row in self.city.packs[CATALOGUE].rows}
        for code in self.greens:
            own = GREEN_TEXTS.get(code, (EASY.format(title=titles[code]),))
            self.of_code[code] = list(range(len(self.texts), len(self.texts) + len(own)))
            self.texts += own
        form = self.city.plan.large_format
        for table in ("label_claim", "label_decision", "label_evidence"):
            self._writers[table] = TableWriter(self.city.inputs / f"{table}.{form}")
        (self.city.folder / "truth").mkdir(parents=True, exist_ok=True)
        self._writers["truth"] = TableWriter(self.city.folder / "truth" / f"label.{form}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for table, writer in self._writers.items():
            writer.close()
            if table != "truth":
                self.city.wrote(table, writer.rows)
        self.city.truth["labels"] = dict(sorted(self.counts.items()))

    def columns(self, drawn: LoanBlock, keys: pa.Array) -> dict[str, pa.Array]:
        """Return green label, its catalogue and the purpose text of each loan; write the rest to its files.

        Args:
            drawn: a block of loans.
            keys: their numbers, shape (rows,).
        """
        random = self.city.streams.generator("label", drawn.start)
        truth, text = self._green(drawn, random)
        old = drawn.disbursed < day(*CHANGED_ON)
        label, catalogue = self._catalogues(drawn, old, random)
        self._write_green(drawn, keys, truth, old, random)
        for theme in THEMES:
            self._write_theme(theme, drawn, keys, random)
        return {"green_label": label, "green_catalogue": catalogue, "purpose_text": choice(self.texts, text)}

    def _green(self, drawn: LoanBlock, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return each loan's true item (-1 none) and its text, as positions; shape (rows,)."""
        rows = len(drawn)
        fate, spin = random.random(rows), random.random(rows)
        other = random.integers(0, len(self.greens), rows)
        labelled, business = drawn.green >= 0, drawn.borrower >= 0
        truth = np.where(labelled & (fate < RIGHT), drawn.green, -1)
        truth = np.where(labelled & (fate >= RIGHT) & (fate < RIGHT + OTHER_ITEM), other, truth)
        truth = np.where(~labelled & business & (fate < MISSED), other, truth)
        misled = business & (truth < 0) & (fate > 1 - MISLED)
        text = np.where(misled, len(self.products) + (spin * len(MISLEADING)).astype(np.int64), drawn.product)
        first = np.array([self.of_code[code][0] for code in self.greens])
        count = np.array([len(self.of_code[code]) for code in self.greens])
        own = np.maximum(truth, 0)
        text = np.where(truth >= 0, first[own] + (spin * count[own]).astype(np.int64), text)
        return truth, text

    def _catalogues(
        self, drawn: LoanBlock, old: np.ndarray, random: np.random.Generator
    ) -> tuple[pa.Array, pa.Array]:
        """Return label and catalogue: of 2019 for loans paid out before July 2021, else of 2021, a few wrong."""
        former = tuple(str(row["code"]) for row in self.city.packs[FORMER].find(level=2))
        labelled = drawn.green >= 0
        codes = [*self.greens, *former]
        place = np.where(old, len(self.greens) + np.maximum(drawn.green, 0) % len(former), drawn.green)
        wrong, later = random.random(len(drawn)) < WRONG_CATALOGUE, random.random(len(drawn)) < 0.5
        catalogue = np.where(old, 1, np.where(wrong, np.where(later, 3, 2), 0))
        names = [CATALOGUE, FORMER, OUTDATED, FUTURE]
        self.counts["green.catalogue_not_in_force"] += int((labelled & ~old & wrong).sum())
        return choice(codes, np.where(labelled, place, -1)), choice(names, np.where(labelled, catalogue, -1))

    def _write_green(
        self,
        drawn: LoanBlock,
        keys: pa.Array,
        truth: np.ndarray,
        old: np.ndarray,
        random: np.random.Generator,
    ) -> None:
        labelled, green = drawn.green >= 0, truth >= 0
        kinds = ["correct", "wrong", "excess", "missing"]
        kind = np.where(labelled & green, np.where(truth == drawn.green, 0, 1), np.where(labelled, 2, 3))
        told = labelled | green
        self._truth(keys, "green", choice(self.greens, truth), choice(kinds, kind), told)
        for number, name in enumerate(kinds):
            self.counts[f"green.{name}"] += int((told & (kind == number)).sum())
        signed = np.flatnonzero(labelled & ~old & (random.random(len(drawn)) < SIGNED))
        take = pa.array(signed)
        right = truth[signed] == drawn.green[signed]
        who = random.integers(0, len(REVIEWERS), len(signed))
        same = {
            "loan_id": keys.take(take),
            "theme": pa.array(["green"] * len(signed), pa.string()),
            "label_code": choice(self.greens, drawn.green[signed]),
        }
        self._writers["label_decision"].write(
            {
                "loan_id": same["loan_id"],
                "theme": same["theme"],
                "catalogue": pa.array([CATALOGUE] * len(signed), pa.string()),
                "label_code": same["label_code"],
                "decision": choice(["approved", "rejected"], np.where(right, 0, 1)),
                "reviewer": choice(REVIEWERS, who),
                "decided_on": dates(drawn.disbursed[signed] + 30).cast(pa.string()),
                "note": choice(
                    ["按目录逐条核对，相符（合成）", "用途与目录项目不符（合成）"], np.where(right, 0, 1)
                ),
            }
        )
        self._writers["label_evidence"].write(
            {
                **same,
                "condition": pa.array(["use_of_funds"] * len(signed), pa.string()),
                "finding": choice(["met", "not_met"], np.where(right, 0, 1)),
                "sentence": choice(
                    ["用款凭证与项目合同一致。（合成）", "用款凭证所列与该项目无关。（合成）"],
                    np.where(right, 0, 1),
                ),
                "document": pa.array(["贷后检查报告（合成）"] * len(signed), pa.string()),
                "page": pa.array(["1"] * len(signed), pa.string()),
            }
        )

    def _write_theme(self, theme: str, drawn: LoanBlock, keys: pa.Array, random: np.random.Generator) -> None:
        """Write the claims of one theme: what the purpose's industry gives, some missing, wrong or too many."""
        codes, of_class = self._theme_codes(theme)
        truth = np.where(drawn.purpose >= 0, of_class[np.maximum(drawn.purpose, 0)], -1)
        fate, other = random.random(len(drawn)), random.integers(0, len(codes), len(drawn))
        business = drawn.borrower >= 0
        claim = np.where((truth >= 0) & (fate < REPORTED), truth, -1)
        claim = np.where((truth >= 0) & (fate >= REPORTED) & (fate < REPORTED + WRONG_CODE), other, claim)
        claim = np.where((truth < 0) & business & (fate < EXCESS), other, claim)
        kinds = ["correct", "wrong", "excess", "missing"]
        kind = np.where(
            (claim >= 0) & (truth >= 0), np.where(claim == truth, 0, 1), np.where(claim >= 0, 2, 3)
        )
        told = (claim >= 0) | (truth >= 0)
        self._truth(keys, theme, choice(codes, truth), choice(kinds, kind), told)
        for number, name in enumerate(kinds):
            self.counts[f"{theme}.{name}"] += int((told & (kind == number)).sum())
        reported = np.flatnonzero(claim >= 0)
        prefix = "DE" if theme == "digital" else ""
        self._writers["label_claim"].write(
            {
                "loan_id": keys.take(pa.array(reported)),
                "theme": pa.array([theme] * len(reported), pa.string()),
                "label_code": choice([prefix + code for code in codes], claim[reported]),
            }
        )

    def _theme_codes(self, theme: str) -> tuple[list[str], np.ndarray]:
        """Return the theme's codes and, for each class of the register, the position of its code (-1 none)."""
        pack, code_column, class_column = THEMES[theme]
        pairs = {
            one: str(row[code_column])
            for row in self.city.packs[pack].rows
            for one in str(row[class_column] or "").split(";")
            if one and not row.get("partial")
        }
        codes = sorted(set(pairs.values()))
        place = {code: number for number, code in enumerate(codes)}
        return codes, np.array([place.get(pairs.get(one, ""), -1) for one in self.city.register.classes])

    def _truth(self, keys: pa.Array, theme: str, code: pa.Array, planted: pa.Array, told: np.ndarray) -> None:
        mask = pa.array(told)
        rows = int(told.sum())
        self._writers["truth"].write(
            {
                "loan_id": pc.filter(keys, mask),
                "theme": pa.array([theme] * rows, pa.string()),
                "true_code": pc.filter(code, mask),
                "planted": pc.filter(planted, mask),
            }
        )
