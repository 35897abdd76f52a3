"""What `lvshu estimate` shows is in its reader's words: names of settings, codes, digits; csv and JSON keep codes."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
import python_calamine

from lvshu.cli.estimate_app import COMMANDS, OPTIONS
from lvshu.publish.results import estimate_words as said
from tests.cli.conftest import Command


@pytest.fixture
def shops(tmp_path: Path) -> Path:
    lines = ["shop,district,kind,weight,units,sales,staff"]
    for at in range(24):
        lines.append(f"s{at},{'ABCD'[at % 4]},{'xy'[at % 2]},{4 + at % 3},200,{1000 + 37 * at},{3 + at % 5}")
    path = tmp_path / "shops.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _asked(shops: Path, tmp_path: Path) -> dict[str, list[object]]:
    """Return a question for each command of the group."""
    totals = tmp_path / "totals.csv"
    totals.write_text("variable,label,total\nkind,x,60\nkind,y,62\n", encoding="utf-8")
    areas = tmp_path / "areas.csv"
    areas.write_text(
        "area,mean,var,x\n" + "\n".join(f"a{at},{5 + at % 3},0.{2 + at % 4},{at}" for at in range(9)), "utf-8"
    )
    lists = tmp_path / "lists.csv"
    lists.write_text("a,b,c,n\n1,0,0,40\n0,1,0,50\n0,0,1,30\n1,1,0,9\n1,0,1,8\n0,1,1,7\n1,1,1,2\n", "utf-8")
    register = tmp_path / "register.csv"
    register.write_text("w,inside,y\n" + "\n".join(f"5,{at % 2},{at + 1}" for at in range(20)), "utf-8")
    source = tmp_path / "source.csv"
    source.write_text("sales,late\n" + "\n".join(f"{900 + 31 * at},{at % 2}" for at in range(40)), "utf-8")
    design = ("--weight", "weight", "--strata", "kind")
    return {
        "survey": [shops, "--value", "sales", *design, "--by", "district"],
        "calibrate": [shops, *design, "--controls", totals, "--distance", "raking"],
        "population": [lists, "--list", "a", "--list", "b", "--list", "c", "--count", "n"],
        "integrate": [
            register, "--value", "y", "--inside", "inside", "--weight", "w", "--population-size", "100",
            "--source-size", "50", "--source-total", "520",
        ],
        "nonprobability": [shops, source, "--value", "late", "--covariate", "sales", "--weight", "weight"],
        "areas": [areas, "--area", "area", "--direct", "mean", "--variance", "var", "--covariate", "x"],
    }  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("command", list(COMMANDS))
def test_no_answer_shows_code_for_words(
    lvshu_command: Command, shops: Path, tmp_path: Path, command: str, language: str
) -> None:
    code, out, told = lvshu_command(
        "estimate", command, *_asked(shops, tmp_path)[command], "--lang", language
    )
    assert code == 0, told
    raw = re.findall(r"\b(?:True|False|None)\b|\[\]|\['|\w+=|\b[a-z]+_[a-z_]+\b", out)
    assert not [one for one in raw if one not in ("kind=",)], out
    assert not re.search(r"\de-\d", out)
    if language == "zh":
        settings = next(line for line in out.splitlines() if line.startswith("设置"))
        own = {"weight", "kind", "district", "sales", "inside", "w", "x", "y", "a", "b", "c", "AIC", "BIC", "REML",
               "raking", "kind=x", "kind=y"}  # fmt: skip
        assert set(re.findall(r"[A-Za-z][\w=]*", settings)) <= own


def test_json_keeps_codes_and_a_workbook_has_words(
    lvshu_command: Command, shops: Path, tmp_path: Path
) -> None:
    book = tmp_path / "found.xlsx"
    asked = _asked(shops, tmp_path)["integrate"]
    code, out, _ = lvshu_command("estimate", "integrate", *asked, "--json", "--lang", "zh", "-o", book)
    found = json.loads(out)
    assert code == 0 and [one["method"] for one in found["records"]] == [
        "sample_alone",
        "completed",
        "regression",
    ]
    assert found["settings"]["population_size"] == 100 and found["settings"]["population"] == []
    opened = python_calamine.CalamineWorkbook.from_path(book)
    figures, about = (opened.get_sheet_by_name(name).to_python() for name in opened.sheet_names)
    assert figures[1][0] == "只用样本" and figures[0][0] == "方法"
    assert ["总体单位数", "100"] in about and not any("{" in str(cell) for line in about for cell in line)


def test_every_setting_and_choice_has_its_words(repository: Path) -> None:
    """A new setting or choice of an option cannot come without its names."""
    words = said.words()
    folder = repository / "src" / "lvshu" / "cli" / "commands" / "estimate"
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            value: Any = None
            if isinstance(node, ast.Assign | ast.AnnAssign):
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                value = node.value if isinstance(target, ast.Name) and target.id == "settings" else None
            if (
                isinstance(node, ast.AugAssign)
                and isinstance(node.target, ast.Name)
                and node.target.id == "settings"
            ):
                value = node.value
            if isinstance(value, ast.Dict):
                keys = {key.value for key in value.keys if isinstance(key, ast.Constant)}
                assert keys <= set(words["setting"]), f"{path.name}: {keys - set(words['setting'])}"
    for name, option in OPTIONS.items():
        choices = getattr(option.kind, "__members__", {})
        assert set(choices) <= set(words["value"].get(name, {})), name
    for entries in (words["setting"], *words["value"].values()):
        assert all(entry["zh"] and entry["en"] for entry in entries.values())


def test_figures_have_the_digits_that_their_error_can_bear() -> None:
    codes = ["value", "standard_error", "coefficient_of_variation", "n"]
    row = {"value": 674.43, "standard_error": 12.3825, "coefficient_of_variation": 0.0183599, "n": 1200}
    assert said.cells(codes, [row], "en") == [["674.4", "12.4", "1.84%", "1,200"]]
    exact = {**row, "standard_error": 5.8e-16, "coefficient_of_variation": 8e-19}
    assert said.cells(codes, [exact], "en")[0][1:3] == ["0.0", "0.00%"]
    large = {"value": 12_349.587, "standard_error": 829.1611, "coefficient_of_variation": None, "n": 25}
    assert said.cells(codes, [large], "en") == [["12,350", "829", "–", "25"]]
    assert said.number(float("inf")) == "∞" and said.number(0.0) == "0"
