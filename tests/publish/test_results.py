"""Labelled results as files and pages: figures, units and origin arrive whole; what is left out is told."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.result import Result
from lvshu.core.errors import InputError
from lvshu.core.origin import Origin
from lvshu.publish.results.files import write_result
from lvshu.publish.results.page import panel_of, render_page
from lvshu.publish.results.view import bars_of, sankey_of, view_of
from lvshu.publish.texts import Text


def _result(
    values: np.ndarray, units: tuple[str, ...] = ("tCO2",), error: np.ndarray | None = None
) -> Result:
    count, wide = values.shape
    rows = Index.product(("region", "sector"), ["上海"], [f"部门{i}" for i in range(count)])
    columns = Index.of(("region",), [f"地区{j}" for j in range(wide)])
    origin = Origin(producer="国家统计局", title="投入产出表", file="io.csv", sha256="ab12")
    return Result("footprint", ("足迹", "Footprint"), rows, columns, values, units, "accounts.footprint",
                  (origin,), error, (("说明。", "A note."),))  # fmt: skip


def test_csv_and_parquet_hold_every_figure_with_unit_and_origin(tmp_path: Path) -> None:
    values = np.array([[1.5, -2.0], [0.1 + 0.2, 4.0]])
    written = write_result([_result(values)], tmp_path / "a.csv", language="zh")
    assert [path.name for path in written] == ["a.csv", "a.csv.origin.json"]
    rows = list(csv.DictReader((tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [float(row["value"]) for row in rows] == [1.5, -2.0, 0.1 + 0.2, 4.0]
    assert {row["unit"] for row in rows} == {"tCO2"}
    assert list(rows[0]) == ["region", "sector", "region_of_use", "value", "unit"]
    assert json.loads((tmp_path / "a.csv.origin.json").read_text("utf-8"))["origin"][0]["sha256"] == "ab12"
    write_result([_result(values)], tmp_path / "a.parquet", language="zh")
    table = pq.read_table(tmp_path / "a.parquet")
    assert table.column("value").to_pylist() == [1.5, -2.0, 0.1 + 0.2, 4.0]
    assert "国家统计局" in table.schema.metadata[b"origin"].decode()


def test_xlsx_has_units_and_an_origin_sheet(tmp_path: Path) -> None:
    write_result([_result(np.array([[1.0, np.nan]]))], tmp_path / "a.xlsx", language="zh")
    book = CalamineWorkbook.from_path(str(tmp_path / "a.xlsx"))
    assert book.sheet_names == ["1 footprint", "出处"]
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[1] == ["地区", "部门", "单位", "地区0", "地区1"]
    assert rows[2][:4] == ["上海", "部门0", "吨二氧化碳", 1.0]
    assert rows[2][4] == ""  # a figure that is none stays empty, it is not 0


def test_a_second_result_goes_to_a_file_of_its_own(tmp_path: Path) -> None:
    one = _result(np.ones((1, 1)))
    names = [path.name for path in write_result([one, one], tmp_path / "a.csv", language="en")]
    assert names == ["a.csv", "a.csv.origin.json", "a-footprint.csv", "a-footprint.csv.origin.json"]


def test_an_unknown_ending_is_refused_with_those_known(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        write_result([_result(np.ones((1, 1)))], tmp_path / "a.doc", language="en")
    assert caught.value.code == "accounts.unknown_result_format"
    assert ".parquet" in caught.value.text("en")
    assert not list(tmp_path.iterdir())


def test_many_columns_keep_the_row_totals() -> None:
    values = np.random.default_rng(3).lognormal(0.0, 1.0, (40, 30))
    view = view_of(_result(values))
    figures = [column.key for column in view.columns if column.kind == "number"]
    assert len(figures) == 12
    for row, line in zip(view.rows, values, strict=True):
        assert sum(float(row[key]) for key in figures) == pytest.approx(line.sum())  # type: ignore[arg-type]


def test_small_rows_are_left_out_and_told() -> None:
    view = view_of(_result(np.arange(1.0, 6.0)[:, None]), rows=3)
    assert [row["row_sector"].zh for row in view.rows] == ["部门2", "部门3", "部门4"]  # type: ignore[union-attr]
    assert view.left_out == 2
    assert "2" in view.note.en


def test_standard_error_stands_beside_a_single_column() -> None:
    view = view_of(_result(np.ones((2, 1)), error=np.full((2, 1), 0.25)))
    assert float(view.rows[0]["error"]) == 0.25  # type: ignore[arg-type]


def test_rows_of_different_units_are_not_drawn_on_one_axis() -> None:
    result = _result(np.ones((2, 1)), units=("tCO2", "kg"))
    view = view_of(result)
    assert [row["unit"].en for row in view.rows] == ["tCO₂", "kg"]  # type: ignore[union-attr]
    assert bars_of(result, view, Text("", "")) is None


def test_the_longer_side_goes_down_the_page_each_column_with_its_unit() -> None:
    result = _result(np.arange(10.0).reshape(2, 5), units=("tCO2", "kg"))
    view = view_of(result)
    assert len(view.rows) == 5
    assert [column.unit for column in view.columns if column.kind == "number"] == ["tCO2", "kg"]
    assert [float(row["figure_1"]) for row in view.rows] == [5.0, 6.0, 7.0, 8.0, 9.0]  # type: ignore[arg-type]
    assert bars_of(result, view, Text("", "")) is None


def test_sankey_tells_the_flows_it_cannot_draw() -> None:
    chart, note = sankey_of(_result(np.array([[2.0, -3.0]])), Text("流", "flow"))
    assert chart is not None
    assert chart.en["data"][0]["link"]["value"] == [2.0]
    assert "-3" in note.en
    none, _ = sankey_of(_result(np.array([[-1.0]])), Text("流", "flow"))
    assert none is None


def test_the_page_has_both_languages_method_and_origin() -> None:
    page = render_page([_result(np.ones((2, 2)))], title=Text("足迹", "Footprint"), language="en")
    for words in ("accounts.footprint", "国家统计局", "ab12", '<span lang="en">A note</span>', "说明"):
        assert words in page
    assert panel_of(replace(_result(np.ones((2, 2))), is_flow=True)).chart.zh["data"][0]["type"] == "sankey"


def _chart(result: Result) -> dict[str, object]:
    chart = bars_of(result, view_of(result), Text("", ""))
    assert chart is not None
    return dict(chart.en)


def test_a_total_is_not_stacked_on_its_parts_and_indices_are_not_stacked() -> None:
    drawn = _chart(_turned("price_change", "price_change", "own_cost", "border_cost", "passed_on"))
    assert drawn["layout"]["barmode"] == "relative"  # type: ignore[index]
    assert [trace["name"] for trace in drawn["data"]] == ["Own carbon cost", "Border cost", "Passed on"]  # type: ignore[attr-defined]
    drawn = _chart(_turned("linkages", "backward_total", "backward_normalised", "forward_normalised"))
    assert drawn["layout"]["barmode"] == "group"  # type: ignore[index]
    assert len(drawn["data"]) == 2  # type: ignore[arg-type]


def _turned(name: str, *measures: str) -> Result:
    """Return a result of five sectors, so that measures stand in its columns."""
    values = np.arange(1.0, 5.0 * len(measures) + 1.0).reshape(len(measures), 5)
    sectors = Index.product(("region", "sector"), ["local"], list("甲乙丙丁戊"))
    rows = Index.of(("measure",), measures)
    return Result(name, ("测试", "Test"), rows, sectors, values, ("%",), "accounts.carbon_price")


def test_layers_keep_their_order() -> None:
    layers = Index.of(("layer",), ["0", "1", "2", "deeper"])
    result = Result("layers", ("层", "Layers"), Index.of(("stressor",), ["CO2"]), layers,
                    np.array([[2.0, 3.0, 1.0, 4.0]]), ("tCO2",), "accounts.paths")  # fmt: skip
    assert _chart(result)["data"][0]["y"] == ["0", "1", "2", "Deeper"]  # type: ignore[index]


def test_empty_parts_of_a_label_leave_no_dots() -> None:
    rows = Index.of(("measure", "region", "category"), [("revenue_own", "", ""), ("buyers", "A", "export")])
    result = Result("carbon_burden", ("收入", "Revenue"), rows, Index.of(("measure",), ["value"]),
                    np.array([[3.0], [2.0]]), ("CNY",), "accounts.carbon_price")  # fmt: skip
    names = _chart(result)["data"][0]["y"]  # type: ignore[index]
    assert "Revenue on own emissions" in names
    assert not any(name.rstrip().endswith("·") for name in names)


def test_intensities_per_yuan_are_shown_per_ten_thousand() -> None:
    result = _result(np.array([[0.00005123], [0.0011]]), units=("tCO2/CNY",))
    shown = view_of(result)
    figure = next(column for column in shown.columns if column.kind == "number")
    assert figure.unit == "tCO2/1e4 CNY"
    assert float(shown.rows[0][figure.key]) == pytest.approx(0.5123)
