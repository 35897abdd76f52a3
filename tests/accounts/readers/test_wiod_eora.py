"""WIOD workbooks and Eora26 packages: read back exactly, and what is wrong told in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xlsxwriter

from lvshu.accounts.readers import read_system, recognise
from lvshu.core.errors import InputError
from tests.accounts.readers import small
from tests.accounts.readers.packages import write_folder, write_zip

COUNTRIES = ("AUS", "RoW")
NAMES = ("Agriculture, Hunting, Forestry and Fishing", "Mining and Quarrying")


def _wiod(path: Path, release: int, change: dict[tuple[int, int], Any] | None = None) -> Path:
    """Write the sheet of a release; `change` overwrites cells (zero-based row, column)."""
    codes = ("AtB", "C") if release == 2013 else ("A01", "B")
    finals = (("", "c37"), ("", "c41")) if release == 2013 else (("CONS_h", "c57"), ("GFCF", "c60"))
    cells: dict[tuple[int, int], Any] = {}
    title = ["World Input-Output Table for 2009", "41 countries, in current prices", "(industry-by-industry)",
             "(millions of US$)"]  # fmt: skip
    for row, words in enumerate(title):
        cells[row, 0] = words
    heads = [(code, name, country, f"c{place + 1}") for country in COUNTRIES
             for place, (code, name) in enumerate(zip(codes, NAMES, strict=True))]  # fmt: skip
    for place, head in enumerate(heads):
        for part in range(4):
            cells[2 + part, 4 + place] = head[part]
            cells[6 + place, part] = head[part]
    for place, (country, final) in enumerate((one, two) for one in COUNTRIES for two in finals):
        for part, word in enumerate((final[0], "Final", country, final[1])):
            cells[2 + part, 8 + place] = word
    cells[3, 12], cells[2, 12] = "Total output", "" if release == 2013 else "GO"
    for row in range(4):
        for column in range(4):
            cells[6 + row, 4 + column] = small.USE[row, column]
            cells[6 + row, 8 + column] = small.DEMAND[row, column]
        cells[6 + row, 12] = small.OUTPUT[row]
    first = (
        ("", "Total intermediate consumption", "TOT", "r60")
        if release == 2013
        else ("II_fob", "Total", "TOT", "")
    )
    last = ("", "Output at basic prices", "", "r69") if release == 2013 else ("GO", "Output", "TOT", "")
    under = [
        (first, small.USE.sum(axis=0)), (("", "taxes less subsidies on products", "", "r99"), small.WAGES),
        (("VA" if release == 2016 else "", "Value added at basic prices", "TOT" if release == 2016 else "", "r64"),
         small.SURPLUS), (last, small.OUTPUT),
    ]  # fmt: skip
    for place, (head, values) in enumerate(under):
        for part in range(4):
            cells[10 + place, part] = head[part]
        for column in range(4):
            cells[10 + place, 4 + column] = values[column]
    cells |= change or {}
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("WIOT_2009")
    for (row, column), cell in cells.items():
        sheet.write(row, column, cell)
    book.close()
    return path


@pytest.mark.parametrize(
    ("release", "file"), [(2013, "wiot09_row_sep12.xlsx"), (2016, "WIOT2009_Nov16_ROW.xlsx")]
)
def test_wiod_releases(tmp_path: Path, release: int, file: str) -> None:
    path = _wiod(tmp_path / file, release)
    assert recognise(path) == "wiod"
    system = read_system(path)
    assert system.name == f"WIOD {release} 2009" and (system.year, system.money_unit) == (2009, "1e6 USD")
    assert system.industries.labels[0] == ("AUS", "AtB" if release == 2013 else "A01")
    assert system.final.labels[-1] == ("RoW", "c41" if release == 2013 else "GFCF")
    assert np.array_equal(system.intermediate_use, small.USE)
    assert np.array_equal(system.final_demand, small.DEMAND)
    assert np.array_equal(system.output, small.OUTPUT)
    assert system.value_added["Value added at basic prices"] == pytest.approx(small.SURPLUS, rel=1e-15)
    assert len(system.value_added) == 2
    assert system.origin.licence == ("" if release == 2013 else "CC BY 4.0")


def test_wiod_faults(tmp_path: Path) -> None:
    path = _wiod(tmp_path / "wiot09_row_sep12.xlsx", 2013, {(7, 5): "n/a", (8, 9): "?"})
    with pytest.raises(InputError) as caught:
        read_system(path)
    places = [(one.code, one.where.row, one.where.column) for one in caught.value.problems[:2]]
    assert places == [("accounts.reader_not_a_number", 8, "F"), ("accounts.reader_not_a_number", 9, "J")]
    path = _wiod(tmp_path / "wiot10_row_sep12.xlsx", 2013, {(6, 12): 1.0})
    with pytest.raises(InputError, match="AUS / AtB"):
        read_system(path)
    path = _wiod(tmp_path / "wiot11_row_sep12.xlsx", 2013, {(2, 5): "D"})
    with pytest.raises(InputError, match="AUS / D"):
        read_system(path)


def _air(folder: Path, country: str, figures: Any) -> None:
    """Write the workbook of a country: CO2 and CH4 of two industries, the total and households."""
    folder.mkdir(exist_ok=True)
    book = xlsxwriter.Workbook(str(folder / f"{country}_AIR_May12.xlsx"))
    sheet = book.add_worksheet("2009")
    sheet.write_row(0, 2, ["CO2", "CH4"])
    heads = [(NAMES[0], "secAtB"), (NAMES[1], "secC"), ("Total intermediate consumption", "secTOT"),
             ("", ""), ("Final consumption expenditure by households", "FC_HH")]  # fmt: skip
    for place, (head, line) in enumerate(zip(heads, figures, strict=True), start=1):
        sheet.write_row(place, 0, [*head, *line])
    book.close()


def test_wiod_air_emissions_beside_the_table(tmp_path: Path) -> None:
    path = _wiod(tmp_path / "wiot09_row_sep12.xlsx", 2013)
    _air(tmp_path / "AIR_may12", "AUS", [[6652.5, 3.0], [24083.25, 1.5], [30735.75, 4.5], [], [41143, 0.25]])
    with pytest.raises(InputError) as caught:
        read_system(path)
    assert [one.code for one in caught.value.problems] == ["accounts.reader_file_missing"]
    assert "ROW_AIR" in caught.value.text("en")
    assert not read_system(path, extensions=False).extensions
    _air(tmp_path / "AIR_may12", "ROW", [[1, 2], [3, ""], [4, 2], [], [5, 6]])
    air = read_system(path).extensions["AIR"]
    assert air.stressors.labels == (("CO2",), ("CH4",)) and air.units == ("Gg", "t")
    assert np.array_equal(air.flows, [[6652.5, 24083.25, 1, 3], [3, 1.5, 2, 0]])
    assert np.array_equal(air.final_flows, [[41143, 0, 5, 0], [0.25, 0, 6, 0]])


def _eora() -> dict[str, str]:
    places = [("Austria", "AUT"), ("China", "CHN")]
    stem = "Eora26_2010_bp_"

    def text(values: Any) -> str:
        return "\n".join("\t".join(repr(float(cell)) for cell in row) for row in values) + "\n"

    labels = [f"{full}\t{code}\tIndustries\t{name}\t" for full, code in places for name in NAMES]
    finals = [f"{full}\t{code}\tFinal Demand\t{name}\t" for full, code in places for name in small.CATEGORIES]
    return {
        f"{stem}T.txt": text(small.USE), f"{stem}FD.txt": text(small.DEMAND),
        f"{stem}VA.txt": text([small.WAGES, small.SURPLUS]), f"{stem}Q.txt": text([small.CO2, small.CH4]),
        f"{stem}QY.txt": text(small.HOUSEHOLDS), "labels_T.txt": "\n".join(labels) + "\n",
        "labels_FD.txt": "\n".join(finals) + "\n",
        "labels_VA.txt": "Primary Inputs\tCompensation of employees D.1\t\nPrimary Inputs\tNet surplus B.2n\t\n",
        "labels_Q.txt": "I-GHG-CO2 emissions (Gg)\tTotal\t\nI-GHG-CH4 emissions (Gg)\tTotal\t\n",
    }  # fmt: skip


def test_eora_in_zip_and_with_labels_beside(tmp_path: Path) -> None:
    members = _eora()
    labels = {name: text for name, text in members.items() if name.startswith("labels")}
    path = write_zip(
        {name: text for name, text in members.items() if name not in labels}, tmp_path / "Eora26_2010_bp.zip"
    )
    write_zip(labels, tmp_path / "indices.zip", "indices/")
    assert recognise(path) == "eora"
    system = read_system(path)
    assert system.name == "Eora26 2010 bp" and system.money_unit == "1e3 USD"
    assert system.industries.labels[0] == ("AUT", NAMES[0])
    assert np.array_equal(system.intermediate_use, small.USE)
    assert np.array_equal(system.final_demand, small.DEMAND)
    assert np.array_equal(system.value_added["Compensation of employees D.1"], small.WAGES)
    stressors = system.extensions["Q"]
    assert stressors.stressors.labels == (("I-GHG-CO2 emissions", "Total"), ("I-GHG-CH4 emissions", "Total"))
    assert stressors.units == ("Gg", "Gg")
    assert np.array_equal(stressors.flows, np.vstack([small.CO2, small.CH4]))
    assert np.array_equal(stressors.final_flows, small.HOUSEHOLDS)
    assert not read_system(path, extensions=False).extensions


def test_eora_faults(tmp_path: Path) -> None:
    members = _eora()
    members["Eora26_2010_bp_T.txt"] = "\n".join(members["Eora26_2010_bp_T.txt"].splitlines()[:3]) + "\n"
    members["Eora26_2010_bp_FD.txt"] = members["Eora26_2010_bp_FD.txt"].replace("50.0", "fifty")
    del members["Eora26_2010_bp_VA.txt"]
    with pytest.raises(InputError) as caught:
        read_system(write_folder(members, tmp_path / "2010"))
    assert [one.code for one in caught.value.problems] == [
        "accounts.reader_row_count", "accounts.reader_not_a_number", "accounts.reader_file_missing",
    ]  # fmt: skip
    members = _eora()
    del members["labels_T.txt"]
    with pytest.raises(InputError, match=r"labels_T\.txt"):
        read_system(write_folder(members, tmp_path / "2011"))
