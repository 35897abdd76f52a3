"""A seeded loan book of any size: loans, twelve month-ends each, borrowers, statements and reports; and its account."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import all_contracts, load
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.query import Query
from lvshu.engine.settings import Settings
from lvshu.engine.step import Step, StepContext
from lvshu.finance.steps import STEPS
from lvshu.pipeline.packs import load_packs
from lvshu.pipeline.plan import in_order

YEAR = 2025
SETTINGS = Settings(area="310000", area_zh="上海市", area_en="Shanghai", year=YEAR, replicates=50)
WANTED = ("financed_emission", "loan_coverage", "data_quality_grade")
"""The account proper; without uncertainty, findings, the gap ledger, capital flows and the comparison of methods."""
INTENSITY = {"31": 2e-4, "30": 3e-4, "44": 5e-4, "62": 1e-5, "25": 3e-4, "26": 2.5e-4}
CLASSES = (
    "CASE h({}) % 6 WHEN 0 THEN '3120' WHEN 1 THEN '3011' WHEN 2 THEN '4411' WHEN 3 THEN '6210' WHEN 4 THEN '2511' "
    "ELSE '2614' END"
)

LOANS = """
INSERT INTO loan (loan_id, institution_id, branch_code, uscc, business_type, product_type, asset_class,
  purpose_industry_code, currency, contract_amount, disbursed_on)
SELECT concat('L', i), concat('BANK', h(i * 2) % 5), concat('B', h(i * 3) % 40), concat('E', h(i * 7) % {enterprises}),
  'non_project', 'working_capital_loan', 'business_loan', NULL, 'CNY', 1000000 + h(i * 19) % 100000000,
  DATE '2022-01-15' + CAST(h(i * 23) % 1400 AS INTEGER)
FROM range({loans}) AS t(i)
"""
BALANCES = """
INSERT INTO loan_balance (loan_id, month, outstanding_amount)
SELECT loan_id, concat('2025-', lpad(CAST(m AS VARCHAR), 2, '0')),
  CAST(contract_amount * (1 - m / 24.0) AS DECIMAL(20,2))
FROM loan, range(1, 13) AS u(m)
WHERE year(disbursed_on) < 2025 OR month(disbursed_on) <= m
"""
ENTERPRISES = f"""
INSERT INTO enterprise (uscc, name, area_code, industry_code, size_class, overseas)
SELECT concat('E', i), concat('N', i), '310000', {CLASSES.format("i * 17")},
  CASE h(i) % 3 WHEN 0 THEN 'large' WHEN 1 THEN 'medium' ELSE 'small' END, false
FROM range({{enterprises}}) AS t(i)
"""
STATEMENTS = """
INSERT INTO enterprise_finance (uscc, year, main_business_revenue, total_assets_begin, total_assets_end, total_equity,
  total_debt)
SELECT concat('E', i), 2025, 1e8 + h(i * 5) % 10000000000, 5e10 + h(i * 3) % 10000000000,
  5e10 + h(i * 11) % 10000000000,
  1e10 + h(i * 7) % 1000000000, 2e10 + h(i * 9) % 1000000000
FROM range({enterprises}) AS t(i)
WHERE h(i * 37) % 20 <> 0
"""
REPORTS = """
INSERT INTO entity_emission (uscc, year, source, scope1, scope2)
SELECT concat('E', i), 2025, CASE h(i * 13) % 2 WHEN 0 THEN 'verified' ELSE 'unverified' END, h(i * 41) % 100000,
  h(i * 43) % 100000
FROM range({enterprises}) AS t(i)
WHERE h(i * 47) % 3 = 0
"""


def make(engine: DuckDB, loans: int) -> dict[str, int]:
    """Fill the input tables and the intensities, and return their sizes."""
    for name, contract in all_contracts().items():
        if contract.kind == "input" or name in (
            "sector_intensity", "sector_intensity_replicate", "activity_code", "industry_code_replicate",
        ):  # fmt: skip
            engine.create(load(name), replace=True)
    for name in ("finding", "uncertainty"):
        engine.create(load(name), replace=True)
    engine.execute("CREATE TEMP MACRO h(x) AS CAST(hash(x) % 1000000000000 AS BIGINT)")
    sizes = {"loans": loans, "enterprises": max(loans // 10, 10)}
    for statement in (LOANS, BALANCES, ENTERPRISES, STATEMENTS, REPORTS):
        engine.execute(statement.format(**sizes))
    for division, value in INTENSITY.items():
        for scope, share in (("scope1", 0.7), ("scope1_2", 1.0)):
            engine.append(load("sector_intensity"), {
                name: [{"gbt4754_division": division, "scope": scope, "intensity_revenue": value * share, "year": YEAR,
                        "sector_codes": "x", "source": "benchmark"}.get(name)]
                for name in load("sector_intensity").column_names
            })  # fmt: skip
    return {**sizes, "balances": engine.count("loan_balance")}


def steps() -> tuple[Step, ...]:
    """Return the steps behind the account in their order."""
    made = ("sector_intensity", "sector_intensity_replicate", "activity_code", "industry_code_replicate")
    given = Step(name="given", makes=made, action=lambda context: None)
    maker = {table: step for step in STEPS for table in step.makes if table not in made}
    found: dict[str, Step] = {}
    waiting = [maker[table] for table in WANTED]
    while waiting:
        step = waiting.pop()
        if step.name not in found:
            found[step.name] = step
            waiting += [maker[table] for table in (*step.reads, *step.reads_if_there) if table in maker]
    return tuple(step for step in in_order((given, *found.values())) if step is not given)


def prepare(engine: DuckDB) -> None:
    """Load the packs that the steps read."""
    load_packs(engine, PackLibrary.load(None), {pack for step in steps() for pack in step.packs})


def account(engine: DuckDB, methods: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Make every table of the account; return wall and CPU seconds of each step."""
    settings, library = replace(SETTINGS, finance_methods=tuple(methods)), PackLibrary.load(None)
    spent = {}
    for step in steps():
        wall, cpu = time.perf_counter(), time.process_time()
        for table in step.makes:
            engine.create(load(table), replace=True)
        if isinstance(step.action, Query):
            parameters = dict(step.parameters(settings)) if step.parameters else {}
            engine.make(step.action, parameters, load(step.action.table))
        else:
            step.action(StepContext(step=step, settings=settings, packs=library, engine=engine))
        spent[step.name] = (time.perf_counter() - wall, time.process_time() - cpu)
    return spent
