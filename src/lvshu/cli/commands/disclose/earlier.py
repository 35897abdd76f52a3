"""Tables that were published before, read with their own dimensions, and what the records say of their cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from lvshu.cli.commands.disclose.common import TOTALS, Draft, levels_of, refuse_blank
from lvshu.cli.disclose_texts import DISCLOSE_TEXTS
from lvshu.core.errors import InputError, Problem, Where
from lvshu.intake.plain_table import PlainTable, read_plain_table
from lvshu.intake.text import heading_key
from lvshu.statistics.disclosure.history import Release
from lvshu.statistics.disclosure.recoded import NAMED
from lvshu.statistics.disclosure.structure import Dimension, Key, key_of, table_structure
from lvshu.statistics.disclosure.table import DraftTable, dimension_of, from_records

VALUES = ("value", *DISCLOSE_TEXTS["disclose.column.value"])
BESIDE = ("status", *DISCLOSE_TEXTS["disclose.column.status"], "contributors", "low", "high", "need")


@dataclass(frozen=True)
class Earlier:
    """What was published before.

    dimensions: of the table now, with the codes that only earlier tables have; releases: the tables; drafts: the
    tables with further dimensions, made anew from the records.
    """

    dimensions: tuple[Dimension, ...]
    releases: tuple[Release, ...]
    drafts: tuple[DraftTable, ...]


def earlier_of(paths: Sequence[Path], draft: Draft, value: str, levels: Sequence[str] | None) -> Earlier:
    """Return published tables: rows with a value were shown, rows without one were hidden.

    Every column that is no figure and no status is a dimension of that table, whether the table now has it or not.

    Args:
        paths: their files.
        draft: the table now.
        value: the heading of its figures, which may head those of the files too.
        levels: levels as the user stated them.

    Raises:
        InputError: what reading says; disclosure.release_columns; disclosure.cell_twice; disclosure.finer_unknown.
        MethodError: what levels and records say.
    """
    parents = levels_of(levels)
    read = [_read(path, value) for path in paths]
    known = {dimension.name: dimension for dimension in draft.table.dimensions}
    for table, _, names in read:
        for name in names:
            known[name] = _joined(name, known.get(name), table.texts(name), parents.get(name), draft)
    problems = [problem for table, _, names in read for problem in _changed(table, names, parents, draft)]
    if problems:
        raise InputError(*problems)
    releases, drafts = [], []
    for path, (table, column, names) in zip(paths, read, strict=True):
        dimensions = tuple(known[name] for name in names)
        release = _release(path, table, dimensions, column)
        releases.append(release)
        if set(names) - {dimension.name for dimension in draft.table.dimensions}:
            drafts += _drafts(table, dimensions, draft, release)
    now = tuple(known[dimension.name] for dimension in draft.table.dimensions)
    return Earlier(now, tuple(releases), tuple(drafts))


def _read(path: Path, value: str) -> tuple[PlainTable, str, list[str]]:
    """Return a table, the heading of its figures, and its dimensions."""
    table = read_plain_table(path)
    wanted = [heading_key(name) for name in (value, *VALUES) if name]
    column = next((head for key in wanted for head in table.heads if heading_key(head) == key), None)
    if column is None:
        where = Where(table.grid.file, table.grid.sheet, table.top + 1)
        values = {"value": value or VALUES[0], "known": ", ".join(head for head in table.heads if head)}
        raise InputError(Problem("disclosure.release_columns", where, values))
    beside = {heading_key(name) for name in BESIDE}
    names = [head for head in table.heads if head and head != column and heading_key(head) not in beside]
    refuse_blank(table, {name: table.texts(name) for name in names})
    return table, column, names


def _changed(
    table: PlainTable, names: Sequence[str], parents: Mapping[str, Mapping[str, str]], draft: Draft
) -> list[Problem]:
    """Return a problem for each further dimension without levels whose codes are not those of the records."""
    own = {dimension.name for dimension in draft.table.dimensions}
    problems = []
    for name in names:
        if name in own or parents.get(name) or not draft.is_records or name not in draft.source.heads:
            continue
        before = {code for code in table.texts(name) if code.lower() not in TOTALS}
        now = {code for code in draft.source.texts(name) if code.lower() not in TOTALS}
        gone, new = sorted(before - now), sorted(now - before)
        if gone and new:
            told = {"dimension": name, "release": table.grid.file, "gone": ", ".join(gone[:NAMED]),
                    "new": ", ".join(new[:NAMED])}  # fmt: skip
            where = Where(table.grid.file, table.grid.sheet, column=name)
            problems.append(Problem("disclosure.codes_changed", where, told))
    return problems


def _joined(
    name: str,
    own: Dimension | None,
    codes: Sequence[str],
    parents: Mapping[str, str] | None,
    draft: Draft,
) -> Dimension:
    """Return a dimension with the codes of an earlier table too; without levels these add up to the total."""
    if parents:
        return dimension_of(name, codes, parents, TOTALS)
    if own is None:
        recorded = draft.source.texts(name) if draft.is_records and name in draft.source.heads else []
        return dimension_of(name, [*codes, *recorded], None, TOTALS)
    more = [code for code in dict.fromkeys(codes) if code not in own.codes and code.lower() not in TOTALS]
    return Dimension(name, own.root, {**own.parents, **dict.fromkeys(more, own.root)})


def _release(path: Path, table: PlainTable, dimensions: Sequence[Dimension], column: str) -> Release:
    roots = {dimension.name: dimension.root for dimension in dimensions}
    codes = [
        [
            dimension.root if code not in dimension.codes and code.lower() in TOTALS else code
            for code in table.texts(dimension.name)
        ]
        for dimension in dimensions
    ]
    held: dict[Key, list[int]] = {}
    values: list[Decimal | None] = table.numbers(column)
    keys = [key_of(dict(zip(roots, one, strict=True)), roots) for one in zip(*codes, strict=True)]
    for number, key in enumerate(keys or [()] * len(values)):
        held.setdefault(key, []).append(number)
    problems = []
    for key, numbers in held.items():
        if len(numbers) > 1:
            rows = [table.rows[number] + 1 for number in numbers]
            cell = " / ".join(dict(key).get(dimension.name, dimension.root) for dimension in dimensions)
            told = {"cell": cell, "count": len(rows), "rows": [str(row) for row in rows]}
            problems.append(
                Problem("disclosure.cell_twice", Where(table.grid.file, table.grid.sheet, rows[1]), told)
            )
    if problems:
        raise InputError(*problems[:20])
    first = {key: values[numbers[0]] for key, numbers in held.items()}
    shown = {key: float(number) for key, number in first.items() if number is not None}
    return Release(path.name, dimensions, shown, frozenset(first) - frozenset(shown))


def _drafts(
    table: PlainTable, dimensions: Sequence[Dimension], draft: Draft, release: Release
) -> list[DraftTable]:
    """Return an earlier table with further dimensions as the records make it: whether its cells are unsafe.

    Raises:
        InputError: disclosure.finer_unknown: the file now cannot tell, so the audit cannot be made.
    """
    if set(table_structure(dimensions).keys) <= set(release.shown):
        return []  # nothing of it was hidden, so nothing can be given away
    lacking = [
        dimension.name for dimension in dimensions
        if not draft.is_records or dimension.name not in draft.source.heads
    ]  # fmt: skip
    if lacking:
        where = Where(table.grid.file, table.grid.sheet)
        values = {"columns": ", ".join(lacking), "source": draft.source.grid.file}
        raise InputError(Problem("disclosure.finer_unknown", where, values))
    codes = {dimension.name: draft.source.texts(dimension.name) for dimension in dimensions}
    refuse_blank(draft.source, codes)
    return [from_records(dimensions, codes, draft.values, draft.who)]
