"""What a classification says of its classes: titles from the pack, notes and synonyms from files of a user."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import InputError, Problem, Where
from lvshu.intake.heading_guess import ROWS, likely_heading
from lvshu.intake.text import heading_key
from lvshu.intake.tidy import grids_of
from lvshu.intake.workbook import cell_text
from lvshu.statistics.coding.hierarchy import INDUSTRIES, Hierarchy
from lvshu.statistics.coding.training import Entries

FIRST = 5
"""Labels, and rows, that a message about many names."""
LABELS, TEXTS = ("label", "code", "代码", "行业代码"), ("text", "文本", "说明", "名称")


def titles(library: PackLibrary, pack: str = INDUSTRIES) -> dict[str, str]:
    """Return code -> Chinese title of every level of a classification."""
    return {str(row["code"]): str(row["name_zh"]) for row in library[pack].rows}


def title_entries(hierarchy: Hierarchy, names: Mapping[str, str]) -> Entries:
    """Return the titles of the finest classes, with those of the group and the division over each."""
    above = [
        tuple(
            names.get(hierarchy.codes[level][int(hierarchy.above[level][number])], "")
            for level in range(1, min(3, len(hierarchy.levels)))
        )
        for number in range(len(hierarchy.classes))
    ]
    return Entries(hierarchy.classes, tuple(names.get(code, "") for code in hierarchy.classes), tuple(above))


def read_knowledge(path: Path, hierarchy: Hierarchy, names: Mapping[str, str]) -> Entries:
    """Return titles with the entries of a CSV file with the columns label and text (as ClassifAI's knowledge base).

    Args:
        path: the file; label is a finest code.
        hierarchy: the classification.
        names: code -> title.

    Raises:
        InputError: coding.file_columns (no such columns), coding.labels_outside (labels that are not of the
            classification, with the first rows).
    """
    base = title_entries(hierarchy, names)
    rows = read_table(path, (LABELS, TEXTS))
    place = {code: number for number, code in enumerate(hierarchy.classes)}
    wrong = [(row, label[:40]) for row, (label, _) in rows if label not in place]
    if wrong:
        raise InputError(wrong_labels("coding.labels_outside", path, wrong))
    kept = [(label, text) for _, (label, text) in rows if text.strip()]
    named = [number for number, words in enumerate(base.words) if words]
    return Entries(
        (*(base.codes[number] for number in named), *(label for label, _ in kept)),
        (*(base.words[number] for number in named), *(text for _, text in kept)),
        (*(base.above[number] for number in named), *(base.above[place[label]] for label, _ in kept)),
    )


def wrong_labels(code: str, path: Path, found: Sequence[tuple[int, str]]) -> Problem:
    """Return one problem for all labels of a file with one kind of fault: how many, which, and the first rows.

    Args:
        code: of the problem.
        path: the file.
        found: row and what is shown of the label.
    """
    rows = _first([str(row) for row, _ in found])
    values = {"count": len(found), "labels": _first([label for _, label in found]), "rows": rows}
    return Problem(code, Where(file=path.name, row=found[0][0]), values)


def _first(texts: Sequence[str]) -> str:
    several = list(dict.fromkeys(texts))
    return ", ".join(several[:FIRST]) + (", …" if len(several) > FIRST else "")


@dataclass(frozen=True)
class WholeTable:
    """A file of a user: its name, its headings, and its rows that hold anything, numbered as the user counts.

    top: number of the row of headings, as the user counts.
    """

    file: str
    heads: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    top: int = 1

    def place(self, names: Sequence[str]) -> int:
        """Return the place of the first of some headings, however spelt.

        Raises:
            InputError: coding.file_columns, with the headings there are.
        """
        there = [heading_key(head) for head in self.heads]
        for name in names:
            if heading_key(name) in there:
                return there.index(heading_key(name))
        found = ", ".join(head for head in self.heads if head)[:200]
        raise InputError(
            Problem(
                "coding.file_columns",
                Where(file=self.file, row=self.top),
                {"column": names[0], "found": found or "–"},
            )
        )

    def cells(self, names: Sequence[str]) -> list[str]:
        """Return the cells of the first of some headings, one for each row.

        Raises:
            InputError: coding.file_columns.
        """
        place = self.place(names)
        return [cells[place] for _, cells in self.rows]


def whole_table(path: Path, asked: Sequence[Sequence[str]] = ()) -> WholeTable:
    """Return a csv (in any encoding that intake knows), xlsx or parquet file with all its columns, cells as they stand.

    The headings are the row of the first ones that names most of the columns asked for, so that titles may stand above
    it; where none does the row that looks like a heading, else the first with anything in it. Of a workbook the first
    sheet is read. Empty rows are left out, but not between the rows of a file of one column: there an empty row is an
    empty cell.

    Args:
        path: the file.
        asked: for each column that the caller reads, the headings it may have.

    Raises:
        InputError: coding.file_absent, or what intake says of a file that it cannot read.
    """
    if not path.is_file():
        raise InputError(Problem("coding.file_absent", Where(file=str(path))))
    csv.field_size_limit(1 << 26)
    grid = next(grids_of(path), None)
    lines = [] if grid is None else [[cell_text(cell).replace("\0", "") for cell in row] for row in grid.rows]
    top = _heading_row(lines, asked)
    last = max((row for row, line in enumerate(lines) if any(cell.strip() for cell in line)), default=0)
    single = top < len(lines) and sum(bool(cell.strip()) for cell in lines[top]) == 1
    rows = [
        (number, tuple(line))
        for number, line in enumerate(lines[top + 1 : last + 1], start=top + 2)
        if single or any(cell.strip() for cell in line)
    ]
    return WholeTable(path.name, tuple(lines[top]) if top < len(lines) else (), tuple(rows), top + 1)


def _heading_row(lines: Sequence[Sequence[str]], asked: Sequence[Sequence[str]]) -> int:
    """Return the zero-based row of headings; the number of rows where all are empty."""
    wanted = [{heading_key(name) for name in names} for names in asked]
    named = [
        sum(not names.isdisjoint(keys) for names in wanted)
        for line in lines[:ROWS]
        for keys in [{heading_key(cell) for cell in line if cell.strip()}]
    ]
    if max(named, default=0):
        return named.index(max(named))
    first = next((row for row, line in enumerate(lines) if any(cell.strip() for cell in line)), len(lines))
    likely = likely_heading(lines) if wanted else None
    return first if likely is None else likely


def read_table(path: Path, wanted: tuple[tuple[str, ...], ...]) -> list[tuple[int, tuple[str, ...]]]:
    """Return rows of a user's file as (row as the user counts, cells of the wanted columns).

    Args:
        path: the file.
        wanted: for each column, the headings it may have.

    Raises:
        InputError: as `whole_table`; coding.file_columns.
    """
    table = whole_table(path, wanted)
    places = [table.place(names) for names in wanted]
    return [(number, tuple(cells[place] for place in places)) for number, cells in table.rows]
