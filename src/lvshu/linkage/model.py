"""What a linkage compares and where it looks: comparisons, block keys, and the two together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

EXACT, NAME, TYPO, DATE, DICE, WORDS, TRADE, HASHED = KINDS = (
    "exact", "name", "typo", "date", "dice", "words", "trade", "hashed",
)  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """How one column of two records is compared; where either is missing it tells nothing.

    column: the column. kind: exact (equal or not); name (equal, close by Jaro-Winkler at two bounds); typo (equal,
    one or two slips away); date (digits of a date: equal, one slip, same year); dice (Bloom filters as hexadecimal
    text, by shares of common bits); words (lists of words, by their common share); trade (trade
    names of enterprises: equal, one slip in three characters or more, one within the other); hashed (a hash: equal;
    else its Bloom filter, in the column that `filter` names, by shares of common bits: one name is compared once).
    rare: whether agreement on a rare value weighs more than on a common one (term frequency).
    bounds: similarities of the levels below equal, falling; the defaults of the kind when empty.
    one_has: a column that one of the two records has and the other has not, else they are not compared in this one:
    what
    two records are compared by in pinyin is known of them already where both have characters.
    """

    column: str
    kind: str = EXACT
    rare: bool = False
    bounds: tuple[float, ...] = ()
    filter: str = ""
    one_has: str = ""


@dataclass(frozen=True)
class BlockKey:
    """Where to look: records are compared when the key is equal.

    name: what it is called in reports. sql: expression over the columns of records; NULL puts a record in no block.
    split: finer expressions, in order, added to the key of blocks that are too large.
    compared: columns that the key holds equal, which say nothing more within its blocks.
    """

    name: str
    sql: str
    split: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()


@dataclass(frozen=True)
class LinkModel:
    """Comparisons and keys of one kind of record.

    training: names of the keys whose blocks teach how often true pairs agree; together they should leave every
    comparison free in at least one.
    """

    name: str
    comparisons: Sequence[Comparison]
    keys: Sequence[BlockKey]
    training: Sequence[str] = ()

    def key(self, name: str) -> BlockKey:
        """Return the key of a name.

        Raises:
            KeyError: there is none.
        """
        return {key.name: key for key in self.keys}[name]
