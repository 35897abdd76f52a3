"""The months behind a headline of a year, where the book has them: for a small chart on its card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lvshu.publish.panels.base import short_amount, summed
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, joined, period_text, value_label
from lvshu.web.words import word

Row = dict[str, Any]


@dataclass(frozen=True)
class Months:
    """Figures of consecutive months, the earliest first; told: what they are, from when to when; table: their own."""

    values: tuple[float, ...]
    told: Text
    table: str


def months_of_headline(reader: Reader, code: str) -> Months | None:
    """Return the months behind a headline; None where the book has fewer than two.

    Energy use has those of coal, oil and gas, as they are reported month by month (tce); emissions where they arise
    have the monthly quick estimate, calibrated to the year (tCO2).
    """
    if code == "energy_use":
        return _energy(reader)
    if code == "co2_production_based":
        return _emission(reader)
    return None


def _energy(reader: Reader) -> Months | None:
    """Return the energy of the months in which all groups of fuels that the book has are reported."""
    rows = reader.rows("energy_month", area_code=reader.settings.area)
    groups = list(dict.fromkeys(row["fuel_group"] for row in rows))
    whole = {
        month: own
        for month in sorted({row["month"] for row in rows})
        if len(own := [row for row in rows if row["month"] == month and row["energy"] is not None])
        == len(groups)
    }
    fuels = joined([value_label("energy_month", "fuel_group", one) for one in groups])
    return _made(
        "energy_month", [(month, summed(own, "energy")) for month, own in whole.items()], "tce", fuels
    )


def _emission(reader: Reader) -> Months | None:
    rows = reader.rows("quick_estimate", area_code=reader.settings.area, factor_set="calibrated")
    found = sorted((row["month"], row["emission"]) for row in rows if row["emission"] is not None)
    return _made("quick_estimate", found, "tCO2", word("home.months.quick"))


def _made(table: str, found: Sequence[tuple[str, Any]], unit: str, what: Text) -> Months | None:
    if len(found) < 2:
        return None
    least, most = (pick(found, key=lambda one: one[1]) for pick in (min, max))
    told = word(
        "home.months",
        what=what,
        first=period_text(found[0][0]),
        last=period_text(found[-1][0]),
        least=short_amount(least[1], unit, f"1e4 {unit}"),
        least_month=period_text(least[0]),
        most=short_amount(most[1], unit, f"1e4 {unit}"),
        most_month=period_text(most[0]),
    )
    return Months(tuple(float(value) for _, value in found), told, table)
