"""The candidate list against the ledger, the lock, and corrections of a locked list."""

from __future__ import annotations

import sqlite3
from decimal import Decimal

import pytest

from lvshu.core.errors import InputError
from lvshu.finance.workflow.candidates import exclusions_of, reconciliation_of
from lvshu.finance.workflow.desk import open_desk
from lvshu.finance.workflow.formal import correct_list, lock
from lvshu.finance.workflow.progress import progress_of
from lvshu.finance.workflow.records import Actor
from lvshu.store.workspace import Workspace
from tests.finance.workflow import small


def test_every_loan_is_on_the_list_or_off_it_with_its_reason(bank: Workspace) -> None:
    with bank.book() as book:
        for method in book.settings.finance_methods:
            sums = reconciliation_of(book, method, "BANK1")
            assert sums["loans_in_book"] == len(small.LOANS)
            assert sums["loans_difference"] == 0 and sums["outstanding_difference"] == 0
            assert sums["outstanding_in_book"] == sum(amount for *_, amount in small.LOANS)
        by_reason = {row["reason"]: row for row in exclusions_of(book, "bank_2026", "BANK1")}
        clients = book.rows("candidate_client", where="method = 'bank_2026'")
    assert {reason: row["loans"] for reason, row in by_reason.items()} == {
        "below_minimum_balance": 3, "industry_not_listed": 1, "small_or_micro": 1, "unknown_borrower": 1,
    }  # fmt: skip
    assert by_reason["unknown_borrower"]["status"] == "unknown"
    assert {(row["uscc"], row["project_id"]) for row in clients} == {
        (small.STEEL, "none"), (small.POWER, "none"), (small.POWER, "P1"),
    }  # fmt: skip


def test_one_client_at_two_branches_is_one_row_with_the_larger_branch_in_the_lead(bank: Workspace) -> None:
    with bank.book() as book:
        where = f"method = 'bank_2026' AND uscc = '{small.STEEL}'"
        (client,) = book.rows("candidate_client", where=where)
        branches = book.rows("candidate_branch", where=where, order=["branch_code"])
    assert (client["branches"], client["loans"], client["lead_branch_code"]) == (2, 2, "B1")
    assert [(row["branch_code"], row["exposure"]) for row in branches] == [
        ("B1", Decimal(30_000_000)), ("B2", Decimal(20_000_000)),
    ]  # fmt: skip
    assert sum(row["exposure"] for row in branches) == client["exposure"]


def test_one_name_under_two_codes_is_told_and_not_merged(bank: Workspace) -> None:
    with bank.book() as book:
        (doubt,) = book.rows("client_identity_doubt")
        found = book.rows("finding", where="code = 'finance.desk_one_name_several_codes'")
    assert doubt["subject"] == small.NAMES[small.TWIN_A]
    assert {doubt["first_value"], doubt["last_value"]} == {small.TWIN_A, small.TWIN_B}
    assert len(found) == 1 and small.TWIN_B in found[0]["what_zh"]


def test_the_lock_is_head_office_alone_and_once(bank: Workspace) -> None:
    for actor, code in (
        (Actor("", ""), "finance.desk_who"), (Actor("x", "boss"), "finance.desk_unknown_role"),
        (Actor("x", "branch"), "finance.desk_which_branch"), (small.BRANCH_1, "finance.desk_role_may_not"),
    ):  # fmt: skip
        with open_desk(bank, actor) as desk, pytest.raises(InputError) as told:
            lock(desk)
        assert told.value.code == code
    with open_desk(bank, small.HEAD) as desk:
        locked = lock(desk, note="年度核算")
        assert (locked.run_id, locked.locked_by, len(locked.clients)) == (small.FIRST_RUN, "王总", 3)
        with pytest.raises(InputError) as again:
            lock(desk)
        assert again.value.code == "finance.desk_locked_already"
        assert len(desk.repository.kept_exclusions(locked.list_id)) == 6
        assert desk.tampered() == []
    assert (bank.inputs / "formal_list.desk.csv").is_file()


