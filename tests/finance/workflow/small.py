"""A small bank: two branches, clients in and out of scope, one client under two codes, a project, and last year."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import python_calamine as calamine
import xlsxwriter

from lvshu.contract import load
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.settings import Settings
from lvshu.engine.step import Step
from lvshu.finance.steps import STEPS
from lvshu.finance.workflow.records import Actor
from lvshu.store.workspace import BOOK_FILE, Workspace
from tests.finance import book
from tests.finance.runs import run_tables

YEAR = 2025
SETTINGS = Settings(area="310000", area_zh="上海市", area_en="Shanghai", year=YEAR, replicates=50)
STEEL, POWER, CEMENT, TWIN_A, TWIN_B, FOOD, SMALL = (
    "91310000MA1FL00030", "91310000MA1FL0011T", "91310000MA1FL0022Y", "91310000MA1FL0038J", "91310000MA1FL0046D",
    "91310000MA1FL00548", "91310000MA1FL00623",
)  # fmt: skip
NAMES = {STEEL: "示例钢铁有限公司", POWER: "示例热电有限公司", CEMENT: "示例水泥有限公司", TWIN_A: "示例平板玻璃厂",
         TWIN_B: "示例平板玻璃厂", FOOD: "示例食品有限公司", SMALL: "示例小造纸厂"}  # fmt: skip
INDUSTRIES = {
    STEEL: "3120",
    POWER: "4411",
    CEMENT: "3011",
    TWIN_A: "3041",
    TWIN_B: "3041",
    FOOD: "1411",
    SMALL: "2221",
}
LOANS = (
    ("L1", STEEL, "B1", 30_000_000), ("L2", STEEL, "B2", 20_000_000), ("L3", POWER, "B2", 60_000_000),
    ("L4", CEMENT, "B1", 4_000_000), ("L5", TWIN_A, "B1", 3_000_000), ("L6", TWIN_B, "B1", 3_000_000),
    ("L7", FOOD, "B1", 80_000_000), ("L8", SMALL, "B2", 9_000_000), ("L9", "", "B2", 1_000_000),
    ("L10", POWER, "B1", 60_000_000),
)  # fmt: skip
HEAD = Actor("王总", "head_office")
BRANCH_1, BRANCH_2 = Actor("李分", "branch", "B1"), Actor("赵分", "branch", "B2")
MANAGER_1, MANAGER_2 = Actor("陈经理", "account_manager", "B1"), Actor("周经理", "account_manager", "B2")


QUICK = (
    "loan_average_balance", "industry_group", "loan_subject", "loan_scope", "candidate_exclusion", "candidate_branch",
    "candidate_client", "candidate_reconciliation", "client_identity_doubt", "formal_list_check",
)  # fmt: skip
WHOLE = (
    *QUICK,
    "entity_emission_estimate",
    "entity_emission_choice",
    "company_capital",
    "attributed_emission",
    "collection_progress",
)
FIRST_RUN = "20260101-000000-aaaaaa"


def wanted_steps(tables: Sequence[str]) -> list[Step]:
    """Return the steps that make tables, and the one that tells what it finds."""
    return [one for one in STEPS if set(one.makes) & set(tables) or one.name == "finance.workflow_findings"]


def made_in(place: Workspace) -> str:
    """Return the id of a run of the steps that the desk needs; tables of the other wings are empty."""
    return run_tables(place, WHOLE, ("finance.workflow_findings",))


def write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows as csv."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def workspace(folder: Path) -> Workspace:
    """Return a workspace with the small bank's inputs, not yet run."""
    made = Workspace.create(folder, area="310000", year=YEAR, synthetic=True)
    write(made.inputs / "loan.csv", [
        {"loan_id": loan, "institution_id": "BANK1", "branch_code": branch, "uscc": code,
         "borrower_name": NAMES.get(code, "无名"), "business_type": "project" if loan == "L10" else "non_project",
         "product_type": "project_loan" if loan == "L10" else "working_capital_loan",
         "asset_class": "project_finance" if loan == "L10" else "business_loan",
         "project_id": "P1" if loan == "L10" else "", "purpose_industry_code": INDUSTRIES.get(code, "3120"),
         "currency": "CNY", "contract_amount [CNY]": amount, "disbursed_on": "2023-01-05"}
        for loan, code, branch, amount in LOANS
    ])  # fmt: skip
    write(made.inputs / "loan_balance.csv", [
        {"loan_id": loan, "month": f"{YEAR}-{month:02d}", "outstanding_amount [CNY]": amount}
        for loan, _, _, amount in LOANS for month in range(1, 13)
    ])  # fmt: skip
    write(made.inputs / "enterprise.csv", [
        {"uscc": code, "name": name, "area_code": "310000", "industry_code": INDUSTRIES[code],
         "size_class": "small" if code == SMALL else "large", "overseas": "false"}
        for code, name in NAMES.items()
    ])  # fmt: skip
    write(made.inputs / "enterprise_finance.csv", [
        {"uscc": code, "year": year, "main_business_revenue [CNY]": 680_000_000,
         "total_assets_begin [CNY]": 3_000_000_000, "total_assets_end [CNY]": 3_400_000_000,
         "total_equity [CNY]": 1_000_000_000, "total_debt [CNY]": 1_500_000_000, "value_added [CNY]": 99_000_000}
        for code in (STEEL, POWER) for year in (YEAR - 1, YEAR)
    ])  # fmt: skip
    write(made.inputs / "energy_return.csv", [
        {"uscc": STEEL, "year": YEAR - 1, "project_id": "", "fuel_code": "raw_coal", "quantity": "20000",
         "unit": "t", "source_kind": ""},
    ])  # fmt: skip
    write(made.inputs / "project.csv", [
        {"project_id": "P1", "name": "示例热电二期", "uscc": POWER, "industry_code": "4412",
         "total_investment [CNY]": 900_000_000},
    ])  # fmt: skip
    return made


