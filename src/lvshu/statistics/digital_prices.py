"""Fills the core digital economy at constant prices, and the log of revisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.core.money import half_away
from lvshu.engine.step import StepContext
from lvshu.statistics.audited_digital import constants_shown
from lvshu.statistics.digital_account import classification_of, moments_of
from lvshu.statistics.digital_domain import Classification, Moments
from lvshu.statistics.digital_joint import groups_of
from lvshu.statistics.digital_public import draft_of
from lvshu.statistics.digital_units import units_of
from lvshu.statistics.keys import CORE
from lvshu.statistics.protection import SHOWN, SUPPRESSED, thresholds

Row = Mapping[str, Any]
HUNDRED = Decimal(100)
ACCOUNT_PUBLIC = "digital_economy_account_public"
FIGURES = ("current_value", "constant_value", "standard_error", "implied_index", "volume_growth")
"""Columns at constant prices that are empty where a class is not shown."""


def parent_of(code: str) -> str:
    """Return the class above a class of the account: a medium's major, a major's core; empty for the core."""
    if code == CORE:
        return ""
    return code[:2] if len(code) > 2 else CORE


def make_constant(context: StepContext) -> None:
    """Fill `digital_economy_constant`: by a class's own index, else as the sum of the classes below it."""
    year = context.settings.year
    account = _account(context)
    prices = context.read("digital_economy_price", where=f"year = {year}", order=("code",)).to_pylist()
    strange = sorted({row["code"] for row in prices} - set(account))
    if strange:
        values = {"codes": ", ".join(strange)}
        problem = Problem("statistics.price_unknown_class", values=values, severity="warning")
        context.find(problem, table="digital_economy_price", amount=float(len(strange)), unit="1")
    bases = sorted({row["base_year"] for row in prices})
    if len(bases) > 1:
        values = {"years": ", ".join(map(str, bases))}
        context.find(
            Problem("statistics.price_bases_differ", values=values, severity="warning"),
            table="digital_economy_price",
        )
        return
    index = {
        row["code"]: Decimal(repr(float(row["price_index"]))) for row in prices if row["code"] in account
    }
    if not index:
        return
    found = constant_values(
        {
            code: row["value_added_full"]
            for code, row in account.items()
            if row["value_added_full"] is not None
        },
        index,
    )
    before = {row["code"]: row["value_added_full"] for row in _newest(context, year - 1)}
    moments, classes = moments_of(context, tell=False), classification_of(context, tell=False)
    parts = {code: deflators(code, found, index) for code in found}
    public = {row["code"]: row for row in context.read(ACCOUNT_PUBLIC, order=("code",)).to_pylist()}
    units, rules = units_of(context, moments), thresholds(context, "enterprise")
    whole, _ = draft_of(units, classes)
    groups = groups_of(context, moments, units, classes, rules)
    shown = constants_shown(context, parts, public.values(), whole, rules, groups)
    rows = []
    for code, (value, basis) in sorted(found.items()):
        current = account[code]["value_added_full"]
        error = constant_error(moments, classes, parts[code])
        base = before.get(code)
        growth = float(100 * (value / base - 1)) if bases == [year - 1] and base else None
        row = {
            "code": code, "base_year": bases[0], "status": SHOWN, "current_value": current,
            "constant_value": half_away(value, 2), "standard_error": half_away(Decimal(repr(error)), 2),
            "implied_index": float(HUNDRED * current / value) if value else 100.0, "basis": basis,
            "volume_growth": growth,
        }  # fmt: skip
        if code not in shown:
            row |= {"status": SUPPRESSED, **dict.fromkeys(FIGURES)}
        if any(public[part]["error_status"] == SUPPRESSED for part in (code, *parts[code])):
            row["standard_error"] = None
        rows.append(row)
    if rows:
        context.write("digital_economy_constant", {name: [row[name] for row in rows] for name in rows[0]})
    without = sorted(
        code for code, row in account.items() if row["value_added_full"] is not None and code not in found
    )
    if without:
        values = {"codes": ", ".join(without)}
        problem = Problem("statistics.price_missing", values=values, severity="notice")
        context.find(problem, table="digital_economy_price", amount=float(len(without)), unit="1")


