"""The input-output table of a run: chosen among those given, as arrays, with what is known of its sectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.book.files_read import files_of
from lvshu.catalog.pack_library import PackLibrary, Row
from lvshu.core.errors import MethodError, Problem
from lvshu.core.text import normalise
from lvshu.engine.step import StepContext

Array = NDArray[np.float64]

OWN_FINAL_USE = ("household_rural", "household_urban", "household", "government", "consumption", "fixed_capital",
                 "inventory", "capital_formation")  # fmt: skip
SENT_OUT = ("export", "outflow")
BALANCING_ITEM = "balancing_item"


@dataclass(frozen=True)
class TableChoice:
    """Which table of io_cell a run uses."""

    table_code: str
    year: int
    area_code: str

    def where(self) -> str:
        """Return the condition that selects the table's cells."""
        code = self.table_code.replace("'", "''")
        return f"table_code = '{code}' AND year = {self.year} AND area_code = '{self.area_code}'"


@dataclass(frozen=True)
class Sector:
    """A sector of the table and what the bridge knows of it.

    balance_row is the row of the energy balance that its divisions stand in: agriculture, industry, construction,
    transport, trade_catering or other; "" where the bridge has no such sector. industry_codes are the finest codes
    of GB/T 4754-2017 that the bridge gives.
    """

    code: str
    name_zh: str
    name_en: str | None
    sphere: str | None
    divisions: tuple[str, ...]
    balance_row: str
    industry_codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class InputOutputTable:
    """An input-output table as arrays, in yuan; n sectors, c kinds of final use.

    Attributes:
        choice: which table it is.
        sectors: n sectors, in the table's order.
        final_kinds: kinds of the region's own final use and of what it sends out, as they occur.
        intermediate_use: origin -> (n, n); origins are "total" alone, or "domestic" and "import".
        final_use: origin -> (n, c).
        imports, inflows: (n,), columns of a competitive table; zero otherwise.
        other: (n,), the table's error column.
        output: (n,).
        primary_input: code -> (n,): VA001 to VA004.
    """

    choice: TableChoice
    sectors: tuple[Sector, ...]
    final_kinds: tuple[str, ...]
    intermediate_use: Mapping[str, Array]
    final_use: Mapping[str, Array]
    imports: Array
    inflows: Array
    other: Array
    output: Array
    primary_input: Mapping[str, Array]

    @property
    def codes(self) -> list[str]:
        """Return the sector codes, in order."""
        return [sector.code for sector in self.sectors]

    @property
    def sector_names(self) -> list[str]:
        """Return the sectors' codes and names, in order, as messages call them."""
        return [f"{sector.code} {sector.name_zh}" for sector in self.sectors]

    @property
    def total_intermediate_use(self) -> Array:
        """Return intermediate use of products of all origins, shape (n, n), yuan."""
        return np.asarray(sum(self.intermediate_use.values()))

    @property
    def value_added(self) -> Array:
        """Return value added by sector, shape (n,), yuan."""
        return np.asarray(sum(self.primary_input.values(), np.zeros(len(self.sectors))))


def tables_given(context: StepContext) -> list[tuple[TableChoice, int]]:
    """Return the tables in io_cell with their numbers of sectors."""
    rows = context.engine.fetch(
        "SELECT table_code, year, area_code, count(DISTINCT row_code) AS sectors FROM io_cell "
        "WHERE row_kind = 'sector' GROUP BY table_code, year, area_code ORDER BY table_code, year, area_code"
    ).to_pylist()
    return [(TableChoice(row["table_code"], row["year"], row["area_code"]), row["sectors"]) for row in rows]


def choose_table(context: StepContext) -> TableChoice:
    """Return the table to use: of the run's area, of its year or the latest before, the one with most sectors.

    Raises:
        MethodError: accounts.no_table_for_area, when no table is of this area and year or an earlier one.
    """
    settings = context.settings
    given = tables_given(context)
    fitting = [pair for pair in given if pair[0].area_code == settings.area and pair[0].year <= settings.year]
    if not fitting:
        tables = [f"{one.table_code} ({one.area_code}, {one.year})" for one, _ in given]
        raise MethodError(
            Problem(
                "accounts.no_table_for_area",
                values={
                    "area": settings.area,
                    "year": settings.year,
                    "tables": tables,
                    "files": files_of(context, "io_cell"),
                },
            )
        )
    return max(fitting, key=lambda pair: (pair[0].year, pair[1], pair[0].table_code))[0]


