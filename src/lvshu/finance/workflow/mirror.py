"""Writes what runs use of the desk into `inputs/`: lists, states and log as tables, and the figures handed in.

The figures of clients whose state is in use (pack desk_states) become `<table>.desk.corrected.csv`, which replaces rows
of the same key from elsewhere; the rest becomes `<table>.desk.csv`. A file is replaced whole or not at all, and only
where it changes; what a killed command left undone the next one does.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from lvshu.contract import load
from lvshu.finance.workflow.desk import Desk
from lvshu.finance.workflow.records import Form, FormalList, Return, parts_of
from lvshu.store.book import equals
from lvshu.store.disk import write_durably

Rows = list[dict[str, Any]]
KEPT = (
    "formal_list", "collection_form", "collection_return", "collection_attachment", "client_state", "state_change",
    "correction",
)  # fmt: skip
# Figures of one report and what is said of it; a new report replaces them together, never in part.
REPORTED_TOGETHER = ("scope1", "scope2", "total", "source", "verifier", "gases")
FIGURES = ("enterprise_finance", "entity_emission", "energy_return", "process_return", "product_return")


def write_inputs(desk: Desk) -> tuple[str, ...]:
    """Return the names of the input files that were written or removed because the desk changed.

    Raises:
        OSError: a file cannot be written.
    """
    lists = desk.lists()
    used = returns_in_use(desk, lists)
    tables = _kept(desk, lists, used) | _figures(desk, lists, used)
    changed = []
    desk.workspace.inputs.mkdir(parents=True, exist_ok=True)
    for table, rows in tables.items():
        path = desk.workspace.inputs / f"{table}.desk{'.corrected' if table in FIGURES else ''}.csv"
        if not rows:
            if path.exists():
                path.unlink()
                changed.append(path.name)
            continue
        text = csv_text(table, rows)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_durably(path, text)
            changed.append(path.name)
    return tuple(changed)


def returns_in_use(
    desk: Desk, lists: Sequence[FormalList]
) -> dict[tuple[str, int], tuple[FormalList, Form, Return]]:
    """Return, by client and year, the return whose figures runs use: the newest accepted, its client's state in use."""
    used: dict[tuple[str, int], tuple[FormalList, Form, Return]] = {}
    forms = {form.form_id: form for form in desk.repository.forms()}
    by_id = {one.list_id: one for one in lists}
    states = {one.list_id: desk.repository.states(one.list_id) for one in lists}
    for one in desk.repository.returns():
        form = forms[one.form_id]
        state = states[form.list_id].get(form.client)
        if one.status == "accepted" and state is not None and desk.rules.in_use(state.state):
            used[(form.client, form.year)] = (by_id[form.list_id], form, one)
    return used


def _kept(
    desk: Desk, lists: Sequence[FormalList], used: Mapping[tuple[str, int], tuple[FormalList, Form, Return]]
) -> dict[str, Rows]:
    repository = desk.repository
    in_use = {(one.form_id, one.version) for _, _, one in used.values()}
    forms = {form.form_id: form for form in repository.forms()}
    tables: dict[str, Rows] = {name: [] for name in KEPT}
    for one in lists:
        head = {"list_id": one.list_id, "method": one.method, "year": one.year, "institution_id": one.institution_id,
                "locked_at": one.locked_at, "locked_by": one.locked_by, "run_id": one.run_id,
                "list_hash": one.list_hash}  # fmt: skip
        for name, client in one.clients.items():
            tables["formal_list"].append(
                head | _who(name) | {"name": client.name, "sector_code": client.sector_code,
                "industry_group": client.industry_group, "lead_branch_code": client.lead_branch,
                "loans": client.loans, "exposure": client.exposure, "outstanding_amount": client.outstanding,
                "origin": client.origin}
            )  # fmt: skip
        for name, state in repository.states(one.list_id).items():
            tables["client_state"].append(
                {"list_id": one.list_id} | _who(name) | {"branch_code": state.branch, "state": state.state,
                "since": state.since, "user": state.user, "role": state.role}
            )  # fmt: skip
    for change in repository.changes():
        tables["state_change"].append(
            _who(change.client) | {"change_id": change.change_id, "list_id": change.list_id,
            "branch_code": change.branch, "from_state": change.from_state, "to_state": change.to_state,
            "at": change.moment, "user": change.user, "role": change.role, "note": change.note,
            "chain_hash": change.chain_hash}
        )  # fmt: skip
    for form in forms.values():
        tables["collection_form"].append(
            _who(form.client) | {"form_id": form.form_id, "list_id": form.list_id, "branch_code": form.branch,
            "year": form.year, "issued_at": form.issued_at, "issued_by": form.issued_by, "role": form.role}
        )  # fmt: skip
    for back in repository.returns():
        form = forms[back.form_id]
        tables["collection_return"].append(
            _who(form.client) | {"form_id": back.form_id, "version": back.version, "year": form.year,
            "status": back.status, "in_use": "true" if (back.form_id, back.version) in in_use else "false",
            "problems": len(back.problems), "taken_at": back.taken_at, "taken_by": back.taken_by, "role": back.role,
            "file": back.file, "sha256": back.sha256}
        )  # fmt: skip
        tables["collection_attachment"] += [
            _who(form.client) | {"form_id": back.form_id, "version": back.version, "position": place,
            "name": one["name"], "bytes": one.get("bytes"), "sha256": one.get("sha256")}
            for place, one in enumerate(back.content.get("attachments") or (), start=1)
        ]  # fmt: skip
    for fix in repository.corrections():
        tables["correction"].append(
            _who(fix.client) | {"correction_id": fix.correction_id, "list_id": fix.list_id, "kind": fix.kind,
            "reason": fix.reason, "before": fix.before, "after": fix.after, "at": fix.moment, "user": fix.user,
            "role": fix.role, "run_before": fix.run_before}
        )  # fmt: skip
    return tables


