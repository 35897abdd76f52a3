"""Every question of `lvshu series`: asked of small files, answered on the screen, as JSON and in files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lvshu.cli.series_app import COMMANDS
from lvshu.statistics.series.nowcast.vintages import VintageStore
from tests.cli.conftest import Command

Json = Callable[..., tuple[int, Any]]


def _monthly(path: Path, *, years: int = 6) -> Path:
    random = np.random.default_rng(4)
    t = np.arange(12 * years)
    a = 100 * 1.004**t * np.exp(0.1 * np.cos(2 * np.pi * t / 12) + random.normal(0, 0.01, len(t)))
    b = 50 * 1.002**t * np.exp(0.2 * np.sin(2 * np.pi * t / 12) + random.normal(0, 0.01, len(t)))
    lines = ["时期,甲,乙,total,坏"]
    for at in t:
        hole = "" if at == 20 else f"{a[at]}"
        lines.append(
            f"{2018 + at // 12}年{at % 12 + 1}月,{float(a[at])!r},{float(b[at])!r},{float(a[at] + b[at])!r},{hole}"
        )
    path.write_text("\n".join(lines), encoding="gb18030")
    return path


@pytest.fixture
def monthly(tmp_path: Path) -> Path:
    return _monthly(tmp_path / "月度.csv")


AIRLINE = ("--model", "(0 1 1)(0 1 1)")


def test_every_command_has_help_in_both_languages(lvshu_command: Command) -> None:
    for name in COMMANDS:
        for language in ("zh", "en"):
            code, out, _ = lvshu_command("series", name, "--help", "--lang", language)
            assert code == 0
            assert ("用法" if language == "zh" else "Usage") in out


def test_one_bad_series_is_told_and_the_rest_adjusted(
    monthly: Path, tmp_path: Path, lvshu_json: Json, lvshu_command: Command
) -> None:
    files = [tmp_path / f"out.{ending}" for ending in ("csv", "json", "xlsx", "parquet", "html")]
    options = [part for path in files for part in ("-o", path)]
    code, told = lvshu_json(
        "series", "adjust", monthly, *AIRLINE, "--spring-festival", "--working-days", *options
    )
    assert code == 1
    assert [one["code"] for one in told["errors"]] == ["statistics.series_gap"]
    assert told["errors"][0]["where"] == {"file": "月度.csv", "column": "坏"}
    assert [one["series"] for one in told["series"]] == ["甲", "乙", "total"]
    assert told["series"][0]["coefficients"][0][0] == "User-defined Holiday"
    assert len(told["series"][0]["quality"]["m"]) == 11
    first = told["records"][0]
    assert first["raw"] == pytest.approx(first["adjusted"] * first["combined"], rel=1e-9)
    assert all(path.stat().st_size > 500 for path in files)
    assert len(pq.read_table(files[3]).to_pylist()) == 3 * 72
    page = files[4].read_text(encoding="utf-8")
    assert "scatter" in page
    assert "季节调整" in page
    assert json.loads(files[1].read_text(encoding="utf-8"))["method"] == "statistics.seasonal_adjustment"
    code, out, err = lvshu_command("series", "adjust", monthly, "-s", "甲", *AIRLINE, "--lang", "zh")
    assert code == 0
    assert "季节调整后" in out
    assert not err


def test_a_zero_that_rules_the_multiplicative_model_out_is_told(
    monthly: Path, lvshu_json: Json, lvshu_command: Command
) -> None:
    lines = monthly.read_text(encoding="gb18030").split("\n")
    for at in (21, 40):
        parts = lines[1 + at].split(",")
        lines[1 + at] = ",".join([parts[0], "0", *parts[2:]])
    monthly.write_text("\n".join(lines), encoding="gb18030")
    code, told = lvshu_json("series", "adjust", monthly, "-s", "甲", "-s", "乙", *AIRLINE)
    assert code == 0
    zeros, plain = told["series"]
    assert (zeros["transform"], zeros["multiplicative"]) == ("none", False)
    assert zeros["not_positive"] == ["2019-10", "2021-05"]
    assert ["not_positive", 2.0] in zeros["doubts"]
    assert plain["not_positive"] == [] and not [one for one, _ in plain["doubts"] if one == "not_positive"]
    _, out, err = lvshu_command("series", "adjust", monthly, "-s", "甲", *AIRLINE, "--lang", "en")
    said = " ".join((out + err).replace("│", " ").split())
    assert "2 zero or negative figures (2019-10, 2021-05)" in said and "adjusted additively" in said
    _, told = lvshu_json("series", "adjust", monthly, "-s", "甲", *AIRLINE, "--transform", "none")
    assert told["series"][0]["not_positive"] == []  # stated, and so no doubt


def test_years_without_a_schedule_are_told(tmp_path: Path, lvshu_json: Json) -> None:
    t = np.arange(60)
    values = 10 + np.cos(2 * np.pi * t / 12) + 0.01 * np.sin(t * 1.7)
    path = tmp_path / "old.csv"
    path.write_text(
        "period,x\n" + "\n".join(f"{2004 + at // 12}-{at % 12 + 1:02d},{values[at]}" for at in t),
        encoding="utf-8",
    )
    code, told = lvshu_json("series", "adjust", path, *AIRLINE, "--working-days")
    assert code == 0
    assert "2004–2006" in told["notes"][0]["zh"]


def test_parts_and_total_side_by_side(monthly: Path, lvshu_json: Json) -> None:
    code, told = lvshu_json(
        "series", "adjust", monthly, "-s", "甲", "-s", "乙", "-s", "total", *AIRLINE, "--total", "total"
    )
    assert code == 0
    assert told["aggregation"]["smoother"] in ("direct", "indirect")
    rows = [row for row in told["records"] if row["period"] == "2023-12"]
    parts = [row["consistent"] for row in rows if "consistent" in row]
    assert sum(parts) == pytest.approx(next(row["adjusted"] for row in rows if "indirect" in row), rel=1e-12)
    code, told = lvshu_json("series", "adjust", monthly, *AIRLINE, "--total", "none")
    assert code != 0
    assert told["errors"][0]["code"] == "statistics.series_not_there"


def test_the_current_policy_changes_nothing_of_the_past(tmp_path: Path, lvshu_json: Json) -> None:
    kept = tmp_path / "held.json"
    short, long = _monthly(tmp_path / "short.csv", years=6), _monthly(tmp_path / "long.csv", years=7)
    lines = long.read_text(encoding="gb18030").splitlines()
    before = short.read_text(encoding="gb18030").splitlines()
    long.write_text("\n".join([*before, *lines[len(before):len(before) + 2]]), encoding="gb18030")  # fmt: skip
    _, first = lvshu_json("series", "adjust", short, "-s", "甲", *AIRLINE, "--keep", kept)
    code, second = lvshu_json(
        "series", "adjust", long, "-s", "甲", *AIRLINE, "--held", kept, "--policy", "current"
    )
    assert code == 0
    assert len(second["records"]) == len(first["records"]) + 2
    for old, new in zip(first["records"], second["records"], strict=False):
        assert old["adjusted"] == pytest.approx(new["adjusted"], rel=1e-12)


def test_a_journal_is_resumed(monthly: Path, tmp_path: Path, lvshu_json: Json) -> None:
    journal = tmp_path / "journal.jsonl"
    asked = ("series", "adjust", monthly, "-s", "甲", "-s", "乙", *AIRLINE, "--journal", journal)
    _, first = lvshu_json(*asked)
    assert journal.read_text(encoding="utf-8").count("\n") == 2
    _, second = lvshu_json(*asked)
    assert first == second


def test_weeks_and_days_by_loess(tmp_path: Path, lvshu_json: Json) -> None:
    from datetime import date, timedelta

    t = np.arange(400)
    path = tmp_path / "days.csv"
    values = 100 + 10 * np.sin(2 * np.pi * t / 7) + 0.05 * t
    rows = [f"{date(2023, 1, 1) + timedelta(days=int(at))},{values[at]}" for at in t]
    path.write_text("day,orders\n" + "\n".join(rows), encoding="utf-8")
    code, told = lvshu_json("series", "adjust", path, "--method", "stl", "--transform", "none")
    assert code == 0
    adjusted = np.array([row["adjusted"] for row in told["records"]])
    assert np.abs(adjusted - (100 + 0.05 * t)).max() < 0.5
    assert told["series"][0]["strength"]["7"] > 0.99
    code, told = lvshu_json("series", "adjust", path)
    assert told["errors"][0]["code"] == "statistics.series_kind"
    code, told = lvshu_json(
        "series",
        "adjust",
        path,
        "--method",
        "stl",
        "--spring-festival",
        "--working-days",
        "--windows",
        "during=7",
    )
    assert code == 0
    assert set(told["series"][0]["coefficients"]) == {"during", "day_off", "made_up"}
    assert told["notes"] == []


def test_years_are_broken_down_and_benchmarked(monthly: Path, tmp_path: Path, lvshu_json: Json) -> None:
    years = tmp_path / "y.csv"
    years.write_text(
        "year,sales\n" + "\n".join(f"{2018 + at},{1300 + 40 * at}" for at in range(6)), encoding="utf-8"
    )
    code, told = lvshu_json("series", "disaggregate", years, monthly, "-s", "甲", "--method", "fernandez")
    assert code == 0
    values = np.array([row["value"] for row in told["records"]])
    assert values.reshape(6, 12).sum(1) == pytest.approx(1300 + 40 * np.arange(6), rel=1e-9)
    assert told["series"][0]["coefficients"][1]["name"] == "甲"
    fixed = ("series", "disaggregate", years, monthly, "-s", "甲", "--method", "chow-lin-fixed", "--rho")
    for rho, jagged in (("-0.5", True), ("0.5", False)):
        notes = lvshu_json(*fixed, rho)[1]["series"][0]["notes"]
        assert any("ρ is negative" in one["en"] for one in notes) == jagged
    code, told = lvshu_json("series", "benchmark", years, monthly, "-s", "甲", "--criterion", "additive")
    assert code == 0
    assert np.array([row["value"] for row in told["records"]]).reshape(6, 12).sum(1) == pytest.approx(
        1300 + 40 * np.arange(6), rel=1e-9
    )
    code, told = lvshu_json("series", "benchmark", years, "--period", "month")
    assert len(told["records"]) == 72
    code, told = lvshu_json("series", "disaggregate", years, monthly)
    assert told["errors"][0]["code"] == "statistics.series_gap"


def test_rows_columns_and_time_are_reconciled(tmp_path: Path, lvshu_json: Json) -> None:
    parts, total, years = tmp_path / "p.csv", tmp_path / "t.csv", tmp_path / "y.csv"
    random = np.random.default_rng(1)
    true = random.uniform(10, 20, (2, 8))
    given = true * (1 + random.normal(0, 0.05, true.shape))
    quarters = [f"{2020 + at // 4}Q{at % 4 + 1}" for at in range(8)]
    parts.write_text(
        "quarter,a,b\n" + "\n".join(f"{q},{given[0, at]},{given[1, at]}" for at, q in enumerate(quarters)),
        encoding="utf-8",
    )
    total.write_text(
        "quarter,all\n" + "\n".join(f"{q},{float(true[:, at].sum())!r}" for at, q in enumerate(quarters)),
        encoding="utf-8",
    )
    sums = true.reshape(2, 2, 4).sum(2)
    years.write_text(
        "year,a,b\n"
        + "\n".join(f"{2020 + at},{float(sums[0, at])!r},{float(sums[1, at])!r}" for at in range(2)),
        encoding="utf-8",
    )
    code, told = lvshu_json("series", "reconcile", parts, years, "--totals", total)
    assert code == 0
    made = np.array([row["reconciled"] for row in told["records"]]).reshape(2, 8)
    assert made.sum(0) == pytest.approx(true.sum(0), rel=1e-9)
    assert made.reshape(2, 2, 4).sum(2) == pytest.approx(sums, rel=1e-9)


def _panel(folder: Path, cut: int, *, bend: float = 0.0) -> list[Path]:
    random = np.random.default_rng(7)
    factor = np.zeros(72)
    for at in range(1, 72):
        factor[at] = 0.7 * factor[at - 1] + random.normal()
    m = factor[:, None] * [1.0, 0.8, 1.2] + random.normal(0, 0.5, (72, 3))
    m[60, 0] += bend
    g = np.convolve(factor, np.array([1, 2, 3, 2, 1]) / 3)[:72]
    months, quarters = folder / "months.csv", folder / "quarters.csv"
    folder.mkdir(exist_ok=True)
    months.write_text(
        "month,m1,m2,m3\n"
        + "\n".join(
            f"{2019 + at // 12}-{at % 12 + 1:02d},{m[at, 0]},{m[at, 1]},{m[at, 2]}" for at in range(cut)
        ),
        encoding="utf-8",
    )
    quarters.write_text(
        "quarter,gdp\n"
        + "\n".join(f"{2019 + at // 4}Q{at % 4 + 1},{g[3 * at + 2]}" for at in range(1, cut // 3 - 1)),
        encoding="utf-8",
    )
    return [months, quarters]


def test_nowcasts_from_a_store_of_vintages(tmp_path: Path, lvshu_json: Json, lvshu_command: Command) -> None:
    store = tmp_path / "store"
    code, told = lvshu_json("series", "vintage", store, *_panel(tmp_path / "a", 70), "--day", "2024-11-30")
    assert code == 0
    code, told = lvshu_json(
        "series", "vintage", store, *_panel(tmp_path / "b", 71, bend=0.5), "--day", "2024-12-31"
    )
    assert [(one["revised"], one["added"]) for one in told["vintages"]][1] == (1, 3)
    code, told = lvshu_json("series", "vintage", store, *_panel(tmp_path / "b", 71), "--day", "2024-12-01")
    assert code != 0
    assert told["errors"][0]["code"] == "statistics.vintage_old"
    assert "2024-12-31" in told["errors"][0]["zh"]["fix"]
    asked = ("series", "nowcast", store, "--target", "gdp", "--iterations", "30")
    code, told = lvshu_json(*asked, "--since", "2024-11-30")
    assert code == 0
    change = told["change"]
    assert change["before"] + change["revisions"] + change["news"] == pytest.approx(change["after"])
    assert len(change["releases"]) == 3
    assert told["nowcasts"][0]["period"] == "2024Q3"
    low, high = told["nowcasts"][0]["intervals"]["0.9"]
    assert low < told["nowcasts"][0]["value"] < high
    code, out, _ = lvshu_command(*asked, "--since", "2024-11-30", "--lang", "zh")
    assert "新发布" in out
    code, told = lvshu_json(*asked, "--day", "2020-01-01")
    assert told["errors"][0]["code"] == "statistics.vintage_none"
    code, told = lvshu_json("series", "nowcast", store, "--target", "gdq")
    assert told["errors"][0]["code"] == "statistics.nowcast_no_series"


def test_a_backtest_beside_simpler_methods(tmp_path: Path, lvshu_json: Json) -> None:
    files = _panel(tmp_path / "a", 72)
    code, told = lvshu_json(
        "series",
        "backtest",
        *files,
        "--target",
        "gdp",
        "--lag",
        "gdp=2",
        "--quarters",
        "4",
        "--iterations",
        "10",
    )
    assert code == 0
    assert [row["period"] for row in told["records"]] == ["2", "1", "0", "-1"]
    assert all(row["factor"] > 0 for row in told["records"])


def test_files_that_hold_no_series_are_told(tmp_path: Path, lvshu_json: Json) -> None:
    cases = {
        "statistics.file_absent": None,
        "statistics.series_file_shape": "x\n1\n",
        "statistics.series_value_unreadable": "month,a\n2020-01,1\n2020-02,many\n",
        "statistics.series_column_twice": "month,a,a\n2020-01,1,2\n",
        "statistics.series_mixed_periods": "month,a\n2020-01,1\n2020Q2,2\n",
        "statistics.series_period_twice": "month,a\n2020-01,1\n2020-01,2\n",
    }
    for number, (code, text) in enumerate(cases.items()):
        path = tmp_path / f"{number}.csv"
        if text is not None:
            path.write_text(text, encoding="utf-8")
        status, told = lvshu_json("series", "adjust", path)
        assert status != 0
        assert told["errors"][0]["code"] == code
        assert told["errors"][0]["zh"]["fix"]
    both = tmp_path / "both.csv"
    both.write_text("month,a\n2020-01,1\n2020-13,2\n2020-03,many\n", encoding="utf-8")
    _, told = lvshu_json("series", "adjust", both)
    assert {error["code"] for error in told["errors"]} == {
        "statistics.series_value_unreadable", "statistics.series_period_unreadable"
    }  # fmt: skip
    broken = tmp_path / "b.parquet"
    broken.write_bytes(b"no")
    _, told = lvshu_json("series", "adjust", broken)
    assert told["errors"][0]["code"] == "intake.table_parquet_broken"


def test_long_tables_and_parquet_are_read(tmp_path: Path, lvshu_json: Json) -> None:
    t = np.arange(48)
    labels = [f"{2019 + at // 12}-{at % 12 + 1:02d}" for at in t]
    values = 10 + np.sin(2 * np.pi * t / 12) + 0.02 * np.cos(1.3 * t)
    table = pa.table(
        {"指标": ["甲"] * 48 + ["乙"] * 48, "月份": labels * 2, "数值": [*values, *(values * 2)]}
    )
    pq.write_table(table, tmp_path / "long.parquet")
    code, told = lvshu_json("series", "adjust", tmp_path / "long.parquet", *AIRLINE)
    assert code == 0
    assert [one["series"] for one in told["series"]] == ["甲", "乙"]
    code, told = lvshu_json("series", "adjust", tmp_path / "long.parquet", "-o", tmp_path / "x.doc", *AIRLINE)
    assert told["errors"][0]["code"] == "statistics.result_format"


def test_an_indicator_of_both_signs_is_told_with_its_periods(tmp_path: Path, lvshu_json: Json) -> None:
    years, quarters = tmp_path / "y.csv", tmp_path / "q.csv"
    years.write_text("year,gdp\n2020,40\n2021,44\n", encoding="utf-8")
    values = [10, 11, -4, 12, 11, 12, -3, 12]
    for sign, criterion, warned in (
        (1, "proportional", True),
        (1, "additive", False),
        (0, "proportional", False),
    ):
        rows = [
            f"{2020 + at // 4}Q{at % 4 + 1},{value if sign else abs(value)}"
            for at, value in enumerate(values)
        ]
        quarters.write_text("\n".join(["quarter,x", *rows]), encoding="utf-8")
        code, told = lvshu_json("series", "benchmark", years, quarters, "--criterion", criterion)
        notes = told["series"][0]["notes"]
        assert code == 0 and bool(notes) == warned
        if warned:
            assert "2020Q3, 2021Q3" in notes[0]["zh"] and "--criterion additive" in notes[0]["en"]


def test_a_refused_series_writes_no_file(tmp_path: Path, lvshu_json: Json, lvshu_command: Command) -> None:
    path, to = tmp_path / "short.csv", tmp_path / "out.csv"
    path.write_text("month,x\n2020-01,5\n2020-02,6\n", encoding="utf-8")
    code, told = lvshu_json("series", "adjust", path, "-o", to)
    assert code == 1 and told["errors"] and told["files"] == []
    code, out, _ = lvshu_command("series", "adjust", path, "-o", to, "--lang", "en")
    assert code == 1 and "Wrote" not in out and not to.exists()


def test_a_store_is_listed_without_files(tmp_path: Path, lvshu_json: Json) -> None:
    store = str(tmp_path / "store")
    code, told = lvshu_json("series", "vintage", store)
    assert (code != 0, told["errors"][0]["code"]) == (True, "statistics.no_store")
    lvshu_json("series", "vintage", store, *_panel(tmp_path / "a", 70), "--day", "2024-11-30")
    code, told = lvshu_json("series", "vintage", store)
    assert code == 0 and [one["day"] for one in told["vintages"]] == ["2024-11-30"]


def test_figures_that_a_vintage_lost_are_counted_and_told(
    tmp_path: Path, lvshu_json: Json, lvshu_command: Command
) -> None:
    store, path = tmp_path / "store", tmp_path / "m.csv"
    path.write_text("month,x,y\n2024-01,1,2\n2024-02,2,3\n2024-03,3,4\n", encoding="utf-8")
    told = lvshu_json("series", "vintage", store, path, "--day", "2024-04-10")[1]
    assert told["warnings"] == [] and told["vintages"][0]["withdrawn"] == 0
    path.write_text("month,x,y\n2024-02,2.5,3\n2024-03,3,\n2024-04,4,\n", encoding="utf-8")
    code, told = lvshu_json("series", "vintage", store, path, "--day", "2024-05-10")
    last = told["vintages"][1]
    assert (code, last["revised"], last["added"], last["withdrawn"]) == (0, 1, 1, 3)
    assert [one["code"] for one in told["warnings"]] == ["statistics.vintage_withdrawn"] * 2
    assert "2024-01" in told["warnings"][0]["zh"]["what"]
    assert (
        "lost 2 figures of the vintage of 2024-04-10: 2024-01, 2024-03" in told["warnings"][1]["en"]["what"]
    )
    path.write_text("month,x,y\n2024-02,2.5,3\n", encoding="utf-8")
    code, out, err = lvshu_command("series", "vintage", store, path, "--day", "2024-06-10", "--lang", "zh")
    assert code == 0 and "撤回" in out and "vintage_withdrawn" in err
    index = store / "vintages.jsonl"  # an index written before withdrawals were counted
    index.write_text(index.read_text("utf-8").replace(', "withdrawn": 0', ""), encoding="utf-8")
    assert [one.withdrawn for one in VintageStore(store).vintages()] == [None, 3, 2]
