"""Fills `indicator_month`: monthly indicators as single months, running totals less those of the month before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from lvshu.core.errors import Problem
from lvshu.core.money import half_away
from lvshu.core.units import registry
from lvshu.engine.step import Step, StepContext
from lvshu.statistics.series.time_series import MOST_NAMED

TABLE, GIVEN = "indicator_month", "monthly_indicator"
MONTH, EVEN = "month", "year_to_date_even"
DIGITS = 6
DELIVERED, DIFFERENCE, HALF, UNKNOWN = "delivered", "difference", "half", "unknown"

Row = Mapping[str, Any]


def make(context: StepContext) -> None:
    """Fill the table; what running totals do not give is told and unknown."""
    by_year: dict[tuple[str, str], list[Row]] = {}
    for row in context.read(GIVEN, order=("indicator_code", "month")).to_pylist():
        by_year.setdefault((row["indicator_code"], row["month"][:4]), []).append(row)
    made: list[dict[str, Any]] = []
    told: dict[tuple[str, str], list[str]] = {}
    for (code, _), own in by_year.items():
        kinds = {row["accumulation"] or MONTH for row in own}
        units = {row["unit"] for row in own}
        if kinds == {MONTH}:
            made += [_row(row, row["month"], row["value"], DELIVERED) for row in own]
        elif len(units) > 1:  # told where the series is made
            made += [_row(row, row["month"], None, UNKNOWN) for row in own]
        elif _is_ratio(own[0]["unit"]):
            made += [_row(row, row["month"], None, UNKNOWN) for row in own]
            told.setdefault((code, "rate"), []).append(own[0]["unit"])
        else:
            months = single_months(own, halved=EVEN in kinds)
            made += months
            told.setdefault((code, "gap"), []).extend(_known(months, own))
            told.setdefault((code, "half"), []).extend(
                {row["month"][:4] for row in months if row["derivation"] == HALF}
            )
            told.setdefault((code, "falls"), []).extend(
                row["month"] for row in months if row["value"] is not None and row["value"] < 0
            )
    context.write(
        TABLE,
        {
            name: [row[name] for row in made]
            for name in ("indicator_code", "month", "value", "unit", "derivation")
        },
    )
    _tell(context, told)


def single_months(rows: Sequence[Row], *, halved: bool) -> list[dict[str, Any]]:
    """Return the single months of one year, exact, each with how it was had.

    A running total gives its month less the total of the month before, delivered or summed up from January's on.

    Args:
        rows: of one indicator, unit and year, in order: single months (`accumulation` empty or month) and running
            totals; `value` None where not known.
        halved: February's total without January's is both months, each half of it (the last digit to February).
    """
    found: list[dict[str, Any]] = []
    total: Decimal | None = Decimal(0)  # from January to the month `last`
    last = 0
    for row in rows:
        number, own = int(row["month"][5:]), row["value"]
        before = total if number == last + 1 else None
        if (row["accumulation"] or MONTH) == MONTH:
            found.append(_row(row, row["month"], own, DELIVERED))
            total = None if own is None or before is None else before + own
        elif number == 2 and halved and before is None and own is not None:
            january = half_away(own / 2, DIGITS)
            if not found:
                found.append(_row(row, f"{row['month'][:4]}-01", january, HALF))
            else:
                found[-1] |= {"value": january, "derivation": HALF}
            found.append(_row(row, row["month"], own - january, HALF))
            total = own
        else:
            is_known = own is not None and before is not None
            found.append(
                _row(
                    row, row["month"], own - before if is_known else None, DIFFERENCE if is_known else UNKNOWN
                )
            )
            total = own
        last = number
    return found


def _row(row: Row, month: str, value: Decimal | None, derivation: str) -> dict[str, Any]:
    return {
        "indicator_code": row["indicator_code"], "month": month, "value": value, "unit": row["unit"],
        "derivation": derivation,
    }  # fmt: skip


def _known(months: Sequence[Row], given: Sequence[Row]) -> list[str]:
    """Return the months whose running total was delivered and that are not known all the same."""
    delivered = {row["month"] for row in given if row["value"] is not None}
    return [row["month"] for row in months if row["value"] is None and row["month"] in delivered]


def _is_ratio(unit: str) -> bool:
    one = registry().get(unit)
    return "/" in unit or (one is not None and one.dimension == registry()["1"].dimension)


def _tell(context: StepContext, told: Mapping[tuple[str, str], Sequence[str]]) -> None:
    for (code, kind), found in told.items():
        if not found:
            continue
        listed = ", ".join(sorted(found)[:MOST_NAMED]) + (", …" if len(found) > MOST_NAMED else "")
        values: dict[str, object] = {"series": code, "count": len(found)}
        values |= {"unit": found[0]} if kind == "rate" else {"months": listed, "years": listed}
        severity = "notice" if kind == "half" else "warning"
        problem = Problem(f"statistics.accumulated_{kind}", values=values, severity=severity)
        context.find(problem, table=GIVEN, key=code, amount=float(len(found)), unit="1")


INDICATOR_MONTH_STEPS = (
    Step(
        name="statistics.indicator_month", makes=(TABLE,), action=make, reads=(GIVEN,),
        method="statistics.seasonal_adjustment",
    ),
)  # fmt: skip
