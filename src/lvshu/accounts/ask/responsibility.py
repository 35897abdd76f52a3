"""Who answers for an emission, with labels: up and down the chain, trade between regions, shared between both ends."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.ask.analysis import Accounts, Words
from lvshu.accounts.compile.compiled import names_of
from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.result import Result
from lvshu.accounts.methods.kernel import responsibility as method
from lvshu.accounts.methods.kernel.accounts import demand_by_region, stressor_intensity

Array = NDArray[np.float64]
CARD = "accounts.responsibility"


def upstream(accounts: Accounts, words: Words = None) -> Result:
    """Return what lies up the supply chain of one unit of each product, M - S, shape (m, n), unit per money."""
    chosen = accounts.stressors(words)
    values = method.upstream(
        accounts.kernel,
        stressor_intensity(chosen.flows, accounts.system.output, names_of(accounts.system.industries)),
    )
    return _by_industry(accounts, words, "upstream", ("上游强度", "Upstream intensities"), values)


def downstream(accounts: Accounts, words: Words = None) -> Result:
    """Return what one unit of primary input enables down the chain, S (G' - I), shape (m, n), unit per money."""
    chosen = accounts.stressors(words)
    values = method.downstream(
        accounts.kernel,
        stressor_intensity(chosen.flows, accounts.system.output, names_of(accounts.system.industries)),
    )
    return _by_industry(accounts, words, "downstream", ("下游强度", "Downstream intensities"), values)


def _by_industry(
    accounts: Accounts, words: Words, name: str, title: tuple[str, str], values: Array
) -> Result:
    chosen = accounts.stressors(words)
    units = tuple(f"{unit}/{accounts.system.money_unit}" for unit in chosen.units)
    return Result(
        name, title, chosen.index, accounts.system.industries, values, units, CARD, accounts.origins(chosen)
    )


def traded(accounts: Accounts, words: Words = None) -> Result:
    """Return the emission embodied in bilateral trade (EEBT), region by region, shape (r, r), of one stressor.

    Each region answers for all it sells to another, to any use; imported inputs of exports are not followed.

    Raises:
        MethodError: accounts.one_stressor_wanted.
    """
    chosen = accounts.stressors(words)
    accounts.one(chosen)
    regions = Index.of(("region",), accounts.regions)
    demand = demand_by_region(accounts.system.final_demand, accounts.region_of_demand, len(accounts.regions))
    found = method.bilateral_trade(
        accounts.kernel,
        stressor_intensity(chosen.flows, accounts.system.output, names_of(accounts.system.industries)), demand,
        blocks=accounts.region_of_sector,
    )  # fmt: skip
    title = ("双边贸易隐含排放（EEBT）", "Emissions embodied in bilateral trade (EEBT)")
    return Result("traded", title, regions, regions, found.traded[0], chosen.units, CARD, accounts.origins(chosen),
                  is_flow=True)  # fmt: skip


def shared(
    accounts: Accounts, words: Words = None, *, passed_on: float | Mapping[str, float] = 0.5
) -> Result:
    """Return an emission shared between every producer along the chain and the final consumers, of one stressor.

    Args:
        accounts: of n sectors.
        words: one stressor.
        passed_on: share of its load that a seller passes on, 0 to 1; one figure, or label -> figure (others 0.5). It is
            a convention that the user chooses.

    Returns:
        Rows: producing sectors, then consuming regions, shape (n + r, 1); their sum is the emission.

    Raises:
        MethodError: accounts.one_stressor_wanted, accounts.kernel_share, accounts.no_such_label.
    """
    chosen = accounts.stressors(words)
    accounts.one(chosen)
    system = accounts.system
    share = np.full(
        len(system.industries), passed_on if isinstance(passed_on, int | float) else 0.5, dtype=np.float64
    )
    if isinstance(passed_on, Mapping):
        for label, value in passed_on.items():
            share[system.industries.find(label)] = value
    demand = demand_by_region(system.final_demand, accounts.region_of_demand, len(accounts.regions))
    found = method.shared(
        accounts.kernel,
        stressor_intensity(chosen.flows, system.output, names_of(system.industries)),
        demand,
        share,
    )
    rows = [("producer", *label) for label in system.industries.labels]
    rows += [("consumer", region, "") for region in accounts.regions]
    values = np.append(found.producers[0], found.consumers[0])[:, None]
    note = ("转嫁份额是使用者选定的约定。", "The share passed on is a convention that the user chooses.")
    return Result("shared", ("生产者与消费者分担", "Shared between producers and consumers"),
                  Index.of(("role", *system.industries.levels), rows), Index.of(("measure",), ["value"]), values,
                  chosen.units, CARD, accounts.origins(chosen), notes=(note,))  # fmt: skip
