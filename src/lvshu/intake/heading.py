"""Matching the headings of a file with the columns of a contract, and the units written in them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType

from lvshu.contract import Column, TableContract
from lvshu.core.errors import Problem, Where
from lvshu.core.units import CARBON_DIOXIDE, factor, find_unit, meant, of_other_gases, parse_header_unit, unit
from lvshu.intake.grid import column_letter
from lvshu.intake.mapping import FileMapping
from lvshu.intake.text import NOTHING, fold, heading_key, nearest

CO2_ALONE = "intake.header_co2_alone"
GASES = "gases"
"""The column of a table of emissions that says which gases a row counts."""
MARK_HEADINGS = frozenset({"标记mark", "标记", "mark"})
SOURCE_FILE, SOURCE_ROW = "source_file", "source_row"
REJECT_HEADINGS = {
    "来源文件sourcefile": SOURCE_FILE,
    "sourcefile": SOURCE_FILE,
    "来源文件": SOURCE_FILE,
    "来源行号sourcerow": SOURCE_ROW,
    "sourcerow": SOURCE_ROW,
    "来源行号": SOURCE_ROW,
    "原因reason": "",
    "办法remedy": "",
}
_TRAILING = re.compile(r"^(?P<name>.+?)\s*[(\[【](?P<inner>[^()\[\]【】]*)[)\]】]\s*$")
_HARMLESS = frozenset({"必填", "选填", "可选", "required", "optional", ""})
_TAIL = re.compile(r"^(?P<name>.+?)\s*[,:/_\- ]\s*(?P<unit>[^,:/_]+)$")
_STATED = re.compile(
    r"(?:计量单位|金额单位|单位|unit)\s*[::]\s*(?P<units>[^()\s].*?)\s*[)）]?\s*$", re.IGNORECASE
)
_CJK = re.compile("[\u4e00-\u9fff]")
_PLAIN = frozenset({"one", "person"})
"""Dimensions whose figures are read as they stand: nobody writes their unit."""
_SPLIT = re.compile(r"[、,;/;和]|\band\b")


@dataclass(frozen=True)
class Heading:
    """One column of the file. `column` is the contract's column, or None when nobody knows it.

    unit: symbol of the unit of the file's values when it is stated or differs; None: the contract's.
    factor: what a value is multiplied by to stand in the contract's unit; 1 when nothing is converted.
    stated: where the unit was found: "mapping", "heading", "above" (a line over the headings); "" where it was not.
    """

    index: int
    text: str
    column: str | None = None
    unit: str | None = None
    factor: Decimal = Decimal(1)
    role: str = ""
    stated: str = ""

    @property
    def letter(self) -> str:
        """Return the column's spreadsheet letter."""
        return column_letter(self.index)


@dataclass(frozen=True)
class HeadingMatch:
    """All headings of a file, matched. `constants` are values that the file states once for all rows."""

    headings: tuple[Heading, ...]
    constants: Mapping[str, str]
    problems: tuple[Problem, ...]

    @property
    def by_column(self) -> dict[str, Heading]:
        """Return the headings that were matched, by the contract's column."""
        return {heading.column: heading for heading in self.headings if heading.column}

    @property
    def unknown(self) -> tuple[Heading, ...]:
        """Return the headings that no column of the contract answers to."""
        return tuple(one for one in self.headings if not one.column and not one.role and one.text)


@lru_cache(maxsize=65536)
def _spelling_keys(word: str) -> tuple[str, str]:
    return heading_key(word), heading_key(parse_header_unit(word)[0])


@cache
def _common() -> Mapping[str, tuple[str, ...]]:
    """Return what people call a column of a name in whatever table it stands (catalog/headings.toml)."""
    text = resources.files("lvshu.catalog").joinpath("headings.toml").read_text(encoding="utf-8")
    return {name: tuple(words) for name, words in tomllib.loads(text).items()}