def test_a_locked_list_cannot_be_changed_even_in_the_database(sent: Workspace) -> None:
    path = sent.folder / "desk" / "desk.sqlite"
    with sqlite3.connect(path) as connection:
        for sql in (
            "UPDATE formal_list_client SET content = ''",
            "DELETE FROM state_change",
            "DELETE FROM formal_list",
        ):
            with pytest.raises(sqlite3.DatabaseError, match="only ever added to"):
                connection.execute(sql)
        connection.execute("DROP TRIGGER formal_list_client_no_update")
        connection.execute("DROP TRIGGER state_change_no_update")
        connection.execute("UPDATE formal_list_client SET content = replace(content, '30000000', '30000001')")
        connection.execute("UPDATE state_change SET note = 'x' WHERE change_id = 2")
    connection.close()
    with open_desk(sent, small.HEAD) as desk:
        codes = [problem.code for problem in progress_of(desk).problems]
    assert codes == ["finance.desk_list_tampered", "finance.desk_log_tampered"]


def test_corrections_of_the_list_need_a_reason_and_keep_what_was_locked(sent: Workspace) -> None:
    with open_desk(sent, small.HEAD) as desk:
        with pytest.raises(InputError) as told:
            correct_list(desk, small.CEMENT, "add", reason=" ")
        assert told.value.code == "finance.desk_needs_reason"
        added = correct_list(desk, small.CEMENT, "add", reason="总行要求")
        assert (added.correction_id, added.run_before, added.run_after) == (1, small.FIRST_RUN, "")
        one = desk.list_of()
        assert one.clients[small.CEMENT].origin == "added" and one.clients[small.CEMENT].loans == 1
        assert small.CEMENT not in desk.repository.kept_clients(one.list_id)
        with pytest.raises(InputError) as told:
            correct_list(desk, small.CEMENT, "add", reason="再来")
        assert told.value.code == "finance.desk_on_the_list"
        with pytest.raises(InputError) as told:
            correct_list(desk, "91310000MA1FL00990", "add", reason="没有贷款")
        assert told.value.code == "finance.desk_no_loans"
        correct_list(desk, small.STEEL, "lead_branch", reason="客户在 B2", branch="B2")
        assert desk.repository.states(one.list_id)[small.STEEL].branch == "B2"
        with pytest.raises(InputError) as told:
            correct_list(desk, small.STEEL, "lead_branch", reason="没有的分行", branch="B9")
        assert told.value.code == "finance.desk_not_a_branch"
        with pytest.raises(InputError) as told:
            correct_list(desk, small.POWER, "remove", reason="哪个？")
        assert told.value.code == "finance.desk_several_clients"
        correct_list(desk, f"{small.POWER}/P1", "remove", reason="项目已出表")
        assert set(desk.list_of().clients) == {small.CEMENT, small.STEEL, small.POWER}
        assert desk.tampered() == []
        back = correct_list(desk, f"{small.POWER}/P1", "add", reason="误删")
        assert back.kind == "add" and len(desk.list_of().clients) == 4
    with open_desk(sent, small.BRANCH_1) as desk, pytest.raises(InputError) as told:
        correct_list(desk, small.STEEL, "remove", reason="x")
    assert told.value.code == "finance.desk_role_may_not"


def test_words_that_mean_nobody_are_all_told(sent: Workspace) -> None:
    with open_desk(sent, small.HEAD) as desk:
        one = desk.list_of()
        with pytest.raises(InputError) as told:
            desk.find_clients(one, ["nobody", small.NAMES[small.STEEL], "no one"])
        assert len(told.value.problems) == 2
        assert desk.find_clients(one, [small.NAMES[small.STEEL]]) == [small.STEEL]
        assert set(desk.find_clients(one, [small.POWER])) == {small.POWER, f"{small.POWER}/P1"}
        with pytest.raises(InputError) as told:
            desk.list_of("2024-x")
        assert told.value.code == "finance.desk_which_list"
