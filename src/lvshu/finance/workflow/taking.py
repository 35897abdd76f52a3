"""Takes forms that came back: each is a new version, accepted or refused, with all that is wrong with it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lvshu.core.errors import InputError, LvshuError, Problem, Where
from lvshu.core.origin import sha256_of_file
from lvshu.finance.workflow.beside import Beside
from lvshu.finance.workflow.desk import FOLDER, Desk
from lvshu.finance.workflow.form_check import check_form, differences
from lvshu.finance.workflow.form_read import Parsed, read_form
from lvshu.finance.workflow.mirror import write_inputs
from lvshu.finance.workflow.records import Correction, Form, Return, as_text, parts_of
from lvshu.intake.litter import is_litter


@dataclass(frozen=True)
class Taken:
    """What became of one file.

    Attributes:
        form_id: "" where the file is none of the forms that were issued.
        version: 0 where nothing was kept.
        status: accepted, refused, same (this very file was taken before), skipped (a program left it) or
            unknown.
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
    with desk.book() as book, desk.repository.transaction():
        taking = _Taking(desk, reason, desk.now(), Beside(book))
        found = tuple(taking.one(path) for path in paths)
        for source, target in taking.copies:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    write_inputs(desk)
    return found


@dataclass
class _Taking:
    """One command's work: what it shares between files, and the files to be kept."""

    desk: Desk
    reason: str
    at: str
    beside: Beside
    copies: list[tuple[Path, Path]] = field(default_factory=list)

    def one(self, path: Path) -> Taken:
        """Return what became of a file."""
        if is_litter(path):
            problem = Problem("intake.litter", Where(file=path.name), {"file": path.name}, "notice")
            return Taken(path.name, "", "", 0, "skipped", (problem,))
        if not path.is_file():
            problem = Problem("finance.desk_file_absent", Where(file=str(path)))
            return Taken(path.name, "", "", 0, "unknown", (problem,))
        try:
            parsed = read_form(path, self.desk.fields)
            number = parsed.identity.get("form_id", "")
            form = self.desk.repository.form(number)
            if form is not None and parts_of(form.client)[1]:
                parsed = read_form(path, self.desk.fields.asked_of(form.client))
        except LvshuError as error:
            return Taken(path.name, "", "", 0, "unknown", error.problems)
        if form is None:
            problem = Problem("finance.desk_form_unknown", Where(file=path.name), {"form": number or "–"})
            return Taken(path.name, number, "", 0, "unknown", (problem, *parsed.problems))
        return self._of(path, parsed, form)

    def _of(self, path: Path, parsed: Parsed, form: Form) -> Taken:
        repository = self.desk.repository
        digest = sha256_of_file(path)
        versions = repository.returns(form.form_id)
        if any(one.sha256 == digest for one in versions):
            problem = Problem(
                "finance.desk_same_file", Where(file=path.name), {"form": form.form_id}, "notice"
            )
            return Taken(path.name, form.form_id, form.client, 0, "same", (problem,))
        content, problems = check_form(
            parsed,
            self.desk.fields.asked_of(form.client),
            self.beside.last(form.client, form.year),
            path.parent,
        )
        before = _accepted_before(self.desk, form)
        earlier = before.content if before else None
        problems += _identity(self.desk, parsed, form)
        problems += self.beside.unlike(form.client, content, parsed.rows)
        problems += self.beside.left_standing(form.client, form.year, content, earlier)
        changed = tuple(differences(earlier, content)) if earlier is not None else ()
        accepted = not any(problem.severity == "error" for problem in problems)
        refusal = self._moved(form, keep=accepted)
        if refusal:
            return Taken(path.name, form.form_id, form.client, 0, "unknown", (refusal, *problems), changed)
        version = len(versions) + 1
        status = "accepted" if accepted else "refused"
        self._keep(path, Return(
            form.form_id, version, status, [problem.as_json() for problem in problems], content, self.at,
            self.desk.actor.user, self.desk.actor.role, path.name, digest,
        ))  # fmt: skip
        if accepted and changed:
            self._correct(form, changed)
        return Taken(path.name, form.form_id, form.client, version, status, tuple(problems), changed)

    def _moved(self, form: Form, *, keep: bool) -> Problem | None:
        """Move the client to `returned` where the version is good; return why this actor may not hand in."""
        present = self.desk.repository.state(form.list_id, form.client)
        if present is None:
            return None
        if keep:
            return self.desk.move(
                form.list_id, present, "returned", through="take", note=self.reason, at=self.at
            )
        note = self.reason or "–"
        return self.desk.rules.refusal(present, "returned", self.desk.actor, through="take", note=note)

    def _keep(self, path: Path, one: Return) -> None:
        self.desk.repository.add_return(one)
        name = f"{one.form_id}_v{one.version}_{one.sha256[:8]}.xlsx"
        self.copies.append((path, self.desk.workspace.folder / FOLDER / "returns" / name))

    def _correct(self, form: Form, changed: Sequence[dict[str, str]]) -> None:
        before, after = ({row["field"]: row[side] for row in changed} for side in ("before", "after"))
        self.desk.repository.add_correction(
            Correction(0, form.list_id, form.client, "figures", self.reason or "–", as_text(before), as_text(after),
                       self.at, self.desk.actor.user, self.desk.actor.role, self.desk.run_id)
        )  # fmt: skip


def _accepted_before(desk: Desk, form: Form) -> Return | None:
    found = [
        back
        for one in desk.repository.forms(form.client)
        if one.list_id == form.list_id
        for back in desk.repository.returns(one.form_id)
        if back.status == "accepted"
    ]
    return max(found, key=_order) if found else None


def _order(back: Return) -> tuple[str, int, int]:
    return back.taken_at, int(back.form_id.rpartition("-")[2]), back.version


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
    present = desk.repository.state(form.list_id, form.client)
    if present is None or present.state == "removed":
        values = {"client": form.client, "list": form.list_id}
        problems.append(Problem("finance.desk_form_off_list", Where(file=parsed.file), values))
    return problems
