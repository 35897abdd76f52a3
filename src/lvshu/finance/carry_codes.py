"""What other industries of borrowers change in financed emissions, replicate by replicate.

Codes of the machine are as often wrong as the audit of codes lets expect. A code that another source states of a linked
unit is another unit's where the link is false: at the rate, and with the classes, of `lvshu.linkage.false_links`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.engine.step import StepContext
from lvshu.finance.carry_links import Change
from lvshu.finance.methods.joint_error import draw_categories
from lvshu.linkage.false_links import FalseLinks

Array = NDArray[np.float64]
Index = NDArray[np.int64]
Rows = Sequence[Mapping[str, Any]]

MACHINE, LINKED = "machine", "linked"
DECISIONS = ("coded", "backed_off")
AS_CODED = "as_coded"
BASES = REVENUE, ASSETS, EXPOSURE = ("revenue", "average_total_assets", "exposure")
LEVELS = (4, 3, 2)
"""Digits of a class, a group and a division of GB/T 4754."""


def of_codes(context: StepContext, methods: Sequence[str], divisions: list[str]) -> dict[str, Change]:
    """Return the changes by other industries of borrowers estimated by the machine's; methods without any are left out.

    Without an audit the changes are zero and `known` is false.
    """
    by_method = _estimated(context, methods, MACHINE)
    handed = _handed_on(context, context.settings.replicates) if by_method else None
    if handed is None:
        return _not_known(context, by_method, divisions)
    shares, others = handed
    factors = _Factors.of(context, divisions)
    return _drawn(
        context, by_method, lambda row: DECISIONS.index(row["decision"]), shares, others, factors, "codes"
    )


def of_linked(
    context: StepContext, methods: Sequence[str], divisions: list[str], links: FalseLinks | None
) -> dict[str, Change]:
    """Return the changes by false links that carry an industry; methods without linked industries are left out.

    Without a rate of false links the changes are zero and `known` is false.
    """
    by_method = _estimated(context, methods, LINKED)
    if links is None or not by_method:
        return _not_known(context, by_method, divisions)
    rates = np.concatenate([
        [links.rate], links.drawn(context.settings.replicates, context.generator("false_links"))
    ])  # fmt: skip
    shares = np.hstack([1.0 - rates[:, None], np.outer(rates, links.shares)])[:, None, :]
    return _drawn(
        context,
        by_method,
        lambda row: 0,
        shares,
        links.classes,
        _Factors.of(context, divisions),
        "linked_codes",
    )


def _estimated(context: StepContext, methods: Sequence[str], found_by: str) -> dict[str, Rows]:
    """Return the borrowers of each method whose industry was found so; methods without any are left out."""
    rows = context.read("coded_borrower", order=("method", "uscc", "basis")).to_pylist()
    by_method = {
        one: [row for row in rows if row["method"] == one and row["found_by"] == found_by] for one in methods
    }
    return {one: own for one, own in by_method.items() if own}


def _not_known(
    context: StepContext, by_method: Mapping[str, Rows], divisions: list[str]
) -> dict[str, Change]:
    width = len(divisions) + 1
    nothing = np.zeros((context.settings.replicates, width)), np.zeros(width)
    return {one: Change(*nothing, _borrowers(own), known=False) for one, own in by_method.items()}


def _drawn(
    context: StepContext,
    by_method: Mapping[str, Rows],
    group_of: Callable[[Mapping[str, Any]], int],
    shares: Array,
    others: Sequence[str],
    factors: _Factors,
    stream: str,
) -> dict[str, Change]:
    """Return the changes of each method; a borrower has the same industry in all of them.

    Args:
        context: of the step.
        by_method: rows of `coded_borrower`.
        group_of: function from a row to its group.
        shares: of "as it is" and of the other classes, by group, the first replicate being the estimate itself, shape
            (replicates + 1, groups, classes + 1).
        others: classes.
        factors: of the codes.
        stream: of random numbers.
    """
    told = {row["uscc"]: row for own in by_method.values() for row in own}
    place = {uscc: number for number, uscc in enumerate(sorted(told))}
    group = np.array([group_of(told[uscc]) for uscc in place], dtype=np.int64)
    category = draw_categories(group, shares[1:], context.generator(stream))
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
        category: of each borrower in each replicate, shape (r, borrowers); 0 is its likeliest class.
        shares: of categories of each borrower by the estimate itself, shape (borrowers, categories).
        factors: of the codes.
        others: codes of the categories from 1.
    """
    width, many = len(factors.places) + 1, len(rows)
    amount, now = (np.array([float(str(row[name])) for row in rows]) for name in ("amount", "emission"))
    before = np.array([factors.place(str(row["gbt4754_division"])) for row in rows], dtype=np.int64)
    kinds = 1 + len(others)
    come, after = np.zeros((kinds, many)), np.tile(before, (kinds, 1))
    basis = [str(row["basis"]) for row in rows]
    for kind in range(kinds):
        codes = [str(row["likeliest_code"] or row["industry_code"]) for row in rows] if kind == 0 else (
            [others[kind - 1]] * many
        )  # fmt: skip
        known = {pair: factors.rate(*pair) for pair in set(zip(basis, codes, strict=True))}
        places = {code: factors.place(code) for code in set(codes)}
        rate = np.array([known[pair] for pair in zip(basis, codes, strict=True)])
        there = ~np.isnan(rate)
        come[kind] = np.where(there, amount * rate, now)
        after[kind] = np.where(there, [places[code] for code in codes], before)
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
