"""Platform returns: totals, cross-form rules, and months that were not reported."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.engine.duckdb import DuckDB
from lvshu.statistics.methods.imputation import common_growth, impute_month
from tests.statistics.book import YEAR, by, lax_rules, rows_of, run

MONTHS = [f"{YEAR}-{number:02d}" for number in range(1, 13)]


def _line(platform: str, month: str, amount: float, form: str = "U201", **parts: str) -> dict:
    return {
        "platform_uscc": platform, "platform_name": platform, "form": form, "month": month,
        "item_code": "transactions", "region_code": "total", "category_code": "total", "trade_kind": "total",
        "amount": amount, **parts,
    }  # fmt: skip


def _return(platform: str, month: str, amount: float, *, third: float = 0.75) -> list[dict]:
    return [
        _line(platform, month, amount),
        _line(platform, month, amount * 0.5, region_code="310000"),
        _line(platform, month, amount * 0.5, region_code="000000"),
        _line(platform, month, amount * 0.25, category_code="goods"),
        _line(platform, month, amount * 0.75, category_code="services"),
        _line(platform, month, amount * (1 - third), trade_kind="own"),
        _line(platform, month, amount * third, trade_kind="third_party"),
    ]


def _year(platform: str, level: float, *, absent: tuple[int, ...] = ()) -> list[dict]:
    rows: list[dict] = []
    for number, month in enumerate(MONTHS, start=1):
        if number not in absent:
            rows += _return(platform, month, level * number)
    return rows


@pytest.mark.parametrize(
    ("area", "region", "is_told"),
    [("440600", "440000", True), ("440600", "440600", False), ("440600", "440604", False),
     ("310000", "310000", False)],
)  # fmt: skip
def test_a_city_is_told_that_provinces_do_not_show_its_part(
    engine: DuckDB, area: str, region: str, is_told: bool
) -> None:
    rows = [_line("A", month, 10.0, **more) for month in MONTHS for more in ({}, {"region_code": region})]
    run(engine, {"platform_return": rows}, area=area)
    found = rows_of(engine, "finding", "code = 'statistics.returns_by_province'")
    assert bool(found) is is_told


def test_a_clean_year_adds_up_and_breaks_no_rule(engine: DuckDB, tmp_path: Path) -> None:
    rows = _year("A", 1000.0) + _year("B", 3000.0)
    rows += [_line("A", month, 10.0, form="U209") for month in MONTHS]
    run(engine, {"platform_return": rows}, packs=lax_rules(tmp_path))
    assert rows_of(engine, "platform_return_check") == []
    assert rows_of(engine, "platform_imputation") == []
    totals = rows_of(
        engine,
        "platform_transaction",
        "region_code = 'total' AND category_code = 'total' AND trade_kind = 'total'",
    )
    assert float(sum(row["amount"] for row in totals)) == pytest.approx(4000 * 78)
    uncertain = by(engine, "uncertainty", "indicator")
    row = uncertain["platform_transactions"]
    assert row["value"] == pytest.approx(312000)
    assert (row["standard_error"], row["low"], row["high"]) == (
        None,
        None,
        None,
    )  # not known, which is not zero
    share = uncertain["platform_third_party_share"]
    assert share["value"] == pytest.approx(75)
    assert (share["low"], share["high"]) == (None, None)


@pytest.mark.parametrize("form", ["U202", "U203", "U204", "U206", "U208", "U209", "U210"])
def test_no_form_may_exceed_u201(engine: DuckDB, form: str) -> None:
    rows = _return("A", MONTHS[2], 1000.0) + _return("A", MONTHS[3], 1000.0)
    if form == "U202":
        kinds = ("ride_hailing", "vehicle_rental", "designated_driving")
        rows += [_line("A", MONTHS[2], 334.0, form=form, item_code=kind) for kind in kinds]
        rows += [_line("A", MONTHS[3], 333.0, form=form, item_code=kind) for kind in kinds]
        left = 1002.0
    else:
        rows += [_line("A", MONTHS[2], 1000.01, form=form), _line("A", MONTHS[3], 1000.0, form=form)]
        left = 1000.01
    rows += [_line("A", MONTHS[3], 5000.0, form=form, item_code="orders")]  # not what the rule speaks of
    run(engine, {"platform_return": rows})
    broken = rows_of(engine, "platform_return_check")
    assert [(row["month"], row["form"], float(row["left_amount"])) for row in broken] == [
        (MONTHS[2], form, left)
    ]
    found = [row for row in rows_of(engine, "finding") if row["code"] == "statistics.rule_broken"]
    assert [row["amount"] for row in found] == pytest.approx([left - 1000])
    assert found[0]["record_key"].startswith(f"A|{form}|{MONTHS[2]}|")


@pytest.mark.parametrize(
    ("part", "rule"),
    [
        ({"region_code": "310000"}, "region_sum"),
        ({"category_code": "goods"}, "category_sum"),
        ({"trade_kind": "own"}, "trade_kind_sum"),
    ],
)
def test_parts_must_add_up(engine: DuckDB, part: dict, rule: str, tmp_path: Path) -> None:
    rows = _return("A", MONTHS[2], 1000.0)
    for row in rows:
        if all(row[name] == value for name, value in part.items()):
            row["amount"] -= 40
    run(engine, {"platform_return": [*rows, *_return("B", MONTHS[2], 500.0)]}, packs=lax_rules(tmp_path))
    broken = rows_of(engine, "platform_return_check")
    assert [(row["rule"], float(row["difference"])) for row in broken] == [(rule, -40.0)]
    row = by(engine, "uncertainty", "indicator")["platform_transactions"]
    assert (row["value"], row["low"], row["high"]) == pytest.approx((1500, 1460, 1500))


@settings(deadline=None, max_examples=15)
@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=6), st.integers(-3, 3))
def test_a_sum_is_broken_only_beyond_the_last_place(parts: list[int], off: int) -> None:
    with DuckDB() as engine:
        rows = [_line("A", MONTHS[4], sum(parts) / 100 + off / 100)]
        if rows[0]["amount"] < 0:
            return
        rows += [_line("A", MONTHS[4], part / 100, region_code=str(n)) for n, part in enumerate(parts)]
        run(engine, {"platform_return": rows})
        assert bool(rows_of(engine, "platform_return_check")) == (abs(off) > len(parts))


def test_parts_stand_in_for_a_total_that_is_not_stated(engine: DuckDB) -> None:
    rows = [row for row in _return("A", MONTHS[2], 1000.0) if row["region_code"] != "total"]
    run(engine, {"platform_return": rows})
    month = rows_of(engine, "platform_month")[0]
    assert (month["basis"], float(month["amount"])) == ("regions", 1000.0)


def test_crossed_parts_are_added_and_unreadable_returns_told(engine: DuckDB) -> None:
    rows = [
        _line("A", MONTHS[2], 300.0, region_code="310000", category_code="goods"),
        _line("A", MONTHS[2], 200.0, region_code="310000", category_code="services"),
        _line("B", MONTHS[2], 200.0, region_code="310000", category_code="goods", trade_kind="own"),
    ]
    run(engine, {"platform_return": rows})
    assert [(row["basis"], float(row["amount"])) for row in rows_of(engine, "platform_month")] == [
        ("cross", 500.0)
    ]
    found = {row["code"]: row["amount"] for row in rows_of(engine, "finding")}
    assert found["statistics.return_without_total"] == 1


def test_only_the_largest_breaches_are_listed_one_by_one(engine: DuckDB) -> None:
    rows = [_line(f"P{n:02d}", MONTHS[2], 100.0) for n in range(25)]
    rows += [_line(f"P{n:02d}", MONTHS[2], 101.0 + n, form="U209") for n in range(25)]
    run(engine, {"platform_return": rows})
    found = [row for row in rows_of(engine, "finding") if row["code"] == "statistics.rule_broken"]
    assert sorted(row["amount"] for row in found) == [float(n) for n in range(6, 26)]
    rest = [row for row in rows_of(engine, "finding") if row["code"] == "statistics.rules_broken_more"]
    assert [row["amount"] for row in rest] == [15.0]


def test_a_month_left_out_is_imputed_and_january_is_not(engine: DuckDB, tmp_path: Path) -> None:
    rows = (
        _year("A", 1000.0)
        + _year("B", 3000.0)
        + _year("C", 500.0, absent=(1, 6, 7))
        + _year("D", 200.0, absent=(1,))
    )
    run(engine, {"platform_return": rows}, packs=lax_rules(tmp_path))
    made = {row["month"]: row for row in rows_of(engine, "platform_imputation")}
    assert sorted(made) == [MONTHS[5], MONTHS[6]]
    assert float(made[MONTHS[5]]["amount"]) == pytest.approx(500 * 6)
    assert float(made[MONTHS[6]]["amount"]) == pytest.approx(500 * 7)
    assert {row["method"] for row in made.values()} == {"growth_forward"}
    codes = [row["code"] for row in rows_of(engine, "finding")]
    assert "statistics.return_missing" in codes
    assert "statistics.january_exempt" in codes
    assert "statistics.places_outside" not in codes, "the form asks for the regions of the whole country"
    row = by(engine, "uncertainty", "indicator")["platform_transactions"]
    assert row["value"] == pytest.approx(4000 * 78 + 700 * 77)
    [coverage] = rows_of(engine, "total_error", "indicator = 'platform_transactions' AND part = 'coverage'")
    assert (coverage["status"], coverage["evidence"]) == ("not_known", 2)
    assert (
        "January of 2 of 4 platforms" in coverage["reason_en"] and "4 个平台中 2 个" in coverage["reason_zh"]
    )
    share = by(engine, "uncertainty", "indicator")["platform_third_party_share"]
    assert (share["low"], share["high"]) == (None, None)  # the imputed amount of one platform would follow
    assert rows_of(engine, "finding", "code = 'statistics.platform_open_part_hidden'")
    parts = {
        row["part"]: row["status"]
        for row in rows_of(engine, "total_error", f"indicator = '{share['indicator']}'")
    }
    assert (parts["sampling"], parts["imputation"], parts["coverage"]) == ("none", "not_known", "not_known")
    [row] = rows_of(engine, "total_error", f"indicator = '{share['indicator']}' AND part = 'imputation'")
    assert "no bounds are told" in row["reason_en"] and "没有说明上下限" in row["reason_zh"]
    assert "bounds in the interval" not in row["reason_en"]


def test_a_january_that_most_platforms_sent_is_imputed_for_the_others(engine: DuckDB, tmp_path: Path) -> None:
    rows = _year("A", 1000.0) + _year("B", 3000.0) + _year("C", 500.0, absent=(1,))
    run(engine, {"platform_return": rows}, packs=lax_rules(tmp_path))
    [made] = rows_of(engine, "platform_imputation")
    assert (made["month"], made["method"], made["base_month"]) == (MONTHS[0], "growth_backward", MONTHS[1])
    assert float(made["amount"]) == pytest.approx(500)
    codes = [row["code"] for row in rows_of(engine, "finding")]
    assert "statistics.return_missing" in codes and "statistics.january_exempt" not in codes
    [coverage] = rows_of(engine, "total_error", "indicator = 'platform_transactions' AND part = 'coverage'")
    assert "January" not in coverage["reason_en"]
    assert by(engine, "uncertainty", "indicator")["platform_transactions"]["value"] == pytest.approx(
        4500 * 78
    )


def test_months_that_nobody_reported_are_told(engine: DuckDB) -> None:
    run(engine, {"platform_return": _year("A", 1000.0, absent=(1, 5, 7, 8, 9, 10, 11, 12))})
    [told] = rows_of(engine, "finding", "code = 'statistics.months_without_returns'")
    assert "In 7 months" in told["what_en"]
    assert MONTHS[4] in told["what_en"] and MONTHS[0] not in told["what_en"]


def test_months_whose_rows_wait_in_quarantine_are_not_called_unreported(engine: DuckDB) -> None:
    returns = _year("A", 1000.0, absent=(1, 5, 7, 8, 9, 10, 11, 12))
    waiting = [
        {"table_name": "platform_return", "code": code} for code in ("intake.not_a_month", "intake.total_row")
    ]
    run(
        engine,
        {"platform_return": returns, "quarantine": [*waiting, {"table_name": "x", "code": "intake.uscc"}]},
    )
    assert not rows_of(engine, "finding", "code = 'statistics.months_without_returns'")
    [told] = rows_of(engine, "finding", "code = 'statistics.months_in_quarantine'")
    assert "7 months" in told["what_en"] and "1 row of the returns is in quarantine" in told["what_en"]


def test_imputation_has_a_standard_error_where_platforms_differ() -> None:
    random = np.random.default_rng(5)
    steps = np.exp(random.normal(0.02, 0.1, (60, 12)))
    truth = 100 * np.cumprod(steps, axis=1)
    known = truth.copy()
    known[:20, 6] = np.nan
    growth = common_growth(known)
    assert growth.residual_variance == pytest.approx(0.01, rel=0.3)
    made = [impute_month(known[number], 6, growth) for number in range(20)]
    within = [abs(one.amount - truth[n, 6]) < 1.96 * one.standard_error for n, one in enumerate(made)]
    assert sum(within) >= 16


def test_without_growth_the_own_mean_is_taken() -> None:
    amounts = np.array([[100.0, np.nan, 140.0]])
    found = impute_month(amounts[0], 1, common_growth(amounts))
    assert (found.amount, found.method, found.donors) == (120.0, "own_mean", 0)
    first = np.array([[np.nan, 60.0], [50.0, 100.0]])
    back = impute_month(first[0], 0, common_growth(first))
    assert (back.amount, back.method, back.base) == (30.0, "growth_backward", 1)


@settings(deadline=None)
@given(st.floats(0.01, 1e6), st.integers(0, 11))
def test_imputation_follows_the_unit(factor: float, month: int) -> None:
    amounts = np.random.default_rng(9).uniform(50, 150, (5, 12))
    amounts[0, month] = np.nan
    one = impute_month(amounts[0], month, common_growth(amounts))
    scaled = impute_month(amounts[0] * factor, month, common_growth(amounts * factor))
    assert scaled.amount == pytest.approx(one.amount * factor)
    assert scaled.standard_error == pytest.approx(one.standard_error * factor)


def _cut(engine: DuckDB, where: str) -> list[dict]:
    return rows_of(engine, "platform_transaction_public", where)


WHOLE = "region_code = 'total' AND category_code = 'total' AND trade_kind = 'total'"


def test_totals_of_too_few_platforms_are_hidden(engine: DuckDB) -> None:
    """Five even platforms are enough; of a group of four and a fifth each knows the other."""
    even = [row for one in "ABCDE" for row in _year(one, 1000.0)]
    run(engine, {"platform_return": even})
    assert {row["status"] for row in _cut(engine, "TRUE")} == {"shown"}
    groups = [{"uscc": one, "group_code": "G"} for one in "ABCD"]
    run(engine, {"platform_return": even, "enterprise_group": groups})
    assert {(row["status"], row["amount"]) for row in _cut(engine, "TRUE")} == {("suppressed", None)}
    assert "platform_transactions" not in by(engine, "uncertainty", "indicator")
    assert not rows_of(engine, "total_error_interval", "indicator = 'platform_transactions'")


def test_parts_are_raised_to_the_total_and_tell_no_imputed_figure(engine: DuckDB) -> None:
    """Parts add up to a total with an imputed platform in it, months to the year; what is imputed stands nowhere."""
    rows = [row for one in "ABCDE" for row in _year(one, 1000.0)] + _year("F", 900.0, absent=(1, 6))
    run(engine, {"platform_return": rows})
    year = _cut(engine, f"{WHOLE} AND period_kind = 'year'")[0]["amount"]
    assert float(year) == pytest.approx(5900 * 78)
    assert float(sum(row["amount"] for row in _cut(engine, f"{WHOLE} AND period_kind = 'month'"))) == float(
        year
    )
    for period in (f"{YEAR}", MONTHS[5]):
        total = float(_cut(engine, f"{WHOLE} AND period = '{period}'")[0]["amount"])
        for division in ("region_code", "category_code", "trade_kind"):
            parts = _cut(engine, f"period = '{period}' AND {division} <> 'total'")
            assert float(sum(row["amount"] for row in parts)) == pytest.approx(total, abs=0.05), division
    [june] = _cut(engine, f"{WHOLE} AND period = '{MONTHS[5]}'")
    assert (june["returns"], june["returns_imputed"]) == (5, 1)


def test_a_part_that_one_platform_makes_is_hidden_with_what_it_follows_from(engine: DuckDB) -> None:
    """Only one platform sells services: neither they nor goods beside the total may be shown, month by month."""
    rows = [row for one in "ABCDE" for row in _year(one, 1000.0)]
    for row in rows:
        if row["category_code"] == "services" and row["platform_uscc"] != "A":
            row["amount"] = 0.0
        elif row["category_code"] == "goods" and row["platform_uscc"] != "A":
            row["amount"] *= 4
    run(engine, {"platform_return": rows})
    for period in (f"{YEAR}", *MONTHS):
        services, goods = (
            _cut(engine, f"period = '{period}' AND category_code = '{one}'")[0]
            for one in ("services", "goods")
        )
        assert (services["status"], goods["status"]) == ("suppressed", "suppressed")
        assert _cut(engine, f"period = '{period}' AND {WHOLE}")[0]["status"] == "shown"
