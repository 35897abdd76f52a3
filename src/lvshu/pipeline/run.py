"""The main run: plan, take over, make, sum up, publish. A killed run is gone on with."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import EngineError, InputError, Problem, Where
from lvshu.core.origin import sha256_of_text
from lvshu.engine.base import QueryRunner
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.settings import Settings
from lvshu.engine.step import Step
from lvshu.intake import write_rejects
from lvshu.pipeline.execute import Done, Executor
from lvshu.pipeline.headlines import definitions
from lvshu.pipeline.identity import Surroundings, source_hash
from lvshu.pipeline.inputs import Inputs, find_inputs, input_contracts, input_tasks
from lvshu.pipeline.packs import date_warnings, load_packs, record_packs
from lvshu.pipeline.plan import in_order, wing_steps
from lvshu.pipeline.progress import Clock, Progress
from lvshu.pipeline.record import RUN_STEP, record_headlines, record_problems, record_run, record_run_step
from lvshu.pipeline.request import Outcome, RunRequest
from lvshu.pipeline.task import Task, step_tasks
from lvshu.pipeline.vintage import VINTAGE, with_vintage
from lvshu.store.book import Book
from lvshu.store.disk import require_space, told_when_full
from lvshu.store.runs import BOOK_FILE
from lvshu.store.workspace import Workspace

SCRATCH = "scratch"
GROWTH = 4
"""A book is allowed for with so many times the bytes of its inputs; a caution, not a bound."""


def run(workspace: Workspace, request: RunRequest | None = None) -> Outcome:
    """Return the outcome of a run of a workspace; its book is then the current one.

    Raises:
        ConfigError: wrong settings.
        InputError: no input at all.
        PackError: a pack is broken.
        StoreError: another run is writing, or the disk is full.
        EngineError, ContractError, MethodError: a step failed; those before it are kept for the next run.
        Cancelled: the user stopped it; finished steps are kept.
    """
    asked = request or RunRequest()
    with workspace.lock(), told_when_full(workspace.folder):
        workspace.runs.recover()
        return _Run(workspace, asked).outcome()


class _Run:
    """One run, from the plan to the switch."""

    def __init__(self, workspace: Workspace, request: RunRequest) -> None:
        self.workspace = workspace
        self.request = request
        self.clock = Clock()
        self.started = datetime.now(UTC)
        self.settings: Settings = workspace.settings
        self.library: PackLibrary = workspace.library
        self.engine_name = request.engine or workspace.config.engine.name
        self.inputs: Inputs = find_inputs(workspace.inputs)
        if not any(self.inputs.files.values()):
            where = Where(file=str(workspace.inputs))
            raise InputError(*self.inputs.problems, Problem("pipeline.no_input", where))
        steps = in_order(wing_steps() if request.steps is None else request.steps)
        self.packs = {pack for step in steps for pack in step.packs}
        self.tasks = self._tasks(steps)

    def _tasks(self, steps: Sequence[Step]) -> list[Task]:
        tasks = input_tasks(
            self.inputs, settings=self.settings, library=self.library, profiles=self._profiles()
        )
        tasks = self._with_vintage(tasks)
        made = {table: task.content_id for task in tasks for table in task.makes}
        surroundings = Surroundings(self.settings, self.library, self.engine_name)
        return tasks + step_tasks(steps, made, surroundings)

    def _with_vintage(self, tasks: list[Task]) -> list[Task]:
        """Return the tasks with the earlier vintage of the monthly indicators taken from the current book."""
        if self.inputs.files.get(VINTAGE) or self.workspace.runs.current() is None:
            return tasks
        with self.workspace.book() as book:
            return with_vintage(tasks, book)

    def _profiles(self) -> dict[tuple[str, str], float]:
        """Return the median powers of ten of the current book's columns."""
        if self.workspace.runs.current() is None:
            return {}
        with self.workspace.book() as book:
            rows = book.rows("column_profile")
        return {
            (row["table_name"], row["column_name"]): row["median_power_of_ten"]
            for row in rows
            if row["median_power_of_ten"] is not None
        }

    # -- the whole -------------------------------------------------------------------------------

    def outcome(self) -> Outcome:
        if not self.request.again:
            current = self.workspace.runs.current()
            if current is not None and self._same_as(current):
                return self._outcome(current, "unchanged", None, ())
        needed = self._needed_bytes()
        self.workspace.runs.folder.mkdir(parents=True, exist_ok=True)
        require_space(self.workspace.runs.folder, needed)
        run_id = self.workspace.runs.new_id(self._plan_hash(), self.started)
        partial, resumed_from = self.workspace.runs.begin(run_id)
        with self._engine_on(partial) as (engine, broken):
            done = self._fill(engine, run_id, None if broken else resumed_from, broken)
            engine.checkpoint()
        shutil.rmtree(partial / SCRATCH, ignore_errors=True)
        clock = Clock()
        self._finish(partial)
        self._tell("made", clock.seconds)
        self.request.cancellation.heed()
        self.workspace.runs.publish(partial)
        return self._outcome(run_id, "made", None if broken else resumed_from, done)

    def _outcome(self, run_id: str, status: str, resumed_from: str | None, done: Sequence[Done]) -> Outcome:
        counts: dict[str, int] = {}
        for one in done:
            counts[one.status] = counts.get(one.status, 0) + 1
        folder = self.workspace.runs.path(run_id)
        with self.workspace.book(run_id) as book:
            used = [row["pack"] for row in book.rows("pack_used", columns=["pack"])]
        problems = (*self.inputs.problems, *self._date_warnings(used))
        return Outcome(run_id, folder, status, resumed_from, counts, self.clock.seconds, problems)

    def _date_warnings(self, packs: Iterable[str]) -> list[Problem]:
        """Return a warning for each pack that was not in force at the end of the reporting year."""
        return date_warnings(self.library, packs, date(self.settings.year, 12, 31))

    def _plan_hash(self) -> str:
        return sha256_of_text(
            *(f"{name}={content_id}" for name, content_id in sorted(self._identity().items()))
        )

    def _identity(self) -> dict[str, str]:
        """Return the content ids of all that decides the book and its reports."""
        ids = {task.name: task.content_id for task in self.tasks}
        ids[RUN_STEP] = sha256_of_text(
            repr(definitions()),
            repr(
                [
                    (problem.code, problem.where, sorted(problem.values.items(), key=str))
                    for problem in self.inputs.problems
                ]
            ),
            json.dumps(self.settings.as_dict(), sort_keys=True),
            *(source_hash(module) for module in ("lvshu.pipeline.run", *self.request.finisher_modules)),
        )
        return ids

    def _same_as(self, run_id: str) -> bool:
        with self.workspace.book(run_id) as book:
            rows = book.rows("step_run", columns=["step", "content_id"])
        return {row["step"]: row["content_id"] for row in rows} == self._identity()

    def _needed_bytes(self) -> int:
        current = self.workspace.runs.current()
        last = self.workspace.runs.book_path(current).stat().st_size if current else 0
        return max(last, GROWTH * self.inputs.bytes)

    # -- the book --------------------------------------------------------------------------------

    @contextmanager
    def _engine_on(self, partial: Path) -> Iterator[tuple[DuckDB, Problem | None]]:
        runner = self._runner()
        engine, broken = self._open(partial, runner)
        self.request.cancellation.watch(engine)
        try:
            yield engine, broken
        except EngineError:
            self.request.cancellation.heed()  # the statement failed because it was interrupted
            raise
        finally:
            self.request.cancellation.watch(None)
            engine.close()
            if runner is not None:
                runner.close()

    def _runner(self) -> QueryRunner | None:
        if self.engine_name != "spark":
            return None
        from lvshu.engine.spark import SparkRunner

        return SparkRunner()

    def _open(self, partial: Path, runner: QueryRunner | None) -> tuple[DuckDB, Problem | None]:
        """Open the book of a partial run; one that a killed run left unreadable is begun anew, and that is told."""
        if self.request.again:
            _empty(partial)
        try:
            return self._connect(partial, runner), None
        except EngineError as error:
            if not (partial / BOOK_FILE).exists():
                raise
            values = {"run": partial.name, "reason": error.problems[0].values.get("reason", "")}
            _empty(partial)
            return self._connect(partial, runner), Problem(
                "store.partial_dropped", values=values, severity="notice"
            )

    def _connect(self, partial: Path, runner: QueryRunner | None) -> DuckDB:
        choice = self.workspace.config.engine
        return DuckDB(
            partial / BOOK_FILE,
            threads=choice.threads,
            memory_limit=choice.memory,
            scratch=partial / SCRATCH,
            runner=runner,
        )

    def _fill(
        self, engine: DuckDB, run_id: str, resumed_from: str | None, broken: Problem | None
    ) -> tuple[Done, ...]:
        current = self.workspace.runs.current()
        earlier = None if self.request.again or current is None else self.workspace.runs.book_path(current)
        load_packs(engine, self.library, self.packs)
        executor = Executor(
            engine,
            self.tasks,
            earlier=earlier,
            listener=self.request.listener,
            cancellation=self.request.cancellation,
            extra=1,
        )
        done = executor.run()
        self._tell("started", 0.0)
        clock = Clock()
        used = {pack for one in done if one.status != "skipped" for pack in one.task.packs} & self.packs
        problems = [*self.inputs.problems, *self._date_warnings(used), *([broken] if broken else [])]
        with engine.transaction():
            rows = record_headlines(engine, done, self.library)
            record_packs(engine, self.library, used)
            record_problems(engine, problems)
            record_run_step(
                engine,
                position=len(self.tasks) + 1,
                content_id=self._identity()[RUN_STEP],
                headline_rows=rows,
                seconds=clock.seconds,
            )
            record_run(
                engine,
                run_id=run_id,
                started=self.started,
                engine_name=self.engine_name,
                settings=self.settings,
                resumed_from=resumed_from,
            )
        write_rejects(engine, self.workspace.rejects, input_contracts(), language=self.request.language)
        return done

    def _tell(self, status: str, seconds: float) -> None:
        if self.request.listener is not None:
            last = len(self.tasks) + 1
            event = Progress(
                step=RUN_STEP,
                label_zh="指标与报告",
                label_en="Headlines and reports",
                position=last,
                total=last,
                status=status,
                rows=len(definitions()),
                seconds=seconds,
                elapsed=self.clock.seconds,
            )
            self.request.listener(event)

    def _finish(self, partial: Path) -> None:
        for finisher in self.request.finishers:
            self.request.cancellation.heed()
            with Book.open(partial / BOOK_FILE) as book:
                finisher(book, partial)


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
