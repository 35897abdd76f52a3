"""Texts with placeholders: filled in, with the number of things deciding between forms of a word.

`{rows:# row is|# rows are} kept` becomes “1 row is kept” or “2 rows are kept”: the first form stands for one, the
second for every other number, and # for the value itself. Forms may stand without the number: `{rows:it|they}`.
Source of the rule: Unicode CLDR, plural rules, English: one is the whole number 1 written without decimals, all else is
other.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter

NUMBER = "#"
BETWEEN = "|"


class _Open(dict[str, object]):
    """A mapping that shows an absent placeholder as `{name}` instead of failing in a message."""

    def __missing__(self, key: str) -> object:
        return _Absent(key)


class _Absent:
    def __init__(self, key: str) -> None:
        self.key = key

    def __str__(self) -> str:
        return "{" + self.key + "}"

    def __format__(self, form: str) -> str:
        return "{" + self.key + ":" + form + "}" if form else str(self)


class _Wording(Formatter):
    def get_value(self, key: int | str, args: object, kwargs: Mapping[str, object]) -> object:
        return kwargs[str(key)]

    def format_field(self, value: object, format_spec: str) -> str:
        if BETWEEN not in format_spec or isinstance(value, _Absent):
            return str(super().format_field(value, format_spec))
        one, _, other = format_spec.partition(BETWEEN)
        return (one if is_one(value) else other).replace(NUMBER, str(value))


_WORDING = _Wording()


def is_one(value: object) -> bool:
    """Return whether English speaks of a number of things in the singular: 1, or its text."""
    return str(value).strip() == "1"


def filled(template: str, values: Mapping[str, object]) -> str:
    """Return a text with its placeholders filled; one without a value stays as it stands, `{name}`.

    Raises:
        ValueError: the template's braces do not match.
    """
    return _WORDING.vformat(template, (), _Open(values))
