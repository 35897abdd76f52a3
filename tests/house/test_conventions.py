"""The numbered conventions of docs/conventions.md, each kept by a test that carries its number."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import all_contracts
from lvshu.contract.table import NUMERIC_WITH_UNIT
from lvshu.core.errors import EngineError, MethodError, Problem
from lvshu.core.money import to_decimal
from lvshu.core.text import messages, read_catalogue
from lvshu.core.units import convert, registry
from lvshu.engine import dialect
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.query import Query
from lvshu.engine.settings import Settings
from lvshu.engine.step import Step, StepContext

HERE = Path(__file__)


def _context(engine: DuckDB, name: str = "toy.step", seed: int = 1) -> StepContext:
    step = Step(name=name, makes=(), action=lambda context: None)
    settings = Settings(area="310000", area_zh="上海市", area_en="Shanghai", year=2023, seed=seed)
    return StepContext(step=step, settings=settings, packs=PackLibrary.load(None), engine=engine)


def test_every_convention_has_its_test(repository: Path) -> None:
    text = (repository / "docs" / "conventions.md").read_text(encoding="utf-8")
    numbers = [int(number) for number in re.findall(r"^\*\*§(\d+)", text, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    tested = {int(number) for number in re.findall(r"def test_s(\d+)_", HERE.read_text(encoding="utf-8"))}
    assert tested == set(numbers)


def test_s1_missing_and_zero_stay_apart(engine: DuckDB) -> None:
    engine.execute("CREATE TABLE given AS SELECT * FROM (VALUES (1, NULL), (2, 0.0)) t(row_id, x)")
    rows = engine.execute(
        Query("t", "SELECT row_id, as_quantity(x) AS q FROM given ORDER BY row_id").rendered({}, "duckdb")
    )
    assert rows == [(1, None), (2, Decimal("0.000000"))]


def test_s2_rounding_is_half_away_from_zero_and_last(engine: DuckDB) -> None:
    assert to_decimal(2.5, 0) == 3
    assert to_decimal(-2.5, 0) == -3
    sql = dialect.render("SELECT as_money(0.005) AS a, as_money(-0.005) AS b", {}, "duckdb")
    assert engine.execute(sql) == [(Decimal("0.01"), Decimal("-0.01"))]


def test_s3_no_total_over_doubles() -> None:
    with pytest.raises(EngineError):
        dialect.render("SELECT sum(CAST(x AS DOUBLE)) AS s FROM a", {}, "duckdb")
    for contract in all_contracts().values():
        for column in contract.columns:
            if column.type in ("money", "quantity"):
                assert column.sql_type.startswith("DECIMAL")


def test_s4_every_amount_has_a_registered_unit() -> None:
    for contract in all_contracts().values():
        for column in contract.columns:
            if column.type in NUMERIC_WITH_UNIT:
                assert column.unit.startswith("column:") or column.unit in registry(), column.name
    with pytest.raises(MethodError):
        convert(Decimal(1), "tCO2", "tCO2e")


def test_s5_division_by_zero_is_missing(engine: DuckDB) -> None:
    sql = dialect.render("SELECT ratio(1, 0) AS r", {}, "duckdb")
    assert engine.execute(sql) == [(None,)]


def test_s6_draws_depend_on_seed_and_name_only(engine: DuckDB) -> None:
    one, same, other = (_context(engine, seed=seed).generator("a").random(3) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    with pytest.raises(EngineError):
        dialect.render("SELECT random() AS r", {}, "duckdb")


def test_s7_quarantine_keeps_all_that_is_needed_to_mend_a_row() -> None:
    wanted = {
        "file",
        "row_number",
        "column_name",
        "value",
        "reason_zh",
        "reason_en",
        "remedy_zh",
        "raw_record",
    }
    assert wanted <= set(all_contracts()["quarantine"].column_names)


def test_s8_a_finding_has_its_amount_and_remedy(engine: DuckDB) -> None:
    context = _context(engine)
    context.find(Problem("units.unknown", values={"unit": "斤"}, severity="warning"), amount=3.5, unit="t")
    row = engine.read("finding").to_pylist()[0]
    assert row["amount"] == 3.5
    assert row["fix_zh"]
    assert row["fix_en"]


def test_s9_every_uncertainty_states_its_scope_in_both_languages(engine: DuckDB) -> None:
    context = _context(engine)
    context.write_uncertainty(
        "toy", value=10.0, unit="t", method="replicates", scope_zh="仅抽样误差", scope_en="sampling error only",
        replicates=np.arange(101, dtype=float),
    )  # fmt: skip
    row = engine.read("uncertainty").to_pylist()[0]
    assert (row["low"], row["high"], row["replicates"]) == (pytest.approx(2.5), pytest.approx(97.5), 101)
    columns = {column.name for column in all_contracts()["uncertainty"].columns}
    assert {"scope_zh", "scope_en"} <= columns


def test_s10_every_pack_has_its_card() -> None:
    library = PackLibrary.load(None)
    assert [problem.text("en") for problem in library.check() if problem.severity == "error"] == []


def test_s11_every_headline_names_a_table_and_a_column_that_exist() -> None:
    contracts = all_contracts()
    cards = {code for content in read_catalogue("methods").values() for code in content}
    for path, content in read_catalogue("headlines").items():
        for headline in content["headline"]:
            contract = contracts[headline["table"]]
            contract.column(headline["value"])
            assert headline["unit"] in registry(), path
            assert headline["method"] in cards, f"{headline['code']}: no method card {headline['method']}"


def test_no_message_hides_another_of_the_same_code(repository: Path) -> None:
    files = sorted((repository / "src" / "lvshu" / "catalog" / "messages").glob("*.toml"))
    codes = Counter(code for file in files for code in tomllib.loads(file.read_text(encoding="utf-8")))
    assert [code for code, count in codes.items() if count > 1] == []


def test_s12_every_code_raised_has_its_message(repository: Path) -> None:
    known, missing = messages(), []
    for path in sorted((repository / "src" / "lvshu").rglob("*.py")):
        for code in re.findall(r'Problem\(\s*f?"([a-z_]+\.[a-z_.]+)"', path.read_text(encoding="utf-8")):
            if code not in known:
                missing.append(f"{path.relative_to(repository)}: {code}")
    assert not missing, "\n".join(missing)


def test_s13_names_are_spelled_out() -> None:
    short = re.compile(r"^(amt|qty|val|df|tmp|nm|cd|desc|num|pct|idx)$|_(amt|qty|cd|nm|pct)$")
    bad = [
        f"{contract.name}.{column.name}"
        for contract in all_contracts().values()
        for column in contract.columns
        if short.search(column.name)
    ]
    assert not bad


def test_s14_duckdb_and_pyspark_are_imported_in_one_module_each(repository: Path) -> None:
    found = {"duckdb": set(), "pyspark": set()}
    for path in (repository / "src" / "lvshu").rglob("*.py"):
        for library, places in found.items():
            if re.search(rf"^\s*(import|from) {library}\b", path.read_text(encoding="utf-8"), re.MULTILINE):
                places.add(path.relative_to(repository / "src" / "lvshu").as_posix())
    assert found == {"duckdb": {"engine/duckdb.py"}, "pyspark": {"engine/spark.py"}}


def test_s15_the_sample_says_that_it_is_synthetic(sample_workspace: Path) -> None:
    assert "synthetic = true" in (sample_workspace / "lvshu.toml").read_text(encoding="utf-8")


def test_s16_record_level_tables_are_confidential() -> None:
    contracts = all_contracts()
    assert contracts["quarantine"].confidential
    assert all(
        contract.kind == "input" or contract.confidential
        for contract in contracts.values()
        if {"person_hash", "worker_hash", "uscc", "loan_id"} & set(contract.column_names)
    )
