"""Checks forms that came back: who, when, which forms, the seven rules between forms and the sums within U201."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.city_time import city_today
from lvshu.core.errors import Problem, Where
from lvshu.intake.text import nearest
from lvshu.statistics.editing.evaluate import compiled, failing_rules
from lvshu.statistics.editing.literals import Linear, Rule
from lvshu.statistics.editing.outliers import FAR_OFF, unit_errors
from lvshu.statistics.forms.layout import CATEGORIES, ITEMS, KINDS, TOTAL, TRANSACTIONS, forms_of
from lvshu.statistics.forms.read import Returned, read_forms
from lvshu.statistics.keys import RULES
from lvshu.statistics.returns_detect import shared
from lvshu.statistics.returns_edit import TOTAL_CELL, Cells, Record, rules_for

LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
NOWHERE = Where()
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


@dataclass(frozen=True)
class Checked:
    """Forms and what is wrong with them.

    Attributes:
        returned: as read.
        problems: errors, warnings and notices, in the order of the file; rules last.
        rules: how many rules could be tested.
    """

    returned: Returned
    problems: tuple[Problem, ...]
    rules: int

    @property
    def ok(self) -> bool:
        """Return whether nothing is an error."""
        return not any(problem.severity == "error" for problem in self.problems)


def check_forms(
    path: Path, library: PackLibrary, *, earlier: Mapping[Record, Cells] | None = None
) -> Checked:
    """Return what is wrong with a workbook of forms, everything at once, each with its sheet and row.

    Args:
        path: the workbook.
        library: packs platform_forms and platform_rules.
        earlier: returns of other months, for slips of unit, and of other platforms, for amounts that they share; None:
            not compared.

    Raises:
        InputError: the file is no workbook, is protected or broken.
    """
    forms = forms_of(library)
    found = read_forms(path, forms)
    problems = [*found.problems, *_identity(found), *_missing(found, forms), *_unknown(found, library)]
    tested = 0
    if found.amounts:
        broken, tested = _rules(found, library[RULES].rows)
        problems += broken
    if earlier:
        problems += [*_slips(found, earlier), *_shared(found, earlier)]
    return Checked(found, tuple(problems), tested)


def valid_uscc(code: str) -> bool:
    """Return whether a unified social credit code has 18 allowed characters, digits for its place, and the right check.

    Source: GB 32100-2015, section 5: places 3 to 8 are the code of the administrative division, six digits.
    """
    if len(code) != 18 or any(letter not in LETTERS for letter in code) or not code[2:8].isdigit():
        return False
    total = sum(LETTERS.index(letter) * weight for letter, weight in zip(code, _WEIGHTS, strict=False))
    return LETTERS[(31 - total % 31) % 31] == code[17]


def month_fault(month: str, where: Where = NOWHERE) -> Problem | None:
    """Return what is wrong with the month of a report: it is none, or has not begun yet; None where nothing is.

    Args:
        month: as YYYY-MM.
        where: it stands.
    """
    if _MONTH.fullmatch(month) is None:
        return Problem("forms.month", where, {"value": month[:40] or "∅"})
    if month > f"{city_today():%Y-%m}":
        return Problem("forms.month_to_come", where, {"month": month})
    return None


def _unknown(found: Returned, library: PackLibrary) -> Iterator[Problem]:
    """Tell of codes whose parts nobody knows: their amounts would be counted nowhere."""
    areas = {str(row["area_code"]) for row in library["areas"].rows}
    for code, where in found.places.items():
        form, *parts = code.split("|")
        known = (ITEMS.get(form, TRANSACTIONS), areas, CATEGORIES, KINDS)
        for place, (part, listed) in enumerate(zip(parts, known, strict=True)):
            if part not in listed and (part != TOTAL or not place):
                near = nearest(part, list(listed), count=3)
                values = {"code": code[:80], "part": part[:40], "near": list(near) or ["–"]}
                yield Problem("forms.unknown_part", where, values)


def _identity(found: Returned) -> Iterator[Problem]:
    where = Where(file=found.file)
    uscc, month = found.identity.get("platform_uscc", ""), found.identity.get("month", "")
    if not valid_uscc(uscc):
        yield Problem("forms.uscc", where, {"value": uscc[:40] or "∅"})
    if (fault := month_fault(month, where)) is not None:
        yield fault
    elif month.endswith("-01"):
        yield Problem("forms.january", where, {"month": month}, severity="notice")
    if not found.identity.get("filled_by", ""):
        yield Problem("forms.nobody", where, severity="warning")


def _missing(found: Returned, forms: Mapping[str, Mapping[str, Any]]) -> Iterator[Problem]:
    stated = {code.split("|")[0] for code in found.amounts}
    for form, row in forms.items():
        if row["mandatory"] in (True, "true") and form not in stated:
            yield Problem("forms.mandatory", Where(file=found.file, sheet=form), {"form": form})
    if stated and TOTAL_CELL not in found.amounts:
        yield Problem("forms.no_total", Where(file=found.file, sheet="U201"))


def _rules(found: Returned, pack: Sequence[Mapping[str, Any]]) -> tuple[list[Problem], int]:
    rules = rules_for(sorted(found.amounts), pack)
    ready = compiled(rules)
    matrix = np.array([[found.amounts[variable.name] for variable in rules.variables]])
    failing = failing_rules(ready, ready.test(matrix))[0]
    own = [rule for rule in ready.chosen if not rule.name.endswith(".minimum")]
    broken = []
    for rule, bad in zip(ready.chosen, failing, strict=True):
        if bad:
            left, right = _sides(rule, found.amounts)
            cells = [cell for cell in rule.variables if cell != TOTAL_CELL]
            values = {
                "rule": {"zh": rule.told("zh"), "en": rule.told("en")}, "left": f"{left:,.2f}",
                "right": f"{right:,.2f}", "difference": f"{left - right:,.2f}",
                "total": {language: found.places[TOTAL_CELL].text(language) for language in ("zh", "en")},
            }  # fmt: skip
            broken.append(
                Problem("forms.rule_broken", found.places[cells[0]], values, severity=rule.severity)
            )
    return broken, len(own)


def _sides(rule: Rule, amounts: Mapping[str, float]) -> tuple[float, float]:
    """The sum of the parts, and the total of U201."""
    literal = rule.clauses[0][0]
    terms = dict(literal.terms) if isinstance(literal, Linear) else {}
    return sum(amounts[cell] for cell in terms if cell != TOTAL_CELL), amounts[TOTAL_CELL]


def _slips(found: Returned, earlier: Mapping[Record, Cells]) -> Iterator[Problem]:
    """A total that differs from the platform's usual one by about 10³ or 10⁴, or by as much and more."""
    uscc, month = found.identity.get("platform_uscc", ""), found.identity.get("month", "")
    usual = [
        cells[TOTAL_CELL]
        for (platform, when), cells in sorted(earlier.items())
        if platform == uscc and when != month and cells.get(TOTAL_CELL, 0) > 0
    ]
    total = found.amounts.get(TOTAL_CELL, 0.0)
    if not usual or total <= 0:
        return
    middle = float(np.median(usual))
    slip = unit_errors(np.array([total]), np.array([middle]))
    factor = float(slip.factor[0])
    if factor == 1 and float(slip.distance[0]) >= FAR_OFF:
        values = {"total": f"{total:,.2f}", "usual": f"{middle:,.2f}", "times": f"{total / middle:.3g}"}
        yield Problem("forms.far_off", found.places[TOTAL_CELL], values, severity="warning")
    if factor != 1:
        values = {"total": f"{total:,.2f}", "usual": f"{middle:,.2f}", "factor": f"{1 / factor:g}"}
        yield Problem("forms.unit_slip", found.places[TOTAL_CELL], values, severity="warning")


def _shared(found: Returned, earlier: Mapping[Record, Cells]) -> Iterator[Problem]:
    """Another platform that states the same amounts in the same cells of the month: orders may count on both."""
    uscc, month = found.identity.get("platform_uscc", ""), found.identity.get("month", "")
    others = {record: cells for record, cells in earlier.items() if record[1] == month and record[0] != uscc}
    for row in shared({**others, (uscc, month): found.amounts}, [month]):
        pair = [row["platform_uscc"], row["other_uscc"]]
        if uscc in pair:
            [other] = [one for one in pair if one != uscc]
            values = {
                "other": other,
                "month": month,
                "cells": row["cells"],
                "amount": f"{row['amount']:,.2f}",
            }
            yield Problem("forms.shared_amounts", Where(found.file, "U201"), values, severity="warning")
