"""An upload whose content lies among the inputs already: what a run would read once only, whatever its name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lvshu.core.city_time import city_moment
from lvshu.core.errors import Problem, Where
from lvshu.core.origin import sha256_of_file
from lvshu.intake.mapping import SUFFIX
from lvshu.store.workspace import Workspace
from lvshu.web.state import tables
from lvshu.web.state.database import Database


@dataclass(frozen=True)
class SameContent:
    """An input of the same content.

    Attributes:
        path: where it lies.
        at: when it was delivered, ISO 8601, UTC.
        by: who uploaded it; "" where it came otherwise.
    """

    path: Path
    at: str
    by: str


def same_content(workspace: Workspace, database: Database, sha256: str, size: int) -> SameContent | None:
    """Return the input whose content is that of an upload; None where there is none.

    Args:
        workspace: whose inputs are compared.
        database: of what people write: it knows who uploaded what.
        sha256: of the upload.
        size: of the upload, in bytes; files of another size are not read.
    """
    inputs = workspace.inputs
    for path in sorted(inputs.iterdir()) if inputs.is_dir() else ():
        if path.name.endswith(SUFFIX) or not path.is_file():
            continue
        about = path.stat()
        if about.st_size != size or sha256_of_file(path) != sha256:
            continue
        upload = tables.upload
        known = database.latest(
            upload, where=[upload.c.kept_as == path.name, upload.c.sha256 == sha256], count=1
        )
        if known:
            return SameContent(path, known[0]["at"], known[0]["user_name"])
        changed = datetime.fromtimestamp(about.st_mtime, UTC).isoformat(timespec="seconds")
        return SameContent(path, changed, "")
    return None


def told_same(there: SameContent, name: str) -> Problem:
    """Return what is told of an upload whose content was delivered before.

    Args:
        there: the input of the same content.
        name: of the upload.
    """
    by = {"zh": f"，{there.by} 上传", "en": f", uploaded by {there.by}"} if there.by else {"zh": "", "en": ""}
    values = {"file": there.path.name, "at": city_moment(there.at), "by": by}
    return Problem("web.same_content", Where(file=name), values)
