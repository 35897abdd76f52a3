"""Every question of `lvshu accounts`: asked of small files, answered on the screen, as JSON and in files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lvshu.cli.accounts_app import COMMANDS
from tests.cli.conftest import Command

Json = Callable[..., tuple[int, Any]]

WORLD = """from region,from sector,to region,to sector,value,unit
A,steel,A,steel,150,1e6 EUR
A,steel,B,cars,500,1e6 EUR
B,cars,A,steel,200,1e6 EUR
B,cars,B,cars,100,1e6 EUR
A,steel,A,households,350,1e6 EUR
B,cars,B,households,1700,1e6 EUR
"""
AIR = """stressor,region,sector,value,unit,standard_error
CO2,A,steel,300,t,30
CO2,B,cars,500,t,50
CO2,A,households,20,t,
"""
TABLE = """单位：万元,,,,,,
投入\\产出,农业,工业,最终消费,出口,进口,总产出
农业,20,30,40,15,5,100
工业,10,80,60,70,20,200
劳动者报酬,40,50,,,,
生产税净额,10,15,,,,
固定资产折旧,5,10,,,,
营业盈余,15,15,,,,
总投入,100,200,,,,
"""


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Return small sources: a world of two regions, its emissions, factors, margins, a bridge, stocks."""
    texts = {
        "world.csv": WORLD,
        "air.csv": AIR,
        "factors.csv": "year,category,activity,intensity\n2019,a,2,3\n2019,b,1,5\n2020,a,3,3\n2020,b,0,5\n",
        "margins.csv": "axis,label,value (1e6 EUR),standard_error (1e6 EUR)\n"
        "row,A / steel,1010,5\nrow,B / cars,1990,5\n",
        "bridge.csv": "from,to\nsteel,goods\ncars,goods\n",
        "inflow.csv": "item,year,quantity,unit\nbus,2020,10,t\nbus,2021,10,t\nbus,2022,10,t\n",
        "life.csv": "item,distribution,mean,source\nbus,fixed,2,own\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return {name: tmp_path / name for name in texts}


def _asked(files: dict[str, Path]) -> dict[str, list[object]]:
    world, air = files["world.csv"], ["--emissions", files["air.csv"]]
    return {
        "footprint": [world, *air, "--by", "category"],
        "multipliers": [world, *air, "--region", "A"],
        "paths": [world, *air, "--cut", "0.05"],
        "extract": [world, *air],
        "linkages": [world],
        "decompose": [files["factors.csv"], "--method", "lmdi"],
        "price": [world, *air, "--carbon-price", "50", "--region", "A", "--border"],
        "balance": [world, "--margins", files["margins.csv"]],
        "circular": ["stocks", "--input", files["inflow.csv"], "--input", files["life.csv"]],
    }


def test_every_question_is_answered_in_both_languages_and_as_json(
    files: dict[str, Path], lvshu_command: Command, lvshu_json: Json
) -> None:
    for name, arguments in _asked(files).items():
        for language in ("zh", "en"):
            code, out, err = lvshu_command("accounts", name, *arguments, "--lang", language)
            assert code == 0, (name, err)
            assert ("来源" if language == "zh" else "Source") in out, name
        code, answer = lvshu_json("accounts", name, *arguments)
        assert (code, answer["ok"]) == (0, True)
        for result in answer["results"]:
            assert result["records"], name
            assert result["method"].startswith("accounts.")
            assert all(record["unit"] for record in result["records"])


def test_every_question_has_its_module_and_its_test(files: dict[str, Path]) -> None:
    elsewhere = {"inventory", "compile", "aggregate", "convert", "formats"}
    assert set(COMMANDS) == set(_asked(files)) | elsewhere


@pytest.mark.parametrize("ending", ["html", "xlsx", "csv", "json", "parquet"])
def test_answers_in_files(
    files: dict[str, Path], lvshu_command: Command, tmp_path: Path, ending: str
) -> None:
    target = tmp_path / "out" / f"answer.{ending}"
    code, out, _ = lvshu_command("accounts", "footprint", *_asked(files)["footprint"], "-o", target)
    assert code == 0
    assert str(target) in out
    assert target.stat().st_size > 100


def test_the_textbook_world(files: dict[str, Path], lvshu_json: Json) -> None:
    """Miller and Blair (2009), chapter 2, with 0.3 and 0.25 t per unit: total intensities 0.4422 and 0.3795."""
    _, answer = lvshu_json("accounts", "multipliers", files["world.csv"], "--emissions", files["air.csv"])
    found = [record["value"] for record in answer["results"][0]["records"]]
    assert found == pytest.approx(
        [0.3 * 1.25412541 + 0.25 * 0.2640264, 0.3 * 0.330033 + 0.25 * 1.12211221], rel=1e-6
    )
    _, answer = lvshu_json("accounts", "footprint", files["world.csv"], "--emissions", files["air.csv"])
    assert sum(record["value"] for record in answer["results"][0]["records"]) == pytest.approx(820.0)
    assert {record["region"] for record in answer["results"][0]["records"]} == {"A", "B"}


def test_aggregate_and_convert(
    files: dict[str, Path], lvshu_command: Command, lvshu_json: Json, tmp_path: Path
) -> None:
    world, air = files["world.csv"], files["air.csv"]
    code, _, _ = lvshu_command("accounts", "aggregate", world, "--emissions", air, "--bridge", files["bridge.csv"],
                               "--save", tmp_path / "small")  # fmt: skip
    assert code == 0
    _, small = lvshu_json("accounts", "footprint", tmp_path / "small")
    assert sum(record["value"] for record in small["results"][0]["records"]) == pytest.approx(820.0)
    for form in ("lvshu", "pymrio", "pymrio-parquet"):
        code, _, _ = lvshu_command(
            "accounts", "convert", world, "--emissions", air, "--as", form, "--save", tmp_path / form
        )
        assert code == 0
        _, back = lvshu_json("accounts", "footprint", tmp_path / form)
        assert sum(record["value"] for record in back["results"][0]["records"]) == pytest.approx(820.0)


def test_a_published_table_and_its_imbalance(
    lvshu_command: Command, lvshu_json: Json, tmp_path: Path
) -> None:
    table = tmp_path / "table.csv"
    table.write_text(TABLE, encoding="utf-8")
    code, answer = lvshu_json("accounts", "balance", table, "--year", "2020")
    assert (code, answer["problems"]) == (0, [])
    code, answer = lvshu_json(
        "accounts", "footprint", table, "--year", "2020", "-s", "value_added", "--by", "category"
    )
    assert sum(record["value"] for record in answer["results"][0]["records"]) == pytest.approx(1_600_000.0)
    assert [result["name"] for result in answer["results"]] == ["footprint", "brought_in", "flows"]
    table.write_text(TABLE.replace("营业盈余,15,15", "营业盈余,15,25"), encoding="utf-8")
    code, _, err = lvshu_command("accounts", "balance", table, "--year", "2020", "--lang", "zh")
    assert code == 1
    assert "工业" in err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["footprint", "absent.zip"], "accounts.reader_not_found"),
        (["footprint", "world.csv"], "accounts.no_stressors"),
        (["footprint", "world.csv", "--emissions", "air.csv", "-s", "CH4"], "accounts.no_such_stressor"),
        (["footprint", "world.csv", "--emissions", "air.csv", "--region", "C"], "accounts.no_such_label"),
        (
            ["footprint", "world.csv", "--emissions", "air.csv", "-o", "x.doc"],
            "accounts.unknown_result_format",
        ),
        (["price", "world.csv", "--emissions", "air.csv"], "accounts.price_missing"),
        (["decompose", "world.csv"], "accounts.second_table_missing"),
        (["aggregate", "world.csv"], "accounts.bridge_not_given"),
        (["convert", "world.csv"], "accounts.folder_missing"),
        (["circular", "stocks", "--input", "inflow.csv"], "accounts.circular_files"),
        (["inventory", "world.csv"], "accounts.no_energy_balance"),
        (["compile", "world.csv"], "accounts.supply_use_incomplete"),
        (["circular", "indicators", "--input", "air.csv"], "accounts.circular_unknown_file"),
    ],
)
def test_what_cannot_be_answered_is_said_in_words(
    files: dict[str, Path], lvshu_json: Json, arguments: list[str], code: str
) -> None:
    named = [files.get(word, word) for word in arguments]
    exit_code, answer = lvshu_json("accounts", *named)
    assert exit_code in (1, 2)
    assert answer["errors"][0]["code"] == code
    assert answer["errors"][0]["zh"]["fix"]


def test_formats_tell_what_each_needs(lvshu_json: Json) -> None:
    _, answer = lvshu_json("accounts", "formats")
    assert {"exiobase", "pymrio", "wiod", "icio", "figaro", "eora", "ceads", "generic"} <= {
        one["format"] for one in answer["formats"]
    }
    assert all(one["needs_zh"] and one["needs_en"] for one in answer["formats"])
