"""How a run is asked for, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lvshu.core.errors import Problem
from lvshu.engine.step import Step
from lvshu.pipeline.progress import Cancellation, Listener
from lvshu.store.book import Book

Finisher = Callable[[Book, Path], object]


@dataclass(frozen=True)
class RunRequest:
    """How a run is to be made.

    Attributes:
        engine: "duckdb" or "spark"; None: what lvshu.toml says.
        again: make every step anew, take nothing over.
        steps: the steps; None: those of all wings.
        finishers: write reports into the run's folder before it becomes current.
        finisher_modules: the modules of the finishers; when their code changes, a run is not "unchanged".
        listener: told of each step.
        cancellation: through which the user may stop the run.
        language: of the reasons in the rejects files, "zh" or "en".
    """

    engine: str | None = None
    again: bool = False
    steps: Sequence[Step] | None = None
    finishers: Sequence[Finisher] = ()
    finisher_modules: Sequence[str] = ()
    listener: Listener | None = None
    cancellation: Cancellation = field(default_factory=Cancellation)
    language: str = "zh"


@dataclass(frozen=True)
class Outcome:
    """What came of a run. status: made, or unchanged (nothing differs from the current run, which stays)."""

    run_id: str
    folder: Path
    status: str
    resumed_from: str | None
    steps: Mapping[str, int]
    seconds: float
    problems: tuple[Problem, ...]
