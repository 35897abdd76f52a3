"""Takes forms into a workspace and keeps the audit trail of the month: who, when, state, what changed.

Amounts go to `inputs/platform_return.forms.corrected.csv`, whose rows replace those of the same key from elsewhere;
every step of a form goes to `inputs/form_event.lvshu.csv` and every changed amount to `inputs/form_change.lvshu.csv`.
The latter two are only added to; the events are chained by hash, each with the amounts that it changed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import sha256_of_file, sha256_of_text
from lvshu.intake.text import fold
from lvshu.statistics.forms.check import Checked, check_forms
from lvshu.statistics.forms.layout import IDENTITY, forms_of
from lvshu.statistics.forms.proof import altered, recorded
from lvshu.statistics.forms.read import month_of, read_forms
from lvshu.statistics.forms.write import Known
from lvshu.statistics.returns_edit import Cells, Record
from lvshu.store.disk import write_durably
from lvshu.store.workspace import Workspace

RETURNS, EVENTS, CHANGES = (
    "platform_return.forms.corrected.csv",
    "form_event.lvshu.csv",
    "form_change.lvshu.csv",
)
RETURN_COLUMNS = (
    "platform_uscc", "platform_name", "form", "month", "item_code", "region_code", "category_code", "trade_kind",
    "amount",
)  # fmt: skip
EVENT_COLUMNS = (
    "event_id", "platform_uscc", "month", "from_state", "to_state", "at", "user", "file_name", "file_hash",
    "values_stated", "values_changed", "warnings", "note", "chain_hash",
)  # fmt: skip
CHANGE_COLUMNS = (
    "change_id", "event_id", "platform_uscc", "month", "cell", "old_amount", "new_amount",
)  # fmt: skip
NONE, RECEIVED, RETURNED, ACCEPTED, LOCKED = "none", "received", "returned", "accepted", "locked"
STATES = {
    NONE: ("未报", "not received"), RECEIVED: ("已收", "received"), RETURNED: ("退回平台", "returned to the platform"),
    ACCEPTED: ("通过", "accepted"), LOCKED: ("月结锁定", "locked at month-end"),
}  # fmt: skip
MOVES = {
    RECEIVED: (RETURNED, ACCEPTED), RETURNED: (), ACCEPTED: (RETURNED, LOCKED), LOCKED: (ACCEPTED,), NONE: (),
}  # fmt: skip
"""Where a form may go from each state (lvshu's convention); taking it leads to `received` except from `locked`."""
_AMOUNTS = {"amount", "old_amount", "new_amount"}


@dataclass
class Taken:
    """What taking a file did.

    Attributes:
        checked: the forms and what is wrong with them.
        event: the row of form_event; empty where nothing was taken.
        changes: rows of form_change.
        same: whether exactly this file was taken before.
    """

    checked: Checked
    event: dict[str, str] = field(default_factory=dict)
    changes: list[dict[str, str]] = field(default_factory=list)
    same: bool = False


def refuse_rivals(paths: Sequence[Path], library: PackLibrary) -> None:
    """Return nothing where the workbooks are of different platforms or months; equal files are no rivals.

    Raises:
        InputError: forms.rivals, for each further workbook of one platform and month: which of them holds is not known.
    """
    forms = forms_of(library)
    first: dict[tuple[str, str], tuple[Path, str]] = {}
    problems = []
    for path in paths if len(paths) > 1 else ():
        found = read_forms(path, forms).identity
        key, digest = (found.get("platform_uscc", ""), found.get("month", "")), sha256_of_file(path)
        other = first.setdefault(key, (path, digest))
        if all(key) and other[1] != digest:
            values = {"platform": key[0], "month": key[1], "other": other[0].name}
            problems.append(Problem("forms.rivals", Where(file=path.name), values))
    if problems:
        raise InputError(*problems)


def earlier_returns(workspace: Workspace) -> dict[Record, Cells]:
    """Return the returns that were taken before, by platform and month.

    Raises:
        InputError: their file is broken.
    """
    return _records(_read(workspace, RETURNS, RETURN_COLUMNS))


def take_forms(
    workspace: Workspace, path: Path, *, user: str, note: str = "", now: datetime | None = None
) -> Taken:
    """Return what became of a workbook of forms: taken whole where it has no error, else not at all.

    Args:
        workspace: whose inputs are added to.
        path: the workbook.
        user: who takes it.
        note: why, where it replaces an earlier one.
        now: the time; the clock's when None.

    Raises:
        InputError: it is no workbook, nobody is named, the month is locked, or a file of the trail is broken.
    """
    if not user.strip():
        raise InputError(Problem("forms.no_user"))
    with workspace.lock():
        rows = _read(workspace, RETURNS, RETURN_COLUMNS)
        made = Taken(check_forms(path, workspace.library, earlier=_records(rows)))
        if not made.checked.ok:
            return made
        returned = made.checked.returned
        uscc, month = returned.identity["platform_uscc"], returned.identity["month"]
        events = _read(workspace, EVENTS, EVENT_COLUMNS)
        state = state_of(events, uscc, month)
        if state == LOCKED:
            raise InputError(
                Problem("forms.locked", Where(file=path.name), {"platform": uscc, "month": month})
            )
        digest = sha256_of_file(path)
        # what was accepted stays so where the very file is taken again; what was returned comes back by it
        taken = _last([row for row in events if row["to_state"] == RECEIVED], uscc, month)
        steps = {row["event_id"] for row in events}
        # amounts of a step that was broken off before it was written are of no step
        trail = [row for row in _read(workspace, CHANGES, CHANGE_COLUMNS) if row["event_id"] in steps]
        whole = not altered(rows, trail, file=RETURNS, only=(uscc, month))
        if taken is not None and taken["file_hash"] == digest and state in (RECEIVED, ACCEPTED) and whole:
            made.same = True
            return made
        # by the trail, not by the file: what was altered beside the trail is put right, and stays in no step
        moved = _differences(recorded(trail, uscc, month), returned.amounts)
        warnings = sum(problem.severity == "warning" for problem in made.checked.problems)
        for number, (cell, old, new) in enumerate(moved, start=len(trail) + 1):
            made.changes.append(
                {"change_id": str(number), "event_id": str(len(events) + 1), "platform_uscc": uscc, "month": month,
                 "cell": cell, "old_amount": old, "new_amount": new}
            )  # fmt: skip
        made.event = _event(
            events, uscc, month, (state, RECEIVED), user, note, now, file=(path.name, digest),
            counts=(len(returned.amounts), len(moved), warnings), changes=made.changes,
        )  # fmt: skip
        kept = [row for row in rows if (row["platform_uscc"], row["month"]) != (uscc, month)]
        kept += _returns(returned.identity, returned.amounts)
        kept.sort(key=lambda row: [row[name] for name in RETURN_COLUMNS[:1] + RETURN_COLUMNS[2:8]])
        _write(workspace, CHANGES, CHANGE_COLUMNS, [*trail, *made.changes])
        _write(workspace, EVENTS, EVENT_COLUMNS, [*events, made.event])
        _write(workspace, RETURNS, RETURN_COLUMNS, kept)
    return made


def move(
    workspace: Workspace, uscc: str, month: str, to_state: str, *, user: str, note: str = "",
    now: datetime | None = None,
) -> dict[str, str]:  # fmt: skip
    """Return the row of form_event of a form's new state.

    Args:
        workspace: whose trail is added to.
        uscc: the platform.
        month: of the form, YYYY-MM.
        to_state: returned, accepted or locked.
        user: who moves it.
        note: why; needed where a form is returned or a lock is taken back.
        now: the time; the clock's when None.

    Raises:
        InputError: nobody is named, there is no such form, it may not go there, no reason is given, or amounts that
            are to be accepted or locked are not those of the trail.
    """
    if not user.strip():
        raise InputError(Problem("forms.no_user"))
    uscc, month = fold(uscc).upper(), month_of(month)
    to_state = next(
        (one for one, names in STATES.items() if fold(to_state).casefold() in (one, *names)), to_state
    )
    with workspace.lock():
        events = _read(workspace, EVENTS, EVENT_COLUMNS)
        state = state_of(events, uscc, month)
        if state == NONE:
            raise InputError(_no_forms(events, uscc, month))
        values: dict[str, object] = {
            "platform": uscc,
            "month": month,
            "state": _name(state),
            "wanted": to_state,
        }
        if to_state not in MOVES[state]:
            values["may"] = list(MOVES[state]) or ["-"]
            raise InputError(Problem("forms.no_such_move", values=values))
        if not note.strip() and (to_state == RETURNED or state == LOCKED):
            raise InputError(Problem("forms.no_reason", values=values))
        if (
            to_state in (ACCEPTED, LOCKED) and state != LOCKED
        ):  # unlocking is how altered amounts are put right
            rows, trail = _read(workspace, RETURNS, RETURN_COLUMNS), _read(workspace, CHANGES, CHANGE_COLUMNS)
            if problems := altered(rows, trail, file=RETURNS, only=(uscc, month)):
                raise InputError(*problems)
        event = _event(events, uscc, month, (state, to_state), user, note, now)
        _write(workspace, EVENTS, EVENT_COLUMNS, [*events, event])
    return event


def _no_forms(events: Sequence[Mapping[str, str]], uscc: str, month: str) -> Problem:
    months = sorted({row["month"] for row in events if row["platform_uscc"] == uscc})
    known = months or sorted({row["platform_uscc"] for row in events}) or ["–"]
    return Problem("forms.not_taken_yet", values={"platform": uscc, "month": month, "known": known})


def untrue(workspace: Workspace, *, platform: str = "", month: str = "") -> list[Problem]:
    """Return a problem for each amount that was altered beside the trail, and one where a choice fits no step.

    Args:
        workspace: whose forms were taken.
        platform: of the steps asked for; all when empty.
        month: of the steps asked for; all when empty.

    Raises:
        InputError: a file of the trail is broken, or its chain does not hold.
    """
    events, changes = trail_of(workspace)
    found = [
        problem
        for problem in altered(_read(workspace, RETURNS, RETURN_COLUMNS), changes, file=RETURNS)
        if platform in ("", problem.values["platform"]) and month in ("", problem.values["month"])
    ]
    if (platform or month) and not any(
        platform in ("", row["platform_uscc"]) and month in ("", row["month"]) for row in events
    ):
        found.append(_no_forms(events, platform or "–", month or "–"))
    return found


def trail_of(workspace: Workspace) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Return the events and the changed amounts of all forms, oldest first.

    Raises:
        InputError: a file of the trail is broken, or its chain does not hold.
    """
    events = _read(workspace, EVENTS, EVENT_COLUMNS)
    return events, _read(workspace, CHANGES, CHANGE_COLUMNS)


def filed(workspace: Workspace) -> dict[Record, Cells]:
    """Return the amounts of all forms that were taken, by platform and month, in yuan.

    Raises:
        InputError: the file of the forms is broken.
    """
    return _records(_read(workspace, RETURNS, RETURN_COLUMNS))


def known_of(workspace: Workspace, uscc: str, month: str, *, names: Mapping[str, str]) -> Known:
    """Return what is known of a platform and month, to fill its next forms with.

    Args:
        workspace: whose forms were taken.
        uscc: the platform.
        month: YYYY-MM.
        names: code -> name of enterprises.
    """
    rows = _read(workspace, RETURNS, RETURN_COLUMNS)
    records = _records(rows)
    own = sorted(record for record in records if record[0] == uscc)
    earlier = [record for record in own if record[1] < month]
    regions = sorted({cell.split("|")[2] for record in own for cell in records[record]} - {"total"})
    stated = [row["platform_name"] for row in rows if row["platform_uscc"] == uscc and row["platform_name"]]
    identity = {
        "platform_uscc": uscc,
        "month": month,
        "platform_name": names.get(uscc) or (stated or [""])[-1],
    }
    return Known(
        identity={name: identity.get(name, "") for name in IDENTITY},
        regions=regions or None,
        amounts=records.get((uscc, month), {}),
        last=records[earlier[-1]] if earlier else {},
    )


def state_of(events: Iterable[Mapping[str, str]], uscc: str, month: str) -> str:
    """Return the state of a platform's forms of a month."""
    last = _last(events, uscc, month)
    return NONE if last is None else last["to_state"]


def _last(events: Iterable[Mapping[str, str]], uscc: str, month: str) -> Mapping[str, str] | None:
    own = [row for row in events if (row["platform_uscc"], row["month"]) == (uscc, month)]
    return own[-1] if own else None


def _name(state: str) -> dict[str, str]:
    return dict(zip(("zh", "en"), STATES[state], strict=True))


def _event(
    events: Sequence[Mapping[str, str]], uscc: str, month: str, states: tuple[str, str], user: str, note: str,
    now: datetime | None, *, file: tuple[str, str] = ("", ""), counts: tuple[int, int, int] | None = None,
    changes: Sequence[Mapping[str, str]] = (),
) -> dict[str, str]:  # fmt: skip
    stated, changed, warnings = ("", "", "") if counts is None else tuple(str(count) for count in counts)
    row = {
        "event_id": str(len(events) + 1), "platform_uscc": uscc, "month": month, "from_state": states[0],
        "to_state": states[1], "at": (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "user": user.strip(), "file_name": file[0], "file_hash": file[1], "values_stated": stated,
        "values_changed": changed, "warnings": warnings, "note": note.strip(),
    }  # fmt: skip
    row["chain_hash"] = _chained(events[-1]["chain_hash"] if events else "", row, changes)
    return row


def _chained(previous: str, row: Mapping[str, str], changes: Sequence[Mapping[str, str]] = ()) -> str:
    amounts = [change[name] for change in changes for name in CHANGE_COLUMNS]
    return sha256_of_text(previous, *(row[name] for name in EVENT_COLUMNS[:-1]), *amounts)


def _differences(before: Mapping[str, str], after: Cells) -> list[tuple[str, str, str]]:
    """Return cell, earlier and new amount of what differs, in yuan and cents, as it is kept."""
    now = {cell: _plain(amount) for cell, amount in after.items()}
    return [
        (cell, before.get(cell, ""), now.get(cell, ""))
        for cell in sorted({*before, *now})
        if before.get(cell, "") != now.get(cell, "")
    ]


def _returns(identity: Mapping[str, str], amounts: Cells) -> list[dict[str, str]]:
    found = []
    for cell, amount in amounts.items():
        parts = dict(
            zip(
                ("form", "item_code", "region_code", "category_code", "trade_kind"),
                cell.split("|"),
                strict=True,
            )
        )
        own = {name: identity.get(name, "") for name in ("platform_uscc", "platform_name", "month")}
        found.append({**own, **parts, "amount": _plain(amount)})
    return found


def _plain(amount: float | None) -> str:
    return "" if amount is None else f"{Decimal(repr(amount + 0.0)):.2f}"


def _records(rows: Iterable[Mapping[str, str]]) -> dict[Record, Cells]:
    found: dict[Record, Cells] = {}
    for row in rows:
        cell = "|".join(
            row[name] for name in ("form", "item_code", "region_code", "category_code", "trade_kind")
        )
        found.setdefault((row["platform_uscc"], row["month"]), {})[cell] = float(row["amount"])
    return found


def _headings(columns: Sequence[str]) -> list[str]:
    return [f"{name} [CNY]" if name in _AMOUNTS else name for name in columns]


def _read(workspace: Workspace, name: str, columns: Sequence[str]) -> list[dict[str, str]]:
    path = workspace.inputs / name
    if not path.exists():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            given = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error):
        given = []
    if not given or given[0] != _headings(columns) or any(len(row) != len(columns) for row in given):
        raise InputError(Problem("forms.trail_broken", Where(file=str(path))))
    rows = [dict(zip(columns, row, strict=True)) for row in given[1:]]
    if name == EVENTS:
        previous = ""
        changes: dict[str, list[dict[str, str]]] = {}
        for row in _read(workspace, CHANGES, CHANGE_COLUMNS):
            changes.setdefault(row["event_id"], []).append(row)
        for number, row in enumerate(rows, start=2):
            own = changes.get(row["event_id"], [])
            # steps of earlier versions are chained without their amounts; these are still counted
            chains = (_chained(previous, row, own), _chained(previous, row))
            if row["chain_hash"] not in chains or int(row["values_changed"] or 0) != len(own):
                raise InputError(Problem("forms.chain_broken", Where(file=str(path), row=number)))
            previous = row["chain_hash"]
    return rows


def _write(
    workspace: Workspace, name: str, columns: Sequence[str], rows: Iterable[Mapping[str, str]]
) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_headings(columns))
    writer.writerows([[row[column] for column in columns] for row in rows])
    write_durably(workspace.inputs / name, stream.getvalue())
