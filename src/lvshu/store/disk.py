"""What a disk may do to a run: fill up, lose power. Free space, durable writes, plain messages."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lvshu.core.errors import EngineError, LvshuError, Problem, StoreError, Where

_FULL = {errno.ENOSPC, errno.EDQUOT}
_FULL_WORDS = (
    "no space left",
    "disk quota exceeded",
    "not enough space",
    "disk full",
    "max_temp_directory_size",
)
RESERVE = 64 * 1024 * 1024


def free_bytes(folder: Path) -> int:
    """Return the free space of the file system that holds a folder, in bytes."""
    return shutil.disk_usage(folder).free


def require_space(folder: Path, needed: int) -> None:
    """Make sure that a run can be written before it starts.

    Args:
        folder: where the run will be written.
        needed: estimated size of the run, in bytes; a reserve of 64 MiB is added.

    Raises:
        StoreError: less is free than needed.
    """
    free = free_bytes(folder)
    if free < needed + RESERVE:
        values = {"needed": readable_bytes(needed + RESERVE), "free": readable_bytes(free)}
        raise StoreError(Problem("store.disk_too_small", Where(file=str(folder)), values))


def readable_bytes(count: int) -> str:
    """Return a number of bytes as people write it: 512 B, 1.5 MiB."""
    size = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"


def is_disk_full(error: BaseException | None) -> bool:
    """Return whether an error, or what caused it, is a full disk."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        if isinstance(error, LvshuError) and error.code == "engine.disk_full":
            return True
        if any(word in str(error).lower() for word in _FULL_WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False


@contextmanager
def told_when_full(folder: Path) -> Iterator[None]:
    """Turn a full disk, from the system or from the engine, into a StoreError with a remedy.

    Raises:
        StoreError: the disk filled up while the block ran; what was finished is kept.
    """
    try:
        yield
    except (OSError, EngineError) as error:
        if not is_disk_full(error):
            raise
        free = readable_bytes(free_bytes(folder)) if folder.exists() else "?"
        raise StoreError(Problem("store.disk_full", Where(file=str(folder)), {"free": free})) from error


def sync_file(path: Path) -> None:
    """Write a file's bytes through to the disk."""
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Write a folder's list of names through to the disk, where the system can (not on Windows)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_durably(path: Path, text: str) -> None:
    """Replace a file's text in one atomic step: readers see the old text or the new one, never a part."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)
    sync_folder(path.parent)
