"""Words of `lvshu accounts`: names are taken in both languages and refusals say what may be given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command
from tests.cli.test_accounts import TABLE

Json = Callable[..., tuple[int, Any]]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Return a table of two sectors."""
    path = tmp_path / "table.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_margins_that_disagree_are_named_in_the_language(
    table: Path, lvshu_command: Command, tmp_path: Path
) -> None:
    margins = tmp_path / "margins.csv"
    margins.write_text(
        "row or column,label,value (1e4 CNY),standard error (1e4 CNY)\n行,农业,105,20\n行,工业,220,20\n"
        "column,农业,30,20\ncolumn,工业,140,20\ncolumn,consumption,100,20\ncolumn,export,85,20\n",
        encoding="utf-8",
    )
    for language, there, absent in (("en", "row 农业", "行 农业"), ("zh", "行 农业", "row 农业")):
        _, out, err = lvshu_command(
            "accounts", "balance", table, "--year", "2020", "--margins", margins, "--lang", language
        )
        assert there in out + err
        assert absent not in out + err


@pytest.mark.parametrize("words", ["出口", "Exports", "export", "EX"])
def test_kinds_of_final_demand_are_taken_by_name_or_code(table: Path, lvshu_json: Json, words: str) -> None:
    asked = ("accounts", "footprint", table, "--year", "2020", "-s", "value_added", "--by", "category")
    code, answer = lvshu_json(*asked, "--final", words)
    assert code == 0
    assert {record["category"] for record in answer["results"][0]["records"]} == {"export"}


def test_a_refused_kind_of_final_demand_tells_all_that_there_are(table: Path, lvshu_json: Json) -> None:
    code, answer = lvshu_json("accounts", "footprint", table, "--year", "2020", "-s", "value_added", "--final",
                              "政府消费")  # fmt: skip
    assert code == 1
    problem = answer["errors"][0]
    assert problem["code"] == "accounts.no_such_final"
    assert "export（出口）" in problem["zh"]["fix"]
    assert "export (Exports)" in problem["en"]["fix"]


def test_numbers_of_inputs_and_shares_are_told_in_words(
    table: Path, lvshu_command: Command, tmp_path: Path
) -> None:
    _, _, err = lvshu_command("accounts", "circular", "cycling", "--lang", "en")
    assert "cycling wants one input; given: 0" in err
    emissions = tmp_path / "air.csv"
    emissions.write_text("stressor,sector,value,unit\nCO2,农业,5,tCO2\nCO2,工业,9,tCO2\n", encoding="utf-8")
    asked = ("accounts", "price", table, "--year", "2020", "--emissions", emissions, "--carbon-price", "50")
    _, _, err = lvshu_command(*asked, "--pass-through", "5", "--lang", "en")
    assert "it is 5" in err
    assert "5 to 5" not in err
    asked = ("accounts", "decompose", table, table, "--year", "2020", "--emissions", emissions)
    code, out, err = lvshu_command(*asked, "--lang", "en")
    assert code == 0, err
    assert "Both tables are of 2020" in out
    assert "?" not in out


def test_a_workbook_that_is_no_table_of_waste_is_not_called_a_folder(
    table: Path, lvshu_command: Command
) -> None:
    _, _, err = lvshu_command("accounts", "circular", "waste", "--input", table, "--lang", "en")
    assert "waste_not_recognised" in err
    assert "ZYwaste" in err


def test_linkages_of_one_region_name_sectors_only(table: Path, lvshu_command: Command) -> None:
    _, out, _ = lvshu_command("accounts", "linkages", table, "--year", "2020", "--lang", "zh")
    assert "关键部门" in out
    assert "local /" not in out


def test_headings_as_the_help_names_them(table: Path, lvshu_json: Json, tmp_path: Path) -> None:
    emissions, groups = tmp_path / "air.csv", tmp_path / "groups.csv"
    emissions.write_text("stressor,sector,value,unit\nCO2,农业,5,tCO2\nCO2,工业,9,tCO2\n", encoding="utf-8")
    groups.write_text(
        "group,product,spending per head,persons,income per head\nlow,农业,900,10,1000\nhigh,工业,2000,10,5000\n",
        encoding="utf-8",
    )
    code, answer = lvshu_json("accounts", "price", table, "--year", "2020", "--emissions", emissions,
                              "--carbon-price", "50", "--households", groups)  # fmt: skip
    assert code == 0
    assert answer["results"][-1]["name"] == "household_burden"
