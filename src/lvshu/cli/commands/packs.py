"""lvshu packs: what the packs are, who issued them, and how complete they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.text import Text

from lvshu.catalog.pack_library import PackCard, PackLibrary
from lvshu.cli.console import Output
from lvshu.store.config import FILE_NAME

_STYLES = {"complete": "green", "partial": "yellow", "placeholder": "red"}


def execute(*, language: str, as_json: bool, path: Path, pack: str, check_all: bool) -> int:
    """Print the packs, one pack, or the faults of all. Returns the exit code: 1 where a pack is broken."""
    output = Output(language, as_json)
    library = PackLibrary.load(path / "packs" if (path / FILE_NAME).exists() else None)
    if check_all:
        return _check(output, library)
    if pack:
        return _one(output, library, pack)
    cards = [(library.card(name), library.places[name].origin) for name in library]
    output.json({"ok": True, "packs": [_card(card, origin) for card, origin in cards]})
    output.table(
        [
            output.text("code"),
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
