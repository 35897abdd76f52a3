"""Tables with names: made, aggregated, split, balanced, deflated, checked, on toys and on official tables."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from lvshu.accounts.compile.tables import (
    Bridge,
    RegionalFacts,
    SupplyUse,
    aggregate,
    balance,
    balance_result,
    check_system,
    deflate,
    disaggregate,
    from_supply_use,
    regionalise,
)
from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.result import Result
from lvshu.accounts.ledger.system import (
    FINAL_LEVELS,
    INDUSTRY_LEVELS,
    STRESSOR_LEVELS,
    Extension,
    InputOutputSystem,
)
from lvshu.accounts.methods.leontief import input_coefficients, leontief_model, required_output
from lvshu.core.errors import MethodError

SECTORS = ("coal", "power", "steel", "shops")


def toy(
    seed: int = 5, regions: tuple[str, ...] = ("north", "south"), thin: bool = False
) -> InputOutputSystem:
    generator = np.random.default_rng(seed)
    n, c = len(regions) * len(SECTORS), len(regions) * 2
    use, final = generator.uniform(0, 10, (n, n)), generator.uniform(1, 30, (n, c))
    output = use.sum(axis=1) + final.sum(axis=1)
    rest = output - use.sum(axis=0)
    flows = generator.uniform(0, 5, (2, n))
    carbon = Extension(
        "air", Index.of(STRESSOR_LEVELS, ["CO2", "SO2"]), ("t", "t"), sparse.csr_array(flows) if thin else flows,
        generator.uniform(0, 1, (2, c)), 0.1 * flows,
    )  # fmt: skip
    return InputOutputSystem(
        "toy", 2020, Index.product(INDUSTRY_LEVELS, regions, SECTORS),
        Index.product(FINAL_LEVELS, regions, ("households", "capital")), sparse.csr_array(use) if thin else use, final,
        output, {"wages": 0.6 * rest, "surplus": 0.4 * rest}, "1e4 CNY", {"air": carbon},
    )  # fmt: skip


def dense(matrix: object) -> np.ndarray:
    return matrix.toarray() if sparse.issparse(matrix) else np.asarray(matrix)


def total(system: InputOutputSystem) -> list[float]:
    air = system.extensions["air"]
    return [dense(system.intermediate_use).sum(), system.final_demand.sum(), system.output.sum(),
            *(row.sum() for row in system.value_added.values()), *dense(air.flows).sum(axis=1),
            *air.final_flows.sum(axis=1)]  # fmt: skip


ENERGY = Bridge.of("sector", [("coal", "energy"), ("power", "energy"), ("steel", "goods", 0.75),
                              ("steel", "services", 0.25), ("shops", "services")])  # fmt: skip


@pytest.mark.parametrize("thin", [False, True])
def test_aggregating_sectors_keeps_every_total(thin: bool) -> None:
    system = toy(thin=thin)
    found = aggregate(system, ENERGY)
    assert found.industries.labels == tuple((region, sector) for region in ("north", "south")
                                            for sector in ("energy", "goods", "services"))  # fmt: skip
    np.testing.assert_allclose(total(found), total(system))
    assert sparse.issparse(found.intermediate_use) is thin
    assert check_system(found) == ()
    use = dense(system.intermediate_use)
    assert dense(found.intermediate_use)[0, 3] == pytest.approx(use[0:2, 4:6].sum())
    error = system.extensions["air"].standard_error
    np.testing.assert_allclose(
        found.extensions["air"].standard_error[:, 0], np.hypot(error[:, 0], error[:, 1])
    )
    np.testing.assert_allclose(found.extensions["air"].standard_error[:, 1], 0.75 * error[:, 2])


def test_aggregating_regions_adds_their_final_uses() -> None:
    system = toy()
    found = aggregate(system, Bridge.of("region", [("north", "nation"), ("south", "nation")]))
    assert found.industries.labels == tuple(("nation", sector) for sector in SECTORS)
    assert found.final.labels == (("nation", "households"), ("nation", "capital"))
    np.testing.assert_allclose(total(found), total(system))
    np.testing.assert_allclose(
        found.final_demand[0, 0], system.final_demand[[0, 0, 4, 4], [0, 2, 0, 2]].sum()
    )
    assert check_system(found) == ()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_aggregation_commutes(seed: int) -> None:
    """Sectors first or regions first; the aggregated demand of the table needs its aggregated output."""
    system = toy(seed)
    nation = Bridge.of("region", [("north", "nation"), ("south", "nation")])
    one, other = aggregate(aggregate(system, ENERGY), nation), aggregate(aggregate(system, nation), ENERGY)
    assert one.industries == other.industries
    np.testing.assert_allclose(one.intermediate_use, other.intermediate_use)
    np.testing.assert_allclose(total(one), total(other))
    model = leontief_model(input_coefficients(dense(one.intermediate_use), one.output))
    np.testing.assert_allclose(required_output(model, one.final_demand.sum(axis=1)), one.output)


def test_bridges_from_files(tmp_path: Path) -> None:
    path = tmp_path / "bridge.csv"
    path.write_text(
        "原部门,新部门,权重\ncoal,energy,\npower,energy,1\nsteel,goods,\nshops,services,1\ntea,services,1\n",
        "utf-8",
    )
    bridge = Bridge.read(path)
    assert bridge.lines[0] == ("coal", "energy", 1.0)
    found = aggregate(toy(), bridge)
    assert found.sectors == ("energy", "goods", "services")
    assert any("tea" in english for _, english in found.notes)
    with pytest.raises(MethodError) as caught:
        aggregate(toy(), Bridge.of("sector", bridge.lines[1:]))
    codes = [problem.code for problem in caught.value.problems]
    assert codes == ["accounts.bridge_unmatched", "accounts.bridge_unknown"]
    assert "coal" in caught.value.text("zh")
    path.write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(MethodError) as caught:
        Bridge.read(path)
    assert caught.value.code == "accounts.bridge_columns"
    with pytest.raises(MethodError) as caught:
        Bridge.of("sector", [("a", "b", "half")])
    assert caught.value.code == "accounts.bridge_number"


def test_splitting_and_putting_together_again() -> None:
    system = toy()
    found = disaggregate(system, "south/power", {"coal power": 0.7, "wind power": 0.3},
                         extension_shares={"air": np.array([1.0, 0.0])})  # fmt: skip
    assert found.system.industries.labels[5:7] == (("south", "coal power"), ("south", "wind power"))
    assert [problem.code for problem in found.findings] == ["accounts.parts_alike"]
    assert check_system(found.system) == ()
    np.testing.assert_allclose(total(found.system), total(system))
    assert dense(found.system.extensions["air"].flows)[0, 6] == 0.0
    lines = [(name, "power" if "power" in name else name) for name in (*SECTORS, "coal power", "wind power")]
    back = aggregate(found.system, Bridge.of("sector", lines))
    order = [back.industries.places[label] for label in system.industries.labels]
    np.testing.assert_allclose(dense(back.intermediate_use)[np.ix_(order, order)], system.intermediate_use)
    with pytest.raises(MethodError) as caught:
        disaggregate(system, "power", {"a": 1.0})
    assert caught.value.code == "accounts.label_not_single"


def test_from_supply_use() -> None:
    supply = np.array([[90.0, 5.0], [10.0, 95.0]])
    use = np.array([[20.0, 30.0], [15.0, 25.0]])
    labels = Index.product(INDUSTRY_LEVELS, ["city"], ["farm", "mill"])
    products = Index.product(INDUSTRY_LEVELS, ["city"], ["grain", "flour"])
    air = Extension(
        "air",
        Index.of(STRESSOR_LEVELS, ["CO2"]),
        ("t",),
        np.array([[8.0, 2.0]]),
        None,
        np.array([[0.8, 0.2]]),
    )
    tables = SupplyUse(
        "city", 2020, products, labels, Index.of(FINAL_LEVELS, [("city", "all")]), supply, use,
        (supply.sum(axis=1) - use.sum(axis=1))[:, None], {"value added": supply.sum(axis=0) - use.sum(axis=0)},
        extensions={"air": air},
    )  # fmt: skip
    for model, names in (("A", products), ("B", products), ("C", labels), ("D", labels)):
        found = from_supply_use(tables, model)
        assert found.system.industries.labels == names.labels
        assert check_system(found.system) == ()
        assert found.system.value_added["value added"].sum() == pytest.approx(110.0)
        assert found.system.extensions["air"].flows.sum() == pytest.approx(10.0)
    unchanged = from_supply_use(tables, "D").system.extensions["air"]
    np.testing.assert_allclose(unchanged.standard_error, [[0.8, 0.2]])
    share = supply.T / supply.sum(axis=0)[:, None]
    carried = from_supply_use(tables, "B").system.extensions["air"]
    np.testing.assert_allclose(carried.standard_error, np.sqrt(np.array([[0.64, 0.04]]) @ share**2))


def test_balancing_a_table_keeps_value_added() -> None:
    system = toy()
    output = system.output * np.linspace(0.95, 1.05, 8)
    found = balance(system, output=output)
    np.testing.assert_allclose(found.system.output, output)
    assert check_system(found.system) == ()
    np.testing.assert_allclose(found.system.value_added["wages"], system.value_added["wages"])
    assert found.findings[-1].code == "accounts.table_balanced"
    with pytest.raises(MethodError) as caught:
        balance(replace(system, value_added={}))
    assert caught.value.code == "accounts.no_value_added"


def test_balancing_a_labelled_matrix() -> None:
    rows, columns = Index.of(("product",), ["a", "b"]), Index.of(("use",), ["x", "y"])
    prior = Result(
        "trade", ("贸易", "trade"), rows, columns, np.ones((2, 2)), ("t",), "accounts.multiregional"
    )
    found, problems = balance_result(prior, np.array([3.0, 1.0]), np.array([2.0, 2.0]))
    np.testing.assert_allclose(found.values, [[1.5, 1.5], [0.5, 0.5]])
    assert problems == ()
    with pytest.raises(MethodError) as caught:
        balance_result(
            replace(prior, values=np.array([[0.0, 0.0], [1.0, 1.0]])),
            np.array([3.0, 1.0]),
            np.array([2.0, 2.0]),
        )
    assert "a (3)" in caught.value.text("en")


def test_deflating() -> None:
    system = toy()
    found = deflate(
        system, {"coal": 1.2, "power": 1.1, "steel": 0.9, "north/shops": 1.05, "shops": 1.3}, base="2015"
    )
    assert check_system(found.system) == ()
    np.testing.assert_allclose(found.system.output[[3, 7]], system.output[[3, 7]] / [1.05, 1.3])
    assert tuple(found.system.value_added) == ("value_added",)
    np.testing.assert_allclose(found.system.value_added["value_added"].sum(), found.system.final_demand.sum())
    with pytest.raises(MethodError) as caught:
        deflate(system, {"coal": 1.0})
    assert caught.value.code == "accounts.price_index_missing"
    with pytest.raises(MethodError) as caught:
        deflate(system, np.ones(8), imports={"tariffs": 1.0})
    assert caught.value.code == "accounts.no_such_row"
    kept = deflate(system, np.ones(8), imports={"wages": 2.0}).system
    np.testing.assert_allclose(kept.value_added["wages"], system.value_added["wages"] / 2.0)


def test_check_names_every_imbalance() -> None:
    system = toy()
    assert check_system(system) == ()
    use = np.array(system.intermediate_use)
    use[0, 3] += 7.5
    told = check_system(replace(system, intermediate_use=use))
    assert [problem.code for problem in told] == ["accounts.row_imbalance", "accounts.column_imbalance"]
    assert "north / coal" in told[0].text("en")
    assert "7.50" in told[0].text("zh")
    assert "north / shops" in told[1].text("en")
    output = system.output.copy()
    output[2], output[5] = 0.0, -3.0
    codes = {problem.code for problem in check_system(replace(system, output=output))}
    assert {"accounts.negative_output", "accounts.idle_sector_inputs"} <= codes
    assert check_system(replace(system, output=output[:-1]))[0].code == "accounts.table_shape"
    output[1] = np.nan
    assert check_system(replace(system, output=output))[0].code == "accounts.table_not_finite"
    many = check_system(replace(system, output=2.0 * system.output), most=3)
    assert [problem.code for problem in many].count("accounts.row_imbalance") == 3
    assert "accounts.more_imbalances" in {problem.code for problem in many}
    greedy = replace(system, intermediate_use=use * 40.0)
    worst = check_system(greedy)[-1]
    assert worst.code == "accounts.table_not_productive"
    assert worst.severity == "error"


def test_regions_from_a_national_table() -> None:
    generator = np.random.default_rng(2)
    national = toy(regions=("nation",))
    r, n = 3, 4
    output = np.array([[0.5], [0.3], [0.2]]) * national.output
    flows = generator.uniform(0.1, 1.0, (n, r, r)) * ~np.eye(r, dtype=bool)
    value_added = np.array([[0.5], [0.3], [0.2]]) * (
        national.output - dense(national.intermediate_use).sum(axis=0)
    )
    facts = RegionalFacts(
        ("沪", "苏", "浙"), output, value_added, 0.05 * output, 0.04 * output, flows.sum(axis=2).T, flows.sum(axis=1).T,
        output[:, :, None] * np.array([0.3, 0.2]), ("households", "capital"),
        np.array([[0.0, 300, 180], [300, 0, 280], [180, 280, 0]]), 1.0, "test",
    )  # fmt: skip
    found = regionalise(national, facts)
    system = found.system
    assert check_system(system) == ()
    assert system.regions == ("沪", "苏", "浙")
    np.testing.assert_allclose(system.output, output.ravel())
    np.testing.assert_allclose(system.value_added["value_added"], value_added.ravel())
    exports = system.final_demand[
        :, [place for place, label in enumerate(system.final.labels) if label[1] == "exports"]
    ]
    np.testing.assert_allclose(exports.sum(axis=1), 0.05 * output.ravel())
    brought = system.extensions["imports"]
    np.testing.assert_allclose(
        dense(brought.flows).sum(axis=1) + brought.final_flows.sum(axis=1), 0.04 * national.output
    )
    assert found.findings[-1].code == "accounts.gravity_used"
    with pytest.raises(MethodError) as caught:
        regionalise(national, replace(facts, exports=facts.exports[:, :2]))
    assert caught.value.code == "accounts.table_shape"


def test_shanghai_2007_splits_and_aggregates(shared_data: Path) -> None:
    """The official table of Shanghai 2007: 42 sectors to 3, and one split in two; published totals stay."""
    with (shared_data / "china_io" / "io2007_Shanghai.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    header, first = rows[0], 2
    sectors = [row[1] for row in rows[1:43]]
    numbers = np.array([[float(cell or 0) for cell in row[first:]] for row in rows[1:43]])
    column = {name: place for place, name in enumerate(header[first:])}
    assert len(sectors) == 42
    use, output = numbers[:, :42], numbers[:, column["GO"]]
    final = (output - use.sum(axis=1))[:, None]
    value_added = output - use.sum(axis=0)
    assert output.sum() == pytest.approx(432_837_008.6, abs=1.0)
    assert value_added.sum() == pytest.approx(121_888_500, abs=5.0)
    system = InputOutputSystem(
        "Shanghai", 2007, Index.product(INDUSTRY_LEVELS, ["Shanghai"], sectors),
        Index.of(FINAL_LEVELS, [("Shanghai", "net final use")]), use, final, output,
        {"value added": value_added}, "1e4 CNY",
    )  # fmt: skip
    assert check_system(system) == ()
    bridge = Bridge.of("sector", [(name, "agriculture" if place == 0 else "industry" if place < 26 else "services")
                                  for place, name in enumerate(sectors)])  # fmt: skip
    found = aggregate(system, bridge)
    assert found.output.sum() == pytest.approx(432_837_008.6, abs=1.0)
    assert found.value_added["value added"].sum() == pytest.approx(121_888_500, abs=5.0)
    parts = disaggregate(system, sectors[22], {"thermal": 0.9, "other": 0.1}).system
    np.testing.assert_allclose(parts.output.sum(), system.output.sum())
    np.testing.assert_allclose(parts.value_added["value added"].sum(), value_added.sum())
