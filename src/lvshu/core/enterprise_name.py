"""Names of enterprises taken apart: region, trade name, industry, organisational form; branches and groups apart.

A Chinese enterprise name has four parts in this order: 行政区划 + 字号 + 行业或经营特点 + 组织形式. A branch bears the
name of its enterprise, then its own. The words that mark the parts are data (pack `name_parts`), as are the simplified
forms of traditional characters (pack `traditional_characters`). Latin names are cut into words.

Source: 企业名称登记管理规定 (国务院令第734号, 2020), articles 6-14.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

HAN, LATIN, EMPTY = "han", "latin", "empty"
LONGEST = 200
"""Characters of a name that are looked at: more is no name."""

_HAN = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0003ffff]")
_BRACKETED = re.compile(r"[(\[{<【〔《〈「『]([^()\[\]{}<>【】〔〕《》〈〉「」『』]*)[)\]}>】〕》〉」』]")
_FORMER = re.compile(
    r"[(\[{<【〔《〈「『](?:曾用名称?|原名称?|原)[:：\s]*([^()\[\]{}<>【】〔〕《》〈〉「」『』]*)[)\]}>】〕》〉」』]"
)
"""A former name beside the name: no part of it."""
UNITS_OF_A_COMPANY = frozenset({"店", "部", "厂", "所", "院", "中心", "工作室"})
"""Common forms of what may stand after a company's whole name: then it is one of the company's places."""
_NOT_HAN_NAME = re.compile(r"[^0-9a-z㐀-鿿豈-﫿\U00020000-\U0003ffff]")
_UNUSUAL = re.compile(r"[^\x20-\x7e\u3001-\u303f\u3400-\u9fff]")
_APOSTROPHE = re.compile(r"['’`´]")
_SEPARATOR = re.compile(r"[^0-9a-z&]+")
_LETTERS = re.compile(r"\b(\w) (?=\w\b)")


@dataclass(frozen=True)
class NameWords:
    """Words that mark the parts of names, by what they mark.

    regions: word -> its short form (上海市 -> 上海); parents: short form -> short form of the region above.
    forms, groups, branches, industries, latin_forms, latin_words: word -> its common form.
    simplified: traditional character -> simplified one, as `str.translate` wants it.
    region_heads, industry_heads: first two characters -> words that begin so, longest first.
    form_tails: last character -> words of form and group that end so, longest first.
    zones: development zones and new areas, longest first: they follow the region and tell no enterprise apart.
    """

    regions: Mapping[str, str] = field(default_factory=dict)
    parents: Mapping[str, str] = field(default_factory=dict)
    forms: Mapping[str, str] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    branches: tuple[str, ...] = ()
    industries: Mapping[str, str] = field(default_factory=dict)
    latin_forms: Mapping[str, str] = field(default_factory=dict)
    latin_groups: frozenset[str] = frozenset()
    latin_words: Mapping[str, str] = field(default_factory=dict)
    simplified: dict[int, str] = field(default_factory=dict)
    region_heads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    industry_heads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    form_tails: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    zones: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, rows: Iterable[Mapping[str, object]], characters: Iterable[Mapping[str, object]] = ()
    ) -> NameWords:
        """Return the words of the rows of the packs `name_parts` (word, kind, common, parent) and
        `traditional_characters` (traditional, simplified)."""
        kinds: dict[str, dict[str, str]] = {}
        parents: dict[str, str] = {}
        simplified = {ord(str(row["traditional"])): str(row["simplified"]) for row in characters}
        for row in rows:
            word, common = str(row["word"]), str(row["common"] or row["word"])
            kinds.setdefault(str(row["kind"]), {})[word] = common
            # names are read simplified: 乾安县, whose 乾 is no 干, is met as 干安县
            kinds[str(row["kind"])].setdefault(word.translate(simplified), common)
            if row["kind"] == "region" and row.get("parent"):
                parents.setdefault(common, str(row["parent"]))
        regions, forms = kinds.get("region", {}), kinds.get("form", {})
        industries = kinds.get("industry", {})
        return cls(
            regions=regions,
            parents=parents,
            forms=forms,
            groups=frozenset(kinds.get("group", {})),
            branches=tuple(sorted(kinds.get("branch", {}), key=len, reverse=True)),
            industries=industries,
            latin_forms=kinds.get("latin_form", {}),
            latin_groups=frozenset(kinds.get("latin_group", {})),
            latin_words=kinds.get("latin_word", {}),
            simplified=simplified,
            region_heads=_by(regions, slice(0, 2)),
            industry_heads=_by(industries, slice(0, 2)),
            form_tails=_by([*forms, *kinds.get("group", {})], slice(-1, None)),
            zones=tuple(sorted(kinds.get("zone", {}), key=lambda one: (-len(one), one))),
        )

    def above(self, region: str) -> tuple[str, ...]:
        """Return the region and those it lies in, from the smallest up."""
        chain = [region]
        while chain[-1] in self.parents and self.parents[chain[-1]] not in chain:
            chain.append(self.parents[chain[-1]])
        return tuple(chain)


@dataclass(frozen=True, slots=True)
class EnterpriseName:
    """A name and its parts. Parts that are not there are empty.

    full: the whole name, normalised, without brackets and spaces.
    script: "han", "latin" or "empty".
    regions: short forms of the regions named, as they come; of a name without a trade name the last one is that too.
    trade_name: what tells the enterprise apart (字号); of a Latin name all its words but form and group words.
    industry: words of the trade (行业或经营特点), each in its common form.
    form: organisational form in its common form.
    group: whether the name says 集团 or group.
    branch: what a branch adds to the name of its enterprise.
    zone: the development zone or new area named after the region.
    words: the words of a Latin name without form and group words.
    """

    full: str
    script: str
    regions: tuple[str, ...] = ()
    trade_name: str = ""
    industry: tuple[str, ...] = ()
    form: str = ""
    group: bool = False
    branch: str = ""
    words: tuple[str, ...] = ()
    zone: str = ""

    @property
    def core(self) -> str:
        """Return trade name and industry in one text: the name without region, form and branch."""
        return self.trade_name + "".join(self.industry)


def normalise_name(text: str, words: NameWords) -> str:
    """Return a name in one writing: half-width, lower case, simplified, without accents and hidden characters.

    Brackets and spaces stay, brackets as ( ).
    """
    shown = unicodedata.normalize("NFKC", text[: 4 * LONGEST])
    if _UNUSUAL.search(shown):
        shown = "".join(mark for mark in shown if unicodedata.category(mark)[0] != "C" or mark in "\t\n")
        shown = unicodedata.normalize("NFC", _without_accents(shown))
    if not shown.isascii():
        shown = shown.translate(words.simplified)
    return " ".join(shown.lower().split())[:LONGEST]


def parse_name(text: str, words: NameWords) -> EnterpriseName:
    """Return the parts of an enterprise's name. No text makes it fail.

    Args:
        text: the name as written, Chinese or Latin.
        words: the words that mark the parts.
    """
    shown = normalise_name(text, words)
    if not shown:
        return EnterpriseName("", EMPTY)
    return _han(shown, words) if _HAN.search(shown) else _latin(shown, words)


def parse_names(texts: Sequence[str], words: NameWords) -> list[EnterpriseName]:
    """Return the parts of many names, each text taken apart once."""
    known: dict[str, EnterpriseName] = {}
    found = []
    for text in texts:
        parsed = known.get(text)
        if parsed is None:
            parsed = known[text] = parse_name(text, words)
        found.append(parsed)
    return found


def former_names(text: str) -> tuple[str, ...]:
    """Return the former names that stand in brackets beside a name: 某某公司（曾用名：某公司）."""
    shown = unicodedata.normalize("NFKC", text[: 4 * LONGEST])
    return tuple(found for one in _FORMER.findall(shown) if (found := one.strip()))


def abbreviations(name: EnterpriseName) -> tuple[str, ...]:
    """Return the short names that custom makes of a Chinese name: first characters of trade name and industry.

    宝山钢铁 -> 宝钢, 上海汽车 -> 上汽, 浙江能源 -> 浙能. They are candidates to look at, no proof.
    """
    if name.script != HAN or not name.trade_name or not name.industry:
        return ()
    first = name.trade_name[0]
    found = [first + name.industry[0][0]]
    if len(name.industry[0]) > 1:
        found.append(first + name.industry[0][1])
    return tuple(found)


def _without_accents(text: str) -> str:
    return "".join(mark for mark in unicodedata.normalize("NFD", text) if unicodedata.category(mark) != "Mn")


def _han(shown: str, words: NameWords) -> EnterpriseName:
    inner: list[str] = []
    shown = _FORMER.sub("", shown) if "原" in shown or "曾用" in shown else shown
    bare = shown
    full = _NOT_HAN_NAME.sub("", shown)
    for _ in range(3):
        found = _BRACKETED.findall(bare) if len(bare) != len(full) else []
        if not found:
            break
        inner += found
        bare = _BRACKETED.sub("", bare)
    bare = _NOT_HAN_NAME.sub("", bare)
    bare, branch = _branch(bare, words)
    rest, form, group = _form(bare, words)
    regions, rest = _regions(rest, words)
    zone = _zone(rest, words) if regions else ""
    rest = rest[len(zone) :]
    lead = regions[-1] if regions else ""  # brackets add regions; the name's own stands before them
    kept: list[str] = []
    for part in (_NOT_HAN_NAME.sub("", one) for one in inner):
        if part in words.groups:
            group = True
        elif part in words.regions:
            regions.append(words.regions[part])
        elif part in words.forms:
            form = form or words.forms[part]
        elif part:
            kept.append(part)
    trade, industry = _trade(rest, words)
    if not trade and regions:
        trade = lead or regions[-1]
    elif not trade and not industry:
        trade = "".join(kept) or full
    elif not trade:
        trade, industry = "".join(industry), ()
    return EnterpriseName(full, HAN, tuple(regions), trade, industry, form, group, branch, (), zone)


def _by(words: Iterable[str], part: slice) -> dict[str, tuple[str, ...]]:
    """Return words by a part of them, the longest first."""
    found: dict[str, list[str]] = {}
    for word in sorted(words, key=lambda one: (-len(one), one)):
        found.setdefault(word[part], []).append(word)
    return {key: tuple(listed) for key, listed in found.items()}


def _branch(text: str, words: NameWords) -> tuple[str, str]:
    """Return the enterprise's own name and what a branch adds to it."""
    if not text.endswith(words.branches):
        return _place(text, words)
    ending = next(one for one in words.branches if text.endswith(one))
    if len(text) <= len(ending) + 1:
        return text, ""
    for end in range(len(text) - len(ending), 2, -1):
        tails = words.form_tails.get(text[end - 1], ())
        if any(text.endswith(tail, 0, end) and len(tail) < end for tail in tails if tail in words.forms):
            return text[:end], text[end:]
    stem = text[: -len(ending)]
    for start in range(2, len(stem) - 1):
        if stem[start:] in words.regions:
            return stem[:start], stem[start:] + ending
    return stem, ending


