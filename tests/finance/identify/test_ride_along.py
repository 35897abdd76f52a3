"""A column of the bank's own rides along, with the key of its loan; rows set aside take it with them."""

from __future__ import annotations

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import all_contracts
from lvshu.engine.duckdb import DuckDB
from lvshu.intake import load_inputs
from tests.finance.book import SETTINGS, rows

LEDGER = """借据号,机构代码,业务类型,产品类型,PCAF 资产类别,发放日期,客户经理,内部评级
L1,B1,non_project,working_capital_loan,business_loan,2024-01-05,张三,AA
L2,B1,non_project,working_capital_loan,business_loan,2024-01-05,"=cmd|' /C calc'!A0",
L3,B1,no_such_type,working_capital_loan,business_loan,2024-01-05,李四,A
"""


def test_columns_nobody_knows_ride_along(tmp_path):
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    (inputs / "loan.csv").write_text(LEDGER, encoding="utf-8")
    contracts = {"loan": all_contracts()["loan"]}
    with DuckDB(scratch=tmp_path / "scratch") as engine:
        load_inputs(engine, contracts, inputs, settings=SETTINGS, packs=PackLibrary.load(None))
        found = {(row["record_key"], row["column_name"]): row["value"] for row in rows(engine, "input_extra")}
        assert engine.count("loan") == 2
    assert found == {
        ("L1", "客户经理"): "张三", ("L1", "内部评级"): "AA", ("L2", "客户经理"): "=cmd|' /C calc'!A0",
    }  # fmt: skip
