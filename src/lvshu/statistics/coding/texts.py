"""Texts made ready: one spelling, hostile characters out, business scopes cut into activities."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lvshu.catalog.pack_library import PackLibrary

TERMS, CHARACTERS = "business_scope_terms", "traditional_characters"
LONGEST = 4_000
"""Characters of a text that are read; a longer text is cut there, and whoever coded it is told."""

_OTHER = re.compile(r"[^\w\n]+|_+")
_LETTER = re.compile(r"[^\W\d_]")
_HAN = re.compile(r"[㐀-鿿]")
_FOREIGN = re.compile(r"[^\W㐀-鿿]{2,}")
_NOTHING = frozenset((
    "na", "n a", "nil", "none", "null", "无", "暂无", "不详", "未知", "未填", "空", "略", "同上", "同前",
    "待补", "待定", "待填", "见营业执照", "详见营业执照", "以营业执照为准", "见执照", "见附件", "详见附件",
))  # fmt: skip
"""What people put where they have nothing to say, or say it elsewhere, as `plain` writes it."""
_EXCLUDED = re.compile(r"[，,；;。]?(?:但)?(?:不包括|不含|未包括)[^。；;）)]*")
_BESIDES = re.compile(r"(?:除|非)[^，。；;、]{1,30}?(?:以外|之外|外)的?")
_BRACKET = re.compile(r"[（(\[【][^（()）\[\]【】]*[）)\]】]")
_CUT = re.compile(r"[；;。\n\r|]+")
_LIST = re.compile(r"[、，,]")


@dataclass(frozen=True)
class Terms:
    """Words of business scopes, from the pack: headings, bracketed remarks to drop, ancillary activities, endings."""

    licensed: tuple[str, ...]
    general: tuple[str, ...]
    dropped: tuple[str, ...]
    ancillary: frozenset[str]
    endings: tuple[str, ...]
    spelling: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Activity:
    """One activity of a business scope: its place from 1, whether it is licensed or ancillary, its words."""

    number: int
    licensed: bool
    ancillary: bool
    words: str


def terms_of(library: PackLibrary) -> Terms:
    """Return the words of business scopes and the spelling of traditional characters."""
    by_kind: dict[str, list[str]] = {}
    for row in library[TERMS].rows:
        by_kind.setdefault(str(row["kind"]), []).append(str(row["term"]))
    spelling = {
        ord(str(row["traditional"])): ord(str(row["simplified"]))
        for row in library[CHARACTERS].rows
        if len(str(row["traditional"])) == 1 and len(str(row["simplified"])) == 1
    }
    longest_first = {kind: sorted(words, key=len, reverse=True) for kind, words in by_kind.items()}
    return Terms(
        licensed=tuple(longest_first.get("licensed_heading", ())),
        general=tuple(longest_first.get("general_heading", ())),
        dropped=tuple(by_kind.get("dropped_remark", ())),
        ancillary=frozenset(by_kind.get("ancillary", ())),
        endings=tuple(longest_first.get("activity_ending", ())),
        spelling=spelling,
    )


def plain(texts: Sequence[str | None], spelling: Mapping[int, int] | None = None) -> list[str]:
    """Return texts in one spelling: NFKC, lower case, simplified characters, words apart by one space.

    Punctuation, control characters and formula signs are gone; a missing text is empty, and so is one without any
    letter or character, as numbers tell no activity, and one that says that there is nothing (N/A, 无, 不详). The rest
    is data and never executed. Texts are cut at LONGEST characters.

    Args:
        texts: as they came.
        spelling: character -> character, of traditional and simplified ones.
    """
    if not texts:
        return []
    joined = "\n".join((text or "")[:LONGEST].replace("\n", " ") for text in texts)
    joined = unicodedata.normalize("NFKC", joined).lower()
    if spelling:
        joined = joined.translate(spelling)
    shown = [one.strip() if _LETTER.search(one) else "" for one in _OTHER.sub(" ", joined).split("\n")]
    return ["" if one in _NOTHING else one for one in shown]


def is_han(text: str) -> bool:
    """Return whether a text holds a Chinese character."""
    return _HAN.search(text) is not None


def foreign_words(text: str) -> set[str]:
    """Return the words of a plain text that are not Chinese, of two letters or digits and more (led, 5g, app)."""
    return {word for word in _FOREIGN.findall(text) if _LETTER.search(word)}


def without_exclusions(text: str | None) -> str:
    """Return a text without the parts that say what it does not mean: 不包括…, 不含…, 除…以外, 非….

    Words of other classes stand there, which retrieval would take for its own. A text that is nothing else stays.

    Args:
        text: as it came, with its punctuation.
    """
    given = text or ""
    left = _BESIDES.sub("", _EXCLUDED.sub("", given[:LONGEST]))
    return left if _LETTER.search(left) else given


def activities(text: str | None, terms: Terms) -> list[Activity]:
    """Return the activities of a business scope, in its order; none for an empty text.

    Remarks in brackets that speak of permits or exceptions are dropped. Activities end at a semicolon or full stop,
    and at 、or a comma only where the words before it end as activities do: 计算机、软件批发 stays whole.
    """
    left = (text or "")[:LONGEST]
    for _ in range(3):
        left = _BRACKET.sub(
            lambda found: "；" if _is_remark(found[0], terms) else f" {found[0][1:-1]} ", left
        )
    for title in (*terms.licensed, *terms.general):
        left = left.replace(f"{title}：", f"；{title}：").replace(f"{title}:", f"；{title}：")
    licensed = False
    found: list[Activity] = []
    for part in _CUT.split(left):
        heading, part = _headed(part.strip(" ：:，,、"), terms)
        licensed = licensed if heading is None else heading
        for words in _listed(part, terms):
            if not _is_remark(words, terms):
                found.append(Activity(len(found) + 1, licensed, words in terms.ancillary, words))
    return found


def main_first(found: Iterable[Activity]) -> Activity | None:
    """Return the first activity that is not ancillary; the first of all where every one is ancillary."""
    listed = list(found)
    return next((one for one in listed if not one.ancillary), listed[0] if listed else None)


def _is_remark(words: str, terms: Terms) -> bool:
    return any(term in words for term in terms.dropped)


def _headed(part: str, terms: Terms) -> tuple[bool | None, str]:
    for licensed, headings in ((True, terms.licensed), (False, terms.general)):
        for heading in headings:
            if part.startswith(heading):
                return licensed, part[len(heading) :].strip(" ：:，,、")
    return None, part


def _listed(part: str, terms: Terms) -> list[str]:
    pieces, start = [], 0
    for mark in _LIST.finditer(part):
        before = part[start : mark.start()].strip()
        if before.endswith(terms.endings):
            pieces.append(before)
            start = mark.end()
    pieces.append(part[start:].strip())
    return [piece for piece in pieces if piece]
