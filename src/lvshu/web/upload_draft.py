"""What a person states about an upload on the mapping screen: kept beside it, judged field by field, then written.

The mapping file that comes of it is the one that `lvshu run` reads (lvshu.intake.mapping).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import Column, TableContract
from lvshu.core.errors import Problem
from lvshu.core.units import find_unit, meant, of_other_gases, registry, unit
from lvshu.intake.mapping import mapping_path
from lvshu.intake.stated import stated_problems
from lvshu.intake.text import fold
from lvshu.store.disk import write_durably

DRAFT, REPORT = "draft.json", "report.json"
NOT_TRIED: dict[str, Any] = {"tables": [], "quarantine": [], "rejects": [], "problems": [], "stale": True}
"""A report of nothing, which only keeps the values that are asked about."""
LONGEST = 200
"""Characters of a heading or value that can be mapped; longer ones are told and left as they are."""
LONGEST_WHY = 200
LEFT_OUT = {"@missing": "", "@not_applicable": "不适用", "@suppressed": "保密"}
"""What is written for a value that is left out: nothing, or the sign of why there can be none (intake.cells)."""
Pairs = Mapping[str, Mapping[str, "Choice"]]


@dataclass(frozen=True)
class Choice:
    """What a value of the file becomes: a value of ours, or one of LEFT_OUT with the reason."""

    to: str
    why: str = ""


@dataclass(frozen=True)
class Draft:
    """The mapping as it is stated.

    Attributes:
        table: to which the file goes.
        header_row: row of the headings, from 1; 0: found.
        columns: their heading -> our column; "" leaves it out.
        units: our column -> unit of the values in the file.
        values: our column -> their value -> what it becomes.
        constants: our column -> one value for all rows.
        sheet: of a workbook; "" where it is found.
        encoding: of a text file; "" where it is found.
        refused: whether a remembered mapping was refused for this upload.
        problems: what is wrong, by field, as plain data in both languages.
    """

    table: str = ""
    header_row: int = 0
    columns: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    values: Pairs = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    sheet: str = ""
    encoding: str = ""
    refused: bool = False
    problems: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def as_json(self) -> str:
        """Return the draft as JSON text."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @property
    def without_problems(self) -> Draft:
        """Return the draft as it is remembered; another file of the same headings may be in another encoding."""
        return replace(self, problems={}, refused=False, encoding="")


def of_json(text: str) -> Draft:
    """Return the draft that a JSON text holds."""
    raw: dict[str, Any] = json.loads(text)
    raw["values"] = {
        column: {theirs: Choice(**one) for theirs, one in pairs.items()}
        for column, pairs in raw.get("values", {}).items()
    }
    return Draft(**raw)


def read_draft(folder: Path) -> Draft | None:
    """Return the draft of an upload, or None."""
    place = folder / DRAFT
    return of_json(place.read_text(encoding="utf-8")) if place.is_file() else None


def write_draft(folder: Path, draft: Draft) -> None:
    """Keep the draft of an upload."""
    write_durably(folder / DRAFT, draft.as_json())


def begin_again(path: Path, draft: Draft, *, keep: bool = False, encoding: str | None = None) -> Draft:
    """Keep a draft, and forget the try of the one before: nothing is taken that was not tried as it now stands.

    Args:
        path: of the upload.
        draft: what is stated now.
        keep: whether values that were unknown before are still asked about: the file is read by the same headings.
        encoding: of the file, "" where it is found; None: as it was stated before.

    Returns:
        The draft as it is kept, with the encoding; until it is tried the mapping file holds the encoding alone.
    """
    if encoding is None:
        stated = read_draft(path.parent)
        encoding = "" if stated is None else stated.encoding
    draft = replace(draft, encoding=encoding)
    place = path.parent / REPORT
    before = json.loads(place.read_text(encoding="utf-8")) if keep and place.is_file() else None
    for one in (mapping_path(path), place):
        one.unlink(missing_ok=True)
    if before is not None:
        asked = {name: before[name] for name in ("unknown", "unknown_more") if name in before}
        write_durably(place, json.dumps({**NOT_TRIED, **asked}, ensure_ascii=False))
    write_draft(path.parent, draft)
    if encoding:
        write_durably(mapping_path(path), f"encoding = {quoted(encoding)}\n")
    return draft


