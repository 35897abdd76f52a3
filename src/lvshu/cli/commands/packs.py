"""lvshu packs: what the packs are, who issued them, and how complete they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.text import Text

from lvshu.catalog.pack_library import PackCard, PackLibrary
from lvshu.cli.console import Output
from lvshu.intake.text import fold
from lvshu.store.config import FILE_NAME

MOST = 500
"""Rows that a terminal shows; --json has all."""
_STYLES = {"complete": "green", "partial": "yellow", "placeholder": "red"}


def execute(
    *,
    language: str,
    as_json: bool,
    path: Path,
    pack: str,
    check_all: bool,
    rows: bool = False,
    find: str = "",
) -> int:
    """Print the packs, one pack, or the faults of all. Returns the exit code: 1 where a pack is broken."""
    output = Output(language, as_json)
    library = PackLibrary.load(path / "packs" if (path / FILE_NAME).exists() else None)
    if check_all:
        return _check(output, library)
    if pack and (rows or find):
        return _rows(output, library, pack, find)
    if pack:
        return _one(output, library, pack)
    cards = [(library.card(name), library.places[name].origin) for name in library]
    output.json({"ok": True, "packs": [_card(card, origin) for card, origin in cards]})
    output.table(
        [
            output.text("word.code"),
            output.text("name"),
            output.text("completeness"),
            output.text("issuer"),
            output.text("document"),
            output.text("note"),
        ],
        [
            (
                card.id,
                getattr(card, language),
                _standing(output, card),
                card.issuer,
                card.document_number,
                getattr(card, f"completeness_note_{language}") if card.completeness != "complete" else "",
            )
            for card, _ in cards
        ],
    )
    return 0


def _check(output: Output, library: PackLibrary) -> int:
    problems = library.check()
    errors = [problem for problem in problems if problem.severity == "error"]
    output.json(
        {"ok": not errors, "errors": [problem.as_json() for problem in problems], "packs": len(library)}
    )
    output.problems(problems)
    if not errors:
        output.say(output.text("packs.clean", count=len(library)))
    return 1 if errors else 0


def _one(output: Output, library: PackLibrary, name: str) -> int:
    pack = library[name]
    card = pack.card
    content = _card(card, pack.origin)
    content |= {"rows": len(pack.rows), "sha256": pack.sha256}
    content["columns"] = [
        {"name": one.name, "zh": one.zh, "en": one.en, "type": one.type, "unit": one.unit}
        for one in card.columns
    ]
    output.json({"ok": True, "pack": content})
    output.heading(f"{getattr(card, output.language)} ({card.id})")
    rows: list[tuple[str, object]] = [
        (output.text("completeness"), _standing(output, card)),
        (output.text("note"), getattr(card, f"completeness_note_{output.language}")),
        (output.text("issuer"), card.issuer),
        (output.text("document"), card.document_number),
        (output.text("clause"), card.clause),
        (output.text("published"), card.published),
        (output.text("in_force"), f"{card.effective_from or '–'} … {card.effective_to or ''}"),
        (output.text("licence"), card.licence),
        (output.text("source"), card.source),
        (output.text("origin"), output.text(f"origin.{pack.origin}")),
        (output.text("rows"), len(pack.rows)),
        ("SHA-256", pack.sha256),
    ]
    output.table(["", ""], [row for row in rows if row[1] not in (None, "")])
    output.heading(output.text("columns"))
    output.table(
        [output.text("column"), output.text("name"), output.text("unit")],
        [(one.name, getattr(one, output.language), one.unit) for one in card.columns],
    )
    return 0


def _rows(output: Output, library: PackLibrary, name: str, find: str) -> int:
    """Print the rows of a pack, those that hold a text in any column where one is given."""
    pack = library[name]
    asked = fold(find).casefold()
    found = [
        row for row in pack.rows if asked in fold(" ".join(str(one or "") for one in row.values())).casefold()
    ]
    names = [column.name for column in pack.card.columns]
    output.json({"ok": True, "pack": name, "rows_in_all": len(pack.rows), "rows": [
        {key: None if row.get(key) is None else str(row.get(key)) for key in names} for row in found
    ]})  # fmt: skip
    other = "en" if output.language == "zh" else "zh"
    told = {name for name in names if any(row.get(name) is not None for row in found)}
    shown = [
        one for one in pack.card.columns
        if one.name != "source" and one.name in told
        and not (one.name.endswith(f"_{other}") and f"{one.name[:-3]}_{output.language}" in told)
    ]  # fmt: skip
    output.table(
        [getattr(one, output.language) for one in shown],
        [
            tuple("" if row.get(one.name) is None else str(row.get(one.name)) for one in shown)
            for row in found[:MOST]
        ],
    )
    shown_rows = min(len(found), MOST)
    told_rows = output.text("packs.rows_shown", shown=shown_rows, found=len(found), all=len(pack.rows))
    output.say(told_rows, style="dim")
    return 0


def _standing(output: Output, card: PackCard) -> Text:
    return Text(output.text(card.completeness), style=_STYLES[card.completeness])


def _card(card: PackCard, origin: str) -> dict[str, Any]:
    names = (
        "id",
        "kind",
        "zh",
        "en",
        "issuer",
        "document_number",
        "clause",
        "published",
        "effective_from",
        "effective_to",
        "licence",
        "source",
        "completeness",
        "completeness_note_zh",
        "completeness_note_en",
    )
    return {**{name: getattr(card, name) for name in names}, "origin": origin}
