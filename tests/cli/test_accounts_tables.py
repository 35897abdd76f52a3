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


def _margins(folder: Path, rows: tuple[float, ...], columns: tuple[float, ...], *, error: str = "") -> Path:
    names = ("农业", "工业", "服务业")
    head = "axis,label,value(元)" + (",standard error(元)" if error else "")
    lines = [f"{axis},{name},{value}{error}" for axis, values in (("row", rows), ("column", columns))
             for name, value in zip(names, values, strict=False)]  # fmt: skip
    path = folder / "margins.csv"
    path.write_text("\n".join([head, *lines]), encoding="utf-8")
    return path


@pytest.mark.parametrize("error", ["", ",1"])
def test_margins_that_leave_nothing_for_the_rest_are_refused(
    table: Path, lvshu_json: Json, error: str
) -> None:
    """Row margins of intermediate use only, 230, and a column of 9999: no final use could make up for it."""
    given = _margins(table.parent, (55, 115, 60), (40, 130, 9999), error=error)
    saved = table.parent / "saved"
    code, answer = lvshu_json("accounts", "balance", table, "--margins", given, "--save", saved)
    assert code == 1
    problem = answer["errors"][0]
    assert problem["code"] == "accounts.margins_leave_nothing"
    assert (problem["values"]["row_sum"], problem["values"]["column_sum"]) == ("230", "10,169")
    assert not saved.exists()


def test_whole_margins_have_to_sum_to_the_same(files_of_world: Path, lvshu_json: Json) -> None:
    """Rows sum to 3000, columns to 3100; a standard error of 1 each does not explain it, one of 50 does."""
    margins = files_of_world.parent / "margins.csv"
    for error, expected in ((1, 1), (50, 0)):
        lines = [f"row,steel,1000,{error}", f"row,cars,2000,{error}", f"column,steel,350,{error}",
                 f"column,cars,600,{error}", f"column,households,2150,{error}"]  # fmt: skip
        head = "axis,label,value (1e6 EUR),standard_error (1e6 EUR)"
        margins.write_text("\n".join([head, *lines]), encoding="utf-8")
        code, answer = lvshu_json("accounts", "balance", files_of_world, "--margins", margins)
        assert code == expected
    met = [one["value"] for one in answer["results"][0]["records"] if one["measure"] == "met"]
    assert sum(met[:2]) == pytest.approx(sum(met[2:]))
    assert 3000.0 < sum(met[:2]) < 3100.0


@pytest.fixture
def files_of_world(tmp_path: Path) -> Path:
    """Return a table of two sectors, Miller and Blair (2009), chapter 2."""
    path = tmp_path / "world.csv"
    path.write_text(
        "from region,from sector,to region,to sector,value,unit\nA,steel,A,steel,150,1e6 EUR\n"
        "A,steel,A,cars,500,1e6 EUR\nA,cars,A,steel,200,1e6 EUR\nA,cars,A,cars,100,1e6 EUR\n"
        "A,steel,A,households,350,1e6 EUR\nA,cars,A,households,1700,1e6 EUR\n",
        encoding="utf-8",
    )
    return path


def test_what_was_balanced_says_which_sectors_stay_open(table: Path, lvshu_json: Json) -> None:
    saved = table.parent / "saved"
    given = _margins(table.parent, (110, 200, 150), (), error="")
    code, answer = lvshu_json("accounts", "balance", table, "--margins", given, "--save", saved)
    assert code == 1
    note = answer["results"][0]["notes"][-1]
    assert "do not balance" in note["en"] and "农业" in note["zh"]
    met = [one["value"] for one in answer["results"][0]["records"] if one["measure"] == "met"]
    assert met == pytest.approx([110.0, 200.0, 150.0])
    code, again = lvshu_json("accounts", "balance", saved)
    assert code == 1
    wrong = {one["name"] for one in again["checks"]["differences"]}
    assert "农业" in wrong and all(name in note["zh"] for name in wrong)


def test_margins_that_agree_make_a_table_that_balances(table: Path, lvshu_json: Json) -> None:
    saved = table.parent / "saved"
    given = _margins(table.parent, (100, 200, 150), (), error="")
    code, answer = lvshu_json("accounts", "balance", table, "--margins", given, "--save", saved)
    assert (code, answer["results"][0]["notes"]) == (0, [])
    assert lvshu_json("accounts", "balance", saved)[0] == 0


@pytest.mark.parametrize("name", ["footprint", "multipliers"])
def test_a_sector_without_output_is_called_by_its_name(table: Path, lvshu_json: Json, name: str) -> None:
    idle = [
        line if not line.startswith("工业") else "工业,0,0,0,0,0,0,0,0,0,0" for line in TABLE.splitlines()
    ]
    text = "\n".join(idle).replace("总投入,100,200,150,450", "总投入,100,0,150,250")
    text = text.replace("农业,20,30,5", "农业,20,0,5").replace("服务业,10,20,30", "服务业,10,0,30")
    table.write_text(text, encoding="utf-8")
    _, answer = lvshu_json("accounts", name, table, "--emissions", table.parent / "air.csv")
    problem = answer["errors"][0]
    assert problem["code"] == "accounts.stressor_without_output"
    assert "部门“工业”（第 2 个）没有产出" in problem["zh"]["what"]
    assert "Sector “工业” (number 2) has no output" in problem["en"]["what"]
