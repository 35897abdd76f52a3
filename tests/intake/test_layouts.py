"""Layouts: several records in one row of a sheet, their places, their faults, and what is no total."""

from __future__ import annotations

import sys
from decimal import Decimal
from types import ModuleType

import pytest

from lvshu.contract.table import parse
from lvshu.core.errors import Problem
from lvshu.intake import layout
from lvshu.intake.grid import Grid
from lvshu.intake.layout import LayoutResult
from tests.intake.conftest import Place, codes, column, problem


class Matrix:
    """A test layout: “矩阵” in the corner, one record per cell."""

    name = "matrix"
    makes = ("cell",)

    def recognises(self, grid: Grid) -> bool:
        return grid.text(0, 0) == "矩阵"

    def read(self, grid: Grid, *, year: int, area_code: str, unit: str | None) -> LayoutResult:
        places = [(row, index) for row in range(1, grid.height) for index in range(1, grid.width)]
        columns = {
            "column_name": [grid.text(0, index) for _, index in places],
            "row_name": [grid.text(row, 0) for row, _ in places],
            "origin": ["total"] * len(places),
            "year": [year] * len(places),
            "value": [grid.cell(row, index) for row, index in places],
            "row_number": [row + 1 for row, _ in places],
        }
        seen = (Problem("intake.no_rows", grid.where(), {"table": unit or area_code}, "notice"),)
        return LayoutResult({"cell": columns}, seen, "matrix.plain")


@pytest.fixture
def matrix(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    module = ModuleType("tests.intake.matrix_layout")
    module.LAYOUT = Matrix()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(layout, "LAYOUT_MODULES", {"matrix": module.__name__})
    place.contracts = {
        **place.contracts,
        "cell": parse(
            {
                "table": {
                    "name": "cell", "kind": "input", "zh": "单元", "en": "Cell", "meaning_zh": "单元",
                    "meaning_en": "cell", "key": ["row_name", "column_name", "origin"],
                },
                "column": [
                    column("row_name", "code", "行", "Row", required=True),
                    column("column_name", "code", "列", "Column", required=True),
                    column("origin", "code", "来源", "Origin", required=True, allowed=["total", "import"]),
                    column("year", "year", "年", "Year", required=True),
                    column("value", "quantity", "值", "Value", unit="CNY", required=True, minimum="0"),
                ],
            },
            room="test",
        ),
    }  # fmt: skip
    return place


def test_cells_of_a_layout(matrix: Place) -> None:
    matrix.put("anything.csv", "矩阵,a,b\nx,1,2.5\n合计,3,-4\n")
    matrix.put("anything.mapping.toml", 'unit = "yearbook"\nyear = 2007\n')
    report = matrix.load()
    assert matrix.rows("row_name, column_name, year, value, source_row", "cell") == [
        ("x", "a", 2007, Decimal(1), 2),
        ("x", "b", 2007, Decimal("2.5"), 2),
        ("合计", "a", 2007, Decimal(3), 3),
    ]
    assert matrix.refused() == [("anything.csv", 3, "value", "-4", "intake.negative")]
    assert problem(report, "intake.no_rows").values["table"] == "yearbook"
    assert matrix.engine.execute("SELECT layout, rows_read FROM input_file") == [("matrix.plain", 4)]


def test_a_layout_is_found_in_a_file_named_otherwise(matrix: Place) -> None:
    matrix.put("ledger.csv", "矩阵,a\nx,1\n")
    report = matrix.load()
    assert report.table("cell").rows_kept == 1
    assert codes(report, "error") == []


def test_cells_of_one_place_twice_are_refused_once_each(matrix: Place) -> None:
    matrix.put("m.csv", "矩阵,a,a\nx,1,2\ny,3,3\n")
    report = matrix.load()
    assert matrix.rows("row_name, value", "cell") == [("y", Decimal(3))]
    assert report.table("cell").rows_quarantined == 3