def names_of(contract: TableContract) -> Mapping[str, str]:
    """Return every accepted spelling of the contract's headings, as compared, with its column.

    What the contract says of any of its columns comes before what columns of a name are called elsewhere.
    """
    return _names_of(tuple((one.name, one.zh, one.en, one.other_headings) for one in contract.columns))


@lru_cache(maxsize=1024)
def _names_of(columns: tuple[tuple[str, str, str, tuple[str, ...]], ...]) -> Mapping[str, str]:
    known: dict[str, str] = {}
    for name, zh, en, aliases in columns:
        for word in (name, zh, en, *aliases, zh + en, en + zh, zh + name):
            for key in _spelling_keys(word):
                known.setdefault(key, name)
    for name, *_ in columns:
        for word in _common().get(name, ()):
            for key in _spelling_keys(word):
                known.setdefault(key, name)
    known.pop("", None)
    return MappingProxyType(known)


@lru_cache(maxsize=4096)
def heading_keys(text: str) -> tuple[str, ...]:
    """Return the keys under which a heading may be known: with and without its bracket or unit."""
    folded = fold(text)
    words = [folded, parse_header_unit(folded)[0]]
    for form in (_TRAILING, _TAIL):
        found = form.match(folded)
        words += [found["name"]] if found else []
    return tuple(dict.fromkeys(key for key in map(heading_key, words) if key))


def count_matches(texts: Iterable[str], known: Mapping[str, str], mapping: FileMapping) -> int:
    """Return how many columns of a contract a row of cells names.

    Args:
        texts: the cells.
        known: the contract's `names_of`.
        mapping: what the user states; its headings count for the columns they are mapped to.
    """
    stated = {heading_key(theirs): ours for theirs, ours in mapping.columns.items()}
    ours = set(known.values())
    found = set()
    for text in texts:
        keys = heading_keys(text) if text else ()
        column = stated.get(keys[0]) if keys else None
        found.add(column if column in ours else next((known[key] for key in keys if key in known), None))
    return len(found - {None})


def _find(text: str, known: Mapping[str, str], mapping: FileMapping) -> tuple[str | None, str | None, str]:
    """Return (column, unit symbol, bracketed text that was not understood) of one heading."""
    folded = fold(text)
    for theirs, ours in mapping.columns.items():
        if heading_key(theirs) == heading_key(folded):
            return ours, parse_header_unit(folded)[1], ""
    if heading_key(folded) in known:
        return known[heading_key(folded)], parse_header_unit(folded)[1], ""
    name, symbol = parse_header_unit(folded)
    if symbol and heading_key(name) in known:
        return known[heading_key(name)], symbol, ""
    trailing = _TRAILING.match(folded)
    if trailing and heading_key(trailing["name"]) in known:
        inner = trailing["inner"].strip().casefold()
        return known[heading_key(trailing["name"])], None, "" if inner in _HARMLESS else trailing["inner"]
    if symbol:
        for theirs, ours in mapping.columns.items():
            if heading_key(theirs) == heading_key(name):
                return ours, symbol, ""
    tail = _TAIL.match(folded)
    if tail and heading_key(tail["name"]) in known:
        stated = find_unit(tail["unit"])
        if stated:
            return known[heading_key(tail["name"])], stated.symbol, ""
    return None, None, ""


def unread_bracket(text: str) -> str:
    """Return what stands in brackets at the end of a heading and is neither a unit nor a remark; "" without such."""
    found = _TRAILING.match(fold(text))
    inner = found["inner"].strip() if found else ""
    return "" if inner.casefold() in _HARMLESS or parse_header_unit(fold(text))[1] else inner


def stated_units(texts: Iterable[str]) -> dict[str, str]:
    """Return the units that lines above the headings state (“单位：万元”), by dimension."""
    found: dict[str, str] = {}
    for text in texts:
        match = _STATED.search(fold(text))
        if not match:
            continue
        for word in (match["units"], *_SPLIT.split(match["units"])):
            one = find_unit(word.strip().rstrip(")"))
            if one:
                found.setdefault(one.dimension, one.symbol)
    return found


