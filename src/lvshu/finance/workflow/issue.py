"""Issues collection forms: a workbook for each client, kept in the desk's folder, and the client's state `sent`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lvshu.core.errors import InputError, Problem
from lvshu.finance.workflow.desk import FOLDER, Desk
from lvshu.finance.workflow.estimates import estimates_of
from lvshu.finance.workflow.fields import last_years
from lvshu.finance.workflow.form_write import Asked, write_form
from lvshu.finance.workflow.mirror import write_inputs
from lvshu.finance.workflow.records import Form, FormalList, State, hash_of, parts_of


@dataclass(frozen=True)
class Issued:
    """The forms that were issued, where they stand, and why others were not."""

    forms: tuple[Form, ...]
    files: tuple[Path, ...]
    refused: tuple[Problem, ...]


def issue_forms(
    desk: Desk,
    clients: Sequence[str] = (),
    *,
    list_id: str = "",
    to: Path | None = None,
    language: str = "zh",
) -> Issued:
    """Return the forms issued to clients of a list; to all that wait for one where no client is named.

    Args:
        desk: the desk, opened by head office (all clients) or a branch (its own).
        clients: which clients; empty: every client of the actor in the state `formal`.
        list_id: the list; the only one where none is named.
        to: folder the workbooks go to; `desk/forms/<list>/<branch>` of the workspace where none is named.
        language: of the units in the form, "zh" or "en"; its texts are in both.

    Raises:
        InputError: nobody may issue in this role, unknown clients, no client waits for a form.
        OSError: a file cannot be written.
    """
    desk.demand_actor()
    one = desk.list_of(list_id)
    states = desk.repository.states(one.list_id)
    own = desk.actor.branch
    waiting = [
        name for name in one.clients if states[name].state == "formal" and own in ("", states[name].branch)
    ]
    names = desk.find_clients(one, clients) if clients else waiting
    if not names:
        values = {"list": one.list_id, "count": len(one.clients), "branch": desk.actor.branch or "–"}
        raise InputError(Problem("finance.desk_nobody_waits", values=values))
    root = to or desk.workspace.folder / FOLDER / "forms" / one.list_id
    drafts, refused = _written(
        desk, one, {name: states[name] for name in names}, root, language, flat=to is not None
    )
    forms, files = [], []
    with desk.repository.transaction():
        for form, path in drafts:
            present = desk.repository.state(one.list_id, form.client)
            if present is None:
                continue
            refusal = desk.move(one.list_id, present, "sent", through="forms", note="", at=form.issued_at)
            if refusal:
                refused.append(refusal)
                path.unlink()
                continue
            desk.repository.add_form(form)
            forms.append(form)
            files.append(path)
    if refused and not forms:
        raise InputError(*refused)
    write_inputs(desk)
    return Issued(tuple(forms), tuple(files), tuple(refused))


def _written(
    desk: Desk, one: FormalList, states: Mapping[str, State], root: Path, language: str, *, flat: bool
) -> tuple[list[tuple[Form, Path]], list[Problem]]:
    """Write the workbooks of all that may be sent, before the database is held; return them, and the refusals."""
    at = desk.now()
    drafts, refused = [], []
    with desk.book() as book:
        before = last_years(book, one.year)
        estimates = estimates_of(book, language)
    for name, present in states.items():
        refusal = desk.rules.refusal(present, "sent", desk.actor, through="forms", note="")
        if refusal:
            refused.append(refusal)
            continue
        uscc, project = parts_of(name)
        number = len(desk.repository.forms(name)) + 1
        form_id = f"F{one.year}-{hash_of(one.list_id, name)[:8]}-{number}"
        place = root if flat else root / present.branch
        identity = {"form_id": form_id, "list_id": one.list_id, "uscc": uscc, "project_id": project or "",
                    "year": str(one.year), "name": one.clients[name].name}  # fmt: skip
        asked = Asked(
            identity, desk.fields.asked_of(name), before.get(name, {}), language, estimates.get(name, ())
        )
        path = write_form(place / f"{name.replace('/', '_')}_{form_id}.xlsx", asked)
        form = Form(form_id, one.list_id, name, present.branch, one.year, at, desk.actor.user, desk.actor.role,
                    path.name)  # fmt: skip
        drafts.append((form, path))
    return drafts, refused