def may_leave_out(column: Column) -> tuple[str, ...]:
    """Return in which ways values of a column can be left out: texts know no sign of absence but the empty cell."""
    return ("@missing",) if column.type == "text" else tuple(LEFT_OUT)


def faults(
    draft: Draft, contract: TableContract, packs: PackLibrary, *, rows: int | None = None
) -> dict[str, Problem]:
    """Return what is wrong with a draft, by field: header_row, column:HEADING, unit:COLUMN, constant:COLUMN, value:….

    Args:
        draft: as stated.
        contract: of its table.
        packs: of the workspace.
        rows: of the head of the file, among which the row of the headings must be.
    """
    found: dict[str, Problem] = {}
    if rows is not None and draft.header_row > rows:
        values: dict[str, object] = {"row": draft.header_row, "most": rows}
        found["header_row"] = Problem("web.mapping_header_row", values=values)
    found |= _twice(draft, contract)
    for name, symbol in draft.units.items():
        problem = unit_problem(contract.column(name), symbol)
        if problem is not None:
            found[f"unit:{name}"] = problem
    given = set(draft.columns.values()) - {""}
    for name in draft.constants:
        if name in given:
            column = contract.column(name)
            theirs = next(one for one, ours in draft.columns.items() if ours == name)
            values = {"label": {"zh": column.zh, "en": column.en}, "heading": fold(theirs)[:LONGEST]}
            found[f"constant:{name}"] = Problem("web.mapping_constant_beside", values=values)
    stated = [*draft.constants.items(), *_targets(draft)]
    told = stated_problems(contract, stated, packs)
    for name, text in draft.constants.items():
        if (name, text) in told:
            found.setdefault(f"constant:{name}", told[(name, text)])
    for name, pairs in draft.values.items():
        for theirs, one in pairs.items():
            problem = told.get((name, one.to))
            if one.to in LEFT_OUT and not fold(one.why):
                problem = Problem("web.mapping_why", values={"value": theirs})
            elif one.to.startswith("@") and one.to not in may_leave_out(contract.column(name)):
                problem = Problem("web.mapping_left_out", values={"value": theirs})
            if problem is not None:
                found[f"value:{name}:{theirs}"] = problem
    return found


def one_key_for_all(draft: Draft, contract: TableContract) -> dict[str, Problem]:
    """Return what is wrong, by field, where constants would make one record of all rows: they are the whole key.

    Args:
        draft: as stated.
        contract: of its table.
    """
    key = [name for name in contract.key if contract.column(name).required] or list(contract.key)
    if not key or not set(key) <= set(draft.constants):
        return {}
    columns = (contract.column(name) for name in key)
    return {
        f"constant:{one.name}": Problem(
            "web.mapping_key_constant", values={"label": {"zh": one.zh, "en": one.en}}
        )
        for one in columns
    }


def _targets(draft: Draft) -> list[tuple[str, str]]:
    return [
        (name, one.to)
        for name, pairs in draft.values.items()
        for one in pairs.values()
        if not one.to.startswith("@")
    ]


def _twice(draft: Draft, contract: TableContract) -> dict[str, Problem]:
    """Return the headings that give a column which another heading gives already."""
    first: dict[str, str] = {}
    found: dict[str, Problem] = {}
    for theirs, ours in draft.columns.items():
        if ours and ours in first:
            column = contract.column(ours)
            values = {"label": {"zh": column.zh, "en": column.en}, "heading": fold(first[ours])[:LONGEST]}
            found[f"column:{theirs}"] = Problem("web.mapping_twice", values=values)
        elif ours:
            first[ours] = theirs
    return found


