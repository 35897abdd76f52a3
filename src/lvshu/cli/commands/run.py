"""lvshu run: the whole book, then its headlines and its report."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path
from typing import Any

from lvshu.cli.commands.headlines import headline_rows, show
from lvshu.cli.console import Output
from lvshu.cli.live import Live
from lvshu.cli.watched import watched
from lvshu.intake import count_rejects
from lvshu.pipeline.request import Outcome, RunRequest
from lvshu.pipeline.run import run
from lvshu.publish.publications import MODULES, REPORT, publications
from lvshu.store.book import Book
from lvshu.store.workspace import Workspace
from lvshu.web.security.finance_view import keep_view

SHOWN_ERRORS = 5
SEVERITIES = ("error", "warning", "notice")


def execute(
    *,
    language: str,
    as_json: bool,
    path: Path,
    engine: str | None,
    open_report: bool,
    again: bool,
    accept: bool,
) -> int:
    """Run a workspace and print what came of it. Returns the exit code: 1 where there are errors or warnings."""
    output = Output(language, as_json)
    workspace = Workspace.open(path)
    with Live(output) as live:
        outcome = watched(
            lambda stop: run(
                workspace,
                RunRequest(
                    engine=engine,
                    again=again,
                    finishers=(*publications(language), keep_view),
                    finisher_modules=MODULES,
                    listener=live.listen,
                    cancellation=stop,
                    language=language,
                ),
            ),
            output=output,
        )
    with Book.open(outcome.folder / "book.duckdb") as book:
        code = _tell(output, workspace, outcome, book, accept)
    report = outcome.folder / REPORT
    if open_report and not as_json and has_screen():
        webbrowser.open(report.resolve().as_uri())
    return code


def _tell(output: Output, workspace: Workspace, outcome: Outcome, book: Book, accept: bool) -> int:
    counts = {name: book.count("finding", f"severity = '{name}'") for name in SEVERITIES}
    quarantined = sum(row["rows_quarantined"] or 0 for row in book.rows("input_file"))
    waiting = count_rejects(book.engine)
    rows = headline_rows(book, output.language)
    report = outcome.folder / REPORT
    attention = counts["error"] + counts["warning"]
    output.json(
        {
            "ok": not counts["error"],
            "run": outcome.run_id,
            "status": outcome.status,
            "resumed_from": outcome.resumed_from,
            "steps": outcome.steps,
            "synthetic": bool(book.run["synthetic"]),
            "headlines": rows,
            "findings": counts,
            "rows_quarantined": quarantined,
            "rows_to_correct": waiting,
            "problems": [problem.as_json() for problem in outcome.problems],
            "book": str(book.path),
            "report": str(report),
        }
    )
    if not output.as_json:
        _show(output, workspace, outcome, rows, counts, (quarantined, waiting))
        _show_findings(output, book, counts)
        if attention:
            name = "run.problems_accepted" if accept else "run.problems_exit"
            output.say(output.text(name), style="yellow")
    return 1 if attention and not accept else 0


def _show(
    output: Output,
    workspace: Workspace,
    outcome: Outcome,
    rows: list[dict[str, Any]],
    counts: dict[str, int],
    quarantined: tuple[int, int],
) -> None:
    output.problems(outcome.problems)
    if outcome.resumed_from:
        output.say(output.text("run.resumed", run=outcome.resumed_from))
    if outcome.status == "unchanged":
        output.say(output.text("run.unchanged", run=outcome.run_id))
    else:
        steps = ", ".join(f"{output.text('status.' + name)} {count}" for name, count in outcome.steps.items())
        output.say(output.text("run.done", run=outcome.run_id, seconds=f"{outcome.seconds:.1f}", steps=steps))
    output.say()
    if workspace.settings.synthetic:
        output.say(output.text("run.synthetic"), style="yellow")
        output.say()
    show(output, rows)
    output.say()
    told = ", ".join(output.text(f"count.{name}", count=count) for name, count in counts.items())
    output.say(output.text("run.findings", counts=told))
    held, waiting = quarantined
    if waiting:
        output.say(output.text("run.quarantined", rows=f"{waiting:,}", path=workspace.rejects))
    if held > waiting:
        output.say(output.text("run.settled", rows=f"{held - waiting:,}"))
    output.say(output.text("run.report", path=(outcome.folder / REPORT).resolve().as_uri()))


def _show_findings(output: Output, book: Book, counts: dict[str, int]) -> None:
    """Print the first errors in full and one line for each kind of warning, the most numerous first."""
    if counts["error"]:
        output.heading(output.text("run.errors"))
        output.findings(
            book.rows("finding", where="severity = 'error'", order=["step", "code"], limit=SHOWN_ERRORS)
        )
    if counts["error"] > SHOWN_ERRORS:
        output.say(output.text("more", count=counts["error"] - SHOWN_ERRORS), style="dim")
    kinds: dict[str, list[dict[str, Any]]] = {}
    for row in book.rows("finding", where="severity = 'warning'", order=["step", "code"]):
        kinds.setdefault(row["code"], []).append(row)
    if kinds:
        output.heading(output.text("run.warnings"))
    for rows in sorted(kinds.values(), key=len, reverse=True):
        worst = max(rows, key=lambda row: abs(row["amount"] or 0))
        line = output.pick(worst, "what")
        output.say(f"  {output.text('run.warning_kind', count=len(rows), what=line)}", style="yellow")


def has_screen() -> bool:
    """Return whether there is a screen on which a browser can open."""
    if not sys.stdout.isatty():
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
