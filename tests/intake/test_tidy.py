"""Small tables of records: headings in both languages, units converted, every fault at once with row and column."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from lvshu.core.errors import InputError
from lvshu.intake.tidy import NUMBER, YEAR, Field, read_tidy

FIELDS = (
    Field("item", ("项目",)), Field("year", ("年份",), YEAR), Field("quantity", ("数量",), NUMBER, unit="t"),
    Field("unit", ("单位",), optional=True),
)  # fmt: skip


def _write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("item,year,quantity (1e4 t)\na,2020,1.5\n", Decimal("15000")),
        ("项目,年份,数量(万吨)\na,2020,1.5\n", Decimal("15000")),
        ("数量,单位,项目,年份\n1500,kg,a,2020\n", Decimal("1.5")),
        ("项目\t年份\t数量(吨)\na\t2020\t1，500\n".replace("，", ""), Decimal("1500")),
    ],
)
def test_headings_and_units(tmp_path: Path, text: str, wanted: Decimal) -> None:
    table = read_tidy(_write(tmp_path / "t.csv", text), FIELDS)
    assert table.records[0]["quantity"] == wanted
    assert (table.records[0]["item"], table.records[0]["year"], table.rows) == ("a", 2020, (2,))


def test_gb18030_xlsx_and_parquet_give_the_same(tmp_path: Path) -> None:
    rows = [["项目", "年份", "数量(吨)"], ["废纸", 2020, 3]]
    text = "\n".join(",".join(map(str, row)) for row in rows)
    book = xlsxwriter.Workbook(str(tmp_path / "t.xlsx"))
    sheet = book.add_worksheet()
    for place, row in enumerate(rows):
        sheet.write_row(place, 0, row)
    book.close()
    pq.write_table(pa.table({"项目": ["废纸"], "年份": [2020], "数量(吨)": [3]}), tmp_path / "t.parquet")
    _write(tmp_path / "t.csv", text, "gb18030")
    found = [read_tidy(tmp_path / f"t.{ending}", FIELDS).records for ending in ("csv", "xlsx", "parquet")]
    assert found[0] == found[1] == found[2]
    assert found[0][0]["quantity"] == 3


def test_every_fault_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    text = "item,year,quantity,unit\na,2020,1O,t\nb,20x0,2,t\n,2020,3,t\nd,2020,4,GJ\ne,2020,5,\n"
    with pytest.raises(InputError) as caught:
        read_tidy(_write(tmp_path / "t.csv", text), FIELDS)
    found = [(problem.code, problem.where.row) for problem in caught.value.problems]
    assert found == [
        ("intake.tidy_no_number", 2), ("intake.tidy_no_number", 3), ("intake.tidy_empty", 4),
        ("intake.tidy_wrong_unit", 5), ("intake.tidy_no_unit", 6),
    ]  # fmt: skip


def test_a_missing_column_names_those_near(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_tidy(_write(tmp_path / "t.csv", "item,year,quantitiy(t)\na,2020,1\n"), FIELDS)
    assert caught.value.code == "intake.tidy_no_column"
    assert "quantitiy" in caught.value.text("en")


def test_further_columns_ride_along(tmp_path: Path) -> None:
    table = read_tidy(_write(tmp_path / "t.csv", "item,year,quantity(t),note\na,2020,1,x\n"), FIELDS)
    assert table.other == ("note",)
    assert table.records[0]["note"] == "x"


@pytest.mark.parametrize("text", ["", "item,year,quantity(t)\n"])
def test_nothing_in_the_file(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError) as caught:
        read_tidy(_write(tmp_path / "t.csv", text), FIELDS)
    assert caught.value.code in ("intake.empty_file", "intake.tidy_no_records")


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_tidy(tmp_path / "absent.csv", FIELDS)
    assert caught.value.code == "intake.tidy_not_found"
