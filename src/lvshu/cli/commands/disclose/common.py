"""What the commands of `lvshu disclose` share: the user's table, the rules, the files written."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from lvshu.cli.console import Output
from lvshu.core.errors import ConfigError, InputError, Problem, Where
from lvshu.core.spreadsheet import harmless
from lvshu.intake.plain_table import PlainTable, read_plain_table
from lvshu.statistics.disclosure.primary import Flag, Rules
from lvshu.statistics.disclosure.structure import Array, Dimension, key_of
from lvshu.statistics.disclosure.table import DraftTable, dimension_of, from_cells, from_records, key_text

TOTALS = ("total", "合计", "总计", "全部", "all")


@dataclass(frozen=True)
class Draft:
    """A draft table, the file it comes from, and how many decimals its figures have.

    values: shape (rows,), the figure of each row; who: whose it is; is_records: whether a row is a record, not a cell.
    """

    table: DraftTable
    source: PlainTable
    places: int
    values: Array
    who: list[str] | None
    is_records: bool


def draft_of(
    source: Path,
    *,
    sheet: str,
    dimensions: Sequence[str],
    value: str,
    contributor: str,
    count: str,
    largest: Sequence[str] | None,
    levels: Sequence[str] | None,
    contributions: Path | None = None,
) -> Draft:
    """Return the user's table, from records or from cells (where `count` names a column).

    With `contributions` the cells of the table are judged by the records of that file, which must add up to them.

    Raises:
        InputError: what reading the file says; disclose.empty_code.
        ConfigError: cli.option_form.
        MethodError: what the table says.
    """
    table = read_plain_table(source, sheet)
    codes = {name: table.texts(name) for name in dimensions}
    refuse_blank(table, codes)
    parents = levels_of(levels)
    made = [dimension_of(name, codes[name], parents.get(name), TOTALS) for name in dimensions]
    numbers = _filled(table, value) if value else np.ones(len(table.rows))
    places = max((_places(number) for number in table.numbers(value)), default=0) if value else 0
    if count:
        top = np.column_stack([_filled(table, name) for name in largest]) if largest else None
        counts = _counts(table, count)
        rows = [Where(table.grid.file, table.grid.sheet, row + 1) for row in table.rows]
        return Draft(from_cells(made, codes, numbers, counts, top, rows), table, places, numbers, None, False)
    if contributions is not None:
        behind = draft_of(
            contributions, sheet="", dimensions=dimensions, value=value, contributor=contributor, count="",
            largest=None, levels=levels,
        )  # fmt: skip
        _refuse_other_sums(table, codes, numbers, places, behind)
        return replace(behind, places=max(places, behind.places))
    who = table.texts(contributor) if contributor else None
    _refuse_totals(table, made, codes)
    return Draft(from_records(made, codes, numbers, who), table, places, numbers, who, True)


def _refuse_other_sums(
    table: PlainTable, codes: Mapping[str, Sequence[str]], numbers: np.ndarray, places: int, behind: Draft
) -> None:
    """Refuse contributions that do not add up to the cells of the table, to within its last printed place.

    Raises:
        InputError: disclosure.contributions_differ; disclosure.no_such_cell.
    """
    dimensions = behind.table.dimensions
    problems = []
    for number, one in enumerate(zip(*(codes[dimension.name] for dimension in dimensions), strict=True)):
        where = Where(table.grid.file, table.grid.sheet, table.rows[number] + 1)
        place = place_of(one, behind)
        if place is None:
            problems.append(Problem("disclosure.no_such_cell", where, _named(one, dimensions)))
            continue
        total = float(behind.table.cells.value[place])
        if abs(total - numbers[number]) > 0.5000001 * 10.0**-places:
            values = {"cell": " / ".join(one), "value": f"{numbers[number]:.15g}", "sum": f"{total:.15g}"}
            problems.append(Problem("disclosure.contributions_differ", where, values))
    if problems:
        raise InputError(*problems[:20])


def _named(one: Sequence[str], dimensions: Sequence[Dimension]) -> dict[str, str]:
    return {"cell": " / ".join(one), "dimensions": ", ".join(dimension.name for dimension in dimensions)}


def place_of(codes: Sequence[str], draft: Draft) -> int | None:
    """Return the number of the cell with these codes, in the order of the dimensions; None where there is none."""
    dimensions = draft.table.dimensions
    roots = {dimension.name: dimension.root for dimension in dimensions}
    meant = {
        dimension.name: dimension.root if code not in dimension.codes and code.lower() in TOTALS else code
        for dimension, code in zip(dimensions, codes, strict=True)
    }
    return draft.table.structure.place.get(key_of(meant, roots))


def wishes_of(stated: Sequence[str] | None, draft: Draft) -> Flag | None:
    """Return the cells that are wished to stay shown, shape (cells,); None without wishes.

    Raises:
        ConfigError: disclosure.no_such_cell.
    """
    if not stated:
        return None
    found = np.zeros(len(draft.table.structure.keys), dtype=bool)
    problems = []
    for text in stated:
        pairs = [part.partition("=") for part in text.replace("，", ",").split(",") if part.strip()]
        given = {name.strip(): code.strip() for name, sign, code in pairs if sign}
        dimensions = draft.table.dimensions
        codes = [given.pop(dimension.name, dimension.root) for dimension in dimensions]
        place = None if given or any(not sign for _, sign, _ in pairs) else place_of(codes, draft)
        if place is None:
            values = {**_named([text], dimensions)}
            problems.append(Problem("disclosure.no_such_cell", values=values))
        else:
            found[place] = True
    if problems:
        raise ConfigError(*problems)
    return found


def weights_of(path: Path | None, draft: Draft, costs: Array) -> Array | None:
    """Return what hiding each cell loses with the weights of a file; None without a file.

    Args:
        path: a file with the table's dimensions and a column weight; cells that it does not name weigh 1.
        draft: the table.
        costs: shape (cells,), without weights.

    Raises:
        InputError: what reading the file says; disclosure.no_such_cell; disclosure.weight_wrong.
    """
    if path is None:
        return None
    table = read_plain_table(path)
    dimensions = draft.table.dimensions
    found = costs.copy()
    problems = []
    columns = [table.texts(dimension.name) for dimension in dimensions]
    for number, (weight, *codes) in enumerate(zip(figures_of(table, "weight"), *columns, strict=True)):
        where = Where(table.grid.file, table.grid.sheet, table.rows[number] + 1)
        place = place_of(codes, draft)
        if place is None:
            problems.append(Problem("disclosure.no_such_cell", where, _named(codes, dimensions)))
        elif weight <= 0:
            problems.append(Problem("disclosure.weight_wrong", where, {"value": f"{weight:f}"}))
        else:
            found[place] *= float(weight)
    if problems:
        raise InputError(*problems[:20])
    return found


def refuse_blank(table: PlainTable, codes: Mapping[str, Sequence[str]]) -> None:
    """Refuse rows without a code.

    Raises:
        InputError: disclosure.blank_code.
    """
    problems = [
        Problem("disclosure.blank_code", Where(table.grid.file, table.grid.sheet, table.rows[n] + 1, name))
        for name, column in codes.items()
        for n, code in enumerate(column)
        if not code
    ]
    if problems:
        raise InputError(*problems[:20])


def _refuse_totals(
    table: PlainTable, dimensions: Sequence[Dimension], codes: Mapping[str, Sequence[str]]
) -> None:
    """Refuse rows of totals among records: they would be counted twice."""
    problems = []
    for dimension in dimensions:
        for n, code in enumerate(codes[dimension.name]):
            if code == dimension.root or code.lower() in TOTALS:
                where = Where(table.grid.file, table.grid.sheet, table.rows[n] + 1, dimension.name)
                problems.append(Problem("disclosure.total_among_records", where, {"code": code}))
    if problems:
        raise InputError(*problems[:20])


def figures_of(table: PlainTable, name: str) -> list[Decimal]:
    """Return the figures of a column, exactly, shape (records,), in the unit of its heading.

    Raises:
        InputError: disclosure.blank_value, with the row of each empty cell.
    """
    numbers = table.numbers(name)
    problems = [
        Problem("disclosure.blank_value", Where(table.grid.file, table.grid.sheet, table.rows[n] + 1, name))
        for n, number in enumerate(numbers)
        if number is None
    ]
    if problems:
        raise InputError(*problems[:20])
    return [number for number in numbers if number is not None]


def _filled(table: PlainTable, name: str) -> np.ndarray:
    return np.array([float(number) for number in figures_of(table, name)])


def _places(number: Decimal | None) -> int:
    exponent = Decimal(0) if number is None else number.normalize()
    return max(0, -int(exponent.as_tuple().exponent))


def _counts(table: PlainTable, name: str) -> list[int]:
    """Return whole numbers of zero and more."""
    numbers = _filled(table, name)
    problems = [
        Problem(
            "disclosure.count_wrong",
            Where(table.grid.file, table.grid.sheet, table.rows[n] + 1, name),
            {"value": f"{number:g}"},
        )
        for n, number in enumerate(numbers)
        if number < 0 or number != round(number)
    ]
    if problems:
        raise InputError(*problems[:20])
    return [int(number) for number in numbers]


def public_levels(stated: Sequence[str] | None, dimensions: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the levels of every dimension, all from files: codes read off the records would tell which occur.

    Raises:
        ConfigError: disclosure.levels_needed, with the dimensions that have none.
    """
    found = levels_of(stated)
    without = [name for name in dimensions if not found.get(name)]
    if without:
        raise ConfigError(Problem("disclosure.levels_needed", values={"dimensions": ", ".join(without)}))
    return found


