"""lvshu desk status: how far a list is, by branch and state."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.commands.desk.common import desk_of, record, state_name
from lvshu.cli.console import Output
from lvshu.finance.workflow.progress import progress_of

EACH = ("code", "name", "branch", "state", "when", "user", "exposure")


def execute(*, language: str, as_json: bool, list_id: str, branch: str, each: bool, workspace: Path) -> int:
    """Print the progress. Returns 1 where the database was changed around the program."""
    output = Output(language, as_json)
    with desk_of(workspace) as desk:
        found = progress_of(desk, list_id, branch)
        one = found.formal
        states = desk.repository.states(one.list_id)
        clients = [
            {"client": name, "name": client.name, "branch": client.lead_branch, "state": states[name].state,
             "since": states[name].since, "user": states[name].user, "exposure": client.exposure,
             "outstanding_amount": client.outstanding}
            for name, client in one.clients.items() if not branch or client.lead_branch == branch
        ]  # fmt: skip
        output.json(
            {"ok": not found.problems, "list": one.list_id, "locked_at": one.locked_at, "locked_by": one.locked_by,
             "run": one.run_id, "hash": one.list_hash, "lines": [record(line) for line in found.lines],
             "total": record(found.total), "refused": found.refused, "clients": clients,
             "problems": [problem.as_json() for problem in found.problems]}
        )  # fmt: skip
        values = {"list": one.list_id, "user": one.locked_by, "at": one.locked_at, "run": one.run_id}
        output.say(output.text("desk.list", **values))
        heads = ("branch", "state", "clients", "exposure", "outstanding", "returned", "calculated")
        rows = [
            (line.branch, state_name(desk, line.state, output), line.clients, line.exposure, line.outstanding,
             line.returned, line.calculated)
            for line in found.lines
        ]  # fmt: skip
        total = found.total
        rows.append(
            (output.text("desk.total"), "", total.clients, total.exposure, total.outstanding, total.returned,
             total.calculated)
        )  # fmt: skip
        output.table([output.text(f"desk.{name}") for name in heads], rows, right=(2, 3, 4, 5, 6))
        if each:
            output.table(
                [output.text(f"desk.{name}") for name in EACH],
                [
                    (row["client"], row["name"], row["branch"], state_name(desk, str(row["state"]), output),
                     row["since"], row["user"], row["exposure"])
                    for row in clients
                ],
                right=(6,),
            )  # fmt: skip
        if found.refused:
            output.say(output.text("desk.waiting", count=found.refused), style="yellow")
        output.problems(found.problems)
    return 1 if found.problems else 0
