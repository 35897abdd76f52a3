"""A small ledger of names whose truth is known: a register, short names, neighbours, names of nobody; runs of it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from lvshu.finance.match_desk.review import read_answers
from lvshu.sample.uscc import make_uscc
from lvshu.store.workspace import Workspace
from tests.finance.runs import run_tables
from tests.finance.workflow.small import write

YEAR = 2025
TABLES = ("loan_match", "match_coverage", "group_exposure", "client_identity_doubt")
TRADES = (
    "安邦", "宝昌", "辰创", "达德", "登鼎", "东恩", "帆丰", "峰福", "高歌", "冠光", "广桂", "国海", "航浩", "恒弘",
)  # fmt: skip
WORDS = ("电子科技", "钢铁", "物流", "食品", "医药", "建设")
SURE = 20
NOBODY = ("查无此名贸易行", "某不知名事务所", "远方的商号", "无此人杂货")


def companies() -> list[tuple[str, str]]:
    """Return the register: (credit code, name)."""
    import numpy as np

    names = [f"上海样{trade}{word}有限公司" for trade in TRADES for word in WORDS]
    serials = np.arange(len(names))
    codes = make_uscc(serials, np.full(len(names), 310000), np.ones(len(names), dtype=int))
    return [(bytes(code).decode("ascii"), name) for code, name in zip(codes, names, strict=True)]


def ledger() -> list[tuple[str, str | None]]:
    """Return the ledger's names with the credit code of the truth, None for nobody of the register."""
    register = companies()
    plain = [(name.removesuffix("有限公司"), code) for code, name in register[:SURE]]
    unsure = [(name.replace("上海样", "").removesuffix("有限公司"), code) for code, name in register[SURE:]]
    wrong = [(f"样{trade}{word}", None) for trade, word in zip(TRADES, ("石油", "航空") * 7, strict=True)]
    return [*plain, *unsure, *wrong, *((name, None) for name in NOBODY)]


def workspace(folder: Path) -> Workspace:
    """Return a workspace with the ledger, not yet run."""
    made = Workspace.create(folder, area="310000", year=YEAR, synthetic=True)
    register = companies()
    write(made.inputs / "enterprise.csv", [
        {"uscc": code, "name": name, "area_code": "310000", "industry_code": "3120", "size_class": "large",
         "overseas": "false"} for code, name in register
    ])  # fmt: skip
    names = ledger()
    write(made.inputs / "loan.csv", [
        {"loan_id": f"L{place:03d}", "institution_id": "BANK1", "branch_code": "B1", "uscc": "", "borrower_name": name,
         "business_type": "non_project", "product_type": "working_capital_loan", "asset_class": "business_loan",
         "purpose_industry_code": "3120", "currency": "CNY", "disbursed_on": "2023-01-05",
         "客户经理": f"经理{place % 3}"}
        for place, (name, _) in enumerate(names)
    ])  # fmt: skip
    write(made.inputs / "loan_balance.csv", [
        {"loan_id": f"L{place:03d}", "month": f"{YEAR}-12", "outstanding_amount [CNY]": 1000 + place}
        for place in range(len(names))
    ])  # fmt: skip
    return made


def run_once(place: Workspace) -> str:
    """Return the id of a run of the steps of identification."""
    return run_tables(place, TABLES)


def answered(
    path: Path, target: Path, *, only: int | None = None, reviewer: str = "甲", **cells: Any
) -> Path:
    """Return a copy of a csv review file answered by the truth; `only` so many names; cells: changes of every row."""
    truth = dict(ledger())
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.reader(handle))
    names = {text: place for place, text in enumerate(_columns())}
    seen: list[str] = []
    for row in rows[1:]:
        name, company = row[names["name"]], row[names["company_id"]]
        if name not in seen:
            seen.append(name)
        if only is not None and seen.index(name) >= only:
            continue
        right = truth[name]
        decision = "accept" if company and company == right else "reject" if company else "none"
        row[names["decision"]] = decision
        row[names["reviewer"]], row[names["reviewed_on"]] = reviewer, "2026-01-05"
        for column, value in cells.items():
            row[names[column]] = value
    with target.open("w", encoding="utf-8-sig", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(rows)
    assert read_answers(target)[0]
    return target


def _columns() -> list[str]:
    from lvshu.finance.match_desk.review import COLUMNS

    return [name for name, _, _ in COLUMNS]
