"""Read a book with nothing of lvshu: any DuckDB client can, even while another run is writing.

.venv/bin/python examples/read_a_book.py sample-city
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb


def headlines(workspace: Path) -> list[tuple[str, str, str]]:
    """Return (code, value with unit, interval) of each headline of the current book."""
    run = (workspace / "runs" / "current").read_text(encoding="utf-8").strip()
    with duckdb.connect(str(workspace / "runs" / run / "book.duckdb"), read_only=True) as book:
        rows = book.execute("SELECT code, value, unit, low, high FROM headline ORDER BY position").fetchall()
        for code, value, *_ in rows:
            # Every headline is a sum over a table that can be opened: its query is stored beside it.
            query = book.execute("SELECT query FROM headline WHERE code = ?", [code]).fetchall()[0][0]
            if value is not None and "-- divided by" not in query:
                again = book.execute(query).fetchall()[0][0]
                if abs(float(again) - float(value)) > 1e-6 * max(1.0, abs(float(value))):
                    raise SystemExit(f"{code} is {value} in the headline and {again} by its own query")
    return [
        (
            code,
            "not covered" if value is None else f"{value:,.2f} {unit}",
            "" if low is None else f"{low:,.2f} to {high:,.2f}",
        )
        for code, value, unit, low, high in rows
    ]


if __name__ == "__main__":
    for line in headlines(Path(sys.argv[1])):
        sys.stdout.write("{:<34} {:>32}  {}\n".format(*line))
