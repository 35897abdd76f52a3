"""lvshu match status: how far the ledger is identified, and who is not."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.allowed import names_of
from lvshu.cli.commands.desk.common import desk_of, record
from lvshu.cli.console import Output
from lvshu.core.errors import InputError, Problem
from lvshu.finance.match_desk.coverage import Coverage, Line, coverage_of
from lvshu.finance.match_desk.fitting import CALIBRATION, WEIGHTS
from lvshu.finance.match_desk.keeping import in_use

HEADS = ("status", "matched_by", "level", "reason", "loans", "loan_share", "outstanding", "outstanding_share")
LARGEST = (
    "name",
    "code",
    "code_kind",
    "status",
    "reason",
    "candidate",
    "probability",
    "loans",
    "outstanding",
)


def execute(*, language: str, as_json: bool, institution: str, top: int, workspace: Path) -> int:
    """Print how far. Returns the exit code."""
    output = Output(language, as_json)
    with desk_of(workspace) as desk, desk.book() as book:
        if book is None:
            raise InputError(Problem("finance.match_no_ledger"))
        found = coverage_of(book, institution, top)
        answers = desk.repository.match_answers()
        weights = in_use(desk.workspace.library)
        run_id = desk.run_id
    names = len({one.subject_key for one in answers})
    output.json(
        {"ok": True, "run": run_id, "institution": institution or None, **record(found),
         "answers": {"count": len(answers), "names": names}, "weights": weights}
    )  # fmt: skip
    if not as_json:
        _show(output, found)
        output.say()
        output.say(output.text("match.answers", answers=len(answers), names=names))
        origins = {pack: output.text(f"match.origin.{weights[pack]}") for pack in (WEIGHTS, CALIBRATION)}
        output.say(
            output.text("match.weights", weights=origins[WEIGHTS], calibration=origins[CALIBRATION],
                        note=weights[language]),
            style="dim",
        )  # fmt: skip
    return 0


def _show(output: Output, found: Coverage) -> None:
    words = {
        name: names_of("loan_match", name, output.language)
        for name in ("status", "matched_by", "level", "reason")
    }
    whole = Line("", "", "", "", found.loans, found.outstanding_amount, 1.0 if found.loans else 0.0,
                 1.0 if found.outstanding_amount else 0.0)  # fmt: skip
    rows = [
        (*(words[name].get(getattr(line, name), getattr(line, name)) for name in HEADS[:4]), *_figures(line))
        for line in found.lines
    ]
    rows += [(words["status"][line.status], output.text("match.word.total"), "", "", *_figures(line))
             for line in found.totals]  # fmt: skip
    rows.append((output.text("match.word.total"), "", "", "", *_figures(whole)))
    output.table([output.text(f"match.word.{name}") for name in HEADS], rows, right=(4, 5, 6, 7))
    if not found.largest:
        return
    kinds = names_of("subject_match", "code_kind", output.language)
    output.heading(output.text("match.largest"))
    output.table(
        [output.text(f"match.word.{name}") for name in LARGEST],
        [
            (row["name"], row["code"], kinds.get(row["code_kind"] or "", ""), words["status"][row["status"]],
             words["reason"].get(row["reason"], row["reason"]), row["entity_id"],
             None if row["probability"] is None else f"{row['probability']:.3f}", row["loans"],
             row["outstanding_amount"])
            for row in found.largest
        ],
        right=(6, 7, 8),
    )  # fmt: skip


def _figures(line: Line) -> tuple[object, ...]:
    return line.loans, f"{line.loan_share:.1%}", line.outstanding_amount, f"{line.outstanding_share:.1%}"
