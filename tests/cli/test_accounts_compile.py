"""`lvshu accounts compile`: each construct by its own formula, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lvshu.accounts.methods.compile.constructs import symmetric_table
from lvshu.core.errors import MethodError
from tests.cli.conftest import Command

Json = Callable[..., tuple[int, Any]]

SUPPLY = """2017年供给表,,,,
单位：元,,,,
产品,农业,工业,国内产出合计,进口
农业,90,10,100,0
工业,10,90,100,0
"""
USE = """2017年使用表,,,,,
单位：元,,,,,
产品,农业,工业,中间使用合计,居民消费,总使用
农业,10,10,20,80,100
工业,20,10,30,70,100
增加值合计,70,80,150,,
总投入,100,100,200,,
"""


@pytest.fixture
def tables(tmp_path: Path) -> tuple[Path, Path]:
    """Return a supply table and a use table in files."""
    (tmp_path / "供给表.csv").write_text(SUPPLY, encoding="utf-8")
    (tmp_path / "使用表.csv").write_text(USE, encoding="utf-8")
    return tmp_path / "供给表.csv", tmp_path / "使用表.csv"


def _measure(answer: Any, name: str) -> list[float]:
    records = answer["results"][0]["records"]
    return [record["value"] for record in records if record["measure"] == name]


@pytest.mark.parametrize(
    ("model", "inputs", "final"),
    [
        # V' = [[90, 10], [10, 90]], U = [[10, 10], [20, 10]], Y = (80, 70), q = g = (100, 100)
        ("A", [31.25, 18.75], [80.0, 70.0]),  # Z = U (V')^-1 q
        ("b", [29.0, 21.0], [80.0, 70.0]),  # Z = U g^-1 V
        ("c", [30.0, 20.0], [81.25, 68.75]),  # T = g (V')^-1, final use T Y
        ("D", [30.0, 20.0], [79.0, 71.0]),  # T = V q^-1, final use T Y
    ],
)
def test_each_construct_by_its_formula(
    tables: tuple[Path, Path], lvshu_json: Json, model: str, inputs: list[float], final: list[float]
) -> None:
    """Eurostat Manual of Supply, Use and Input-Output Tables (2008), chapter 11, models A to D."""
    code, answer = lvshu_json("accounts", "compile", *tables, "--model", model)
    assert code == 0
    assert _measure(answer, "intermediate_input") == pytest.approx(inputs)
    assert _measure(answer, "final_use") == pytest.approx(final)


@pytest.mark.parametrize("model", ["A", "c"])
def test_a_singular_supply_table_ends_models_a_and_c(
    tables: tuple[Path, Path], lvshu_json: Json, model: str
) -> None:
    tables[0].write_text(SUPPLY.replace("90,10,", "50,50,").replace("10,90,", "50,50,"), encoding="utf-8")
    code, answer = lvshu_json("accounts", "compile", *tables, "--model", model)
    assert code == 1
    assert answer["errors"][0]["code"] == "accounts.supply_singular"
    assert "results" not in answer


def test_an_unknown_construct_is_refused() -> None:
    square = np.eye(2)
    with pytest.raises(MethodError) as caught:
        symmetric_table(square, square * 0.1, np.ones((2, 1)), np.ones((1, 2)), "b")  # type: ignore[arg-type]
    assert caught.value.code == "accounts.unknown_construct"


@pytest.mark.parametrize("model", ["A", "B", "C", "D"])
def test_value_added_given_as_a_total_alone_is_kept(
    tables: tuple[Path, Path], lvshu_json: Json, model: str
) -> None:
    code, answer = lvshu_json("accounts", "compile", *tables, "--model", model)
    assert code == 0
    assert sum(_measure(answer, "value_added")) == pytest.approx(150.0)
    assert {record["sector"] for record in answer["results"][0]["records"]} == {"农业", "工业"}


def test_parts_of_value_added_go_before_their_total(tables: tuple[Path, Path], lvshu_json: Json) -> None:
    parts = "劳动者报酬,60,50,110,,\n营业盈余,10,30,40,,\n增加值合计"
    tables[1].write_text(USE.replace("增加值合计", parts), encoding="utf-8")
    _, answer = lvshu_json("accounts", "compile", *tables)
    assert sum(_measure(answer, "value_added")) == pytest.approx(150.0)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_plain_tables_are_told_what_layout_is_wanted(
    tables: tuple[Path, Path], lvshu_command: Command, language: str
) -> None:
    tables[0].write_text(",A,B\np1,50,50\np2,50,50\n", encoding="utf-8")
    tables[1].write_text(",A,B,household\np1,10,10,80\np2,20,10,70\n", encoding="utf-8")
    code, _, err = lvshu_command("accounts", "compile", *tables, "--lang", language)
    said = "".join(err.replace("│", "").split())
    assert code == 1
    for word in ("国内产出合计", "中间使用合计", "增加值合计", "供给表.csv", "使用表.csv"):
        assert word in said
