"""Where a file or a figure comes from."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Origin:
    """The provenance of a snapshot: who made it, which version, under which licence, and its hash."""

    producer: str = ""
    title: str = ""
    version: str = ""
    date_published: str = ""
    date_accessed: str = ""
    licence: str = ""
    url: str = ""
    file: str = ""
    sha256: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return the fields as plain data."""
        return asdict(self)


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, as hexadecimal digits.

    Raises:
        OSError: the file cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def sha256_of_text(*parts: str) -> str:
    """Return the SHA-256 of several texts; the parts are told apart by their lengths."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8")
        digest.update(f"{len(raw)}:".encode())
        digest.update(raw)
    return digest.hexdigest()
