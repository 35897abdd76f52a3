"""What wrong machine codes change in financed emissions, replicate by replicate, as the audit of codes lets expect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.engine.step import StepContext
from lvshu.finance.carry_links import Change
from lvshu.finance.methods.joint_error import draw_categories

Array = NDArray[np.float64]
Index = NDArray[np.int64]

DECISIONS = ("coded", "backed_off")
AS_CODED = "as_coded"
BASES = REVENUE, ASSETS, EXPOSURE = ("revenue", "average_total_assets", "exposure")
LEVELS = (4, 3, 2)
"""Digits of a class, a group and a division of GB/T 4754."""


def of_codes(context: StepContext, methods: Sequence[str], divisions: list[str]) -> dict[str, Change]:
    """Return the changes by other industries of borrowers estimated by the machine's; methods without any are left out.

    Without an audit the changes are zero and `known` is false.
    """
    rows = context.read("coded_borrower", order=("method", "uscc", "basis")).to_pylist()
    by_method = {one: [row for row in rows if row["method"] == one] for one in methods}
    by_method = {one: own for one, own in by_method.items() if own}
    if not by_method:
        return {}
    count, width = context.settings.replicates, len(divisions) + 1
    handed = _handed_on(context, count)
    if handed is None:
        nothing = np.zeros((count, width)), np.zeros(width)
        return {one: Change(*nothing, _borrowers(own), known=False) for one, own in by_method.items()}
    shares, others = handed
    told = {row["uscc"]: row for own in by_method.values() for row in own}
    place = {uscc: number for number, uscc in enumerate(sorted(told))}
    group = np.array([DECISIONS.index(told[uscc]["decision"]) for uscc in place], dtype=np.int64)
    category = draw_categories(group, shares[1:], context.generator("codes"))
    factors = _Factors.of(context, divisions)
    found = {}
    for one, own in by_method.items():
        number = np.array([place[row["uscc"]] for row in own], dtype=np.int64)
        found[one] = Change(
            *_changed(own, number, category, shares[0][group], factors, others), _borrowers(own)
        )
    return found


def _borrowers(rows: Sequence[Mapping[str, object]]) -> int:
    return len({row["uscc"] for row in rows})


def _handed_on(context: StepContext, count: int) -> tuple[Array, list[str]] | None:
    """Return shares of "as coded" and of the other classes, shape (replicates + 1, decisions, classes + 1)."""
    listed = context.read("industry_code_replicate", order=("true_code", "decision", "replicate")).to_pylist()
    listed = [row for row in listed if row["decision"] in DECISIONS]
    if not listed:
        return None
    others = sorted({row["true_code"] for row in listed} - {AS_CODED})
    place = {code: number for number, code in enumerate((AS_CODED, *others))}
    shares = np.zeros((count + 1, len(DECISIONS), len(place)))
    for row in listed:
        shares[row["replicate"], DECISIONS.index(row["decision"]), place[row["true_code"]]] = row["share"]
    return shares, others


@dataclass(frozen=True)
class _Factors:
    """What a yuan emits by basis and code, tCO2e/CNY, and the place of each division with replicates.

    `places` has one place more, of what rests on no division with replicates.
    """

    places: Mapping[str, int]
    rates: Mapping[str, Mapping[str, float]]

    @classmethod
    def of(cls, context: StepContext, divisions: list[str]) -> _Factors:
        rates: dict[str, dict[str, float]] = {basis: {} for basis in BASES}
        for row in context.read("sector_factor_applied").to_pylist():
            for basis, name in ((REVENUE, "intensity_revenue"), (ASSETS, "intensity_assets")):
                if row[name] is not None:
                    rates[basis][row["code"]] = float(row[name])
        for row in context.read("sector_balance_factor", where="factor IS NOT NULL").to_pylist():
            rates[EXPOSURE][row["gbt4754_division"]] = float(row["factor"])
        return cls({code: number for number, code in enumerate(divisions)}, rates)

    def rate(self, basis: str, code: str) -> float:
        """Return the factor of the nearest class, group or division; not a number where there is none."""
        known = self.rates[basis]
        return next((known[code[:digits]] for digits in LEVELS if code[:digits] in known), float("nan"))

    def place(self, code: str) -> int:
        """Return the place of a code's division."""
        return self.places.get(code[:2], len(self.places))


def _changed(
    rows: Sequence[Mapping[str, object]],
    number: Index,
    category: Index,
    shares: Array,
    factors: _Factors,
    others: Sequence[str],
) -> tuple[Array, Array]:
    """Return the change of a total, by replicate and on average, both by place of the division.

    Where the industry that is drawn has no factor, the estimate stays as it is.

    Args:
        rows: of `coded_borrower` of one method.
        number: borrower of each row, shape (n,).
        category: of each borrower in each replicate, shape (r, borrowers); 0 is the machine's likeliest class.
        shares: of categories of each borrower by the audit itself, shape (borrowers, categories).
        factors: of the codes.
        others: codes of the categories from 1.
    """
    width, many = len(factors.places) + 1, len(rows)
    amount, now = (np.array([float(str(row[name])) for row in rows]) for name in ("amount", "emission"))
    before = np.array([factors.place(str(row["gbt4754_division"])) for row in rows], dtype=np.int64)
    kinds = 1 + len(others)
    come, after = np.zeros((kinds, many)), np.tile(before, (kinds, 1))
    for kind in range(kinds):
        for place, row in enumerate(rows):
            code = str(row["likeliest_code"] or row["industry_code"]) if kind == 0 else others[kind - 1]
            rate = factors.rate(str(row["basis"]), code)
            if np.isnan(rate):
                come[kind, place] = now[place]
            else:
                come[kind, place], after[kind, place] = amount[place] * rate, factors.place(code)
    made, mean = np.zeros((len(category), width)), np.zeros(width)
    for kind in range(kinds):
        weight = shares[number, kind]
        mean += np.bincount(after[kind], weights=come[kind] * weight, minlength=width)
        mean -= np.bincount(before, weights=now * weight, minlength=width)
    row_of = np.arange(many)
    gone = np.bincount(before, weights=now, minlength=width)
    for replicate in range(len(category)):
        kind = category[replicate, number]
        made[replicate] = np.bincount(after[kind, row_of], weights=come[kind, row_of], minlength=width) - gone
    return made, mean
