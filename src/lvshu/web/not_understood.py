"""What an address holds that its page does not take: told beside the page, refused by its twins."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_origin

from lvshu.core.errors import InputError, Problem
from lvshu.publish.texts import Text, joined, same
from lvshu.web.context import PageQuery
from lvshu.web.words import word

LONGEST, MOST = 60, 10
INNER = ("fragment",)
"""Parts of an address that pages ask themselves for, not people."""


def unknown_names(given: Iterable[tuple[str, str]], model: type[PageQuery]) -> list[str]:
    """Return the names in an address that a page does not take, each once, shortened to be shown."""
    names = dict.fromkeys(name for name, _ in given if name not in model.model_fields)
    return [name[:LONGEST] or "–" for name in names][:MOST]


def repeated_names(given: Iterable[tuple[str, str]], model: type[PageQuery]) -> list[str]:
    """Return the names that a page takes once and its address holds with several values."""
    values: dict[str, set[str]] = {}
    for name, value in given:
        values.setdefault(name, set()).add(value)
    single = {
        name
        for name, field in model.model_fields.items()
        if get_origin(field.annotation) not in (list, tuple)
    }
    return [name for name, told in values.items() if len(told) > 1 and name in single]


def notices(given: Iterable[tuple[str, str]], model: type[PageQuery]) -> list[Text]:
    """Return what a page says of the parts of its address that it did not use, and what it shows instead."""
    given = list(given)
    unknown, repeated = unknown_names(given, model), repeated_names(given, model)
    told = []
    if unknown:
        names = Text("、".join(f"“{one}”" for one in unknown), ", ".join(f"“{one}”" for one in unknown))
        told.append(word("address.unknown", names=names, count=len(unknown), known=_known(model)))
    told += [word("address.repeated", name=one) for one in repeated]
    return told


def refuse_unknown(given: Iterable[tuple[str, str]], model: type[PageQuery]) -> None:
    """Make sure that an address holds only what its page takes: a program reads no notice.

    Raises:
        InputError: web.parameter, for each name that it does not take or has several values.
    """
    given = list(given)
    unknown, repeated = word("address.no_such", known=_known(model)), word("address.several")
    problems = [
        Problem("web.parameter", values={"name": name, "reason": {"zh": why.zh, "en": why.en}})
        for names, why in (
            (unknown_names(given, model), unknown),
            (repeated_names(given, model), repeated),
        )
        for name in names
    ]
    if problems:
        raise InputError(*problems)


def _known(model: type[PageQuery]) -> Text:
    return joined([same(one) for one in model.model_fields if one not in INNER])
