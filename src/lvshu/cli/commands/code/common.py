"""What the commands of `lvshu code` share: texts of a file, classifications, and results as rows."""

from __future__ import annotations

from pathlib import Path

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import ConfigError, InputError, Problem, Where
from lvshu.intake.text import fold
from lvshu.statistics.coding.hierarchy import Hierarchy
from lvshu.statistics.coding.knowledge import LABELS, WholeTable, read_table, whole_table, wrong_labels
from lvshu.statistics.coding.register import main_words
from lvshu.statistics.coding.texts import activities, terms_of

TEXT_HEADS = ("text", "文本", "经营范围", "business_scope", "主要业务活动", "activity", "用途", "岗位")
CODE_HEADS = (*LABELS, "industry_code")


def texts_of(file: Path, column: str, *, scope: bool, library: PackLibrary) -> list[tuple[int, str]]:
    """Return (row, text) of a csv or xlsx file; of business scopes the words of the main activity.

    Raises:
        InputError: the file cannot be read, has no such column, or its texts are all empty.
    """
    return texts_in(
        whole_table(file, [(column,) if column else TEXT_HEADS]), column, scope=scope, library=library
    )


def texts_in(table: WholeTable, column: str, *, scope: bool, library: PackLibrary) -> list[tuple[int, str]]:
    """Return what `texts_of` returns, of a table that was read."""
    cells = table.cells((column,) if column else TEXT_HEADS)
    rows = [(row, text) for (row, _), text in zip(table.rows, cells, strict=True)]
    if not any(text.strip() for _, text in rows):
        raise InputError(Problem("coding.all_empty", Where(file=table.file), {"rows": len(rows)}))
    return [(row, of_scope(text, library) if scope else text) for row, text in rows]


def pairs_of(
    file: Path, text: str, code: str, *, scope: bool, library: PackLibrary
) -> tuple[list[str], list[str]]:
    """Return texts and codes of a csv file.

    Raises:
        InputError: the file cannot be read, has no such columns, or its texts are all empty.
    """
    heads = ((text.lower(),) if text else TEXT_HEADS, (code.lower(),) if code else CODE_HEADS)
    rows = [cells for _, cells in read_table(file, heads)]
    if not any(words.strip() for words, _ in rows):
        raise InputError(Problem("coding.all_empty", Where(file=file.name), {"rows": len(rows)}))
    words = [of_scope(one, library) if scope else one for one, _ in rows]
    return words, [spelt(label) for _, label in rows]


def spelt(label: str) -> str:
    """Return a code as it is meant: half-width, without a spreadsheet's apostrophe and “.0”."""
    return fold(label).strip("'’ ").removesuffix(".0")


def check_labels(file: Path, code: str, hierarchy: Hierarchy) -> None:
    """Refuse a file whose codes are not of the classification, each kind of fault with its codes and first rows.

    Raises:
        InputError: coding.labels_outside, or coding.label_spelt where a code with a zero before it is.
    """
    known = set(hierarchy.classes)
    wrong: dict[str, list[tuple[int, str]]] = {}
    for row, (label,) in read_table(file, ((code.lower(),) if code else CODE_HEADS,)):
        given = spelt(label)
        if given and given not in known:
            meant = next((one for one in (f"0{given}", given[1:]) if one in known), "")
            kind = "coding.label_spelt" if meant else "coding.labels_outside"
            wrong.setdefault(kind, []).append((row, f"{label[:40]} → {meant}" if meant else label[:40]))
    if wrong:
        raise InputError(*(wrong_labels(kind, file, found) for kind, found in wrong.items()))


def of_scope(text: str, library: PackLibrary) -> str:
    """Return the words of the main activity of a business scope."""
    return main_words(activities(text, terms_of(library)))


def hierarchy_of(levels: str, codes: list[str], library: PackLibrary) -> Hierarchy:
    """Return GB/T 4754-2017, or a classification whose codes are those given, by their first characters.

    Raises:
        ConfigError: coding.levels: not numbers, or not falling.
    """
    if not levels:
        return Hierarchy.of_pack(library)
    try:
        lengths = [int(one) for one in levels.split(",")]
    except ValueError:
        lengths = []
    if not lengths or lengths != sorted(set(lengths), reverse=True) or lengths[-1] < 1:
        raise ConfigError(Problem("coding.levels", values={"levels": levels}))
    return Hierarchy.by_prefix(f"codes:{levels}", {code for code in codes if code}, lengths)
