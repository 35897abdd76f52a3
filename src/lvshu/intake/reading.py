"""One file made ready for typing: its heading found and matched, its rows as a stream of text cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

import pyarrow as pa

from lvshu.contract import TableContract
from lvshu.core.errors import InputError, Problem, Where
from lvshu.engine.settings import Settings
from lvshu.intake.delimited import Ragged
from lvshu.intake.grid import Cell
from lvshu.intake.heading import Heading, HeadingMatch, count_matches, match_headings, names_of
from lvshu.intake.layout import layout
from lvshu.intake.mapping import FileMapping
from lvshu.intake.report import InputFile
from lvshu.intake.sources import Source, cleaned
from lvshu.intake.text import fold, heading_key, nearest
from lvshu.intake.workbook import cell_text

Batches = Callable[[list[Ragged]], Iterator[pa.Table]]
_PROVENANCE = ("row_number", "column_name")


@dataclass(frozen=True)
class Reading:
    """A file ready to be read, as often as needed.

    number: its number within the table, from 1.
    raw: gives its records, cells as they stand (row_number, h0, h1, …); ragged records go to the list.
    values: the values mapped for contract columns.
    layout: name of the layout that read it, with its variant; "" for records.
    places: for a layout, the sheet row of each record (several records stand in one row); the batches then
        number the records themselves.
    """

    number: int
    file: InputFile
    match: HeadingMatch
    raw: Batches
    values: Mapping[str, Mapping[str, str]]
    problems: tuple[Problem, ...]
    layout: str = ""
    places: tuple[int, ...] = ()

    def row(self, record: int) -> int:
        """Return the row of the sheet that a record stands in, as its user sees it."""
        return self.places[record - 1] if self.places else record

    def clean(self, ragged: list[Ragged]) -> Iterator[pa.Table]:
        """Return the records with cleaned cells."""
        for table in self.raw(ragged):
            yield cleaned(table)


def open_reading(number: int, file: InputFile, contract: TableContract, settings: Settings) -> Reading:
    """Return a file made ready for one table.

    Raises:
        InputError: it cannot be read, has no heading, or lacks a required column (all problems named).
    """
    return (
        _layout_reading(number, file, contract, settings) if file.layout else _records(number, file, contract)
    )


def _records(number: int, file: InputFile, contract: TableContract) -> Reading:
    source = Source(file.path, file.sheet, file.encoding, file.delimiter)
    rows = source.head().rows
    row = find_heading(rows, contract, file.mapping)
    where = Where(file.name, file.sheet or None)
    if row is None:
        raise InputError(_no_heading(rows, contract, where, file.mapping))
    texts = ["" if cell is None else str(cell) for cell in rows[row][: source.width(row)]]
    above = [str(cell) for earlier in rows[:row] for cell in earlier if cell is not None]
    place = Where(file.name, file.sheet or None, row + 1)
    match = match_headings(texts, contract, mapping=file.mapping, above=above, where=place)
    if any(problem.severity == "error" for problem in match.problems):
        raise InputError(*match.problems)
    return Reading(
        number,
        file,
        match,
        lambda ragged: source.raw_batches(row, len(texts), ragged),
        _value_mappings(file.mapping, match),
        (*match.problems, *_unknown_columns(match, contract, place)),
    )


def find_heading(rows: Sequence[Sequence[Cell]], contract: TableContract, mapping: FileMapping) -> int | None:
    """Return the zero-based row of the heading: the first that names most columns, under titles and notes.

    Where a heading spans several rows whose matched cells repeat (cells merged downwards), it is the last.
    """
    if mapping.header_row is not None:
        return mapping.header_row - 1 if 0 < mapping.header_row <= len(rows) else None
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    known = names_of(contract)
    scores = [count_matches(row, known, mapping) for row in texts]
    best = max(scores, default=0)
    if not best:
        return None
    first = scores.index(best)
    same = takewhile(lambda row: texts[row] == texts[first], range(first + 1, len(texts)))
    return max([first, *same])


def _no_heading(
    rows: Sequence[Sequence[Cell]], contract: TableContract, where: Where, mapping: FileMapping
) -> Problem:
    filled = [row for row in rows if any(cell is not None and str(cell).strip() for cell in row)]
    if not filled:
        return Problem("intake.empty_file", where)
    first = [fold(str(cell)) for cell in filled[0] if cell is not None][:8]
    needed = [column for column in contract.columns if column.in_every_file]
    return Problem(
        "intake.header_not_found",
        where,
        {
            "table": contract.name,
            "label": {"zh": contract.zh, "en": contract.en},
            "first": first,
            "needed": {
                "zh": "、".join(one.zh for one in needed),
                "en": ", ".join(one.name for one in needed),
            },
            "mapping": f"{(where.file or '').rsplit('.', 1)[0]}.mapping.toml",
            "header_row": mapping.header_row or "-",
        },
    )


def _unknown_columns(match: HeadingMatch, contract: TableContract, where: Where) -> list[Problem]:
    if not match.unknown:
        return []
    absent = [name for name in contract.column_names if name not in match.by_column]
    words = [word for name in absent for word in (name, contract.column(name).zh, contract.column(name).en)]
    shown = []
    for heading in match.unknown:
        near = nearest(heading.text, words)
        shown.append(f"{heading.letter} {fold(heading.text)}" + (f" → {near[0]}?" if near else ""))
    values = {"columns": shown, "count": len(shown), "table": contract.name}
    return [Problem("intake.unknown_columns", where, values, "notice")]


def _value_mappings(mapping: FileMapping, match: HeadingMatch) -> dict[str, Mapping[str, str]]:
    found: dict[str, Mapping[str, str]] = {}
    for name, pairs in mapping.values.items():
        theirs = next(
            (one.column for one in match.headings if heading_key(one.text) == heading_key(name)), None
        )
        found[theirs or name] = pairs
    return found


def _layout_reading(number: int, file: InputFile, contract: TableContract, settings: Settings) -> Reading:
    source = Source(file.path, file.sheet, file.encoding, file.delimiter)
    mapping = file.mapping
    result = layout(file.layout).read(
        source.grid(),
        year=mapping.year if mapping.year is not None else settings.year,
        area_code=mapping.area_code or settings.area,
        unit=mapping.unit or None,
    )
    if any(problem.severity == "error" for problem in result.problems):
        raise InputError(*result.problems)
    columns = result.tables.get(contract.name, {})
    own = set(contract.column_names)
    names = [name for name in columns if name in own or name not in _PROVENANCE]
    count = len(columns[names[0]]) if names else 0
    rows = columns.get("row_number", range(1, count + 1)) if "row_number" not in own else range(1, count + 1)
    arrays = {"row_number": pa.array(range(1, count + 1), pa.int64())}
    for index, name in enumerate(names):
        arrays[f"h{index}"] = pa.array([_text(value) for value in columns[name]], pa.string())
    table = pa.table(arrays)
    headings = tuple(Heading(index, name, name) for index, name in enumerate(names))
    return Reading(
        number,
        file,
        HeadingMatch(headings, {}, ()),
        lambda ragged: iter((table,)),
        {},
        result.problems,
        result.layout,
        tuple(int(str(row)) for row in rows),
    )


def _text(value: object) -> str:
    if hasattr(value, "item"):
        value = value.item()
    return format(value, "f") if type(value).__name__ == "Decimal" else cell_text(value)  # type: ignore[arg-type]
