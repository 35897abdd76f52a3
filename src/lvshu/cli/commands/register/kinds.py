"""The kind of unit that a command is asked for."""

from __future__ import annotations

from lvshu.core.errors import InputError, Problem
from lvshu.statistics.register.keys import ENTERPRISE, KINDS, PERSON

WORDS = {"企业": ENTERPRISE, "个人": PERSON, "": ""}


def kind_asked(text: str, *, otherwise: str = "") -> str:
    """Return the kind named, or another where none is.

    Raises:
        InputError: statistics.register_kind: no such kind.
    """
    found = WORDS.get(text.strip().lower(), text.strip().lower()) or otherwise
    if found and found not in KINDS:
        raise InputError(Problem("statistics.register_kind", values={"found": text, "known": list(KINDS)}))
    return found
