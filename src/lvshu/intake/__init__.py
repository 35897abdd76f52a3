"""Floor 2, intake: everyone's tables become the book's input tables, and nothing is lost on the way.

discovery = discover(folder, contracts)            which file is which table
report = load_table(engine, contract, discovery.of(contract.name), settings=…, packs=…)
check_references(engine, contracts)                when all tables are there
load_inputs(engine, contracts, folder, …)          all of it at once
write_rejects(engine, folder, contracts)           what a person has to correct
write_template(contract, path, language="zh")      an empty table that explains itself
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lvshu.intake.discovery import discover
    from lvshu.intake.findings import check_references
    from lvshu.intake.load import load_table
    from lvshu.intake.rejects import count_rejects, write_rejects
    from lvshu.intake.report import Discovery, FileReport, InputFile, IntakeReport, TableReport
    from lvshu.intake.run import load_inputs
    from lvshu.intake.template import write_template

__all__ = [
    "Discovery",
    "FileReport",
    "InputFile",
    "IntakeReport",
    "TableReport",
    "check_references",
    "count_rejects",
    "discover",
    "load_inputs",
    "load_table",
    "write_rejects",
    "write_template",
]

_PLACES = {
    "Discovery": "report",
    "FileReport": "report",
    "InputFile": "report",
    "IntakeReport": "report",
    "TableReport": "report",
    "check_references": "findings",
    "count_rejects": "rejects",
    "discover": "discovery",
    "load_inputs": "run",
    "load_table": "load",
    "write_rejects": "rejects",
    "write_template": "template",
}


def __getattr__(name: str) -> Any:
    """Return a public name, importing its module (and its libraries) only when it is used."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
