"""The vintages, specification and fitted parameters that the Federal Reserve Bank of New York published."""

from __future__ import annotations

import tarfile
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from lvshu.statistics.series.nowcast.panel import Panel, transformed
from lvshu.statistics.series.nowcast.state_space import LinearModel

SAMPLE_START = 2000 * 12


def _months(day: date) -> int:
    return day.year * 12 + day.month - 1


@cache
def loaded(shared: Path) -> tuple[Any, Any]:
    """Return specification and results of ResDFM.mat."""
    from scipy.io import loadmat

    file = loadmat(shared / "statistics" / "frbny" / "ResDFM.mat", squeeze_me=True, struct_as_record=False)
    return file["Spec"], file["Res"]


def model(shared: Path) -> LinearModel:
    """Return the published model."""
    _, found = loaded(shared)
    return LinearModel.from_updated(
        found.C, found.A, found.Q, found.R, found.Z_0, found.V_0, found.Mx, found.Wx
    )


def unpacked(shared: Path, folder: Path) -> Path:
    """Return the folder into which the vintages were unpacked."""
    with tarfile.open(shared / "statistics" / "frbny" / "vintages_US_2016.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder / "data" / "US"


def vintage(shared: Path, folder: Path, name: str, *, levels: bool = False) -> Panel:
    """Return the panel of a vintage from 2000 on, transformed as the specification says, or its levels."""
    from python_calamine import CalamineWorkbook

    specification, _ = loaded(shared)
    rows = CalamineWorkbook.from_path(folder / f"{name}.xls").get_sheet_by_name("data").to_python()
    heads = [str(cell) for cell in rows[0]]
    body = [row for row in rows[1:] if isinstance(row[0], date)]
    first = _months(body[0][0])
    values = np.full((len(body), len(specification.SeriesID)), np.nan)
    quarterly = np.array([str(one) == "q" for one in specification.Frequency])
    for place, series in enumerate(specification.SeriesID):
        column = heads.index(str(series))
        level = np.array(
            [float(row[column]) if isinstance(row[column], (int, float)) else np.nan for row in body]
        )
        step = 3 if quarterly[place] else 1
        how = "lin" if levels else str(specification.Transformation[place])
        values[:, place] = transformed(level, how, step)
    whole = Panel(tuple(str(one) for one in specification.SeriesID), first, values, quarterly)
    return whole.over(SAMPLE_START, whole.last)
