"""Files that programs leave in a folder and that hold no records: lock files, thumbnails, folder settings."""

from __future__ import annotations

from pathlib import Path

_NAMES = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db", ".ds_store"})
_BEGINNINGS = (".", "~$", "~", ".~lock")
_ENDINGS = (".tmp", ".lnk", ".url", ".crdownload", ".part")


def is_litter(path: Path) -> bool:
    """Return whether a file was left by a program beside the records: by its name alone."""
    name = path.name.casefold()
    return name in _NAMES or name.startswith(_BEGINNINGS) or name.endswith(_ENDINGS)
