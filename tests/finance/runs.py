"""Runs of a workspace that make some tables alone, through the program's own reading and running."""

from __future__ import annotations

from collections.abc import Sequence

from lvshu.contract import all_contracts
from lvshu.engine.step import Step, StepContext
from lvshu.finance.steps import STEPS
from lvshu.pipeline.request import RunRequest
from lvshu.pipeline.run import run
from lvshu.store.workspace import Workspace
from tests.finance.account.steps import needed


def run_tables(place: Workspace, tables: Sequence[str], steps: Sequence[str] = ()) -> str:
    """Return the id of a run that makes some tables and what they need; tables of other wings are empty."""
    names = needed(tables, steps)
    wanted = [one for one in STEPS if one.name in names]
    made = {table for one in wanted for table in one.makes}
    inputs = {name for name, contract in all_contracts().items() if contract.kind == "input"}
    read = {table for one in wanted for table in (*one.reads, *one.reads_if_there)}
    others = tuple(sorted(read - made - inputs))
    given = (Step(name="given.others", makes=others, action=_nothing),) if others else ()
    run(place, RunRequest(steps=(*given, *wanted)))
    found = place.runs.current()
    assert found
    return found


def _nothing(context: StepContext) -> None:
    """Leave the tables of other wings empty."""
