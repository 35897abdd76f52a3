"""lvshu file: the reports a bank files, as a Word document, its machine-readable twin and sheets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lvshu.cli.console import Output
from lvshu.cli.opened import opened
from lvshu.core.errors import ConfigError, Problem
from lvshu.finance.disclosure_gaps import OUTLINES
from lvshu.publish.filings import ALL, FORMS, Filing, write_filing
from lvshu.store.disk import told_when_full

EVERY = "all"


def execute(
    *,
    language: str,
    as_json: bool,
    report: str,
    path: Path,
    institution: str,
    forms: Sequence[str],
    what_if: Sequence[str],
    to: Path | None,
    run_id: str | None,
) -> int:
    """Write a report, or all of them. Returns the exit code."""
    output = Output(language, as_json)
    changes = _changes(report, what_if)
    wanted = tuple(OUTLINES) if report == EVERY else (report,)
    owner = institution or ALL
    made: list[tuple[Filing, list[Path]]] = []
    with opened(path, run_id, output) as book:
        folder = to or path / "filings" / str(book.run["run_id"])
        with told_when_full(path):
            folder.mkdir(parents=True, exist_ok=True)
            for one in wanted:
                made.append(
                    write_filing(
                        book, one, folder, institution=owner, language=language, forms=tuple(forms) or FORMS,
                        changes=changes or None,
                    )
                )  # fmt: skip
    output.json({"ok": True, "reports": [_told(filing, files) for filing, files in made]})
    for filing, files in made:
        output.heading(filing.title.of(language))
        for place in files:
            output.say(output.text("export.written", path=place))
        required = [gap for gap in filing.gaps if gap.requirement.en == "required"]
        output.say(output.text("file.gaps", gaps=len(filing.gaps), required=len(required)), style="yellow")
    return 0


def _told(filing: Filing, files: Sequence[Path]) -> dict[str, object]:
    return {
        "report": filing.report,
        "institution": filing.institution,
        "synthetic": filing.synthetic,
        "files": [str(place) for place in files],
        "gaps": [
            {
                "item": gap.item,
                "element": gap.element,
                "reason": gap.reason,
                "requirement": gap.requirement.en,
            }
            for gap in filing.gaps
        ],
    }


def _changes(report: str, what_if: Sequence[str]) -> dict[str, str]:
    """Return balance -> change of the what-if.

    Raises:
        ConfigError: finance.what_if_text (not balance=change, or not the evaluation).
    """
    pairs = {}
    for text in what_if:
        name, sign, change = text.partition("=")
        if not sign or not change or report != "evaluation":
            raise ConfigError(Problem("finance.what_if_text", values={"given": text, "report": report}))
        pairs[name.strip()] = change.strip()
    return pairs
