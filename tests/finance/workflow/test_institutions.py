"""Several institutions in one book: each sees its own loans, lists and clients, and nothing of the others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lvshu.cli.main import main
from lvshu.core.errors import InputError
from lvshu.finance.workflow.card import card_of
from lvshu.finance.workflow.desk import open_desk
from lvshu.finance.workflow.formal import lock
from lvshu.store.workspace import Workspace
from tests.finance.runs import run_tables
from tests.finance.workflow.small import HEAD, NAMES, POWER, STEEL
from tests.finance.workflow.test_two_years import SECOND, bank

TABLES = (
    "candidate_client",
    "candidate_reconciliation",
    "attributed_emission",
    "enterprise_carbon_account",
    "group_exposure",
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return a book of two institutions that lend to the same client; only the first has locked a list."""
    made = bank(
        tmp_path_factory.mktemp("two") / "city", SECOND, {STEEL: (64_000_000, 60_000), POWER: (32_000_000, 5)}
    )
    for name, first in (("loan.csv", "L0,BANK1,B1"), ("loan_balance.csv", None)):
        path = made.inputs / name
        lines = path.read_text("utf-8").splitlines()
        more = [line.replace("L0,", "L9,", 1) for line in lines if line.startswith("L0,")]
        path.write_text(
            "\n".join([*lines, *(line.replace("BANK1,B1", "BANK2,X1") for line in more)]) + "\n", "utf-8"
        )
        assert first is None or more[0].startswith(first.replace("L0", "L9"))
    run_tables(made, TABLES)
    with open_desk(made, HEAD) as desk:
        lock(desk, institution="BANK1")
    return made


def answer(capsys: pytest.CaptureFixture[str], *words: object) -> Any:
    capsys.readouterr()
    assert main([*(str(word) for word in words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_card_shows_one_institution_alone(place: Workspace) -> None:
    with open_desk(place) as desk:
        mine, theirs, every = (card_of(desk, STEEL, owner) for owner in ("", "BANK2", "*"))
        with pytest.raises(InputError) as told:
            card_of(desk, STEEL, "BANK9")
    assert told.value.code == "finance.desk_unknown_choice"
    assert (mine.institution, theirs.institution, every.institution) == ("BANK1", "BANK2", "")
    assert {row["branch"] for row in mine.loans} == {"B1"} and {row["branch"] for row in theirs.loans} == {
        "X1"
    }
    assert {row["branch"] for row in every.loans} == {"B1", "X1"}
    assert [row["loans"] for row in mine.financed if row["method"] == "bank_2026"] == [1]
    assert mine.states and mine.history and not theirs.states and not theirs.history
    assert mine.accounts[-1]["emission"] == 60_000 and mine.accounts[-1]["financed_emission"] is None
    assert every.accounts[-1]["financed_emission"] == 2400 and every.accounts[-1]["institutions"] == 2
    assert mine.account_versions[-1]["financed_emission"] is None


def test_lists_ask_which_institution_and_keep_to_it(
    place: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("-w", place.folder)
    assert main(["desk", "candidates", "-w", str(place.folder), "--lang", "en"]) == 1
    told = capsys.readouterr().err
    assert "BANK1" in told and "BANK2" in told
    found = answer(capsys, "desk", "candidates", "--institution", "BANK2", *where)
    assert [one["client"] for one in found["clients"]] == [STEEL]
    assert found["reconciliation"]["loans_in_book"] == 1
    loans = answer(capsys, "desk", "loans", "--institution", "BANK2", *where)
    assert [row["loan_id"] for row in loans["loans"]] == ["L9"]
    assert main(["desk", "loans", NAMES[POWER], "--institution", "BANK2", "-w", str(place.folder)]) == 1
    matched = answer(capsys, "match", "status", "--institution", "BANK2", *where)
    assert matched["loans"] == 1
    groups = answer(capsys, "match", "groups", "--institution", "BANK2", *where)
    assert {row["institution_id"] for row in groups["groups"]} == {"BANK2"}


def test_forms_of_one_institution_do_not_say_what_another_lends(place: Workspace, tmp_path: Path) -> None:
    from lvshu.finance.workflow.issue import issue_forms

    with open_desk(place, HEAD) as desk:
        (path, _) = issue_forms(desk, to=tmp_path).files
    assert b"BANK2" not in path.read_bytes()
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(str(path))
    texts = [
        str(cell)
        for name in book.sheet_names
        for row in book.get_sheet_by_name(name).to_python()
        for cell in row
    ]
    assert not any("BANK2" in text or "X1" in text for text in texts)
