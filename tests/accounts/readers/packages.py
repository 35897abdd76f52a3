"""Packages as their publishers lay them out, written file by file."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.accounts.readers.small import (
    CH4,
    CO2,
    DEMAND,
    FINAL,
    HOUSEHOLDS,
    INDUSTRIES,
    OUTPUT,
    SURPLUS,
    USE,
    WAGES,
)  # fmt: skip

Label = tuple[str, ...]
CO2_NAME = "CO2 - combustion - air"
CH4_NAME = "CH4 - agriculture - air"
WAGES_NAME = "Compensation of employees; wages, salaries, & employers' social contributions: Low-skilled"
SURPLUS_NAME = "Operating surplus: Remaining net operating surplus"


def matrix_text(
    names: Sequence[str], rows: Sequence[Label], column_names: Sequence[str], columns: Sequence[Label],
    values: NDArray[np.float64],
) -> str:  # fmt: skip
    """Return a matrix as pandas writes it: a header line for each part, then a line with the names of the rows."""
    gap = [""] * (len(names) - 1)
    lines = [[name, *gap, *(label[part] for label in columns)] for part, name in enumerate(column_names)]
    lines.append([*names, *[""] * len(columns)])
    lines += [[*label, *(repr(float(cell)) for cell in row)] for label, row in zip(rows, values, strict=True)]
    return "\n".join("\t".join(line) for line in lines) + "\n"


def words_text(names: Sequence[str], rows: Sequence[Label], column: str, words: Sequence[object]) -> str:
    """Return a table of one column."""
    lines = [[*names, column], *([*label, str(word)] for label, word in zip(rows, words, strict=True))]
    return "\n".join("\t".join(line) for line in lines) + "\n"


def parameters(kind: str, files: Mapping[str, tuple[int, int]]) -> str:
    """Return the text of file_parameters.json."""
    entries = {
        key: {"name": f"{key}.txt", "nr_index_col": str(index), "nr_header": str(header)}
        for key, (index, header) in files.items()
    }
    return json.dumps({"files": entries, "systemtype": kind, "name": "x"})


def exiobase(folders: bool = True) -> dict[str, str]:
    """Return the members of an EXIOBASE 3 package: with folders by kind (3.9) or with one satellite (3.8)."""
    sectors, final = ("region", "sector"), ("region", "category")
    core = {
        "Z.txt": matrix_text(sectors, INDUSTRIES, sectors, INDUSTRIES, USE),
        "Y.txt": matrix_text(sectors, INDUSTRIES, final, FINAL, DEMAND),
        "x.txt": words_text(sectors, INDUSTRIES, "indout", [repr(float(one)) for one in OUTPUT]),
        "unit.txt": words_text(sectors, INDUSTRIES, "unit", ["M.EUR"] * 4),
        "file_parameters.json": parameters("IOSystem", {"Z": (2, 2), "Y": (2, 2), "x": (2, 1), "unit": (2, 1)}),
        "metadata.json": json.dumps(
            {"description": "EXIOBASE 3 for 2011", "name": "IOT_2011_pxp", "system": "pxp",
             "version": "3.9.4" if folders else "3.81", "history": []}
        ),
    }  # fmt: skip
    parts: dict[str, tuple[list[Label], list[str], NDArray[np.float64], NDArray[np.float64] | None]]
    primary, air = [(WAGES_NAME,), (SURPLUS_NAME,)], [(CO2_NAME,), (CH4_NAME,)]
    if folders:
        parts = {
            "factor_inputs": (primary, ["M.EUR", "M.EUR"], np.vstack([WAGES, SURPLUS]), None),
            "air_emissions": (air, ["kg", "kg"], np.vstack([CO2, CH4]), HOUSEHOLDS),
        }
    else:
        parts = {"satellite": (
            primary + air, ["M.EUR", "M.EUR", "kg", "kg"], np.vstack([WAGES, SURPLUS, CO2, CH4]),
            np.vstack([np.zeros((2, 4)), HOUSEHOLDS]),
        )}  # fmt: skip
    for name, (labels, units, flows, households) in parts.items():
        core[f"{name}/F.txt"] = matrix_text(("stressor",), labels, sectors, INDUSTRIES, flows)
        core[f"{name}/unit.txt"] = words_text(("stressor",), labels, "unit", units)
        files = {"F": (1, 2), "unit": (1, 1)}
        if households is not None:
            core[f"{name}/F_Y.txt"] = matrix_text(("stressor",), labels, final, FINAL, households)
            files["F_Y"] = (1, 2)
        core[f"{name}/file_parameters.json"] = parameters("Extension", files)
    return core


def write_folder(members: Mapping[str, str], folder: Path) -> Path:
    """Write members as files of a folder."""
    for name, text in members.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def write_zip(members: Mapping[str, str], path: Path, root: str = "") -> Path:
    """Write members into a zip file, below a folder where one is given."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, text in members.items():
            opened.writestr(f"{root}{name}", text)
    return path
