"""Public samples that the statistics' tests read, as columns."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Columns:
    """Columns of a file."""

    rows: tuple[dict[str, str], ...]

    def numbers(self, name: str) -> NDArray[np.float64]:
        return np.array([float(row[name]) if row[name] not in ("", "NA") else np.nan for row in self.rows])

    def labels(self, name: str) -> NDArray[Any]:
        return np.array([row[name] for row in self.rows])


@cache
def read_columns(path: Path) -> Columns:
    """Return the columns of a csv file, packed or not."""
    packed = path.suffix == ".gz"
    text = (gzip.decompress(path.read_bytes()) if packed else path.read_bytes()).decode("utf-8")
    return Columns(tuple(csv.DictReader(text.splitlines())))
