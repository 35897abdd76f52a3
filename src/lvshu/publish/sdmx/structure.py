"""What a table looks like in SDMX: dimensions from its key, measures from its figures, attributes from its words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lvshu.contract import Column, TableContract
from lvshu.publish.texts import Text, unit_label

TIME = "TIME_PERIOD"
TIME_TYPES = ("month", "year", "date")
TIME_NAMES = ("quarter", "period")
MEASURES = ("money", "quantity", "ratio", "integer")
IDENTIFIER = re.compile(r"[A-Za-z0-9_@$\-]+")
MOST_CODES = 5_000
WHOLE = ("BOOK_SOURCE", "BOOK_RUN", "BOOK_FICTIVE")


@dataclass(frozen=True)
class Part:
    """One component of a structure.

    id: in SDMX; column: of the table ("" for what the whole dataset shares); role: "dimension", "measure" or
    "attribute"; kind: SDMX data type; name: in two languages; codes: code to name, where the component has a code list.
    """

    id: str
    column: str
    role: str
    kind: str
    name: Text
    codes: Mapping[str, Text] | None = None
    is_required: bool = False


@dataclass(frozen=True)
class TableStructure:
    """The structure of one table: its id, its name in two languages, its components, dimensions first."""

    id: str
    name: Text
    meaning: Text
    parts: tuple[Part, ...]

    @property
    def has_own_time(self) -> bool:
        """Return whether a column of the table is the time; else the book's year is."""
        return any(part.id == TIME and part.column for part in self.parts)


def identifier(name: str) -> str:
    """Return a column's or a table's name as an SDMX id: capitals, digits and underscores."""
    return re.sub(r"[^A-Z0-9_]", "_", name.upper())


def structure_of(
    contract: TableContract, columns: Sequence[str], values: Mapping[str, Sequence[object]]
) -> TableStructure:
    """Return the structure of a table.

    The key's columns are dimensions; the column of months, years, days or quarters among them is TIME_PERIOD, and
    where there is none the book's year is. Figures outside the key are measures, all else are attributes of the
    observation. Codes come from the contract's allowed values, else from the values that occur.

    Args:
        contract: of the table.
        columns: those that the table has.
        values: of every column, for code lists.

    Source: SDMX 3.0, section 2, information model, data structure definition.
    """
    own = [contract.column(name) for name in columns if name in contract.column_names]
    time = next((column.name for column in own if column.name in contract.key and _is_time(column)), "")
    dimensions, measures, attributes = [], [], []
    for column in own:
        if column.name == time:
            continue
        if column.name in contract.key:
            dimensions.append(_part(column, "dimension", values[column.name]))
        elif column.type in MEASURES:
            measures.append(_part(column, "measure", ()))
        else:
            attributes.append(_part(column, "attribute", values[column.name]))
    when = Part(TIME, time, "dimension", "time", Text("时期", "Time period"), is_required=True)
    shared = [
        Part("BOOK_SOURCE", "", "attribute", "text", Text("出处", "Source")),
        Part("BOOK_RUN", "", "attribute", "text", Text("运行", "Run")),
        Part(
            "BOOK_FICTIVE", "", "attribute", "boolean",
            Text("是否为合成数据", "Whether the records are synthetic"),
        ),
    ]  # fmt: skip
    parts = (*dimensions, when, *measures, *attributes, *shared)
    return TableStructure(
        identifier(contract.name),
        Text(contract.zh, contract.en),
        Text(contract.meaning_zh, contract.meaning_en),
        parts,
    )


def _is_time(column: Column) -> bool:
    return column.type in TIME_TYPES or column.name in TIME_NAMES


def _part(column: Column, role: str, values: Sequence[object]) -> Part:
    kinds = {
        "money": "decimal",
        "quantity": "decimal",
        "ratio": "double",
        "integer": "integer",
        "boolean": "boolean",
    }
    name = Text(column.zh, column.en)
    if role == "measure" and column.unit and not column.unit.startswith("column:"):
        unit = unit_label(column.unit)
        name = Text(f"{column.zh}（{unit.zh}）", f"{column.en} ({unit.en})")
    codes = _codes(column, values) if column.type in ("code", "text") and role != "measure" else None
    if role == "attribute" and not column.allowed:
        codes = None
    return Part(
        identifier(column.name),
        column.name,
        role,
        kinds.get(column.type, "text"),
        name,
        codes,
        role == "dimension",
    )


def _codes(column: Column, values: Sequence[object]) -> dict[str, Text] | None:
    """Return the code list of a column, None where its values are no codes of SDMX."""
    found = sorted({str(value) for value in values if value is not None})
    if len(found) > MOST_CODES or not all(IDENTIFIER.fullmatch(value) for value in (*found, *column.allowed)):
        return None
    named = {value: Text(value, value) for value in found}
    for place, value in enumerate(column.allowed):
        zh = column.allowed_zh[place] if column.allowed_zh else value
        en = column.allowed_en[place] if column.allowed_en else value
        named[value] = Text(zh, en)
    return named
