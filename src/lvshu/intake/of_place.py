"""Published tables of which a run takes the one of its own area and year: what is told of files that hold another."""

from __future__ import annotations

from collections.abc import Sequence

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import TableContract
from lvshu.core.errors import Problem, Where
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.settings import Settings
from lvshu.intake.mapping import mapping_path
from lvshu.intake.report import InputFile
from lvshu.intake.text import quoted

OF_PLACE = ("io_cell", "energy_balance_cell")
"""Their steps stop where no table is of the run's area and of its year or an earlier one."""
CODE = "intake.table_of_another_place"
_SHOWN = 6


def tables_of_other_places(
    engine: DuckDB,
    contract: TableContract,
    files: Sequence[InputFile],
    settings: Settings,
    packs: PackLibrary,
) -> list[Problem]:
    """Return a problem for each file whose table is of another area or of a later year than the run.

    It is an error where no file has the run's own table, as the run would stop; else a notice: the file is not used.

    Args:
        engine: the book being written, with the table as it was kept.
        contract: of the table.
        files: its files, in reading order.
        settings: area and year of the run.
        packs: with the names of areas.
    """
    if contract.name not in OF_PLACE:
        return []
    rows = engine.execute(
        f"SELECT source_file, area_code, year, min(source_row) FROM {quoted(contract.name)} "
        "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )
    fitting = {number for number, area, year, _ in rows if area == settings.area and year <= settings.year}
    found = []
    for number in sorted({row[0] for row in rows} - fitting):
        own = [row for row in rows if row[0] == number]
        file = files[number - 1]
        given = [f"{_named(area, packs)} {year}" for _, area, year, _ in own[:_SHOWN]]
        values = {
            "table": {"zh": contract.zh, "en": contract.en},
            "given": ", ".join(given) + (" …" if len(own) > _SHOWN else ""),
            "area": f"{settings.area} {settings.area_zh}",
            "year": settings.year,
            "mapping": mapping_path(file.path).name,
        }
        where = Where(file=file.name, sheet=file.sheet or None, row=min(row[3] for row in own))
        found.append(Problem(CODE, where, values, "notice" if fitting else "error"))
    return found


def _named(area: str, packs: PackLibrary) -> str:
    row = next(iter(packs["areas"].find(area_code=area)), None)
    return f"{area} {row['name_zh']}" if row else area
