"""The card of a pack: issuer, document, clause, dates, licence, source, completeness and columns."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from lvshu.core.errors import Problem, Where

REQUIRED_TEXTS = ("id", "kind", "zh", "en", "completeness")
JUSTIFIABLE_TEXTS = (
    "issuer",
    "document_number",
    "clause",
    "published",
    "effective_from",
    "effective_to",
    "licence",
    "source",
)
DATES = ("published", "effective_from", "effective_to")
COMPLETENESS = ("complete", "partial", "placeholder")
COLUMN_TYPES = ("text", "code", "date", "year", "integer", "decimal", "boolean", "unit")


@dataclass(frozen=True)
class PackColumn:
    """One column of a pack's data.

    references names the column whose values are allowed: "code" (this pack) or "gbt4754_2017.code" (another).
    separator marks a column that holds a list; each item is then checked.
    """

    name: str
    type: str
    zh: str
    en: str
    unit: str | None = None
    required: bool = False
    pattern: str | None = None
    allowed: tuple[str, ...] = ()
    minimum: str | None = None
    maximum: str | None = None
    references: str | None = None
    separator: str | None = None


@dataclass(frozen=True)
class PackCard:
    """What a pack says of itself. An absent text (None) has its reason in `absent`."""

    id: str
    kind: str
    zh: str
    en: str
    issuer: str | None
    document_number: str | None
    clause: str | None
    published: date | None
    effective_from: date | None
    effective_to: date | None
    licence: str | None
    source: str | None
    completeness: str
    completeness_note_zh: str
    completeness_note_en: str
    key: tuple[str, ...]
    columns: tuple[PackColumn, ...]
    purposes: tuple[str, ...] = ()
    absent: Mapping[str, str] = field(default_factory=dict)

    def column(self, name: str) -> PackColumn:
        """Return the column of that name.

        Raises:
            KeyError: no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def in_force(self, on: date) -> bool:
        """Return whether the pack is in force on that day; an open end counts as in force."""
        started = self.effective_from is None or self.effective_from <= on
        return started and (self.effective_to is None or on <= self.effective_to)


def read_card(path: Path, *, expected_id: str) -> tuple[PackCard | None, list[Problem]]:
    """Return the card in the TOML file and every problem found in it.

    Args:
        path: file of the card.
        expected_id: id that the folder or the file name gives.

    Returns:
        The card, or None when the file is not TOML or names no columns; and all problems, not only the first.
    """
    where = Where(file=str(path))
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return None, [Problem("packs.card_not_toml", where, {"detail": str(error)})]
    problems = _text_problems(raw, where, expected_id)
    columns, column_problems = _columns(raw, where)
    problems += column_problems
    key = tuple(raw.get("key", ()))
    names = {column.name for column in columns}
    if columns and (not key or not set(key) <= names):
        values = {"key": ", ".join(key) or "-", "columns": ", ".join(sorted(names))}
        problems.append(Problem("packs.card_key", where, values))
        key = tuple(name for name in key if name in names)
    dates, date_problems = _dates(raw, where)
    problems += date_problems
    if not columns:
        return None, problems
    return _card(raw, expected_id, key, columns, dates), problems


def _card(
    raw: Mapping[str, object],
    expected_id: str,
    key: tuple[str, ...],
    columns: tuple[PackColumn, ...],
    dates: Mapping[str, date | None],
) -> PackCard:
    purposes = raw.get("purposes", [])
    absent = raw.get("absent", {})
    return PackCard(
        id=expected_id,
        kind=_text(raw, "kind") or "",
        zh=_text(raw, "zh") or "",
        en=_text(raw, "en") or "",
        issuer=_text(raw, "issuer"),
        document_number=_text(raw, "document_number"),
        clause=_text(raw, "clause"),
        licence=_text(raw, "licence"),
        source=_text(raw, "source"),
        completeness=_text(raw, "completeness") or "",
        completeness_note_zh=_text(raw, "completeness_note_zh") or "",
        completeness_note_en=_text(raw, "completeness_note_en") or "",
        key=key,
        columns=columns,
        purposes=tuple(str(item) for item in purposes) if isinstance(purposes, list) else (),
        absent={str(k): str(v) for k, v in absent.items()} if isinstance(absent, dict) else {},
        **dates,
    )


