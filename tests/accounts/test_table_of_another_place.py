"""A balance of another city or of a later year is told when it is read, and by name where a run stops for it."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from lvshu.accounts.book.energy import balance_rows
from lvshu.accounts.steps import STEPS
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import MethodError
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.settings import Settings
from lvshu.engine.step import StepContext
from lvshu.intake import load_inputs
from lvshu.intake.report import IntakeReport
from lvshu.pipeline.inputs import input_contracts
from tests.accounts.test_energy_standard import physical

CODE = "intake.table_of_another_place"
SETTINGS = Settings(area="310000", area_zh="上海市", area_en="Shanghai", year=2023)


def put(folder: Path, name: str, title: str) -> None:
    """Write a balance with a title of its own."""
    folder.mkdir(exist_ok=True)
    rows: list[list[Any]] = [list(row) for row in physical().rows]
    rows[0][0] = title
    with (folder / name).open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["" if cell is None else cell for cell in row] for row in rows])


def load(engine: DuckDB, folder: Path) -> IntakeReport:
    return load_inputs(engine, input_contracts(), folder, settings=SETTINGS, packs=PackLibrary.load(None))


@pytest.mark.parametrize(
    ("title", "given"),
    [
        ("佛山市2022年能源平衡表（实物量）", "440600 佛山市 2022"),
        ("广东省佛山市二〇二二年能源平衡表（实物量）", "440600 佛山市 2022"),
        ("江苏省2022年能源平衡表（实物量）", "320000 江苏省 2022"),
        ("上海市2030年能源平衡表（实物量）", "310000 上海市 2030"),
    ],
)
def test_it_is_an_error_with_its_place_and_the_run_names_the_file(
    tmp_path: Path, title: str, given: str
) -> None:
    put(tmp_path / "inputs", "平衡表.csv", title)
    with DuckDB() as engine:
        report = load(engine, tmp_path / "inputs")
        (told,) = [one for one in report.problems if one.code == CODE]
        assert (told.severity, told.where.file, told.where.row) == ("error", "平衡表.csv", 4)
        assert given in told.what("zh") and given in told.what("en") and "310000 上海市" in told.what("zh")
        assert "平衡表.mapping.toml" in told.fix("en") and "lvshu.toml" in told.fix("zh")
        assert engine.execute(f"SELECT severity FROM finding WHERE code = '{CODE}'") == [("error",)]
        step = next(one for one in STEPS if one.name == "accounts.energy_balance")
        with pytest.raises(MethodError) as caught:
            balance_rows(StepContext(step, SETTINGS, PackLibrary.load(None), engine))
    area, _, year = given.split()
    assert f"平衡表.csv ({area}, {year})" in caught.value.problems[0].what("en")


def test_beside_the_own_table_it_is_a_notice(tmp_path: Path) -> None:
    put(tmp_path / "inputs", "a.csv", "上海市2022年能源平衡表（实物量）")
    put(tmp_path / "inputs", "b.csv", "佛山市2022年能源平衡表（实物量）")
    with DuckDB() as engine:
        found = [(one.severity, one.where.file) for one in load(engine, tmp_path / "inputs").problems
                 if one.code == CODE]  # fmt: skip
    assert found == [("notice", "b.csv")]


def test_the_own_table_of_an_earlier_year_is_not_told(tmp_path: Path) -> None:
    put(tmp_path / "inputs", "a.csv", "上海市2022年能源平衡表（实物量）")
    put(tmp_path / "inputs", "b.csv", "2021年能源平衡表（实物量）")
    with DuckDB() as engine:
        assert CODE not in {one.code for one in load(engine, tmp_path / "inputs").problems}
