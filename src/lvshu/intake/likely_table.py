"""Which tables a file that none recognises comes nearest to, by all that it says: headings, required columns, names.

Three shares, each from 0 to 1 (our convention; nothing is read by it, it only orders proposals):

1. of the file's headings, those that name a column of the table; one that only resembles a name (本金余额, 余额)
   counts as far as it is alike, and one that many tables know (借据编号) less than one of few;
2. of the columns that every file of the table must have, those that headings name or resemble;
3. of the table's name, the longest part that the file's name, its sheet or the lines above the headings hold.

The harmonic mean of the first two and the third are added up: a table that asks for a loan number alone is not likely
because a file has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache

from lvshu.contract import TableContract
from lvshu.intake import layout as layouts
from lvshu.intake.heading import heading_keys, names_of
from lvshu.intake.heading_guess import likely_heading
from lvshu.intake.mapping import FileMapping
from lvshu.intake.reading import PREVIOUS
from lvshu.intake.text import heading_key

ALIKE = 0.5
"""The share that a name and a heading which holds it (or is held by it) must have in common."""
LEAST_OF_NAME = 0.5
SHORTEST = 2
"""Characters of the part of a name that says something."""
MOST_HEADINGS = 200


@dataclass(frozen=True)
class Likely:
    """A table that a file may be meant for.

    Attributes:
        table: its name.
        named: columns that headings name exactly.
        alike: further columns that headings resemble.
        evidence: of headings and names, from 0 to 2.
        words: characters of the table's name that the file's names hold.
        layout: the layout by which files of the table are published; "" for records.
    """

    table: str
    named: int
    alike: int
    evidence: float
    words: int
    layout: str


def likely_tables(
    rows: Sequence[Sequence[object]],
    said: Iterable[str],
    contracts: Mapping[str, TableContract],
    mapping: FileMapping | None = None,
) -> list[Likely]:
    """Return the tables for which a file gives any evidence, the likeliest first.

    Args:
        rows: the first rows of the file or sheet.
        said: names of the file and of the sheet.
        contracts: the input tables, by name.
        mapping: what the user states; headings that it maps are named.
    """
    place = likely_heading(rows)
    texts = (
        [] if place is None else [str(cell) for cell in rows[place] if cell is not None and str(cell).strip()]
    )
    texts = texts[:MOST_HEADINGS]
    above = [str(cell) for row in rows[: place or 0] for cell in row if cell is not None]
    names = [heading_key(text) for text in (*said, *above)]
    weights = _weights(texts, contracts)
    found = [_judged(contract, texts, names, weights, mapping) for contract in contracts.values()
             if not contract.name.endswith(PREVIOUS)]  # fmt: skip
    return sorted(
        (one for one in found if one.evidence), key=lambda one: (-one.evidence, -one.words, one.table)
    )


def _weights(texts: Sequence[str], contracts: Mapping[str, TableContract]) -> dict[str, float]:
    """Return what each heading weighs: one that a single table knows 1, one that four know a half."""
    known = [names_of(one) for one in contracts.values()]
    counts = {text: sum(any(key in names for key in heading_keys(text)) for names in known) for text in texts}
    return {text: max(count, 1) ** -0.5 for text, count in counts.items()}


def _judged(
    contract: TableContract,
    texts: Sequence[str],
    names: Sequence[str],
    weights: Mapping[str, float],
    mapping: FileMapping | None,
) -> Likely:
    known = names_of(contract)
    stated = mapping.columns if mapping else {}
    mapped = {heading_key(theirs): ours for theirs, ours in stated.items() if ours in contract.column_names}
    layout = layout_of(contract.name)
    words = _layout_words(layout) if layout else frozenset()
    given: dict[str, float] = {}
    share = 0.0
    for text in texts:
        keys = list(heading_keys(text))
        column = mapped.get(heading_key(text)) or next((known[key] for key in keys if key in known), "")
        degree = 1.0 if column or not words.isdisjoint(keys) else 0.0
        if not degree:
            column, degree = _alike(keys, known)
        share += degree * weights[text]
        if column:
            given[column] = max(given.get(column, 0.0), degree)
    whole = sum(weights[text] for text in texts) or 1.0
    required = [one.name for one in contract.columns if one.in_every_file]
    covered = sum(given.get(name, 0.0) for name in required) / len(required) if required else 0.0
    exact = sum(degree == 1.0 for degree in given.values())
    if layout:
        covered = max(covered, share / whole)  # their columns are no headings
    both = share / whole + covered
    name, words_held = _name_share(contract, names)
    evidence = (2 * share / whole * covered / both if both else 0.0) + name
    return Likely(contract.name, exact, len(given) - exact, evidence, words_held, layout)


def _alike(keys: Sequence[str], known: Mapping[str, str]) -> tuple[str, float]:
    """Return the column whose name a heading holds, or that holds it, with the share in common; ("", 0) for none."""
    best = ("", 0.0)
    for key in keys:
        for name, column in known.items():
            short, long = sorted((key, name), key=len)
            if len(short) >= SHORTEST and len(short) >= ALIKE * len(long) and short in long:
                best = max(best, (column, len(short) / len(long)), key=lambda one: one[1])
    return best


def _name_share(contract: TableContract, names: Sequence[str]) -> tuple[float, int]:
    """Return the share of a table's name, in any language, that a name of the file holds, and its length; else 0."""
    best = (0.0, 0)
    for word in (contract.name, contract.zh, contract.en, *contract.aliases):
        key = heading_key(word)
        for name in names:
            part = SequenceMatcher(None, key, name, autojunk=False).find_longest_match().size if key else 0
            if part >= SHORTEST:
                best = max(best, (part / len(key), part))
    return best if best[0] >= LEAST_OF_NAME else (0.0, 0)


@cache
def layout_of(table: str) -> str:
    """Return the layout by which a table is published, "" for a table of records."""
    return next((one.name for one in layouts.layouts() if table in one.makes), "")


def _layout_words(name: str) -> frozenset[str]:
    return layouts.layout(name).heading_words()
