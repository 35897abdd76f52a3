"""The Yangtze delta of 2007: four official tables made into one of five regions, every published margin met.

Outside the four provinces stands a region "rest of the country". Its size and its share in their trade are assumed
for this test (six times their size; of what the four could sell to each other a fifth): only identities are judged.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from lvshu.accounts.compile.tables import RegionalFacts, check_system, regionalise
from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.system import FINAL_LEVELS, INDUSTRY_LEVELS, InputOutputSystem
from lvshu.accounts.methods.compile.regional import net_of_transit

PROVINCES = ("Shanghai", "Jiangsu", "Zhejiang", "Anhui")
FINAL = ("FU101_rural", "FU102_urban", "GOV", "GFCF", "INV", "OTHER")


def _province(folder: Path, name: str) -> tuple[list[str], dict[str, np.ndarray]]:
    with (folder / f"io2007_{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    numbers = np.array([[float(cell or 0) for cell in row[2:]] for row in rows[1:43]])
    place = {name: at for at, name in enumerate(rows[0][2:])}
    use, output = numbers[:, :42], numbers[:, place["GO"]]
    final = numbers[:, [place[name] for name in FINAL]]
    trade = {name.lower(): numbers[:, place[name]] for name in ("EXPORT", "IMPORT", "OUTFLOW", "INFLOW")}
    return [row[1] for row in rows[1:43]], {"use": use, "output": output, "final": final, **trade}


def test_four_official_tables_make_one(shared_data: Path) -> None:
    found = {name: _province(shared_data / "china_io", name) for name in PROVINCES}
    sectors = found["Shanghai"][0]
    stack = {key: np.array([found[name][1][key] for name in PROVINCES]) for key in found["Shanghai"][1]}
    pooled = {key: numbers.sum(axis=0) for key, numbers in stack.items()}
    value_added = stack["output"] - stack["use"].sum(axis=1)
    final = stack["final"][:, :, :5].copy()
    final[:, :, 4] += stack["final"][:, :, 5]
    apart = stack["use"].sum(axis=2) + final.sum(axis=2) + stack["export"] + stack["outflow"]
    np.testing.assert_allclose(apart - stack["import"] - stack["inflow"], stack["output"], atol=1.0)

    def with_rest(numbers: np.ndarray, rest: np.ndarray) -> np.ndarray:
        return np.concatenate([numbers, rest[None]])

    _, _, out_net, in_net, _ = net_of_transit(
        stack["output"], stack["export"], stack["import"], stack["outflow"], stack["inflow"]
    )
    both = out_net.sum(axis=0) + in_net.sum(axis=0)
    room = np.minimum(
        both - (out_net + in_net).max(axis=0), np.minimum(out_net.sum(axis=0), in_net.sum(axis=0))
    )
    among = 0.2 * room  # what the four sell to each other
    rest = 6.0 * pooled["output"] + in_net.sum(axis=0)
    facts = RegionalFacts(
        (*PROVINCES, "rest"), with_rest(stack["output"], rest),
        with_rest(value_added, rest * value_added.sum(axis=0) / pooled["output"]),
        with_rest(stack["export"], 6.0 * pooled["export"]),
        with_rest(stack["import"], 6.0 * pooled["import"]),
        with_rest(stack["outflow"], in_net.sum(axis=0) - among),
        with_rest(stack["inflow"], out_net.sum(axis=0) - among),
        with_rest(final, 6.0 * final.sum(axis=0)), FINAL[:5],
        np.array([[0, 270, 165, 405, 900.0], [270, 0, 240, 140, 900], [165, 240, 0, 325, 900],
                  [405, 140, 325, 0, 900], [900, 900, 900, 900, 0]]), 1.0, "assumed for this test",
    )  # fmt: skip
    national = InputOutputSystem(
        "four provinces 2007", 2007, Index.product(INDUSTRY_LEVELS, ["nation"], sectors),
        Index.of(FINAL_LEVELS, [("nation", "net final use")]), pooled["use"],
        (pooled["output"] - pooled["use"].sum(axis=1))[:, None], pooled["output"],
        {"value added": value_added.sum(axis=0)}, "1e4 CNY",
    )  # fmt: skip
    made = regionalise(national, facts)
    assert check_system(made.system) == ()
    assert len(made.system.industries) == 210
    np.testing.assert_allclose(made.system.output[:42], stack["output"][0])
    np.testing.assert_allclose(made.system.value_added["value_added"][:42].sum(), 121_888_500, atol=5.0)
    told = next(problem for problem in made.findings if problem.code == "accounts.transit_netted")
    assert told.values["count"] == 8
    net = (stack["export"] - stack["import"] + stack["outflow"] - stack["inflow"])[0]
    use = np.asarray(made.system.intermediate_use).reshape(5, 42, 5, 42).sum(axis=3)
    demand = made.system.final_demand[:, :25].reshape(5, 42, 5, 5).sum(axis=3)
    abroad = made.system.final_demand[:42, 25:].sum(axis=1)
    brought = made.system.extensions["imports"]
    from_abroad = np.asarray(brought.flows)[:, :42].sum(axis=1) + brought.final_flows[:, :5].sum(axis=1)
    out = (use + demand)[0].sum(axis=1) - (use + demand)[0][:, 0]
    into = (use + demand)[:, :, 0].sum(axis=0) - (use + demand)[0][:, 0]
    np.testing.assert_allclose(abroad - from_abroad + out - into, net, atol=1.0)
