"""Headings of a bank's ledger and balances: a column that must be there, headings that stand in for others."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lvshu.contract import load
from lvshu.contract.pages import page
from tests.intake.conftest import Place, codes, problem

GOOD = "借据号,月份,余额\nL1,2025-12,5000\nL2,2025-12,\n"
LOAN = "借据号,机构代码,业务类型,产品类型,资产类别,发放日期"
ROW = "L1,B1,non_project,working_capital_loan,business_loan,2025-01-05"


@pytest.fixture
def bank(place: Place) -> Place:
    """Return the place with the contracts of the ledger and of the balances."""
    place.contracts = {name: load(name) for name in ("loan", "loan_balance")}
    return place


def test_balances_without_a_known_amount_heading_are_not_read_as_missing(bank: Place) -> None:
    bank.put("loan_balance.csv", GOOD)
    bank.put("loan_balance.2.csv", "借据号,月份,期末本金(万元),备注\nL1,2025-12,0.5,a\nL2,2025-12,0.7,b\n")
    report = bank.load()
    assert bank.rows("loan_id, outstanding_amount", "loan_balance") == [
        ("L1", Decimal("5000.00")),
        ("L2", None),
    ]
    assert bank.refused() == []
    found = problem(report, "intake.required_column_absent")
    assert (found.severity, found.where.file) == ("error", "loan_balance.2.csv")
    assert "期末本金(万元)" in found.text("zh") and "loan_balance.2.mapping.toml" in found.text("zh")
    assert "outstanding_amount" in found.text("en") and "[columns]" in found.text("en")
    bank.put("loan_balance.2.mapping.toml", '[columns]\n"期末本金(万元)" = "outstanding_amount"\n')
    (bank.inputs / "loan_balance.csv").unlink()
    assert codes(bank.load(), "error") == []
    assert bank.rows("loan_id, outstanding_amount", "loan_balance") == [
        ("L1", Decimal("5000.00")),
        ("L2", Decimal("7000.00")),
    ]


def test_the_balance_of_this_month_is_the_balance(bank: Place) -> None:
    bank.put("loan_balance.csv", "借据号,月份,本月余额（万元）\nL1,2025-12,0.5\n")
    assert codes(bank.load(), "error") == []
    assert bank.rows("outstanding_amount", "loan_balance") == [(Decimal("5000.00"),)]


@pytest.mark.parametrize("heading", ["放款金额", "发放金额"])
def test_the_amount_disbursed_stands_in_for_that_of_the_contract(bank: Place, heading: str) -> None:
    bank.put("loan.csv", f"{LOAN},{heading}（万元）\n{ROW},3\n")
    assert codes(bank.load(), "error") == []
    assert bank.rows("contract_amount", "loan") == [(Decimal("30000.00"),)]


def test_a_stand_in_gives_way_to_the_column_itself_and_is_told(bank: Place) -> None:
    bank.put("loan.csv", f"{LOAN},放款金额（万元）,合同金额（万元）\n{ROW},3,9\n")
    report = bank.load()
    assert codes(report, "error") == []
    assert bank.rows("contract_amount", "loan") == [(Decimal("90000.00"),)]
    assert "放款金额" in problem(report, "intake.unknown_columns").text("zh")
    bank.put("loan.csv", f"{LOAN},放款金额（万元）,发放金额（万元）\n{ROW},3,9\n")
    assert codes(bank.load(), "error") == ["intake.header_twice"]


def test_the_documentation_says_that_the_column_must_be_there() -> None:
    assert "须有此列，值可空" in page(load("loan_balance"))
    assert "放款金额" in page(load("loan"))


def test_each_row_of_a_conflict_names_another_one(bank: Place) -> None:
    bank.put("loan_balance.1.csv", "借据号,月份,余额\nL1,2025-12,5\n")
    bank.put("loan_balance.2.csv", "借据号,月份,余额\nL1,2025-12,6\n")
    bank.load()
    told = dict(bank.engine.execute("SELECT file, reason_en FROM quarantine"))
    assert "loan_balance.2.csv:2" in told["loan_balance.1.csv"]
    assert "loan_balance.1.csv:2" in told["loan_balance.2.csv"]
