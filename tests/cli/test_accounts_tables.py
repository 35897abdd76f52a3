"""Published tables at the command line: what is aggregated, checked and balanced, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command

Json = Callable[..., tuple[int, Any]]

TABLE = """2020年投入产出表,,,,,,,,,,
单位：元,,,,,,,,,,
投入\\产出,农业,工业,服务业,中间使用合计,最终消费,出口,最终使用合计,进口,其他,总产出
农业,20,30,5,55,40,15,55,10,0,100
工业,10,80,25,115,60,45,105,20,0,200
服务业,10,20,30,60,80,10,90,0,0,150
中间投入合计,40,130,60,230,,,,,,
劳动者报酬,40,50,60,150,,,,,,
营业盈余,20,20,30,70,,,,,,
增加值合计,60,70,90,220,,,,,,
总投入,100,200,150,450,,,,,,
"""
AIR = "stressor,sector,value,unit\nCO2,农业,10,t\nCO2,工业,50,t\nCO2,服务业,5,t\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return a published table of three sectors that balances."""
    (tmp_path / "table.csv").write_text(TABLE, encoding="utf-8")
    (tmp_path / "air.csv").write_text(AIR, encoding="utf-8")
    (tmp_path / "bridge.csv").write_text("from,to\n农业,实体\n工业,实体\n服务业,服务\n", encoding="utf-8")
    return tmp_path / "table.csv"


def test_what_comes_in_is_aggregated_with_the_table(table: Path, lvshu_json: Json) -> None:
    folder = table.parent / "small"
    air, bridge = ("--emissions", table.parent / "air.csv"), ("--bridge", table.parent / "bridge.csv")
    assert lvshu_json("accounts", "aggregate", table, *air, *bridge, "--save", folder)[0] == 0
    code, answer = lvshu_json("accounts", "footprint", folder)
    assert code == 0
    assert [result["name"] for result in answer["results"]] == ["footprint", "brought_in", "flows"]
    assert sum(one["value"] for one in answer["results"][0]["records"]) == pytest.approx(65.0)
    code, answer = lvshu_json("accounts", "balance", folder)
    assert (code, answer["problems"]) == (0, [])


@pytest.mark.parametrize(
    ("old", "new", "check", "amount"),
    [
        ("80,25,115,60,45,105", "80,25,115,90,45,105", "row_balance", -30.0),  # a final use
        ("80,25,115,60,45,105", "80,25,999,60,45,105", "row_total", 884.0),  # stated intermediate use
        ("总投入,100,200,150,450", "总投入,100,260,150,510", "output_and_input", -60.0),
        ("90,0,0,150", "90,0,0,180", "row_balance", 30.0),  # output
        ("营业盈余,20,20,30", "营业盈余,20,29,30", "column_balance", -9.0),
    ],
)
def test_rows_columns_and_stated_totals_are_checked(
    table: Path, lvshu_json: Json, lvshu_command: Command, old: str, new: str, check: str, amount: float
) -> None:
    code, answer = lvshu_json("accounts", "balance", table)
    assert (code, answer["problems"], answer["checks"]["wrong"]) == (0, [], 0)
    assert answer["checks"]["by_kind"]["row_balance"] == 3
    assert answer["checks"]["count"] == sum(answer["checks"]["by_kind"].values()) >= 20
    table.write_text(TABLE.replace(old, new), encoding="utf-8")
    code, answer = lvshu_json("accounts", "balance", table)
    assert code == 1
    found = {one["check"]: one["difference"] for one in answer["checks"]["differences"]}
    assert found[check] == pytest.approx(amount)
    assert abs(answer["checks"]["greatest"]["difference"]) == pytest.approx(abs(amount))
    assert len(answer["problems"]) >= answer["checks"]["wrong"]
    _, out, _ = lvshu_command("accounts", "balance", table, "--lang", "en")
    assert f"{answer['checks']['count']} sums were checked, {answer['checks']['wrong']} do not hold" in out


def test_rounding_of_printed_figures_is_no_difference(table: Path, lvshu_json: Json) -> None:
    table.write_text(TABLE.replace("农业,20,30,5,55", "农业,20,30,5,56"), encoding="utf-8")
    code, answer = lvshu_json("accounts", "balance", table)
    assert (code, answer["checks"]["wrong"]) == (0, 0)
    assert answer["checks"]["greatest"]["difference"] == pytest.approx(1.0)


def test_questions_warn_of_a_table_that_does_not_close(
    table: Path, lvshu_command: Command, lvshu_json: Json
) -> None:
    air = ("--emissions", table.parent / "air.csv")
    for name in ("footprint", "multipliers", "linkages"):
        given = () if name == "linkages" else air
        assert "table_not_closed" not in lvshu_command("accounts", name, table, *given)[2]
    table.write_text(TABLE.replace("90,0,0,150", "90,0,0,180"), encoding="utf-8")
    for name in ("footprint", "multipliers", "linkages"):
        given = () if name == "linkages" else air
        code, _, err = lvshu_command("accounts", name, table, *given, "--lang", "en")
        assert code == 0
        assert "accounts.table_not_closed" in err
        assert "服务业" in err
    _, answer = lvshu_json("accounts", "multipliers", table, *air)
    assert any("do not hold" in note["en"] for note in answer["results"][0]["notes"])
