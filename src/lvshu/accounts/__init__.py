"""Floor 3, accounts: one ledger of money, energy, CO2, materials and waste, and what can be asked of it.

In a program, without a run:

    from lvshu import accounts

    world = accounts.read("IOT_2011_pxp.zip")            # a database, a published table, a workspace
    asked = accounts.Accounts(world)
    asked.footprint("CO2*", by="region")                 # a Result: labels, units, method, origin
    accounts.paths(asked, "CO2", final="China/households", cut=0.001)

In a run the steps of `steps.py` make the tables of the book.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lvshu.accounts.analysis import Accounts
    from lvshu.accounts.brought_in import brought_in
    from lvshu.accounts.carbon_price import price_effects
    from lvshu.accounts.compile import aggregate, balance, deflate, disaggregate, regionalise
    from lvshu.accounts.compile_bridge import Bridge
    from lvshu.accounts.compile_check import check_system
    from lvshu.accounts.compile_supply_use import SupplyUse, from_supply_use
    from lvshu.accounts.cycling import cycling_result
    from lvshu.accounts.decomposition import decompose, index_decomposition, kaya_decomposition
    from lvshu.accounts.labels import Index
    from lvshu.accounts.margins import balance_to, read_margins
    from lvshu.accounts.readers import load_system, read_system, save_system
    from lvshu.accounts.readers.pymrio_save import write_pymrio
    from lvshu.accounts.regional import RegionalSystem
    from lvshu.accounts.result import Result
    from lvshu.accounts.source import read
    from lvshu.accounts.stocks import scrap_account, stock_accounts
    from lvshu.accounts.structure import extract, linkage_table, paths
    from lvshu.accounts.system import Extension, InputOutputSystem
    from lvshu.accounts.waste import waste_account, waste_by_treatment, waste_scenario, waste_stressors

_PLACES = {
    "Accounts": "analysis",
    "Bridge": "compile_bridge",
    "Extension": "system",
    "Index": "labels",
    "InputOutputSystem": "system",
    "RegionalSystem": "regional",
    "Result": "result",
    "SupplyUse": "compile_supply_use",
    "aggregate": "compile",
    "balance": "compile",
    "balance_to": "margins",
    "brought_in": "brought_in",
    "check_system": "compile_check",
    "cycling_result": "cycling",
    "decompose": "decomposition",
    "deflate": "compile",
    "disaggregate": "compile",
    "extract": "structure",
    "from_supply_use": "compile_supply_use",
    "index_decomposition": "decomposition",
    "kaya_decomposition": "decomposition",
    "linkage_table": "structure",
    "load_system": "readers",
    "paths": "structure",
    "price_effects": "carbon_price",
    "read": "source",
    "read_margins": "margins",
    "read_system": "readers",
    "regionalise": "compile",
    "save_system": "readers",
    "scrap_account": "stocks",
    "stock_accounts": "stocks",
    "waste_account": "waste",
    "waste_by_treatment": "waste",
    "waste_scenario": "waste",
    "waste_stressors": "waste",
    "write_pymrio": "readers.pymrio_save",
}

__all__ = [
    "Accounts", "Bridge", "Extension", "Index", "InputOutputSystem", "RegionalSystem", "Result", "SupplyUse",
    "aggregate", "balance", "balance_to", "brought_in", "check_system", "cycling_result", "decompose", "deflate",
    "disaggregate", "extract", "from_supply_use", "index_decomposition", "kaya_decomposition", "linkage_table",
    "load_system", "paths", "price_effects", "read", "read_margins", "read_system", "regionalise", "save_system",
    "scrap_account", "stock_accounts", "waste_account", "waste_by_treatment", "waste_scenario", "waste_stressors",
    "write_pymrio",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Return a public name, importing its module (and its libraries) only when it is used."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
