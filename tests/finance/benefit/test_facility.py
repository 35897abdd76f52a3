"""The facility's disclosure: the published sentences of banks, again from loans that come to their figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lvshu.core.money import half_away
from lvshu.engine.duckdb import DuckDB
from lvshu.finance.facility import (
    Figures,
    Style,
    disclosure_rows,
    disclosure_text,
    disclosure_text_in_english,
    figures,
    in_window,
    most_effective,
    quarter_of,
)
from tests.finance.book import YEAR, rows, run

# name, year, quarter, then of quarter, year to date and since inception: projects, 1e4 CNY, percent, tCO2e a year
Published = tuple[str, str, str, str]
CDB: tuple[Published, ...] = (
    ("172", "1615857.17", "2.59", "5066756.28"), ("286", "4020993.65", "2.69", "10989360.58"),
    ("488", "10457890.65", "3.25", "26039854.56"),
)  # fmt: skip
CITIC: tuple[Published, ...] = (
    ("4", "13773.43", "4.29", "19457.55"), ("9", "61938.43", "4.42", "194423.28"),
    ("11", "79967.43", "4.40", "235229.33"),
)  # fmt: skip
QINGDAO: tuple[Published, ...] = (
    ("5", "7016.18", "3.74", "46353.39"), ("7", "26816.18", "3.87", "133133.53"),
    ("8", "51916.18", "4.08", "142774.03"),
)  # fmt: skip
INDUSTRIAL: tuple[Published, ...] = (
    ("206", "606090.44", "3.46", "2033460.11"), ("481", "1367886.24", "3.54", "3820577.47"),
    ("1084", "5896850.41", "3.75", "13957754.04"),
)  # fmt: skip


def _loans(published: tuple[Published, ...], year: int, quarter: int) -> list[dict[str, Any]]:
    """Return loans whose sums are the published ones: of the quarter, of earlier quarters, of earlier years."""
    days = (date(year, 3 * quarter, 1), date(year, 1, 15), date(year - 1, 6, 1))
    loans: list[dict[str, Any]] = []
    before = [Decimal(0)] * 4
    for window, (count, amount, rate, abatement) in enumerate(published):
        total = Decimal(amount) * 10_000
        now = [Decimal(count), total, total * Decimal(rate), Decimal(abatement)]
        many, lent, weighted, avoided = (one - other for one, other in zip(now, before, strict=True))
        before, new = now, int(many)
        if new == 0:
            continue
        for number in range(new):
            share = half_away(lent / new, 2)
            part = share if number < new - 1 else lent - share * (new - 1)
            saved = half_away(avoided / new, 6)
            gained = saved if number < new - 1 else avoided - saved * (new - 1)
            loans.append({
                "institution_id": "B1", "institution_name": "示例银行", "project_id": f"P{window}-{number}",
                "project_name": None, "field": "clean_energy", "disbursed_on": days[window], "amount": part,
                "rate": weighted / lent, "annual_abatement": gained,
            })  # fmt: skip
    return loans


def _windows(loans: list[dict[str, Any]], year: int, quarter: int) -> Mapping[str, Figures]:
    return {
        window: figures(loan for loan in loans if in_window(loan["disbursed_on"], year, quarter, window))
        for window in ("quarter", "year_to_date", "since_inception")
    }


def test_the_development_bank_in_2023_q3() -> None:
    loans = _loans(CDB, 2023, 3)
    named = ["国家电投博乐15万千瓦储能+60万千瓦光伏示范项目(JCSS基金配套)", "化德县100万千瓦风光储项目",
             "巴彦淖尔100万千瓦光储+生态治理项目"]  # fmt: skip
    text = disclosure_text("国家开发银行", 2023, 3, _windows(loans, 2023, 3), Style(ordinal=False), named)
    assert text == (
        "2023年三季度，国家开发银行在碳减排支持工具支持下，合计向172个项目发放碳减排贷款1615857.17万元，"
        "贷款加权平均利率2.59%，带动的年度碳减排量为5066756.28吨二氧化碳当量。其中，碳减排效应最为显著的项目有"
        "国家电投博乐15万千瓦储能+60万千瓦光伏示范项目(JCSS基金配套)、化德县100万千瓦风光储项目、"
        "巴彦淖尔100万千瓦光储+生态治理项目。本年度，国家开发银行累计向286个项目发放碳减排贷款4020993.65万元，"
        "贷款加权平均利率2.69%，带动的年度碳减排量为10989360.58吨二氧化碳当量。获得碳减排支持工具支持以来，"
        "国家开发银行累计向488个项目发放碳减排贷款10457890.65万元，贷款加权平均利率3.25%，"
        "带动的年度碳减排量为26039854.56吨二氧化碳当量。"
    )


def test_citic_in_2022_q3() -> None:
    text = disclosure_text("中信银行", 2022, 3, _windows(_loans(CITIC, 2022, 3), 2022, 3), Style())
    assert text == (
        "2022年第三季度，中信银行在碳减排支持工具支持下，合计向4个项目发放碳减排贷款13773.43万元，"
        "贷款加权平均利率4.29%，带动的年度碳减排量为19457.55吨二氧化碳当量。本年度，中信银行累计向9个项目发放"
        "碳减排贷款61938.43万元，贷款加权平均利率4.42%，带动的年度碳减排量为194423.28吨二氧化碳当量。"
        "获得碳减排支持工具支持以来，中信银行累计向11个项目发放碳减排贷款79967.43万元，贷款加权平均利率4.40%，"
        "带动的年度碳减排量为235229.33吨二氧化碳当量。"
    )


@pytest.mark.parametrize(("published", "year", "quarter", "style", "expected"), [
    (QINGDAO, 2024, 4, Style(), ("合计向5个项目发放碳减排贷款7016.18万元，贷款加权平均利率3.74%，"
     "带动的年度碳减排量为46353.39吨",
     "累计向7个项目发放碳减排贷款26816.18万元，贷款加权平均利率3.87%，带动的年度碳减排量为133133.53吨",
     "累计向8个项目发放碳减排贷款51916.18万元，贷款加权平均利率4.08%，带动的年度碳减排量为142774.03吨")),
    (INDUSTRIAL, 2023, 2, Style(thousands=True), ("贷款606,090.44万元，贷款加权平均利率3.46%，",
     "累计向481个项目发放碳减排贷款1,367,886.24万元，贷款加权平均利率3.54%，带动的年度碳减排量为3,820,577.47吨",
     "累计向1,084个项目发放碳减排贷款5,896,850.41万元，贷款加权平均利率3.75%，带动的年度碳减排量为13,957,754.04吨")),
])  # fmt: skip
def test_other_banks_figures(
    published: tuple[Published, ...], year: int, quarter: int, style: Style, expected: tuple[str, ...]
) -> None:
    text = disclosure_text(
        "示例银行", year, quarter, _windows(_loans(published, year, quarter), year, quarter), style
    )
    assert all(part in text for part in expected)


def test_numbers_without_trailing_zeros() -> None:
    loans = _loans((("3", "17335", "2.1966", "51962.692"),) * 3, 2024, 1)
    style = Style(fixed=False, places=3, rate_places=4)
    text = disclosure_text("甘孜农商银行", 2024, 1, _windows(loans, 2024, 1), style)
    assert text.startswith(
        "2024年第一季度，甘孜农商银行在碳减排支持工具支持下，合计向3个项目发放碳减排贷款17335万元，"
        "贷款加权平均利率2.1966%，带动的年度碳减排量为51962.692吨二氧化碳当量。"
    )
    assert "at a weighted rate of 2.1966 %" in disclosure_text_in_english(
        "G", 2024, 1, _windows(loans, 2024, 1), style
    )


def test_the_rate_is_weighted_by_amount_and_projects_are_counted_once() -> None:
    loans = [
        {"project_id": "P1", "amount": Decimal(300), "rate": Decimal(2), "annual_abatement": Decimal(1)},
        {"project_id": "P1", "amount": Decimal(100), "rate": Decimal(4), "annual_abatement": None},
    ]
    found = figures(loans)
    assert (found.projects, found.amount, found.weighted_rate) == (1, Decimal(400), Decimal("2.5"))
    assert (found.annual_abatement, found.loans_without_abatement) == (Decimal(1), 1)
    assert figures([]).weighted_rate is None


def test_windows_and_the_most_effective_projects() -> None:
    assert quarter_of(date(2023, 12, 31)) == (2023, 4)
    assert not in_window(date(2023, 7, 1), 2023, 2, "since_inception")
    assert in_window(date(2022, 7, 1), 2023, 2, "since_inception")
    loans: list[dict[str, Any]] = [
        {"project_name": "甲", "project_id": "1", "annual_abatement": 5},
        {"project_name": "乙", "project_id": "2", "annual_abatement": 4},
        {"project_name": "乙", "project_id": "2", "annual_abatement": 4},
        {"project_name": None, "project_id": "3", "annual_abatement": None},
    ]
    assert most_effective(loans, 2) == ["乙", "甲"]


def test_the_table_adds_up_by_field() -> None:
    loans = _loans(CITIC, 2022, 3)
    for place, loan in enumerate(loans):
        loan["field"] = ("clean_energy", "energy_saving", "carbon_reduction_technology")[place % 3]
    table = disclosure_rows(loans, 2022, 3)
    for window in ("quarter", "year_to_date", "since_inception"):
        of_window = {row["field"]: row for row in table if row["window"] == window}
        whole = of_window.pop("all")
        for name in ("projects", "amount", "annual_abatement"):
            assert sum(row[name] for row in of_window.values()) == whole[name]


def test_a_loan_without_abatement_takes_its_part_of_the_project(engine: DuckDB) -> None:
    loan = {"institution_id": "B1", "institution_name": "示例银行", "project_id": "P1", "field": "clean_energy",
            "disbursed_on": date(YEAR, 5, 1), "amount": Decimal(250), "rate": 3.0}  # fmt: skip
    tables: dict[str, Any] = {
        "facility_loan": [
            loan | {"facility_loan_id": "F1"}, loan | {"facility_loan_id": "F2", "annual_abatement": Decimal(7)},
            loan | {"facility_loan_id": "F3", "project_id": "P9"},
        ],
        "project": [{"project_id": "P1", "total_investment": Decimal(1000)}],
        "green_project": [{"project_id": "P1", "project_type": "landfill_gas"}],
        "green_project_parameter": [{"project_id": "P1", "year": YEAR, "stage": "ex_ante", "item": "all",
                                     "parameter": "methane_destroyed", "value": Decimal(10), "unit": "t"}],
    }  # fmt: skip
    run(engine, tables, only=("finance.project_benefit", "finance.facility"))
    whole = [row for row in rows(engine, "facility_disclosure") if row["field"] == "all"]
    second = [row for row in whole if row["quarter"] == f"{YEAR}Q2"]
    assert [row["annual_abatement"] for row in second] == [Decimal(77)] * 3
    assert {row["loans_without_abatement"] for row in second} == {1}
    third = {
        row["window"]: (row["projects"], row["amount"]) for row in whole if row["quarter"] == f"{YEAR}Q3"
    }
    assert third == {"quarter": (0, 0), "year_to_date": (2, 750), "since_inception": (2, 750)}
    texts = {row["quarter"]: row["text_zh"] for row in rows(engine, "facility_text")}
    assert sorted(texts) == [
        f"{YEAR}Q2",
        f"{YEAR}Q3",
        f"{YEAR}Q4",
    ]  # from the first loan on, the empty ones too
    assert texts[f"{YEAR}Q3"].startswith(
        f"{YEAR}年第三季度，示例银行在碳减排支持工具支持下，没有发放碳减排贷款。本年度，"
    )
    assert "finance.facility_no_abatement" in {row["code"] for row in rows(engine, "finding")}
    assert rows(engine, "facility_text")[0]["text_zh"].startswith(f"{YEAR}年第二季度，示例银行")


def test_loans_beyond_the_cost_of_a_project_take_none_of_its_abatement(engine: DuckDB) -> None:
    loan = {"institution_name": "示例银行", "project_id": "P1", "field": "clean_energy", "rate": 3.0,
            "disbursed_on": date(YEAR, 5, 1), "amount": Decimal(600)}  # fmt: skip
    tables: dict[str, Any] = {
        "facility_loan": [
            loan | {"facility_loan_id": f"F{bank}", "institution_id": bank} for bank in ("B1", "B2")
        ],
        "project": [{"project_id": "P1", "total_investment": Decimal(1000)}],
        "green_project": [{"project_id": "P1", "project_type": "landfill_gas"}],
        "green_project_parameter": [{"project_id": "P1", "year": YEAR, "stage": "ex_ante", "item": "all",
                                     "parameter": "methane_destroyed", "value": Decimal(10), "unit": "t"}],
    }  # fmt: skip
    run(engine, tables, only=("finance.project_benefit", "finance.facility"))
    whole = [row for row in rows(engine, "facility_disclosure") if row["field"] == "all"]
    assert {row["loans_without_abatement"] for row in whole if row["quarter"] == f"{YEAR}Q2"} == {1}
    told = [row for row in rows(engine, "finding") if row["code"] == "finance.benefit_over_attributed"]
    assert [row["record_key"] for row in told] == ["P1"]
    assert "120.00" in told[0]["what_zh"]


def test_an_abatement_that_nobody_states_is_missing_not_zero() -> None:
    loan = {"project_id": "P1", "project_name": "甲", "amount": Decimal(10_000), "rate": Decimal(3)}
    silent = {**loan, "annual_abatement": None}
    none = figures([silent])
    assert (none.annual_abatement, none.loans_without_abatement) == (None, 1)
    some = figures([silent, {**loan, "project_id": "P2", "annual_abatement": Decimal(5)}])
    windows = {"quarter": none, "year_to_date": some, "since_inception": figures([])}
    text = disclosure_text("甲银行", 2025, 3, windows, Style())
    assert "带动的年度碳减排量未取得" in text
    assert "年度碳减排量为5.00吨二氧化碳当量（其中1笔贷款的年度碳减排量未取得，未计入）" in text
    english = disclosure_text_in_english("A", 2025, 3, windows, Style())
    assert "was not obtained" in english and "(1 loan without one is not in it)" in english
    assert most_effective([silent], 3) == []
