"""Headlines that findings make incomplete: all of a code, or those of one record alone."""

from __future__ import annotations

from lvshu.contract import load
from lvshu.engine.duckdb import DuckDB
from lvshu.pipeline.headlines import compute, definitions


def _status(engine: DuckDB, code: str) -> str:
    wanted = [one for one in definitions() if one.code == code]
    (row,) = compute(engine, wanted, empty_because={}, placeholders={}, incomplete={})
    return str(row["status"])


def test_a_finding_of_one_method_leaves_the_others_whole() -> None:
    with DuckDB() as engine:
        for table in ("attributed_emission", "finding", "uncertainty"):
            engine.create(load(table))
        for method in ("bank_2026", "pcaf_2022"):
            row = dict.fromkeys(load("attributed_emission").column_names)
            row |= {"loan_id": "L1", "method": method, "institution_id": "B", "account_type": "non_project",
                    "emission": 5.0, "subject_kind": "entity", "calculation_method": "energy"}  # fmt: skip
            engine.append(load("attributed_emission"), {name: [value] for name, value in row.items()})
        told = dict.fromkeys(load("finding").column_names, "x")
        told |= {
            "code": "finance.process_missing",
            "record_key": "pcaf_2022",
            "severity": "warning",
            "amount": None,
        }
        engine.append(load("finding"), {name: [value] for name, value in told.items()})
        assert _status(engine, "financed_emission_pcaf_2022") == "partial"
        assert _status(engine, "financed_emission_bank_2026") == "available"
