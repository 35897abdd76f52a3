"""Energy balances of another area or of a later year are told with their file before a run would find none."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvshu.intake.grid import Grid
from lvshu.intake.layouts.published import read_heading
from lvshu.pipeline.check import check
from lvshu.store.workspace import Workspace

HEAD = "item_code,item_name,fuel_code,fuel_name,quantity,unit,area_code,year\n"


@pytest.mark.parametrize(
    ("area", "year", "told"),
    [("310000", 2023, False), ("310000", 2022, False), ("310000", 2024, True), ("440600", 2023, True)],
)
def test_a_check_names_the_file(tmp_path: Path, area: str, year: int, told: bool) -> None:
    city = Workspace.create(tmp_path / "city", area="310000", year=2023)
    (city.inputs / "energy_balance_cell.csv").write_text(
        f"{HEAD}final_consumption,终端消费量,raw_coal,原煤,5,t,{area},{year}\n", encoding="utf-8"
    )
    found = [one for one in check(city).problems if one.code == "intake.balance_elsewhere"]
    assert [(one.where.file, one.severity) for one in found] == (
        [("energy_balance_cell.csv", "error")] if told else []
    )
    if told:
        assert f"{area} · {year}" in found[0].what("en")


@pytest.mark.parametrize(
    ("title", "area"),
    [("广东省佛山市能源平衡表（2023年）", "440600"), ("佛山市能源平衡表", "440600"), ("吉林省能源平衡表", "220000"),
     ("吉林省吉林市能源平衡表", "220200"), ("上海能源平衡表 2023年", "310000"), ("能源平衡表", None)],
)  # fmt: skip
def test_a_title_names_a_city_below_a_province(title: str, area: str | None) -> None:
    grid = Grid("a.xlsx", "1", ((title, None), ("项目", "原煤")))
    assert read_heading(grid, header_end=2).area_code == area
