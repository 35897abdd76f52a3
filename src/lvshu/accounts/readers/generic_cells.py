"""Records of a file with a heading: labels as codes, figures as numbers, every fault with its row and column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lvshu.accounts.readers.generic_names import fields_of, role_of
from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.units import factor, find_unit
from lvshu.intake import workbook
from lvshu.intake.delimited import ENDINGS as TEXT_ENDINGS
from lvshu.intake.delimited import Ragged
from lvshu.intake.encoding import scan_text
from lvshu.intake.sources import ENDINGS, Source
from lvshu.intake.text import fold, plain_number

Array = NDArray[np.float64]
Places = NDArray[np.int64]
TOLD = 20
HEAD = 12


@dataclass(frozen=True)
class Labels:
    """One column of words: which word stands in each record.

    Attributes:
        words: the different words, in the order in which they first stand.
        codes: position among the words, for each of k records.
    """

    words: tuple[str, ...]
    codes: Places


@dataclass(frozen=True)
class Records:
    """The records of one file or sheet.

    Attributes:
        source: file and sheet.
        headings: heading of each field, as written.
        rows: row of each record, as a spreadsheet counts, k.
        words: field -> labels.
        values: the figures, k.
    """

    source: Source
    headings: Mapping[str, str]
    rows: Places
    words: Mapping[str, Labels]
    values: Array

    def where(self, record: int, field: str) -> Where:
        """Return the place of one cell."""
        return Where(
            self.source.path.name, self.source.sheet or None, int(self.rows[record]), self.headings[field]
        )


def sources_of(path: Path) -> list[Source]:
    """Return the files and visible sheets of a path: a file, or a folder of files.

    Raises:
        InputError: a file cannot be read.
    """
    files = [path] if path.is_file() else sorted(one for one in path.iterdir() if one.is_file())
    found: list[Source] = []
    for file in files:
        ending = file.suffix.lower()
        if ending not in ENDINGS or file.name.startswith(("~$", ".")):
            continue
        if ending in workbook.ENDINGS:
            found += [Source(file, sheet) for sheet in workbook.visible_sheets(file)]
        elif ending in TEXT_ENDINGS:
            found.append(Source(file, "", scan_text(file).encoding))
        else:
            found.append(Source(file))
    return found


def heading(
    source: Source, fields: Mapping[str, tuple[str, ...]], needed: Sequence[str]
) -> tuple[int, dict[str, int]] | None:
    """Return row and fields of the heading that names all the fields needed, or None.

    Raises:
        InputError: the file cannot be read.
    """
    head = source.head()
    for row in range(min(HEAD, head.height)):
        found = fields_of(head.row_texts(row), fields)
        if all(field in found for field in needed):
            return row, found
    return None


def read_records(
    source: Source, row: int, places: Mapping[str, int], problems: list[Problem]
) -> Records | None:
    """Return the records below a heading; faults are added to the problems.

    Args:
        source: file and sheet.
        row: zero-based row of the heading.
        places: field -> column; "value" among them.
        problems: rows of another width, figures that are no numbers and blank labels are told here.
    """
    ragged: list[Ragged] = []
    width = source.width(row)
    tables = list(source.batches(row, width, ragged))
    where = Where(source.path.name, source.sheet or None)
    told = []
    for record in ragged:
        cells = {"found": record.cells, "expected": record.expected}
        told.append(Problem("accounts.generic_row_width", Where(where.file, where.sheet, record.row), cells))
    _tell(told, where, problems)
    if not tables:
        problems.append(Problem("accounts.reader_no_rows", where))
        return None
    table = pa.concat_tables(tables)
    empty = pc.and_(*(pc.equal(table[f"h{place}"], "") for place in list(places.values())[:2]))
    table = table.filter(pc.invert(pc.and_(empty, pc.equal(table[f"h{places['value']}"], ""))))
    if not table.num_rows:
        problems.append(Problem("accounts.reader_no_rows", where))
        return None
    headings = source.head().row_texts(row)
    values, bad = _numbers(table[f"h{places['value']}"])
    records = Records(
        source, {field: headings[place] for field, place in places.items()}, table["row_number"].to_numpy(),
        {field: _labels(table[f"h{place}"]) for field, place in places.items() if field != "value"}, values,
    )  # fmt: skip
    column = table[f"h{places['value']}"]
    told = []
    for one in bad:
        text = column[int(one)].as_py()[:40]
        told.append(
            Problem("accounts.generic_not_a_number", records.where(int(one), "value"), {"text": text})
        )
    _tell(told, where, problems)
    for field, labels in records.words.items():
        if field == "unit" or "" not in labels.words:
            continue
        blank = np.flatnonzero((labels.codes == labels.words.index("")) & ~_needs_no_region(records, field))
        told = [
            Problem("accounts.generic_blank_label", records.where(int(one), field), {"field": headings[places[field]]})
            for one in blank
        ]  # fmt: skip
        _tell(told, where, problems)
    return records


def _needs_no_region(records: Records, field: str) -> NDArray[np.bool_]:
    """Which records may leave a region blank: primary inputs and totals belong to none."""
    if not field.endswith("region"):
        return np.zeros(len(records.rows), dtype=bool)
    sectors = records.words[field.replace("region", "sector")]
    free = np.array(
        [role_of(word) in ("value_added", "output", "total") for word in sectors.words], dtype=bool
    )
    return free[sectors.codes]


def _tell(found: list[Problem], where: Where, problems: list[Problem]) -> None:
    problems += found[:TOLD]
    if len(found) > TOLD:
        problems.append(Problem("accounts.reader_more", where, {"count": len(found) - TOLD}))


def _labels(column: pa.ChunkedArray) -> Labels:
    encoded = column.combine_chunks().dictionary_encode()
    return Labels(tuple(encoded.dictionary.to_pylist()), encoded.indices.to_numpy().astype(np.int64))


def _numbers(column: pa.ChunkedArray) -> tuple[Array, Places]:
    """Figures of text cells, and the positions of cells that are none."""
    try:
        values = pc.cast(column, pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        values = np.array([_number(text) for text in column.to_pylist()])
    values = np.asarray(values, dtype=np.float64)
    return values, np.flatnonzero(~np.isfinite(values))


def _number(text: str) -> float:
    try:
        return float(plain_number(text))
    except ValueError:
        return float("nan")


def pairs(first: Labels | None, second: Labels, only: str) -> tuple[list[tuple[str, str]], Places]:
    """Return the different pairs of two columns in the order in which they first stand, and each record's pair.

    Args:
        first: regions, or None where the file has none.
        second: sectors.
        only: name of the one region where the file has none.
    """
    if first is None:
        first = Labels((only,), np.zeros(len(second.codes), dtype=np.int64))
    keys = first.codes * len(second.words) + second.codes
    unique, start, place = np.unique(keys, return_index=True, return_inverse=True)
    order = np.argsort(start)
    rank = np.empty(len(unique), dtype=np.int64)
    rank[order] = np.arange(len(unique))
    labels = [
        (first.words[key // len(second.words)], second.words[key % len(second.words)])
        for key in unique[order]
    ]
    return labels, rank[place]


def scale(
    records: Records, groups: Places, stated: str | None, problems: list[Problem], *, money: bool
) -> tuple[list[str], Array]:
    """Return the unit of each group of records and the factor that brings each record to it.

    All records of a group are brought to the first unit that the file states for it. A unit is never guessed: a
    record without one is a problem, and so are units that cannot be converted.

    Args:
        records: k records.
        groups: group of each record (stressors; 0 for money), 0, 1, ..., shape (k,).
        stated: unit symbol that the user gave for records without one, or None.
        problems: faults are added here.
        money: whether the unit has to be one of money.

    Returns:
        Unit of each group ("" where it is not known) and factors, shape (k,).
    """
    words = records.words.get("unit") or Labels(("",), np.zeros(len(records.rows), dtype=np.int64))
    field = "unit" if "unit" in records.words else "value"
    keys = groups * len(words.words) + words.codes
    unique, start, which, count = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    targets = [""] * (int(groups.max(initial=-1)) + 1)
    factors = np.ones(len(unique))
    for place in np.argsort(start):
        group, code = divmod(int(unique[place]), len(words.words))
        word = words.words[code] or (stated or "")
        unit = find_unit(word) if word else None
        symbol = unit.symbol if unit is not None else fold(word)
        where, number = records.where(int(start[place]), field), int(count[place])
        first = find_unit(targets[group]) if targets[group] else None
        if not word:
            problems.append(Problem("accounts.generic_no_unit", where, {"count": number}))
        elif money and (unit is None or not unit.dimension.startswith("money")):
            problems.append(Problem("accounts.generic_unknown_unit", where, {"unit": word, "count": number}))
        elif not targets[group]:
            targets[group] = symbol
        elif symbol != targets[group] and (
            unit is None or first is None or first.dimension != unit.dimension
        ):
            values = {"unit": word, "first": targets[group], "count": number}
            problems.append(Problem("accounts.generic_units_differ", where, values))
        elif unit is not None and first is not None:
            factors[place] = float(factor(unit.symbol, first.symbol))
    return targets, factors[which]


def unreadable(path: Path, error: InputError) -> list[Problem]:
    """Return the problems of a file that cannot be opened, each with its name."""
    return [
        Problem(one.code, one.where if one.where.file else Where(file=path.name), one.values, one.severity)
        for one in error.problems
    ]