def match_headings(
    texts: Sequence[str],
    contract: TableContract,
    *,
    mapping: FileMapping,
    above: Sequence[str] = (),
    where: Where,
) -> HeadingMatch:
    """Return the headings of a file matched with a contract, and everything that is wrong with them.

    Args:
        texts, contract: the heading cells, shape (columns of the file,), and the table's contract.
        mapping: what the user states about the file.
        above: texts of the rows above the headings (titles, “单位：万元”).
        where: place of the heading row.
    """
    known = names_of(contract)
    general = stated_units(above)
    headings: list[Heading] = []
    problems: list[Problem] = []
    constants = dict(mapping.constants)
    for index, text in enumerate(texts):
        role = _role(text)
        if role:
            headings.append(Heading(index, text, role=role))
            continue
        column, symbol, unread = _find(text, known, mapping)
        place = Where(where.file, where.sheet, where.row, fold(text) or column_letter(index))
        if column == "":
            headings.append(Heading(index, text, role="ignored"))
        elif column is None or column not in contract.column_names:
            if column is not None:
                problems.append(_no_such_column(column, contract, place))
            headings.append(Heading(index, text))
        else:
            heading, found = _with_unit(
                Heading(index, text, column, symbol), contract.column(column), unread, mapping, general, place
            )
            headings.append(heading)
            problems += found
            _state_row_unit(heading, contract.column(column), constants)
            _state_gases(found, contract, constants)
    headings = _without_stand_ins(headings, contract, mapping)
    problems += _assumed(headings, contract, where)
    problems += _twice(headings, where)
    problems += _missing(headings, constants, contract, where)
    problems += _constant_faults(constants, contract, where)
    return HeadingMatch(tuple(headings), constants, tuple(problems))


def _assumed(headings: Sequence[Heading], contract: TableContract, where: Where) -> list[Problem]:
    """Return one notice of Chinese headings whose unit nothing states: they are read in the contract's.

    Shares, counts, and the contract's own English names, which are documented with their unit, are left out.
    """
    listed = []
    for heading in headings:
        unit_of = contract.column(heading.column).unit if heading.column else None
        if heading.stated or not unit_of or unit_of.startswith("column:") or not _CJK.search(heading.text):
            continue
        if unit(unit_of).dimension not in _PLAIN:
            listed.append(f"{fold(heading.text)} ({unit_of})")
    if not listed:
        return []
    return [Problem("intake.unit_assumed", where, {"columns": listed}, "notice")]


def _role(text: str) -> str:
    """Return what a heading of our own templates and rejects files is for; "" for any other."""
    key = heading_key(text)
    if key in MARK_HEADINGS:
        return "mark"
    return (REJECT_HEADINGS[key] or "ignored") if key in REJECT_HEADINGS else ""


def says_role(text: str) -> bool:
    """Return whether a heading is one of our own templates' or rejects files', which no column answers to."""
    return bool(_role(text))