def constant_values(
    current: Mapping[str, Decimal], index: Mapping[str, Decimal]
) -> dict[str, tuple[Decimal, str]]:
    """Return value at constant prices and its basis by class, in the unit of `current`.

    A class whose parts have indices is the sum of its parts, so that what is added up does add up; its own index
    serves only where no part has one. A part with a value and no index leaves the sum out.

    Args:
        current: code -> value at current prices, of classes that have one; core, majors, mediums.
        index: code -> price index, base year = 100.

    Source: constant prices by deflation at the most detailed level, SNA 2008, chapter 15 (additivity in the base
    year's prices).
    """
    below: dict[str, list[str]] = {}
    for code in current:
        below.setdefault(parent_of(code), []).append(code)
    found: dict[str, tuple[Decimal, str]] = {}

    def visit(code: str) -> bool:
        parts = below.get(code, [])
        indexed = [visit(part) for part in parts]
        if any(indexed):
            if all(part in found for part in parts):
                found[code] = (sum((found[part][0] for part in parts), Decimal(0)), "parts")
        elif code in index:
            found[code] = (current[code] * HUNDRED / index[code], "own")
        return any(indexed) or code in index

    if CORE in current:
        visit(CORE)
    return found


def deflators(
    code: str, found: Mapping[str, tuple[Decimal, str]], index: Mapping[str, Decimal]
) -> dict[str, float]:
    """Return the factor to the base year's prices, 100 over the index, of each class that a class is the sum of.

    Args:
        code: of a class in `found`.
        found: value and basis by class, as `constant_values` returns it.
        index: code -> price index, base year = 100.

    Source: as `constant_values`.
    """
    if found[code][1] == "own":
        return {code: float(HUNDRED / index[code])}
    below = [part for part in found if parent_of(part) == code]
    return {name: factor for part in below for name, factor in deflators(part, found, index).items()}


def constant_error(moments: Moments, classes: Classification, factors: Mapping[str, float]) -> float:
    """Return the standard error of a sum of classes, each at its own prices, in CNY.

    The sum is a total of the survey in which every unit's value added counts with its class's factor, so classes
    sampled in the same strata enter with their covariance; price indices are taken as exact.

    Args:
        moments: of the survey's cells.
        classes: the classification; a whole class belongs to one medium.
        factors: by class, 100 over its price index, dimensionless; no class inside another.

    Source: linearisation of a linear combination of domain totals, Cochran (1977), section 5A.14.
    """
    part: NDArray[np.float64] = np.zeros(len(moments.codes))
    for code, factor in factors.items():
        part += factor * classes.full(moments.codes, code)
    return moments.total(part).standard_error


def make_revisions(context: StepContext) -> None:
    """Fill `digital_economy_revision`: what changed since each release of the same year's figures."""
    account = _account(context)
    public = {row["code"]: row for row in context.read(ACCOUNT_PUBLIC, order=("code",)).to_pylist()}
    where = f"year = {context.settings.year}"
    rows = []
    for row in context.read(
        "digital_economy_account_previous", where=where, order=("code", "released_on")
    ).to_pylist():
        now = account.get(row["code"], {}).get("value_added_full")
        if now is None:
            continue
        then = row["value_added_full"]
        now = half_away(now, 2)
        is_shown = public[row["code"]]["value_status"] == SHOWN
        rows.append(
            {
                "code": row["code"], "released_on": row["released_on"], "published_value": then,
                "status": SHOWN if is_shown else SUPPRESSED, "current_value": now if is_shown else None,
                "revision": now - then if is_shown else None,
                "revision_percent": float(100 * (now - then) / then) if then and is_shown else None,
            }
        )  # fmt: skip
    if rows:
        context.write("digital_economy_revision", {name: [row[name] for row in rows] for name in rows[0]})
        _tell_revision(context, rows)


def _tell_revision(context: StepContext, rows: Sequence[Row]) -> None:
    core = [row for row in rows if row["code"] == CORE]
    if core and core[-1]["revision"]:
        last = core[-1]
        values = {"date": str(last["released_on"]), "revision": f"{last['revision']:+,.0f}"}
        problem = Problem("statistics.digital_revised", values=values, severity="notice")
        context.find(problem, table="digital_economy_revision", amount=float(last["revision"]), unit="CNY")


def _account(context: StepContext) -> dict[str, Row]:
    return {row["code"]: row for row in context.read("digital_economy_account", order=("code",)).to_pylist()}


def _newest(context: StepContext, year: int) -> list[Row]:
    """Return the last release of each class of a year."""
    rows = context.read(
        "digital_economy_account_previous", where=f"year = {year}", order=("code", "released_on")
    ).to_pylist()
    return list({row["code"]: row for row in rows}.values())