def _figures(
    desk: Desk, lists: Sequence[FormalList], used: Mapping[tuple[str, int], tuple[FormalList, Form, Return]]
) -> dict[str, Rows]:
    tables: dict[str, Rows] = {name: [] for name in FIGURES}
    known = _known(desk, lists, used, "enterprise_finance")
    reported = _known(desk, lists, used, "entity_emission")
    for (client, year), (_, _, back) in sorted(used.items(), key=lambda one: one[0]):
        who = _who(client) | {"year": year}
        content = back.content
        finance = dict(content.get("finance") or {})
        _, project = parts_of(client)
        if finance and project is None:
            tables["enterprise_finance"].append({**known.get((client, year), {}), **who, **finance})
        report = dict(content.get("report") or {})
        if report.get("source"):
            stays = {
                name: value
                for name, value in reported.get((client, year), {}).items()
                if name not in REPORTED_TOGETHER and not (name == "scope3_verified" and "scope3" in report)
            }
            tables["entity_emission"].append(
                {**stays, **who, **{name: report[name] for name in report if name != "period"}}
            )
        for entry in content.get("energy") or ():
            tables["energy_return"].append(
                who | {"fuel_code": entry["code"], "quantity": entry["quantity"], "unit": entry["unit"],
                "source_kind": entry.get("source_kind")}
            )  # fmt: skip
        for section in ("process", "product"):
            tables[f"{section}_return"] += [
                who
                | {f"{section}_code": entry["code"], "quantity": entry["quantity"]}
                | {name: entry[name] for name in ("factor", "factor_source") if entry.get(name)}
                for entry in content.get(section) or ()
            ]
    return tables


def _known(
    desk: Desk,
    lists: Sequence[FormalList],
    used: Mapping[tuple[str, int], tuple[FormalList, Form, Return]],
    table: str,
) -> dict[tuple[str, int], dict[str, Any]]:
    """Return what the bank knew of each client in a table of the run that its list was locked from.

    A row of a correction replaces the whole row; what the form leaves blank or does not ask stays as it was known.
    """
    by_project = "project_id" in load(table).column_names
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for one in lists:
        wanted = {(client, year) for (client, year), (held, _, _) in used.items() if held == one}
        if not wanted:
            continue
        with desk.book(one.run_id) as book:
            if book is None or not book.has(table):
                continue
            for client, year in sorted(wanted):
                uscc, project = parts_of(client)
                where = f"{equals('uscc', uscc)} AND year = {year}"
                if by_project:
                    where += f" AND {equals('project_id', project)}" if project else " AND project_id IS NULL"
                for row in book.rows(table, where=where):
                    found[(client, year)] = dict(row)
    return found


def _who(client: str) -> dict[str, Any]:
    uscc, project = parts_of(client)
    return {"uscc": uscc, "project_id": project}


def csv_text(table: str, rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows as csv with the columns of an input table, units in the headings; figures are exact."""
    columns = load(table).columns
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(
        [f"{one.name} [{one.unit}]" if one.unit and ":" not in one.unit and one.unit != "1" else one.name
         for one in columns]
    )  # fmt: skip
    for row in rows:
        writer.writerow([_cell(row.get(one.name)) for one in columns])
    return stream.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return repr(value) if isinstance(value, float) else str(value)
