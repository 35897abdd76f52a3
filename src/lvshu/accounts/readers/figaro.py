"""Eurostat FIGARO inter-country input-output tables, csv: matrix format and flat format.

Matrix: first column `rowLabels`, labels such as ES_A01 or ES_CPA_A01; columns ES_P3_S13, ES_P3_S14, ES_P3_S15,
ES_P51G, ES_P5M for final demand; rows W2_D21X31, W2_OP_RES, W2_OP_NRES, W2_D1, W2_D29X39, W2_B2A3G for primary
inputs. Flat: icioiRow, icioiCol (industries; icioxRow by products), refArea, rowIi, counterpartArea, colIi, obsValue.

Source: Eurostat, FIGARO tables (2022 to 2025 editions), description of the csv files; ESA 2010 codes.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
from numpy.typing import NDArray

from lvshu.accounts.ledger.system import InputOutputSystem
from lvshu.accounts.readers.archive import Archive
from lvshu.accounts.readers.assemble import Label, Parts, ReadOptions, assemble, money_unit, told
from lvshu.accounts.readers.text_table import Shape, TextTable, read_text_table, read_words, split_line
from lvshu.core.errors import InputError, Problem
from lvshu.core.origin import Origin

Array = NDArray[np.float64]
FINAL_CODES = ("P3_S13", "P3_S14", "P3_S15", "P51G", "P5M")
PRIMARY_AREA = "W2"
_AREAS = ("refArea", "counterpartArea", "obsValue")
_TOLD = 20


class Figaro:
    """The reader of FIGARO input-output tables."""

    name = "figaro"
    title = ("欧盟统计局 FIGARO 投入产出表", "Eurostat FIGARO input-output tables")
    needs = (
        "一年的 csv（矩阵格式 matrix_eu-ic-io… 或长格式 flatfile_eu-ic-io…），可在 zip 中",
        "the csv of a year (matrix_eu-ic-io… or flatfile_eu-ic-io…), also inside a zip",
    )

    def recognises(self, path: Path) -> bool:
        """Return whether the path holds one csv in the matrix or the flat format."""
        archive = Archive(path)
        return any(_kind(archive, name) for name in _files(archive)[:4])

    def read(self, path: Path, options: ReadOptions) -> InputOutputSystem:
        """Return the system.

        Raises:
            InputError: all that is wrong with the table.
        """
        archive = Archive(path)
        fitting = [name for name in _files(archive) if _kind(archive, name)]
        if options.year is not None and len(fitting) > 1:
            fitting = [name for name in fitting if str(options.year) in PurePosixPath(name).name]
        if len(fitting) != 1:
            values = {"year": options.year or "–", "years": fitting or ["–"]}
            code = "accounts.reader_which_year" if fitting else "accounts.reader_no_year"
            raise InputError(Problem(code, archive.where(""), values))
        name, problems = fitting[0], list[Problem]()
        flat = _kind(archive, name) == "flat"
        table = read_flat(archive, name, problems) if flat else _matrix(archive, name, problems)
        if table is None:
            raise InputError(*problems)
        return assemble(_parts(table, archive, name, options, problems), options, problems)


def _files(archive: Archive) -> list[str]:
    return [name for name in archive.names if name.lower().endswith(".csv")]


def _kind(archive: Archive, name: str) -> str:
    with archive.open(name) as stream:
        head = split_line(stream.readline(), ",")
    if set(_AREAS) <= set(head):
        return "flat"
    codes = {cell.partition("_")[2] for cell in head[1:]}
    return "matrix" if len(codes & set(FINAL_CODES)) >= 2 else ""


def _matrix(archive: Archive, name: str, problems: list[Problem]) -> TextTable | None:
    return read_text_table(archive, name, Shape(1, 1, ","), problems)


def read_flat(archive: Archive, name: str, problems: list[Problem]) -> TextTable | None:
    """Return the matrix of a flat file: one line for each cell; cells that have no line are zero.

    Args:
        archive: folder or zip.
        name: the csv.
        problems: lines whose value is no number, and cells given twice, are added here.
    """
    with archive.open(name) as stream:
        head = split_line(stream.readline(), ",")
    row_code = next((one for one in head if re.fullmatch(r"row[IP]i", one)), None)
    column_code = next((one for one in head if re.fullmatch(r"col[IP]i", one)), None)
    if row_code is None or column_code is None:
        problems.append(Problem("accounts.reader_no_header", archive.where(name, 1), {"cells": len(head)}))
        return None
    texts = ["refArea", row_code, "counterpartArea", column_code]
    convert = arrow_csv.ConvertOptions(
        include_columns=[*texts, "obsValue"],
        column_types={**{one: pa.string() for one in texts}, "obsValue": pa.float64()},
        strings_can_be_null=False, null_values=[""],
    )  # fmt: skip
    try:
        with archive.open(name) as stream:
            table = arrow_csv.read_csv(pa.PythonFile(stream, mode="r"), convert_options=convert)
    except pa.ArrowInvalid as error:
        _diagnose_flat(archive, name, head, str(error), problems)
        return None
    codes, labels = [], []
    for area, code in ((texts[0], texts[1]), (texts[2], texts[3])):
        joined = pa.compute.binary_join_element_wise(table[area], table[code], "_").combine_chunks()
        encoded = joined.dictionary_encode()
        codes.append(encoded.indices.to_numpy())
        labels.append([(str(word),) for word in encoded.dictionary.to_pylist()])
    blanks = table["obsValue"].null_count
    figures = table["obsValue"].fill_null(0.0).to_numpy()
    values = np.zeros((len(labels[0]), len(labels[1])))
    cells = codes[0].astype(np.int64) * len(labels[1]) + codes[1]
    if len(np.unique(cells)) != len(cells):
        order = np.argsort(cells, kind="stable")
        again = np.sort(order[1:][np.diff(cells[order]) == 0])
        for place in again[:_TOLD]:
            label = f"{labels[0][codes[0][place]][0]} / {labels[1][codes[1][place]][0]}"
            values_told = {"label": label, "count": len(again)}
            problems.append(
                Problem("accounts.reader_cell_twice", archive.where(name, int(place) + 2), values_told)
            )
        return None
    values.ravel()[cells] = figures
    return TextTable(("",), tuple(labels[0]), ("",), tuple(labels[1]), values, blanks)


def _diagnose_flat(
    archive: Archive, name: str, head: list[str], reason: str, problems: list[Problem]
) -> None:
    place, found = head.index("obsValue"), list[Problem]()
    for number, cells in enumerate(read_words(archive, name, ",")[1:], start=2):
        if len(cells) != len(head):
            values = {"found": len(cells), "expected": len(head)}
            found.append(Problem("accounts.reader_row_width", archive.where(name, number), values))
            continue
        try:
            float(cells[place] or 0)
        except ValueError:
            where = archive.where(name, number, "obsValue")
            found.append(Problem("accounts.reader_not_a_number", where, {"text": cells[place], "count": 1}))
    if len(found) > _TOLD:
        rest = Problem("accounts.reader_more", archive.where(name), {"count": len(found) - _TOLD})
        found = [*found[:_TOLD], rest]
    unknown = Problem("accounts.reader_unreadable", archive.where(name), {"reason": reason})
    problems += found or [unknown]


def _label(code: str) -> Label:
    area, _, rest = code.strip().partition("_")
    return area, rest


def _parts(
    table: TextTable, archive: Archive, name: str, options: ReadOptions, problems: list[Problem]
) -> Parts:
    rows = [_label(label[0]) for label in table.rows]
    columns = [_label(label[0]) for label in table.columns]
    lines = [place for place, label in enumerate(rows) if label[0] != PRIMARY_AREA]
    primary = [place for place, label in enumerate(rows) if label[0] == PRIMARY_AREA]
    final = [place for place, label in enumerate(columns) if label[1] in FINAL_CODES]
    industries = [place for place, label in enumerate(columns) if label[1] not in FINAL_CODES]
    where = archive.where(name)
    file = PurePosixPath(name).stem
    years = re.findall(r"(?<!\d)20\d\d(?!\d)", file)
    year = options.year or (int(years[-1]) if years else None)
    by = " by product" if any(label[1].startswith("CPA_") for label in rows) else " by industry"
    parts = Parts(
        f"FIGARO{by} {year or ''}".strip(), year, where, [rows[place] for place in lines],
        [columns[place] for place in industries], [columns[place] for place in final],
        table.values[np.ix_(lines, industries)], table.values[np.ix_(lines, final)], "",
    )  # fmt: skip
    parts.money_unit = money_unit(["MIO_EUR"], options.unit, where, problems, parts.notes)
    parts.value_added = {rows[place][1]: table.values[place, industries] for place in primary}
    edition = re.search(r"(\d\d)ed", file)
    parts.origin = Origin(
        producer="Eurostat", title=parts.name, version=f"20{edition[1]} edition" if edition else "",
        url="https://ec.europa.eu/eurostat/web/esa-supply-use-input-tables/database", file=archive.path.name,
    )  # fmt: skip
    if table.blanks:
        parts.notes.append(told("blanks", table=name, count=table.blanks))
    return parts


FORMAT = Figaro()
