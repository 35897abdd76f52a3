"""Columns that a ledger lacks and its product decides; and the line to add where nothing decides."""

from __future__ import annotations

from pathlib import Path

from lvshu.contract import load
from lvshu.contract.table import TableContract
from lvshu.core.errors import Where
from lvshu.engine.duckdb import DuckDB
from lvshu.intake import IntakeReport, load_inputs
from lvshu.intake.heading import match_headings
from lvshu.intake.mapping import FileMapping
from lvshu.store.workspace import Workspace
from tests.finance.book import LIBRARY, SETTINGS

HEAD = "贷款编号,机构代码,借款人名称,发放日期,产品类型\n"


def _read(place: Workspace, engine: DuckDB, text: str) -> tuple[list[tuple[object, ...]], IntakeReport]:
    (place.inputs / "loan.csv").write_text(text, encoding="utf-8")
    report = load_inputs(engine, {"loan": load("loan")}, place.inputs, settings=SETTINGS, packs=LIBRARY)
    rows = engine.execute("SELECT loan_id, business_type, asset_class FROM loan ORDER BY loan_id")
    return rows, report


def _contract() -> TableContract:
    return load("loan")


def test_the_product_decides_where_it_says_what_the_money_is_for(tmp_path: Path, engine: DuckDB) -> None:
    place = Workspace.create(tmp_path / "bank", area="310000", year=2025, synthetic=True)
    rows, report = _read(
        place,
        engine,
        HEAD
        + "L1,B1,甲公司,2024-01-05,流贷\nL2,B1,乙公司,2024-01-05,项目贷款\nL3,B1,丙公司,2024-01-05,固定资产贷款\n",
    )
    assert rows == [("L1", "non_project", "business_loan"), ("L2", "project", "project_finance")]
    told = [one for one in report.problems if one.code == "intake.column_decided"]
    assert {one.values["column"] for one in told} == {"business_type", "asset_class"}
    assert {one.severity for one in told} == {"notice"}
    assert "流动资金贷款 → 企业贷款与非上市股权" in told[-1].what("zh") and "固定资产贷款" in told[-1].why(
        "zh"
    )
    quarantined = engine.execute("SELECT DISTINCT row_number, code FROM quarantine")
    assert quarantined == [(4, "intake.required_value_missing")]


def test_a_column_of_its_own_is_never_overruled(tmp_path: Path, engine: DuckDB) -> None:
    place = Workspace.create(tmp_path / "bank", area="310000", year=2025, synthetic=True)
    rows, report = _read(
        place,
        engine,
        HEAD.strip() + ",PCAF 资产类别,业务类型\nL1,B1,甲公司,2024-01-05,流贷,商业房地产,非项目\n",
    )
    assert rows == [("L1", "non_project", "commercial_real_estate")]
    assert not [one for one in report.problems if one.code == "intake.column_decided"]


def test_without_the_product_the_line_to_add_is_told() -> None:
    found = match_headings(
        ["贷款编号", "机构代码", "发放日期"], _contract(), mapping=FileMapping(), where=Where(file="台账.csv")
    )
    lacking = {one.values["column"]: one for one in found.problems}
    assert 'asset_class = "business_loan"' in lacking["asset_class"].fix("zh")
    assert "mortgage 住房按揭" in lacking["asset_class"].fix("zh") and "台账.mapping.toml" in lacking[
        "asset_class"
    ].fix("en")