def _place(text: str, words: NameWords) -> tuple[str, str]:
    """Return a company's whole name and a shop, works or department that stands behind it: 某某有限公司南京东路店."""
    at = text.rfind("公司", 2, -1) + 2
    tails = words.form_tails.get(text[-1], ()) if at > 3 else ()
    behind = next((one for one in tails if text.endswith(one) and len(text) - len(one) >= at), "")
    if behind and words.forms.get(behind) in UNITS_OF_A_COMPANY:
        return text[:at], text[at:]
    return text, ""


def _form(text: str, words: NameWords) -> tuple[str, str, bool]:
    form, group = "", False
    while text:
        tails = words.form_tails.get(text[-1], ())
        ending = next((one for one in tails if text.endswith(one) and len(one) < len(text)), None)
        if ending is None or (form and ending not in words.groups):
            break
        text = text[: -len(ending)]
        if ending in words.groups:
            group = True
        else:
            form = words.forms[ending]
    return text, form, group


def _regions(text: str, words: NameWords) -> tuple[list[str], str]:
    """Return the regions at the head of a name, and what follows them."""
    found: list[str] = []
    while len(text) > 1 and len(found) < 3:
        for head in words.region_heads.get(text[:2], ()):
            if not text.startswith(head):
                continue
            region = words.regions[head]
            below = not found or found[-1] == "中国" or found[-1] in words.above(region)[1:]
            if below and (not found or len(text) - len(head) != 1):
                found.append(region)
                text = text[len(head) :]
                break
        else:
            break
    return found, text


