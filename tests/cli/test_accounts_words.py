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
        "row or column,label,value (1e4 CNY),standard error (1e4 CNY)\n行,农业,150,1\n行,工业,300,1\n"
        "column,农业,40,1\ncolumn,工业,120,1\ncolumn,consumption,90,1\ncolumn,export,70,1\n",
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
