"""Decisions on labels that people give one by one: kept in an input file of the workspace, which the next run reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import cast

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
    path = workspace.inputs / FILE
    if not path.is_file():
        return []
    names = [one.name for one in fields(LabelAnswer)]
    with path.open(encoding="utf-8", newline="") as handle:
        return [
            LabelAnswer(**{name: row.get(name) or "" for name in names}) for row in csv.DictReader(handle)
        ]


def keep_answers(workspace: Workspace, answers: Sequence[LabelAnswer]) -> str:
    """Add answers to those that are kept. Returns the name of the input file.

    An answer about the same label of the same loan takes the place of an earlier one.
    """
    kept = {one.key: one for one in (*kept_answers(workspace), *answers)}
    stream = io.StringIO()
    writer = csv.DictWriter(stream, [one.name for one in fields(LabelAnswer)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(cast("dict[str, str]", asdict(kept[key])) for key in sorted(kept))
    workspace.inputs.mkdir(parents=True, exist_ok=True)
    write_durably(workspace.inputs / FILE, stream.getvalue())
    return FILE


__all__ = ["APPROVED", "FILE", "REJECTED", "LabelAnswer", "keep_answers", "kept_answers"]
