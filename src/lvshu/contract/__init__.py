"""Floor 1: table contracts. What each table holds, and the one SQL pass that checks it."""

from lvshu.contract.table import Column, Rule, TableContract, all_contracts, load

__all__ = ["Column", "Rule", "TableContract", "all_contracts", "load"]
