"""What wrong links and wrong industry codes of borrowers change in financed emissions, replicate by replicate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.engine.step import StepContext
from lvshu.finance.methods.joint_error import draw_categories, draw_links

Array = NDArray[np.float64]
Index = NDArray[np.int64]
DECISIONS = ("coded", "backed_off", "abstained")
AS_CODED = "as_coded"


@dataclass(frozen=True)
class Change:
    """What drawing a source anew changes in a method's total.

    Attributes:
        drawn: shape (replicates, divisions + 1), tCO2e; the last column rests on no sector intensity.
        mean: shape (divisions + 1,), tCO2e, the average over the posterior: the bias that is left in the total.
        borrowers: how many it rests on.
        known: whether there is evidence; else the changes are zero.
    """

    drawn: Array
    mean: Array
    borrowers: int
    known: bool = True


def of_links(context: StepContext, methods: Sequence[str], divisions: list[str]) -> dict[str, Change]:
    """Return the changes by other links of borrowers found by name; methods without any are left out."""
    order = ("subject_key", "entity_id")
    listed = context.read("link_alternative", order=order)
    if not listed.num_rows:
        return {}
    keys = listed["subject_key"].to_pylist()
    number = {key: place for place, key in enumerate(dict.fromkeys(keys))}
    subject = np.array([number[key] for key in keys], dtype=np.int64)
    alternative = {
        pair: place for place, pair in enumerate(zip(keys, listed["entity_id"].to_pylist(), strict=True))
    }
    place_of = {code: place for place, code in enumerate(divisions)}
    rows: dict[str, tuple[list[int], list[int], list[float]]] = {one: ([], [], []) for one in methods}
    for row in context.read(
        "link_alternative_emission", order=("method", *order, "gbt4754_division")
    ).to_pylist():
        if row["method"] in rows:
            pair, division, emission = rows[row["method"]]
            pair.append(alternative[row["subject_key"], row["entity_id"]])
            division.append(place_of.get(row["gbt4754_division"], len(divisions)))
            emission.append(float(row["emission"]))
    there = [one for one in methods if rows[one][0]]
    arrays = [
        (
            np.array(rows[one][0], dtype=np.int64),
            np.array(rows[one][1], dtype=np.int64),
            np.array(rows[one][2]),
        )
        for one in there
    ]
    chance, taken = listed["probability"].to_numpy(), np.array(listed["taken"].to_pylist(), dtype=bool)
    made = draw_links(
        subject,
        chance,
        taken,
        arrays,
        len(divisions) + 1,
        context.settings.replicates,
        context.generator("links"),
    )
    return {
        one: Change(drawn, mean, len(np.unique(subject[pairs])))
        for one, (drawn, mean), (pairs, _, _) in zip(there, made, arrays, strict=True)
    }


def of_codes(context: StepContext, methods: Sequence[str], divisions: list[str]) -> dict[str, Change]:
    """Return the changes by other industries of borrowers coded by machine; methods without any are left out.

    Without an audit the changes are zero and `known` is false.
    """
    rows = context.read("coded_borrower", order=("method", "uscc", "gbt4754_division")).to_pylist()
    rows = [row for row in rows if row["method"] in methods]
    if not rows:
        return {}
    borrowers = sorted({row["uscc"] for row in rows})
    by_method = {one: [row for row in rows if row["method"] == one] for one in methods}
    by_method = {one: own for one, own in by_method.items() if own}
    count, width = context.settings.replicates, len(divisions) + 1
    drawn = _classes(context, count)
    if drawn is None:
        nothing = np.zeros((count, width)), np.zeros(width)
        return {
            one: Change(*nothing, len({row["uscc"] for row in own}), known=False)
            for one, own in by_method.items()
        }
    shares, classes = drawn
    place = {uscc: number for number, uscc in enumerate(borrowers)}
    told = {row["uscc"]: row for row in rows}
    group = np.array([DECISIONS.index(told[uscc]["decision"]) for uscc in borrowers], dtype=np.int64)
    machine = [str(told[uscc]["machine_code"]) for uscc in borrowers]
    model = _Model.of(context, divisions, machine, classes)
    category = draw_categories(group, shares[1:], context.generator("codes"))
    found = {}
    for one, own in by_method.items():
        number = np.array([place[row["uscc"]] for row in own], dtype=np.int64)
        change = model.change(own, number, category, shares[0][group])
        found[one] = Change(*change, len(np.unique(number)))
    return found


def _classes(context: StepContext, count: int) -> tuple[Array, list[str]] | None:
    """Return shares of "as coded" and of the other classes, shape (replicates + 1, decisions, classes + 1)."""
    listed = context.read("industry_code_replicate", order=("true_code", "decision", "replicate"))
    if not listed.num_rows:
        return None
    codes = sorted(set(listed["true_code"].to_pylist()) - {AS_CODED})
    place = {code: number for number, code in enumerate((AS_CODED, *codes))}
    shares = np.zeros((count + 1, len(DECISIONS), len(codes) + 1))
    group = [DECISIONS.index(one) for one in listed["decision"].to_pylist()]
    column = [place[one] for one in listed["true_code"].to_pylist()]
    shares[listed["replicate"].to_numpy(), group, column] = listed["share"].to_numpy()
    return shares, codes


@dataclass(frozen=True)
class _Model:
    """What a yuan of revenue or of exposure emits in each division, and the division of each category.

    Attributes:
        place: of each division with replicates.
        revenue: emission per yuan of revenue by division, tCO2e/CNY.
        exposure: emission per yuan of exposure by division, tCO2e/CNY.
        machine: division of the machine's class, by borrower.
        others: division of each of the other classes.
    """

    place: dict[str, int]
    revenue: dict[str, float]
    exposure: dict[str, float]
    machine: list[str]
    others: list[str]

    @classmethod
    def of(cls, context: StepContext, divisions: list[str], machine: list[str], classes: list[str]) -> _Model:
        revenue = {
            row["code"]: float(row["intensity_revenue"])
            for row in context.read(
                "sector_factor_applied", where="intensity_revenue IS NOT NULL"
            ).to_pylist()
        }
        exposure = {
            row["gbt4754_division"]: float(row["factor"])
            for row in context.read("sector_balance_factor", where="factor IS NOT NULL").to_pylist()
        }
        place = {code: number for number, code in enumerate(divisions)}
        return cls(place, revenue, exposure, [code[:2] for code in machine], [code[:2] for code in classes])

    def change(
        self, rows: Sequence[dict[str, object]], number: Index, category: Index, shares: Array
    ) -> tuple[Array, Array]:
        """Return the change of a total, by replicate and on average, both by place of the division.

        Args:
            rows: of `coded_borrower` of one method.
            number: borrower of each row, shape (n,).
            category: of each borrower in each replicate, shape (r, borrowers).
            shares: of categories of each borrower by the audit itself, shape (borrowers, categories).
        """
        width = len(self.place) + 1
        made, mean = np.zeros((len(category), width)), np.zeros(width)
        attributed, now, open_ = (
            np.array([float(str(row[name])) for row in rows])
            for name in ("revenue_attributed", "emission_by_revenue", "exposure_without_industry")
        )
        before = np.array(
            [self.place.get(str(row["gbt4754_division"]), width - 1) for row in rows], dtype=np.int64
        )
        kinds, many = shares.shape[1], number.size
        come, gone = np.zeros((kinds, many)), np.zeros((kinds, many))
        after = np.full((kinds, many), width - 1, dtype=np.int64)
        for kind in range(kinds):
            codes = [self.machine[one] if kind == 0 else self.others[kind - 1] for one in number.tolist()]
            rate = np.array([self.revenue.get(code, np.nan) for code in codes])
            factor = np.array([self.exposure.get(code, np.nan) for code in codes])
            after[kind] = [self.place.get(code, width - 1) for code in codes]
            gone[kind] = np.where(np.isnan(rate), 0.0, now)
            come[kind] = np.nan_to_num(attributed * rate) + np.nan_to_num(open_ * factor)
            mean += np.bincount(after[kind], weights=come[kind] * shares[number, kind], minlength=width)
            mean -= np.bincount(before, weights=gone[kind] * shares[number, kind], minlength=width)
        row = np.arange(many)
        for replicate in range(len(category)):
            kind = category[replicate, number]
            made[replicate] = np.bincount(after[kind, row], weights=come[kind, row], minlength=width)
            made[replicate] -= np.bincount(before, weights=gone[kind, row], minlength=width)
        return made, mean
