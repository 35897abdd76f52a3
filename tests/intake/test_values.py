"""How cells become values: dates, months, numbers, booleans, markers of absence, units in headings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.intake.conftest import Place, codes, problem

HEAD = "loan_id,month,balance"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", "12.00"),
        ("1,234,567.80", "1234567.80"),
        ("1 234.5", "1234.50"),
        ("１２３．４５", "123.45"),
        ("０", "0.00"),
        ("￥1,000.00", "1000.00"),
        ("+5", "5.00"),
        (".5", "0.50"),
        ("1e3", "1000.00"),
        ("1.005", "1.01"),
        ("2.675", "2.68"),
        ("999999999999999999.99", None),
    ],
)
def test_numbers(place: Place, text: str, value: str | None) -> None:
    place.put("ledger.csv", f'{HEAD}\nL1,2025-01,"{text}"\n')
    place.load()
    expected = [(Decimal(value),)] if value else [(Decimal("999999999999999999.99"),)]
    assert place.rows("balance") == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("12万", "intake.number_with_unit"),
        ("3亿", "intake.number_with_unit"),
        ("12元", "intake.number_with_unit"),
        ("5%", "intake.percent"),
        ("abc", "intake.not_a_number"),
        ("1,23", "intake.not_a_number"),
        ("1_000", "intake.not_a_number"),
        ("nan", "intake.not_a_number"),
        ("inf", "intake.not_a_number"),
        ("0x10", "intake.not_a_number"),
        ("1e30", "intake.number_too_large"),
        ("99999999999999999999", "intake.number_too_large"),
        ("-0.01", "intake.negative"),
        ("", "intake.required_value_missing"),
        ("-", "intake.required_value_missing"),
        ("***", "intake.required_value_missing"),
    ],
)
def test_refused_numbers(place: Place, text: str, code: str) -> None:
    place.put("ledger.csv", f'{HEAD}\nL1,2025-01,"{text}"\nL2,2025-01,1\n')
    report = place.load()
    assert place.rows("loan_id") == [("L2",)]
    assert place.refused() == [("ledger.csv", 2, "balance", text or None, code)]
    assert report.table("ledger").rows_quarantined == 1


def test_the_remedy_names_the_unit_in_which_the_column_of_the_file_is_read(place: Place) -> None:
    """Whoever wrote 123000 yuan under a heading in 10⁴ yuan, as the contract's unit had it, was off by 10⁴."""
    place.put("ledger.csv", "loan_id,month,余额（万元）\nL1,2025-01,12.3万\n")
    place.load()
    [(zh, en)] = place.engine.execute("SELECT remedy_zh, remedy_en FROM quarantine")
    assert "1e4 CNY" in en and "万元" in zh and " in CNY" not in en


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2023-01-05", date(2023, 1, 5)),
        ("2023-1-5", date(2023, 1, 5)),
        ("2023/1/5", date(2023, 1, 5)),
        ("2023.01.05", date(2023, 1, 5)),
        ("2023年1月5日", date(2023, 1, 5)),
        ("２０２３年０１月０５日", date(2023, 1, 5)),
        ("2023 年 1 月 5 日", date(2023, 1, 5)),
        ("2023年1月5号", date(2023, 1, 5)),
        ("二〇二三年一月五日", date(2023, 1, 5)),
        ("二零二三年十二月二十九日", date(2023, 12, 29)),
        ("二○二三年十月三十日", date(2023, 10, 30)),
        ("二〇二三年十月卅一日", date(2023, 10, 31)),
        ("二〇二三年十月十日", date(2023, 10, 10)),
        ("20230105", date(2023, 1, 5)),
        ("2023-01-05 13:22:11", date(2023, 1, 5)),
        ("45000", date(2023, 3, 15)),
        ("-", None),
        ("", None),
    ],
)
def test_dates(place: Place, text: str, day: date | None) -> None:
    place.put("ledger.csv", f"{HEAD},paid_on\nL1,2025-01,1,{text}\n")
    report = place.load()
    assert place.rows("paid_on") == [(day,)]
    assert ("intake.excel_serial" in codes(report, "notice")) == (text == "45000")
    assert ("intake.time_dropped" in codes(report, "notice")) == (":" in text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("05/01/2023", "intake.date_order"),
        ("2023-02-30", "intake.no_such_day"),
        ("20231301", "intake.no_such_day"),
        ("二〇二三年二月三十日", "intake.no_such_day"),
        ("三十家企业", "intake.not_a_date"),
        ("infinity", "intake.not_a_date"),
        ("next week", "intake.not_a_date"),
        ("2023-01", "intake.not_a_date"),
    ],
)
def test_refused_dates(place: Place, text: str, code: str) -> None:
    place.put("ledger.csv", f"{HEAD},paid_on\nL1,2025-01,1,{text}\n")
    place.load()
    assert place.refused() == [("ledger.csv", 2, "paid_on", text, code)]


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2023-07", "2023-07"),
        ("2023-7", "2023-07"),
        ("202307", "2023-07"),
        ("2023/7", "2023-07"),
        ("2023年7月", "2023-07"),
        ("2023年07月", "2023-07"),
        ("2023.07", "2023-07"),
        ("2023-07-31", "2023-07"),
        ("45108", "2023-07"),
        ("2023.6", "2023-06"),
        ("2023年十一月", "2023-11"),
        ("2023年6月份", "2023-06"),
        ("二〇二三年九月", "2023-09"),
        ("二零二三年9月", "2023-09"),
        ("二〇二三年十二月份", "2023-12"),
        ("二○二三年 十月", "2023-10"),
        ("2023年十月", "2023-10"),
        ("二〇二三年九月三十日", "2023-09"),
        ("二〇二三年十三月", None),
        ("九月", None),
        ("2023.1", None),
        ("2023年十三月", None),
        ("Dec-25", "2025-12"),
        ("25-08", "2025-08"),
        ("Dec-23", None),
        ("23-08", None),
        ("2023-13", None),
        ("7", None),
    ],
)
def test_months(place: Place, text: str, month: str | None) -> None:
    place.put("ledger.csv", f"{HEAD}\nL1,{text},1\n")
    place.load()
    assert place.rows("month") == ([(month,)] if month else [])
    assert [row[4] for row in place.refused()] == ([] if month else ["intake.not_a_month"])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("是", True),
        ("否", False),
        ("Y", True),
        ("n", False),
        ("TRUE", True),
        ("0", False),
        ("1", True),
        ("", None),
    ],
)
def test_booleans(place: Place, text: str, value: bool | None) -> None:
    place.put("ledger.csv", f"{HEAD},overseas\nL1,2025-01,1,{text}\n")
    place.load()
    assert place.rows("overseas") == [(value,)]


