"""Tables of one's own: every layout gives the same system, and every fault is told with its row and column."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
import xlsxwriter

from lvshu.accounts.ledger.system import InputOutputSystem
from lvshu.accounts.readers import read_system
from lvshu.accounts.readers.generic import FORMAT
from lvshu.core.errors import InputError
from tests.accounts.readers import small

HEADINGS = {
    "en": ("from region", "from sector", "to region", "to sector/category", "value", "unit"),
    "zh": ("来源地区", "来源部门", "使用地区", "使用部门", "数值", "单位"),
}
Rows = list[Sequence[object]]


def long_rows(language: str = "en", unit: str = "1e6 EUR") -> Rows:
    rows: Rows = [HEADINGS[language]]
    for i, source in enumerate(small.INDUSTRIES):
        rows += [(*source, *user, small.USE[i, j], unit) for j, user in enumerate(small.INDUSTRIES)]
        rows += [(*source, *user, small.DEMAND[i, j], unit) for j, user in enumerate(small.FINAL)]
        rows.append((*source, "", "output", small.OUTPUT[i], unit))
    for j, user in enumerate(small.INDUSTRIES):
        rows.append(("", "compensation of employees", *user, small.WAGES[j], unit))
        rows.append(("", "operating surplus", *user, small.SURPLUS[j], unit))
    return rows


def wide_rows() -> Rows:
    users = (*small.INDUSTRIES, *small.FINAL)
    rows: Rows = [
        ("A table of two regions",),
        ("unit: 1e6 EUR",),
        ("", "", *(region for region, _ in users), ""),
        ("", "", *(sector for _, sector in users), "Total output"),
    ]
    for i, source in enumerate(small.INDUSTRIES):
        rows.append((*source, *small.USE[i], *small.DEMAND[i], small.OUTPUT[i]))
    blank = [""] * (len(small.FINAL) + 1)
    rows.append(("", "compensation of employees", *small.WAGES, *blank))
    rows.append(("", "operating surplus", *small.SURPLUS, *blank))
    return rows


def stressor_rows() -> Rows:
    rows: Rows = [("stressor", "region", "sector", "value", "unit")]
    rows += [
        ("CO2", *label, amount, "tCO2") for label, amount in zip(small.INDUSTRIES, small.CO2, strict=True)
    ]
    rows += [
        ("CH4", *label, amount, "kg CH4") for label, amount in zip(small.INDUSTRIES, small.CH4, strict=True)
    ]
    rows += [("CO2", *small.FINAL[0], 11000.0, "kgCO2")]
    return rows


def write(rows: Rows, path: Path, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        with path.open("w", encoding=encoding, newline="") as stream:
            csv.writer(stream).writerows(
                [repr(float(cell)) if isinstance(cell, float) else cell for cell in row] for row in rows
            )
    elif path.suffix == ".parquet":
        columns = list(zip(*rows[1:], strict=True))
        parquet.write_table(pa.table(dict(zip(map(str, rows[0]), map(list, columns), strict=True))), path)
    return path


def workbook(path: Path, sheets: dict[str, Rows]) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


def check(system: InputOutputSystem) -> None:
    assert system.industries.labels == small.INDUSTRIES
    assert system.final.labels == small.FINAL
    np.testing.assert_allclose(system.intermediate_use, small.USE, rtol=1e-15)
    np.testing.assert_allclose(system.final_demand, small.DEMAND, rtol=1e-15)
    np.testing.assert_allclose(system.output, small.OUTPUT, rtol=1e-12)
    np.testing.assert_allclose(system.value_added["compensation of employees"], small.WAGES, rtol=1e-15)
    np.testing.assert_allclose(system.value_added["operating surplus"], small.SURPLUS, rtol=1e-15)
    assert system.money_unit == "1e6 EUR"


def refused(rows: Rows, path: Path, **options: object) -> InputError:
    with pytest.raises(InputError) as caught:
        read_system(write(rows, path), format="generic", **options)  # type: ignore[arg-type]
    assert "{" not in caught.value.text("zh") + caught.value.text("en")
    return caught.value


def codes(error: InputError) -> list[str]:
    return [problem.code.removeprefix("accounts.") for problem in error.problems]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", ["table.csv", "table.parquet", "table.xlsx"])
def test_long(tmp_path: Path, name: str, language: str) -> None:
    rows = long_rows(language)
    path = workbook(tmp_path / name, {"s": rows}) if name.endswith("xlsx") else write(rows, tmp_path / name)
    assert FORMAT.recognises(path)
    check(read_system(path, format="generic", year=2020))


def test_wide_csv_and_workbook_with_merged_looking_regions(tmp_path: Path) -> None:
    check(read_system(write(wide_rows(), tmp_path / "wide.csv"), format="generic"))
    rows = wide_rows()
    once = [
        cell if number == 2 or cell != rows[2][number - 1] else ""
        for number, cell in enumerate(rows[2])
        if number
    ]
    rows[2] = ("", *once)
    rows[5] = ("", *rows[5][1:])
    rows[7] = ("", *rows[7][1:])
    path = workbook(tmp_path / "wide.xlsx", {"table": rows})
    assert FORMAT.recognises(path)
    check(read_system(path, format="generic"))


def test_one_region_in_gb18030_with_a_chinese_unit(tmp_path: Path) -> None:
    rows: Rows = [
        ("单位：万元",), ("", "农业", "工业", "居民消费", "出口", "总产出"),
        ("农业", 10, "1,200.5", 30, 5, 1245.5), ("工业", 20, 300, 40, "", 360),
        ("劳动者报酬", 1000, 500, "", "", ""), ("中间投入合计", 30, 1500.5, "", "", ""),
    ]  # fmt: skip
    system = read_system(write(rows, tmp_path / "表.csv", "gb18030"), format="generic")
    assert system.industries.labels == (("all", "农业"), ("all", "工业"))
    assert system.final.labels == (("all", "居民消费"), ("all", "出口"))
    assert system.money_unit == "1e4 CNY"
    assert system.intermediate_use[0, 1] == 1200.5
    assert system.value_added["劳动者报酬"].tolist() == [1000, 500]
    told = "".join(note for pair in system.notes for note in pair)
    assert "中间投入合计" in told
    assert "1 blank" in told


def test_stressors_beside_the_table_with_mixed_units(tmp_path: Path) -> None:
    write(long_rows(), tmp_path / "data" / "table.csv")
    write(stressor_rows(), tmp_path / "data" / "air.csv")
    systems = [read_system(tmp_path / "data", format="generic")]
    path = workbook(
        tmp_path / "both.xlsx", {"table": wide_rows(), "air": stressor_rows(), "notes": [("hello",)]}
    )
    systems.append(read_system(path, format="generic"))
    for system in systems:
        check(system)
        air = system.extensions["air"]
        assert air.stressors.labels == (("CO2",), ("CH4",))
        assert air.units == ("tCO2", "kg CH4")
        np.testing.assert_allclose(air.flows, [small.CO2, small.CH4], rtol=1e-15)
        assert air.final_flows is not None
        assert air.final_flows[0].tolist() == [11.0, 0.0, 0.0, 0.0]
    assert "notes" in "".join(note for pair in systems[1].notes for note in pair)
    assert read_system(tmp_path / "data", format="generic", extensions=False).extensions == {}


def test_money_of_several_scales_is_brought_to_one(tmp_path: Path) -> None:
    rows = long_rows()
    rows[1] = (*rows[1][:4], 10500.0, "1e3 EUR")
    system = read_system(write([rows[0], *rows[2:], rows[1]], tmp_path / "a.csv"), format="generic")
    assert system.intermediate_use[0, 0] == pytest.approx(10.5, rel=1e-15)
    assert system.money_unit == "1e6 EUR"


def test_a_unit_is_never_guessed(tmp_path: Path) -> None:
    rows: Rows = [row[:5] for row in long_rows()]
    assert codes(refused(rows, tmp_path / "a.csv")) == ["generic_no_unit"]
    check(read_system(write(rows, tmp_path / "a.csv"), unit="1e6 EUR", format="generic"))
    wide = wide_rows()
    assert codes(refused([wide[0], *wide[2:]], tmp_path / "b.csv")) == ["generic_no_unit"]
    check(read_system(write([wide[0], *wide[2:]], tmp_path / "b.csv"), unit="1e6 EUR", format="generic"))
    assert codes(refused(long_rows(unit="bushels"), tmp_path / "c.csv")) == ["generic_unknown_unit"]
    mixed = long_rows()
    mixed[3] = (*mixed[3][:5], "1e4 CNY")
    error = refused(mixed, tmp_path / "d.csv")
    assert codes(error) == ["generic_units_differ"]
    assert error.problems[0].where.key() == "d.csv:4 [unit]"


def test_all_faults_of_a_long_table_are_told_at_once(tmp_path: Path) -> None:
    rows = long_rows()
    rows[2] = (*rows[2][:4], "n/a", "1e6 EUR")
    rows[4] = (*rows[4][:3], "Weat", *rows[4][4:])
    rows[6] = (*rows[6][:3], "", *rows[6][4:])
    rows.append(rows[1])
    rows.append(("AT", "Wheat", "AT"))
    error = refused(rows, tmp_path / "bad.csv")
    places = {(code, problem.where.key()) for code, problem in zip(codes(error), error.problems, strict=True)}
    assert ("generic_not_a_number", "bad.csv:3 [value]") in places
    assert ("generic_unknown_label", "bad.csv:5 [to sector/category]") in places
    assert ("generic_blank_label", "bad.csv:7 [to sector/category]") in places
    assert ("generic_twice", f"bad.csv:{len(rows) - 1} [to sector/category]") in places
    assert ("generic_row_width", f"bad.csv:{len(rows)}") in places
    assert "Wheat" in error.text("en")


def test_all_faults_of_a_wide_table_are_told_at_once(tmp_path: Path) -> None:
    rows = wide_rows()
    rows[4] = (*rows[4][:4], "n.a.", *rows[4][5:])
    rows[5] = (rows[5][0], "Weat", *rows[5][2:])
    rows[3] = (*rows[3][:-2], "mystery", rows[3][-1])
    error = refused(rows, tmp_path / "bad.csv")
    places = {(code, problem.where.key()) for code, problem in zip(codes(error), error.problems, strict=True)}
    assert ("generic_not_a_number", "bad.csv:5 [E]") in places
    assert ("generic_unknown_label", "bad.csv:6 [A]") in places
    assert ("generic_unknown_label", "bad.csv:4 [J]") in places


def test_a_competitive_table_is_not_taken_for_a_closed_one(tmp_path: Path) -> None:
    rows: Rows = [
        ("单位：万元",), ("", "农业", "工业", "居民消费", "进口", "总产出"),
        ("农业", 10, 20, 30, -5, 55), ("工业", 20, 30, 40, -9, 81),
    ]  # fmt: skip
    error = refused(rows, tmp_path / "a.csv")
    assert codes(error) == ["generic_competitive"]
    assert error.problems[0].where.key() == "a.csv:2 [E]"


def test_stressors_with_faults(tmp_path: Path) -> None:
    rows = stressor_rows()
    rows[1] = ("CO2", "AT", "Paddy rise", 1.0, "tCO2")
    rows[3] = (*rows[3][:4], "m3")
    rows[4] = (*rows[4][:4], "")
    rows.append(rows[6])
    folder = tmp_path / "data"
    write(long_rows(), folder / "table.csv")
    write(rows, folder / "air.csv")
    with pytest.raises(InputError) as caught:
        read_system(folder, format="generic")
    places = {
        (code, one.where.key()) for code, one in zip(codes(caught.value), caught.value.problems, strict=True)
    }
    assert places == {
        ("generic_unknown_label", "air.csv:2 [sector]"), ("generic_units_differ", "air.csv:4 [unit]"),
        ("generic_no_unit", "air.csv:5 [unit]"), ("generic_twice", "air.csv:11 [sector]"),
    }  # fmt: skip


def test_what_does_not_balance_is_refused(tmp_path: Path) -> None:
    rows = long_rows()
    rows[1] = (*rows[1][:4], 99.0, "1e6 EUR")
    assert codes(refused(rows, tmp_path / "a.csv")) == ["reader_not_balanced"]


def test_no_table_several_tables_and_no_final_use(tmp_path: Path) -> None:
    assert codes(refused([("a", "b"), (1, 2)], tmp_path / "a.csv")) == ["generic_no_table"]
    assert not FORMAT.recognises(tmp_path / "a.csv")
    book = workbook(tmp_path / "two.xlsx", {"one": long_rows(), "two": long_rows()})
    with pytest.raises(InputError) as caught:
        read_system(book, format="generic")
    assert codes(caught.value) == ["generic_several_tables"]
    only = [
        row
        for row in long_rows()
        if row[3] not in dict(small.FINAL).values() and row[3] not in small.CATEGORIES
    ]
    assert "generic_no_final_use" in codes(refused(only, tmp_path / "c.csv"))
    one_sided: Rows = [(*row[:2], *row[3:]) for row in long_rows()]
    assert "generic_one_region" in codes(refused(one_sided, tmp_path / "d.csv"))
