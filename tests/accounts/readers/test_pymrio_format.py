"""The format of pymrio, both ways; with pymrio itself where it is installed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.system import Extension, InputOutputSystem
from lvshu.accounts.readers import read_system
from lvshu.accounts.readers.pymrio_save import write_pymrio
from lvshu.core.errors import InputError, MethodError
from tests.accounts.readers import small
from tests.accounts.readers.packages import exiobase, write_folder


def _system() -> InputOutputSystem:
    air = Extension(
        "air emissions", Index.of(("stressor", "compartment"), [("CO2", "air"), ("CH4 \"bio\"", "air, low")]),
        ("kg", "kg"), np.vstack([small.CO2, small.CH4]), small.HOUSEHOLDS,
    )  # fmt: skip
    return InputOutputSystem(
        "Two regions", 2017, Index.of(("region", "sector"), small.INDUSTRIES),
        Index.of(("region", "category"), small.FINAL), small.USE, small.DEMAND, small.OUTPUT,
        {"Wages": small.WAGES, "Surplus": small.SURPLUS}, "1e4 CNY", {"air_emissions": air},
    )  # fmt: skip


@pytest.mark.parametrize("table_format", ["txt", "parquet"])
def test_round_trip_is_exact(tmp_path: Path, table_format: str) -> None:
    system = _system()
    again = read_system(write_pymrio(system, tmp_path / "saved", table_format=table_format))  # type: ignore[arg-type]
    assert (again.name, again.year, again.money_unit) == ("Two regions", 2017, "1e4 CNY")
    assert again.industries == system.industries and again.final == system.final
    assert np.array_equal(again.intermediate_use, system.intermediate_use)
    assert np.array_equal(again.final_demand, system.final_demand)
    assert np.array_equal(again.output, system.output)
    assert np.array_equal(again.value_added["Wages"], small.WAGES)
    ours, theirs = system.extensions["air_emissions"], again.extensions["air_emissions"]
    assert theirs.stressors == ours.stressors and theirs.units == ours.units
    assert np.array_equal(theirs.flows, ours.flows) and np.array_equal(theirs.final_flows, ours.final_flows)
    twice = read_system(write_pymrio(again, tmp_path / "twice", table_format=table_format))  # type: ignore[arg-type]
    assert list(twice.extensions) == list(again.extensions) == ["air_emissions", "factor_inputs"]
    assert list(twice.value_added) == ["Wages", "Surplus"]


def test_the_files_are_those_of_pymrio(tmp_path: Path) -> None:
    folder = write_pymrio(_system(), tmp_path / "saved")
    described = json.loads((folder / "file_parameters.json").read_text("utf-8"))
    assert described["systemtype"] == "IOSystem"
    assert described["files"]["Z"] == {"name": "Z.txt", "nr_index_col": "2", "nr_header": "2"}
    assert described["files"]["x"] == {"name": "x.txt", "nr_index_col": "2", "nr_header": "1"}
    part = json.loads((folder / "air_emissions" / "file_parameters.json").read_text("utf-8"))
    assert (part["systemtype"], part["name"]) == ("Extension", "air emissions")
    lines = (folder / "Z.txt").read_text("utf-8").splitlines()
    assert lines[0].split("\t") == ["region", "", "AT", "AT", "CN", "CN"]
    assert lines[1].split("\t") == ["sector", "", *small.SECTORS * 2]
    assert lines[2].split("\t") == ["region", "sector", "", "", "", ""]
    assert lines[3].split("\t")[2:] == ["10.5", "2.25", "3", "1"]
    assert (folder / "x.txt").read_text("utf-8").splitlines()[0].split("\t") == ["region", "sector", "indout"]


def test_pickle_is_neither_read_nor_written(tmp_path: Path) -> None:
    members = exiobase()
    members["file_parameters.json"] = members["file_parameters.json"].replace("Z.txt", "Z.pkl")
    members["Z.pkl"] = "not opened"
    with pytest.raises(InputError) as caught:
        read_system(write_folder(members, tmp_path / "saved"), format="pymrio")
    assert [one.code for one in caught.value.problems] == ["accounts.reader_pickle"]
    assert "parquet" in caught.value.text("en")
    with pytest.raises(MethodError, match="pickle"):
        write_pymrio(_system(), tmp_path / "other", table_format="pickle")  # type: ignore[arg-type]


def test_two_systems_in_one_place(tmp_path: Path) -> None:
    write_folder(exiobase(), tmp_path / "both" / "one")
    write_folder(exiobase(), tmp_path / "both" / "two")
    with pytest.raises(InputError) as caught:
        read_system(tmp_path / "both", format="pymrio")
    assert caught.value.code == "accounts.reader_several_systems"


@pytest.mark.parametrize("table_format", ["txt", "parquet"])
def test_with_pymrio_itself(tmp_path: Path, table_format: str) -> None:
    pymrio = pytest.importorskip("pymrio")
    theirs = pymrio.load_test()
    theirs.save_all(tmp_path / "theirs", table_format=table_format)
    ours = read_system(tmp_path / "theirs")
    assert ours.industries.labels == tuple(theirs.Z.index)
    assert np.allclose(ours.intermediate_use, theirs.Z.to_numpy(), rtol=1e-11)
    assert ours.output.sum() == pytest.approx(3324005349.305, abs=5e-4)
    assert ours.extensions["emissions"].units == ("kg", "kg")
    write_pymrio(ours, tmp_path / "ours", table_format=table_format)  # type: ignore[arg-type]
    back = pymrio.load_all(tmp_path / "ours")
    assert back.Z.index.equals(theirs.Z.index) and back.Y.columns.equals(theirs.Y.columns)
    assert np.array_equal(back.Z.to_numpy(), ours.intermediate_use)
    back.calc_all()
    assert back.emissions.D_cba_reg.to_numpy().sum() == pytest.approx(3479949191.159, abs=1e-3)
    assert back.emissions.D_imp_reg.to_numpy().sum() == pytest.approx(751737341.049, abs=1e-3)