@pytest.mark.parametrize(
    ("text", "value"), [("0.05", 0.05), ("5%", 0.05), ("５％", 0.05), ("1.2e-3", 0.0012), ("-", None)]
)
def test_ratios(place: Place, text: str, value: float | None) -> None:
    place.put("ledger.csv", f"{HEAD},rate\nL1,2025-01,1,{text}\n")
    place.load()
    assert place.rows("rate") == [(pytest.approx(value, rel=1e-15) if value is not None else None,)]


def test_a_percentage_in_the_heading(place: Place) -> None:
    place.put("ledger.csv", f"{HEAD},利率(%)\nL1,2025-01,1,5\nL2,2025-01,1,5%\n")
    place.load()
    assert place.rows("rate") == [(pytest.approx(0.05),), (pytest.approx(0.05),)]


def test_whole_numbers_and_years(place: Place) -> None:
    place.put("ledger.csv", f"{HEAD},staff\nL1,2025-01,1,12.0\nL2,2025-01,1,12.5\n")
    place.load()
    assert place.rows("staff") == [(12,)]
    assert [row[4] for row in place.refused()] == ["intake.not_whole"]


def test_listed_values_are_taken_by_value_and_by_label(place: Place) -> None:
    place.put("ledger.csv", f"{HEAD},kind\nL1,2025-01,1,大型\nL2,2025-01,1,SMALL\nL3,2025-01,1,huge\n")
    report = place.load()
    assert place.rows("kind") == [("large",), ("small",)]
    assert place.refused() == [("ledger.csv", 4, "kind", "huge", "intake.not_allowed")]
    assert "large（大型）" in problem(report, "intake.not_allowed").text("zh")


