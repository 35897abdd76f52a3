"""The breaks of a loop: losses add up to what is not returned; what-if; substitution by the table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.book.circulation_inputs import QUANTITIES, streams_of
from lvshu.accounts.book.loop import Layer, material_layer, waste_layer
from lvshu.accounts.book.recycling import forgone, losses_of
from lvshu.accounts.methods.circulation.breaks import PLACES, break_list, stream_losses
from lvshu.accounts.methods.circulation.recovery import (
    recover_more,
    recovery_rate,
    substitution_effect,
    unit_saving,
)
from lvshu.core.errors import MethodError
from tests.accounts.circulation.test_circularity import FLOWS, STREAMS, flows_of

SHARES = st.lists(st.lists(st.floats(0, 1), min_size=7, max_size=7), min_size=1, max_size=4)


def stages(shares: list[list[float]]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Streams whose every stage holds at most what the one before it held."""
    rows = []
    for collected, landfilled, burned, sent, usable, recycled, used in shares:
        left, kept = 1000.0 * (1 - collected), 1000.0 * collected
        rows.append([1000.0, kept, (kept - kept * sent) * usable, (kept - kept * sent) * usable * recycled,
                     (kept - kept * sent) * usable * recycled * used, left * landfilled,
                     left * (1 - landfilled) * burned, kept * sent])  # fmt: skip
    table = np.array(rows)
    return table[:, :5], table[:, 5], table[:, 6], table[:, 7]


@settings(max_examples=50, deadline=None)
@given(SHARES)
def test_losses_add_up_to_what_is_not_returned(shares: list[list[float]]) -> None:
    amounts, *fates = stages(shares)
    losses = stream_losses(amounts, *fates).table()
    assert losses.min() >= 0.0
    np.testing.assert_allclose(losses.sum(axis=1), amounts[:, 0] - amounts[:, 4], atol=1e-6)


def test_a_stage_that_grows_is_named_with_its_amount() -> None:
    rows = [STREAMS[0] | {"name_en": "Scrap metal", "sorted": 70}, STREAMS[1] | {"used": 75}]
    with pytest.raises(MethodError) as caught:
        losses_of(streams_of(rows))
    texts = [problem.text("en") for problem in caught.value.problems]
    assert len(texts) == 2
    assert "Scrap metal" in texts[0] and "20.0" in texts[0]


def test_ranking_value_and_saving() -> None:
    losses = np.array([[5.0, 1.0], [9.0, 0.0]])
    value, saving, rank = break_list(losses, np.array([10.0, np.nan]), np.array([np.nan, 2.0]))
    assert rank.tolist() == [[2, 3], [1, 4]]
    assert value[0].tolist() == [50.0, 10.0] and np.isnan(value[1]).all()
    assert saving[1].tolist() == [18.0, 0.0] and np.isnan(saving[0]).all()


def test_what_is_recycled_elsewhere_forgoes_no_saving() -> None:
    losses = losses_of(streams_of(STREAMS))
    _, saving, _ = forgone(losses, np.ones(2), np.ones(2))
    elsewhere = [fate for fate, _ in PLACES].index("sent_out")
    assert np.isnan(saving[:, elsewhere]).all()
    assert np.nansum(saving) == losses.sum() - losses[:, elsewhere].sum()


def test_recovering_more_by_hand() -> None:
    one = np.array([1.0])
    gain = recover_more(100 * one, 60 * one, 45 * one, 0.1 * one, 2 * one, 1000 * one)
    assert [float(part[0]) for part in (gain.collected, gain.returned, gain.saving, gain.value)] == [
        10,
        7.5,
        15,
        7500,
    ]
    with pytest.raises(MethodError, match="40"):
        recover_more(100 * one, 60 * one, 45 * one, 0.5 * one, one, one)
    none = recover_more(100 * one, 0 * one, 0 * one, 0.1 * one, one, one)
    assert float(none.returned[0]) == 0.0


def test_rates_and_savings() -> None:
    assert recovery_rate(np.array([3.0, 0.0]), np.array([4.0, 0.0])).tolist()[0] == 0.75
    assert np.isnan(recovery_rate(np.array([0.0]), np.array([0.0]))).all()
    assert unit_saving(np.array([9.0]), np.array([1.0])).tolist() == [8.0]


def test_substitution_agrees_with_a_new_solution_of_the_table() -> None:
    generator = np.random.default_rng(11)
    coefficients, intensity = generator.uniform(0, 0.2, (4, 4)), generator.uniform(0, 1, 4)
    inverse = np.linalg.inv(np.eye(4) - coefficients)
    before, after = np.full(4, 100.0), np.array([107.0, 100.0, 93.0, 100.0])
    change = intensity @ inverse @ after - intensity @ inverse @ before
    assert substitution_effect(intensity @ inverse, 7.0, 0, 2) == pytest.approx(change)


def test_layers_close_at_every_inner_node() -> None:
    flows, streams = flows_of(FLOWS), streams_of(STREAMS)
    material, waste = material_layer(flows, streams), waste_layer(streams)
    for layer, nodes in ((material, ("production", "circulation", "use", "recovery")),
                         (waste, ("generated", "collection", "sorting", "recycling"))):  # fmt: skip
        for node in nodes:
            assert layer.left(node) == 0, (layer.name, node)
    flow = {(source, target): float(value) for _, source, target, value, _ in material.rows()}
    assert flow["production", "circulation"] == 900 + 115
    assert flow["recovery", "recycled_elsewhere"] == 10
    assert flow["recovery", "loss_in_plants"] == 30
    assert flow["use", "stock"] == 900 + 115 - 200 - 500


def test_flows_between_two_nodes_are_gross_each_way() -> None:
    layer = Layer("money", "CNY")
    layer.add("a", "b", 5)
    layer.add("b", "a", 7)
    layer.add("a", "a", 100)
    layer.add("a", "c", -3)
    assert [row[1:4] for row in layer.rows()] == [("a", "b", 5), ("b", "a", 7), ("c", "a", 3)]
    assert layer.left("a") == 7 - 5 + 3


def test_stages_left_out_equal_the_one_before() -> None:
    streams = streams_of(STREAMS)
    assert [float(streams.of(name)[0]) for name in QUANTITIES] == [80, 60, 50, 50, 50, 10, 5, 0, 0]
