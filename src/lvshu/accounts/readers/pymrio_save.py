"""A system written in the format of pymrio, so that `pymrio.load_all` reads it: text or parquet.

Source: Stadler (2021), Pymrio, Journal of Open Research Software 9(1), 8; the files that its `save_all` writes.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
from numpy.typing import NDArray
from scipy import sparse

from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.system import Extension, InputOutputSystem, Matrix
from lvshu.accounts.readers.parquet_table import write_parquet_table
from lvshu.accounts.readers.pymrio_format import METADATA, PARAMETERS
from lvshu.accounts.readers.text_table import Label
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]
TableFormat = Literal["txt", "parquet"]
_ROWS = 512
FACTOR_INPUTS = "factor_inputs"


def write_pymrio(system: InputOutputSystem, folder: Path | str, *, table_format: TableFormat = "txt") -> Path:
    """Write a system in the format of pymrio and return the folder.

    Value added goes to the extension `factor_inputs`, unless one of the system's extensions holds the same rows.

    Args:
        system: any system.
        folder: made where it is not there; pymrio.load_all(folder) reads it.
        table_format: "txt" (tab-separated, figures in full) or "parquet".

    Raises:
        MethodError: accounts.reader_unknown_table_format; pickle is never written.
    """
    if table_format not in ("txt", "parquet"):
        raise MethodError(Problem("accounts.reader_unknown_table_format", values={"format": table_format}))
    place = Path(folder)
    industries, final = system.industries, system.final
    core = _Folder(place, table_format, "IOSystem", "")
    core.matrix("Z", industries, industries, system.intermediate_use)
    core.matrix("Y", industries, final, system.final_demand)
    core.columns("x", industries, "indout", system.output[:, None])
    core.columns("unit", industries, "unit", [[system.money_unit]] * len(industries))
    core.close()
    description = f"{system.name}; year {system.year}" if system.year else system.name
    metadata = {
        "description": description, "name": system.name, "system": "", "version": system.origin.version,
        "history": [],
    }  # fmt: skip
    (place / METADATA).write_text(json.dumps(metadata, ensure_ascii=False, indent=4), encoding="utf-8")
    for name, extension in _extensions(system).items():
        part = _Folder(place / re.sub(r"\W|^(?=\d)", "_", name), table_format, "Extension", extension.name)
        part.matrix("F", extension.stressors, industries, extension.flows)
        if extension.final_flows is not None:
            part.matrix("F_Y", extension.stressors, final, extension.final_flows)
        part.columns("unit", extension.stressors, "unit", [[unit] for unit in extension.units])
        part.close()
    return place


def _extensions(system: InputOutputSystem) -> dict[str, Extension]:
    """Return the system's extensions, with value added among them."""
    found = dict(system.extensions)
    held = {" / ".join(label) for one in found.values() for label in one.stressors.labels}
    left = {name: row for name, row in system.value_added.items() if name not in held}
    if left:
        name = FACTOR_INPUTS if FACTOR_INPUTS not in found else "value_added"
        index = Index.of(("inputtype",), list(left))
        found[name] = Extension(name, index, (system.money_unit,) * len(left), np.vstack(list(left.values())))
    return found


class _Folder:
    """One folder of the format while it is written."""

    def __init__(self, path: Path, table_format: TableFormat, kind: str, name: str) -> None:
        self.path, self.ending = path, table_format
        self.content: dict[str, object] = {"systemtype": kind, **({"name": name} if name else {})}
        self.files: dict[str, dict[str, str]] = {}
        path.mkdir(parents=True, exist_ok=True)

    def matrix(self, key: str, rows: Index, columns: Index, values: Matrix) -> None:
        """Write a matrix with labels of several parts on both axes."""
        path = self._enter(key, len(rows.levels), len(columns.levels))
        dense = values.toarray() if isinstance(values, sparse.csr_array) else np.asarray(values)
        if self.ending == "parquet":
            write_parquet_table(path, rows.levels, rows.labels, columns.levels, columns.labels, dense)
            return
        gap = [""] * (len(rows.levels) - 1)
        head = [[level, *gap, *columns.level(level)] for level in columns.levels]
        head.append([*rows.levels, *[""] * len(columns)])
        _write_text(path, head, rows.labels, dense)

    def columns(self, key: str, rows: Index, name: str, values: Array | Sequence[Sequence[str]]) -> None:
        """Write one column of figures or words."""
        path = self._enter(key, len(rows.levels), 1)
        if self.ending == "parquet":
            write_parquet_table(path, rows.levels, rows.labels, [""], [(name,)], values)
        else:
            _write_text(path, [[*rows.levels, name]], rows.labels, values)

    def _enter(self, key: str, index_columns: int, header_rows: int) -> Path:
        file = f"{key}.{self.ending}"
        self.files[key] = {"name": file, "nr_index_col": str(index_columns), "nr_header": str(header_rows)}
        return self.path / file

    def close(self) -> None:
        """Write the file of parameters."""
        content = {"files": self.files, **self.content}
        (self.path / PARAMETERS).write_text(
            json.dumps(content, ensure_ascii=False, indent=4), encoding="utf-8"
        )


def _write_text(
    path: Path, head: list[list[str]], rows: Sequence[Label], values: Array | Sequence[Sequence[str]]
) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter="\t", lineterminator="\n").writerows(head)
    options = arrow_csv.WriteOptions(include_header=False, delimiter="\t")
    parts = len(rows[0]) if rows else 0
    with path.open("ab") as sink:
        for start in range(0, len(rows), _ROWS):
            labels = rows[start : start + _ROWS]
            block = values[start : start + _ROWS]
            arrays = [pa.array([label[place] for label in labels], pa.string()) for place in range(parts)]
            if isinstance(block, np.ndarray):
                arrays += [pa.array(column) for column in np.ascontiguousarray(block.T)]
            else:
                arrays.append(pa.array([row[0] for row in block], pa.string()))
            table = pa.Table.from_arrays(arrays, names=[f"c{place}" for place in range(len(arrays))])
            arrow_csv.write_csv(table, sink, options)
