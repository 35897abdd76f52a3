"""Random numbers by table and block: the city is the same whatever the order or the size of the writes."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

BLOCK = 65_536  # rows drawn from one generator; part of the city's definition, not a tuning knob


@dataclass(frozen=True)
class Streams:
    """The city's random numbers: one independent generator for each table and block of rows."""

    seed: int

    def generator(self, name: str, block: int = 0) -> np.random.Generator:
        """Return the generator of one block of one table.

        Args:
            name: what is drawn, e.g. "loan.amount".
            block: number of the block, 0-based.
        """
        key = (zlib.crc32(name.encode("utf-8")), block)
        return np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence(self.seed, spawn_key=key)))


def blocks(rows: int, size: int = BLOCK) -> Iterator[tuple[int, int, int]]:
    """Yield (block, start, stop) of consecutive row ranges of at most `size` rows."""
    for block, start in enumerate(range(0, rows, size)):
        yield block, start, min(start + size, rows)
