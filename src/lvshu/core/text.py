"""Languages, normalised text and the message catalogue."""

from __future__ import annotations

import os
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Literal

from lvshu.core.wording import filled

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

_SPACE = re.compile(r"\s+")


def normalise(text: str) -> str:
    """Return text in NFKC form (full-width to half-width), with white space collapsed and stripped."""
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip()


def language_of_environment(environment: Mapping[str, str] | None = None) -> Language:
    """Return the language a terminal user expects: LVSHU_LANG, else the locale, else English."""
    variables = os.environ if environment is None else environment
    for name in ("LVSHU_LANG", "LC_ALL", "LC_MESSAGES", "LANGUAGE", "LANG"):
        value = variables.get(name, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def read_catalogue(folder: str) -> dict[str, dict[str, Any]]:
    """Return every `*.toml` file below lvshu/catalog/<folder>, parsed, by its path without the ending.

    Raises:
        tomllib.TOMLDecodeError: a file of the package is not valid TOML.
    """
    found: dict[str, dict[str, Any]] = {}
    root = resources.files("lvshu.catalog").joinpath(folder)
    stack = [("", root)]
    while stack:
        prefix, place = stack.pop()
        if not place.is_dir():
            continue
        for entry in sorted(place.iterdir(), key=lambda item: item.name):
            if entry.is_dir():
                stack.append((f"{prefix}{entry.name}/", entry))
            elif entry.name.endswith(".toml"):
                found[prefix + entry.name[:-5]] = tomllib.loads(entry.read_text(encoding="utf-8"))
    return dict(sorted(found.items()))


@cache
def messages() -> dict[str, dict[str, Any]]:
    """Return the message catalogue: code -> {"zh": {what, why, fix}, "en": {…}}."""
    merged: dict[str, dict[str, Any]] = {}
    for content in read_catalogue("messages").values():
        merged.update(content)
    return merged


def message(code: str, part: str, language: str, values: Mapping[str, object] | None = None) -> str:
    """Return one part (what, why, fix) of a message, with its placeholders filled in.

    A value that is itself a mapping with the keys zh and en shows its text in the language asked for; forms of a word
    follow the number of things (`core.wording`).
    """
    entry = messages().get(code)
    if entry is None:
        return code if part == "what" else ""
    text = str(entry.get(language, entry.get("en", {})).get(part, ""))
    shown = {key: localised(value, language) for key, value in (values or {}).items()}
    return filled(text, shown).strip()


def localised(value: object, language: str) -> object:
    """Return the text in one language of a {"zh": …, "en": …} mapping; any other value unchanged."""
    if isinstance(value, Mapping) and language in value:
        return value[language]
    if isinstance(value, (list, tuple)):
        return ("、" if language == "zh" else ", ").join(str(localised(item, language)) for item in value)
    return value
