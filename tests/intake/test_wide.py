"""Tables with one column a month: read as records, with the mapping shown and the counts reconciled."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvshu.contract import all_contracts, load
from lvshu.core.errors import Problem
from lvshu.intake.wide import month_of, wide_form
from tests.intake.conftest import Place, codes, problem

BALANCE = frozenset({"余额", "贷款余额", "balance"})
LOAN = "借据号,机构代码,业务类型,产品类型,资产类别,发放日期"
ROW = "L1,B1,非项目,流贷,企业贷款,2025-01-05"


@pytest.fixture
def bank(place: Place) -> Place:
    place.contracts = {name: load(name) for name in ("loan", "loan_balance")}
    return place


@pytest.mark.parametrize(
    "text",
    ["2025年1月", "2025-01", "202501", "2025-01-31余额", "2025/1", "余额_2025年1月末", "2025.01", "20250131",
     "2025年01月31日", "余额（2025年1月）", "2025-01-31 00:00:00", "2025年1月余额(万元)"],
)  # fmt: skip
def test_headings_of_months(text: str) -> None:
    found = month_of(text, BALANCE)
    assert found is not None and found[0] == "2025-01"
    assert (found[1] == "1e4 CNY") is ("万元" in text)


@pytest.mark.parametrize("text", ["2025年", "L202501", "2025年1月利率", "130502", "2025-13", "余额"])
def test_other_headings_are_no_months(text: str) -> None:
    assert month_of(text, BALANCE) is None


@given(st.integers(1990, 2099), st.integers(1, 12))
def test_a_month_is_read_back_however_it_is_written(year: int, month: int) -> None:
    for text in (f"{year}年{month}月", f"{year}-{month:02d}", f"{year}{month:02d}", f"{year}/{month}"):
        assert month_of(text, BALANCE) == (f"{year}-{month:02d}", None)


def test_balances_side_by_side_are_records(bank: Place) -> None:
    bank.put(
        "loan_balance.csv", "借据号,2025年1月(万元),2025年2月(万元),2025年12月(万元)\nL1,0.5,,0.7\nL2,2,2,0\n"
    )
    report = bank.load()
    assert codes(report, "error") == []
    columns = "loan_id, month, outstanding_amount, source_row"
    rows = bank.engine.execute(f"SELECT {columns} FROM loan_balance ORDER BY 1, 2")
    assert rows == [
        ("L1", "2025-01", Decimal("5000.00"), 2), ("L1", "2025-12", Decimal("7000.00"), 2),
        ("L2", "2025-01", Decimal("20000.00"), 3), ("L2", "2025-02", Decimal("20000.00"), 3),
        ("L2", "2025-12", Decimal("0.00"), 3),
    ]  # fmt: skip
    told: Problem = problem(report, "intake.wide_read")
    values = told.values
    assert (values["rows"], values["cells"], values["records"], values["blanks"]) == (2, 6, 5, 1)
    assert "2025年1月(万元) → 2025-01" in told.what("zh") and "5 records" in told.what("en")


def test_a_ledger_with_its_balances_beside_it_is_both_tables(bank: Place) -> None:
    bank.put(
        "信贷台账.csv",
        f"一季度\n{LOAN},客户经理,202501余额,202502余额\n{ROW},李,5000,6000\n{ROW.replace('L1', 'L2')},王,,7\n",
    )
    bank.put("信贷台账.mapping.toml", 'table = "loan"\n')
    report = bank.load()
    assert codes(report, "error") == []
    assert bank.rows("loan_id", "loan") == [("L1",), ("L2",)]
    assert bank.engine.execute("SELECT loan_id, month, outstanding_amount FROM loan_balance ORDER BY 1, 2") == [
        ("L1", "2025-01", Decimal(5000)), ("L1", "2025-02", Decimal(6000)), ("L2", "2025-02", Decimal(7)),
    ]  # fmt: skip
    extra = bank.engine.execute("SELECT DISTINCT table_name, column_name FROM input_extra ORDER BY 1, 2")
    assert extra == [("loan", "客户经理")]


def test_a_value_that_is_no_number_is_quarantined_with_its_row(bank: Place) -> None:
    bank.put("loan_balance.csv", "借据号,2025-01,2025-02\nL1,5000,很多\n合计,5000,5000\n")
    bank.load()
    assert [row[1] for row in bank.refused()] == [2, 3, 3]
    assert bank.engine.count("loan_balance") == 1


def test_two_columns_of_one_month_and_two_units_are_refused(bank: Place) -> None:
    bank.put("loan_balance.csv", "借据号,2025-01,2025年1月(万元),2025-02\nL1,1,2,3\n")
    assert set(codes(bank.load(), "error")) == {"intake.wide_twice", "intake.wide_units"}


def test_the_long_form_is_read_as_before(bank: Place) -> None:
    bank.put("loan_balance.csv", "借据号,月份,余额\nL1,2025-01,5000\n")
    assert "intake.wide_read" not in codes(bank.load())
    assert bank.rows("month", "loan_balance") == [("2025-01",)]


def test_which_tables_have_a_wide_form() -> None:
    found = {
        name for name, one in all_contracts().items() if one.kind == "input" and wide_form(one) is not None
    }
    assert "loan_balance" in found and "loan" not in found
