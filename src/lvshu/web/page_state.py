"""What a reader chose on a page, in words: levers, filters, which runs; it goes with whatever is taken from it."""

from __future__ import annotations

from collections.abc import Sequence

from lvshu.publish.texts import NO_TEXT, Text
from lvshu.web.view import PageView
from lvshu.web.words import word

State = tuple[tuple[Text, Text], ...]


def state_of(view: PageView) -> State:
    """Return (name, value) of what was chosen: the sister page, what the choices stand at, what the page adds."""
    part = tuple((word("state.part"), one.text) for one in view.tabs if one.current)
    chosen = tuple(
        (one.label, text) for one in view.choices for value, text in one.options if value == one.chosen
    )
    return (*part, *chosen, *view.state)


def state_told(state: Sequence[tuple[Text, Text]]) -> Text:
    """Return a state in one line; empty where nothing was chosen."""
    parts = [name + word("colon") + value for name, value in state]
    told = parts[0] if parts else NO_TEXT
    for part in parts[1:]:
        told = told + word("semicolon") + part
    return told
