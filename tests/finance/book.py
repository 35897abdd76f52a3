"""A small book in memory: input tables from plain rows, packs, and the steps of the finance wing run in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import all_contracts, load
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.query import Query
from lvshu.engine.settings import Settings
from lvshu.engine.step import Step, StepContext
from lvshu.finance.steps import STEPS
from lvshu.pipeline.packs import load_packs
from lvshu.pipeline.plan import in_order

Row = Mapping[str, Any]
YEAR = 2025
LIBRARY = PackLibrary.load(None)
SETTINGS = Settings(area="310000", area_zh="上海市", area_en="Shanghai", year=YEAR, replicates=50)

LOAN = {
    "institution_id": "BANK1",
    "branch_code": "B1",
    "business_type": "non_project",
    "product_type": "working_capital_loan",
    "asset_class": "business_loan",
    "purpose_industry_code": "3120",
    "currency": "CNY",
    "disbursed_on": date(2023, 1, 1),
}
ENTERPRISE = {
    "name": "示例", "area_code": "310000", "industry_code": "3120", "size_class": "large", "overseas": False,
}  # fmt: skip
FINANCE = {
    "year": YEAR,
    "main_business_revenue": Decimal(680_000_000),
    "total_assets_begin": Decimal(3_000_000_000),
    "total_assets_end": Decimal(3_400_000_000),
    "total_equity": Decimal(1_000_000_000),
    "total_debt": Decimal(1_500_000_000),
}


def months(
    loan_id: str, amount: float | Sequence[float | None], *, first: int = 1, year: int = YEAR
) -> list[Row]:
    """Return month-end balances of a loan; one amount for all months from `first`, or one for each (None: no row)."""
    amounts = [amount] * (13 - first) if isinstance(amount, (int, float)) else list(amount)
    return [
        {
            "loan_id": loan_id,
            "month": f"{year}-{first + place:02d}",
            "outstanding_amount": Decimal(str(value)),
        }
        for place, value in enumerate(amounts)
        if value is not None
    ]


def intensities(
    divisions: Mapping[str, float], *, direct_share: float = 0.75, replicates: int = 50
) -> dict[str, list[Row]]:
    """Return rows of sector_intensity and of its replicates (spread evenly over ±20 %)."""
    points, drawn = [], []
    for division, value in divisions.items():
        for scope, level in (("scope1", value * direct_share), ("scope1_2", value)):
            points.append(
                {"gbt4754_division": division, "scope": scope, "intensity_revenue": level, "year": YEAR,
                 "sector_codes": "x", "source": "test"}
            )  # fmt: skip
            for number in range(1, replicates + 1):
                shift = 0.8 + 0.4 * (number - 1) / (replicates - 1)
                drawn.append(
                    {
                        "gbt4754_division": division,
                        "scope": scope,
                        "replicate": number,
                        "intensity_revenue": level * shift,
                    }
                )
    return {"sector_intensity": points, "sector_intensity_replicate": drawn}


GIVEN = (
    "sector_intensity", "sector_intensity_replicate", "activity_code", "industry_code_replicate", "assigned_industry",
    "link_quality",
)  # fmt: skip
"""Tables of other wings that finance reads."""


def fill(engine: DuckDB, table: str, rows: Sequence[Row]) -> None:
    """Write rows to a table of a contract; columns not named are missing."""
    contract = load(table)
    engine.create(contract, replace=True)
    if rows:
        engine.append(contract, {name: [row.get(name) for row in rows] for name in contract.column_names})


def run(
    engine: DuckDB,
    tables: Mapping[str, Sequence[Row]],
    *,
    settings: Settings = SETTINGS,
    only: Sequence[str] | None = None,
    **changed: Any,
) -> DuckDB:
    """Fill the input tables, run the finance steps in their order, and return the engine with the book."""
    settings = replace(settings, **changed)
    library = LIBRARY
    inputs = {name for name, contract in all_contracts().items() if contract.kind == "input"}
    for table in inputs | set(GIVEN) | {"finding", "uncertainty"}:
        fill(engine, table, tables.get(table, ()))
    wanted = [step for step in STEPS if only is None or step.name in only]
    made = {table for step in wanted for table in step.makes}
    for table in {table for step in wanted for table in step.reads_if_there} - made:
        if not engine.has(table):
            engine.create(load(table))
    packs = {pack for step in wanted for pack in step.packs}
    load_packs(engine, library, {pack for pack in packs if not engine.has(f"pack_{pack}")})
    for name, rows in tables.items():
        if name.startswith("pack_"):
            _add_to_pack(engine, name, rows)
    for step in in_order(_with_inputs_made()):
        if step in wanted:
            _one(engine, step, settings, library)
    return engine


def _with_inputs_made() -> tuple[Step, ...]:
    return (Step(name="given.accounts", makes=GIVEN, action=lambda context: None), *STEPS)


def _one(engine: DuckDB, step: Step, settings: Settings, library: PackLibrary) -> None:
    for table in step.makes:
        engine.create(load(table), replace=True)
    if any(engine.count(table) == 0 for table in step.reads):
        return
    parameters = dict(step.parameters(settings)) if step.parameters else {}
    if isinstance(step.action, Query):
        engine.make(step.action, parameters, load(step.action.table))
    else:
        step.action(StepContext(step=step, settings=settings, packs=library, engine=engine))


def _add_to_pack(engine: DuckDB, table: str, rows: Sequence[Row]) -> None:
    for row in rows:
        names = ", ".join(row)
        engine.execute(
            f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' for _ in row)})", list(row.values())
        )


def rows(engine: DuckDB, table: str, where: str | None = None) -> list[dict[str, Any]]:
    """Return the rows of a table as mappings, in a total order."""
    return engine.read(table, where=where).to_pylist()


def one(engine: DuckDB, table: str, where: str) -> dict[str, Any]:
    """Return the one row that meets the condition."""
    found = rows(engine, table, where)
    assert len(found) == 1, (table, where, len(found))
    return found[0]
