"""Two institutions that number their loans alike: every figure is that of the same book with loans renumbered."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lvshu.cli.main import main
from lvshu.contract import load
from lvshu.core.errors import InputError
from lvshu.engine.duckdb import DuckDB
from lvshu.finance.steps import STEPS
from lvshu.finance.workflow.loans import loans_of
from lvshu.finance.workflow.quarantined import problems_of, unread_of
from lvshu.intake import load_inputs
from lvshu.intake.rejects import write_rejects
from lvshu.pipeline.explain import explain
from lvshu.pipeline.institution import of_institution
from lvshu.publish.filings import build_filing
from lvshu.store.book import Book
from lvshu.store.workspace import Workspace
from tests.finance.book import LIBRARY, SETTINGS, run
from tests.finance.runs import run_tables
from tests.finance.workflow.small import CEMENT, NAMES, POWER, STEEL, write

YEAR = 2025
BANKS = ("BANK1", "BANK2")
NUMBERS = ("0001", "0002", "0003", "0004", "0005")
CLIENTS = (STEEL, POWER, CEMENT, "", "")
CATALOGUE, SOLAR = "green_bond_catalogue_2021", "3.2.1.2"
NUMBERED = {"loan_id", "subject", "facility_loan_id", "position_id", "deal_id", "policy_id"}
RECORDS = ("facility_loan", "position", "security_position", "sovereign_position", "facilitated_deal",
           "insurance_policy")  # fmt: skip
Numbering = Callable[[str, str], str]


def rows_of(bank: str, numbered: Numbering) -> dict[str, list[dict[str, Any]]]:
    """Return what one bank hands in, with its loans' numbers; the banks' amounts and clients differ."""
    larger = 1 + BANKS.index(bank)
    kinds = ("business_loan", "project_finance", "business_loan", "motor_vehicle", "commercial_real_estate")
    loans = [
        {
            "loan_id": number, "institution_id": bank, "branch_code": f"{bank}-B", "uscc": client,
            "borrower_name": NAMES.get(client, "无名"), "project_id": "P1" if kind == "project_finance" else "",
            "business_type": "project" if kind == "project_finance" else "non_project",
            "product_type": "project_loan" if kind == "project_finance" else "working_capital_loan",
            "asset_class": kind, "purpose_industry_code": "4415" if kind == "project_finance" else "3120",
            "contract_amount [CNY]": 90_000_000 * larger, "disbursed_on": "2022-01-05", "approved_on": "2022-01-04",
            "purpose_text": "光伏电站" if kind == "project_finance" else "流动资金",
        }
        for number, client, kind in zip(NUMBERS, CLIENTS, kinds, strict=True)
    ]  # fmt: skip
    at = {"institution_id": bank}
    made: dict[str, list[dict[str, Any]]] = {
        "loan": loans,
        "loan_balance": [
            {**at, "loan_id": row["loan_id"], "month": f"{YEAR}-{month:02d}",
             "outstanding_amount [CNY]": (30_000_000 + 1_000_000 * month) * larger + place}
            for place, row in enumerate(loans) for month in range(1, 13)
        ],
        "loan_movement": [{**at, "loan_id": "0001", "month": f"{YEAR}-06", "kind": "write_off",
                           "amount [CNY]": 500_000 * larger}],
        "loan_party": [{**at, "loan_id": "0003", "level": "ultimate_parent", "party_code": (STEEL, POWER)[larger - 1],
                        "party_name": NAMES[(STEEL, POWER)[larger - 1]]}],
        "label_claim": [{**at, "loan_id": "0002", "theme": "green", "label_code": SOLAR, "catalogue": CATALOGUE}],
        "label_evidence": [{**at, "loan_id": "0002", "theme": "green", "label_code": SOLAR,
                            "condition": "module_efficiency", "finding": ("met", "not_met")[larger - 1],
                            "sentence": "组件效率 18%"}],
        "label_decision": [{**at, "loan_id": "0002", "theme": "green", "label_code": SOLAR, "catalogue": CATALOGUE,
                            "decision": ("approved", "rejected")[larger - 1], "reviewer": "周", "decided_on":
                            "2025-12-01"}],
        "vehicle_finance": [{**at, "loan_id": "0004", "value_at_origination [CNY]": 200_000_000 * larger,
                             "distance [km]": 20_000 * larger, "distance_basis": "actual", "vehicle_type": "bus"}],
        "property_finance": [{**at, "loan_id": "0005", "value_at_origination [CNY]": 300_000_000,
                              "floor_area [m2]": 9_000 * larger, "building_type": "office"}],
        "asset_energy": [{**at, "loan_id": loan, "year": YEAR, "fuel_code": "electricity", "quantity": 700 * larger,
                          "unit": "MWh"} for loan in ("0004", "0005")],
        "transition_pricing_term": [{**at, "loan_id": "0001", "uscc": STEEL,
                                     "indicator": "steel_long_process_intensity", "test_year": YEAR,
                                     "priced_on": "2026-03-01", "target_value": 1.5 * larger,
                                     "unit": "tCO2/t", "better": "lower", "margin_if_met": -0.1,
                                     "margin_if_missed": 0.2}],
        "match_override": [{**at, "subject_kind": "loan", "subject": "0003", "company_id": (CEMENT, "")[larger - 1],
                            "reviewer": "周"}],
        "facility_loan": [{**at, "facility_loan_id": "0101", "institution_name": bank, "project_id": "P1",
                           "field": "clean_energy", "disbursed_on": "2025-02-01", "amount [CNY]": 20_000_000 * larger,
                           "rate [%]": 3}],
        "position": [{**at, "position_id": "0101", "instrument": "bond", "company_code": STEEL, "month": f"{YEAR}-12",
                      "amount [1]": 3_000_000 * larger}],
        "security_position": [{**at, "position_id": "0102", "year": YEAR, "uscc": POWER, "instrument": "corporate_bond",
                               "outstanding_amount [CNY]": 5_000_000 * larger}],
        "sovereign_position": [{**at, "position_id": "0103", "year": YEAR, "country": "CHN",
                                "outstanding_amount [CNY]": 9_000_000 * larger}],
        "facilitated_deal": [{**at, "deal_id": "0101", "year": YEAR, "uscc": STEEL, "instrument": "bond",
                              "facilitated_amount [CNY]": 8_000_000 * larger}],
        "insurance_policy": [{**at, "policy_id": "0101", "year": YEAR, "line": "commercial", "uscc": POWER,
                              "premium [CNY]": 70_000 * larger}],
    }  # fmt: skip
    for table in made.values():
        for row in table:
            for name in NUMBERED & row.keys():
                row[name] = numbered(bank, str(row[name]))
    return made


def records(numbered: Numbering) -> dict[str, list[dict[str, Any]]]:
    """Return every input table of the book: what both banks hand in, and what is known of their clients."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for bank in BANKS:
        for table, rows in rows_of(bank, numbered).items():
            tables.setdefault(table, []).extend(rows)
    tables["enterprise"] = [
        {"uscc": code, "name": NAMES[code], "area_code": "310000", "industry_code": "3120", "size_class": "large",
         "overseas": "false"} for code in (STEEL, POWER, CEMENT)
    ]  # fmt: skip
    tables["company"] = [
        {"company_id": code, "company_name": NAMES[code], "uscc": code} for code in (STEEL, POWER, CEMENT)
    ]
    tables["enterprise_finance"] = [
        {"uscc": code, "year": YEAR, "main_business_revenue [CNY]": 680_000_000,
         "total_assets_begin [CNY]": 3_200_000_000, "total_assets_end [CNY]": 3_200_000_000,
         "total_equity [CNY]": 1_000_000_000, "total_debt [CNY]": 1_500_000_000} for code in (STEEL, POWER)
    ]  # fmt: skip
    tables["entity_emission"] = [
        {"uscc": code, "year": YEAR, "source": "verified", "scope1 [tCO2e]": 60_000, "scope2 [tCO2e]": 5}
        for code in (STEEL, POWER)
    ]  # fmt: skip
    tables["project"] = [
        {"project_id": "P1", "name": "示例光伏", "uscc": POWER, "industry_code": "4415",
         "total_investment [CNY]": 900_000_000}
    ]  # fmt: skip
    tables["green_project"] = [{"project_id": "P1", "project_type": "solar_power"}]
    tables["green_project_parameter"] = [
        {"project_id": "P1", "year": YEAR, "stage": "ex_post", "parameter": "electricity_supplied", "value": 100_000,
         "unit": "MWh"}
    ]  # fmt: skip
    return tables


