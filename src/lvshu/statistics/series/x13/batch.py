"""Many series adjusted at once: in processes, resumable, one bad series not stopping the rest."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lvshu.core.errors import LvshuError, Problem
from lvshu.statistics.series.time_series import TimeSeries
from lvshu.statistics.series.x13.adjustment import Adjustment
from lvshu.statistics.series.x13.policy import Held, held_of, update
from lvshu.statistics.series.x13.specification import Specification

CHUNK = 8  # series a task: few enough that a stop loses little
AHEAD = 4  # tasks waiting for each worker


@dataclass(frozen=True)
class Task:
    """One series to adjust: how, by which policy, and what is held of it."""

    series: TimeSeries
    specification: Specification
    policy: str = "concurrent"
    held: Held | None = None

    def key(self) -> str:
        """Return what tells this task from any other: series, values, and how it is adjusted."""
        one = self.specification
        told = hashlib.sha256()
        told.update(f"{self.series.name}|{self.series.kind}|{self.series.first}|{self.policy}|".encode())
        told.update(self.series.values.tobytes())
        told.update(repr(one).encode())
        for regressor in one.regressors:
            told.update(regressor.values.tobytes())
        if self.held is not None:
            told.update(json.dumps(self.held.as_dict(), sort_keys=True).encode())
        return told.hexdigest()


@dataclass(frozen=True)
class Done:
    """What became of one series, as plain data: its parts and measures, or the problems.

    record: parts (lists by name), model, transform, multiplicative, quality, statistics, coefficients, warnings,
        doubts, held, forecast; empty where it failed.
    """

    name: str
    record: Mapping[str, Any]
    problems: tuple[Problem, ...] = ()
    from_journal: bool = False

    @property
    def ok(self) -> bool:
        """Return whether it was adjusted."""
        return not self.problems


def record_of(adjustment: Adjustment) -> dict[str, Any]:
    """Return an adjustment as plain data."""
    raw = adjustment.raw
    return {
        "kind": raw.kind, "first": raw.first, "raw": raw.values.tolist(),
        "parts": {name: values.tolist() for name, values in adjustment.parts.items()},
        "forecast": adjustment.forecast.tolist(), "multiplicative": adjustment.multiplicative,
        "model": adjustment.model, "selection": adjustment.selection, "transform": adjustment.transform,
        "statistics": dict(adjustment.statistics),
        "coefficients": [
            [one.group, one.name, one.value, one.standard_error if one.standard_error > 0 else None]
            for one in adjustment.coefficients
        ],
        "quality": adjustment.quality.as_dict(), "doubts": adjustment.doubts(),
        "warnings": list(adjustment.warnings), "not_positive": list(adjustment.not_positive),
        "held": held_of(adjustment).as_dict() if "combined" in adjustment.parts else None,
    }  # fmt: skip


def work(tasks: Sequence[Task]) -> list[Done]:
    """Return what became of some series, one after another. A fault of one is its own."""
    made = []
    for task in tasks:
        try:
            adjustment = update(task.series, task.specification, task.held, task.policy)
            made.append(Done(task.series.name, record_of(adjustment)))
        except LvshuError as error:
            made.append(Done(task.series.name, {}, error.problems))
        except (ArithmeticError, ValueError, LookupError, OSError) as error:
            values = {"series": task.series.name, "detail": f"{type(error).__name__}: {error}"[:300]}
            made.append(Done(task.series.name, {}, (Problem("statistics.x13_refused", values=values),)))
    return made


def adjust_many(
    tasks: Sequence[Task],
    *,
    workers: int = 0,
    journal: Path | None = None,
    told: Callable[[int], None] | None = None,
) -> Iterator[Done]:
    """Yield what became of each series, in the order in which they end.

    Args:
        tasks: the series.
        workers: processes; 0 for as many as there are processors. One works in this process.
        journal: a file to which every adjusted series is added as a line of JSON; those already in it, with the same
            values and the same specification, are not adjusted again. Failed ones are tried again.
        told: called with the number of series that have ended.

    Raises:
        OSError: the journal cannot be read or written.
    """
    known = _journal(journal) if journal else {}
    left: list[Task] = []
    ended = 0
    for task in tasks:
        kept = known.get(task.key())
        if kept is None:
            left.append(task)
            continue
        ended += 1
        yield Done(task.series.name, kept, from_journal=True)
    keys = {id(task): task.key() for task in left} if journal else {}
    stream = journal.open("a", encoding="utf-8") if journal else None
    try:
        for batch, results in _worked(left, workers or os.cpu_count() or 1):
            for task, one in zip(batch, results, strict=True):
                if stream is not None and one.ok:
                    stream.write(json.dumps({"key": keys[id(task)], "record": one.record}) + "\n")
                ended += 1
                yield one
            if stream is not None:
                stream.flush()
            if told is not None:
                told(ended)
    finally:
        if stream is not None:
            stream.close()


def _worked(tasks: Sequence[Task], workers: int) -> Iterator[tuple[Sequence[Task], list[Done]]]:
    batches = [tasks[at : at + CHUNK] for at in range(0, len(tasks), CHUNK)]
    if workers == 1 or len(batches) < 2:
        for batch in batches:
            yield batch, work(batch)
        return
    waiting = iter(batches)
    broken: list[Sequence[Task]] = []
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        running: dict[Future[list[Done]], Sequence[Task]] = {}
        for batch in waiting:
            running[pool.submit(work, batch)] = batch
            if len(running) >= workers * AHEAD:
                break
        while running:
            ready, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in ready:
                batch = running.pop(future)
                try:
                    results = future.result()
                except BrokenProcessPool:
                    broken.append(batch)
                    continue
                yield batch, results
                after = None if broken else next(waiting, None)
                if after is not None:
                    try:
                        running[pool.submit(work, after)] = after
                    except BrokenProcessPool:
                        broken.append(after)
    # A worker that was killed takes the whole pool with it: what is left is done here, slower but done.
    for batch in (*broken, *waiting):
        yield batch, work(batch)


def _journal(path: Path) -> dict[str, dict[str, Any]]:
    """Return the records of a journal by key; a last line cut short by a stop is taken off the file."""
    if not path.exists():
        return {}
    found: dict[str, dict[str, Any]] = {}
    whole = 0
    with path.open("rb") as stream:
        for line in stream:
            try:
                entry = json.loads(line)
                found[entry["key"]] = entry["record"]
            except (ValueError, KeyError, TypeError):
                break
            if not line.endswith(b"\n"):
                break
            whole += len(line)
    if whole < path.stat().st_size:
        with path.open("rb+") as stream:
            stream.truncate(whole)
    return found