def _text(raw: Mapping[str, object], name: str) -> str | None:
    value = raw.get(name)
    return str(value).strip() or None if value is not None else None


def _text_problems(raw: Mapping[str, object], where: Where, expected_id: str) -> list[Problem]:
    problems = []
    absent = raw.get("absent", {})
    reasons = absent if isinstance(absent, dict) else {}
    for name in REQUIRED_TEXTS:
        if _text(raw, name) is None:
            problems.append(Problem("packs.card_field_missing", where, {"field": name}))
    for name in JUSTIFIABLE_TEXTS:
        if _text(raw, name) is None and not str(reasons.get(name, "")).strip():
            problems.append(Problem("packs.card_field_missing", where, {"field": name}))
    stated = _text(raw, "id")
    if stated is not None and stated != expected_id:
        problems.append(Problem("packs.card_id", where, {"stated": stated, "expected": expected_id}))
    completeness = _text(raw, "completeness")
    if completeness is not None and completeness not in COMPLETENESS:
        problems.append(
            Problem(
                "packs.card_completeness",
                where,
                {"value": completeness, "allowed": ", ".join(COMPLETENESS)},
            )
        )
    if completeness in ("partial", "placeholder"):
        for name in ("completeness_note_zh", "completeness_note_en"):
            if _text(raw, name) is None:
                problems.append(Problem("packs.card_field_missing", where, {"field": name}))
    return problems


def _dates(raw: Mapping[str, object], where: Where) -> tuple[dict[str, date | None], list[Problem]]:
    dates: dict[str, date | None] = {}
    problems = []
    for name in DATES:
        text = _text(raw, name)
        dates[name] = None
        if text is None:
            continue
        try:
            dates[name] = date.fromisoformat(text)
        except ValueError:
            problems.append(Problem("packs.card_date", where, {"field": name, "value": text}))
    start, end = dates["effective_from"], dates["effective_to"]
    if start is not None and end is not None and end < start:
        problems.append(Problem("packs.dates_reversed", where, {"start": start, "end": end}))
    return dates, problems


def _columns(raw: Mapping[str, object], where: Where) -> tuple[tuple[PackColumn, ...], list[Problem]]:
    listed = raw.get("column", [])
    if not isinstance(listed, list) or not listed:
        return (), [Problem("packs.card_no_columns", where)]
    columns: list[PackColumn] = []
    problems: list[Problem] = []
    for number, entry in enumerate(listed, start=1):
        missing = [name for name in ("name", "type", "zh", "en") if not str(entry.get(name, "")).strip()]
        label = str(entry.get("name", f"#{number}"))
        if missing:
            values = {"column": label, "fields": ", ".join(missing)}
            problems.append(Problem("packs.card_column_incomplete", where, values))
        if entry.get("type", "text") not in COLUMN_TYPES:
            values = {"column": label, "type": entry["type"], "allowed": ", ".join(COLUMN_TYPES)}
            problems.append(Problem("packs.card_column_type", where, values))
        if not _is_pattern(entry.get("pattern")):
            values = {"column": label, "pattern": entry["pattern"]}
            problems.append(Problem("packs.card_column_pattern", where, values))
            entry = {**entry, "pattern": None}
        if entry.get("name"):
            columns.append(_column(entry))
    return tuple(columns), problems


def _is_pattern(text: object) -> bool:
    if text is None:
        return True
    try:
        re.compile(str(text))
    except re.error:
        return False
    return True


def _column(entry: Mapping[str, object]) -> PackColumn:
    allowed = entry.get("allowed", [])
    kind = str(entry.get("type", "text"))
    return PackColumn(
        name=str(entry["name"]),
        type=kind if kind in COLUMN_TYPES else "text",
        zh=str(entry.get("zh", "")),
        en=str(entry.get("en", "")),
        unit=_text(entry, "unit"),
        required=bool(entry.get("required", False)),
        pattern=_text(entry, "pattern"),
        allowed=tuple(str(item) for item in allowed) if isinstance(allowed, list) else (),
        minimum=_text(entry, "minimum"),
        maximum=_text(entry, "maximum"),
        references=_text(entry, "references"),
        separator=str(entry["separator"]) if entry.get("separator") else None,
    )
