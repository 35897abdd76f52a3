"""The checks in SQL agree with python-stdnum, and each failing row says which check it failed."""

from __future__ import annotations

import random

import pytest
from stdnum.cn import ric, uscc

from lvshu.contract import all_contracts
from lvshu.contract.checks import (
    RESIDENT_ID_CHECKS,
    RESIDENT_ID_WEIGHTS,
    USCC_ALPHABET,
    duplicates_sql,
    failures_sql,
    resident_id_failing,
    row_checks,
    uscc_failing,
)
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


def _uscc_samples(count: int) -> list[str]:
    chooser = random.Random(7)
    found = []
    for _ in range(count):
        body = chooser.choice("159") + chooser.choice("129") + "310115"
        body += "".join(chooser.choice(USCC_ALPHABET) for _ in range(9))
        found.append(body + uscc.calc_check_digit(body))
        spoiled = list(found[-1])
        spoiled[chooser.randrange(8, 18)] = chooser.choice(USCC_ALPHABET + "IOZ")
        found.append("".join(spoiled))
    return [*found, "", "123", "9131011505123456X ", "913101150512345678901"]


def test_uscc_in_sql_agrees_with_stdnum() -> None:
    samples = _uscc_samples(300)
    with DuckDB() as engine:
        engine.execute("CREATE TABLE given (value VARCHAR)")
        for sample in samples:
            engine.execute("INSERT INTO given VALUES (?)", [sample])
        rows = engine.execute(f"SELECT value, {uscc_failing('value')} FROM given")
    for value, failing in rows:
        assert failing == (not _stdnum_valid(value)), value


def _stdnum_valid(value: str) -> bool:
    return uscc.is_valid(value) and uscc.compact(value) == value


def test_resident_id_in_sql_agrees_with_stdnum() -> None:
    chooser = random.Random(11)
    samples = []
    for _ in range(200):
        body = "310101" + f"{chooser.randrange(1950, 2010)}{chooser.randrange(1, 13):02d}15"
        body += f"{chooser.randrange(1000):03d}"
        digit = sum(int(c) * w for c, w in zip(body, RESIDENT_ID_WEIGHTS, strict=True)) % 11
        good = body + RESIDENT_ID_CHECKS[digit]
        samples += [good, good[:-1] + chooser.choice("0123456789X"), good[:10] + "13" + good[12:]]
    with DuckDB() as engine:
        for sample in samples:
            failing = engine.execute(f"SELECT {resident_id_failing('v')} FROM (SELECT ? AS v)", [sample])[0][
                0
            ]
            assert failing == (not ric.is_valid(sample)), sample


def test_each_failed_check_is_named_once_per_row() -> None:
    contract = parse(TABLE, room="toy")
    checks = row_checks(contract)
    with DuckDB() as engine:
        engine.execute(
            "CREATE TABLE toy (source_row BIGINT, code VARCHAR, amount DECIMAL(20,2), kind VARCHAR)"
        )
        engine.execute(
            "INSERT INTO toy VALUES (1,'x',5,'a'),(2,NULL,-1,'c'),(3,'y',500,'a'),(4,'z',NULL,NULL)"
        )
        found = engine.execute(failures_sql(contract, "toy", ["source_row"], checks))
    named = sorted((row, checks[number].code, checks[number].column) for row, number, _ in found)
    assert named == [
        (2, "contract.below_minimum", "amount"),
        (2, "contract.not_allowed", "kind"),
        (2, "contract.required", "code"),
        (3, "contract.rule", ""),
    ]


def test_duplicates_tell_copies_from_conflicts() -> None:
    contract = parse(TABLE, room="toy")
    with DuckDB() as engine:
        engine.execute(
            "CREATE TABLE toy (source_row BIGINT, code VARCHAR, amount DECIMAL(20,2), kind VARCHAR)"
        )
        engine.execute(
            "INSERT INTO toy VALUES (1,'x',5,'a'),(2,'x',5,'a'),(3,'y',1,'a'),(4,'y',2,'a'),(5,'z',1,'b')"
        )
        found = sorted(engine.execute(duplicates_sql(contract, "toy", ["source_row"])))
    assert found == [(1, "x", 1, 1), (2, "x", 2, 1), (3, "y", 1, 2), (4, "y", 2, 2)]


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
