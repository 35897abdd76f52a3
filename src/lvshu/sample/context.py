"""What every table of the city is drawn from, made once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from lvshu.catalog.pack_library import PackLibrary
from lvshu.sample.dirt import Dirt
from lvshu.sample.emissions import EmissionTruth, emission_truth
from lvshu.sample.files import TableWriter
from lvshu.sample.macro import Macro, load_macro
from lvshu.sample.plan import CityPlan
from lvshu.sample.streams import Streams
from lvshu.sample.units import Register, draw_register

AREA = "310000"
Progress = Callable[[str, int], None]


@dataclass
class City:
    """The city while it is written: its plan, accounts, units and their emission, and the notes of what is wrong."""

    folder: Path
    plan: CityPlan
    streams: Streams
    packs: PackLibrary
    anchors: dict[str, float]
    macro: Macro
    register: Register
    emission: EmissionTruth
    dirt: Dirt = field(default_factory=Dirt)
    rows: dict[str, int] = field(default_factory=dict)
    truth: dict[str, object] = field(default_factory=dict)
    on_progress: Progress | None = None

    @property
    def inputs(self) -> Path:
        """Return the folder of the input files."""
        return self.folder / "inputs"

    @property
    def year(self) -> int:
        """Return the city's year."""
        return self.plan.year

    def large(self, table: str) -> TableWriter:
        """Return a writer of one of the large tables."""
        return TableWriter(self.inputs / f"{table}.{self.plan.large_format}")

    def wrote(self, table: str, rows: int) -> None:
        """Note that a table has been written, and tell whoever watches."""
        self.rows[table] = self.rows.get(table, 0) + rows
        if self.on_progress is not None:
            self.on_progress(table, rows)


def build_city(
    folder: Path, *, scale: int, seed: int, year: int, on_progress: Progress | None, packs: PackLibrary
) -> City:
    """Return the city with its accounts, units and emissions; nothing is written yet."""
    plan = CityPlan(scale=scale, year=year)
    streams = Streams(seed)
    anchors = {str(row["code"]): float(str(row["value"])) for row in packs["sample_anchors"].rows}
    districts = {
        code.removeprefix("residents_2020_"): value
        for code, value in anchors.items()
        if code.startswith("residents_2020_")
    }
    macro = load_macro()
    register = draw_register(plan, macro, packs, streams, districts)
    return City(
        folder=folder,
        plan=plan,
        streams=streams,
        packs=packs,
        anchors=anchors,
        macro=macro,
        register=register,
        emission=emission_truth(macro, register, packs, area=AREA, year=year),
        on_progress=on_progress,
    )


def spoilt(random: np.random.Generator, allowed: np.ndarray, rate: float, *, least: int = 1) -> np.ndarray:
    """Return which of the allowed rows to spoil, as positions in ascending order.

    Args:
        random: generator of the block.
        allowed: boolean, shape (rows,).
        rate: share of all rows, between 0 and 1.
        least: how many at least, while there are that many.
    """
    candidates = np.flatnonzero(allowed)
    wanted = min(len(candidates), max(least, round(rate * len(allowed))))
    return np.sort(random.choice(candidates, size=wanted, replace=False)) if wanted else candidates[:0]
