"""From the candidate list to figures that a run uses, and back to the desk; a killed command; the command line."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lvshu.cli.desk_app import COMMANDS
from lvshu.cli.desk_texts import DESK_TEXTS
from lvshu.cli.main import main
from lvshu.contract import load
from lvshu.core.errors import InputError, StoreError
from lvshu.finance.workflow.card import card_of
from lvshu.finance.workflow.desk import open_desk
from lvshu.finance.workflow.formal import correct_list, lock
from lvshu.finance.workflow.issue import issue_forms
from lvshu.finance.workflow.mirror import FIGURES, KEPT, write_inputs
from lvshu.finance.workflow.progress import move_clients
from lvshu.finance.workflow.repository import Repository
from lvshu.finance.workflow.taking import take
from lvshu.store.workspace import Workspace
from tests.finance.workflow import small

KILLED = """
import os, signal, sys
from pathlib import Path
from lvshu.finance.workflow.desk import open_desk
from lvshu.finance.workflow.records import Actor
from lvshu.finance.workflow.repository import Repository
from lvshu.finance.workflow.taking import take
from lvshu.store.workspace import Workspace

add = Repository.add_return

def killed(self, one):
    add(self, one)
    os.kill(os.getpid(), signal.SIGKILL)

Repository.add_return = killed
with open_desk(Workspace.open(Path(sys.argv[1])), Actor("陈经理", "account_manager", "B1")) as desk:
    take(desk, [Path(sys.argv[2])])
