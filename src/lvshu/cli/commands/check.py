"""lvshu check: settings, packs and every record, without a run."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.console import Output
from lvshu.cli.live import Live
from lvshu.cli.watched import watched
from lvshu.pipeline.check import CheckReport, check
from lvshu.store.workspace import Workspace


def execute(*, language: str, as_json: bool, path: Path) -> int:
    """Print what is wrong with a workspace's inputs and packs. Returns 1 where there are errors or warnings."""
    output = Output(language, as_json)
    workspace = Workspace.open(path)
    with Live(output, lines=False) as live:
        report = watched(
            lambda stop: check(workspace, listener=live.listen, cancellation=stop), output=output
        )
    warned = any(problem.severity == "warning" for problem in report.problems) or any(
        row["severity"] == "warning" for row in report.findings
    )
    errors = sum(problem.severity == "error" for problem in report.problems)
    errors += sum(row["severity"] == "error" for row in report.findings)
    output.json(
        {
            "ok": report.ok,
            "tables": report.tables,
            "problems": [problem.as_json() for problem in report.problems],
            "findings": report.findings,
            "quarantine": report.quarantine,
            "rows_quarantined": report.rows_quarantined,
            "rows_set_aside": report.rows_set_aside,
        }
    )
    _show(output, report, errors)
    return 0 if report.ok and not warned else 1


def _show(output: Output, report: CheckReport, errors: int) -> None:
    output.problems(report.problems)
    output.table(
        [output.text(name) for name in ("table", "files", "read", "kept", "quarantined", "set_aside")],
        [
            (
                f"{row[output.language]} ({row['table']})",
                ", ".join(row["files"]),
                row["rows_read"],
                row["rows_kept"],
                row["rows_quarantined"],
                row["rows_set_aside"],
            )
            for row in report.tables
        ],
        right=(2, 3, 4, 5),
    )
    if report.findings:
        output.heading(output.text("check.findings"))
        output.findings(report.findings)
    if report.quarantine:
        output.heading(output.text("quarantined"))
        output.table(
            [output.text(name) for name in ("files", "row", "column", "value", "reason", "fix")],
            [
                (
                    row["file"],
                    row["row_number"],
                    row["column_name"],
                    row["value"],
                    output.pick(row, "reason"),
                    output.pick(row, "remedy"),
                )
                for row in report.quarantine[:50]
            ],
            right=(1,),
        )
        if report.rows_quarantined > 50:
            output.say(output.text("more", count=report.rows_quarantined - 50))
    output.say()
    if report.rows_set_aside:
        output.say(output.text("check.set_aside", rows=f"{report.rows_set_aside:,}"))
    clean = output.text("check.clean" if report.tables else "check.no_files")
    output.say(
        clean if report.ok else output.text("check.errors", errors=errors, rows=report.rows_quarantined)
    )
