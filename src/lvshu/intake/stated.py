"""Values that a person states for columns of a table: judged by the SQL that types the cells of every file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import TableContract
from lvshu.core.errors import Problem
from lvshu.engine.duckdb import DuckDB
from lvshu.intake.heading import Heading, HeadingMatch
from lvshu.intake.hints import Hints
from lvshu.intake.pack_words import words_of
from lvshu.intake.quarantine import Fault, Quarantine
from lvshu.intake.sources import cleaned
from lvshu.intake.text import fold
from lvshu.intake.typed import Staged, code_table, typed_select
from lvshu.intake.whose import Refused

Stated = tuple[str, str]
"""A column of the table and the text stated for it."""


def stated_problems(
    contract: TableContract, stated: Sequence[Stated], packs: PackLibrary
) -> dict[Stated, Problem]:
    """Return what is wrong with values that are stated, each judged alone; nothing for those that can stand.

    Args:
        contract: of the table.
        stated: columns and texts; blank texts are not judged.
        packs: the packs whose codes the contract names.

    Raises:
        ContractError: the table has no such column.
        PackError: a pack of the contract is missing or broken.
    """
    wanted = [one for one in dict.fromkeys(stated) if fold(one[1])]
    if not wanted:
        return {}
    names = list(dict.fromkeys(contract.column(name).name for name, _ in wanted))
    headings = tuple(Heading(place, name, name) for place, name in enumerate(names))
    cells: dict[str, pa.Array] = {"row_number": pa.array(range(1, len(wanted) + 1), pa.int64())}
    for heading in headings:
        texts = [text if name == heading.column else "" for name, text in wanted]
        cells[f"h{heading.index}"] = pa.array(texts, pa.string())
    alone = replace(contract, rules=())
    hints = Hints(packs)
    found: dict[Stated, Problem] = {}
    with DuckDB() as engine:
        engine.load_rows("stated", cleaned(pa.table(cells)))
        for column in contract.columns:
            if column.codes and column.name in names:
                codes = pa.table({"code": pa.array(hints.codes_of(column), pa.string())})
                engine.load_rows(code_table(column), codes)
        plain = tuple(one if one.name in names else replace(one, codes="") for one in alone.columns)
        alone = replace(alone, columns=plain)
        staged = Staged("stated", 1, HeadingMatch(headings, {}, ()), {}, {}, layout=True)
        rows = engine.execute(f"SELECT source_row, marks FROM ({typed_select(alone, staged)}) ORDER BY 1")
        told = Quarantine(engine, contract, hints, Refused({}, {}, of_institutions=False))
        for number, marks in rows:
            one = wanted[int(number) - 1]
            for mark in str(marks or "").split(";"):
                kind, column_name, code = (*mark.split("|"), "", "")[:3]
                if kind == "x" and column_name == one[0]:
                    found.setdefault(one, told.problem_of(Fault(int(number), one[0], code), fold(one[1])))
    return found | _unknown_words(contract, wanted, packs, found)


def _unknown_words(
    contract: TableContract, stated: Sequence[Stated], packs: PackLibrary, known: Mapping[Stated, Problem]
) -> dict[Stated, Problem]:
    """Return the problem of each text that is no name of the pack whose rows its column names."""
    found: dict[Stated, Problem] = {}
    for one in stated:
        column = contract.column(one[0])
        if one in known or not column.words or column.codes or column.words not in packs:
            continue
        pack = packs[column.words]
        if fold(one[1]).casefold() not in words_of(pack.rows, pack.card.key[0]):
            values = {
                "value": fold(one[1]),
                "pack": column.words,
                "label": {"zh": column.zh, "en": column.en},
            }
            found[one] = Problem("intake.stated_unknown_word", values=values)
    return found
