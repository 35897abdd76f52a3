"""Who may change which state into which; the log; refusals in words."""

from __future__ import annotations

import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import InputError
from lvshu.finance.workflow.desk import open_desk
from lvshu.finance.workflow.issue import issue_forms
from lvshu.finance.workflow.progress import move_clients, progress_of
from lvshu.finance.workflow.records import Actor, State
from lvshu.finance.workflow.rules import ROLES, Rules
from lvshu.finance.workflow.taking import take
from lvshu.store.workspace import Workspace
from tests.finance.runs import run_tables
from tests.finance.workflow import small

RULES = Rules(PackLibrary.load())


def test_what_is_not_allowed_is_refused_in_both_languages() -> None:
    allowed = {(row["from_state"], row["to_state"], row["role"], row["through"]) for row in RULES.transitions}
    assert len(allowed) == len(RULES.transitions)
    for before in RULES.states:
        for after in RULES.states:
            for role in ROLES:
                for through in ("lock", "forms", "take", "move", "correct"):
                    present = State("C", before, "B1", "", "a", "branch")
                    actor = Actor("b", role, "" if role == "head_office" else "B1")
                    told = RULES.refusal(present, after, actor, through=through, note="because")
                    assert (told is None) == ((before, after, role, through) in allowed)
                    if told:
                        assert (
                            told.what("zh")
                            and told.what("en")
                            and told.fix("zh")
                            and "{" not in told.text("en")
                        )


def test_every_state_is_reached_and_left() -> None:
    reached = {"candidate"}
    while True:
        more = {row["to_state"] for row in RULES.transitions if row["from_state"] in reached} - reached
        if not more:
            break
        reached |= more
    assert reached == set(RULES.states)
    assert {row["from_state"] for row in RULES.transitions} == set(RULES.states)


def test_the_whole_way_by_each_role(sent: Workspace) -> None:
    back = small.filled(sent, small.STEEL)
    with open_desk(sent, small.MANAGER_2) as desk:
        (one,) = take(desk, [back])
        assert one.status == "unknown" and one.problems[0].code == "finance.desk_not_your_branch"
    with open_desk(sent, small.MANAGER_1) as desk:
        (one,) = take(desk, [back])
        assert one.status == "accepted"
    for actor, to_state, code in (
        (small.HEAD, "locked", "finance.desk_no_way"), (small.HEAD, "checked", "finance.desk_not_your_role"),
        (small.BRANCH_2, "checked", "finance.desk_not_your_branch"),
        (small.BRANCH_1, "sent_back", "finance.desk_needs_note"),
        (Actor("陈经理", "branch", "B1"), "checked", "finance.desk_same_user"),
    ):  # fmt: skip
        with open_desk(sent, actor) as desk, pytest.raises(InputError) as told:
            move_clients(desk, [small.STEEL], to_state)
        assert told.value.code == code
    with open_desk(sent, small.BRANCH_1) as desk:
        assert move_clients(desk, [small.STEEL], "checked").clients == (small.STEEL,)
        assert progress_of(desk).total.calculated == 0
    with open_desk(sent, small.HEAD) as desk, pytest.raises(InputError) as told:
        move_clients(desk, [small.STEEL], "confirmed")
    assert told.value.code == "finance.desk_not_calculated"
    run_tables(sent, ("formal_list_check",))
    for to_state in ("confirmed", "locked"):
        with open_desk(sent, small.HEAD) as desk:
            assert move_clients(desk, [small.STEEL], to_state).clients == (small.STEEL,)
    with open_desk(sent, small.HEAD) as desk:
        log = desk.repository.changes(client=small.STEEL)
        assert [change.to_state for change in log] == [
            "formal",
            "sent",
            "returned",
            "checked",
            "confirmed",
            "locked",
        ]
        assert [change.user for change in log] == ["王总", "王总", "陈经理", "李分", "王总", "王总"]
        found = progress_of(desk)
    assert {(line.branch, line.state): line.clients for line in found.lines} == {
        ("B1", "sent"): 1, ("B1", "locked"): 1, ("B2", "sent"): 1,
    }  # fmt: skip
    assert found.total.exposure == 170_000_000 and (found.total.returned, found.total.calculated) == (1, 1)


def test_some_may_move_and_the_others_are_told(sent: Workspace) -> None:
    with open_desk(sent, small.BRANCH_1) as desk:
        moved = move_clients(desk, [small.STEEL, small.POWER], "no_answer", note="三次催收未果")
        assert set(moved.clients) == {small.STEEL, f"{small.POWER}/P1"}
        assert [problem.code for problem in moved.refused] == ["finance.desk_not_your_branch"]
        again = issue_forms(desk, [small.STEEL])
        assert again.forms[0].form_id.endswith("-2")
        with pytest.raises(InputError) as told:
            issue_forms(desk)
        assert told.value.code == "finance.desk_nobody_waits"
        with pytest.raises(InputError) as told:
            move_clients(desk, [], "checked", from_state="returned")
        assert told.value.code == "finance.desk_nobody_to_move"
        with pytest.raises(InputError) as told:
            move_clients(desk, [], "done", from_state="begun")
        assert told.value.code == "finance.desk_unknown_state"


def test_a_bank_replaces_the_rules_by_a_pack_of_its_own(sent: Workspace) -> None:
    source = PackLibrary.load().places["desk_transitions"]
    target = sent.user_packs / "desk_transitions"
    target.mkdir(parents=True)
    (target / "pack.toml").write_text(source.card.read_text("utf-8"), encoding="utf-8")
    rows = (
        source.data.read_text("utf-8").rstrip()
        + "\nsent,confirmed,head_office,move,true,false,false,本行规定\n"
    )
    (target / "data.csv").write_text(rows, encoding="utf-8")
    with open_desk(Workspace.open(sent.folder), small.HEAD) as desk:
        assert move_clients(desk, [small.STEEL], "confirmed", note="总行直接确认").clients == (small.STEEL,)