def _with_unit(
    heading: Heading,
    column: Column,
    unread: str,
    mapping: FileMapping,
    general: Mapping[str, str],
    where: Where,
) -> tuple[Heading, list[Problem]]:
    explicit = mapping.units.get(column.name) or next(
        (
            symbol
            for theirs, symbol in mapping.units.items()
            if heading_key(theirs) == heading_key(heading.text)
        ),
        None,
    )
    symbol = explicit or heading.unit
    if not column.unit:
        return Heading(heading.index, heading.text, column.name), []
    if unread and not explicit:
        values = {"header": fold(heading.text), "inner": unread, "column": column.name, "unit": column.unit}
        return heading, [Problem("intake.header_unit_unknown", where, values)]
    stated = "mapping" if explicit else "heading" if symbol else ""
    if column.unit.startswith("column:"):
        return Heading(heading.index, heading.text, column.name, symbol, stated=stated), []
    notices: list[Problem] = []
    dimension = unit(column.unit).dimension
    if symbol is None:
        symbol, stated = _general_unit(dimension, general), "above"
    if symbol is None:
        return Heading(heading.index, heading.text, column.name), []
    symbol = meant(symbol, column.unit)
    other = of_other_gases(symbol, column.unit)
    if other:
        notices = [_other_gases(heading, column, symbol, where)]
        symbol = other
    if unit(symbol).dimension != dimension:
        values = {"header": fold(heading.text), "stated": symbol, "column": column.name, "unit": column.unit}
        return heading, [Problem("intake.header_unit_dimension", where, values)]
    times = factor(symbol, column.unit)
    if times != 1:
        values = {
            "header": fold(heading.text),
            "stated": symbol,
            "unit": column.unit,
            "factor": f"{times.normalize():f}",
        }
        notices.append(Problem("intake.unit_converted", where, values, "notice"))
    return Heading(heading.index, heading.text, column.name, symbol, times, stated=stated), notices


def _general_unit(dimension: str, general: Mapping[str, str]) -> str | None:
    """Return the unit that the lines above the headings state for a column: of its kind, of other gases, of mass."""
    kinds = (dimension, *CARBON_DIOXIDE, "mass") if dimension in CARBON_DIOXIDE else (dimension,)
    return next((general[kind] for kind in kinds if kind in general), None)


def _other_gases(heading: Heading, column: Column, stated: str, where: Where) -> Problem:
    lower = unit(stated).dimension.partition(" per ")[0] == "carbon_dioxide"
    values = {"header": fold(heading.text), "stated": stated, "column": column.name, "unit": column.unit}
    return Problem(CO2_ALONE if lower else "intake.header_all_gases", where, values, "warning")


def _state_gases(found: Sequence[Problem], contract: TableContract, constants: dict[str, str]) -> None:
    """Rows of a file with an emission in CO2 alone say so in the column of their gases, where the table has one."""
    if GASES in contract.column_names and any(one.code == CO2_ALONE for one in found):
        constants.setdefault(GASES, "co2")


def _state_row_unit(heading: Heading, column: Column, constants: dict[str, str]) -> None:
    """A unit in the heading of a column whose unit stands in another column fills that column."""
    if column.unit.startswith("column:") and heading.unit:
        constants.setdefault(column.unit.removeprefix("column:"), heading.unit)


def _no_such_column(name: str, contract: TableContract, where: Where) -> Problem:
    values = {"column": name, "table": contract.name, "columns": list(contract.column_names)}
    return Problem(
        "intake.mapping_no_column",
        where,
        {**values, "nearest": nearest(name, contract.column_names) or NOTHING},
    )


def _without_stand_ins(
    headings: Sequence[Heading], contract: TableContract, mapping: FileMapping
) -> list[Heading]:
    """Return the headings; a stand-in for a column that another heading names outright is nobody's (and is told).

    What columns of a name are called elsewhere stands in, too; of several such the first one counts. A heading that
    the user maps is never a stand-in.
    """
    weak = {column.name: {heading_key(one) for one in column.stand_ins} for column in contract.columns}
    common = {column.name: _common_keys(column) for column in contract.columns}
    stated = {heading_key(theirs) for theirs in mapping.columns}

    def stands_in(one: Heading, by: Mapping[str, set[str]]) -> bool:
        keys = heading_keys(one.text)
        return bool(one.column) and stated.isdisjoint(keys) and not by[one.column or ""].isdisjoint(keys)

    named = {
        one.column for one in headings
        if one.column and not stands_in(one, weak) and not stands_in(one, common)
    }  # fmt: skip
    found = []
    for one in headings:
        called = stands_in(one, common)
        spare = one.column in named and (called or stands_in(one, weak))
        found.append(Heading(one.index, one.text) if spare else one)
        if called and not spare and one.column:
            named.add(one.column)
    return found


