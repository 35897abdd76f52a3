"""Takes forms that came back: each is a new version, accepted or refused, with all that is wrong with it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lvshu.core.errors import InputError, LvshuError, Problem, Where
from lvshu.core.origin import sha256_of_file
from lvshu.finance.workflow.desk import FOLDER, Desk
from lvshu.finance.workflow.fields import last_year
from lvshu.finance.workflow.form_check import check_form, differences
from lvshu.finance.workflow.form_read import Parsed, read_form
from lvshu.finance.workflow.mirror import write_inputs
from lvshu.finance.workflow.records import Correction, Form, Return, as_text, parts_of


@dataclass(frozen=True)
class Taken:
    """What became of one file.

    Attributes:
        form_id: "" where the file is none of the forms that were issued.
        version: 0 where nothing was kept.
        status: accepted, refused, same (this very file was taken before) or unknown.
        problems: everything that is wrong with it or was told of it.
        differences: from the version before, field by field.
    """

    file: str
    form_id: str
    client: str
    version: int
    status: str
    problems: tuple[Problem, ...]
    differences: tuple[dict[str, str], ...] = ()


def take(desk: Desk, files: Sequence[Path], *, reason: str = "") -> tuple[Taken, ...]:
    """Return what became of each file. All that is kept is kept in one step; a refused version is kept, but not used.

    Args:
        desk: the desk, opened by a branch or an account manager.
        files: workbooks that came back; a folder stands for the workbooks in it.
        reason: why a client's figures change that were handed in before.

    Raises:
        InputError: nobody stated, or no file.
        StoreError: another command is writing.
    """
    desk.demand_actor()
    paths = [one for path in files for one in (sorted(path.glob("*.xlsx")) if path.is_dir() else [path])]
    if not paths:
        raise InputError(Problem("finance.desk_no_files"))
    at = desk.now()
    copies: list[tuple[Path, Path]] = []
    with desk.repository.transaction():
        found = tuple(_one(desk, path, reason, at, copies) for path in paths)
        for source, target in copies:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    write_inputs(desk)
    return found


def _one(desk: Desk, path: Path, reason: str, at: str, copies: list[tuple[Path, Path]]) -> Taken:
    if not path.is_file():
        problem = Problem("finance.desk_file_absent", Where(file=str(path)))
        return Taken(path.name, "", "", 0, "unknown", (problem,))
    try:
        parsed = read_form(path, desk.fields)
    except LvshuError as error:
        return Taken(path.name, "", "", 0, "unknown", error.problems)
    number = parsed.identity.get("form_id", "")
    form = next((one for one in desk.repository.forms() if one.form_id == number), None)
    if form is None:
        where = Where(file=path.name)
        problem = Problem("finance.desk_form_unknown", where, {"form": number or "–"})
        return Taken(path.name, number, "", 0, "unknown", (problem, *parsed.problems))
    return _kept(desk, path, parsed, form, reason, at, copies)


def _kept(
    desk: Desk, path: Path, parsed: Parsed, form: Form, reason: str, at: str, copies: list[tuple[Path, Path]]
) -> Taken:
    digest = sha256_of_file(path)
    versions = desk.repository.returns(form.form_id)
    if any(one.sha256 == digest for one in versions):
        problem = Problem("finance.desk_same_file", Where(file=path.name), {"form": form.form_id}, "notice")
        return Taken(path.name, form.form_id, form.client, 0, "same", (problem,))
    with desk.book() as book:
        content, problems = check_form(
            parsed, desk.fields, last_year(book, form.client, form.year), path.parent
        )
    problems += _identity(desk, parsed, form)
    accepted = not any(problem.severity == "error" for problem in problems)
    before = _accepted_before(desk, form)
    changed = tuple(differences(before.content, content)) if before else ()
    one = desk.list_of(form.list_id)
    present = desk.repository.states(one.list_id).get(form.client)
    if accepted and present is not None:
        refusal = desk.move(one, present, "returned", through="take", note=reason, at=at)
        if refusal:
            return Taken(path.name, form.form_id, form.client, 0, "unknown", (refusal, *problems), changed)
    version = len(versions) + 1
    status = "accepted" if accepted else "refused"
    desk.repository.add_return(
        Return(form.form_id, version, status, [problem.as_json() for problem in problems], content, at,
               desk.actor.user, desk.actor.role, path.name, digest)
    )  # fmt: skip
    if accepted and before is not None and changed:
        desk.repository.add_correction(
            Correction(0, form.list_id, form.client, "figures", reason or "–",
                       as_text({row["field"]: row["before"] for row in changed}),
                       as_text({row["field"]: row["after"] for row in changed}), at, desk.actor.user,
                       desk.actor.role, desk.run_id)
        )  # fmt: skip
    copies.append(
        (path, desk.workspace.folder / FOLDER / "returns" / f"{form.form_id}_v{version}_{digest[:8]}.xlsx")
    )
    return Taken(path.name, form.form_id, form.client, version, status, tuple(problems), changed)


def _accepted_before(desk: Desk, form: Form) -> Return | None:
    forms = {one.form_id for one in desk.repository.forms(form.client) if one.list_id == form.list_id}
    found = [one for one in desk.repository.returns() if one.form_id in forms and one.status == "accepted"]
    return found[-1] if found else None


def _identity(desk: Desk, parsed: Parsed, form: Form) -> list[Problem]:
    uscc, project = parts_of(form.client)
    wanted = {"uscc": uscc, "project_id": project or "", "year": str(form.year), "list_id": form.list_id}
    problems = []
    for code, value in wanted.items():
        given = parsed.identity.get(code, "")
        if given.upper() != value.upper():
            values = {"code": code, "given": given or "–", "wanted": value or "–", "form": form.form_id}
            problems.append(Problem("finance.desk_form_identity", Where(file=parsed.file), values))
    newest = [one for one in desk.repository.forms(form.client) if one.list_id == form.list_id][-1]
    if newest.form_id != form.form_id:
        values = {"form": form.form_id, "newest": newest.form_id}
        problems.append(Problem("finance.desk_form_old", Where(file=parsed.file), values, "warning"))
    if form.client not in desk.list_of(form.list_id).clients:
        values = {"client": form.client, "list": form.list_id}
        problems.append(Problem("finance.desk_form_off_list", Where(file=parsed.file), values))
    return problems
