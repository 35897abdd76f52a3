"""The words by which people name the rows of a pack, and the codes that they mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from lvshu.intake.text import fold

_NOTE = re.compile(r"\s*\([^()]*\)$")


def words_of(rows: Iterable[Mapping[str, object]], key: str) -> dict[str, str]:
    """Return the code that each name means, as compared (folded, case-blind).

    A row is named by its code, its names, its aliases, and each of these without a note in brackets at its end
    (水泥熟料（产量） is 水泥熟料). A name that two rows bear means neither; a whole name goes before a shortened one.

    Args:
        rows: with name_zh, name_en and maybe aliases (separated by |).
        key: the column of the code.
    """
    whole: dict[str, set[str]] = {}
    short: dict[str, set[str]] = {}
    for row in rows:
        code = str(row[key])
        for word in (code, row["name_zh"], row["name_en"], *str(row.get("aliases") or "").split("|")):
            name = fold(str(word or "")).casefold()
            if name:
                whole.setdefault(name, set()).add(code)
                short.setdefault(_NOTE.sub("", name), set()).add(code)
    found = {name: min(codes) for name, codes in short.items() if name and len(codes) == 1}
    found |= {name: min(codes) for name, codes in whole.items() if len(codes) == 1}
    return {name: code for name, code in found.items() if name not in whole or len(whole[name]) == 1}
