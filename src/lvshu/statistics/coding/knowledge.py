"""What a classification says of its classes: titles from the pack, notes and synonyms from files of a user."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import InputError, Problem, Where
from lvshu.statistics.coding.hierarchy import INDUSTRIES, Hierarchy
from lvshu.statistics.coding.training import Entries

ENCODINGS = ("utf-8-sig", "gb18030")
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
        InputError: coding.file_columns (no such columns), coding.file_encoding, coding.label_outside (every row whose
            label is not of the classification).
    """
    base = title_entries(hierarchy, names)
    rows = read_table(path, (LABELS, TEXTS))
    place = {code: number for number, code in enumerate(hierarchy.classes)}
    wrong = [
        Problem("coding.label_outside", Where(file=path.name, row=row, column="label"), {"label": label[:40]})
        for row, (label, _) in rows
        if label not in place
    ]
    if wrong:
        raise InputError(*wrong)
    kept = [(label, text) for _, (label, text) in rows if text.strip()]
    named = [number for number, words in enumerate(base.words) if words]
    return Entries(
        (*(base.codes[number] for number in named), *(label for label, _ in kept)),
        (*(base.words[number] for number in named), *(text for _, text in kept)),
        (*(base.above[number] for number in named), *(base.above[place[label]] for label, _ in kept)),
    )


def read_table(path: Path, wanted: tuple[tuple[str, ...], ...]) -> list[tuple[int, tuple[str, ...]]]:
    """Return rows of a CSV file as (row as the user counts, cells of the wanted columns), in UTF-8 or GB18030.

    Args:
        path: the file.
        wanted: for each column, the headings it may have.

    Raises:
        InputError: coding.file_absent, coding.file_encoding, coding.file_columns.
    """
    text = decoded(path)
    csv.field_size_limit(1 << 26)
    lines = list(csv.reader(text.replace("\0", "").splitlines(keepends=True)))
    header = [cell.strip().lower() for cell in lines[0]] if lines else []
    places = []
    for names in wanted:
        found = next((header.index(name) for name in names if name in header), None)
        if found is None:
            values = {"column": names[0], "found": ", ".join(header)[:200] or "–"}
            raise InputError(Problem("coding.file_columns", Where(file=path.name), values))
        places.append(found)
    return [
        (number, tuple(line[place] if place < len(line) else "" for place in places))
        for number, line in enumerate(lines[1:], start=2)
        if any(cell.strip() for cell in line)
    ]


def decoded(path: Path) -> str:
    """Return the text of a file in UTF-8 or GB18030.

    Raises:
        InputError: coding.file_absent, coding.file_encoding.
    """
    if not path.is_file():
        raise InputError(Problem("coding.file_absent", Where(file=str(path))))
    raw = path.read_bytes()
    for encoding in ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(Problem("coding.file_encoding", Where(file=path.name), {"tried": ", ".join(ENCODINGS)}))
