"""The order of the steps, derived from what each reads and makes; every fault of a plan told at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from importlib import import_module

from lvshu.contract import all_contracts
from lvshu.core.errors import EngineError, Problem
from lvshu.engine.step import Step

WINGS = ("statistics", "accounts", "finance")
SHARED = ("finding", "uncertainty")
RECEIVED = ("quarantine", "input_column")
"""What the reading of inputs leaves beside their tables. A step that reads it reads the input table too, whose id
stands for it."""


def wing_steps() -> tuple[Step, ...]:
    """Return the steps of all wings, in no order that matters."""
    return tuple(step for wing in WINGS for step in import_module(f"lvshu.{wing}.steps").STEPS)


def makers(steps: Iterable[Step]) -> dict[str, Step]:
    """Return which step makes each table.

    Raises:
        EngineError: a table is made by two steps.
    """
    made: dict[str, Step] = {}
    problems = []
    for step in steps:
        for table in step.makes:
            if table in made:
                values = {"table": table, "first": made[table].name, "second": step.name}
                problems.append(Problem("pipeline.made_twice", values=values))
            made[table] = step
    if problems:
        raise EngineError(*problems)
    return made


def in_order(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps so that each comes after those that make what it reads; the given order where free.

    Raises:
        EngineError: a cycle, an unknown table, a table without a contract, or one made twice (all of them).
    """
    made = makers(steps)
    _check_tables(steps, made)
    place = {step.name: position for position, step in enumerate(steps)}
    by_name = {step.name: step for step in steps}
    graph = {step.name: _before(step, made) for step in steps}
    sorter: TopologicalSorter[str] = TopologicalSorter(graph)
    try:
        sorter.prepare()
    except CycleError as error:
        circle = list(error.args[1])
        raise EngineError(Problem("pipeline.cycle", values={"steps": " → ".join(circle)})) from None
    ordered: list[Step] = []
    ready: list[str] = list(sorter.get_ready())
    while ready:
        ready.sort(key=lambda name: place[name])
        name = ready.pop(0)
        ordered.append(by_name[name])
        sorter.done(name)
        ready.extend(sorter.get_ready())
    return tuple(ordered)


def _before(step: Step, made: Mapping[str, Step]) -> set[str]:
    return {made[table].name for table in (*step.reads, *step.reads_if_there) if table in made}


def _check_tables(steps: Sequence[Step], made: Mapping[str, Step]) -> None:
    contracts = all_contracts()
    problems = []
    names = [step.name for step in steps]
    for name in sorted({name for name in names if names.count(name) > 1}):
        problems.append(Problem("pipeline.step_twice", values={"step": name}))
    for step in steps:
        for table in step.makes:
            if table not in contracts:
                problems.append(Problem("pipeline.no_contract", values={"table": table, "step": step.name}))
        for table in (*step.reads, *step.reads_if_there):
            known = table in made or (table in contracts and contracts[table].kind == "input")
            if not known and table not in (*SHARED, *RECEIVED):
                near = difflib.get_close_matches(table, [*made, *contracts], n=3)
                values = {"table": table, "step": step.name, "near": near or ["-"]}
                problems.append(Problem("pipeline.unknown_table", values=values))
    if problems:
        raise EngineError(*problems)


def upstream(tables: Iterable[str], reads: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return all tables that some tables rest on, themselves included, nearest first.

    Args:
        tables: where to start.
        reads: table -> tables that its maker reads; an input table has no entry.
    """
    seen: list[str] = []
    waiting = list(tables)
    while waiting:
        table = waiting.pop(0)
        if table not in seen:
            seen.append(table)
            waiting.extend(reads.get(table, ()))
    return tuple(seen)
