"""Carries every known error to the totals of financed emissions: links, codes, intensities, factors, borrowers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.finance import carry_classes, carry_codes, carry_links, error_parts, spread, stand_in, turnover
from lvshu.finance.methods.joint_error import JointVariance, shapley_parts
from lvshu.finance.methods.uncertainty import carry_fuel_factors, draw_fuel_factors
from lvshu.linkage.false_links import FalseLinks, false_links

Array = NDArray[np.float64]

SCOPE = "scope1_2"
BY_BALANCE = Query(
    "attributed_emission",
    """
    SELECT method, intensity_division AS code, sum(emission) AS emission
    FROM attributed_emission
    WHERE calculation_method = 'fallback' AND intensity_division IS NOT NULL
    GROUP BY method, intensity_division
    ORDER BY method, intensity_division
    """,
)


@dataclass(frozen=True)
class Errors:
    """What is drawn once for all methods.

    Attributes:
        divisions: with replicates of their intensity.
        intensity: tCO2e per CNY of revenue, shape (d,).
        replicates: of the intensity, shape (r, d).
        fuels: whose factor has an interval.
        multipliers: of the fuels' factors, shape (r, f), dimensionless.
        turnover: multipliers of the divisions' asset turnover.
        links: changes by other links, by method.
        codes: changes by other industries than the machine's, by method.
        linked: changes by false links that carry an industry, by method.
        false: how often links are false; None where nothing tells.
    """

    divisions: list[str]
    intensity: Array
    replicates: Array
    fuels: list[str]
    multipliers: Array
    turnover: turnover.Turnover
    links: Mapping[str, carry_links.Change]
    codes: Mapping[str, carry_links.Change]
    linked: Mapping[str, carry_links.Change]
    false: FalseLinks | None

    @property
    def relative(self) -> Array:
        """Return replicates of the intensity over its point, shape (r, d), dimensionless; 1 where the point is 0."""
        return np.divide(
            self.replicates, self.intensity, out=np.ones_like(self.replicates), where=self.intensity > 0
        )


@dataclass(frozen=True)
class Held:
    """A method's total by what its error comes from, in tCO2e.

    Attributes:
        economic: by division, shape (d,), estimated by revenue or assets.
        balance: by division, shape (d,), estimated by balance.
        fuel: by fuel, shape (f,).
        fixed: whose error is not known.
    """

    economic: Array
    balance: Array
    fuel: Array
    fixed: float

    @property
    def total(self) -> float:
        """Return the total, in tCO2e."""
        return float(self.economic.sum() + self.balance.sum() + self.fuel.sum()) + self.fixed


def make(context: StepContext) -> None:
    """Fill the replicates of each method's total and of PCAF's asset classes, the parts of their error, and tell it."""
    parts: dict[str, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for row in context.read("uncertain_emission", where="emission IS NOT NULL").to_pylist():
        parts[row["method"]][row["source_of_error"]][row["code"]] = float(row["emission"])
    balance: dict[str, dict[str, float]] = defaultdict(dict)
    for row in context.sql(BY_BALANCE).to_pylist():
        balance[row["method"]][row["code"]] = float(row["emission"])
    errors = _errors(context, sorted(parts), {code for held in balance.values() for code in held})
    loans: carry_classes.Total | None = None
    for method, sources in sorted(parts.items()):
        held = _held(errors, sources, balance[method])
        error, drawn = _method(context, method, held, errors)
        if method == carry_classes.METHOD:
            loans = carry_classes.Total(held.total, held.fixed, drawn, error**2 - float(drawn.var(ddof=1)))
    carry_classes.make(context, loans, errors.divisions, errors.intensity, errors.replicates)


def _errors(context: StepContext, methods: list[str], lent: set[str]) -> Errors:
    divisions, intensity, replicates = _intensities(context)
    false = false_links(context)
    return Errors(
        divisions, intensity, replicates, *_fuels(context), turnover.of_book(context, divisions, lent),
        carry_links.of_links(context, methods, divisions), carry_codes.of_codes(context, methods, divisions),
        carry_codes.of_linked(context, methods, divisions, false), false,
    )  # fmt: skip


def _held(
    errors: Errors, sources: Mapping[str, Mapping[str, float]], by_balance: Mapping[str, float]
) -> Held:
    by_division, by_fuel = sources.get("division", {}), sources.get("fuel", {})
    whole = np.array([by_division.get(code, 0.0) for code in errors.divisions])
    balance = np.array([by_balance.get(code, 0.0) for code in errors.divisions])
    fixed = sum(sources.get("not_known", {}).values())
    fixed += sum(value for code, value in by_division.items() if code not in errors.divisions)
    fixed += sum(value for code, value in by_fuel.items() if code not in errors.fuels)
    return Held(whole - balance, balance, np.array([by_fuel.get(code, 0.0) for code in errors.fuels]), fixed)


def _method(context: StepContext, method: str, held: Held, errors: Errors) -> tuple[float, Array]:
    """Write a method's replicates and parts; return the root of its mean squared error and the replicates (r,)."""
    unlike, instead = spread.of_method(context, method), stand_in.of_method(context, method)
    count, total = context.settings.replicates, held.total
    links, linked, codes = errors.links.get(method), errors.linked.get(method), errors.codes.get(method)
    both = links if linked is None else linked if links is None else links + linked
    changes = {error_parts.LINKAGE: both, error_parts.CODING: codes}
    times = np.hstack([errors.relative, np.ones((count, 1))])  # the last place rests on no intensity
    economic, balance = np.append(held.economic, held.fixed), np.append(held.balance, 0.0)
    turned = np.hstack([errors.turnover.drawn - 1.0, np.zeros((count, 1))]) * balance
    moved = {error_parts.SAMPLING: turned}
    moved |= {name: change.drawn for name, change in changes.items() if change is not None}
    shift = {name: change.mean for name, change in changes.items() if change is not None}
    fuel = carry_fuel_factors(held.fuel, errors.multipliers)
    naive = np.maximum(times @ (economic + balance) + fuel + unlike.deviation, 0.0)
    apart_alone = unlike.deviation + instead.deviation + instead.bias
    whole = np.maximum(
        ((economic + balance + sum(moved.values())) * times).sum(axis=1) + fuel + apart_alone, 0.0
    )
    apart = {
        error_parts.FACTOR: fuel, error_parts.MODEL: unlike.deviation, error_parts.PROJECT: instead.deviation,
    }  # fmt: skip
    corrected = economic + balance + sum(shift.values())
    around = {name: drawn - shift.get(name, 0.0) for name, drawn in moved.items()}
    joint = JointVariance(error_parts.INTENSITY, corrected, times, around, apart).by_set()
    plain = JointVariance(error_parts.INTENSITY, economic + balance, times, {}, apart).by_set()
    error = error_parts.write(context, error_parts.Found(
        method=method, total=total, whole=whole, naive=naive, naive_error=plain(error_parts.NAIVE_SOURCES) ** 0.5,
        variances=shapley_parts(error_parts.DRAWN, joint), instead=instead,
        bias=float(sum(mean.sum() for mean in shift.values())) + instead.bias,
        held=_shares(held, errors), pairs=unlike.pairs, links=links, linked=linked, codes=codes, false=errors.false,
        divisions=len(errors.divisions),
    ))  # fmt: skip
    context.write("financed_emission_replicate", {
        "method": [method] * count, "replicate": list(range(1, count + 1)), "emission": whole.tolist(),
    })  # fmt: skip
    return error, whole


