"""Cleaning of cell texts: full-width forms, spaces, thousands separators, and keys of headings."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from functools import lru_cache

from lvshu.core.text import normalise

NOTE_START = (
    "^(注|备注|说明|附注|资料来源|数据来源|来源|制表|填表|审核|复核|单位负责人|\\*|# |notes?[ :.]"
    "|sources?[ :.])"
)
"""How a line below or above a table begins that is a note and no record (lower case); “# ” is lvshu's own export."""
CONTROLS = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
"""Control characters of the C0 and C1 areas that are no white space, as a class of a regular expression."""
_INVISIBLE = re.compile(f"[\u200b\u200c\u200d\u2060\ufeff{CONTROLS}]")
_GROUPED = re.compile(r"^[+-]?\d{1,3}([, ])\d{3}(\1\d{3})*(\.\d*)?$")
_MINUS = str.maketrans({"−": "-", "–": "-"})
_PUNCTUATION = re.compile(r"[\s_\-·.:,;/\\*'\"“”‘’、。()\[\]【】《》<>#]+")

NOTHING = {"zh": "没有", "en": "none"}
"""What a message shows in place of an empty list."""


def fold(text: str) -> str:
    """Return the text in NFKC form, trimmed, with one space between words and no invisible or control characters."""
    return normalise(_INVISIBLE.sub("", text))


def says_note(text: str) -> bool:
    """Return whether a line that holds this text alone is a note and no record (注：…, source: …)."""
    return re.match(NOTE_START, fold(text).lower()) is not None


def plain_number(text: str) -> str:
    """Return the text of a number without thousands separators and full-width digits.

    Separators (comma or space) are dropped only when they stand every three digits
    ("1,234,567.8"); "1,23" stays as it is and is then no number. Typographic minus signs are understood.
    """
    folded = fold(text).translate(_MINUS)
    return folded.replace(",", "").replace(" ", "") if _GROUPED.match(folded) else folded


@lru_cache(maxsize=65536)
def heading_key(text: str) -> str:
    """Return what is compared of a heading: no case, spaces, punctuation or full-width forms."""
    return _PUNCTUATION.sub("", fold(text).casefold())


def nearest(word: str, among: Iterable[str], *, count: int = 1) -> tuple[str, ...]:
    """Return the known spellings closest to a word, best first; none when nothing is close."""
    known: dict[str, str] = {}
    for one in among:
        known.setdefault(heading_key(one), one)
    found = difflib.get_close_matches(heading_key(word), list(known), n=count, cutoff=0.6)
    return tuple(known[key] for key in found)


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


DIGITS_LOST = r"[0-9](?:[.][0-9]+)?E[+][0-9]{1,3}"
"""A long number as spreadsheets show it (9.14205E+17), in capitals: its last digits are gone."""
_DIGITS_LOST = re.compile(DIGITS_LOST)


def has_lost_digits(text: str) -> bool:
    """Return whether a cell holds a number in scientific notation where a code belongs."""
    return _DIGITS_LOST.fullmatch(text.strip().upper()) is not None