def levels_of(stated: Sequence[str] | None) -> dict[str, dict[str, str]]:
    """Return the parent of each code, for each dimension whose levels were stated as dimension=file.

    Raises:
        ConfigError: disclosure.option_form.
        InputError: what reading a file says; disclosure.levels_form.
    """
    found = {}
    for text in stated or ():
        name, sign, file = text.partition("=")
        if not sign or not file:
            raise ConfigError(
                Problem("disclosure.option_form", values={"text": text, "form": "region=levels.csv"})
            )
        table = read_plain_table(Path(file))
        if len(table.heads) < 2:
            raise InputError(Problem("disclosure.levels_form", Where(file=file)))
        codes, parents = table.texts(table.heads[0]), table.texts(table.heads[1])
        found[name] = dict(zip(codes, parents, strict=True))
    return found


def rules_of(
    minimum_count: int | None, p_percent: float | None, dominance: str, range_percent: float | None
) -> Rules:
    """Return the rules stated.

    Raises:
        ConfigError: disclosure.option_form.
        MethodError: as `Rules`.
    """
    pair = None
    if dominance:
        parts = dominance.replace("，", ",").split(",")
        try:
            pair = (int(parts[0]), float(parts[1]))
        except (ValueError, IndexError):
            values = {"text": dominance, "form": "n,k"}
            raise ConfigError(Problem("disclosure.option_form", values=values)) from None
    return Rules(minimum_count, p_percent, pair, range_percent)


