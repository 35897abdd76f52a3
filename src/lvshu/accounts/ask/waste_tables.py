"""The small tables of a waste input-output account: who sells to whom, what is thrown away, and where it goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import Origin
from lvshu.core.units import find_unit
from lvshu.intake.tidy import NUMBER, Field, TidyTable, read_tidy

Array = NDArray[np.float64]

GOODS, TREATMENT, FINAL = "goods", "treatment", "final"
KINDS = {"产品": GOODS, "货物": GOODS, "处理": TREATMENT, "废弃物处理": TREATMENT, "最终需求": FINAL,
         GOODS: GOODS, TREATMENT: TREATMENT, FINAL: FINAL}  # fmt: skip
UNIT = Field("unit", ("单位",))
SECTOR = Field("sector", ("部门", "名称", "name"))
AMOUNT = Field("quantity", ("数量", "金额", "value", "amount"), NUMBER)
TABLES: Mapping[str, tuple[Field, ...]] = {
    "sectors": (SECTOR, Field("kind", ("类别", "类型"))),
    "purchases": (Field("product", ("产品", "供给", "from")), Field("sector", ("部门", "使用", "to")), AMOUNT, UNIT),
    "waste": (Field("waste", ("废弃物",)), SECTOR, Field("quantity", ("数量",), NUMBER, unit="t"), UNIT),
    "allocation": (Field("waste", ("废弃物",)), Field("treatment", ("处理", "处理方式")),
                   Field("share", ("比例", "份额"), NUMBER, unit="1")),
    "emissions": (Field("stressor", ("排放", "指标")), SECTOR, AMOUNT, UNIT),
}  # fmt: skip
OPTIONAL = ("emissions",)
ENDINGS = (".csv", ".xlsx", ".parquet", ".xls")


@dataclass(frozen=True)
class WasteTables:
    """A waste account as its tables hold it: n goods, k treatments, w wastes, c final categories, r stressors.

    Attributes:
        goods, treatments, wastes, categories, stressors: names, in the order in which they first stand.
        purchases: shape (n, n + k + c), in `money_unit`; columns goods, treatments, final demand.
        waste: generation minus use, shape (w, n + k + c), unit t.
        allocation: shape (k, w), without unit.
        emissions: shape (r, n + k + c), in `stressor_units`.
        origin: of every table.
        goods_units: unit of each product, where it is not `money_unit` for all.
    """

    goods: tuple[str, ...]
    treatments: tuple[str, ...]
    wastes: tuple[str, ...]
    categories: tuple[str, ...]
    stressors: tuple[str, ...]
    purchases: Array
    waste: Array
    allocation: Array
    emissions: Array
    money_unit: str
    stressor_units: tuple[str, ...]
    origin: tuple[Origin, ...]
    goods_units: tuple[str, ...] = ()

    def unit_of_good(self, place: int) -> str:
        """Return the unit in which a product is counted."""
        return self.goods_units[place] if self.goods_units else self.money_unit


@dataclass
class _Reading:
    folder: Path
    tables: dict[str, TidyTable] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_waste_tables(folder: Path) -> WasteTables:
    """Return the tables of a folder: sectors, purchases, waste, allocation and, where there is one, emissions.

    sectors: sector, kind (goods, treatment, final). purchases: product, sector, quantity, unit (money). waste: waste,
    sector, quantity, unit; what a sector uses is negative. allocation: waste, treatment, share. emissions: stressor,
    sector, quantity, unit. Each is a csv, xlsx or parquet file of that name. A pair that has no row is none (0).

    Raises:
        InputError: tables that are missing, names that the table of sectors does not have, rows given twice, several
            units; all at once.
    """
    if not folder.is_dir():
        code = "accounts.waste_not_recognised" if folder.is_file() else "accounts.reader_not_found"
        values_: dict[str, object] = {"file": folder.name, "path": str(folder)}
        raise InputError(Problem(code, Where(file=folder.name), values_))
    reading = _Reading(folder)
    for name, fields in TABLES.items():
        path = next(
            (folder / f"{name}{ending}" for ending in ENDINGS if (folder / f"{name}{ending}").is_file()), None
        )
        if path is not None:
            reading.paths[name], reading.tables[name] = path, read_tidy(path, fields)
        elif name not in OPTIONAL:
            values = {"table": name, "columns": [one.name for one in fields], "folder": folder.name}
            reading.problems.append(Problem("accounts.waste_no_table", values=values))
    if reading.problems:
        raise InputError(*reading.problems)
    kinds = _kinds(reading)
    names = {
        kind: tuple(name for name, own in kinds.items() if own == kind) for kind in (GOODS, TREATMENT, FINAL)
    }
    columns = (*names[GOODS], *names[TREATMENT], *names[FINAL])
    wastes = tuple(dict.fromkeys(str(one["waste"]) for one in reading.tables["allocation"].records))
    emissions = reading.tables.get("emissions")
    stressors = tuple(dict.fromkeys(str(one["stressor"]) for one in emissions.records)) if emissions else ()
    made = WasteTables(
        names[GOODS], names[TREATMENT], wastes, names[FINAL], stressors,
        _filled(reading, "purchases", ("product", "sector"), names[GOODS], columns),
        _filled(reading, "waste", ("waste", "sector"), wastes, columns),
        _filled(reading, "allocation", ("treatment", "waste"), names[TREATMENT], wastes, amount="share"),
        _filled(reading, "emissions", ("stressor", "sector"), stressors, columns),
        _one_unit(reading, "purchases", None), tuple(_one_unit(reading, "emissions", one) for one in stressors),
        tuple(table.origin for table in reading.tables.values()),
    )  # fmt: skip
    if reading.problems:
        raise InputError(*reading.problems)
    return made


def read_allocation(path: Path, tables: WasteTables) -> Array:
    """Return another allocation for the same wastes and treatments, shape (k, w), without unit.

    Wastes that the table does not name keep their shares.

    Raises:
        InputError: unknown wastes or treatments, rows given twice; all at once.
    """
    reading = _Reading(
        path.parent, {"allocation": read_tidy(path, TABLES["allocation"])}, {"allocation": path}
    )
    changed = _filled(
        reading, "allocation", ("treatment", "waste"), tables.treatments, tables.wastes, amount="share"
    )
    if reading.problems:
        raise InputError(*reading.problems)
    named = {str(one["waste"]) for one in reading.tables["allocation"].records}
    kept = [place for place, waste in enumerate(tables.wastes) if waste not in named]
    changed[:, kept] = tables.allocation[:, kept]
    return changed


def _kinds(reading: _Reading) -> dict[str, str]:
    found: dict[str, str] = {}
    table, path = reading.tables["sectors"], reading.paths["sectors"]
    for record, row in zip(table.records, table.rows, strict=True):
        name, kind = str(record["sector"]), KINDS.get(str(record["kind"]).strip().casefold())
        where = Where(path.name, row=row)
        if name in found:
            reading.problems.append(Problem("accounts.waste_twice", where, {"row": name, "column": "–"}))
        if kind is None:
            values = {"kind": record["kind"], "known": list(KINDS)}
            reading.problems.append(Problem("accounts.waste_kind", where, values))
        found[name] = kind or GOODS
    return found


def _filled(
    reading: _Reading, name: str, axes: tuple[str, str], rows: tuple[str, ...], columns: tuple[str, ...], *,
    amount: str = "quantity",
) -> Array:  # fmt: skip
    """Return a table's figures by two names; pairs without a row are 0; faults are added to the reading."""
    made = np.zeros((len(rows), len(columns)))
    table = reading.tables.get(name)
    if table is None:
        return made
    places = (
        {label: place for place, label in enumerate(rows)},
        {label: place for place, label in enumerate(columns)},
    )
    seen: set[tuple[str, str]] = set()
    for record, line in zip(table.records, table.rows, strict=True):
        pair = str(record[axes[0]]), str(record[axes[1]])
        where = Where(reading.paths[name].name, row=line)
        unknown = [label for label, known in zip(pair, places, strict=True) if label not in known]
        for label in unknown:
            known = list(places[pair.index(label)])[:8]
            reading.problems.append(Problem("accounts.waste_unknown", where, {"name": label, "known": known}))
        if pair in seen:
            reading.problems.append(
                Problem("accounts.waste_twice", where, {"row": pair[0], "column": pair[1]})
            )
        seen.add(pair)
        if not unknown:
            made[places[0][pair[0]], places[1][pair[1]]] = float(record[amount])
    return made


def _one_unit(reading: _Reading, name: str, stressor: str | None) -> str:
    table = reading.tables.get(name)
    records: tuple[Mapping[str, Any], ...] = table.records if table else ()
    words = [str(one["unit"]) for one in records if stressor is None or one["stressor"] == stressor]
    units = dict.fromkeys(known.symbol if (known := find_unit(word)) else word for word in words)
    if len(units) > 1:
        values = {"item": stressor or name, "units": list(units)}
        reading.problems.append(Problem("accounts.stock_units", Where(reading.paths[name].name), values))
    return next(iter(units), "1")
