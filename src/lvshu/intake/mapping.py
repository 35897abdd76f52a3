"""The mapping file `<stem>.mapping.toml`: how anyone's table is read as one of ours.

table = "loan"                  # which table the file belongs to (or layout = "input_output")
sheet = "Sheet1"                # which sheet of a workbook
header_row = 4                  # row of the headings, as the spreadsheet counts
encoding = "gb18030"            # of a csv
delimiter = ";"
unit = "1e4 CNY"                # layouts: unit of the values ("yearbook": an energy balance in the units of the
                                # China Energy Statistical Yearbook); also year = 2007, area_code = "310000"
[columns]                       # their heading = our column; "" leaves the column out
"贷款余额(期末)" = "outstanding_amount"
[units]                         # our column (or their heading) = unit of the values in the file
outstanding_amount = "1e4 CNY"
[constants]                     # our column = one value for all rows
year = "2025"
[values.overseas]               # our column: their value = our value; "" leaves the cell empty
"境外" = "true"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.units import find_unit
from lvshu.intake.text import NOTHING, nearest

SUFFIX = ".mapping.toml"
YEARBOOK = "yearbook"
_TEXTS = frozenset({"table", "layout", "sheet", "encoding", "delimiter", "unit", "area_code"})
_NUMBERS = frozenset({"header_row", "year"})
_TABLES = frozenset({"columns", "units", "constants", "values"})


@dataclass(frozen=True)
class FileMapping:
    """What the user states about one file. Empty texts and None mean: not stated."""

    file: str = ""
    text: str = ""
    table: str = ""
    layout: str = ""
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
    unit: str = ""
    area_code: str = ""
    header_row: int | None = None
    year: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def mapping_path(path: Path) -> Path:
    """Return where the mapping file of an input file lies: beside it, `<stem>.mapping.toml`."""
    return path.with_name(path.stem + SUFFIX)


def read_mapping(path: Path) -> FileMapping:
    """Return the mapping stated for an input file; an empty one when there is none.

    Args:
        path: the input file (not the mapping file).

    Raises:
        InputError: the mapping file is not TOML, or says what nobody reads (everything wrong is listed).
    """
    place = mapping_path(path)
    if not place.is_file():
        return FileMapping()
    where = Where(file=place.name)
    try:
        text = place.read_text(encoding="utf-8-sig")
        raw = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(Problem("intake.mapping_not_toml", where, {"reason": str(error)})) from error
    problems = _faults(raw, where)
    if problems:
        raise InputError(*problems)
    return FileMapping(
        file=place.name,
        text=text,
        table=str(raw.get("table", "")),
        layout=str(raw.get("layout", "")),
        sheet=str(raw.get("sheet", "")),
        encoding=str(raw.get("encoding", "")),
        delimiter=str(raw.get("delimiter", "")),
        unit=_symbol(str(raw.get("unit", ""))),
        area_code=str(raw.get("area_code", "")),
        header_row=raw.get("header_row"),
        year=raw.get("year"),
        columns=_texts(raw, "columns"),
        units={name: _symbol(unit) for name, unit in _texts(raw, "units").items()},
        constants=_texts(raw, "constants"),
        values={
            name: {key: _plain(one) for key, one in pairs.items()}
            for name, pairs in raw.get("values", {}).items()
        },
    )


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _texts(raw: Mapping[str, Any], name: str) -> dict[str, str]:
    return {key: _plain(value) for key, value in raw.get(name, {}).items()}


def _symbol(word: str) -> str:
    unit = find_unit(word)
    return unit.symbol if unit else word


def _faults(raw: Mapping[str, Any], where: Where) -> list[Problem]:
    known = sorted(_TEXTS | _NUMBERS | _TABLES)
    problems = [
        Problem(
            "intake.mapping_unknown_key",
            where,
            {"key": key, "known": known, "nearest": nearest(key, known) or NOTHING},
        )
        for key in raw
        if key not in known
    ]
    wrong = [name for name in _TEXTS if not isinstance(raw.get(name, ""), str)]
    wrong += [name for name in _NUMBERS if not isinstance(raw.get(name, 1), int)]
    wrong += [name for name in _TABLES if not isinstance(raw.get(name, {}), dict)]
    values = raw.get("values", {})
    pairs = values if isinstance(values, dict) else {}
    wrong += [f"values.{name}" for name, one in pairs.items() if not isinstance(one, dict)]
    problems += [Problem("intake.mapping_wrong_type", where, {"key": name}) for name in sorted(wrong)]
    units = raw.get("units", {})
    stated = list(units.values()) if isinstance(units, dict) else []
    stated += [raw["unit"]] if isinstance(raw.get("unit"), str) and raw["unit"] != YEARBOOK else []
    problems += [
        Problem("units.unknown", where, {"unit": unit}) for unit in stated if find_unit(str(unit)) is None
    ]
    return problems
