"""The mapping of a corrected rejects file: that of the files its rows came from, where it has none of its own.

Rejects keep the headings of their source, so that what was said of the source's headings, units and values is said of
them too. A unit of a single value stands in the rejects' heading already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lvshu.intake.heading import REJECT_HEADINGS, SOURCE_FILE
from lvshu.intake.mapping import FileMapping, read_mapping
from lvshu.intake.sources import HEAD_ROWS
from lvshu.intake.text import heading_key
from lvshu.intake.tidy import grids_of


def inherited_mapping(path: Path, own: FileMapping) -> FileMapping:
    """Return the mapping of a delivery of corrections: its own, else what the mappings of its sources agree in.

    Args:
        path: the corrected file.
        own: the mapping file beside it; empty where there is none.

    Raises:
        InputError: the file or a mapping cannot be read.
    """
    if own.file:
        return own
    found = [one for one in (read_mapping(path.with_name(name)) for name in sources_of(path)) if one.file]
    if not found:
        return own
    tables = {one.table for one in found}
    return FileMapping(
        file=found[0].file,
        text="".join(one.text for one in found),
        table=tables.pop() if len(tables) == 1 else "",
        columns=_agreed([one.columns for one in found]),
        units=_agreed([one.units for one in found]),
        constants=_agreed([one.constants for one in found]),
        values={
            name: _agreed([one.values.get(name, {}) for one in found])
            for name in dict.fromkeys(name for one in found for name in one.values)
        },
    )


def sources_of(path: Path) -> tuple[str, ...]:
    """Return the names of the files that the rows of a rejects file came from, in order, without their sheets."""
    found: dict[str, None] = {}
    for grid in grids_of(path):
        for number in range(min(grid.height, HEAD_ROWS)):
            keys = [
                REJECT_HEADINGS.get(heading_key(text)) if text else None for text in grid.row_texts(number)
            ]
            if SOURCE_FILE in keys:
                place = keys.index(SOURCE_FILE)
                texts = [grid.text(row, place) for row in range(number + 1, grid.height)]
                found |= dict.fromkeys(Path(text.partition("#")[0].strip()).name for text in texts if text)
                break
    return tuple(found)


def _agreed(pairs: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the pairs of several mappings; a key that two of them read differently is left out."""
    found: dict[str, str] = {}
    unsure: set[str] = set()
    for one in pairs:
        for key, value in one.items():
            if found.setdefault(key, value) != value:
                unsure.add(key)
    return {key: value for key, value in found.items() if key not in unsure}
