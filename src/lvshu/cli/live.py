"""Visible progress: a bar on a terminal, plain lines elsewhere; always on standard error."""

from __future__ import annotations

import os
from types import TracebackType

from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from lvshu.cli.console import Output
from lvshu.pipeline.progress import Progress as Event


class Live:
    """Shows the steps of a run as they go: which one, how many rows it made, how long it took.

    Without `lines` there is the bar alone, and a line for a step that failed.
    """

    def __init__(self, output: Output, *, lines: bool = True) -> None:
        self.output = output
        self._lines = lines
        console = output.err
        self._animated = console.is_terminal and os.environ.get("TERM", "") not in ("dumb", "")
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.completed:>3.0f}/{task.total:.0f}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            console=console,
            transient=True,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> Live:
        if self._animated:
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._animated:
            self._progress.stop()

    def listen(self, event: Event) -> None:
        """Show one event of a run."""
        label = event.label(self.output.language)
        if self._animated:
            if self._task is None:
                self._task = self._progress.add_task("", total=event.total)
            done = event.position - (event.status == "started")
            self._progress.update(self._task, completed=done, description=label)
        if event.status != "started" and (self._lines or event.status == "failed"):
            line = self._line(event, label)
            (self._progress.console if self._animated else self.output.err).print(
                line, markup=False, soft_wrap=True
            )

    def _line(self, event: Event, label: str) -> str:
        status = self.output.text(f"status.{event.status}")
        rows = self.output.text("run.rows", rows=f"{event.rows:,}")
        width = len(str(event.total))
        return f"[{event.position:>{width}}/{event.total}] {event.elapsed:7.1f}s  {status}  {label}  {rows}"
