"""Publications of a book: an HTML report, a workbook, tables as files, headlines as text."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lvshu.publish.headlines import HeadlineLine, headline_lines
    from lvshu.publish.report import render_report, write_report
    from lvshu.publish.tables import write_csv, write_json
    from lvshu.publish.workbook import write_workbook

_PLACES = {
    "HeadlineLine": "headlines",
    "headline_lines": "headlines",
    "render_report": "report",
    "write_report": "report",
    "write_csv": "tables",
    "write_json": "tables",
    "write_workbook": "workbook",
}

__all__ = [
    "HeadlineLine",
    "headline_lines",
    "render_report",
    "write_csv",
    "write_json",
    "write_report",
    "write_workbook",
]


def __getattr__(name: str) -> Any:
    """Return a publication's function, its module imported when it is first asked for."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