def fitting_units(column: Column) -> tuple[str, ...]:
    """Return the symbols of the units in which a file can state a column: those that intake converts, or all."""
    if not column.unit:
        return ()
    return tuple(symbol for symbol in registry() if unit_problem(column, symbol) is None)


def unit_problem(column: Column, symbol: str) -> Problem | None:
    """Return what is wrong with a unit stated for a column; what intake would not convert is refused here.

    Args:
        column: of the table.
        symbol: of the unit, as stated.
    """
    label = {"zh": column.zh, "en": column.en}
    stated = find_unit(symbol)
    if stated is None:
        return Problem("units.unknown", values={"unit": symbol})
    if not column.unit:
        return Problem("web.mapping_no_unit", values={"label": label})
    if column.unit.startswith("column:"):
        return None
    wanted = unit(column.unit)
    one = meant(stated.symbol, wanted.symbol)
    one = of_other_gases(one, wanted.symbol) or one
    if unit(one).dimension == wanted.dimension:
        return None
    units = {"stated": {"zh": stated.zh, "en": stated.en}, "unit": {"zh": wanted.zh, "en": wanted.en}}
    return Problem("web.mapping_unit_kind", values={"label": label, **units})


def mapping_text(draft: Draft) -> str:
    """Return the mapping file of a draft, in TOML; reasons of what is left out stand in it as comments."""
    lines = [f"table = {quoted(draft.table)}"]
    lines += [f"sheet = {quoted(draft.sheet)}"] if draft.sheet else []
    lines += [f"encoding = {quoted(draft.encoding)}"] if draft.encoding else []
    lines += [f"header_row = {int(draft.header_row)}"] if draft.header_row else []
    lines += ["", "[columns]", *_pairs(draft.columns)]
    lines += ["", "[units]", *_pairs(draft.units)] if draft.units else []
    lines += ["", "[constants]", *_pairs(draft.constants)] if draft.constants else []
    for name, pairs in draft.values.items():
        if pairs:
            lines += ["", f"[values.{quoted(name)}]"]
        for theirs, one in pairs.items():
            if one.to in LEFT_OUT:
                lines.append(f"# {_one_line(one.why)}")
            lines.append(f"{quoted(theirs)} = {quoted(LEFT_OUT.get(one.to, one.to))}")
    return "\n".join(lines) + "\n"


def _pairs(pairs: Mapping[str, str]) -> list[str]:
    return [f"{quoted(theirs)} = {quoted(ours)}" for theirs, ours in pairs.items() if theirs]


def _one_line(text: str) -> str:
    kept = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(kept.split())[:LONGEST_WHY]


def quoted(text: str) -> str:
    """Return a text as a basic string of TOML: as JSON has it, but DEL is escaped and half characters are not kept."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(whole, ensure_ascii=False).replace("\x7f", "\\u007f")


def drafted(
    table: str,
    header_row: int,
    headings: Sequence[tuple[str, str, str]],
    values: Sequence[tuple[str, str, str, str]],
    constants: Sequence[tuple[str, str]],
    *,
    sheet: str = "",
) -> Draft:
    """Return the draft of a form.

    Args:
        table: to which the file goes.
        header_row: row of the headings, from 1; 0: found.
        headings: (their heading, our column or "", unit or "").
        values: (our column, their value, what it becomes or "", why).
        constants: (our column, value or "").
        sheet: of a workbook.
    """
    pairs: dict[str, dict[str, Choice]] = {}
    for column, theirs, to, why in values:
        if to.strip():
            pairs.setdefault(column, {})[theirs] = Choice(to.strip(), why.strip())
    return Draft(
        table=table,
        sheet=sheet,
        header_row=header_row,
        columns={theirs: ours for theirs, ours, _ in headings if theirs},
        units={ours: one for theirs, ours, one in headings if theirs and ours and one},
        values=pairs,
        constants={column: value.strip() for column, value in constants if value.strip()},
    )
