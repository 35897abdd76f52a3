"""Fields of the mapping screen beyond the headings: values that the table does not know, and constants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import Column, TableContract
from lvshu.core.units import registry
from lvshu.publish.texts import Text, same, unit_label
from lvshu.web.upload_draft import Draft, fitting_units, may_leave_out
from lvshu.web.words import word

LISTED = 60
"""Values up to which a choice is a list to open; of more the field is written in, with proposals."""
FORMS = {"date": "YYYY-MM-DD", "month": "YYYY-MM", "year": "YYYY"}
"""How a value of a type is written where it is typed in."""
Options = list[tuple[str, Text]]


def options(column: Column, packs: PackLibrary) -> Options:
    """Return the values that a column knows, by name; none where it may hold any."""
    if column.type == "boolean":
        return [("true", word("upload.yes")), ("false", word("upload.no"))]
    if column.allowed:
        zh, en = column.allowed_zh or column.allowed, column.allowed_en or column.allowed
        return [(one, Text(a, b)) for one, a, b in zip(column.allowed, zh, en, strict=True)]
    if column.check == "unit":
        return [(one.symbol, Text(one.zh, one.en)) for one in registry().values()]
    named, _, wanted = column.codes.partition(".")
    pack_id = named or column.words
    if not pack_id or pack_id not in packs:
        return []
    pack = packs[pack_id]
    names = [one.name for one in pack.card.columns]
    key = wanted or ("code" if column.codes and "code" in names else pack.card.key[0])
    found: dict[str, Text] = {}
    for row in pack.rows:
        if row[key] is not None:
            code = str(row[key])
            found.setdefault(code, Text(str(row.get("name_zh") or code), str(row.get("name_en") or code)))
    return list(found.items())


def units_of(contract: TableContract) -> dict[str, tuple[str, ...]]:
    """Return the symbols of the units that can be stated for each column of a table; none for one without a unit."""
    found: dict[str, tuple[str, ...]] = {}
    known: dict[str, tuple[str, ...]] = {}
    for column in contract.columns:
        if column.unit not in known:
            known[column.unit] = fitting_units(column)
        found[column.name] = known[column.unit]
    return found


def _choice(column: Column, packs: PackLibrary) -> dict[str, Any]:
    """Return how a value of a column is chosen: options to open, or proposals for a field that is written in."""
    known = options(column, packs)
    short = len(known) <= LISTED
    return {"options": known if short else [], "proposals": [] if short else known}


def constants(
    contract: TableContract, proposed: Mapping[str, Any], draft: Draft, packs: PackLibrary
) -> list[dict[str, Any]]:
    """Return the columns that no heading gives, the required ones first, each with its stated value and its fault.

    A column by which alone rows are told apart is not among them: one value for all rows would make one record of them.
    """
    given = {one["column"] for one in proposed["headings"]}
    found = []
    for column in contract.columns:
        field = f"constant:{column.name}"
        stated = column.name in draft.constants
        if not stated and (column.name in given or contract.key == (column.name,)):
            continue
        part = column.name in contract.key
        unit = "" if column.unit.startswith("column:") else column.unit
        found.append(
            {
                "name": column.name,
                "label": Text(column.zh, column.en),
                "meaning": Text(column.meaning_zh, column.meaning_en),
                "required": column.in_every_file,
                "unit": unit_label(unit),
                "example": "" if part else column.example,
                "part_of_key": part,
                "value": draft.constants.get(column.name, ""),
                "problem": draft.problems.get(field),
                **_choice(column, packs),
            }
        )
    return sorted(found, key=lambda one: not (one["required"] or one["value"] or one["problem"]))


def key_lacking(contract: TableContract, proposed: Mapping[str, Any]) -> Text | None:
    """Return the name of the column by which alone rows are told apart, where no heading gives it; else None."""
    given = {one["column"] for one in proposed["headings"]}
    if len(contract.key) != 1 or contract.key[0] in given or not contract.column(contract.key[0]).required:
        return None
    column = contract.column(contract.key[0])
    return Text(column.zh, column.en)


def values(
    contract: TableContract, draft: Draft, report: Mapping[str, Any], packs: PackLibrary
) -> list[dict[str, Any]]:
    """Return, by column, the values that the table does not know or that are mapped, with what is chosen."""
    rows: dict[str, dict[str, dict[str, Any]]] = {}
    for one in report.get("unknown", ()):
        if one["table_name"] == contract.name:
            told = Text(one["remedy_zh"] or "", one["remedy_en"] or "")
            rows.setdefault(one["column_name"], {})[one["value"]] = {"rows": one["faults"], "remedy": told}
    for name, pairs in draft.values.items():
        for theirs in pairs:
            rows.setdefault(name, {}).setdefault(theirs, {"rows": None, "remedy": same("")})
    found = []
    for name, own in rows.items():
        if name not in contract.column_names:
            continue
        column = contract.column(name)
        entries = []
        for theirs, known in own.items():
            chosen = draft.values.get(name, {}).get(theirs)
            entries.append(
                {
                    "value": theirs,
                    "to": chosen.to if chosen else "",
                    "why": chosen.why if chosen else "",
                    "problem": draft.problems.get(f"value:{name}:{theirs}"),
                    **known,
                }
            )
        found.append(
            {
                "name": name,
                "label": Text(column.zh, column.en),
                "ways": [(one, word(f"upload.left_out.{one[1:]}")) for one in may_leave_out(column)],
                "more": report.get("unknown_more", {}).get(name, 0),
                "entries": entries,
                "example": FORMS.get(column.type, ""),
                **_choice(column, packs),
            }
        )
    return found
