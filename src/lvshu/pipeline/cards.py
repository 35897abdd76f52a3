"""Method cards: what a method is, by which formula, clause and source."""

from __future__ import annotations

from functools import cache
from typing import Any

from lvshu.core.text import read_catalogue


@cache
def method_cards() -> dict[str, dict[str, Any]]:
    """Return every method card by its id."""
    found: dict[str, dict[str, Any]] = {}
    for content in read_catalogue("methods").values():
        found.update(content)
    return found


def method_card(method: str | None) -> dict[str, Any] | None:
    """Return the card of a method, with its id; None where no method is named or no card is kept."""
    card = method_cards().get(method or "")
    return None if card is None else {"id": method, **card}
