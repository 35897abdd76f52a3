"""The change of financed emissions since the year before, split exactly by borrower and project."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.finance.methods.change import split_change
from lvshu.finance.methods.intensity import economic_intensity, value_adjustment

Array = NDArray[np.float64]
EFFECTS = ("exposure", "mix", "denominator", "intensity", "activity", "calculation", "entry", "exit")
KEYS = ("method", "institution_id", "subject_kind", "subject_id", "gbt4754_division")
MICRO = 1e6
NOT_ATTRIBUTED = ("fallback", "none", "mixed")

PAIRS = Query(
    "subject_attribution",
    """
    SELECT
      coalesce(now.method, before.method) AS method,
      coalesce(now.institution_id, before.institution_id) AS institution_id,
      coalesce(now.subject_kind, before.subject_kind) AS subject_kind,
      coalesce(now.subject_id, before.subject_id) AS subject_id,
      coalesce(now.gbt4754_division, before.gbt4754_division) AS gbt4754_division,
      CAST(coalesce(before.exposure, 0) AS DOUBLE) AS exposure_0,
      CAST(coalesce(now.exposure, 0) AS DOUBLE) AS exposure_1,
      before.denominator AS denominator_0, now.denominator AS denominator_1,
      before.denominator_basis AS basis_0, now.denominator_basis AS basis_1,
      CAST(before.entity_emission AS DOUBLE) AS entity_0, CAST(now.entity_emission AS DOUBLE) AS entity_1,
      CAST(before.activity AS DOUBLE) AS activity_0, CAST(now.activity AS DOUBLE) AS activity_1,
      before.calculation_method AS way_0, now.calculation_method AS way_1,
      CAST(coalesce(before.emission, 0) AS DOUBLE) AS emission_0,
      CAST(coalesce(now.emission, 0) AS DOUBLE) AS emission_1
    FROM subject_attribution AS now
    FULL OUTER JOIN subject_attribution_previous AS before
      ON before.method = now.method AND before.institution_id = now.institution_id
      AND before.subject_kind = now.subject_kind AND before.subject_id = now.subject_id
      AND before.gbt4754_division = now.gbt4754_division
    ORDER BY method, institution_id, subject_kind, subject_id, gbt4754_division
    """,
)


def make(context: StepContext) -> None:
    """Fill `subject_change` and `value_adjustment` from this year's attribution and that of the year before."""
    pairs = context.sql(PAIRS)
    methods = np.array(pairs.column("method").to_pylist(), dtype=object)
    lenders = np.array(pairs.column("institution_id").to_pylist(), dtype=object)
    for method, lender in sorted({(str(a), str(b)) for a, b in zip(methods, lenders, strict=True)}):
        part = pairs.filter(pa.array((methods == method) & (lenders == lender)))
        columns = _columns(part)
        effects = effects_of(columns)
        _write(context, part, columns, effects)
        _adjust(context, method, lender, columns)


def _columns(part: pa.Table) -> dict[str, NDArray[np.generic]]:
    found: dict[str, NDArray[np.generic]] = {}
    for name in part.column_names:
        values = part.column(name).to_pylist()
        text = name in KEYS or name.startswith(("way", "basis"))
        found[name] = (
            np.array(["" if value is None else value for value in values], dtype=object)
            if text
            else np.array([np.nan if value is None else value for value in values], dtype=float)
        )
    return found


def effects_of(columns: Mapping[str, NDArray[np.generic]]) -> dict[str, Array]:
    """Return the effect of each factor on each subject of one institution under one method.

    Args:
        columns: exposure, denominator, entity (whole emission), activity, emission, each with _0 (before) and _1
            (now), shape (n,), NaN where missing; way_0 and way_1, how the emission was had.

    Returns:
        Effect -> shape (n,), unit tCO2e; the effects of a row add up to emission_1 - emission_0.

    Raises:
        MethodError: an exposure, a denominator or an emission is below 0.
    """
    exposure = [np.asarray(columns[f"exposure_{year}"], float) for year in (0, 1)]
    emission = [np.asarray(columns[f"emission_{year}"], float) for year in (0, 1)]
    effects = {name: np.zeros(exposure[0].size) for name in EFFECTS}
    in_both = (exposure[0] > 0) & (exposure[1] > 0)
    begun, ended = ~in_both & (exposure[1] > 0), ~in_both & (exposure[1] <= 0)
    effects["entry"] = np.where(begun, emission[1] - emission[0], 0.0)
    effects["exit"] = np.where(ended, emission[1] - emission[0], 0.0)
    if in_both.any():
        split = split_change(*(_factors(columns, year, in_both) for year in (0, 1)))
        same = np.asarray(columns["way_0"] == columns["way_1"], bool)[in_both]
        for name, values in split.items():
            if name == "intensity":
                effects["intensity"][in_both] += np.where(same, values, 0.0)
                effects["calculation"][in_both] += np.where(same, 0.0, values)
            else:
                effects[name][in_both] += values
        left = emission[1] - emission[0] - np.sum(list(effects.values()), axis=0)
        effects["calculation"] += np.where(in_both, left, 0.0)
    return effects


