"""The process of a run that was started from a page: tells its progress as lines of JSON, stops when it is told to."""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lvshu.core.errors import LvshuError, Problem
from lvshu.pipeline.progress import Cancellation, Progress
from lvshu.pipeline.request import RunRequest
from lvshu.pipeline.run import run
from lvshu.publish.publications import MODULES, publications
from lvshu.store.workspace import Workspace
from lvshu.web.security.finance_view import keep_view

CANCELLED = "pipeline.cancelled"


def main(words: list[str]) -> int:
    """Run a workspace; words: its folder, a language, and "again" to take nothing over. Returns the exit code."""
    folder, language, *more = words
    stop = Cancellation()
    threading.Thread(target=_heed, args=(stop,), daemon=True).start()
    try:
        outcome = run(
            Workspace.open(Path(folder)),
            RunRequest(
                again="again" in more,
                finishers=(*publications(language), keep_view),
                finisher_modules=MODULES,
                listener=_tell_step,
                cancellation=stop,
                language=language,
            ),
        )
    except LvshuError as error:
        _tell({"event": "failed", "code": error.code, "errors": [one.as_json() for one in error.problems]})
        return 1
    except Exception as error:  # noqa: BLE001  (the boundary of the process: whatever comes must be told)
        values = {"kind": type(error).__name__, "reason": str(error)[:500], "trace": ""}
        problem = Problem("cli.unexpected", values=values)
        _tell({"event": "failed", "code": problem.code, "errors": [problem.as_json()]})
        return 3
    _tell(
        {
            "event": "outcome",
            "run": outcome.run_id,
            "status": outcome.status,
            "resumed_from": outcome.resumed_from,
            "steps": dict(outcome.steps),
            "seconds": round(outcome.seconds, 2),
            "problems": [one.as_json() for one in outcome.problems],
        }
    )
    return 0


def _heed(stop: Cancellation) -> None:
    """Stop the run when told to, or when whoever started it has gone."""
    for line in sys.stdin:
        if line.strip() == "cancel":
            stop.request()
            return
    stop.request()


def _tell_step(event: Progress) -> None:
    _tell({"event": "step", **asdict(event)})


def _tell(event: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(event, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