def _zone(text: str, words: NameWords) -> str:
    """Return the zone at the head of what follows a region, where a trade name of two characters is left after it."""
    for zone in words.zones:
        if text.startswith(zone) and len(_trade(text[len(zone) :], words)[0]) > 1:
            return zone
    return ""


def _trade(text: str, words: NameWords) -> tuple[str, tuple[str, ...]]:
    """Return trade name and words of industry: the longest tail that is made of known words, two characters left."""
    size = len(text)
    tails: list[tuple[str, ...] | None] = [None] * (size + 1)
    tails[size] = ()
    for start in range(size - 2, -1, -1):
        for word in words.industry_heads.get(text[start : start + 2], ()):
            if start + len(word) > size:
                continue
            tail = tails[start + len(word)]
            if tail is not None and text.startswith(word, start):
                tails[start] = (words.industries[word], *tail)
                break
    whole = tails[0]
    if whole is not None:
        return "", whole
    for start in (*range(2, size), 1):
        tail = tails[start] if start < size else None
        if tail is not None:
            return text[:start], tail
    return text, ()


def _latin(shown: str, words: NameWords) -> EnterpriseName:
    text = _SEPARATOR.sub(" ", _APOSTROPHE.sub("", shown)).replace("&", " and ")
    text = _LETTERS.sub(r"\1", " ".join(text.split()))
    tokens = [words.latin_words.get(token, token) for token in text.split()]
    full = "".join(tokens)
    form, group = "", False
    while len(tokens) > 1 and (tokens[-1] in words.latin_forms or tokens[-1] in words.latin_groups):
        last = tokens.pop()
        group = group or last in words.latin_groups
        form = form or words.latin_forms.get(last, "")
    while len(tokens) > 1 and tokens[-1] == "and":
        tokens.pop()
    if not full:
        return EnterpriseName("", EMPTY)
    return EnterpriseName(full, LATIN, (), "".join(tokens), (), form, group, "", tuple(tokens))
