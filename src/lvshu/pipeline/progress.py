"""What a run tells while it runs, and how it is asked to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from lvshu.core.errors import LvshuError, Problem
from lvshu.engine.duckdb import DuckDB


@dataclass(frozen=True)
class Progress:
    """One event of a run.

    Attributes:
        step: name of the step.
        label_zh: what it makes, in Chinese.
        label_en: what it makes, in English.
        position: its place, from 1.
        total: how many steps there are.
        status: started, made, taken_over, skipped or kept (finished before the run was killed).
        rows: rows made; 0 when it starts.
        seconds: time the step took.
        elapsed: time since the run started.
    """

    step: str
    label_zh: str
    label_en: str
    position: int
    total: int
    status: str
    rows: int = 0
    seconds: float = 0.0
    elapsed: float = 0.0

    def label(self, language: str) -> str:
        """Return what the step makes, for people."""
        return self.label_zh if language == "zh" else self.label_en


Listener = Callable[[Progress], None]


class Cancelled(LvshuError):  # noqa: N818
    """The user stopped the run. What was finished is kept."""


@dataclass
class Cancellation:
    """A request to stop, made in one thread and heeded in another."""

    requested: bool = False
    _engine: DuckDB | None = field(default=None, repr=False)

    def request(self) -> None:
        """Ask the run to stop; a statement that is running is interrupted."""
        self.requested = True
        if self._engine is not None:
            self._engine.interrupt()

    def watch(self, engine: DuckDB | None) -> None:
        """Name the engine whose statements are to be interrupted."""
        self._engine = engine

    def heed(self) -> None:
        """Stop here if that was asked for.

        Raises:
            Cancelled: it was.
        """
        if self.requested:
            raise Cancelled(Problem("pipeline.cancelled", severity="notice"))


class Clock:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Return the seconds since the clock was made."""
        return time.perf_counter() - self._start
