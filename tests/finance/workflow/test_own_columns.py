"""Columns of the bank's own ride along: from its files into lists and exports, loan by loan, in every format."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from lvshu.cli.main import main
from lvshu.store.own_columns import own_columns, ride_along
from lvshu.store.workspace import Workspace
from tests.finance.runs import run_tables
from tests.finance.workflow.small import NAMES, POWER, STEEL
from tests.finance.workflow.test_two_years import SECOND, bank

OWN = {
    "客户经理": {"L0": "张三", "L1": "=cmd|' /C calc'!A0"},
    "内部评级": {"L0": "AA"},
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return a bank whose ledger and register have columns of their own, with its book."""
    made = bank(
        tmp_path_factory.mktemp("own") / "city", SECOND, {STEEL: (64_000_000, 60_000), POWER: (32_000_000, 5)}
    )
    _add(made.inputs / "loan.csv", "loan_id", {"客户经理": OWN["客户经理"], "内部评级": OWN["内部评级"]})
    _add(made.inputs / "enterprise.csv", "uscc", {"客户经理": {STEEL: "李四"}, "集团简称": {STEEL: "样钢系"}})
    run_tables(made, ("candidate_reconciliation", "attributed_emission", "enterprise_carbon_account"))
    return made


def _add(path: Path, key: str, columns: dict[str, dict[str, str]]) -> None:
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, [*rows[0], *columns])
        writer.writeheader()
        writer.writerows(
            {**row, **{name: cells.get(row[key], "") for name, cells in columns.items()}} for row in rows
        )


def command(capsys: pytest.CaptureFixture[str], *words: object) -> Any:
    capsys.readouterr()
    code = main([str(word) for word in words])
    captured = capsys.readouterr()
    assert code == 0, captured.err
    return json.loads(captured.out) if "--json" in words else captured.out


def test_columns_stand_beside_every_table_that_names_the_record(place: Workspace) -> None:
    with place.book() as book:
        assert own_columns(book) == {"loan": ("内部评级", "客户经理"), "enterprise": ("客户经理", "集团简称")}
        before = book.columns("loan"), book.rows("attributed_emission", order=["method", "loan_id"])
        added = ride_along(book, ["loan", "attributed_emission", "enterprise_carbon_account", "data_quality"])
        assert added["attributed_emission"] == ("内部评级", "客户经理")
        assert added["loan"] == ("内部评级", "客户经理", "客户经理 (enterprise)", "集团简称")
        assert added["enterprise_carbon_account"] == ("客户经理", "集团简称") and "data_quality" not in added
        rows = book.rows("attributed_emission", order=["method", "loan_id"])
        assert [{name: row[name] for name in before[1][0]} for row in rows] == before[1]
        assert {(row["loan_id"], row["客户经理"], row["内部评级"]) for row in rows} == {
            ("L0", "张三", "AA"), ("L1", OWN["客户经理"]["L1"], None),
        }  # fmt: skip
        (steel,) = book.rows("enterprise_carbon_account", where=f"uscc = '{STEEL}'")
        assert steel["集团简称"] == "样钢系"
    with place.book() as book:
        assert book.columns("loan") == before[0]


def test_exports_have_them_in_every_format_and_no_formula(
    place: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("export", place.folder, "--table", "attributed_emission", "--to", tmp_path)
    answer = command(capsys, *asked, "--format", "csv", "--json")
    assert answer["own_columns"] == {"attributed_emission": ["内部评级", "客户经理"]}
    lines = (tmp_path / "attributed_emission.csv").read_text("utf-8-sig").splitlines()
    assert lines[0].endswith("内部评级,客户经理") and any(line.endswith("AA,张三") for line in lines)
    assert any("'=cmd" in line for line in lines) and not any(",=cmd" in line for line in lines)
    command(capsys, *asked, "--format", "json")
    kept = json.loads((tmp_path / "attributed_emission.json").read_text("utf-8"))
    assert {row["客户经理"] for row in kept["rows"] if row["loan_id"] == "L0"} == {"张三"}
    command(capsys, *asked, "--format", "parquet")
    assert (
        pq.read_table(tmp_path / "attributed_emission.parquet").column("客户经理").to_pylist().count("张三")
        == 3
    )
    command(capsys, *asked, "--format", "xlsx")
    sheets = CalamineWorkbook.from_path(tmp_path / "book.xlsx")
    texts = {
        str(cell)
        for name in sheets.sheet_names
        for row in sheets.get_sheet_by_name(name).to_python()
        for cell in row
    }
    assert {"客户经理", "张三"} <= texts
    answer = command(capsys, *asked, "--format", "csv", "--no-own", "--json")
    assert answer["own_columns"] == {}
    assert "张三" not in (tmp_path / "attributed_emission.csv").read_text("utf-8-sig")


def test_the_desk_lists_loans_with_them(place: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    where = ("-w", place.folder)
    answer = command(capsys, "desk", "loans", *where, "--json")
    assert answer["own_columns"] == ["内部评级", "客户经理", "客户经理 (enterprise)", "集团简称"]
    first = answer["loans"][0]
    assert (first["loan_id"], first["client"], first["客户经理"], first["集团简称"]) == (
        "L0",
        STEEL,
        "张三",
        "样钢系",
    )
    assert first["emission"] == 1200 and answer["count"] == 2
    answer = command(capsys, "desk", "loans", NAMES[POWER], *where, "--json")
    assert [row["loan_id"] for row in answer["loans"]] == ["L1"]
    for language, word in (("zh", "客户经理"), ("en", "内部评级")):
        assert word in command(capsys, "desk", "loans", *where, "--lang", language)
    assert main(["desk", "loans", "没有这家", "-w", str(place.folder)]) == 1
    found = command(capsys, "explain", "L0", place.folder, "--json")
    assert any(row.get("客户经理") == "张三" for one in found["records"] for row in one["rows"])
