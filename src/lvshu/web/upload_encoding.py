"""The encoding of a text file that was brought: found by reading it, or chosen on the page where that cannot tell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from lvshu.intake.mapping import mapping_path
from lvshu.intake.sources import Source
from lvshu.store.disk import write_durably
from lvshu.store.workspace import Workspace
from lvshu.web import uploads
from lvshu.web.upload_draft import Draft, begin_again, quoted, read_draft
from lvshu.web.words import word

Encoding = Literal["", "utf-8", "utf-16", "gb18030", "cp950", "big5hkscs", "cp1252"]
"""Python's names of the encodings that are offered; empty: found by the rule of lvshu.intake.encoding."""
OFFERED: tuple[Encoding, ...] = ("utf-8", "utf-16", "gb18030", "cp950", "big5hkscs", "cp1252")


def state_encoding(workspace: Workspace, token: str, encoding: Encoding) -> None:
    """Keep which encoding an upload has; what was stated of its headings is forgotten, as they now read otherwise.

    Args:
        workspace: in which the upload is kept.
        token: of the upload.
        encoding: as chosen; "" leaves it to be found.

    Raises:
        InputError: there is no such upload.
    """
    _, path = uploads.open_upload(workspace, token)
    before = read_draft(path.parent)
    inherited = uploads.mapping_of(path) if before is None else ""
    before = before or Draft()
    begin_again(path, Draft(table=before.table, refused=before.refused), encoding=encoding)
    if inherited:  # of corrected rejects: their mapping is that of the file they came from
        own = [line for line in inherited.splitlines() if not line.startswith("encoding")]
        own = [f"encoding = {quoted(encoding)}", *own] if encoding else own
        write_durably(mapping_path(path), "\n".join(own) + "\n")


def encodings_of(path: Path, found: str) -> dict[str, Any] | None:
    """Return what the page shows of an upload's encoding; None of a file that is no text.

    Args:
        path: of the upload.
        found: encoding by which it is read; "" where it cannot be read.

    Returns:
        stated: as chosen; auto: words of what is found where nothing is chosen; options: [(encoding, words)].
    """
    if Source(path).kind != "text":
        return None
    draft = read_draft(path.parent)
    stated = "" if draft is None else draft.encoding
    plain = found.removesuffix("-sig")
    named = word(f"upload.encoding.{plain}") if plain in OFFERED else word("upload.encoding.unread")
    return {
        "stated": stated,
        "auto": word("upload.encoding.auto") if stated else word("upload.encoding.found", encoding=named),
        "options": [(one, word(f"upload.encoding.{one}")) for one in OFFERED],
    }


def only_encoding(draft: Draft) -> bool:
    """Return whether a draft says nothing but the encoding: a mapping that is remembered is then still proposed."""
    return replace(draft, encoding="") == Draft()
