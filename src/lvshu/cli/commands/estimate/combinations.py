"""Combinations of lists that a table of counts does not have: they are taken as seen on nobody, and that is told."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from lvshu.core.wording import filled
from lvshu.intake.columns import ColumnTable

SHOWN = 6
"""Combinations named in a note."""


def uncounted(table: ColumnTable, lists: Sequence[str], stratum: str) -> tuple[tuple[str, str], ...]:
    """Return a note, in both languages, that names the combinations without a row; () where none lacks.

    Args:
        table: of counts, a row for each combination.
        lists: columns of the lists, 0 or 1.
        stratum: column of strata; "" for none.

    Source: none; bookkeeping.
    """
    strata = table.labels[stratum] if stratum else [""] * len(table.rows)
    rows = zip(strata, *(table.numbers[name] for name in lists), strict=True)
    there = {(own, tuple(int(one) for one in flags)) for own, *flags in rows}
    every = [one for one in product((1, 0), repeat=len(lists)) if any(one)]
    lacking = [
        " ".join([*([own] if stratum else []), "".join(map(str, one))])
        for own in sorted(set(strata))
        for one in every
        if (own, one) not in there
    ]
    if not lacking:
        return ()
    told, more = ", ".join(lacking[:SHOWN]), ", …" if len(lacking) > SHOWN else ""
    order = ", ".join(lists)
    return ((
        f"表中没有 {len(lacking)} 种名单组合的行，当作没有人：{told}{more}（依次为 {order}；1 表示在名单上）。"
        "不知道人数的组合不能这样处理，请补上",
        filled(
            "{count:# combination of lists has|# combinations of lists have} no row and {count:is|are} taken as "
            "nobody: ",
            {"count": len(lacking)},
        )
        + f"{told}{more} (in the order {order}; 1: on the list). Where the number is not known it is not zero: supply "
        "it",
    ),)  # fmt: skip
