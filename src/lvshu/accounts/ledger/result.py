"""A labelled result: figures with the names of their rows and columns, unit, method and origin."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.ledger.labels import Index
from lvshu.core.errors import MethodError, Problem
from lvshu.core.origin import Origin

if TYPE_CHECKING:
    import pandas
    import pyarrow

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Result:
    """Figures with their labels.

    Attributes:
        name: short code, e.g. "footprint".
        title: (zh, en).
        rows: r labels.
        columns: k labels.
        values: shape (r, k).
        units: unit of each row, r texts; one text where all rows share it.
        method: code of the method card behind it.
        origin: of every source it rests on.
        standard_error: shape (r, k), or None.
        notes: (zh, en) sentences a reader has to know.
        is_flow: whether the figures flow from rows to columns, so that a Sankey diagram shows them.
    """

    name: str
    title: tuple[str, str]
    rows: Index
    columns: Index
    values: Array
    units: tuple[str, ...]
    method: str
    origin: tuple[Origin, ...] = ()
    standard_error: Array | None = None
    notes: tuple[tuple[str, str], ...] = field(default=())
    is_flow: bool = False

    def unit_of(self, row: int) -> str:
        """Return the unit of a row."""
        return self.units[row] if len(self.units) > 1 else self.units[0]

    def columns_at(self, places: NDArray[np.int64]) -> Result:
        """Return the result with some of its columns only, by position."""
        columns = Index.of(self.columns.levels, [self.columns.labels[place] for place in places])
        error = None if self.standard_error is None else self.standard_error[:, places]
        return replace(self, columns=columns, values=self.values[:, places], standard_error=error)

    def to_numpy(self) -> Array:
        """Return the figures, shape (r, k)."""
        return self.values

    def to_arrow(self) -> pyarrow.Table:
        """Return one record for each figure: the parts of its labels, value, standard error, unit."""
        import pyarrow as pa

        r, k = self.values.shape
        columns: dict[str, Any] = {}
        taken = set(self.rows.levels)
        for level in self.rows.levels:
            columns[level] = pa.array(np.repeat(np.array(self.rows.level(level), dtype=object), k))
        for level in self.columns.levels:
            name = f"{level}_of_use" if level in taken else level
            columns[name] = pa.array(np.tile(np.array(self.columns.level(level), dtype=object), r))
        columns["value"] = pa.array(np.ascontiguousarray(self.values).ravel())
        if self.standard_error is not None:
            columns["standard_error"] = pa.array(np.ascontiguousarray(self.standard_error).ravel())
        units = self.units if len(self.units) > 1 else self.units * r
        columns["unit"] = pa.array(np.repeat(np.array(units, dtype=object), k))
        return pa.table(columns)

    def to_pandas(self) -> pandas.DataFrame:
        """Return a frame with the labels on its axes; attrs hold units, method and origin.

        Raises:
            MethodError: accounts.pandas_missing, where pandas is not installed.
        """
        try:
            import pandas as pd
        except ModuleNotFoundError:
            command = f"{sys.executable} -m pip install pandas"
            raise MethodError(Problem("accounts.pandas_missing", values={"command": command})) from None
        rows = pd.MultiIndex.from_tuples(list(self.rows.labels), names=list(self.rows.levels))
        columns = pd.MultiIndex.from_tuples(list(self.columns.labels), names=list(self.columns.levels))
        frame = pd.DataFrame(self.values, index=rows, columns=columns)
        frame.attrs |= {
            "units": list(self.units), "method": self.method,
            "origin": [origin.as_dict() for origin in self.origin],
        }  # fmt: skip
        return frame
