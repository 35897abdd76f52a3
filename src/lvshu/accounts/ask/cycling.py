"""How much of what flows through a system comes back to where it was, with labels."""

from __future__ import annotations

import numpy as np

from lvshu.accounts.ask.analysis import Accounts
from lvshu.accounts.compile.check import dense
from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.result import Result
from lvshu.accounts.methods.circulation.cycling import cycling


def cycling_result(accounts: Accounts) -> Result:
    """Return Finn's cycling of a system's money flows by sector: throughflow, share that returns, amount that returns.

    Shape (3, n). The index of the whole system and the mean path length stand in the notes. In money it tells how
    entangled the sectors are; for materials give a system whose flows are tonnes.

    Raises:
        MethodError: accounts.cycling_closed, accounts.use_without_output.
    """
    system = accounts.system
    found = cycling(dense(system.intermediate_use), system.output)
    efficiency = np.asarray(found.efficiency)
    values = np.vstack([system.output, 100.0 * efficiency, system.output * efficiency])
    rows = Index.of(("measure",), ["throughflow", "returning_share", "returning"])
    note = (f"芬恩循环指数 {100.0 * found.index:.4g}%，平均路径长度 {found.path_length:.4g}。",
            f"Finn's cycling index {100.0 * found.index:.4g} %, mean path length {found.path_length:.4g}.")  # fmt: skip
    return Result("cycling", ("芬恩循环", "Finn's cycling"), rows, system.industries, values,
                  (system.money_unit, "%", system.money_unit), "accounts.cycling", (system.origin,),
                  notes=(note,))  # fmt: skip
