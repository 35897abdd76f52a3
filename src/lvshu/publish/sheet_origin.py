"""What the origin sheet of a workbook says: the run, its settings, inputs, packs, methods, licence, citation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lvshu.publish.origins import citation, document_text, used_methods
from lvshu.publish.reader import Reader
from lvshu.publish.texts import code_label, table_label, ui
from lvshu.publish.translated import translated

_INPUTS = ("file", "sheet", "table", "rows_read", "rows_kept", "rows_quarantined", "sha256")
_PACKS = ("pack", "completeness", "missing", "issuer", "document", "licence", "source", "sha256")
_METHODS = ("method", "column.code", "clause", "formula", "source", "limits")


@dataclass(frozen=True)
class Block:
    """One block of the sheet: a title, the names of its columns, its rows."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


def origin_blocks(reader: Reader, language: str) -> tuple[Block, ...]:
    """Return the blocks of the origin sheet in a language, top to bottom."""

    def word(key: str) -> str:
        return ui(key).of(language)

    def block(name: str, keys: Sequence[str], rows: Sequence[Sequence[object]]) -> Block:
        return Block(
            word(f"origin.{name}"), tuple(word(key) for key in keys), tuple(tuple(row) for row in rows)
        )

    pair = ("column.what", "column.value")
    run = reader.run
    facts = [(key, str(value)) for key, value in run.items() if key != "settings" and value is not None]
    settings = json.loads(str(run.get("settings") or "{}"))
    cite = Block(
        word("cite"),
        (word("licence"), word("cite")),
        ((word("licence_text"), citation(reader).of(language)),),
    )
    return (
        block("run", pair, facts),
        block("settings", pair, [(key, _plain(value)) for key, value in settings.items()]),
        block("inputs", [f"column.{key}" for key in _INPUTS], _inputs(reader, language)),
        block("packs", [f"column.{key}" for key in _PACKS], _packs(reader, language)),
        block("methods", _METHODS, _methods(reader, language)),
        cite,
    )


def _inputs(reader: Reader, language: str) -> list[list[object]]:
    kept = ("rows_read", "rows_kept", "rows_quarantined", "sha256")
    return [
        [row["file"], row["sheet"], table_label(row["table_name"]).of(language), *(row[key] for key in kept)]
        for row in reader.rows("input_file")
    ]


def _packs(reader: Reader, language: str) -> list[list[object]]:
    return [_pack(row, language) for row in reader.packs.values()]


def _pack(row: dict[str, Any], language: str) -> list[object]:
    state = code_label("completeness", row["completeness"]).of(language)
    licence, source, issuer = (translated(row[key]).of(language) for key in ("licence", "source", "issuer"))
    document = document_text(row).of(language)
    note = row[f"note_{language}"]
    return [row[language] or row["pack"], state, note, issuer, document, licence, source, row["sha256"]]


def _methods(reader: Reader, language: str) -> list[list[object]]:
    return [
        [card["name"].of(language), card["id"], *(card[key].of(language) for key in _METHODS[2:])]
        for card in used_methods(reader)
    ]


def _plain(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value
