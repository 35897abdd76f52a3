"""Emissions, energy or materials by sector from a small table, added to a system that has none."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.system import Extension, InputOutputSystem
from lvshu.core.errors import InputError, MethodError, Problem, Where
from lvshu.core.units import factor, find_unit
from lvshu.intake.tidy import NUMBER, TEXT, Field, read_tidy

Array = NDArray[np.float64]

FIELDS = (
    Field("stressor", ("项目", "排放", "气体", "物料"), TEXT),
    Field("region", ("地区", "区域"), TEXT, optional=True),
    Field("sector", ("部门", "行业", "类别", "category"), TEXT),
    Field("value", ("数值", "数量", "排放量"), NUMBER),
    Field("unit", ("单位",), TEXT),
    Field("standard_error", ("标准误",), NUMBER, optional=True),
)

_GAS = re.compile(
    r"(?<![a-z0-9])(co2e?|ch4|n2o|so2|nox|no2|sf6|nf3|hfcs?|pfcs?|ghgs?)(?![a-z0-9])"
    r"|co₂|ch₄|n₂o|二氧化碳|甲烷|氧化亚氮|温室气体|carbon dioxide|methane|nitrous oxide|greenhouse",
    re.IGNORECASE,
)
_OF_GAS = ("mass", "carbon", "carbon_dioxide", "carbon_dioxide_equivalent")
SHOWN = 8


def read_extension(path: Path, system: InputOutputSystem) -> Extension:
    """Return the stressors of a small table as an extension of a system, named after the file.

    Args:
        path: stressor, region (may be absent where the table has one), sector or kind of final demand, value, unit,
            standard_error (may be absent). Rows of one stressor in different units are converted to the first one's.
        system: whose sectors are meant; a label of final demand means what final demand emits itself.

    Raises:
        InputError: labels that the system does not have or has twice, units that cannot be converted, a sector given
            twice, a gas in a unit that is none of mass; all at once.
    """
    return _read(path, system)[0]


def _read(path: Path, system: InputOutputSystem) -> tuple[Extension, NDArray[np.bool_]]:
    """The extension, and which sector the table has a row of for each stressor, shape (m, n)."""
    table = read_tidy(path, FIELDS)
    names = list(dict.fromkeys(record["stressor"] for record in table.records))
    n, c = len(system.industries), len(system.final)
    flows, final = np.zeros((len(names), n)), np.zeros((len(names), c))
    error, final_error = np.full((len(names), n), np.nan), np.full((len(names), c), np.nan)
    given = np.zeros((len(names), n), dtype=bool)
    units: dict[str, str] = {}
    seen: set[tuple[str, int]] = set()
    problems = []
    for record, row in zip(table.records, table.rows, strict=True):
        where = Where(file=path.name, row=row)
        try:
            place = _place(system, record["region"] or "", record["sector"])
            scale = _scale(units, record["stressor"], record["unit"])
        except MethodError as failure:
            problems += [Problem(one.code, where, one.values) for one in failure.problems]
            continue
        line = names.index(record["stressor"])
        if (record["stressor"], place) in seen:
            values = {"stressor": record["stressor"], "sector": record["sector"]}
            problems.append(Problem("accounts.extension_twice", where, values))
        seen.add((record["stressor"], place))
        amounts, errors, at = (flows, error, place) if place < n else (final, final_error, place - n)
        if place < n:
            given[line, place] = True
        amounts[line, at] = float(record["value"]) * scale
        if record["standard_error"] is not None:
            errors[line, at] = float(record["standard_error"]) * scale
    if problems:
        raise InputError(*problems)
    extension = Extension(path.stem, Index.of(("stressor",), names), tuple(units[name] for name in names), flows,
                          final, _known(error), table.origin, _known(final_error))  # fmt: skip
    return extension, given


def with_extension(system: InputOutputSystem, path: Path) -> InputOutputSystem:
    """Return the system with the stressors of a small table, and notes on what the table leaves out or has negative.

    Raises:
        InputError: as `read_extension`.
    """
    extension, given = _read(path, system)
    made = np.abs(np.asarray(system.output)) > 0.0
    notes = []
    for line, label in enumerate(extension.stressors.labels):
        flows = np.asarray(extension.flows)[line]
        for code, places in (
            ("accounts.extension_missing", np.flatnonzero(made & ~given[line])),
            ("accounts.extension_negative", np.flatnonzero(flows < 0.0)),
        ):
            if places.size:
                names = [_shown(system, int(place)) for place in places[:SHOWN]]
                values = {"stressor": label[0], "count": len(places), "sectors": names,
                          "more": "…" if len(places) > SHOWN else ""}  # fmt: skip
                problem = Problem(code, Where(file=path.name), values, "warning")
                notes.append(
                    (
                        f"警告（{path.name}）：{problem.what('zh')}。{problem.why('zh')}{problem.fix('zh')}",
                        f"Warning ({path.name}): {problem.what('en')}. {problem.why('en')} {problem.fix('en')}",
                    )
                )
    extensions = {**system.extensions, extension.name: extension}
    return replace(system, extensions=extensions, notes=(*system.notes, *notes))


def _shown(system: InputOutputSystem, place: int) -> str:
    label = system.industries.labels[place]
    return " / ".join(label) if len(system.regions) > 1 else label[-1]


def _known(error: Array) -> Array | None:
    """Standard errors, or None where no flow states one."""
    return error if np.isfinite(error).any() else None


def _place(system: InputOutputSystem, region: str, sector: str) -> int:
    """The position of a sector, or of a kind of final demand behind the sectors; one, not several."""
    words = f"{region} / {sector}" if region else sector
    found: list[int] = []
    failure: MethodError | None = None
    for index, offset in ((system.industries, 0), (system.final, len(system.industries))):
        try:
            found += [int(place) + offset for place in index.find(words)]
        except MethodError as error:
            failure = failure or error
    if not found and failure is not None:
        raise failure
    if len(found) != 1:
        labels = (*system.industries.labels, *system.final.labels)
        texts = [" / ".join(labels[place]) for place in found]
        raise MethodError(Problem("accounts.sector_not_single", values={"label": words, "places": texts[:8]}))
    return found[0]


def _scale(units: dict[str, str], stressor: str, stated: str) -> float:
    """By what a value is multiplied to stand in the unit of the stressor's first row."""
    known = find_unit(stated)
    if known is None:
        raise MethodError(Problem("units.unknown", values={"unit": stated}))
    if _GAS.search(stressor) and known.dimension not in _OF_GAS:
        raise MethodError(
            Problem("accounts.extension_gas_unit", values={"stressor": stressor, "unit": stated})
        )
    first = units.setdefault(stressor, known.symbol)
    return float(factor(known.symbol, first))
