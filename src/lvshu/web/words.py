"""The workbench's own words, in Chinese and English; the publications' words stand beside them."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from lvshu.publish.texts import Text, catalogue, ui


@cache
def own_words() -> dict[str, Any]:
    """Return the entries of words.toml, parsed."""
    return tomllib.loads(resources.files("lvshu.web").joinpath("words.toml").read_text(encoding="utf-8"))


def word(key: str, **values: object) -> Text:
    """Return a text by its key: of the workbench, else of the publications.

    Raises:
        KeyError: there is no such text.
    """
    entry = own_words()["word"].get(key)
    if entry is None:
        return ui(key, **values)
    text = Text(entry["zh"], entry["en"])
    return text.filled(**values) if values else text


def has_word(key: str) -> bool:
    """Return whether there is a text of this key."""
    return key in own_words()["word"] or key in catalogue()["ui"]


@cache
def glossary() -> tuple[tuple[Text, Text], ...]:
    """Return the terms of the glossary with their meanings."""
    return tuple(
        (Text(entry["zh"], entry["en"]), Text(entry["meaning_zh"], entry["meaning_en"]))
        for entry in own_words()["glossary"]
    )
