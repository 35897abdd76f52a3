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
    from lvshu.accounts.ask.analysis import Accounts
    from lvshu.accounts.ask.brought_in import brought_in
    from lvshu.accounts.ask.carbon_price import price_effects
    from lvshu.accounts.ask.coefficients import influential, with_households
    from lvshu.accounts.ask.cycling import cycling_result
    from lvshu.accounts.ask.decomposition import decompose, index_decomposition, kaya_decomposition
    from lvshu.accounts.ask.responsibility import downstream, shared, traded, upstream
    from lvshu.accounts.ask.stocks import scrap_account, stock_accounts
    from lvshu.accounts.ask.structure import extract, linkage_table, paths
    from lvshu.accounts.ask.waste import (
        hybrid_waste,
        waste_account,
        waste_by_treatment,
        waste_scenario,
        waste_stressors,
    )
    from lvshu.accounts.compile.bridge import Bridge
    from lvshu.accounts.compile.check import check_system
    from lvshu.accounts.compile.margins import balance_to, read_margins
    from lvshu.accounts.compile.supply_use import SupplyUse, from_supply_use
    from lvshu.accounts.compile.tables import aggregate, balance, deflate, disaggregate, regionalise
    from lvshu.accounts.ledger.labels import Index
    from lvshu.accounts.ledger.regional import RegionalSystem
    from lvshu.accounts.ledger.result import Result
    from lvshu.accounts.ledger.system import Extension, InputOutputSystem
    from lvshu.accounts.readers import load_system, read_system, save_system
    from lvshu.accounts.readers.pymrio_save import write_pymrio
    from lvshu.accounts.sources.read import read

_PLACES = {
    "Accounts": "ask.analysis",
    "Bridge": "compile.bridge",
    "Extension": "ledger.system",
    "Index": "ledger.labels",
    "InputOutputSystem": "ledger.system",
    "RegionalSystem": "ledger.regional",
    "Result": "ledger.result",
    "SupplyUse": "compile.supply_use",
    "aggregate": "compile.tables",
    "balance": "compile.tables",
    "balance_to": "compile.margins",
    "brought_in": "ask.brought_in",
    "check_system": "compile.check",
    "cycling_result": "ask.cycling",
    "decompose": "ask.decomposition",
    "deflate": "compile.tables",
    "downstream": "ask.responsibility",
    "disaggregate": "compile.tables",
    "extract": "ask.structure",
    "from_supply_use": "compile.supply_use",
    "hybrid_waste": "ask.waste",
    "index_decomposition": "ask.decomposition",
    "kaya_decomposition": "ask.decomposition",
    "linkage_table": "ask.structure",
    "load_system": "readers",
    "paths": "ask.structure",
    "price_effects": "ask.carbon_price",
    "read": "sources.read",
    "read_margins": "compile.margins",
    "read_system": "readers",
    "regionalise": "compile.tables",
    "save_system": "readers",
    "scrap_account": "ask.stocks",
    "stock_accounts": "ask.stocks",
    "waste_account": "ask.waste",
    "waste_by_treatment": "ask.waste",
    "waste_scenario": "ask.waste",
    "waste_stressors": "ask.waste",
    "influential": "ask.coefficients",
    "with_households": "ask.coefficients",
    "shared": "ask.responsibility",
    "traded": "ask.responsibility",
    "upstream": "ask.responsibility",
    "write_pymrio": "readers.pymrio_save",
}

__all__ = [
    "Accounts", "Bridge", "Extension", "Index", "InputOutputSystem", "RegionalSystem", "Result",
    "SupplyUse", "aggregate", "balance", "balance_to", "brought_in", "check_system", "cycling_result",
    "decompose", "deflate", "disaggregate", "downstream", "extract", "from_supply_use", "hybrid_waste",
    "index_decomposition", "influential", "kaya_decomposition", "linkage_table", "load_system", "paths",
    "price_effects", "read", "read_margins", "read_system", "regionalise", "save_system", "scrap_account",
    "shared", "stock_accounts", "traded", "upstream", "waste_account", "waste_by_treatment",
    "waste_scenario", "waste_stressors", "with_households", "write_pymrio",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Return a public name, importing its module (and its libraries) only when it is used."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