def load_table(context: StepContext) -> InputOutputTable:
    """Return the run's input-output table as arrays, with its sectors bridged to GB/T 4754.

    Raises:
        MethodError: no fitting table, or a table without output.
    """
    choice = choose_table(context)
    rows = context.read(
        "io_cell", where=choice.where(), order=["row_code", "column_code", "origin"]
    ).to_pylist()
    return build_table(choice, rows, context.packs)


def build_table(choice: TableChoice, rows: list[dict[str, Any]], packs: PackLibrary) -> InputOutputTable:
    """Return the table that a list of io_cell records makes.

    Raises:
        MethodError: accounts.no_output, when no row and no column states the output.
    """
    names = {row["row_code"]: row["row_name"] for row in rows if row["row_kind"] == "sector"}
    codes = sorted(names)
    place = {code: index for index, code in enumerate(codes)}
    kinds = tuple(
        kind for kind in OWN_FINAL_USE + SENT_OUT if any(row["column_kind"] == kind for row in rows)
    )
    origins = [one for one in ("total", "domestic", "import") if any(
        row["origin"] == one and row["row_kind"] == "sector" for row in rows)]  # fmt: skip
    n = len(codes)
    use = {origin: np.zeros((n, n)) for origin in origins}
    final = {origin: np.zeros((n, len(kinds))) for origin in origins}
    columns = {kind: np.zeros(n) for kind in ("import", "inflow", "other")}
    primary: dict[str, Array] = {}
    output = {"GO": np.full(n, np.nan), "TI": np.full(n, np.nan)}
    for row in rows:
        value, column, kind = float(row["value"]), row["column_code"], row["column_kind"]
        if row["row_kind"] == "sector":
            i = place[row["row_code"]]
            if kind == "sector":
                use[row["origin"]][i, place[column]] = value
            elif kind in kinds:
                final[row["origin"]][i, kinds.index(kind)] += value
            elif kind in columns:
                columns[kind][i] += value
            elif kind == "output" and row["origin"] != "import":
                output["GO"][i] = value
        elif kind == "sector" and row["row_kind"] == "value_added":
            primary.setdefault(row["row_code"], np.zeros(n))[place[column]] = value
        elif kind == "sector" and row["row_code"] == "TI":
            output["TI"][place[column]] = value
    stated = np.where(np.isnan(output["GO"]), output["TI"], output["GO"])
    if np.isnan(stated).any():
        raise MethodError(Problem("accounts.no_output", values={"table": choice.table_code}))
    return InputOutputTable(choice, sectors_of(codes, names, packs), kinds, use, final, columns["import"],
                            columns["inflow"], columns["other"], stated, primary)  # fmt: skip


def sectors_of(codes: list[str], names: Mapping[str, str], packs: PackLibrary) -> tuple[Sector, ...]:
    """Return the sectors with what the best fitting vintage of the bridge says of them; matched by name."""
    vintages: dict[str, dict[str, Row]] = {}
    for row in packs["io_sector_bridge"].rows:
        words = [str(row["name_zh"]), *str(row["aliases"] or "").split("|")]
        vintages.setdefault(str(row["vintage"]), {}).update({_key(word): row for word in words if word})
    best = max(vintages.values(), key=lambda known: sum(_key(names[code]) in known for code in codes))
    return tuple(_sector(code, names[code], best.get(_key(names[code]))) for code in codes)


def _key(name: str) -> str:
    dropped = str.maketrans("", "", " 、,,()()和及")
    return normalise(name).translate(dropped).replace("其它", "其他")


def _sector(code: str, name: str, row: Row | None) -> Sector:
    if row is None:
        return Sector(code, name, None, None, (), "")
    divisions = tuple(part for part in str(row["gbt4754_divisions"]).split(";") if part)
    finest = tuple(part for part in str(row["gbt4754_codes"]).split(";") if part)
    return Sector(
        code, name, str(row["name_en"]), str(row["sphere"]), divisions, balance_row(divisions[0]), finest
    )


def balance_row(division: str) -> str:
    """Return the row of the energy balance in which a division of GB/T 4754-2017 stands.

    Source: China Energy Statistical Yearbook, rows of 终端消费量, named after sections of GB/T 4754.
    """
    number = int(division)
    for last, row in ((5, "agriculture"), (46, "industry"), (50, "construction"), (52, "trade_catering"),
                      (60, "transport"), (62, "trade_catering")):  # fmt: skip
        if number <= last:
            return row
    return "other"