def test_missing_zero_suppressed_and_not_applicable_are_four_things(place: Place) -> None:
    place.put(
        "ledger.csv",
        f"{HEAD},tonnes\nL1,2025-01,1,\nL2,2025-01,1,0\nL3,2025-01,1,***\nL4,2025-01,1,不适用\nL5,2025-01,1,…\nL6,2025-01,1,—\n",
    )
    place.load()
    assert [row[0] for row in place.rows("tonnes")] == [None, Decimal(0), None, None, None, None]
    statuses = place.engine.execute(
        "SELECT source_row, column_name, status, raw_value FROM value_status ORDER BY 1"
    )
    assert statuses == [
        (4, "tonnes", "suppressed", "***"),
        (5, "tonnes", "not_applicable", "不适用"),
        (6, "tonnes", "below_unit", "..."),
        (7, "tonnes", "missing", "—"),
    ]


def test_text_keeps_its_dashes(place: Place) -> None:
    place.put("ledger.csv", f"{HEAD},borrower\nL1,2025-01,1,-\nL2,2025-01,1,　上海（集团）　有限公司 \n")
    place.load()
    assert place.rows("borrower") == [("-",), ("上海(集团) 有限公司",)]


@pytest.mark.parametrize(
    ("heading", "given", "value"),
    [
        ("余额(万元)", "12.3456", "123456.00"),
        ("余额（万元）", "12.3456", "123456.00"),
        ("贷款余额(亿元)", "1.5", "150000000.00"),
        ("余额,万元", "1", "10000.00"),
        ("balance (10k CNY)", "1", "10000.00"),
        ("BALANCE", "1", "1.00"),
        ("余额（必填）", "1", "1.00"),
        (" *余 额 ", "1", "1.00"),
        ("余额 Balance", "1", "1.00"),
    ],
)
def test_units_and_spellings_of_headings(place: Place, heading: str, given: str, value: str) -> None:
    place.put("ledger.csv", f'loan_id,month,"{heading}"\nL1,2025-01,{given}\n')
    place.load()
    assert place.rows("balance") == [(Decimal(value),)]


def test_ten_thousand_tonnes_where_tonnes_are_declared(place: Place) -> None:
    place.put("ledger.csv", "贷款编号,月份,余额,产量(万吨)\nL1,2025-01,1,0.000123456\n")
    report = place.load()
    assert place.rows("tonnes") == [(Decimal("1.234560"),)]
    notice = problem(report, "intake.unit_converted")
    assert notice.values["factor"] == "10000"
    assert place.engine.execute(
        "SELECT header, letter, unit_from, unit_to FROM input_column WHERE column_name = 'tonnes'"
    ) == [("产量(万吨)", "D", "1e4 t", "t")]


def test_a_smaller_unit_is_exact(place: Place) -> None:
    place.put("ledger.csv", "loan_id,month,balance,tonnes (kg)\nL1,2025-01,1,1234567.891\nL2,2025-01,1,0.5\n")
    place.load()
    assert place.rows("tonnes") == [(Decimal("1234.567891"),), (Decimal("0.000500"),)]


def test_the_unit_stated_above_the_heading(place: Place) -> None:
    place.put("ledger.csv", "贷款台账,,\n,,单位：万元\n贷款编号,月份,余额\nL1,2025-01,3\n")
    place.load()
    assert place.rows("balance, source_row") == [(Decimal("30000.00"), 4)]


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        ("余额(银两)", "intake.header_unit_unknown"),
        ("余额(万吨)", "intake.header_unit_dimension"),
        ("余额(美元)", "intake.header_unit_dimension"),
    ],
)
def test_a_wrong_unit_keeps_the_file_out(place: Place, heading: str, code: str) -> None:
    place.put("ledger.csv", f"loan_id,month,{heading}\nL1,2025-01,3\n")
    report = place.load()
    assert codes(report, "error") == [code]
    assert place.rows("loan_id") == []


def test_too_many_decimals_are_told(place: Place) -> None:
    place.put("ledger.csv", f"{HEAD}\nL1,2025-01,1.005\nL2,2025-01,1.5\n")
    report = place.load()
    notice = problem(report, "intake.rounded")
    assert (notice.values["rows"], notice.severity) == (1, "notice")
