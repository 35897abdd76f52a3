"""The banks' own operations and the quarterly data of the green-finance evaluation: invented, marked synthetic.

Nothing here is a statistic of any bank. Some lines are left out on purpose, so that the reports have gaps to show.
"""

from __future__ import annotations

from lvshu.sample.context import AREA, City
from lvshu.sample.files import write_rows
from lvshu.sample.lending import BANKS

BANKS_WITH_DATA = 6
SITES = ("HQ", "BR01", "BR02", "BR03")
HEADER = (
    "institution_id", "institution_name", "site_id", "area_code", "year", "item", "quantity", "unit", "own_factor",
    "factor_source",
)  # fmt: skip
SOURCE = "样本市合成数据 / synthetic"
# item, unit, quantity of a head office with 600 people, quantity of a branch with 40, own factor
ITEMS = (
    ("staff", "person", 600, 40, None),
    ("electricity", "kWh", 2_760_000, 168_000, None),
    ("premises_natural_gas", "m3", 118_000, 0, None),
    ("premises_diesel", "L", 1_900, 0, None),
    ("premises_gasoline", "L", 0, 0, None),
    ("premises_coal", "t", 0, 0, None),
    ("vehicle_gasoline", "L", 41_000, 2_600, None),
    ("vehicle_diesel", "L", 6_200, 0, None),
    ("purchased_heat", "GJ", 3_400, 0, None),
    ("water", "m3", 16_800, 900, None),
    ("paper", "t", 21, 1.6, None),
    ("travel_transport", "person-km", 3_150_000, 60_000, None),
)
QUARTERS = 8


def write_disclosures(city: City) -> None:
    """Write own_operation and evaluation_indicator of the first banks."""
    rows = [
        [code, name, site, AREA, city.year, item, _of(quantity, small, site, bank), unit, factor, SOURCE]
        for bank, (code, name) in enumerate(_banks())
        for site in SITES
        for item, unit, quantity, small, factor in ITEMS
        if not (item == "paper" and site == "BR03")
    ]
    city.wrote("own_operation", write_rows(city.inputs / "own_operation.csv", HEADER, rows))
    header = (
        "institution_id", "institution_name", "month", "green_loan_balance", "green_bond_balance",
        "business_balance", "green_loan_bad", "green_bond_default",
    )  # fmt: skip
    written = write_rows(city.inputs / "evaluation_indicator.csv", header, _quarters(city.year))
    city.wrote("evaluation_indicator", written)


def _banks() -> list[tuple[str, str]]:
    return [(f"SB{place + 1:02d}", name) for place, name in enumerate(BANKS[:BANKS_WITH_DATA])]


def _of(head_office: float, branch: float, site: str, bank: int) -> str:
    """Return a quantity: smaller banks use less, branches differ a little."""
    size = 2.0 / (bank + 2.0)
    if site == "HQ":
        return f"{round(head_office * size, 1):.1f}"
    return f"{round(branch * (0.9 + 0.1 * SITES.index(site)), 1):.1f}"


def _quarters(year: int) -> list[list[object]]:
    rows: list[list[object]] = []
    for bank, (code, name) in enumerate(_banks()):
        for place in range(QUARTERS):
            month = f"{year - 1 + place // 4}-{place % 4 * 3 + 3:02d}"
            business = 4e11 / (bank + 2) * (1 + 0.018 * place)
            green = business * (0.10 + 0.006 * place - 0.004 * bank)
            figures = (green, 0.06 * green, business, 0.004 * green * (1 + 0.1 * bank), 0.0)
            rows.append([code, name, month, *(f"{round(figure, -4):.2f}" for figure in figures)])
    return rows
