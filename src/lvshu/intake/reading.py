"""One file made ready for typing: its heading found and matched, its rows as a stream of text cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

import pyarrow as pa

from lvshu.contract import TableContract, all_contracts
from lvshu.core.errors import InputError, Problem, Where
from lvshu.engine.settings import Settings
from lvshu.intake.delimited import Ragged
from lvshu.intake.grid import Cell
from lvshu.intake.heading import Heading, HeadingMatch, count_matches, heading_keys, match_headings, names_of
from lvshu.intake.heading_guess import proposal
from lvshu.intake.layout import layout
from lvshu.intake.mapping import FileMapping
from lvshu.intake.report import InputFile
from lvshu.intake.sources import Source, cleaned
from lvshu.intake.text import NOTHING, fold, heading_key, nearest
from lvshu.intake.wide import (
    ANY_AMOUNT,
    PER_ROW,
    Unpivoting,
    WideForm,
    month_of,
    months_of,
    told,
    unpivoted_headings,
    wide_form,
)
from lvshu.intake.workbook import cell_text

PREVIOUS = "_previous"
"""How the name of a table ends that holds a table of an earlier run."""

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
    wide: how a table with a column for each month is unpivoted; its records are numbered row x 1000 + month.
    told: what can only be said once the file was read.
    """

    number: int
    file: InputFile
    match: HeadingMatch
    raw: Batches
    values: Mapping[str, Mapping[str, str]]
    problems: tuple[Problem, ...]
    layout: str = ""
    places: tuple[int, ...] = ()
    wide: Unpivoting | None = None
    told: Callable[[], tuple[Problem, ...]] = tuple

    def row(self, record: int) -> int:
        """Return the row of the sheet that a record stands in, as its user sees it."""
        if self.wide is not None:
            return record // PER_ROW
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
    form = wide_form(contract)
    months = months_of(texts, names_of(contract), form, file.mapping) if form is not None else {}
    if form is not None and months:
        return _wide_reading(number, file, contract, source, row, texts, above, form, months)
    match = match_headings(texts, contract, mapping=file.mapping, above=above, where=place)
    if len(file.tables) > 1:
        match = without_others(match, file, contract)
    if any(problem.severity == "error" for problem in match.problems):
        raise InputError(*_other_row(rows, row, match, file, place), *match.problems)
    return Reading(
        number,
        file,
        match,
        lambda ragged: source.raw_batches(row, len(texts), ragged),
        _value_mappings(file.mapping, match),
        (*match.problems, *_unknown_columns(match, contract, place)),
    )


def _wide_reading(
    number: int,
    file: InputFile,
    contract: TableContract,
    source: Source,
    row: int,
    texts: Sequence[str],
    above: Sequence[str],
    form: WideForm,
    months: Mapping[int, tuple[str, str | None]],
) -> Reading:
    """Return a table with one column a month as a reading of its records."""
    place = Where(file.name, file.sheet or None, row + 1)
    headings = unpivoted_headings(texts, months, form, place)
    own = FileMapping(**{**file.mapping.__dict__, "columns": _own_columns(file.mapping, contract)})
    match = match_headings(headings, contract, mapping=own, above=above, where=place)
    if len(file.tables) > 1:
        match = without_others(match, file, contract)
    if any(problem.severity == "error" for problem in match.problems):
        raise InputError(*match.problems)
    way = Unpivoting(tuple((index, month) for index, (month, _) in months.items()), len(texts))
    return Reading(
        number,
        file,
        match,
        lambda ragged: way.read(source.raw_batches(row, len(texts), ragged)),
        _value_mappings(own, match),
        (*match.problems, *_unknown_columns(match, contract, place)),
        wide=way,
        told=lambda: (told(way, texts, contract, form, place),),
    )


def _own_columns(mapping: FileMapping, contract: TableContract) -> dict[str, str]:
    """Return the mapped headings that are of this table: a file of two tables is mapped for the first of them."""
    return {
        theirs: ours for theirs, ours in mapping.columns.items() if not ours or ours in contract.column_names
    }


