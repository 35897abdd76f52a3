"""A task: one step of a wing, or the reading of one input table, with its id and the rows that belong to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lvshu.contract import all_contracts
from lvshu.core.errors import EngineError, Problem
from lvshu.engine.duckdb import DuckDB, text_literal
from lvshu.engine.query import Query
from lvshu.engine.settings import WatchedSettings
from lvshu.engine.step import Step, StepContext
from lvshu.pipeline.identity import Surroundings, code_text, parameters_of
from lvshu.pipeline.plan import SHARED

BY_TABLE = (
    "quarantine", "input_file", "input_column", "value_status", "column_profile", "input_extra", "shared_record_number",
)  # fmt: skip
"""Shared tables to which the reading of an input table adds rows, told apart by their column table_name."""

NAMED_READS = 2


@dataclass(frozen=True)
class Task:
    """What the executor runs.

    Attributes:
        name: unique name.
        content_id: the same id means the same result.
        makes: tables that it alone makes.
        action: does it; called within a transaction, in a book that has none of `makes` yet.
        reads: tables that it reads, all of them.
        demands: tables that must have rows, or the task is skipped.
        owned: shared table -> SQL condition of the rows there that are this task's.
        method: code of its method card.
        packs: ids of its packs.
        code: its SQL, or where its source is.
        settings_read: names of the settings that it read; filled while it is done.
    """

    name: str
    content_id: str
    makes: tuple[str, ...]
    action: Callable[[DuckDB], None]
    reads: tuple[str, ...] = ()
    demands: tuple[str, ...] = ()
    owned: Mapping[str, str] = field(default_factory=dict)
    method: str = ""
    packs: tuple[str, ...] = ()
    code: str = ""
    settings_read: set[str] = field(default_factory=set)

    def label(self, language: str) -> str:
        """Return what the task makes, or for one that only checks, what it looks at, for people."""
        return step_label(self.makes, self.reads, language)


def step_label(makes: Sequence[str], reads: Sequence[str], language: str) -> str:
    """Return what a step that makes and reads tables is called, for people: what it makes, else what it looks at."""
    between = "、" if language == "zh" else ", "
    contracts = all_contracts()
    named = between.join(
        contracts[table].label(language) if table in contracts else table
        for table in makes or reads[:NAMED_READS]
    )
    if makes:
        return named
    if more := max(len(reads) - NAMED_READS, 0):
        named += f"等 {len(reads)} 张表" if language == "zh" else f" and {more} more tables"
    return f"核对：{named}" if language == "zh" else f"Checks: {named}"


def step_tasks(steps: Sequence[Step], made: Mapping[str, str], surroundings: Surroundings) -> list[Task]:
    """Return the tasks of steps that stand in order.

    Args:
        steps: in an order in which each comes after what it reads.
        made: table -> id of its maker, for the tables made before (the inputs).
        surroundings: what all steps of the run have in common.
    """
    ids = dict(made)
    tasks = []
    for step in steps:
        code = code_text(step, surroundings.settings, surroundings.engine)
        settings_read: set[str] = set()
        content_id = surroundings.step_id(step, code, ids)
        ids.update(dict.fromkeys(step.makes, content_id))
        tasks.append(
            Task(
                name=step.name,
                content_id=content_id,
                makes=step.makes,
                action=_action(step, surroundings, settings_read),
                reads=(*step.reads, *step.reads_if_there),
                demands=step.reads,
                owned={table: f"step = {text_literal(step.name)}" for table in SHARED},
                method=step.method,
                packs=step.packs,
                code=code,
                settings_read=settings_read,
            )
        )
    return tasks


def _action(step: Step, surroundings: Surroundings, read: set[str]) -> Callable[[DuckDB], None]:
    def act(engine: DuckDB) -> None:
        watched = WatchedSettings.watching(surroundings.settings, read)
        context = StepContext(step, watched, surroundings.library, engine)
        if isinstance(step.action, Query):
            if step.makes != (step.action.table,):
                values = {"step": step.name, "tables": [step.action.table]}
                raise EngineError(Problem("pipeline.undeclared_table", values=values))
            context.make(step.action, **parameters_of(step, watched))
        else:
            step.action(context)
        stray = sorted(set(context.rows_made) - set(step.makes) - set(SHARED))
        if stray:
            raise EngineError(
                Problem("pipeline.undeclared_table", values={"step": step.name, "tables": stray})
            )

    return act
