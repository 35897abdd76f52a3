"""Regional tables: flows meet 调出 and 调入, rows meet output, whatever the regions are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.methods.compile.regional import (
    balance_regions,
    bilateral_flows,
    gravity_prior,
    multiregional_table,
    net_of_transit,
)
from lvshu.core.errors import MethodError


def make(seed: int, r: int = 3, n: int = 4) -> dict[str, np.ndarray]:
    """Regions whose outflows and inflows close, product by product."""
    generator = np.random.default_rng(seed)
    output = generator.uniform(80, 120, (r, n))
    flows = generator.uniform(0.5, 4.0, (n, r, r)) * ~np.eye(r, dtype=bool)
    return {
        "output": output, "value_added": output * generator.uniform(0.3, 0.5, (r, n)),
        "exports": output * 0.1, "imports": output * generator.uniform(0.0, 0.2, (r, n)),
        "outflows": flows.sum(axis=2).T, "inflows": flows.sum(axis=1).T,
        "use": generator.uniform(5, 20, (r, n, n)), "final": generator.uniform(10, 40, (r, n, 2)),
        "distance": generator.uniform(50, 500, (r, r)),
    }  # fmt: skip


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_every_margin_is_met(seed: int) -> None:
    given_ = make(seed)
    output, exports, imports = given_["output"], given_["exports"], given_["imports"]
    left = output + imports + given_["inflows"] - exports - given_["outflows"]
    balanced = balance_regions(given_["use"], given_["final"], left, output - given_["value_added"])
    prior = gravity_prior(given_["outflows"].T, given_["inflows"].T, given_["distance"], 1.3)
    flows = bilateral_flows(given_["outflows"].T, given_["inflows"].T, prior).flows
    np.testing.assert_allclose(flows.sum(axis=2), given_["outflows"].T, rtol=1e-8)
    np.testing.assert_allclose(flows.sum(axis=1), given_["inflows"].T, rtol=1e-8)
    assert (np.einsum("irr->ir", flows) == 0.0).all()
    made = multiregional_table(balanced.intermediate_use, balanced.final_use, output, exports, imports, flows)
    rows = made.intermediate_use.sum(axis=1) + made.final_demand.sum(axis=1) + made.exports
    np.testing.assert_allclose(rows, made.output, rtol=1e-7)
    columns = (
        made.intermediate_use.sum(axis=0) + made.imported_use.sum(axis=0) + given_["value_added"].ravel()
    )
    np.testing.assert_allclose(columns, made.output, rtol=1e-7)
    bought = made.imported_use.reshape(4, 3, 4).sum(axis=2) + made.imported_final.reshape(4, 3, 2).sum(axis=2)
    np.testing.assert_allclose(bought, imports.T, rtol=1e-7)
    blocks = made.intermediate_use.reshape(3, 4, 3, 4)
    sent = blocks.sum(axis=3) + made.final_demand.reshape(3, 4, 3, 2).sum(axis=3)
    np.testing.assert_allclose(sent[0, :, 1], flows[:, 0, 1], rtol=1e-7)


def test_gravity_prior_by_hand() -> None:
    distance = np.array([[0.0, 10.0, 20.0], [10.0, 0.0, 40.0], [20.0, 40.0, 0.0]])
    prior = gravity_prior(np.array([[1.0, 2.0, 3.0]]), np.array([[4.0, 5.0, 6.0]]), distance, 2.0)[0]
    assert prior[0, 1] / prior[0, 2] == pytest.approx((1 * 5 / 10**2) / (1 * 6 / 20**2))
    assert prior[1, 2] / prior[2, 0] == pytest.approx((2 * 6 / 40**2) / (3 * 4 / 20**2))
    near, far = (gravity_prior(np.ones((1, 3)), np.ones((1, 3)), distance, decay)[0] for decay in (0.5, 3.0))
    assert near[0, 1] / near[0, 2] < far[0, 1] / far[0, 2]
    with pytest.raises(MethodError) as caught:
        gravity_prior(np.ones((1, 3)), np.ones((1, 3)), np.zeros((3, 3)), 1.0)
    assert caught.value.code == "accounts.distance_wrong"


def test_flows_that_do_not_close_are_told() -> None:
    with pytest.raises(MethodError) as caught:
        bilateral_flows(np.array([[1.0, 2.0]]), np.array([[2.0, 2.0]]), np.ones((1, 2, 2)), products=["coal"])
    assert caught.value.code == "accounts.flows_unequal"
    assert "coal: 3 ≠ 4" in caught.value.text("en")


def test_transit_leaves_no_net_flow_changed() -> None:
    output, exports, imports = np.array([[10.0, 5.0]]), np.array([[1.0, 6.0]]), np.array([[3.0, 4.0]])
    outflows, inflows = np.array([[14.0, 1.0]]), np.array([[9.0, 0.5]])
    e, m, o, i, transit = net_of_transit(output, exports, imports, outflows, inflows)
    np.testing.assert_allclose(transit, [[5.0, 2.0]])
    np.testing.assert_allclose((o - i, e - m), (outflows - inflows, exports - imports))
    assert (output - o - e >= -1e-12).all()
    assert min(e.min(), m.min(), o.min(), i.min()) >= 0.0


def test_ports_of_entry_and_exit() -> None:
    """One product, three regions: the first resells 6 of its imports inland, then exports 5 of what it bought there."""
    output, none = np.array([[2.0], [20.0], [20.0]]), np.zeros((3, 1))
    imports, outflows, inflows = (
        np.array([[10.0], [0], [0]]),
        np.array([[8.0], [0], [0]]),
        np.array([[0.0], [2], [6]]),
    )
    e, m, o, i, transit = net_of_transit(output, none, imports, outflows, inflows)
    np.testing.assert_allclose(transit[:, 0], [6.0, 0, 0])
    np.testing.assert_allclose(m[:, 0], [4.0, 1.5, 4.5])
    np.testing.assert_allclose((o[:, 0], i[:, 0]), ([2.0, 0, 0], [0, 0.5, 1.5]))
    np.testing.assert_allclose(e, 0.0)
    exports, outflows, inflows = (
        np.array([[7.0], [0], [0]]),
        np.array([[0.0], [2], [6]]),
        np.array([[8.0], [0], [0]]),
    )
    e, m, o, i, transit = net_of_transit(output, exports, none, outflows, inflows)
    np.testing.assert_allclose(transit[:, 0], [5.0, 0, 0])
    np.testing.assert_allclose(e[:, 0], [2.0, 1.25, 3.75])
    np.testing.assert_allclose((o[:, 0], i[:, 0]), ([0, 0.75, 2.25], [3.0, 0, 0]))
    np.testing.assert_allclose(m, 0.0)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_transit_keeps_balances_and_national_trade(seed: int) -> None:
    generator = np.random.default_rng(seed)
    flows = generator.uniform(0, 30, (5, 4, 4)) * ~np.eye(4, dtype=bool) * (generator.random((5, 4, 4)) < 0.5)
    outflows, inflows = flows.sum(axis=2).T, flows.sum(axis=1).T
    exports, imports = (generator.uniform(0, 20, (4, 5)) * (generator.random((4, 5)) < 0.6) for _ in range(2))
    output = generator.uniform(0, 40, (4, 5))
    e, m, o, i, _ = net_of_transit(output, exports, imports, outflows, inflows)
    np.testing.assert_allclose(e - m + o - i, exports - imports + outflows - inflows, atol=1e-9)
    np.testing.assert_allclose((e - m).sum(axis=0), (exports - imports).sum(axis=0), atol=1e-9)
    np.testing.assert_allclose(o.sum(axis=0), i.sum(axis=0), atol=1e-9)
    assert min(e.min(), m.min(), o.min(), i.min()) >= -1e-9
    explained = outflows + exports - output <= imports + inflows + 1e-9
    assert (output - o - e >= -1e-9)[explained].all()


def test_unbalanced_regions_are_named() -> None:
    given_ = make(1)
    flows = np.zeros((4, 3, 3))
    with pytest.raises(MethodError) as caught:
        multiregional_table(
            given_["use"], given_["final"], given_["output"], 2.0 * given_["output"], given_["imports"], flows,
            products=list("abcd"), regions=["沪", "苏", "浙"],
        )  # fmt: skip
    codes = [problem.code for problem in caught.value.problems]
    assert codes == ["accounts.region_unbalanced", "accounts.local_supply_negative"]
    assert "沪 / " in caught.value.text("zh")
    with pytest.raises(MethodError) as caught:
        balance_regions(
            given_["use"],
            0.0 * given_["final"],
            given_["output"],
            given_["output"] * 0.5,
            regions=list("xyz"),
        )
    assert caught.value.code == "accounts.region_without_final_use"
