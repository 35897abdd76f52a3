"""Rows of review files that show what belongs to another row: some columns were sorted without the others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from lvshu.core.spreadsheet import restored
from lvshu.intake.text import fold


def plain(text: object) -> str:
    """Return what a cell shows, without the marks and blanks that spreadsheets and people leave at it."""
    return fold(restored(str(text or "").replace("\0", "").strip()))


def of_another_row(
    shown: Sequence[tuple[Collection[str], object]], own: Mapping[str, Collection[object]]
) -> list[int]:
    """Return the places of rows whose cell is that of other records and not of the row's own.

    A cell that no record bears was rewritten by a program or a person and proves nothing; it is let pass.

    Args:
        shown: of each row the keys of its records, and what the file shows in the cell.
        own: key of a record -> what it bears, in every delivery.
    """
    borne = {key: {plain(text) for text in texts} for key, texts in own.items()}
    anybody = set().union(*borne.values()) if borne else set()
    found = []
    for place, (keys, text) in enumerate(shown):
        cell = plain(text)
        if cell and cell in anybody and not any(cell in borne.get(key, ()) for key in keys):
            found.append(place)
    return found
