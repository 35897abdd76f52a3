"""What was known on which day: a folder of vintages that only grows, each file sealed by its digest."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lvshu.core.errors import Problem, StoreError, Where
from lvshu.statistics.series.time_series import MOST_NAMED, PER_YEAR, TimeSeries, label_of

INDEX = "vintages.jsonl"
COLUMNS = ("series", "kind", "period", "place", "value")


@dataclass(frozen=True)
class Vintage:
    """One vintage: its day, file, digest, rows, and how many figures it revised, added and withdrew.

    withdrawn: figures of the vintage before that this one lacks; None where they were not counted when it was added.
    """

    day: date
    file: str
    sha256: str
    rows: int
    revised: int
    added: int
    withdrawn: int | None = None


class VintageStore:
    """Vintages in a folder. Each is a Parquet file of every figure known on its day; nothing is ever changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def vintages(self) -> list[Vintage]:
        """Return the vintages in order of their days.

        Raises:
            StoreError: statistics.vintage_index for a line that cannot be read.
        """
        path = self.folder / INDEX
        if not path.exists():
            return []
        found = []
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                row = json.loads(line)
                found.append(Vintage(date.fromisoformat(row.pop("day")), **row))
            except (ValueError, TypeError, KeyError):
                where = Where(file=str(path), row=number)
                raise StoreError(Problem("statistics.vintage_index", where)) from None
        return found

    def add(self, day: date, series: Sequence[TimeSeries]) -> Vintage:
        """Add what is known on a day, and return its vintage with the figures it revised, added and withdrew.

        Args:
            day: later than that of the last vintage.
            series: every series, whole; missing figures are left out.

        Raises:
            StoreError: statistics.vintage_old for a day not after the last vintage's; statistics.vintage_empty.
            OSError: the folder cannot be written.
        """
        known = self.vintages()
        if known and day <= known[-1].day:
            values = {"day": day.isoformat(), "last": known[-1].day.isoformat()}
            raise StoreError(Problem("statistics.vintage_old", Where(file=str(self.folder)), values))
        rows = _rows(series)
        if not rows["series"]:
            raise StoreError(Problem("statistics.vintage_empty", values={"day": day.isoformat()}))
        before = _figures(self._table(known[-1])) if known else {}
        now = {
            (name, kind, place): value
            for name, kind, place, value in zip(
                rows["series"], rows["kind"], rows["place"], rows["value"], strict=True
            )
        }
        revised = sum(key in now and now[key] != value for key, value in before.items())
        added = sum(key not in before for key in now)
        withdrawn = sum(key not in now for key in before)
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{day.isoformat()}.parquet"
        draft = self.folder / f".{name}.draft"
        pq.write_table(pa.table(rows), draft, compression="zstd")
        made = Vintage(day, name, _digest(draft), len(rows["series"]), revised, added, withdrawn)
        draft.replace(self.folder / name)  # a file without its line in the index is not a vintage
        line = {**made.__dict__, "day": day.isoformat()}
        with (self.folder / INDEX).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        return made

    def read(self, day: date) -> list[TimeSeries]:
        """Return every series as it was known on a day: the last vintage not after it.

        Raises:
            StoreError: statistics.vintage_none before the first; statistics.vintage_changed where a file is not what
                was added.
        """
        fitting = [one for one in self.vintages() if one.day <= day]
        if not fitting:
            raise StoreError(
                Problem("statistics.vintage_none", Where(file=str(self.folder)), {"day": day.isoformat()})
            )
        return _series(self._table(fitting[-1]))

    def withdrawn(self, vintage: Vintage) -> list[Problem]:
        """Return a warning for each series of the vintage before of which this one lacks figures, with the periods.

        Raises:
            StoreError: as `vintages` and `read`.
        """
        before = [one for one in self.vintages() if one.day < vintage.day]
        if not before:
            return []
        now = _figures(self._table(vintage))
        gone: dict[tuple[str, str], list[int]] = {}
        for name, kind, place in _figures(self._table(before[-1])):
            if (name, kind, place) not in now:
                gone.setdefault((name, kind), []).append(place)
        problems = []
        for (name, kind), places in sorted(gone.items()):
            shown = ", ".join(label_of(kind, place) for place in sorted(places)[:MOST_NAMED])
            values = {
                "series": name, "count": len(places), "before": before[-1].day.isoformat(),
                "periods": shown + (", …" if len(places) > MOST_NAMED else ""),
            }  # fmt: skip
            where = Where(file=str(self.folder / vintage.file))
            problems.append(Problem("statistics.vintage_withdrawn", where, values, severity="warning"))
        return problems

    def _table(self, vintage: Vintage) -> pa.Table:
        path = self.folder / vintage.file
        if not path.is_file() or _digest(path) != vintage.sha256:
            values = {"day": vintage.day.isoformat()}
            raise StoreError(Problem("statistics.vintage_changed", Where(file=str(path)), values))
        return pq.read_table(path)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _rows(series: Sequence[TimeSeries]) -> dict[str, list[Any]]:
    rows: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for one in series:
        for at, value in enumerate(one.values.tolist()):
            if np.isfinite(value):
                place = one.first + at
                for name, cell in zip(
                    COLUMNS, (one.name, one.kind, label_of(one.kind, place), place, value), strict=True
                ):
                    rows[name].append(cell)
    return rows


def _figures(table: pa.Table) -> Mapping[tuple[str, str, int], float]:
    columns = [table.column(name).to_pylist() for name in ("series", "kind", "place", "value")]
    return {(name, kind, place): value for name, kind, place, value in zip(*columns, strict=True)}


def _series(table: pa.Table) -> list[TimeSeries]:
    found: dict[tuple[str, str], dict[int, float]] = {}
    for (name, kind, place), value in _figures(table).items():
        found.setdefault((name, kind), {})[place] = value
    made = []
    for (name, kind), figures in found.items():
        first, last = min(figures), max(figures)
        values = np.array([figures.get(place, np.nan) for place in range(first, last + 1)])
        made.append(TimeSeries(name, kind, first, values))
    return sorted(made, key=lambda one: (PER_YEAR.get(one.kind, 0), one.name))