def without_others(match: HeadingMatch, file: InputFile, contract: TableContract) -> HeadingMatch:
    """Return a match in which the headings that belong to the file's other tables are ignored, not unknown.

    The first table keeps its user's own columns; the month headings belong to the wide one.
    """
    first = file.tables[0] == contract.name
    headings = tuple(
        Heading(one.index, one.text, role="ignored")
        if not one.column and not one.role and (not first or month_of(one.text, ANY_AMOUNT) is not None)
        else one
        for one in match.headings
    )
    return HeadingMatch(headings, match.constants, match.problems)


def find_heading(rows: Sequence[Sequence[Cell]], contract: TableContract, mapping: FileMapping) -> int | None:
    """Return the zero-based row of the heading: the first that names most columns, under titles and notes.

    Where a heading spans several rows whose matched cells repeat (cells merged downwards), it is the last; so too
    where cells merged sideways stand over headings of their own.
    """
    if mapping.header_row is not None:
        return mapping.header_row - 1 if 0 < mapping.header_row <= len(rows) else None
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows]
    known = names_of(contract)
    form = wide_form(contract)
    scores = [count_matches(row, known, mapping) for row in texts]
    if form is not None:
        scores = [
            score + (2 if score and months_of(row, known, form, mapping) else 0)
            for score, row in zip(scores, texts, strict=True)
        ]
    best = max(scores, default=0)
    if not best:
        return None
    first = scores.index(best)
    same = takewhile(lambda row: texts[row] == texts[first], range(first + 1, len(texts)))
    last = max([first, *same])
    return last + 1 if last + 1 < len(texts) and _heads_a_group(texts[last], texts[last + 1]) else last


def _heads_a_group(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Return whether a row is only the top of a heading: its cells merged downwards repeat, others are divided.

    A cell merged sideways comes once a column here, so that it looks like two headings of one name.
    """
    repeated = [text != "" and upper.count(text) > 1 for text in upper]
    if len(upper) != len(lower) or not any(repeated):
        return False
    under = [below for below, divided in zip(lower, repeated, strict=True) if divided]
    beside = [
        (above, below) for above, below, divided in zip(upper, lower, repeated, strict=True) if not divided
    ]
    kept = any(above for above, _ in beside) and all(above == below for above, below in beside)
    return kept and all(under) and len(set(under)) == len(under)


def _other_row(
    rows: Sequence[Sequence[Cell]], row: int, match: HeadingMatch, file: InputFile, where: Where
) -> list[Problem]:
    """Return the problem of a heading that lacks columns while another row looks more like one, if so."""
    lacking = any(
        one.code.startswith(("intake.required_column", "intake.required_key")) for one in match.problems
    )
    name = f"{file.name.rsplit('.', 1)[0]}.mapping.toml"
    told = proposal(rows, row, name) if lacking and file.mapping.header_row is None else ""
    if not told:
        return []
    return [
        Problem("intake.header_row_doubtful", where, {"row": told, "known": list(match.by_column) or NOTHING})
    ]


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
            "row": proposal(rows, None, f"{(where.file or '').rsplit('.', 1)[0]}.mapping.toml"),
        },
    )


def unknown_headings(match: HeadingMatch, contract: TableContract) -> tuple[Heading, ...]:
    """Return the headings of a file that nobody knows.

    A table of an earlier run that is put back (register_member_previous) has the columns of the table it was exported
    from; those that are not needed again are left without a word.
    """
    base = all_contracts().get(contract.name.removesuffix(PREVIOUS))
    if base is None or base.name == contract.name:
        return match.unknown
    known = names_of(base)
    return tuple(one for one in match.unknown if not set(heading_keys(one.text)) & set(known))


def _unknown_columns(match: HeadingMatch, contract: TableContract, where: Where) -> list[Problem]:
    unknown = unknown_headings(match, contract)
    if not unknown:
        return []
    absent = [name for name in contract.column_names if name not in match.by_column]
    words = [word for name in absent for word in (name, contract.column(name).zh, contract.column(name).en)]
    shown = []
    for heading in unknown:
        near = nearest(heading.text, words)
        shown.append(f"{heading.letter} {fold(heading.text)}" + (f" → {near[0]}?" if near else ""))
    values = {"columns": shown, "count": len(shown), "table": contract.name}
    if contract.hashed:
        return [Problem("intake.unknown_columns_dropped", where, values, "warning")]
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
