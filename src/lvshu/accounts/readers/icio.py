"""OECD Inter-Country Input-Output tables (ICIO), csv, editions 2016 to 2025.

One square csv: first column and first line hold labels such as AUS_01T03 (2016: AUS_C01T05AGR). Final demand stands
as AUS_HFCE (2016: HFCE_AUS). Rows under the industries are taxes and value added: TLS and VA (2021 and later),
<country>_TAXSUB and VALU (2018), VA+TAXSUB (2016); the output row is OUT or OUTPUT, the output column OUT or TOTAL.
Parts of China and Mexico (CN1, CN2, MX1, MX2) stand as regions of their own in the extended tables.

Source: OECD, ICIO tables and their ReadMe; labels as in the files of the 2016, 2018 and 2021-2025 editions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.ledger.system import InputOutputSystem
from lvshu.accounts.readers.archive import Archive
from lvshu.accounts.readers.assemble import Label, Parts, ReadOptions, add_up, assemble, money_unit, told
from lvshu.accounts.readers.text_table import Shape, TextTable, read_text_table, split_line
from lvshu.core.errors import InputError, Problem
from lvshu.core.origin import Origin

Array = NDArray[np.float64]
FINAL_CODES = frozenset(
    {"HFCE", "NPISH", "NPS", "GGFC", "GFCF", "INVNT", "INV", "DPABR", "DIRP", "P33", "FD", "DISC", "NONRES"}
)
OUTPUT_CODES = frozenset({"OUT", "OUTPUT", "TOTAL"})
_FILE = re.compile(r"^(?:ICIO)?(?P<edition>\d{4})?_?(?P<year>(?:19|20)\d\d)(?:_(?:SML|LRG))?\.csv$", re.I)
_PRIMARY = re.compile(r"^(?:TLS|VA|VALU|VA\+TAXSUB|VALU\+TAXSUB|TXS\w*|[A-Z]{3}_TAXSUB)$")
_SPLIT = {"CN": "CHN", "MX": "MEX"}


@dataclass(frozen=True)
class _Sorted:
    """Which rows and columns of the csv are what, by position."""

    industry_rows: list[int]
    primary_rows: list[int]
    industry_columns: list[int]
    final_columns: list[int]
    output_column: int | None
    output_row: int | None


class Icio:
    """The reader of OECD ICIO tables."""

    name = "icio"
    title = ("OECD 国家间投入产出表（ICIO）", "OECD Inter-Country Input-Output tables (ICIO)")
    needs = (
        "一年的 csv（ICIO2018_2010.CSV、2019_SML.csv），或含它的 zip 或文件夹加年份",
        "the csv of a year (ICIO2018_2010.CSV, 2019_SML.csv), or a zip or folder of them with a year",
    )

    def recognises(self, path: Path) -> bool:
        """Return whether the path holds csv files whose first line names countries with industries."""
        archive = Archive(path)
        files = _files(archive)
        if not files:
            return False
        with archive.open(files[0]) as stream:
            head = split_line(stream.readline(), ",")
        codes = {part for cell in head[1:] for part in cell.split("_")}
        return (
            bool(codes & FINAL_CODES)
            and sum("_" in cell for cell in head) > len(head) // 2
            and len(head[0]) < 4
        )

    def read(self, path: Path, options: ReadOptions) -> InputOutputSystem:
        """Return the system.

        Raises:
            InputError: all that is wrong with the table.
        """
        archive = Archive(path)
        name = _choose(archive, options.year)
        problems: list[Problem] = []
        table = read_text_table(archive, name, Shape(1, 1, ","), problems)
        if table is None:
            raise InputError(*problems)
        parts = _parts(table, archive, name, options, problems)
        if options.merge_split:
            merge(parts)
        return assemble(parts, options, problems)


def _files(archive: Archive) -> list[str]:
    return [name for name in archive.names if _FILE.match(PurePosixPath(name).name)]


def _choose(archive: Archive, year: int | None) -> str:
    """Return the csv of the year wanted.

    Raises:
        InputError: accounts.reader_no_year, accounts.reader_which_year.
    """
    years = {name: int(_FILE.match(PurePosixPath(name).name)["year"]) for name in _files(archive)}  # type: ignore[index]
    if not years and len(archive.names) == 1:
        return archive.names[0]
    fitting = [name for name in years if year is None or years[name] == year]
    if len(fitting) == 1:
        return fitting[0]
    known: list[object] = [*sorted(set(years.values()))]
    values = {"year": year or "–", "years": known or ["–"]}
    code = "accounts.reader_which_year" if fitting else "accounts.reader_no_year"
    raise InputError(Problem(code, archive.where(""), values))


def _sort(table: TextTable) -> _Sorted:
    rows = [label[0].strip() for label in table.rows]
    columns = [label[0].strip() for label in table.columns]
    outputs = [place for place, code in enumerate(columns) if code in OUTPUT_CODES]
    output_rows = [place for place, code in enumerate(rows) if code in OUTPUT_CODES]
    primary = [place for place, code in enumerate(rows) if _PRIMARY.match(code)]
    final = [place for place, code in enumerate(columns) if set(code.split("_")) & FINAL_CODES]
    taken, kept = {*final, *outputs}, {*primary, *output_rows}
    return _Sorted(
        [place for place in range(len(rows)) if place not in kept], primary,
        [place for place in range(len(columns)) if place not in taken], final,
        outputs[-1] if outputs else None, output_rows[-1] if output_rows else None,
    )  # fmt: skip


def _industry(code: str) -> Label:
    region, _, sector = code.partition("_")
    return region, sector


def _final(code: str, regions: set[str]) -> Label:
    first, _, second = code.partition("_")
    if not second:
        return "ALL", first
    return (second, first) if second in regions and first in FINAL_CODES else (first, second)


def _parts(
    table: TextTable, archive: Archive, name: str, options: ReadOptions, problems: list[Problem]
) -> Parts:
    found = _sort(table)
    where = archive.where(name)
    rows = [_industry(table.rows[place][0].strip()) for place in found.industry_rows]
    columns = [_industry(table.columns[place][0].strip()) for place in found.industry_columns]
    regions = {region for region, _ in rows}
    final = [_final(table.columns[place][0].strip(), regions) for place in found.final_columns]
    for kind, places in (("industries", found.industry_columns), ("final", found.final_columns)):
        if not places:
            problems.append(Problem("accounts.reader_no_columns", where, {"kind": kind}))
    if problems:
        raise InputError(*problems)
    values = table.values
    lines = np.array(found.industry_rows)
    output = None if found.output_column is None else values[lines, found.output_column]
    if output is None and found.output_row is not None:
        output = values[found.output_row, found.industry_columns]
    matched = _FILE.match(PurePosixPath(name).name)
    year = options.year or (int(matched["year"]) if matched else None)
    edition = (matched["edition"] if matched else None) or ""
    parts = Parts(
        " ".join(part for part in ("OECD ICIO", edition, str(year or "")) if part), year, where, rows, columns, final,
        values[lines[:, None], found.industry_columns], values[lines[:, None], found.final_columns], "", output,
    )  # fmt: skip
    parts.money_unit = money_unit(["Million USD"], options.unit, where, problems, parts.notes)
    parts.value_added = _primary(table, found)
    parts.origin = Origin(
        producer="OECD", title=parts.name, version=edition, file=archive.path.name,
        url="https://www.oecd.org/en/data/datasets/inter-country-input-output-tables.html",
    )  # fmt: skip
    if table.blanks:
        parts.notes.append(told("blanks", table=name, count=table.blanks))
    return parts


def _primary(table: TextTable, found: _Sorted) -> dict[str, Array]:
    """Return taxes and value added; the taxes of each country (2018: AUS_TAXSUB) stay rows of their own."""
    return {
        table.rows[place][0].strip(): table.values[place, found.industry_columns]
        for place in found.primary_rows
    }


def merge(parts: Parts) -> None:
    """Add the parts of China and Mexico (CN1, CN2, MX1, MX2) to CHN and MEX, in rows and columns."""

    def whole(label: Label) -> Label:
        region = _SPLIT.get(label[0][:2], label[0]) if re.fullmatch(r"(?:CN|MX)\d", label[0]) else label[0]
        return (region, *label[1:])

    merged = sorted({label[0] for label in parts.rows if whole(label) != label})
    if not merged:
        return
    rows = list(dict.fromkeys(whole(label) for label in parts.rows))
    columns = list(dict.fromkeys(whole(label) for label in parts.columns))
    final = list(dict.fromkeys(whole(label) for label in parts.final))
    row_codes = np.array([rows.index(whole(label)) for label in parts.rows])
    column_codes = np.array([columns.index(whole(label)) for label in parts.columns])
    final_codes = np.array([final.index(whole(label)) for label in parts.final])
    use = add_up(parts.intermediate_use, row_codes, len(rows), 0)
    demand = add_up(parts.final_demand, row_codes, len(rows), 0)
    parts.intermediate_use = add_up(use, column_codes, len(columns), 1)
    parts.final_demand = np.asarray(add_up(demand, final_codes, len(final), 1))
    parts.value_added = {
        name: np.asarray(add_up(row[None], column_codes, len(columns), 1))[0]
        for name, row in parts.value_added.items()
    }
    if parts.output is not None:
        parts.output = np.asarray(add_up(parts.output[:, None], row_codes, len(rows), 0))[:, 0]
    parts.rows, parts.columns, parts.final = rows, columns, final
    parts.notes.append(told("parts_merged", parts=merged))


FORMAT = Icio()
