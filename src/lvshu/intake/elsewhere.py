"""Energy balances of which a run would find none: of another area, or of a later year than the book's."""

from __future__ import annotations

from lvshu.core.errors import Problem, Where
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.settings import Settings

TABLE = "energy_balance_cell"


def balance_elsewhere(engine: DuckDB, settings: Settings, *, severity: str = "error") -> list[Problem]:
    """Return a problem for each file of energy balances where none is of the book's area and of its year or before.

    Args:
        engine: with the table as it was read, and `input_file`.
        settings: area and year of the book.
        severity: of the problems.
    """
    if not engine.has(TABLE) or not engine.count(TABLE):
        return []
    rows = engine.execute(
        "SELECT file.file, file.sheet, cell.area_code, cell.year, count(*) "
        f"FROM {TABLE} AS cell JOIN input_file AS file "
        f"ON file.table_name = '{TABLE}' AND file.file_number = cell.source_file "
        "GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
    )
    if any(area == settings.area and year <= settings.year for _, _, area, year, _ in rows):
        return []
    there: dict[tuple[str, str | None], list[str]] = {}
    for file, sheet, area, year, _ in rows:
        there.setdefault((file, sheet), []).append(f"{area} · {year}")
    return [
        Problem(
            "intake.balance_elsewhere", Where(file=file, sheet=sheet),
            {"found": ", ".join(found[:10]), "area": settings.area, "year": settings.year}, severity,
        )
        for (file, sheet), found in there.items()
    ]  # fmt: skip
