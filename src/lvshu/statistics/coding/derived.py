"""From an industry class into derived classifications: digital economy, high technology, elderly care, through packs.

A class that a classification takes only in part (marked * in the standard) is never full: its standing is `partial`.
What no pack holds is `not_established`, never "no".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lvshu.catalog.pack_library import PackLibrary

FULL, PARTIAL, OUTSIDE, NOT_ESTABLISHED = "full", "partial", "outside", "not_established"
DIGITAL_CODES, TECHNOLOGY, ELDERLY = (
    "digital_economy_2021_codes",
    "high_technology_industries",
    "elderly_care_industries_2020",
)
GREEN = "green_finance_catalogue_2025"
WITHOUT_TABLE = {
    "three_new": (
        "新产业新业态新商业模式统计分类（2018）", "New industries, new business forms and new business models (2018)",
    ),
    "strategic_emerging": ("战略性新兴产业分类（2018）", "Strategic emerging industries (2018)"),
}  # fmt: skip
"""Classifications whose table of codes was not obtained, with title and our translation; no pack holds them."""
PACKS = (DIGITAL_CODES, TECHNOLOGY, ELDERLY, GREEN)


@dataclass(frozen=True)
class Derived:
    """Where an industry class stands in one classification: the codes there, and whether it counts in full."""

    classification: str
    code: str
    standing: str


def derived_table(library: PackLibrary) -> dict[str, tuple[Derived, ...]]:
    """Return GB/T 4754-2017 class -> its codes in each classification that has a pack with industry codes."""
    found: dict[str, list[Derived]] = {}
    for row in library[DIGITAL_CODES].rows:
        standing = PARTIAL if row["partial"] else FULL
        found.setdefault(str(row["gbt4754_code"]), []).append(
            Derived("digital_economy", str(row["digital_code"]), standing)
        )
    for name, pack in (("high_technology", TECHNOLOGY), ("elderly_care", ELDERLY), ("green", GREEN)):
        for row in library[pack].rows:
            for column, standing in (("gbt4754_code", FULL), ("starred_code", PARTIAL)):
                for code in str(row.get(column) or "").split(";"):
                    if code:
                        found.setdefault(code, []).append(Derived(name, str(row["code"]), standing))
    return {code: tuple(listed) for code, listed in found.items()}


def standings(code: str, table: Mapping[str, tuple[Derived, ...]]) -> dict[str, str]:
    """Return the standing of a class in every classification, the ones without a table included.

    A class listed once in full and elsewhere in part is full only where no star stands beside it in the same
    classification's other items: one star within a classification makes the whole class partial there, unless an
    item of it takes the class in full.
    """
    result = dict.fromkeys(("digital_economy", "high_technology", "elderly_care"), OUTSIDE)
    result |= dict.fromkeys((*WITHOUT_TABLE, "green"), NOT_ESTABLISHED)
    for one in table.get(code, ()):
        if result.get(one.classification) != FULL:
            result[one.classification] = one.standing
    return result