"""


def test_figures_reach_the_run_with_their_provenance_and_the_run_is_linked(sent: Workspace) -> None:
    back = small.filled(sent, small.STEEL)
    with open_desk(sent, small.MANAGER_1) as desk:
        take(desk, [back])
        take(
            desk,
            [small.filled(sent, small.STEEL, "second.xlsx", total=80_000, scope2=None)],
            reason="只有范围一",
        )
    with open_desk(sent, small.BRANCH_1) as desk:
        moved = move_clients(desk, [small.STEEL], "checked")
        assert "entity_emission.desk.corrected.csv" in moved.files
    with open_desk(sent, small.HEAD) as desk:
        correct_list(desk, small.CEMENT, "add", reason="总行要求")
    run_id = small.made_in(sent)
    with sent.book() as book:
        own = f"uscc = '{small.STEEL}' AND year = 2025"
        (finance,) = book.rows("enterprise_finance", where=own)
        assert finance["total_assets_end"] == 3_400_000_000 and finance["value_added"] == 99_000_000
        (replaced,) = book.rows("quarantine")
        assert (replaced["file"], replaced["code"]) == ("enterprise_finance.csv", "intake.superseded")
        (choice,) = book.rows(
            "entity_emission_choice", where=f"method = 'bank_2026' AND subject_id = '{small.STEEL}'"
        )
        assert (choice["calculation_method"], choice["emission"]) == ("verified_report", 80_000)
        financed = book.rows(
            "attributed_emission", where=f"method = 'bank_2026' AND subject_id = '{small.STEEL}'"
        )
        assert sum(row["emission"] for row in financed) == Decimal(1250)
        revenue = book.rows(
            "attributed_emission", where=f"method = 'trial_2021' AND subject_id = '{small.STEEL}'"
        )
        assert round(sum(row["emission"] for row in revenue), 2) == Decimal("5882.35")
        used = book.rows("collection_return", where="in_use")
        assert [(row["version"], row["taken_by"]) for row in used] == [(2, "陈经理")]
        checks = {(row["uscc"], row["project_id"]): row["status"] for row in book.rows("formal_list_check")}
        assert checks.pop((small.CEMENT, "none")) == "no_longer_candidate" and set(checks.values()) == {
            "same"
        }
        told = book.rows("finding", where="code = 'finance.desk_no_longer_candidate'")
        assert len(told) == 1 and small.CEMENT in told[0]["what_en"]
        progress = {(row["branch_code"], row["state"]): row for row in book.rows("collection_progress")}
        assert progress["B1", "checked"]["emission"] == Decimal(1250)
        assert sum(row["clients"] for row in progress.values()) == 4
    with open_desk(sent, small.HEAD) as desk:
        assert {(fix.kind, fix.run_before, fix.run_after) for fix in desk.repository.corrections()} == {
            ("figures", small.FIRST_RUN, run_id), ("add", small.FIRST_RUN, run_id),
        }  # fmt: skip
        card = card_of(desk, small.NAMES[small.STEEL])
    assert card.uscc == small.STEEL and card.run_id == run_id
    assert {(row["branch"], row["exposure"]) for row in card.loans if row["method"] == "bank_2026"} == {
        ("B1", Decimal(30_000_000)), ("B2", Decimal(20_000_000)),
    }  # fmt: skip
    assert {row["method"]: row["emission"] for row in card.financed}["bank_2026"] == Decimal(1250)
    assert [one.back.version for one in card.versions] == [1, 2]
    assert {row["field"] for row in card.versions[1].differences} == {"report.scope2"}
    assert [change.to_state for change in card.history] == [
        "formal",
        "sent",
        "returned",
        "returned",
        "checked",
    ]


def test_cards_of_clients_outside_the_list_and_of_nobody(sent: Workspace) -> None:
    with open_desk(sent) as desk:
        card = card_of(desk, small.TWIN_A)
        assert card.other_codes == (small.TWIN_B,) and card.states == []
        assert [row["reason"] for row in card.exclusions if row["method"] == "bank_2026"] == [
            "below_minimum_balance"
        ]
        for word, code in ((small.NAMES[small.TWIN_A], "several_clients"), ("无此企业", "nobody_known")):
            with pytest.raises(InputError) as told:
                card_of(desk, word)
            assert told.value.code == f"finance.desk_{code}"


def test_a_kill_in_the_middle_leaves_nothing_half_written(sent: Workspace) -> None:
    back = small.filled(sent, small.STEEL)
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(sent.folder), str(back)],
        cwd=root,
        capture_output=True,
        check=False,
    )
    assert done.returncode == -9, done.stderr
    with open_desk(sent, small.MANAGER_1) as desk:
        assert desk.repository.returns() == [] and desk.tampered() == []
        assert desk.repository.states(desk.list_of().list_id)[small.STEEL].state == "sent"
        (one,) = take(desk, [back])
        assert (one.status, one.version) == ("accepted", 1)


def test_input_files_left_undone_are_written_by_the_next_command(sent: Workspace) -> None:
    path = sent.inputs / "client_state.desk.csv"
    before = path.read_text("utf-8")
    path.write_text("half", encoding="utf-8")
    (sent.inputs / "state_change.desk.csv").unlink()
    with open_desk(sent, small.HEAD) as desk:
        assert set(write_inputs(desk)) == {"client_state.desk.csv", "state_change.desk.csv"}
        assert write_inputs(desk) == ()
    assert path.read_text("utf-8") == before


def test_every_table_that_the_desk_writes_is_an_input_with_a_contract() -> None:
    assert {load(table).kind for table in (*KEPT, *FIGURES)} == {"input"}
    assert all(load(table).confidential for table in (*KEPT, *FIGURES))


def test_two_writers_at_once_and_databases_that_are_none(
    sent: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sent.folder / "desk" / "desk.sqlite"
    monkeypatch.setattr("lvshu.finance.workflow.repository.WAIT_SECONDS", 0.05)
    with Repository(path) as first, first.transaction(), Repository(path) as second:
        with pytest.raises(StoreError) as told, second.transaction():
            pass
        assert told.value.code == "finance.desk_busy"
    with Repository(path) as one:
        one.connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError) as told:
        Repository(path)
    assert told.value.code == "finance.desk_newer"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreError) as told:
        Repository(path)
    assert told.value.code == "finance.desk_database"


def _json(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, Any]:
    capsys.readouterr()
    code = main([*(str(argument) for argument in arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_the_exercise_by_command(bank: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    place = ("-w", bank.folder)
    head = ("--user", "王总", "--role", "head_office")
    code, listed = _json(capsys, "desk", "candidates", *place)
    assert code == 0 and len(listed["clients"]) == 3 and listed["reconciliation"]["loans_difference"] == 0
    assert _json(capsys, "desk", "status", *place)[1]["errors"][0]["code"] == "finance.desk_no_list"
    code, locked = _json(capsys, "desk", "lock", *head, *place)
    assert code == 0 and locked["count"] == 3 and len(locked["hash"]) == 64
    assert _json(capsys, "desk", "lock", *head, *place)[0] == 1
    code, sent = _json(capsys, "desk", "forms", *head, *place)
    assert code == 0 and len(sent["files"]) == 3
    back = small.filled(bank, small.STEEL)
    manager = ("--user", "陈经理", "--role", "account_manager", "--branch", "B1")
    code, taken = _json(capsys, "desk", "take", back, *manager, *place)
    assert code == 0 and taken["files"][0]["status"] == "accepted"
    branch = ("--user", "李分", "--role", "branch", "--branch", "B1")
    code, moved = _json(capsys, "desk", "move", "--from", "returned", "--to", "checked", *branch, *place)
    assert code == 0 and moved["clients"] == [small.STEEL]
    code, told = _json(capsys, "desk", "move", small.STEEL, "--to", "locked", *head, *place)
    assert code == 1 and told["errors"][0]["code"] == "finance.desk_no_way"
    code, told = _json(capsys, "desk", "correct", small.CEMENT, "--reason", "x", *head, *place)
    assert code == 2 and told["errors"][0]["code"] == "finance.desk_one_correction"
    code, fixed = _json(
        capsys, "desk", "correct", small.CEMENT, "--add", "--reason", "总行要求", *head, *place
    )
    assert code == 0 and fixed["correction"]["user"] == "王总"
    assert len(_json(capsys, "desk", "corrections", *place)[1]["corrections"]) == 1
    code, status = _json(capsys, "desk", "status", *place)
    assert code == 0 and status["total"]["clients"] == 4 and len(status["clients"]) == 4
    assert _json(capsys, "desk", "card", small.STEEL, *place)[1]["uscc"] == small.STEEL
    for language, command in (
        ("zh", ("status", "--clients")), ("en", ("candidates",)), ("zh", ("card", small.STEEL)),
        ("en", ("corrections",)),
    ):  # fmt: skip
        capsys.readouterr()
        assert main(["desk", *command, "-w", str(bank.folder), "--lang", language]) == 0
        assert small.STEEL in capsys.readouterr().out or command == ("corrections",)


def test_help_of_every_command_of_the_desk(capsys: pytest.CaptureFixture[str]) -> None:
    for place, name in enumerate(COMMANDS):
        language = ("zh", "en")[place % 2]
        capsys.readouterr()
        assert main(["desk", name, "--help", "--lang", language]) == 0
        page = capsys.readouterr().out
        assert DESK_TEXTS[f"desk.{name}"][0 if language == "zh" else 1][:8] in page and "--json" in page


def test_help_of_the_group_takes_the_language(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--lang", "zh", "desk", "--help"], ["desk", "--lang", "zh", "--help"]):
        capsys.readouterr()
        assert main(arguments) == 0
        assert "候选" in capsys.readouterr().out


def test_what_the_bank_knew_of_a_report_stays_where_the_form_is_silent(bank: Workspace) -> None:
    small.write(bank.inputs / "entity_emission.csv", [
        {"uscc": small.STEEL, "year": small.YEAR, "source": "unverified", "total [tCO2e]": 70_000,
         "scope3 [tCO2e]": 300_000, "removals [tCO2e]": 12},
    ])  # fmt: skip
    small.made_in(bank)
    with open_desk(bank, small.HEAD) as desk:
        lock(desk, note="年度核算")
        issue_forms(desk)
    with open_desk(bank, small.MANAGER_1) as desk:
        take(desk, [small.filled(bank, small.STEEL)])
    with open_desk(bank, small.BRANCH_1) as desk:
        move_clients(desk, [small.STEEL], "checked")
    with (bank.inputs / "entity_emission.desk.corrected.csv").open(encoding="utf-8") as stream:
        (row,) = csv.DictReader(stream)
    row = {name.partition(" [")[0]: text for name, text in row.items()}
    assert (Decimal(row["scope3"]), Decimal(row["removals"])) == (300_000, 12)  # the form asks for neither
    assert row["source"] == "verified" and row["total"] != "70000"
