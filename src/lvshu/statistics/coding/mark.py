"""The mark of a drawn row: by it a row that comes back shows whether what was drawn was changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lvshu.core.errors import Problem
from lvshu.core.origin import sha256_of_text
from lvshu.intake.text import fold
from lvshu.statistics.coding.moved import Row

MARK = "mark"
OF_STRATUM = ("stratum", "stratum_units", "stratum_drawn")
MARKED = ("uscc", "draw", "audit_month", *OF_STRATUM, "frame_units", "employee_count", "coded_code")
"""What a mark is of: all that weights and the machine's part of an error are computed from."""


def mark_of(cells: Mapping[str, object]) -> str:
    """Return the mark of a drawn row: a letter, so that no spreadsheet takes it for a number, and eleven hex digits.

    It shows slips, and is no seal: whoever knows how it is made can make it.

    Args:
        cells: of the row, as written or as `fold` reads them; a class code may have lost its leading zero.
    """
    texts = [fold(str(cells.get(name, ""))) for name in MARKED]
    return "k" + sha256_of_text(texts[0].upper(), *texts[1:-1], texts[-1].zfill(4))[:11]


def changed_rows(rows: Sequence[Row]) -> tuple[list[Problem], list[Row]]:
    """Return a problem for each row of which something drawn was changed, and the rows of draws without marks.

    The mark of a row that lies in a draw with marks must be there. Where only the stratum was changed for one of the
    same draw, the one it was drawn in is told.

    Args:
        rows: place and cells of the rows of audits, of all files together.
    """
    draws: dict[str, list[Row]] = {}
    for one in rows:
        draws.setdefault(one[1].get("draw", ""), []).append(one)
    problems: list[Problem] = []
    unmarked: list[Row] = []
    for draw, own in draws.items():
        if not draw or not any(cells.get(MARK) for _, cells in own):
            unmarked += own
            continue
        strata = {tuple(cells.get(name, "") for name in OF_STRATUM) for _, cells in own}
        for place, cells in own:
            if cells.get(MARK) == mark_of(cells):
                continue
            was = _drawn_in(cells, strata)
            values = {"unit": cells["uscc"][:40], "draw": draw, "stratum": cells["stratum"][:40], "was": was}
            problems.append(
                Problem("coding.queue_stratum_changed" if was else "coding.queue_changed", place, values)
            )
    return problems, unmarked


def _drawn_in(cells: Mapping[str, str], strata: set[tuple[str, ...]]) -> str:
    """Return the other stratum of the draw that the mark of a row fits, with or without its counts; "" for none."""
    for one in sorted(strata):
        if one[0] == cells["stratum"]:
            continue
        for names in (OF_STRATUM, OF_STRATUM[:1]):
            if cells.get(MARK) == mark_of({**cells, **dict(zip(names, one, strict=False))}):
                return one[0]
    return ""
