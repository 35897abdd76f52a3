"""What packs, cards and inputs state in one language, told in both where the other is known."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

from lvshu.publish.texts import NO_TEXT, Text, joined, same

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_BETWEEN = " / "


@cache
def _known() -> tuple[dict[str, Text], dict[str, Text]]:
    """Return (issuers, other texts), each by its Chinese and by its English."""
    raw = resources.files("lvshu.publish").joinpath("translations.toml").read_text(encoding="utf-8")
    content = tomllib.loads(raw)
    made = []
    for kind in ("issuer", "text"):
        found: dict[str, Text] = {}
        for entry in content[kind]:
            text = Text(entry["zh"], entry["en"])
            for name in (text.zh, text.en):
                found.setdefault(name, text)
        made.append(found)
    return made[0], made[1]


def translated(text: str | None) -> Text:
    """Return a text in both languages: as the catalogue has it, or as it states both itself (中文 / English).

    A text that is known in one language only is the same in both: a citation, a name, a word of the user's own.
    """
    if not text:
        return NO_TEXT
    issuers, texts = _known()
    found = texts.get(text) or issuers.get(text)
    if found is not None:
        return found
    return _stated(text) or _listed(text) or same(text)


def _stated(text: str) -> Text | None:
    """Return both halves of a text that states itself twice."""
    at = text.find(_BETWEEN)
    while at >= 0:
        left, right = text[:at], text[at + len(_BETWEEN) :]
        if _CHINESE.search(left) and not _CHINESE.search(right):
            return Text(left, right)
        at = text.find(_BETWEEN, at + 1)
    return None


def _listed(text: str) -> Text | None:
    """Return a list of issuers whose names are all known."""
    issuers, texts = _known()
    groups = [[part.strip() for part in group.split("、")] for group in text.split("；")]
    if sum(len(group) for group in groups) < 2:
        return None
    known = {
        part: issuers.get(part) or texts.get(part) or (None if _CHINESE.search(part) else same(part))
        for group in groups
        for part in group
    }
    if any(one is None for one in known.values()):
        return None
    told = [joined([known[part] or same(part) for part in group]) for group in groups]
    return Text("；".join(one.zh for one in told), "; ".join(one.en for one in told))
