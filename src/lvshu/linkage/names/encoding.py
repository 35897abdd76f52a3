"""Parsed names as arrays: character codes, and numbers in place of the words that are compared as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from lvshu.core.enterprise_name import HAN, LATIN, EnterpriseName, NameWords, abbreviations

WIDTH = 32
WORDS = 6
REGIONS = 4
PINYIN = "pinyin"
"""Script of a name whose trade name stands in pinyin letters, whatever it was written in."""
SCRIPTS = {"": 0, HAN: 1, LATIN: 2, PINYIN: 3}


@dataclass
class Numbers:
    """Numbers for texts, the same for queries and candidates; 0 is no text."""

    known: dict[str, int] = field(default_factory=lambda: {"": 0})

    def of(self, text: str) -> int:
        """Return the number of a text."""
        return self.known.setdefault(text, len(self.known))


@dataclass(frozen=True)
class EncodedNames:
    """Names as arrays, one row a name.

    core, trade: character codes padded with 0, int32, shape (names, WIDTH); core_length, trade_length: shape (names,).
    full, core_id, trade_id, form, branch: numbers of texts, shape (names,), 0 where there is none.
    words: numbers of the words of industry, or of a Latin name's words, shape (names, WORDS).
    regions: the region named last and those above it, shape (names, REGIONS).
    short: numbers of the abbreviations custom would make, shape (names, 2).
    group, regional: whether it says 集团; whether a region stands for the trade name. Both shape (names,).
    script: 0 empty, 1 han, 2 latin, 3 pinyin.
    """

    core: np.ndarray
    core_length: np.ndarray
    trade: np.ndarray
    trade_length: np.ndarray
    full: np.ndarray
    core_id: np.ndarray
    trade_id: np.ndarray
    form: np.ndarray
    branch: np.ndarray
    words: np.ndarray
    regions: np.ndarray
    short: np.ndarray
    group: np.ndarray
    regional: np.ndarray
    script: np.ndarray

    def __len__(self) -> int:
        return len(self.script)


def encode(names: Sequence[EnterpriseName], numbers: Numbers, words: NameWords) -> EncodedNames:
    """Return names as arrays.

    Args:
        names: parsed names.
        numbers: numbers of texts, shared by the two sides that are compared.
        words: the words of the parser, for the regions above a region.
    """
    count = len(names)
    rows = np.zeros((count, 6), dtype=np.int32)
    word_ids = np.zeros((count, WORDS), dtype=np.int32)
    region_ids = np.zeros((count, REGIONS), dtype=np.int32)
    short = np.zeros((count, 2), dtype=np.int32)
    flags = np.zeros((count, 2), dtype=bool)
    of = numbers.of
    chains: dict[str, list[int]] = {}
    cores: list[str] = []
    for row, name in enumerate(names):
        core = name.core
        cores.append(core)
        rows[row] = (
            of(name.full), of(core), of(name.trade_name), of(name.form), of(name.branch), SCRIPTS.get(name.script, 0),
        )  # fmt: skip
        for place, word in enumerate((name.industry or name.words)[:WORDS]):
            word_ids[row, place] = of(word)
        if name.regions:
            last = name.regions[-1]
            if last not in chains:
                chains[last] = [of(region) for region in words.above(last)[:REGIONS]]
            region_ids[row, : len(chains[last])] = chains[last]
            flags[row, 1] = name.trade_name == last
        for place, text in enumerate(abbreviations(name)):
            short[row, place] = of(text)
        flags[row, 0] = name.group
    core_codes, core_length = _codes(cores)
    trade_codes, trade_length = _codes([name.trade_name for name in names])
    return EncodedNames(
        core=core_codes, core_length=core_length, trade=trade_codes, trade_length=trade_length,
        full=rows[:, 0], core_id=rows[:, 1], trade_id=rows[:, 2], form=rows[:, 3], branch=rows[:, 4],
        words=word_ids, regions=region_ids, short=short, group=flags[:, 0], regional=flags[:, 1],
        script=rows[:, 5],
    )  # fmt: skip


def _codes(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    cut = [text[:WIDTH] for text in texts]
    raw = "".join(text.ljust(WIDTH, "\0") for text in cut).encode("utf-32-le")
    codes = np.frombuffer(raw, dtype=np.int32).reshape(len(cut), WIDTH)
    return codes, np.fromiter((len(text) for text in cut), dtype=np.int32, count=len(cut))
