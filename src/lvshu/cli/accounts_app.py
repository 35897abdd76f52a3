"""`lvshu accounts …`: questions to a table, a database or a book, without a run.

Commands and options are data: COMMANDS says which options a command has, OPTIONS what each is. A command's module is
`lvshu.cli.commands.accounts.<name>`; its `execute` takes the options by these names.
"""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

import typer

from lvshu.cli.declared import Option, add_group

Account = StrEnum(
    "Account", ["consumption", "production", "exports", "imports", "balance", "bilateral", "income"]
)
Grouping = StrEnum("Grouping", ["region", "sector", "category", "product", "emitter"])
Extraction = StrEnum("Extraction", ["complete", "backward", "forward"])
Decomposition = StrEnum("Decomposition", ["shapley", "polar", "lmdi", "kaya"])
Detail = StrEnum("Detail", ["total", "emitter", "product", "category"])
Inventory = StrEnum("Inventory", ["sectoral", "reference", "gap", "gpc"])
Bunkers = StrEnum("Bunkers", {"with": "with", "without": "without"})
Circular = StrEnum(
    "Circular", {"indicators": "indicators", "breaks": "breaks", "what-if": "what-if", "stocks": "stocks",
                 "waste": "waste", "cycling": "cycling"}
)  # fmt: skip
Construct = StrEnum("Construct", {"A": "A", "B": "B", "C": "C", "D": "D"})
Level = StrEnum("Level", ["sector", "region"])
Driver = StrEnum("Driver", ["inflow", "stock"])
Saved = StrEnum("Saved", {"lvshu": "lvshu", "pymrio": "pymrio", "pymrio-parquet": "pymrio-parquet"})


OPTIONS: dict[str, Option] = {
    "source": Option("", Path),
    "second": Option("", Path, None),
    "what": Option("", Circular),
    "stressor": Option("--stressor", list[str], None, short="-s"),
    "account": Option("--account", Account, Account["consumption"]),
    "by": Option("--by", Grouping, Grouping["region"]),
    "region": Option("--region", str, ""),
    "final": Option("--final", str, ""),
    "sector": Option("--sector", list[str], None),
    "emissions": Option("--emissions", Path, None),
    "form": Option("--format", str, ""),
    "year": Option("--year", int, None),
    "area": Option("--area", str, ""),
    "unit": Option("--unit", str, ""),
    "to": Option("--to", list[Path], None, short="-o"),
    "top": Option("--top", int, 20, 1),
    "cut": Option("--cut", float, 0.001, 0.0),
    "depth": Option("--depth", int, None, 0),
    "way": Option("--way", Extraction, Extraction["complete"]),
    "method": Option("--method", Decomposition, Decomposition["shapley"]),
    "detail": Option("--detail", Detail, Detail["total"]),
    "kind": Option("--method", Inventory, Inventory["sectoral"]),
    "bunkers": Option("--bunkers", Bunkers, Bunkers["without"]),
    "factors": Option("--factors", str, "fuel_factors_p"),
    "carbon_price": Option("--carbon-price", float, None, 0.0),
    "pass_through": Option("--pass-through", float, 1.0, 0.0),
    "exempt": Option("--exempt", list[str], None),
    "border": Option("--border", bool, False),
    "households": Option("--households", Path, None),
    "margins": Option("--margins", Path, None),
    "bridge": Option("--bridge", Path, None),
    "construct": Option("--model", Construct, Construct["B"]),
    "saved": Option("--as", Saved, Saved["lvshu"]),
    "folder": Option("--save", Path, None),
    "level": Option("--level", Level, Level["sector"]),
    "driven_by": Option("--driven-by", Driver, Driver["inflow"]),
    "replicates": Option("--replicates", int, 0, 0),
    "inputs": Option("--input", list[Path], None),
    "recover": Option("--recover", list[str], None),
    "table_error": Option("--table-error", float, 0.0, 0.0),
}
READING = ("form", "year", "area", "unit", "emissions")
SHOWING = ("to", "top")
SAVING = ("folder", "saved")
COMMANDS: dict[str, tuple[str, ...]] = {
    "footprint": ("source", "stressor", "account", "by", "region", "final", *READING, "table_error", *SHOWING),
    "multipliers": ("source", "stressor", "region", *READING, *SHOWING),
    "inventory": ("source", "kind", "bunkers", "factors", "year", "area", "unit", *SHOWING),
    "decompose": ("source", "second", "stressor", "method", "detail", *READING, *SHOWING),
    "paths": ("source", "stressor", "region", "final", "sector", "cut", "depth", *READING, *SHOWING),
    "extract": ("source", "stressor", "way", *READING, *SHOWING),
    "linkages": ("source", "region", *READING, *SHOWING),
    "balance": ("source", "margins", *READING, *SAVING, *SHOWING),
    "circular": ("what", "inputs", "recover", "driven_by", "replicates", *SHOWING),
    "price": ("source", "stressor", "region", "carbon_price", "pass_through", "exempt", "border", "households",
              *READING, *SHOWING),
    "compile": ("source", "second", "construct", "year", "area", "unit", *SAVING, *SHOWING),
    "aggregate": ("source", "bridge", "level", *READING, *SAVING),
    "convert": ("source", *READING, *SAVING),
    "formats": (),
}  # fmt: skip


def add_accounts(
    app: typer.Typer,
    classes: tuple[Any, Any],
    language: str,
    t: Callable[[str], str],
    execute: Callable[..., None],
) -> None:
    """Add the group `accounts` and its commands to the program; the arguments are those of `add_group`."""
    add_group(app, "accounts", COMMANDS, OPTIONS, classes=classes, language=language, t=t, execute=execute)
