"""EXIOBASE 3 packages read back exactly; broken ones are answered in words, all faults at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lvshu.accounts.readers import load_system, read_system, recognise, save_system
from lvshu.core.errors import InputError
from tests.accounts.readers import small
from tests.accounts.readers.packages import (
    CH4_NAME,
    CO2_NAME,
    SURPLUS_NAME,
    WAGES_NAME,
    exiobase,
    write_folder,
    write_zip,
)  # fmt: skip


def test_a_zip_of_39_reads_back_exactly(tmp_path: Path) -> None:
    path = write_zip(exiobase(), tmp_path / "IOT_2011_pxp.zip", "IOT_2011_pxp/")
    assert recognise(path) == "exiobase"
    system = read_system(path)
    assert (system.year, system.money_unit) == (2011, "1e6 EUR")
    assert system.name == "EXIOBASE 3.9.4 pxp 2011"
    assert system.industries.labels == small.INDUSTRIES and system.final.labels == small.FINAL
    assert np.array_equal(system.intermediate_use, small.USE)
    assert np.array_equal(system.final_demand, small.DEMAND)
    assert np.array_equal(system.output, small.OUTPUT)
    assert np.array_equal(system.value_added[WAGES_NAME], small.WAGES)
    assert np.array_equal(system.value_added[SURPLUS_NAME], small.SURPLUS)
    air = system.extensions["air_emissions"]
    assert air.stressors.labels == ((CO2_NAME,), (CH4_NAME,)) and air.units == ("kg", "kg")
    assert np.array_equal(air.flows, np.vstack([small.CO2, small.CH4]))
    assert np.array_equal(air.final_flows, small.HOUSEHOLDS)
    assert len(system.origin.sha256) == 64 and system.origin.file == path.name
    assert "NC" in system.origin.licence


def test_a_folder_of_38_with_one_satellite(tmp_path: Path) -> None:
    folder = write_folder(exiobase(folders=False), tmp_path / "IOT_2011_pxp")
    system = read_system(folder)
    assert set(system.value_added) == {WAGES_NAME, SURPLUS_NAME}
    assert np.array_equal(system.extensions["satellite"].final_flows[2:], small.HOUSEHOLDS)
    columns = np.asarray(system.intermediate_use).sum(axis=0) + sum(system.value_added.values())
    assert columns == pytest.approx(system.output, rel=1e-12)
    assert system.origin.licence == ""


def test_extensions_can_be_left_out(tmp_path: Path) -> None:
    path = write_zip(exiobase(), tmp_path / "IOT_2011_pxp.zip")
    without = read_system(path, extensions=False)
    assert not without.extensions and set(without.value_added) == {WAGES_NAME, SURPLUS_NAME}
    some = read_system(path, extensions=["air_emissions"])
    assert list(some.extensions) == ["air_emissions"]


def test_coefficients_alone_give_flows(tmp_path: Path) -> None:
    members = exiobase()
    coefficients = small.USE / small.OUTPUT
    from tests.accounts.readers.packages import matrix_text

    names = ("region", "sector")
    members["A.txt"] = matrix_text(names, small.INDUSTRIES, names, small.INDUSTRIES, coefficients)
    for name in ("Z.txt", "x.txt", "file_parameters.json"):
        del members[name]
    system = read_system(write_zip(members, tmp_path / "IOT_2011_pxp.zip"))
    assert system.output == pytest.approx(small.OUTPUT, rel=1e-12)
    assert system.intermediate_use == pytest.approx(small.USE, rel=1e-12)
    assert any("A x" in english for _, english in system.notes)


def test_the_second_reading_is_mapped_from_the_cache(tmp_path: Path) -> None:
    path = write_zip(exiobase(), tmp_path / "IOT_2011_pxp.zip")
    first = read_system(path, cache=tmp_path / "cache")
    again = read_system(path, cache=tmp_path / "cache")
    assert isinstance(again.intermediate_use, np.memmap)
    assert np.array_equal(first.intermediate_use, again.intermediate_use)
    assert again.origin == first.origin and again.notes == first.notes
    assert again.extensions["air_emissions"].stressors == first.extensions["air_emissions"].stressors
    assert len(list((tmp_path / "cache").iterdir())) == 1
    read_system(path, cache=tmp_path / "cache", extensions=False)
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_own_format_round_trip_and_damage(tmp_path: Path) -> None:
    system = read_system(write_zip(exiobase(), tmp_path / "IOT_2011_pxp.zip"))
    save_system(system, tmp_path / "kept")
    assert recognise(tmp_path / "kept") == "lvshu"
    again = load_system(tmp_path / "kept", verify=True)
    assert np.array_equal(again.intermediate_use, small.USE) and again.notes == system.notes
    assert list(again.value_added) == list(system.value_added)
    (tmp_path / "kept" / "Y.npy").write_bytes(b"short")
    (tmp_path / "kept" / "x.npy").unlink()
    with pytest.raises(InputError) as caught:
        load_system(tmp_path / "kept")
    assert {one.code for one in caught.value.problems} == {
        "accounts.reader_changed", "accounts.reader_file_missing",
    }  # fmt: skip


def _codes(error: pytest.ExceptionInfo[InputError]) -> set[str]:
    for one in error.value.problems:
        assert "{" not in one.text("zh") and "{" not in one.text("en")
    return {one.code.removeprefix("accounts.") for one in error.value.problems}


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    members = exiobase()
    members["Z.txt"] = members["Z.txt"].replace("2.25", "n.a.").replace("0.125", "1,5")
    del members["air_emissions/F_Y.txt"]
    members["factor_inputs/unit.txt"] = members["factor_inputs/unit.txt"].replace("M.EUR", "kg", 1)
    members["air_emissions/unit.txt"] = members["air_emissions/unit.txt"].replace(f"{CH4_NAME}\tkg\n", "")
    path = write_zip(members, tmp_path / "IOT_2011_pxp.zip")
    with pytest.raises(InputError) as caught:
        read_system(path)
    assert _codes(caught) == {
        "reader_not_a_number", "reader_file_missing", "reader_wrong_unit", "reader_stressor_without_unit",
    }  # fmt: skip
    places = [one.where for one in caught.value.problems if one.code == "accounts.reader_not_a_number"]
    assert [(place.file, place.row, place.column) for place in places] == [
        ("IOT_2011_pxp.zip/Z.txt", 4, "AT / Wheat"), ("IOT_2011_pxp.zip/Z.txt", 5, "CN / Paddy rice"),
    ]  # fmt: skip


def test_labels_of_an_extension_that_differ(tmp_path: Path) -> None:
    members = exiobase()
    head, rest = members["air_emissions/F.txt"].split("\n", 2)[1:]
    members["air_emissions/F.txt"] = "\n".join(
        [members["air_emissions/F.txt"].split("\n", 1)[0], head.replace("Wheat", "Corn"), rest]
    )
    with pytest.raises(InputError) as caught:
        read_system(write_zip(members, tmp_path / "IOT_2011_pxp.zip"))
    assert _codes(caught) == {"labels_differ"}
    assert "Corn" in caught.value.text("en") and "air_emissions/F.txt" in caught.value.text("en")


def test_a_table_that_does_not_balance(tmp_path: Path) -> None:
    members = exiobase()
    members["x.txt"] = members["x.txt"].replace(repr(float(small.OUTPUT[1])), "500.0")
    path = write_zip(members, tmp_path / "IOT_2011_pxp.zip")
    with pytest.raises(InputError) as caught:
        read_system(path)
    assert _codes(caught) == {"reader_not_balanced"}
    assert "AT / Wheat: 93.875 ≠ 500" in caught.value.text("en")
    assert read_system(path, tolerance=10).output[1] == 500


def test_truncated_files(tmp_path: Path) -> None:
    members = exiobase()
    members["Y.txt"] = members["Y.txt"][: len(members["Y.txt"]) - 12]
    with pytest.raises(InputError) as caught:
        read_system(write_folder(members, tmp_path / "IOT_2011_pxp"))
    assert _codes(caught) == {"reader_row_width"}
    assert caught.value.problems[0].where.row == 7
    whole = write_zip(exiobase(), tmp_path / "IOT_2011_pxp.zip")
    broken = tmp_path / "IOT_2012_pxp.zip"
    broken.write_bytes(whole.read_bytes()[:-200])
    with pytest.raises(InputError) as caught:
        read_system(broken)
    assert _codes(caught) == {"reader_broken_archive"}


def test_a_damaged_member_of_a_zip(tmp_path: Path) -> None:
    whole = write_zip(exiobase(), tmp_path / "IOT_2011_pxp.zip").read_bytes()
    place = whole.index(b"Z.txt") + 40
    broken = tmp_path / "broken_IOT_2011_pxp.zip"
    broken.write_bytes(
        whole[:place] + bytes(byte ^ 255 for byte in whole[place : place + 20]) + whole[place + 20 :]
    )
    with pytest.raises(InputError) as caught:
        read_system(broken)
    assert "reader_broken_archive" in _codes(caught)


def test_missing_core_file_and_missing_path(tmp_path: Path) -> None:
    members = exiobase()
    del members["Y.txt"]
    with pytest.raises(InputError) as caught:
        read_system(write_zip(members, tmp_path / "IOT_2011_pxp.zip"), format="exiobase")
    assert _codes(caught) == {"reader_file_missing"}
    with pytest.raises(InputError) as caught:
        read_system(tmp_path / "nowhere.zip")
    assert _codes(caught) == {"reader_not_found"}
    (tmp_path / "note.txt").write_text("nothing")
    with pytest.raises(InputError) as caught:
        read_system(tmp_path / "note.txt")
    assert _codes(caught) == {"reader_not_recognised"}


def test_units_of_money(tmp_path: Path) -> None:
    members = exiobase()
    members["unit.txt"] = members["unit.txt"].replace("M.EUR", "Mill USD", 1)
    with pytest.raises(InputError) as caught:
        read_system(write_zip(members, tmp_path / "IOT_2011_pxp.zip"))
    assert "reader_units_mixed" in _codes(caught)
    with pytest.raises(InputError) as caught:
        read_system(write_zip(exiobase(), tmp_path / "IOT_2011_pxp.zip"), unit="1e6 USD")
    assert "reader_unit_differs" in _codes(caught)