def bank(folder: Path) -> Workspace:
    """Return the workspace with a book made by the same queries, without the reading of files: quick."""
    made = workspace(folder)
    place = made.runs.folder / FIRST_RUN / BOOK_FILE
    place.parent.mkdir(parents=True)
    tables = {path.stem: records(path) for path in made.inputs.glob("*.csv")}
    with DuckDB(place) as engine:
        book.run(engine, tables, settings=SETTINGS, only=[one.name for one in wanted_steps(QUICK)])
        about = {"run_id": FIRST_RUN, "started_at": "2026-01-01", "settings": json.dumps(SETTINGS.as_dict())}
        book.fill(engine, "run", [about])
        book.fill(engine, "step_run", [])
    (made.runs.folder / "current").write_text(FIRST_RUN, encoding="utf-8")
    return made


def records(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a csv, typed by the contract of its table."""
    kinds = {one.name: one.type for one in load(path.stem).columns}
    with path.open(encoding="utf-8", newline="") as stream:
        return [
            {
                name.partition(" [")[0]: typed(kinds[name.partition(" [")[0]], text)
                for name, text in row.items()
            }
            for row in csv.DictReader(stream)
        ]


def typed(kind: str, text: str) -> Any:
    """Return a cell as its contract has it."""
    makers = {"money": Decimal, "quantity": Decimal, "year": int, "date": date.fromisoformat,
              "boolean": lambda word: word == "true"}  # fmt: skip
    return makers.get(kind, str)(text) if text else None


def with_free_rows(path: Path, target: Path, wanted: Mapping[str, Sequence[tuple[str, Any, str]]]) -> Path:
    """Return a copy of a form with free rows filled in: by sheet, the word, figure and unit of each row."""
    book = calamine.CalamineWorkbook.from_path(str(path))
    with xlsxwriter.Workbook(str(target)) as made:
        for name in book.sheet_names:
            sheet = made.add_worksheet(name)
            rows = [list(row) for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
            rows += [
                [""] * 8 for _ in range(40 - len(rows)) if name in wanted
            ]  # rows of blank cells are not read
            free = [row for row in rows if not row[0] and name in wanted]
            for row, (word, value, unit) in zip(free, wanted.get(name, ()), strict=False):
                row[0], row[3], row[4] = word, value, unit
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return target


def with_rows(path: Path, target: Path, sheet: str, more: Sequence[Sequence[Any]]) -> Path:
    """Return a copy of a form with rows added at the end of a sheet."""
    book = calamine.CalamineWorkbook.from_path(str(path))
    with xlsxwriter.Workbook(str(target)) as made:
        for name in book.sheet_names:
            rows = [list(row) for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
            page = made.add_worksheet(name)
            for number, row in enumerate([*rows, *(more if name == sheet else ())]):
                page.write_row(number, 0, row)
    return target


def fill(path: Path, target: Path, cells: Mapping[str, Any], *, delete: Sequence[str] = ()) -> Path:
    """Return a copy of a form with cells filled in: "code" the value, "code/unit", "code/evidence"; rows deleted."""
    source = calamine.CalamineWorkbook.from_path(str(path))
    columns = {"": 3, "unit": 4, "evidence": 5}
    left = dict(cells)
    with xlsxwriter.Workbook(str(target)) as made:
        for name in source.sheet_names:
            sheet = made.add_worksheet(name)
            rows = source.get_sheet_by_name(name).to_python(skip_empty_area=False)
            kept = [list(row) for row in rows if not (row and row[0] in delete)]
            for number, row in enumerate(kept):
                for part, column in columns.items():
                    cell = f"{row[0]}/{part}" if part else str(row[0])
                    if row[0] and cell in left:
                        row[column] = left.pop(cell)
                for column, value in enumerate(row):
                    if value != "":
                        sheet.write(number, column, value)
    assert not left, left
    return target


GOOD = {
    "contact_name": "张三", "main_business_revenue": 68_000, "total_assets_begin": 300_000,
    "total_assets_end": 340_000, "source": "verified", "verifier": "某核查公司", "scope1": 60_000,
    "scope1/evidence": "核查报告 2025-1", "scope2": 20_000, "total": 80_000, "raw_coal": 2.5,
    "electricity:grid": 1_000,
}  # fmt: skip
"""A form filled in as the worked example of the reference: 80,000 t, assets 3.0 and 3.4 billion, revenue 0.68."""


def form_of(place: Workspace, client: str) -> Path:
    """Return the newest form that was issued to a client."""
    found = sorted(place.folder.glob(f"desk/forms/*/*/{client.replace('/', '_')}_F*.xlsx"))
    return found[-1]


def filled(place: Workspace, client: str, name: str = "back.xlsx", **changes: Any) -> Path:
    """Return a form of a client filled in well, with changes; a cell of None is left empty."""
    cells = {code: value for code, value in {**GOOD, **changes}.items() if value is not None}
    return fill(form_of(place, client), place.folder / name, cells)
