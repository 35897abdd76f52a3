"""Every question of `lvshu estimate`: asked of small files, answered on the screen, as JSON and in files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from lvshu.statistics import population, small_area, survey
from lvshu.statistics.population.linkage import LinkageError
from tests.cli.conftest import Command


@pytest.fixture
def workers(tmp_path: Path) -> Path:
    draw = np.random.default_rng(3)
    lines = ["编号,区,层,群,权数,总体群数,收入,平台"]
    for at in range(60):
        stratum = at // 20
        income = "" if at == 7 else f"{draw.gamma(4, 1500):.2f}"
        kind = ("外卖", "网约车")[int(draw.integers(2))]
        lines.append(f"p{at},{'AB'[at % 2]},{stratum},{at // 4},{2 + stratum}.5,40,{income},{kind}")
    path = tmp_path / "workers.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


DESIGN = ("--weight", "权数", "--strata", "层", "--cluster", "群", "--population", "总体群数")


def test_survey_on_the_screen_in_json_and_in_files(
    lvshu_command: Command, workers: Path, tmp_path: Path
) -> None:
    code, _, told = lvshu_command("estimate", "survey", workers, "--value", "收入", *DESIGN, "--lang", "zh")
    assert code == 1 and "列“收入”有 1 个空值" in told and "第9行" in told
    to = [str(tmp_path / name) for name in ("a.csv", "a.xlsx", "a.json", "a.parquet")]
    asked = ["estimate", "survey", workers, "--value", "收入", *DESIGN, "--missing", "omit", "--by", "区"]
    code, out, _ = lvshu_command(*asked, "--json", *(part for one in to for part in ("-o", one)))
    found = json.loads(out)
    assert code == 0 and found["settings"]["records"] == 60 and found["settings"]["strata"] == ["层"]
    assert [one["label"] for one in found["records"]] == ["A", "B"]
    assert sum(one["n"] for one in found["records"]) == 59
    assert all(Path(one).is_file() for one in to)
    assert pq.read_table(to[3]).num_rows == 2 and json.loads(Path(to[2]).read_text("utf-8"))["version"]
    code, out, _ = lvshu_command(*asked, "--lang", "en")
    assert code == 0 and "Taylor" in out and "workers.csv" in out


@pytest.mark.parametrize("statistic", ["total", "quantile", "share", "ratio"])
@pytest.mark.parametrize("errors", ["linearised", "jackknife", "bootstrap"])
def test_every_statistic_with_every_error(
    lvshu_command: Command, workers: Path, statistic: str, errors: str
) -> None:
    value = "平台" if statistic == "share" else "权数"
    more = ["--denominator", "总体群数"] if statistic == "ratio" else []
    code, out, _ = lvshu_command(
        "estimate", "survey", workers, "--value", value, *DESIGN, "--statistic", statistic, "--errors", errors,
        "--replicates", "50", *more, "--json",
    )  # fmt: skip
    records = json.loads(out)["records"]
    assert code == 0 and len(records) == {"quantile": 3, "share": 2}.get(statistic, 1)
    assert all(one["standard_error"] >= 0 for one in records)


def test_calibrated_weights_are_written_and_meet_the_totals(
    lvshu_command: Command, workers: Path, tmp_path: Path
) -> None:
    totals = tmp_path / "totals.csv"
    totals.write_text("variable,label,total\n区,A,110\n区,B,100\n平台,外卖,90\n平台,网约车,120\n", "utf-8")
    weights = tmp_path / "weights.csv"
    asked = ["estimate", "calibrate", workers, *DESIGN, "--controls", totals]
    code, out, _ = lvshu_command(
        *asked, "--distance", "logit", "--bounds", "0.3,3", "--key", "编号", "-o", weights, "--json"
    )
    found = json.loads(out)
    assert code == 0 and all(abs(one["gap"]) < 1e-6 for one in found["records"])
    assert found["settings"]["least_factor"] >= 0.3 and found["settings"]["largest_factor"] <= 3
    head, *rows = weights.read_text("utf-8-sig").splitlines()
    assert len(rows) == 60 and "编号" in head
    code, _, told = lvshu_command(*asked, "--distance", "logit", "--bounds", "0.95,1.05", "--lang", "en")
    assert code == 1 and "cannot be met" in told and "nearest" in told
    code, out, _ = lvshu_command(
        "estimate", "survey", workers, "--value", "总体群数", *DESIGN, "--controls", totals, "--statistic", "total",
        "--json",
    )  # fmt: skip
    assert json.loads(out)["records"][0]["value"] == pytest.approx(40 * 210)


def _asked(command: Command, *arguments: object) -> dict[str, Any]:
    code, out, told = command("estimate", *arguments, "--json")
    assert code == 0, told
    found: dict[str, Any] = json.loads(out)
    return found


def test_an_importance_goes_to_its_own_total(lvshu_command: Command, workers: Path, tmp_path: Path) -> None:
    """Numeric totals come before margins in the calibration, wherever they stand in the file."""
    rows = ["区,A,110,", "区,B,100,", "权数,,700,0.00001"]
    found = []
    for place, order in enumerate((rows, rows[::-1])):
        totals = tmp_path / f"ridge{place}.csv"
        totals.write_text("\n".join(["variable,label,total,importance", *order]), "utf-8")
        gaps = _asked(lvshu_command, "calibrate", workers, *DESIGN, "--controls", totals, "--ridge")[
            "records"
        ]
        found.append({one["control"]: one["gap"] for one in gaps})
        assert (
            abs(found[-1]["区=A"]) < 1e-6 and abs(found[-1]["区=B"]) < 1e-6 and abs(found[-1]["权数"]) > 1.0
        )
    assert found[0] == pytest.approx(found[1])


def test_replicates_know_of_the_ridge_and_of_the_totals_own_errors(
    lvshu_command: Command, workers: Path, tmp_path: Path
) -> None:
    estimated, ridged = tmp_path / "estimated.csv", tmp_path / "ridged.csv"
    estimated.write_text("variable,label,total,standard_error\n权数,,800,90\n区,A,110,\n区,B,100,\n", "utf-8")
    ridged.write_text("variable,label,total,importance\n权数,,800,0.000001\n区,A,110,\n区,B,100,\n", "utf-8")
    asked = ("survey", workers, "--value", "权数", *DESIGN, "--statistic", "total")
    for controls, more in ((estimated, ()), (ridged, ("--ridge",))):
        errors = {}
        for way in ("linearised", "jackknife", "bootstrap"):
            found = _asked(lvshu_command, *asked, "--controls", controls, *more, "--errors", way)
            errors[way] = found["records"][0]["standard_error"]
        assert found["settings"]["replicates"] == 200 and found["settings"]["seed"] == 1
        assert errors["jackknife"] == pytest.approx(errors["linearised"], rel=0.15)
        assert errors["bootstrap"] == pytest.approx(errors["linearised"], rel=0.15)
    assert errors["linearised"] < 80  # of the ridge; above, the total of the weights is known to 90 alone


def test_weights_turned_negative_are_told(lvshu_command: Command, workers: Path, tmp_path: Path) -> None:
    totals = tmp_path / "totals.csv"
    totals.write_text("variable,label,total\n区,A,110\n区,B,100\n权数,,900\n", "utf-8")
    asked = ("--controls", totals, *DESIGN)
    notes = [
        _asked(lvshu_command, command, workers, *asked, *more)["notes"]
        for command, more in (
            ("calibrate", ()),
            ("survey", ("--value", "权数")),
            ("calibrate", ("--distance", "raking")),
        )
    ]
    assert ["negative" in "".join(one["en"] for one in own) for own in notes] == [True, True, False]


def test_totals_that_contradict_themselves_are_told_by_row(
    lvshu_command: Command, workers: Path, tmp_path: Path
) -> None:
    """Of two totals of one class the last had been taken; negative errors and classes, and empty totals, had passed."""
    totals = tmp_path / "totals.csv"
    rows = ["区,A,110,", "区,B,-5,", "权数,,700,-2", "区,A,120,", "总体群数,,,"]
    totals.write_text("\n".join(["variable,label,total,standard_error", *rows]), "utf-8")
    code, _, told = lvshu_command(
        "estimate", "calibrate", workers, *DESIGN, "--controls", totals, "--lang", "en"
    )
    assert code == 1 and told.count("Error") == 4
    for text in ("twice, first in row 2", "is negative (-5)", "is negative (-2)", "no total of “总体群数”"):
        assert text in " ".join(told.replace("│", " ").split())


def test_a_total_of_weights_that_raise_nothing_says_so(lvshu_command: Command, workers: Path) -> None:
    told = ("survey", workers, "--value", "权数", "--statistic", "total")
    assert any("样本的合计" in one["zh"] for one in _asked(lvshu_command, *told)["notes"])
    assert not _asked(lvshu_command, *told, "--weight", "权数")["notes"]


def test_faults_of_the_design_are_told(lvshu_command: Command, workers: Path, tmp_path: Path) -> None:
    code, _, told = lvshu_command(
        "estimate",
        "survey",
        workers,
        "--value",
        "权数",
        "--strata",
        "编号",
        "--weight",
        "权数",
        "--lang",
        "zh",
    )
    assert code == 1 and "只有一个样本单位" in told and "p0" in told
    code, _, told = lvshu_command("estimate", "survey", workers, "--value", "收人", "--lang", "en")
    assert code == 1 and "收人" in told
    code, _, told = lvshu_command("estimate", "survey", workers, "--lang", "en")
    assert code == 2 and "--value" in told
    code, _, told = lvshu_command(
        "estimate", "calibrate", workers, "--controls", workers, "--bounds", "two", "--lang", "en"
    )
    assert code == 1 and "variable" in told


def _lists(path: Path) -> population.Lists:
    patterns = population.lists.all_patterns(3)
    counts = np.array([300.0, 240, 90, 200, 70, 60, 30])
    workbook = xlsxwriter.Workbook(str(path))
    sheet = workbook.add_worksheet("名单")
    sheet.write_row(0, 0, ["美团", "滴滴", "饿了么", "人数", "区"])
    line = 1
    for place in ("东", "西"):
        for row, count in zip(patterns, counts, strict=True):
            sheet.write_row(line, 0, [*row.astype(int), count, place])
            line += 1
    workbook.close()
    return population.Lists(("美团", "滴滴", "饿了么"), patterns, counts)


def test_population_by_strata_and_with_linkage_error(lvshu_command: Command, tmp_path: Path) -> None:
    path = tmp_path / "lists.xlsx"
    lists = _lists(path)
    asked = ["estimate", "population", path, "--list", "美团", "--list", "滴滴", "--list", "饿了么",
             "--count", "人数", "--stratum", "区"]  # fmt: skip
    code, out, _ = lvshu_command(*asked, "--json")
    found = json.loads(out)["records"]
    assert code == 0 and [one["stratum"] for one in found] == ["东", "西", "Σ"]
    assert found[0]["value"] == pytest.approx(population.search(lists).size)
    assert found[2]["value"] == pytest.approx(2 * found[0]["value"])
    code, out, _ = lvshu_command(
        *asked, "--links-found", "0.95", "--links-found-error", "0.01", "--criterion", "none", "--json"
    )
    corrected = json.loads(out)["records"][0]
    wanted = population.fit_with_linkage_error(lists, LinkageError(0.95, 0.0, 0.01), ())
    assert (
        corrected["value"] == pytest.approx(wanted.estimate.value) and corrected["value"] < corrected["naive"]
    )
    code, out, _ = lvshu_command(
        *asked, "--criterion", "none", "--term", "美团,滴滴", "--replicates", "20", "--lang", "zh"
    )
    assert code == 0 and "自助法（BCa）" in out and "异质性" in out
    code, _, told = lvshu_command(*asked, "--term", "美团,闪送", "--lang", "zh")
    assert code == 2 and "闪送" in told


def test_link_rates_that_are_none_and_options_without_use_are_refused(
    lvshu_command: Command, tmp_path: Path
) -> None:
    path = tmp_path / "lists.xlsx"
    _lists(path)
    asked = ["estimate", "population", path, "--list", "美团", "--list", "滴滴", "--list", "饿了么", "--count", "人数",
             "--lang", "en"]  # fmt: skip
    code, _, told = lvshu_command(*asked, "--links-found", "95")
    assert code != 0 and "link rates" in told and "--links-found 95)" in " ".join(told.split())
    code, _, told = lvshu_command(*asked, "--links-found", "1.4", "--links-false", "1")
    assert "--links-found 1.4; --links-false 1)" in " ".join(told.split())
    code, _, told = lvshu_command(
        *asked, "--links-found", "0.95", "--replicates", "50", "--criterion", "test"
    )
    assert code != 0 and "--replicates" in told and "--criterion test" in told


def test_a_bad_count_is_named_by_its_row_of_the_file(lvshu_command: Command, tmp_path: Path) -> None:
    path = tmp_path / "lists.csv"
    rows = ["1,0,30,东", "0,1,20,东", "1,1,9,东", "1,0,30,西", "0,1,-1,西", "1,1,9,西"]
    path.write_text("\n".join(["甲,乙,人数,区", *rows]), encoding="utf-8")
    asked = ("--list", "甲", "--list", "乙", "--count", "人数", "--stratum", "区", "--lang", "en")
    code, _, told = lvshu_command("estimate", "population", path, *asked)
    assert code == 1 and "row 6" in told and "区 = 西" in told


def test_lists_that_do_not_overlap_are_told(lvshu_command: Command, tmp_path: Path) -> None:
    path = tmp_path / "records.csv"
    path.write_text("person,platform\na,x\nb,y\nc,x\n", encoding="utf-8")
    code, _, told = lvshu_command(
        "estimate", "population", path, "--unit", "person", "--list-column", "platform", "--lang", "en"
    )
    assert code == 1 and "overlap with no other list" in told and "records.csv" in told


def test_areas_are_benchmarked(lvshu_command: Command, tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    x = draw.uniform(0, 1, 16)
    direct = 5 + 3 * x + draw.normal(0, 0.7, 16)
    variance = draw.uniform(0.2, 0.5, 16)
    table = pa.table(
        {
            "district": [f"d{k}" for k in range(16)],
            "y": direct,
            "v": variance,
            "x": x,
            "share": np.full(16, 1 / 16),
        }
    )
    path = tmp_path / "areas.parquet"
    pq.write_table(table, path)
    code, out, _ = lvshu_command(
        "estimate", "areas", path, "--area", "district", "--direct", "y", "--variance", "v", "--covariate",
        "x", "--share", "share", "--published", "6.5", "--json",
    )  # fmt: skip
    found = json.loads(out)
    model = small_area.fay_herriot(direct, variance, np.stack([np.ones(16), x], axis=1))
    np.testing.assert_allclose([one["value"] for one in found["records"]], model.estimates)
    assert np.mean([one["benchmarked"] for one in found["records"]]) == pytest.approx(6.5)
    for one in found["records"]:
        assert one["benchmarked_low"] < one["benchmarked"] < one["benchmarked_high"]
        assert 0.5 < one["benchmarked_error"] / one["standard_error"] < 1.5
    assert "before benchmarking" in found["notes"][1]["en"]
    means = small_area.area_posterior(*model.fitted_to).estimates
    np.testing.assert_allclose([one["posterior_mean"] for one in found["records"]], means)
    furthest = np.max(np.abs(means - model.estimates) / np.sqrt(model.mse))
    assert f"{furthest:.2f} standard errors" in found["notes"][2]["en"]
    code, _, told = lvshu_command(
        "estimate", "areas", path, "--area", "district", "--direct", "y", "--lang", "en"
    )
    assert code == 2 and "--variance" in told


def test_areas_that_stand_twice_and_shares_that_are_none_are_told(
    lvshu_command: Command, tmp_path: Path
) -> None:
    draw = np.random.default_rng(2)
    rows = [f"区{at},{4 + draw.normal():.3f},{draw.uniform(0.2, 0.6):.3f},0.1" for at in range(10)]
    path = tmp_path / "areas.csv"
    path.write_text("\n".join(["区,率,方差,份额", *rows]), encoding="utf-8")
    asked = ("areas", path, "--area", "区", "--direct", "率", "--variance", "方差", "--share", "份额", "--published",
             "4.2")  # fmt: skip
    right, *_ = _asked(lvshu_command, *asked)["notes"]
    assert "4.2" in right["zh"] and "请核对" not in right["zh"]
    path.write_text("\n".join(["区,率,方差,份额", *rows]).replace("0.1\n", "0.3\n", 1), encoding="utf-8")
    wrong, *_ = _asked(lvshu_command, *asked)["notes"]
    assert "1.2" in wrong["en"] and "check them" in wrong["en"]
    path.write_text("\n".join(["区,率,方差,份额", *rows, rows[3], "区11,,0.3,0.1"]), encoding="utf-8")
    code, _, told = lvshu_command("estimate", *asked, "--lang", "en")
    assert code == 1 and "stands there twice, first in row 5" in told and "row 13" in told
    path.write_text("\n".join(["区,率,方差,份额", *rows[:9], "区11,4.1,0,0.1"]), encoding="utf-8")
    code, _, told = lvshu_command("estimate", *asked, "--lang", "zh")
    assert code == 1 and "不大于零" in told and "第11行" in told


def test_an_area_without_a_sample_is_estimated_by_the_regression(
    lvshu_command: Command, tmp_path: Path
) -> None:
    draw = np.random.default_rng(2)
    x = draw.normal(size=12)
    rows = [
        f"区{at},{4 + x[at] + 0.3 * draw.normal():.4f},{draw.uniform(0.2, 0.6):.3f},{x[at]:.4f}"
        for at in range(12)
    ]
    rows[4] = f"区4,,,{x[4]:.4f}"
    path = tmp_path / "areas.csv"
    path.write_text("\n".join(["区,率,方差,x", *rows]), encoding="utf-8")
    found = _asked(
        lvshu_command,
        "areas",
        path,
        "--area",
        "区",
        "--direct",
        "率",
        "--variance",
        "方差",
        "--covariate",
        "x",
    )
    one, coefficients = found["records"][4], found["settings"]["coefficients"]
    assert one["area"] == "区4" and one["direct"] is None and one["shrinkage"] == 0
    assert one["value"] == pytest.approx(coefficients[0] + coefficients[1] * round(x[4], 4))
    assert one["standard_error"] ** 2 > found["settings"]["variance_of_effects"]
    assert any("1 个区域没有样本" in note["zh"] for note in found["notes"])


def test_figures_of_a_register_that_the_sample_contradicts_are_told(
    lvshu_command: Command, tmp_path: Path
) -> None:
    draw = np.random.default_rng(1)
    inside = (draw.random(200) < 0.6).astype(int)
    values = [f"{value:.2f}" for value in draw.gamma(3, 2, 200) + inside]
    values[3] = ""
    path = tmp_path / "sample.csv"
    path.write_text(
        "\n".join(["y,在册,w", *(f"{a},{b},40" for a, b in zip(values, inside, strict=True))]), "utf-8"
    )
    asked = ("integrate", path, "--value", "y", "--weight", "w", "--inside", "在册", "--source-size",
             str(40 * inside.sum()), "--source-total", "36000")  # fmt: skip
    code, _, told = lvshu_command("estimate", *asked, "--population-size", "8000", "--lang", "zh")
    assert code == 1 and "第5行" in told
    found = _asked(lvshu_command, *asked, "--population-size", "8000", "--missing", "omit")
    assert [one["n"] for one in found["records"]][::2] == [199, 199] and len(found["notes"]) == 1
    notes = _asked(lvshu_command, *asked, "--population-size", "800000", "--missing", "omit")["notes"]
    assert any("总体单位数给定 800,000" in one["zh"] for one in notes)


def test_a_design_without_anything_is_a_simple_random_sample(lvshu_command: Command, workers: Path) -> None:
    code, out, _ = lvshu_command("estimate", "survey", workers, "--value", "权数", "--json")
    values = np.repeat([2.5, 3.5, 4.5], 20)
    wanted = survey.mean(survey.design(np.ones(60)), values)
    record = json.loads(out)["records"][0]
    assert code == 0 and record["standard_error"] == pytest.approx(wanted.standard_error)


def test_labels_that_are_empty_and_totals_that_do_not_fit_are_told(
    lvshu_command: Command, workers: Path, tmp_path: Path
) -> None:
    text = workers.read_text("utf-8").replace("p3,B,", "p3,,")
    workers.write_text(text, encoding="utf-8")
    code, _, told = lvshu_command(
        "estimate", "survey", workers, "--value", "权数", "--by", "区", "--lang", "zh"
    )
    assert code == 1 and "“区”是空的" in told and "第5行" in told
    totals = tmp_path / "totals.csv"
    totals.write_text("variable,label,total\n平台,外卖,90\n平台,闪送,120\n", "utf-8")
    code, _, told = lvshu_command(
        "estimate", "calibrate", workers, *DESIGN, "--controls", totals, "--lang", "zh"
    )
    assert code == 1 and "网约车" in told and "闪送" in told


def test_numbers_that_cannot_be_read_and_weights_below_zero_are_told_at_once(
    lvshu_command: Command, workers: Path
) -> None:
    lines = workers.read_text("utf-8").splitlines()
    lines[5] = lines[5].replace(",2.5,", ",-2.5,")
    lines[9] = ",".join([*lines[9].split(",")[:6], "约五千", "外卖"])
    workers.write_text("\n".join(lines), encoding="utf-8")
    code, _, told = lvshu_command(
        "estimate", "survey", workers, "--value", "收入", *DESIGN, "--missing", "error", "--lang", "zh"
    )
    told = "".join(told.split())
    assert code == 1 and "约五千" in told and "第10行" in told
    assert "-2.5" in told and "第6行" in told
    assert "第9行" in told, "a cell that is empty is told beside them, one that cannot be read is not empty"
    workers.write_text("\n".join(line.replace("约五千", "5000") for line in lines), encoding="utf-8")
    code, _, told = lvshu_command("estimate", "survey", workers, "--value", "收入", *DESIGN, "--lang", "zh")
    assert code == 1 and "-2.5" in told


def test_the_level_reaches_every_interval(lvshu_command: Command, tmp_path: Path) -> None:
    path = tmp_path / "lists.xlsx"
    _lists(path)
    asked = ["estimate", "population", path, "--list", "美团", "--list", "滴滴", "--list", "饿了么", "--count", "人数",
             "--criterion", "none", "--stratum", "区"]  # fmt: skip
    for more in ([], ["--links-found", "0.9"]):
        wide, narrow = (
            json.loads(lvshu_command(*asked, *more, "--level", level, "--json")[1])["records"]
            for level in ("0.95", "0.5")
        )
        for one, other in zip(wide, narrow, strict=True):
            assert one["low"] < other["low"] < other["value"] < other["high"] < one["high"]


def test_a_register_is_completed_by_a_sample(lvshu_command: Command, tmp_path: Path) -> None:
    draw = np.random.default_rng(5)
    path = tmp_path / "sample.csv"
    rows = ["w,y,listed"] + [f"10,{draw.gamma(3, 2):.4f},{int(draw.random() < 0.6)}" for _ in range(80)]
    path.write_text("\n".join(rows), encoding="utf-8")
    asked = ["estimate", "integrate", path, "--value", "y", "--weight", "w", "--inside", "listed",
             "--population-size", "800", "--source-size", "480", "--source-total", "2900"]  # fmt: skip
    code, out, _ = lvshu_command(*asked, "--json")
    found = json.loads(out)
    alone, completed, regression = found["records"]
    assert code == 0 and completed["value"] == pytest.approx(regression["value"])
    assert completed["standard_error"] < alone["standard_error"]
    told = found["settings"]
    assert told["share_in_source"] == 0.6 and told["effective_sample_size"] > 0
    assert told["bias_of_the_sources_mean"] == pytest.approx(2900 / 480 - completed["value"] / 800)
    code, out, _ = lvshu_command(*asked, "--lang", "zh")
    assert code == 0 and "简单随机样本" in out
    plain = path.read_text("utf-8")
    path.write_text(plain.replace(",1\n", ",是\n").replace(",0\n", ",否\n"), encoding="utf-8")
    code, out, _ = lvshu_command(*asked, "--json")
    assert json.loads(out)["records"] == found["records"]
    path.write_text(plain.replace(",1\n", ",2\n", 1), encoding="utf-8")
    code, _, told = lvshu_command(*asked, "--lang", "en")
    assert code == 1 and "not 0 or 1" in told


def test_a_source_without_a_design_is_carried_to_the_population(
    lvshu_command: Command, tmp_path: Path
) -> None:
    draw = np.random.default_rng(11)
    age, kind = draw.uniform(18, 60, 2_000), draw.choice(["城", "乡"], 2_000)
    y = 2 * age + 10 * (kind == "城") + draw.normal(0, 3, 2_000)
    listed = draw.random(2_000) < 1 / (1 + np.exp(-(age - 45) / 6))
    sample = draw.choice(2_000, 150, replace=False)
    small, big = tmp_path / "sample.csv", tmp_path / "platform.csv"
    small.write_text(
        "\n".join(["w,age,kind", *(f"{2000 / 150:.6f},{age[i]:.3f},{kind[i]}" for i in sample)]),
        encoding="utf-8",
    )
    big.write_text(
        "\n".join(["y,age,kind", *(f"{y[i]:.3f},{age[i]:.3f},{kind[i]}" for i in np.flatnonzero(listed))]),
        encoding="utf-8",
    )
    asked = ["estimate", "nonprobability", small, big, "--value", "y", "--weight", "w", "--covariate", "age",
             "--class", "kind"]  # fmt: skip
    code, out, _ = lvshu_command(*asked, "--replicates", "50", "--json")
    found = {one["method"]: one for one in json.loads(out)["records"]}
    assert code == 0 and len(found) == 8
    assert found["source_alone"]["value"] - y.mean() > 10 and found["source_alone"]["standard_error"] is None
    for name, one in found.items():
        if name != "source_alone":
            assert one["error_of"] == "both_sources", name
            if "nearest" in name or "matched" in name:  # few donors at the young end: a bias of their own
                assert abs(one["value"] - y.mean()) < abs(found["source_alone"]["value"] - y.mean()) / 2
            else:
                assert one["low"] < y.mean() < one["high"], name
    _, out, _ = lvshu_command(*asked, "--json")
    alone = {one["method"]: one for one in json.loads(out)["records"]}
    assert alone["mass_imputation_nearest"]["error_of"] == "sample_alone"
    small.write_text(small.read_text("utf-8").replace(",乡", ",山", 1) + "\n13.3,,城", encoding="utf-8")
    code, _, told = lvshu_command(*asked, "--lang", "en")
    assert code == 1 and "row 152" in told and "empty value" in told
    kept = big.read_text("utf-8")
    big.write_text(kept.replace("y,age", "y,岁数", 1), encoding="utf-8")
    code, _, told = lvshu_command(*asked, "--lang", "zh")
    assert code == 1 and "sample.csv" in told and "platform.csv" in told  # both files, at once
    big.write_text(kept, encoding="utf-8")
    code, _, told = lvshu_command(*asked, "--replicates", "5", "--lang", "zh")
    assert code == 2 and "至少 50 次" in told
    small.write_text(small.read_text("utf-8").rsplit("\n", 1)[0], encoding="utf-8")
    code, _, told = lvshu_command(*asked, "--lang", "en")
    assert code == 1 and "山" in told and "platform.csv" in told


def test_a_rate_of_zero_has_no_direct_error_and_intervals_of_other_methods_are_told(
    lvshu_command: Command, tmp_path: Path
) -> None:
    path = tmp_path / "areas.csv"
    rates = (0.0, 0.1, 0.2, 0.15, 0.3, 0.25, 1.0, 0.22)
    path.write_text(
        "\n".join(["a,p,n", *(f"d{at},{rate},{20 + at}" for at, rate in enumerate(rates))]), "utf-8"
    )
    asked = ("areas", path, "--area", "a", "--direct", "p", "--effective-size", "n", "--scale", "arcsin")
    found = _asked(lvshu_command, *asked)
    errors = [one["direct_error"] for one in found["records"]]
    assert [at for at, one in enumerate(errors) if one is None] == [0, 6]
    assert errors[1] == pytest.approx((0.1 * 0.9 / 21) ** 0.5)
    assert [one["direct"] for one in found["records"]] == list(rates)
    assert [one["en"][:43] for one in found["notes"]] == ["2 areas have a direct estimate of 0 or 1: p"]
    other = _asked(lvshu_command, *asked, "--method", "ml")
    assert [one["low"] for one in other["records"]] == [one["low"] for one in found["records"]]
    assert other["records"][3]["value"] != found["records"][3]["value"]
    assert (
        "--method ml" in other["notes"][-1]["zh"] and "the same by every method" in other["notes"][-1]["en"]
    )
