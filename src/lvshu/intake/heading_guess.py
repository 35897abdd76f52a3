"""Which row looks like the heading of a table whose columns nobody knows yet: what a message proposes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lvshu.core.han_numerals import arabic_dates
from lvshu.intake.text import fold, plain_number

ROWS = 40
"""Rows from the top among which a heading is looked for."""
FEWEST = 2
"""Texts that a row needs so that it can be a heading: a title stands alone."""
_FIGURE = re.compile(r"[-+]?[\d.]+%?|\d{4}[-/.年]\d{1,2}([-/.月]\d{1,2}日?)?.*")


def likely_heading(rows: Sequence[Sequence[object]]) -> int | None:
    """Return the zero-based row that looks like a heading, None where no row does.

    It is the first with most texts, all of them different, none of them a number or a date: titles and notes above have
    fewer texts (or one, repeated where cells were merged), records below have figures.
    """
    widths = [_width(row) for row in rows[:ROWS]]
    best = max(widths, default=0)
    return widths.index(best) if best >= FEWEST else None


def _width(row: Sequence[object]) -> int:
    """Return how many texts a row has that could be headings; 0 where one of them could not."""
    texts = [text for text in (fold(str(cell)) for cell in row if cell is not None) if text]
    figures = any(_FIGURE.fullmatch(plain_number(arabic_dates(text))) for text in texts)
    return 0 if figures or len(set(texts)) < len(texts) else len(texts)


def proposal(rows: Sequence[Sequence[object]], taken: int | None, mapping: str) -> dict[str, str] | str:
    """Return a sentence for a message that proposes the row of the heading, in zh and en; "" where it is the one taken.

    Args:
        rows: from the top.
        taken: zero-based row that was taken for the heading, None where none was.
        mapping: name of the mapping file in which the row is stated.
    """
    row = likely_heading(rows)
    if row is None or row == taken:
        return ""
    shown = [fold(str(cell)) for cell in rows[row] if cell is not None and str(cell).strip()][:4]
    zh, en = "、".join(shown), ", ".join(shown)
    return {
        "zh": f"第 {row + 1} 行更像表头（{zh}……）：若是，在 {mapping} 中写 header_row = {row + 1}。",
        "en": f"Row {row + 1} looks more like the heading ({en} …): if it is, "
        f"write header_row = {row + 1} in {mapping}.",
    }