def _common_keys(column: Column) -> set[str]:
    """Return the headings that columns of this name have elsewhere and that are not of its own."""
    own = {heading_key(one) for one in (column.name, column.zh, column.en, *column.other_headings)}
    return {heading_key(one) for one in _common().get(column.name, ())} - own


def _twice(headings: Sequence[Heading], where: Where) -> list[Problem]:
    seen: dict[str, list[Heading]] = {}
    for heading in headings:
        if heading.column:
            seen.setdefault(heading.column, []).append(heading)
    return [
        Problem(
            "intake.header_twice",
            where,
            {"column": name, "headers": [f"{one.letter} {fold(one.text)}" for one in several]},
        )
        for name, several in seen.items()
        if len(several) > 1
    ]


def _missing(
    headings: Sequence[Heading], constants: Mapping[str, str], contract: TableContract, where: Where
) -> list[Problem]:
    found = {heading.column for heading in headings} | set(constants)
    spare = [fold(one.text) for one in headings if not one.column and not one.role and one.text]
    problems = []
    for column in contract.columns:
        if column.name in found or not column.in_every_file:
            continue
        if column.decided_by in found:
            problems.append(_decided(column, contract.column(column.decided_by), contract, where))
            continue
        near = next((hit for word in (column.zh, column.en, column.name) for hit in nearest(word, spare)), "")
        values = {
            "column": column.name,
            "label": {"zh": column.zh, "en": column.en},
            "table": contract.name,
            "nearest": near,
            "found": spare or NOTHING,
            "mapping": f"{(where.file or contract.name).rsplit('.', 1)[0]}.mapping.toml",
            "constant": f'{column.name} = "{column.example or next(iter(column.allowed), "…")}"',
            "allowed": _allowed_values(column),
        }
        kind = "key" if contract.key == (column.name,) else "column"  # one value for all rows is no key
        code = f"intake.required_{kind}_missing" if near else f"intake.required_{kind}_absent"
        problems.append(Problem(code, where, values))
    return problems


def _decided(column: Column, by: Column, contract: TableContract, where: Where) -> Problem:
    """Return what is told of a column that a file does not have and that another column of each row decides."""
    pairs = dict(pair.split("=", 1) for pair in column.decided)
    undecided = [value for value in by.allowed if value not in pairs]
    values = {
        "column": column.name,
        "label": {"zh": column.zh, "en": column.en},
        "by": {"zh": by.zh, "en": by.en},
        "rules": {
            "zh": "；".join(
                f"{_value_label(by, one, 'zh')} → {_value_label(column, to, 'zh')}"
                for one, to in pairs.items()
            ),
            "en": "; ".join(
                f"{_value_label(by, one, 'en')} → {_value_label(column, to, 'en')}"
                for one, to in pairs.items()
            ),
        },
        "undecided": {
            "zh": "、".join(_value_label(by, one, "zh") for one in undecided),
            "en": ", ".join(_value_label(by, one, "en") for one in undecided),
        },
    }
    return Problem("intake.column_decided", where, values, "notice")


def _value_label(column: Column, value: str, language: str) -> str:
    labels = column.allowed_zh if language == "zh" else column.allowed_en
    return dict(zip(column.allowed, labels, strict=False)).get(value, value)


def _allowed_values(column: Column) -> dict[str, str]:
    """Return what may stand in a column of listed values, for a message; "" for any other column."""
    if not column.allowed:
        return {"zh": "", "en": ""}
    listed = {
        one: [f"{value} {_value_label(column, value, one)}" for value in column.allowed]
        for one in ("zh", "en")
    }
    return {"zh": f"（可填：{'、'.join(listed['zh'])}）", "en": f" (one of: {', '.join(listed['en'])})"}


def _constant_faults(constants: Mapping[str, str], contract: TableContract, where: Where) -> list[Problem]:
    return [_no_such_column(name, contract, where) for name in constants if name not in contract.column_names]