def city(folder: Path, numbered: Numbering) -> Workspace:
    """Return a workspace of both banks; the second's month-ends name no institution, their mapping file does."""
    made = Workspace.create(folder, area="310000", year=YEAR, synthetic=True)
    for table, rows in records(numbered).items():
        if table == "loan_balance":
            second = [row for row in rows if row["institution_id"] == BANKS[1]]
            rows = [row for row in rows if row not in second]
            bare = [
                {name: value for name, value in row.items() if name != "institution_id"} for row in second
            ]
            write(made.inputs / "loan_balance.second.csv", bare)
            text = f'table = "{table}"\n[constants]\ninstitution_id = "{BANKS[1]}"\n'
            (made.inputs / "loan_balance.second.mapping.toml").write_text(text, "utf-8")
        write(made.inputs / f"{table}.csv", rows)
    return made


def typed(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as values of its contract's types."""
    contract, found = load(table), {}
    for heading, value in row.items():
        column = contract.column(heading.partition(" [")[0])
        if value == "":
            found[column.name] = None
        elif column.type == "date":
            found[column.name] = date.fromisoformat(value)
        elif column.type == "boolean":
            found[column.name] = value == "true"
        else:
            found[column.name] = Decimal(str(value)) if column.type in ("money", "quantity") else value
    return found


MADE = tuple(dict.fromkeys(table for step in STEPS for table in step.makes))


@pytest.fixture(scope="module")
def alike(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return a book of two banks that number alike, through files and a run."""
    made = city(tmp_path_factory.mktemp("alike") / "city", lambda bank, number: number)
    run_tables(made, MADE)
    return made


@pytest.fixture(scope="module")
def apart() -> Iterator[DuckDB]:
    """Return the same book with numbers that nobody shares, in memory, past the reading of files."""
    tables = records(lambda bank, number: f"{bank}:{number}")
    names = [step.name for step in STEPS if set(step.makes) & set(MADE)]
    with DuckDB() as engine:
        rows = {table: [typed(table, row) for row in rows] for table, rows in tables.items()}
        yield run(engine, rows, only=names, replicates=200)


def content(book: Book | DuckDB, table: str) -> list[str]:
    """Return the rows of a table as text, sorted, without where they were read."""
    rows = book.rows(table) if isinstance(book, Book) else book.read(table).to_pylist()
    hidden = {"source_file", "source_row"}
    return sorted(
        json.dumps(
            {key: value for key, value in row.items() if key not in hidden}, default=str, ensure_ascii=False
        )
        for row in rows
    )


def test_every_figure_is_that_of_the_renumbered_book(alike: Workspace, apart: DuckDB) -> None:
    with alike.book() as book:
        assert book.count("quarantine") == 0
        assert {row["loan_id"] for row in book.rows("shared_loan_number")} == {
            f"{bank}:{number}" for bank in BANKS for number in NUMBERS
        }
        filled = {name for name in MADE if apart.count(name)}
        assert filled >= {
            "attributed_emission", "financed_emission_class", "asset_class_emission", "label_status", "label_check",
            "benefit_share", "capital_flow", "finance_gap_record", "transition_pricing", "loan_match",
            "disclosure_figure", "disclosure_gap", "candidate_reconciliation", "facility_disclosure",
            "position_value", "facilitated_emission", "insured_emission",
        }  # fmt: skip
        for table in (*MADE, *RECORDS):
            assert content(book, table) == content(apart, table), table
        assert {(row["table_name"], row["institution_id"]) for row in book.rows("shared_record_number")} == {
            (table, bank) for table in RECORDS for bank in BANKS
        }
        one = build_filing(book, "bank_guide", "BANK2")
        assert "BANK1" not in str(one.sections) and one.sections


def test_decisions_reach_the_loan_of_their_own_bank(alike: Workspace) -> None:
    with alike.book() as book:
        labels = {
            row["loan_id"]: row["status"]
            for row in book.rows("label_status", where=f"label_code = '{SOLAR}'")
        }
        assert labels["BANK2:0002"] == "rejected" != labels["BANK1:0002"]
        matched = {row["loan_id"]: row for row in book.rows("loan_match", where="loan_id LIKE '%0003'")}
        assert (matched["BANK1:0003"]["status"], matched["BANK2:0003"]["status"]) == ("matched", "unknown")


def test_an_own_book_has_the_institutions_own_numbers(alike: Workspace, apart: DuckDB) -> None:
    own = of_institution(alike.runs.book_path(None), "BANK2").book
    assert {row["loan_id"] for row in own.rows("loan")} == set(NUMBERS)
    assert own.count("shared_record_number") == 0
    for table, column in (("facility_loan", "facility_loan_id"), ("position_value", "position_id"),
                          ("facilitated_emission", "deal_id"), ("insured_emission", "policy_id")):  # fmt: skip
        assert [row[column] for row in own.rows(table)] == ["0101"], table
    assert own.count("shared_loan_number") == 0 and own.count("loan_balance") == 12 * len(NUMBERS)
    for table in ("financed_emission", "attributed_emission", "asset_class_emission", "loan_scope"):
        theirs = [
            row.replace("BANK2:0", "0") for row in content(apart, table) if '"institution_id": "BANK2"' in row
        ]
        assert theirs and content(own, table) == sorted(theirs), table
    for table in ("label_status", "transition_pricing", "loan_movement", "property_finance"):
        theirs = [row.replace("BANK2:0", "0") for row in content(apart, table) if "BANK2:0" in row]
        assert theirs and content(own, table) == sorted(theirs), table
    tables = [table for table in own.tables() if not table.startswith("pack_")]
    text = "\n".join(line for table in tables for line in content(own, table))
    assert "BANK2:0" not in text and "BANK1" not in text
    with pytest.raises(InputError) as told_key:
        explain(own, "BANK1:0001")
    assert told_key.value.problems[0].values["near"] == ["0001"]
    trail = explain(own, "0001")
    assert explain(own, "BANK2:0001") == trail
    assert {"loan", "loan_balance", "attributed_emission"} <= {one.table for one in trail.records}


def test_people_see_number_and_institution(alike: Workspace) -> None:
    with alike.book() as book:
        assert {row["loan_id"] for row in loans_of(book, "bank_2026", "BANK1").rows} == set(NUMBERS)
        assert explain(book, "BANK1:0001").kind == "record"
        both = explain(book, "0001")
    assert both.definition["records"] == ["BANK1:0001", "BANK2:0001"]
    of = {
        key: {one.table for one in both.records if one.record == key} for key in ("BANK1:0001", "BANK2:0001")
    }
    assert {"loan", "loan_balance"} <= of["BANK1:0001"] and {"loan", "loan_balance"} <= of["BANK2:0001"]
    assert all(
        row["loan_id"] == one.record for one in both.records if one.table == "loan" for row in one.rows
    )


def test_the_command_explains_a_number_of_several(
    alike: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", "0001", "--workspace", str(alike.inputs.parent), "--lang", "en"]) == 0
    text = capsys.readouterr().out
    assert "2 institutions use this number" in text and "BANK2:0001" in text


@pytest.fixture
def read(tmp_path: Path) -> Iterator[Callable[[], DuckDB]]:
    """Return what reads the ledger and the month-ends of a folder into a database."""
    with DuckDB() as engine:

        def load_all() -> DuckDB:
            contracts = {name: load(name) for name in ("loan_balance", "loan")}
            load_inputs(engine, contracts, tmp_path, settings=SETTINGS, packs=LIBRARY)
            for read, kept, refused in engine.execute(
                "SELECT rows_read, rows_kept, rows_quarantined FROM input_file"
            ):
                assert read == kept + refused
            return engine

        yield load_all


def test_rows_that_name_no_institution_are_told_and_not_guessed(
    tmp_path: Path, read: Callable[[], DuckDB]
) -> None:
    loans = [row for bank in BANKS for row in rows_of(bank, lambda bank, number: number)["loan"]]
    first = loans[0]
    write(tmp_path / "loan.csv", [
        *loans, {**first, "loan_id": "0009"}, {**first, "disbursed_on": "2022-02-05"},
        {**loans[4], "loan_id": "0008", "disbursed_on": "never"}, {**loans[9], "loan_id": "0008"},
    ])  # fmt: skip
    places = (("0002", ""), ("0009", ""), ("0009", "BANK2"), ("0003", "BANK9"), ("0010", ""), ("0001", "BANK1"),
              ("0001", "BANK2"), ("0008", ""), ("0008", "BANK2"))  # fmt: skip
    write(tmp_path / "loan_balance.csv", [
        {"loan_id": loan, "institution_id": bank, "month": f"{YEAR}-12", "outstanding_amount [CNY]": 7}
        for loan, bank in places
    ])  # fmt: skip
    engine = read()
    found = engine.execute("SELECT * FROM quarantine WHERE table_name = 'loan_balance' ORDER BY row_number")
    refused = [dict(zip(engine.columns("quarantine"), row, strict=True)) for row in found]
    assert [(row["row_number"], row["code"]) for row in refused] == [
        (2, "intake.number_of_several"), (4, "intake.number_of_another"), (5, "intake.number_of_another"),
        (9, "intake.number_of_several"),
    ]  # fmt: skip
    for language, word in (("zh", "机构代码"), ("en", "institution_id")):
        reason = refused[0][f"reason_{language}"]
        assert "0002" in reason and "BANK1" in reason and "BANK2" in reason
        assert word in refused[0][f"remedy_{language}"]
    assert {row[0] for row in engine.execute("SELECT loan_id FROM loan_balance")} == {
        "BANK1:0009", "0010", "BANK1:0001", "BANK2:0001", "BANK2:0008",
    }  # fmt: skip
    # rows of the ledger in quarantine use their number too: 0001 of the first bank (two that differ), its 0008 (a date)
    kept = {row[0] for row in engine.execute("SELECT loan_id FROM loan")}
    assert {"BANK2:0001", "BANK2:0008", "BANK1:0009"} <= kept and not {"BANK1:0001", "BANK1:0008"} & kept
    # 0008 of December: BANK2 has its row, BANK1 lacks it; 0002: both lack it; 0009 is not BANK2's, which says it is;
    # BANK9 has no ledger and 0003 is of two that lack it
    assert [(row["institution_id"], row["attributed_by"], row["may_be_of"]) for row in refused] == [
        (None, None, "BANK1|BANK2"), ("BANK2", "stated", None), (None, None, "BANK1|BANK2"),
        ("BANK1", "remaining", None),
    ]  # fmt: skip
    for bank, own, open_rows in (("BANK1", 1, 2), ("BANK2", 1, 2), ("BANK3", 0, 0)):
        unread = unread_of(refused, bank)
        assert dict(unread.own) == ({"loan_balance": own} if own else {})
        assert dict(unread.unattributed) == ({"loan_balance": open_rows} if open_rows else {})
        told = problems_of(unread, bank)
        assert [problem.severity for problem in told] == (["warning", "notice"] if own else [])
        for language in ("zh", "en"):
            text = " ".join(problem.what(language) + problem.fix(language) for problem in told)
            assert not own or (bank in text and "2" in text and "institution_id" in text)
            assert all(other not in text for other in BANKS if other != bank)

    write_rejects(engine, tmp_path / "rejects", {"loan_balance": load("loan_balance")})
    with (tmp_path / "rejects" / "loan_balance.csv").open(encoding="utf-8-sig", newline="") as stream:
        lines = [line for line in csv.DictReader(stream) if line["loan_id"] == "0002"]
    (tmp_path / "rejects" / "loan_balance.csv").unlink()
    write(tmp_path / "loan_balance.corrected.csv", [{**line, "institution_id": "BANK2"} for line in lines])
    engine = read()
    assert engine.execute("SELECT count(*) FROM loan_balance WHERE loan_id = 'BANK2:0002'") == [(1,)]
    assert engine.execute("SELECT row_number FROM quarantine WHERE code = 'intake.superseded'") == [(2,)]


def test_a_key_of_the_book_is_never_the_number_of_another_loan(
    tmp_path: Path, read: Callable[[], DuckDB]
) -> None:
    plain: Mapping[str, Any] = {
        "business_type": "non_project", "product_type": "working_capital_loan", "asset_class": "business_loan",
        "disbursed_on": "2022-01-05",
    }  # fmt: skip
    pairs: Sequence[tuple[str, str]] = (
        ("A", "B:1"), ("A:B", "1"), ("C", "1"), ("C", "B:1"), ("D", "C:1"), ("A%3AB", "1"), ("B", "1"),
    )  # fmt: skip
    write(
        tmp_path / "loan.csv",
        [{"loan_id": number, "institution_id": bank, **plain} for bank, number in pairs],
    )
    kept = set(read().execute("SELECT institution_id, loan_id FROM loan"))
    assert kept == {
        ("A", "A:B:1"), ("A:B", "A%3AB:1"), ("C", "C:1"), ("C", "C:B:1"), ("D", "D:C:1"), ("A%3AB", "A%253AB:1"),
        ("B", "B:1"),
    }  # fmt: skip


def test_a_loan_keeps_its_key_whoever_joins_or_leaves_and_old_answers_find_it(
    tmp_path: Path, read: Callable[[], DuckDB]
) -> None:
    """Answers written with the key, with the number and with both find their loan in every book of the bank."""
    answers = [
        {
            "loan_id": name,
            "institution_id": bank,
            "month": f"{YEAR}-{month:02d}",
            "outstanding_amount [CNY]": 7,
        }
        for month, (name, bank) in enumerate(
            (("7", ""), ("B:7", ""), ("B:7", "B"), ("7", "B"), ("A:7", "B")), 1
        )
    ]
    write(tmp_path / "loan_balance.csv", answers)
    own = [ledger("B", "7"), ledger("B", "A:7")]
    books = {"A": [ledger("A", "1")], "C": [ledger("C", "1"), ledger("C", "7")], "": []}
    keys: dict[str, set[str]] = {}
    for name, others in books.items():
        write(tmp_path / "loan.csv", [*own, *others])
        engine = read()
        keys[name] = {row[0] for row in engine.execute("SELECT loan_id FROM loan WHERE institution_id = 'B'")}
        found = dict(engine.execute("SELECT month, loan_id FROM loan_balance"))
        long, short = ("B:7", "B:A:7") if others else ("7", "A:7")
        expected = {2: long, 3: long, 4: long, 5: short}
        if name != "C":  # there the number alone is of two banks
            expected[1] = long
        assert found == {f"{YEAR}-{month:02d}": key for month, key in expected.items()}, name
        users = engine.execute("SELECT DISTINCT code FROM quarantine WHERE table_name = 'loan_balance'")
        assert users == ([("intake.number_of_several",)] if name == "C" else [])
    assert keys["A"] == keys["C"] == {"B:7", "B:A:7"} and keys[""] == {"7", "A:7"}


def test_the_keys_of_several_can_be_kept_for_one_institution(tmp_path: Path) -> None:
    write(tmp_path / "loan.csv", [ledger("B", "7")])
    write(
        tmp_path / "loan_balance.csv",
        [{"loan_id": "7", "month": f"{YEAR}-12", "outstanding_amount [CNY]": 7}],
    )
    contracts = {name: load(name) for name in ("loan_balance", "loan")}
    with DuckDB() as engine:
        load_inputs(
            engine, contracts, tmp_path, settings=replace(SETTINGS, loan_keys="institution"), packs=LIBRARY
        )
        for table in contracts:
            assert engine.execute(f"SELECT loan_id FROM {table}") == [("B:7",)]


def test_a_number_that_may_be_the_key_of_another_is_not_guessed(
    tmp_path: Path, read: Callable[[], DuckDB]
) -> None:
    write(tmp_path / "loan.csv", [ledger("A", "B:1"), ledger("B", "1"), ledger("B", "2")])
    write(tmp_path / "loan_balance.csv", [
        {"loan_id": name, "institution_id": bank, "month": f"{YEAR}-12", "outstanding_amount [CNY]": 7}
        for name, bank in (("B:1", ""), ("B:1", "A"), ("B:1", "B"), ("2", ""), ("B:2", "A"))
    ])  # fmt: skip
    engine = read()
    assert set(engine.execute("SELECT source_row, loan_id FROM loan_balance")) == {
        (3, "A:B:1"), (4, "B:1"), (5, "B:2"),
    }  # fmt: skip
    assert engine.execute("SELECT row_number, code FROM quarantine ORDER BY 1") == [
        (2, "intake.number_of_several"), (6, "intake.number_of_another"),
    ]  # fmt: skip


def told(engine: DuckDB, code: str) -> list[tuple[str, str, str, str]]:
    """Return the findings of a code: what and remedy, in Chinese and English."""
    sql = "SELECT what_zh, what_en, fix_zh, fix_en FROM finding WHERE code = ? ORDER BY what_zh"
    return [(zh, en, fix_zh, fix_en) for zh, en, fix_zh, fix_en in engine.execute(sql, [code])]


def ledger(bank: str, number: str, **more: object) -> dict[str, object]:
    """Return a row of the ledger; borrower and amount are those of its number."""
    return {
        "loan_id": number, "institution_id": bank, "institution_name": "", "borrower_name": f"企业{number}",
        "business_type": "non_project", "product_type": "working_capital_loan", "asset_class": "business_loan",
        "contract_amount [CNY]": 1_000_000, "disbursed_on": "2022-01-05", **more,
    }  # fmt: skip


def test_an_institution_spelt_in_two_ways_is_told(tmp_path: Path, read: Callable[[], DuckDB]) -> None:
    write(tmp_path / "loan.csv", [ledger("310001", number) for number in ("1", "2", "3")])
    write(tmp_path / "loan.again.csv", [
        ledger("甲银行", "1"), ledger("甲银行", "2", borrower_name="另一家"),
        ledger("甲银行", "3", **{"contract_amount [CNY]": 2_000_000}), ledger("DEF", "8", institution_name="丁银行"),
        ledger("def", "9"), ledger("丁银行", "7"),
    ])  # fmt: skip
    engine = read()
    ((zh, en, fix_zh, fix_en),) = told(engine, "intake.institutions_alike")
    assert all(word in text for text in (zh, en) for word in ("310001", "甲银行", "1"))
    assert zh.endswith("：1") and en.endswith(": 1"), (
        "the loans that differ in client or amount are not meant"
    )
    assert "代码" in fix_zh and "code" in fix_en
    spelt = told(engine, "intake.institution_spelt")
    assert len(spelt) == 2
    assert "DEF" in spelt[0][0] and "def" in spelt[0][0] and "丁银行" in spelt[1][1] and "DEF" in spelt[1][1]


def test_a_correction_that_takes_no_rows_place_is_told_and_can_name_the_row(
    tmp_path: Path, read: Callable[[], DuckDB]
) -> None:
    write(tmp_path / "loan.csv", [ledger("310001", "1"), ledger("31000l", "2"), ledger("310002", "3")])
    write(
        tmp_path / "loan.corrected.csv", [ledger("310001", "2"), ledger("310002", "3", borrower_name="企业")]
    )
    engine = read()
    ((zh, en, fix_zh, fix_en),) = told(engine, "intake.correction_beside")
    assert "loan.csv:3" in zh and "loan.csv:3" in en and "来源行号" in fix_zh and "source_row" in fix_en
    assert zh.startswith("更正文件有 1 行")
    write(tmp_path / "loan.corrected.csv", [
        {**ledger("310001", "2"), "来源文件": "loan.csv", "来源行号": 3},
        {**ledger("310002", "9"), "来源文件": "", "来源行号": ""},
    ])  # fmt: skip
    engine = read()
    assert {row[0] for row in engine.execute("SELECT institution_id FROM loan")} == {"310001", "310002"}
    assert not told(engine, "intake.correction_beside")
    assert {row[0] for row in engine.execute("SELECT loan_id FROM loan")} == {
        "310001:1", "310001:2", "310002:3", "310002:9",
    }  # fmt: skip
    ((zh, *_),) = told(engine, "intake.correction_added")
    assert zh.startswith("更正文件有 1 行")


def test_refused_rows_say_whom_they_name_and_what_is_likely_meant(
    tmp_path: Path, read: Callable[[], DuckDB]
) -> None:
    write(tmp_path / "loan.csv", [
        ledger("ABC", "1", institution_name="甲银行"), ledger("DEF", "1"), ledger("DEF", "5"), ledger("", "5"),
    ])  # fmt: skip
    write(tmp_path / "loan_balance.csv", [
        {"loan_id": loan, "institution_id": bank, "month": f"{YEAR}-12", "outstanding_amount [CNY]": 7}
        for loan, bank in (("1", "abc"), ("1", "甲银行"), ("1", "XYZ"), ("5", ""), ("77", "DEF"))
    ])  # fmt: skip
    engine = read()
    ((_, en, *_),) = told(engine, "intake.unknown_reference")
    assert "77 (DEF)" in en, "a loan that no ledger has is told with the institution"
    rows = engine.execute(
        "SELECT reason_zh, reason_en, remedy_zh, remedy_en FROM quarantine WHERE table_name = 'loan_balance' "
        "ORDER BY row_number"
    )
    for named, (reason_zh, reason_en, *_) in zip(("abc", "甲银行", "XYZ"), rows, strict=False):
        assert f"“{named}”" in reason_zh and f"“{named}”" in reason_en
    for *_, zh, en in rows[:2]:
        assert zh.startswith("多半是 ABC。") and en.startswith("Most likely it is ABC. ")
    assert "多半" not in rows[2][2]
    assert "没有写机构（?）" in rows[3][2] and "names no institution (?)" in rows[3][3]


def test_an_own_book_tells_the_rows_refused_for_a_number_of_another(tmp_path: Path) -> None:
    made = Workspace.create(tmp_path / "city", area="310000", year=YEAR, synthetic=True)
    write(made.inputs / "loan.csv", [
        ledger("BANK1", "1"), ledger("BANK2", "1"), ledger("BANK2", "8"), ledger("BANK3", "9"),
    ])  # fmt: skip
    write(made.inputs / "loan_balance.csv", [
        {"loan_id": loan, "institution_id": bank, "month": f"{YEAR}-{month}", "outstanding_amount [CNY]": 7}
        for loan, bank, month in (("8", "乙银行", 11), ("8", "乙银行", 12), ("1", "BANK3", 12), ("9", "BANK3", 12))
    ])  # fmt: skip
    run_tables(made, ("loan_scope",))
    path = made.runs.book_path(None)
    # 8 is BANK2's alone; BANK3 states a number that is not its own
    for bank, rows in (("BANK1", 0), ("BANK2", 2), ("BANK3", 1)):
        book = of_institution(path, bank).book
        found = book.rows("finding", where="step = 'finance.own_book'")
        assert [one["code"] for one in found] == (["finance.own_rows_quarantined"] if rows else [])
        others = {"乙银行", "BANK1", "BANK2", "BANK3"} - {bank}
        for one in found:
            for text, told_rows in ((one["what_zh"], f" {rows} 行"), (one["what_en"], f"{rows} row")):
                assert bank in text and told_rows in text and "loan_balance" in text
                assert not any(other in text for other in others)


def test_a_refused_row_is_told_to_whose_it_is_and_doubts_nobody_else(tmp_path: Path) -> None:
    made = Workspace.create(tmp_path / "city", area="310000", year=YEAR, synthetic=True)

    def balances(name: str, rows: Sequence[tuple[str, str, int]]) -> None:
        write(made.inputs / name, [
            {"loan_id": loan, "institution_id": bank, "month": f"{YEAR}-{month:02d}", "outstanding_amount [CNY]": 6e7}
            for bank, loan, month in rows
        ])  # fmt: skip

    banks = ("BANK1", "BANK2", "BANK3", "BANK4")
    lent = {"uscc": STEEL, "purpose_industry_code": "3120", "borrower_name": NAMES[STEEL]}
    write(
        made.inputs / "enterprise.csv",
        [
            {
                "uscc": STEEL,
                "name": NAMES[STEEL],
                "area_code": "310000",
                "industry_code": "3120",
                "size_class": "large",
                "overseas": "false",
            }
        ],
    )
    write(
        made.inputs / "entity_emission.csv",
        [{"uscc": STEEL, "year": YEAR, "source": "verified", "scope1 [tCO2e]": 60_000, "scope2 [tCO2e]": 5}],
    )
    write(made.inputs / "enterprise_finance.csv", [
        {"uscc": STEEL, "year": YEAR, "main_business_revenue [CNY]": 680_000_000,
         "total_assets_begin [CNY]": 3_200_000_000, "total_assets_end [CNY]": 3_200_000_000}])  # fmt: skip
    write(made.inputs / "loan.csv", [ledger(bank, "1", **lent) for bank in banks[:3]])
    fourth = [ledger("BANK4", number, **lent, **more)
              for number, more in (("1", {}), ("2", {"disbursed_on": "never"}))]  # fmt: skip
    write(made.inputs / "loan.fourth.csv", [
        {name: value for name, value in row.items() if name != "institution_id"} for row in fourth
    ])  # fmt: skip
    (made.inputs / "loan.fourth.mapping.toml").write_text(
        'table = "loan"\n[constants]\ninstitution_id = "BANK4"\n', "utf-8"
    )
    year = {bank: [(bank, "1", month) for month in range(1, 13)] for bank in banks}
    balances("loan_balance.csv", [*year["BANK1"], *year["BANK2"][:11], ("", "1", 12)])
    balances("loan_balance.third.csv", [*year["BANK3"][:11], ("", "1", 12)])
    balances("loan_balance.fourth.csv", year["BANK4"])
    run_tables(made, ("attributed_emission", "loan_coverage"))
    with Book.open(made.runs.book_path(None)) as whole:
        found = whole.rows("quarantine", order=["table_name", "file"])
        assert [(row["file"], row["institution_id"], row["attributed_by"], row["may_be_of"]) for row in found] == [
            ("loan.fourth.csv", "BANK4", "stated", None),
            ("loan_balance.csv", None, None, "BANK2|BANK3"),
            ("loan_balance.third.csv", "BANK3", "file", None),
        ]  # fmt: skip
    code = "financed_emission_bank_2026"
    for bank, codes in (
        ("BANK1", []),
        ("BANK2", ["finance.rows_unattributed"]),
        ("BANK3", ["finance.own_rows_quarantined", "finance.rows_unattributed"]),
        ("BANK4", ["finance.own_rows_quarantined"]),
    ):
        book = of_institution(made.runs.book_path(None), bank).book
        told_here = book.rows("finding", where="step = 'finance.own_book'", order=["code"])
        assert [one["code"] for one in told_here] == codes, bank
        (headline,) = book.rows("headline", where=f"code = '{code}'")
        doubted = (
            "finance.own_rows_quarantined" in codes
        )  # beside what the pack of industries leaves open for all
        assert ("隔离区" in headline["reason_zh"], "quarantine" in headline["reason_en"]) == (
            doubted,
            doubted,
        ), bank
        assert headline["status"] == "partial" and "packs" in headline["reason_en"]
