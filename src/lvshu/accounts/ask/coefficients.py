"""Which coefficients matter, and what households add when their income is spent again, with labels."""

from __future__ import annotations

import numpy as np

from lvshu.accounts.ask.analysis import Accounts, Words
from lvshu.accounts.compile.compiled import names_of
from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.result import Result
from lvshu.accounts.methods.kernel.accounts import stressor_intensity
from lvshu.accounts.methods.structure.closure import closure, multipliers
from lvshu.accounts.methods.structure.influence import most_influential
from lvshu.accounts.methods.structure.inverse import inverse_summary
from lvshu.core.errors import MethodError, Problem


def influential(accounts: Accounts, count: int = 50) -> Result:
    """Return the input coefficients of the largest field of influence, shape (2, k): influence, and the coefficient.

    Args:
        accounts: of n sectors.
        count: how many are wanted.
    """
    coefficients = accounts.leontief.coefficients
    found = most_influential(inverse_summary(accounts.leontief), count, coefficients)
    industries = accounts.system.industries
    labels = [
        (industries.text(int(i)), industries.text(int(j)))
        for i, j in zip(found.product, found.user, strict=True)
    ]
    values = np.vstack([found.influence, coefficients[found.product, found.user]])
    return Result("influence", ("影响域最大的投入系数", "Input coefficients of the largest influence"),
                  Index.of(("measure",), ["influence", "coefficient"]), Index.of(("product", "user"), labels), values,
                  ("1",), "accounts.influence", (accounts.system.origin,))  # fmt: skip


def with_households(
    accounts: Accounts, words: Words, *, income: str, consumption: str, spent: float = 1.0
) -> Result:
    """Return simple and total (type I and type II) multipliers of a stressor: households inside the economy or outside.

    Args:
        accounts: of n sectors.
        words: one stressor; "value_added" or a row of it gives income multipliers.
        income: the row of value added that households earn, such as VA001 (compensation of employees).
        consumption: the kind of final demand that households buy, such as "household_urban" or "households".
        spent: share of household income that is spent on products, 0 to 1; the rest is saved, taxed or sent away.

    Returns:
        Rows direct, simple, total (unit of the stressor per money), type I, type II (no unit); columns n sectors.

    Raises:
        MethodError: accounts.no_such_row, accounts.no_such_label, accounts.closed_not_productive.
    """
    chosen = accounts.stressors(words)
    accounts.one(chosen)
    system = accounts.system
    if income not in system.value_added:
        raise MethodError(
            Problem("accounts.no_such_row", values={"rows": [income], "found": list(system.value_added)})
        )
    bought = np.asarray(system.final_demand[:, system.final.find(consumption)].sum(axis=1), dtype=np.float64)
    earned = np.asarray(system.value_added[income], dtype=np.float64)
    per_output = np.divide(earned, system.output, out=np.zeros_like(earned), where=system.output != 0.0)
    whole = float(bought.sum())
    pattern = bought / whole * spent if whole else bought
    closed = closure(accounts.leontief, per_output, pattern)
    found = multipliers(
        closed, stressor_intensity(chosen.flows, system.output, names_of(system.industries))[0]
    )
    unit = f"{chosen.units[0]}/{system.money_unit}"
    rows = Index.of(("measure",), ["direct", "simple", "with_households", "type_one", "type_two"])
    values = np.vstack([found.direct, found.simple, found.total, found.type_one, found.type_two])
    percent = f"{100.0 * spent:.0f}"
    note = (f"居民收入的 {percent}% 按“{consumption}”的结构用于表内产品。",
            f"{percent} % of household income is spent on products of the table, like “{consumption}”.")  # fmt: skip
    title = ("含居民的乘数（I 型与 II 型）", "Multipliers with households (type I and type II)")
    return Result("households", title, rows,
                  system.industries, values, (unit, unit, unit, "1", "1"), "accounts.closure", accounts.origins(chosen),
                  notes=(note,))  # fmt: skip
