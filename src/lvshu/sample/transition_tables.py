"""What some works of the sample city report beside their emission, and their transition plans: all invented.

Quantities are fixed shares of the works' own true emission, so that no random number of another table moves.
"""

from __future__ import annotations

from lvshu.sample.context import City
from lvshu.sample.files import write_rows

APART = ("removals", "credits_retired", "credits_generated", "avoided")
# kind -> (every so many works, share of scope 1 and 2): invented
APART_SHARES = {
    "removals": (4, 0.01), "credits_retired": (3, 0.03), "credits_generated": (7, 0.005), "avoided": (5, 0.06),
}  # fmt: skip
INDUSTRIES = ("25", "26", "31", "36")
PLANS = 24
INDICATOR, UNIT = "sample_unit_energy", "kgce/t"
BEFORE, AFTER = 2, 3  # years of a plan before and after the reporting year
BETTER = 0.97  # of the year before, as planned
SPENT = (1.0, 0.8, 1.1, 0.4)  # of the planned spending, by place of the plan
MISSED = (1.0, 1.01, 0.99, 1.04)  # actual over planned value, by place of the plan
PLANNED_SPENDING = 5_000_000.0


def apart_of(number: int, emission: float) -> list[float | None]:
    """Return what the report of one of the works says beside its emission, in the order of APART; tCO2e."""
    found: list[float | None] = []
    for kind in APART:
        every, share = APART_SHARES[kind]
        found.append(float(round(emission * share)) if number % every == 0 else None)
    return found


def write_transition(city: City, works: list[str], industries: list[str]) -> None:
    """Write transition_plan and transition_record of works in industries of the transition catalogue.

    Args:
        city: the city.
        works: credit codes of reporting works.
        industries: their industry codes (GB/T 4754).
    """
    chosen = [key for key, code in zip(works, industries, strict=True) if code[:2] in INDUSTRIES][:PLANS]
    plans: list[list[object]] = []
    records: list[list[object]] = []
    base = city.year - BEFORE
    for place, key in enumerate(chosen):
        start = 400.0 + 10 * (place % 17)
        for step in range(BEFORE + AFTER + 1):
            value = start * BETTER**step
            head = [f"TP{place + 1:03d}", key, INDICATOR, base + step]
            plans.append([*head, base, f"{value:.3f}", UNIT, PLANNED_SPENDING, "全厂"])
            if base + step <= city.year:
                part = place % len(SPENT)
                records.append([key, INDICATOR, base + step, f"{value * MISSED[part]:.3f}", UNIT, None,
                                PLANNED_SPENDING * SPENT[part], "全厂"])  # fmt: skip
    tables = {
        "transition_plan": (("plan_id", "uscc", "indicator", "year", "base_year", "planned_value", "unit",
                             "planned_spending", "boundary"), plans),
        "transition_record": (("uscc", "indicator", "year", "indicator_value", "unit", "emission",
                               "capital_spending", "boundary"), records),
    }  # fmt: skip
    for table, (header, rows) in tables.items():
        city.wrote(table, write_rows(city.inputs / f"{table}.csv", header, rows))
