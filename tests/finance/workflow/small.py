"""A small bank: two branches, clients in and out of scope, one client under two codes, a project, and last year."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import python_calamine as calamine
import xlsxwriter

from lvshu.contract import all_contracts
from lvshu.engine.step import Step, StepContext
from lvshu.finance.steps import STEPS
from lvshu.finance.workflow.records import Actor
from lvshu.pipeline.request import RunRequest
from lvshu.pipeline.run import run
from lvshu.store.workspace import Workspace

YEAR = 2025
STEEL, POWER, CEMENT, TWIN_A, TWIN_B, FOOD, SMALL = (
    "91310000MA1FL00030", "91310000MA1FL00110", "91310000MA1FL0022X", "91310000MA1FL00380", "91310000MA1FL00460",
    "91310000MA1FL00540", "91310000MA1FL00620",
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


NEEDED = {
    "loan_average_balance", "industry_group", "loan_subject", "loan_scope", "entity_emission_estimate",
    "entity_emission_choice", "attributed_emission", "candidate_exclusion", "candidate_branch", "candidate_client",
    "candidate_reconciliation", "client_identity_doubt", "formal_list_check", "collection_progress",
}  # fmt: skip


def nothing(context: StepContext) -> None:
    """Leave the tables of the other wings empty."""


def made_in(place: Workspace) -> str:
    """Return the id of a run of the steps that the desk needs; tables of the other wings are empty."""
    steps = [one for one in STEPS if set(one.makes) & NEEDED or one.name == "finance.workflow_findings"]
    inputs = {name for name, contract in all_contracts().items() if contract.kind == "input"}
    wanted = {table for one in steps for table in (*one.reads, *one.reads_if_there)}
    others = tuple(sorted(wanted - {table for one in steps for table in one.makes} - inputs))
    given = Step(name="given.others", makes=others, action=nothing)
    run(place, RunRequest(steps=(given, *steps)))
    found = place.runs.current()
    assert found
    return found


def checked_code(code: str) -> str:
    """Return a credit code with its check character put right."""
    signs = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(signs.index(sign) * pow(3, place, 31) for place, sign in enumerate(code[:17]))
    return code[:17] + signs[(31 - total % 31) % 31]


def write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows as csv."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def workspace(folder: Path) -> Workspace:
    """Return a workspace with the small bank's inputs, not yet run."""
    made = Workspace.create(folder, area="310000", year=YEAR, synthetic=True)
    names = {code: checked_code(code) for code in NAMES} | {"": ""}
    write(made.inputs / "loan.csv", [
        {"loan_id": loan, "institution_id": "BANK1", "branch_code": branch, "uscc": names[code],
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
        {"uscc": names[code], "name": name, "area_code": "310000", "industry_code": INDUSTRIES[code],
         "size_class": "small" if code == SMALL else "large", "overseas": "false"}
        for code, name in NAMES.items()
    ])  # fmt: skip
    write(made.inputs / "enterprise_finance.csv", [
        {"uscc": names[code], "year": year, "main_business_revenue [CNY]": 680_000_000,
         "total_assets_begin [CNY]": 3_000_000_000, "total_assets_end [CNY]": 3_400_000_000,
         "total_equity [CNY]": 1_000_000_000, "total_debt [CNY]": 1_500_000_000, "value_added [CNY]": 99_000_000}
        for code in (STEEL, POWER) for year in (YEAR - 1, YEAR)
    ])  # fmt: skip
    write(made.inputs / "energy_return.csv", [
        {"uscc": names[STEEL], "year": YEAR - 1, "project_id": "", "fuel_code": "raw_coal", "quantity": "20000",
         "unit": "t", "source_kind": ""},
    ])  # fmt: skip
    write(made.inputs / "project.csv", [
        {"project_id": "P1", "name": "示例热电二期", "uscc": names[POWER], "industry_code": "4412",
         "total_investment [CNY]": 900_000_000},
    ])  # fmt: skip
    return made


def fill(path: Path, target: Path, cells: Mapping[str, Any], *, delete: Sequence[str] = ()) -> Path:
    """Return a copy of a form with cells filled in: "code" the value, "code/unit", "code/evidence"; rows deleted."""
    source = calamine.CalamineWorkbook.from_path(str(path))
    columns = {"": 3, "unit": 4, "evidence": 5}
    left = dict(cells)
    with xlsxwriter.Workbook(str(target)) as book:
        for name in source.sheet_names:
            sheet = book.add_worksheet(name)
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