def _shares(held: Held, errors: Errors) -> error_parts.Held:
    used = (held.balance > 0) & errors.turnover.used
    return error_parts.Held(
        intensity=float(held.economic.sum() + held.balance.sum()), fuel=float(held.fuel.sum()), fixed=held.fixed,
        turnover=float(held.balance[used].sum()),
        turnover_known=float(held.balance[used & errors.turnover.known].sum()),
        statements=int(errors.turnover.enterprises[used & errors.turnover.known].sum()),
    )  # fmt: skip


def _intensities(context: StepContext) -> tuple[list[str], Array, Array]:
    """Return divisions with replicates, their intensities (d,) and the replicates (r, d)."""
    count = context.settings.replicates
    point = {
        row["gbt4754_division"]: float(row["intensity_revenue"])
        for row in context.read("sector_intensity", where=f"scope = '{SCOPE}'").to_pylist()
    }
    drawn: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for row in context.read("sector_intensity_replicate", where=f"scope = '{SCOPE}'").to_pylist():
        drawn[row["gbt4754_division"]].append((int(row["replicate"]), float(row["intensity_revenue"])))
    divisions = sorted(code for code in point if len(drawn[code]) == count)
    replicates = np.zeros((count, len(divisions)))
    for place, code in enumerate(divisions):
        replicates[:, place] = [value for _, value in sorted(drawn[code])]
    return divisions, np.array([point[code] for code in divisions]), replicates


def _fuels(context: StepContext) -> tuple[list[str], Array]:
    """Return the fuels whose factor has an interval, and the multipliers (r, f)."""
    found: dict[str, tuple[float, float]] = {}
    rows = context.read("energy_factor_applied", where="low_percent IS NOT NULL AND high_percent IS NOT NULL")
    for row in rows.to_pylist():
        found[row["fuel_code"]] = (row["low_percent"], row["high_percent"])
    fuels = sorted(found)
    low, high = (np.array([found[code][end] for code in fuels]) for end in (0, 1))
    generator = context.generator("fuel_factors")
    return fuels, draw_fuel_factors(low, high, context.settings.replicates, generator)
