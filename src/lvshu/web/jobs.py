"""The run that goes on: a process of its own, so that pages stay quick; its progress line by line; stop and go on."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lvshu.core.errors import Problem, StoreError

PATIENCE = 10.0
KEPT_EVENTS = 5000


@dataclass
class Job:
    """One run that was started here.

    Attributes:
        number: of the job, from 1.
        started_by: name of the user.
        language: of the reports that it writes.
        started: seconds since the epoch.
        events: what it told so far, as plain data.
        ended: whether its process has ended.
        code: exit code of the process, when it has ended.
    """

    number: int
    started_by: str
    language: str
    started: float
    process: subprocess.Popen[str]
    events: list[dict[str, Any]] = field(default_factory=list)
    ended: bool = False
    code: int | None = None
    cancelled_by: str = ""

    def snapshot(self, since: int = 0, *, whole: bool = True) -> dict[str, Any]:
        """Return how far it is, with the events from a number on.

        whole: whether its findings come with their values, which name records; else their codes alone.
        """
        steps = [one for one in self.events if one["event"] == "step"]
        last = steps[-1] if steps else None
        outcome = next((one for one in reversed(self.events) if one["event"] in ("outcome", "failed")), None)
        state = "running"
        if self.ended:
            state = "done" if outcome and outcome["event"] == "outcome" else "failed"
            if state == "failed" and (
                self.cancelled_by or (outcome or {}).get("code") == "pipeline.cancelled"
            ):
                state = "cancelled"
        done = 0 if last is None else last["position"] - (last["status"] == "started")
        return {
            "job": self.number,
            "state": state,
            "phase": self._phase(last),
            "started_by": self.started_by,
            "seconds": round(time.time() - self.started, 1) if not self.ended else None,
            "position": done,
            "total": last["total"] if last else 0,
            "step": last,
            "next": len(self.events),
            "events": [_told(one, whole) for one in self.events[since : since + 400]],
            "outcome": None if outcome is None else _told(outcome, whole),
        }

    def _phase(self, last: dict[str, Any] | None) -> str | None:
        """Return what a run that goes on is at: preparing, steps, or stopping; None when it has ended."""
        if self.ended:
            return None
        return "stopping" if self.cancelled_by else "preparing" if last is None else "steps"


def _told(event: dict[str, Any], whole: bool) -> dict[str, Any]:
    """Return an event, its findings without values and places for who may not see records."""
    if whole:
        return event
    kept: dict[str, Any] = {
        key: [{"code": one["code"]} for one in event[key]] for key in ("problems", "errors") if key in event
    }
    return {**event, **kept}


class Jobs:
    """Starts runs of one workspace, one at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.job: Job | None = None
        self._lock = threading.Lock()

    @property
    def is_running(self) -> bool:
        """Return whether a run that was started here goes on."""
        return self.job is not None and not self.job.ended

    def start(self, *, by: str, language: str, again: bool = False) -> Job:
        """Return the run that was started.

        Raises:
            StoreError: one goes on already.
        """
        with self._lock:
            if self.is_running:
                raise StoreError(Problem("web.run_goes_on"))
            words = [sys.executable, "-m", "lvshu.web.worker", str(self.folder), language]
            process = subprocess.Popen(
                [*words, "again"] if again else words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
            )
            number = self.job.number + 1 if self.job else 1
            self.job = Job(number, by, language, time.time(), process)
            threading.Thread(target=_listen, args=(self.job,), name="lvshu-job", daemon=True).start()
            return self.job

    def cancel(self, by: str) -> bool:
        """Ask the run to stop; what it finished is kept. Returns whether one was going on."""
        with self._lock:
            job = self.job
            if job is None or job.ended:
                return False
            job.cancelled_by = by
            try:
                if job.process.stdin is not None:
                    job.process.stdin.write("cancel\n")
                    job.process.stdin.flush()
            except OSError:
                return False
            return True

    def close(self) -> None:
        """Ask a run that goes on to stop, and wait for it a while."""
        if self.cancel("server") and self.job is not None:
            try:
                self.job.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.job.process.kill()


def _listen(job: Job) -> None:
    if job.process.stdout is not None:
        for line in job.process.stdout:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict) and "event" in event and len(job.events) < KEPT_EVENTS:
                job.events.append(event)
    job.code = job.process.wait()
    for pipe in (job.process.stdout, job.process.stdin):
        if pipe is not None:
            with contextlib.suppress(OSError):  # the process has gone: what it did not read is lost with it
                pipe.close()
    job.ended = True
