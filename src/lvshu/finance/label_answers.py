"""Decisions on labels that people give one by one: kept in an input file of the workspace, which the next run reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace

from lvshu.store.disk import write_durably
from lvshu.store.workspace import Workspace

FILE = "label_decision.desk.csv"
APPROVED, REJECTED = "approved", "rejected"


@dataclass(frozen=True)
class LabelAnswer:
    """What a reviewer decided on one label of one loan; the columns of the input table label_decision.

    The loan is named by the number that its institution gave it: that stays when another institution's ledger comes
    to use the same number.
    """

    institution_id: str
    loan_id: str
    theme: str
    catalogue: str
    label_code: str
    decision: str
    reviewer: str
    decided_on: str
    note: str = ""

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """Return what an answer is about; a later answer about the same takes its place."""
        return self.institution_id, self.loan_id, self.theme, self.catalogue, self.label_code


def kept_answers(workspace: Workspace) -> list[LabelAnswer]:
    """Return the answers that were given one by one, in order of their keys; none where there is no file."""
    return [_answer(row) for row in _rows(workspace)]


def _rows(workspace: Workspace) -> list[dict[str, str]]:
    path = workspace.inputs / FILE
    if not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return [{name: cell or "" for name, cell in row.items() if name} for row in csv.DictReader(handle)]


def _answer(row: Mapping[str, str]) -> LabelAnswer:
    return LabelAnswer(**{one.name: row.get(one.name, "") for one in fields(LabelAnswer)})


def keep_answers(workspace: Workspace, answers: Sequence[LabelAnswer], *, number_in_book: str = "") -> str:
    """Add answers to those that are kept. Returns the name of the input file.

    An answer about the same label of the same loan takes the place of an earlier one; columns that people added to
    the file stay.

    Args:
        workspace: whose inputs hold the file.
        answers: of one loan, or of several.
        number_in_book: the loan's key in the book. An answer that names no institution is read by it: it is about
            the same loan, and gives way as well.
    """
    rows = _rows(workspace)
    former = {one.key for one in answers}
    if number_in_book:
        former |= {replace(one, institution_id="", loan_id=number_in_book).key for one in answers}
    kept = {key: row for row in rows if (key := _answer(row).key) not in former}
    kept |= {one.key: asdict(one) for one in answers}
    names = dict.fromkeys(
        (*(one.name for one in fields(LabelAnswer)), *(name for row in rows for name in row))
    )
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(names), lineterminator="\n")
    writer.writeheader()
    writer.writerows(kept[key] for key in sorted(kept))
    workspace.inputs.mkdir(parents=True, exist_ok=True)
    write_durably(workspace.inputs / FILE, stream.getvalue())
    return FILE


__all__ = ["APPROVED", "FILE", "REJECTED", "LabelAnswer", "keep_answers", "kept_answers"]
