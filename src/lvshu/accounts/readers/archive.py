"""A folder or a zip file, seen alike: the members of a published database, read as streams."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import IO

from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import sha256_of_file, sha256_of_text

BROKEN = (zipfile.BadZipFile, zlib.error, EOFError)


@dataclass(frozen=True)
class Archive:
    """A folder or a zip file whose members are named by relative paths with forward slashes.

    Attributes:
        path: the folder or the zip file; a single text file counts as a folder with one member.
    """

    path: Path

    @cached_property
    def is_zip(self) -> bool:
        """Return whether the path is a zip file."""
        return self.path.is_file() and zipfile.is_zipfile(self.path)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the names of all members, sorted.

        Raises:
            InputError: accounts.reader_not_found, accounts.reader_broken_archive.
        """
        where = Where(file=self.path.name)
        if not self.path.exists():
            raise InputError(Problem("accounts.reader_not_found", where, {"path": str(self.path)}))
        if self.path.is_dir():
            files = (file for file in self.path.rglob("*") if file.is_file())
            return tuple(sorted(file.relative_to(self.path).as_posix() for file in files))
        if self.is_zip:
            with zipfile.ZipFile(self.path) as opened:
                return tuple(sorted(name for name in opened.namelist() if not name.endswith("/")))
        if self.path.suffix.lower() == ".zip":
            raise InputError(Problem("accounts.reader_broken_archive", where, {"reason": "zip"}))
        return (self.path.name,)

    def has(self, name: str) -> bool:
        """Return whether there is such a member."""
        return name in self.names

    def where(self, name: str, row: int | None = None, column: str | None = None) -> Where:
        """Return the place of a member as the user sees it."""
        file = self.path.name if name in ("", self.path.name) else f"{self.path.name}/{name}"
        return Where(file=file, row=row, column=column)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Give a member as a stream of bytes; a broken zip is answered in words.

        Raises:
            InputError: accounts.reader_file_missing, accounts.reader_broken_archive.
        """
        if not self.has(name):
            raise InputError(self.missing(name))
        try:
            if self.is_zip:
                with zipfile.ZipFile(self.path) as opened, opened.open(name) as stream:
                    yield stream
            else:
                with (self.path if self.path.is_file() else self.path / name).open("rb") as stream:
                    yield stream
        except BROKEN as error:
            values = {"reason": str(error)}
            raise InputError(Problem("accounts.reader_broken_archive", self.where(name), values)) from error

    def read(self, name: str) -> bytes:
        """Return all bytes of a small member."""
        with self.open(name) as stream:
            return stream.read()

    def missing(self, name: str) -> Problem:
        """Return the problem that a member is missing, with what stands beside it."""
        folder = PurePosixPath(name).parent
        beside = [one for one in self.names if PurePosixPath(one).parent == folder][:12]
        return Problem(
            "accounts.reader_file_missing", self.where(name), {"name": name, "beside": beside or ["–"]}
        )

    def folders(self, root: str = "") -> tuple[str, ...]:
        """Return the names of the folders directly below a folder."""
        start = f"{root}/" if root else ""
        below = (name[len(start) :] for name in self.names if name.startswith(start))
        return tuple(dict.fromkeys(name.split("/", 1)[0] for name in below if "/" in name))

    def sha256(self) -> str:
        """Return the hash of the file, or for a folder the hash of all names and hashes of its files."""
        if self.path.is_file():
            return sha256_of_file(self.path)
        return sha256_of_text(
            *(part for name in self.names for part in (name, sha256_of_file(self.path / name)))
        )


def join(*parts: str) -> str:
    """Return a member's name from its parts, without empty ones."""
    return "/".join(part for part in parts if part)