def write(path: Path, heads: Sequence[str], rows: Iterable[Sequence[Any]], about: Mapping[str, Any]) -> None:
    """Write rows to a csv, xlsx or json file; the origin goes along (a sheet, a key, a file beside a csv).

    Raises:
        InputError: disclosure.unknown_format.
    """
    ending = path.suffix.lower()
    body = [list(row) for row in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    if ending == ".json":
        content = {**about, "records": [dict(zip(heads, row, strict=True)) for row in body]}
        path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    elif ending == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as stream:
            safe = [[harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in body]
            csv.writer(stream).writerows([heads, *safe])
        beside = path.with_name(f"{path.name}.origin.json")
        beside.write_text(json.dumps(about, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    elif ending == ".xlsx":
        _workbook(path, heads, body, about)
    else:
        values = {"ending": ending or "–", "known": ".csv, .xlsx, .json"}
        raise InputError(Problem("disclosure.unknown_format", Where(file=str(path)), values))


def _workbook(
    path: Path, heads: Sequence[str], body: Sequence[Sequence[Any]], about: Mapping[str, Any]
) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet, bold = book.add_worksheet("table"), book.add_format({"bold": True})
        sheet.write_row(0, 0, heads, bold)
        for number, row in enumerate(body):
            sheet.write_row(number + 1, 0, ["" if cell is None else cell for cell in row])
        sheet.freeze_panes(1, 0)
        sheet.autofit()
        origin = book.add_worksheet("origin")
        for number, (name, told) in enumerate(about.items()):
            origin.write_row(
                number, 0, [name, told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)]
            )


def origin_of(draft: Draft, rules: Mapping[str, Any]) -> dict[str, Any]:
    """Return what goes with the figures: source file and hash, dimensions, rules, version."""
    from lvshu import __version__

    return {
        "source": draft.source.origin.as_dict(),
        "dimensions": [dimension.name for dimension in draft.table.dimensions],
        "rules": dict(rules),
        "version": __version__,
    }


def codes_of(draft: DraftTable) -> list[list[str]]:
    """Return the codes of every cell, in the order of the dimensions."""
    return [key_text(key, draft.dimensions) for key in draft.structure.keys]


def number_text(value: float, places: int = 6) -> Any:
    """Return a figure rounded to so many decimals, whole where it is one; None where it is not finite."""
    if not np.isfinite(value):
        return None
    rounded = round(float(value), places)
    return int(rounded) if rounded == int(rounded) else rounded


def say_rows(
    output: Output, heads: Sequence[str], rows: Sequence[Sequence[Any]], top: int, right: Sequence[int]
) -> None:
    """Print the first rows for people."""
    output.table(heads, [["…" if cell is None else cell for cell in row] for row in rows[:top]], right=right)
    if len(rows) > top:
        output.say(f"… +{len(rows) - top}")
