"""Names and codes that the pack of their column does not know: kept, and told with the names that come near."""

from __future__ import annotations

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import TableContract
from lvshu.core.errors import Problem, Where
from lvshu.engine.duckdb import DuckDB
from lvshu.intake.pack_words import words_of
from lvshu.intake.text import NOTHING, fold, nearest, quoted

OWN_FACTOR = "factor"
"""A row with a factor of its own needs none of the pack."""
CODE_LIST = "code_list"
"""A kind of pack that names things and has no factors."""
_LISTED = 8


def unknown_words(engine: DuckDB, contract: TableContract, packs: PackLibrary) -> list[Problem]:
    """Return a warning for each value of a column of pack names that the pack does not know.

    Args:
        engine: with the table as it was read.
        contract: its contract.
        packs: the packs of the run, the user's own included.
    """
    found: list[Problem] = []
    for column in contract.columns:
        if not column.words or column.codes or column.words not in packs:
            continue
        pack = packs[column.words]
        words = words_of(pack.rows, pack.card.key[0])
        name, table = quoted(column.name), quoted(contract.name)
        lacking = f" AND {OWN_FACTOR} IS NULL" if OWN_FACTOR in contract.column_names else ""
        rows = engine.execute(
            f"SELECT {name}, count(*), min(source_row) FROM {table} WHERE {name} IS NOT NULL{lacking} "
            f"GROUP BY 1 ORDER BY 2 DESC, 1"
        )
        unknown = [row for row in rows if fold(str(row[0])).casefold() not in words]
        for value, count, row in unknown[:_LISTED]:
            close = near_words(str(value), words)
            near = list(dict.fromkeys(one if words[one] == one else f"{words[one]} {one}" for one in close))
            values = {"value": value, "count": count, "row": row, "column": column.name, "pack": column.words,
                      "label": {"zh": column.zh, "en": column.en}, "near": near or NOTHING}  # fmt: skip
            code = "intake.unknown_name" if pack.card.kind == CODE_LIST else "intake.unknown_word"
            found.append(Problem(code, Where(file=contract.name), values, "warning"))
    return found


def near_words(value: str, words: dict[str, str], count: int = 3) -> tuple[str, ...]:
    """Return the names of a pack that come near a value: those that hold it or are held by it, then by spelling."""
    asked = fold(value).casefold()
    holding = sorted((one for one in words if asked in one or (len(one) > 1 and one in asked)), key=len)
    return tuple(dict.fromkeys((*holding, *nearest(asked, words, count=count))))[:count]
