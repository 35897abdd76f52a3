"""Contracts: all of the package hold, and a wrong one states all its faults at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvshu.contract import all_contracts
from lvshu.contract.table import parse
from lvshu.core.errors import ContractError
from lvshu.engine.duckdb import DuckDB

TABLE = {
    "table": {
        "name": "toy", "kind": "input", "zh": "例", "en": "toy", "meaning_zh": "例", "meaning_en": "toy",
        "key": ["code"],
    },
    "column": [
        {"name": "code", "type": "code", "zh": "代码", "en": "code", "meaning_zh": "代码", "meaning_en": "code",
         "required": True},
        {"name": "amount", "type": "money", "unit": "CNY", "zh": "金额", "en": "amount", "meaning_zh": "金额",
         "meaning_en": "amount", "minimum": "0"},
        {"name": "kind", "type": "code", "zh": "种类", "en": "kind", "meaning_zh": "种类", "meaning_en": "kind",
         "allowed": ["a", "b"]},
    ],
    "rule": [
        {"name": "small_a", "sql": "kind <> 'a' OR amount < 100", "zh": {"what": "x", "fix": "y"},
         "en": {"what": "x", "fix": "y"}},
    ],
}  # fmt: skip


def test_all_contracts_of_the_package_hold() -> None:
    contracts = all_contracts()
    assert {"headline", "finding", "uncertainty", "quarantine"} <= set(contracts)


def test_a_contract_states_all_its_faults_at_once() -> None:
    broken = {
        "table": {**TABLE["table"], "key": ["nothing"]},  # type: ignore[dict-item]
        "column": [
            {**TABLE["column"][1], "unit": "", "type": "money"},
            {**TABLE["column"][0], "type": "odd"},
        ],
    }
    with pytest.raises(ContractError) as caught:
        parse(broken, room="toy")
    assert {problem.code for problem in caught.value.problems} == {
        "contract.unknown_column", "contract.no_unit", "contract.unknown_type",
    }  # fmt: skip


def test_texts_with_many_values_are_kept_compressed_as_they_come(tmp_path: Path) -> None:
    columns = [{**TABLE["column"][0], "many_values": True}, *TABLE["column"][1:]]  # type: ignore[dict-item]
    toy = parse({**TABLE, "column": columns}, room="toy")
    with DuckDB(tmp_path / "book.duckdb") as engine:
        engine.create(toy)
        engine.execute("INSERT INTO toy SELECT concat('L', i), i, 'a' FROM range(20000) AS t(i)")
        engine.checkpoint()
        kept = engine.execute(
            "SELECT DISTINCT column_name, compression FROM pragma_storage_info('toy') WHERE segment_type = 'VARCHAR'"
        )
    found = dict(kept)
    assert found["code"] == "ZSTD"
    assert found["kind"] != "ZSTD"
    with pytest.raises(ContractError, match="many_values"):
        parse(
            {**TABLE, "column": [TABLE["column"][0], {**TABLE["column"][1], "many_values": True}]}, room="toy"
        )
