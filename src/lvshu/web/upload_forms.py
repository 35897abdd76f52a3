"""Workbooks of platforms' forms (U201 to U210) that were brought: checked by the rules and taken with their trail.

Such a workbook is no table with headings to map: its sheets are the forms, each cell has its code, and who and when
stand on the cover. `lvshu forms check` and `lvshu forms take` do the same (lvshu.statistics.forms).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from lvshu.core.errors import InputError, Problem
from lvshu.intake.discovery import is_forms_workbook
from lvshu.intake.sources import Source
from lvshu.intake.workbook import visible_sheets
from lvshu.statistics.forms.check import check_forms
from lvshu.statistics.forms.ledger import RETURNS, Taken, earlier_returns, take_forms
from lvshu.store.disk import write_durably
from lvshu.store.workspace import Workspace
from lvshu.web import uploads


@dataclass(frozen=True)
class FormsView:
    """What the page shows of a workbook of forms.

    Attributes:
        platform, month: as the cover states them; "" where it does not.
        amounts: amounts that were read.
        forms: numbers of the forms whose sheets are there.
        rules: rules that could be tested.
        ok: whether it can be taken.
        problems: all that is wrong.
    """

    platform: str
    month: str
    amounts: int
    forms: tuple[str, ...]
    rules: int
    ok: bool
    problems: tuple[Problem, ...]


def forms_view(workspace: Workspace, path: Path) -> FormsView | None:
    """Return what a workbook of forms says and what is wrong with it; None where the file is none.

    Args:
        workspace: with the returns taken before, and the packs of forms and rules.
        path: of the upload.

    Raises:
        InputError: the workbook cannot be read, or the returns taken before cannot.
    """
    if Source(path).kind != "workbook" or not is_forms_workbook(visible_sheets(path)):
        return None
    made = check_forms(path, workspace.library, earlier=earlier_returns(workspace))
    identity = made.returned.identity
    return FormsView(
        " ".join(identity.get(name, "") for name in ("platform_uscc", "platform_name")).strip(),
        identity.get("month", ""),
        len(made.returned.amounts),
        tuple(made.returned.sheets),
        made.rules,
        made.ok,
        made.problems,
    )


def take(workspace: Workspace, token: str, *, user: str, note: str) -> tuple[uploads.Upload, Taken]:
    """Return a workbook of forms that was taken into the workspace, with what that changed.

    Args:
        workspace: whose inputs are added to.
        token: of the upload.
        user: who takes it.
        note: why, where it replaces an earlier one.

    Raises:
        InputError: there is no such upload, or all that is wrong with it; the month is locked.
        StoreError: a run goes on.
    """
    about, path = uploads.open_upload(workspace, token)
    made = take_forms(workspace, path, user=user, note=note)
    if not made.checked.ok:
        raise InputError(*(one for one in made.checked.problems if one.severity == "error"))
    write_durably(path.with_name(uploads.TAKEN), json.dumps({"kept_as": RETURNS}, ensure_ascii=False))
    return about, made