def _factors(
    columns: Mapping[str, NDArray[np.generic]], year: int, chosen: NDArray[np.bool_]
) -> dict[str, Array]:
    """Return the factors of one year: exposure x share x 1 / denominator x intensity x activity = emission."""
    usable = chosen.copy()
    for other in (0, 1):
        usable &= ~np.isin(columns[f"way_{other}"].astype(str), NOT_ATTRIBUTED)
        usable &= np.asarray(columns[f"denominator_{other}"], float) > 0
        usable &= np.asarray(columns[f"entity_{other}"], float) >= 0
    by_revenue = usable.copy()
    for other in (0, 1):
        by_revenue &= np.asarray(columns[f"activity_{other}"], float) > 0
    exposure, emission = (np.asarray(columns[f"{name}_{year}"], float) for name in ("exposure", "emission"))
    total = float(exposure[chosen].sum())
    denominator = np.where(usable, columns[f"denominator_{year}"].astype(float), 1.0)
    activity = np.where(by_revenue, columns[f"activity_{year}"].astype(float), 1.0)
    per_yuan = np.where(chosen, emission / np.where(exposure > 0, exposure, 1.0), 0.0)
    return {
        "exposure": np.full(int(chosen.sum()), total),
        "mix": exposure[chosen] / total,
        "denominator": 1.0 / denominator[chosen],
        "intensity": (per_yuan * denominator / activity)[chosen],
        "activity": activity[chosen],
    }


def _write(
    context: StepContext,
    part: pa.Table,
    columns: Mapping[str, NDArray[np.generic]],
    effects: dict[str, Array],
) -> None:
    """Write rows whose effects, rounded to the gram, add up to the change to the gram."""
    before, now = (
        np.rint(columns[f"emission_{year}"].astype(float) * MICRO).astype(np.int64) for year in (0, 1)
    )
    rounded = np.array([np.rint(effects[name] * MICRO).astype(np.int64) for name in EFFECTS])
    left = now - before - rounded.sum(axis=0)
    place = np.abs(rounded).argmax(axis=0)
    rounded[place, np.arange(now.size)] += left
    table: dict[str, pa.Array] = {name: part.column(name).combine_chunks() for name in KEYS}
    table["emission_previous"], table["emission"] = _quantity(before), _quantity(now)
    for row, name in zip(rounded, EFFECTS, strict=True):
        table[f"{name}_effect"] = _quantity(row)
    context.write("subject_change", pa.table(table))


def _quantity(micro: NDArray[np.int64]) -> pa.Array:
    """Return whole grams as tonnes: the digits of a decimal with six places are those of the whole number."""
    whole = pa.array(micro, pa.int64()).cast(pa.decimal128(19, 0))
    return pa.Array.from_buffers(pa.decimal128(24, 6), len(whole), whole.buffers())


def _adjust(
    context: StepContext, method: str, lender: str, columns: Mapping[str, NDArray[np.generic]]
) -> None:
    """Write the adjustment for changed enterprise values, over borrowers with an EVIC in both years."""
    exposure = [np.asarray(columns[f"exposure_{year}"], float) for year in (0, 1)]
    listed = (columns["basis_0"] == "evic") & (columns["basis_1"] == "evic")
    listed = np.asarray(listed, bool) & (exposure[0] > 0) & (exposure[1] > 0)
    if not listed.any():
        return
    value = [columns[f"denominator_{year}"].astype(float)[listed] for year in (0, 1)]
    weights = exposure[1][listed] / exposure[1][listed].sum()
    adjustment = value_adjustment(weights, value[0], value[1])
    footprints = [
        economic_intensity(
            float(columns[f"emission_{year}"].astype(float)[listed].sum()),
            float(exposure[year][listed].sum()),
        )
        for year in (0, 1)
    ]
    row = {
        "method": method, "institution_id": lender, "subjects": int(listed.sum()), "adjustment": adjustment,
        "footprint_previous": footprints[0], "footprint": footprints[1],
        "footprint_adjusted": footprints[1] / adjustment,
    }  # fmt: skip
    context.write("value_adjustment", {name: [value] for name, value in row.items()})
