"""Words for kinds of final demand: a code, or the name that a table or a result shows, in Chinese or English."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.book.economy import FINAL_NAMES
from lvshu.accounts.ledger.labels import Index
from lvshu.core.errors import MethodError, Problem
from lvshu.intake.layouts.io_labels import COLUMNS, column_code
from lvshu.intake.text import heading_key

OTHER_NAMES = {heading_key(name[language]): kind for kind, name in FINAL_NAMES.items() for language in name}


def find_final(index: Index, words: str) -> NDArray[np.int64]:
    """Return the places that words mean among kinds of final demand: a label or a part of it, or a kind's name.

    Args:
        index: c columns of final demand.
        words: such as "government", "政府消费", "Government consumption", "Shanghai/government".

    Returns:
        Places, shape (1..c,), without unit.

    Raises:
        MethodError: accounts.no_such_final, with all that may be given and what each is called.
    """
    try:
        return index.find(words)
    except MethodError:
        *before, last = [part.strip() for part in words.split("/")]
        kind = kind_of(last)
    try:
        return index.find("/".join([*before, kind]))
    except MethodError:
        known: list[object] = [_shown(name) for name in index.names(index.levels[-1])]
        raise MethodError(
            Problem("accounts.no_such_final", values={"label": words, "known": known})
        ) from None


def kind_of(words: str) -> str:
    """Return the code of a kind of final demand by its name, else the words as they are."""
    code = column_code([words])
    return OTHER_NAMES.get(heading_key(words)) or (COLUMNS[code][0] if code in COLUMNS else words)


def _shown(code: str) -> object:
    name = FINAL_NAMES.get(code)
    if name is None:
        return code
    return {"zh": f"{code}（{name['zh']}）", "en": f"{code} ({name['en']})"}
