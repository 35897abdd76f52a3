"""Rates of circularity: definitions by hand, bounds, targets; indicators with their components."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.book.circularity_figures import COMPONENTS, NAMES, indicators_of
from lvshu.accounts.book.circulation_inputs import flows_of, streams_of
from lvshu.accounts.methods.circulation.circularity import (
    circular_material_use_rate,
    circular_use,
    cycling_rates,
    recycling_input_rate,
    target_progress,
    waste_cycling_rate,
)
from lvshu.core.errors import MethodError

FLOWS: list[dict[str, Any]] = [
    {"material": "coal", "flow": "inflow", "quantity": 700},
    {"material": "sand", "flow": "domestic_extraction", "quantity": 300, "relative_standard_error": 0.1},
    {"material": "sand", "flow": "outflow", "quantity": 100},
    {"material": "air", "flow": "emission_to_air", "quantity": 500},
]
STREAMS: list[dict[str, Any]] = [
    {"stream": "scrap", "kind": "renewable", "generated": 80, "collected": 60, "sent_out": 10, "brought_in": 5,
     "price": 2},
    {"stream": "slag", "kind": "industrial", "generated": 120, "collected": 90, "sorted": 80, "recycled": 70,
     "used": 60, "landfilled": 30},
]  # fmt: skip


def test_circular_use_counts_own_waste_wherever_it_is_recycled() -> None:
    assert float(circular_use(100.0, 20.0, 5.0)) == 85.0
    assert float(circular_material_use_rate(85.0, 765.0)) == pytest.approx(0.1)


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 1e9), st.floats(1, 1e9), st.floats(0, 1e9))
def test_rates_are_shares_and_grow_with_what_is_used_again(used: float, consumed: float, more: float) -> None:
    rate, higher = (float(circular_material_use_rate(one, consumed)) for one in (used, used + more))
    assert 0.0 <= rate <= higher + 1e-12
    assert higher <= 1.0


def test_cycling_rates_of_input_and_output() -> None:
    into, out = cycling_rates(40.0, 160.0, 80.0)
    assert (float(into), float(out)) == (0.2, 0.5)
    assert float(recycling_input_rate(1.0, 3.0)) == 0.25
    with pytest.raises(MethodError, match="not positive"):
        cycling_rates(1.0, 1.0, 0.0)


def test_waste_rate_by_weight_and_by_quantity() -> None:
    used, generated = np.array([50.0, 90.0]), np.array([100.0, 300.0])
    assert float(waste_cycling_rate(used, generated)) == pytest.approx(0.35)
    assert float(waste_cycling_rate(used, generated, weights=np.array([0.5, 0.5]))) == pytest.approx(0.4)
    with pytest.raises(MethodError, match=r"0\.9"):
        waste_cycling_rate(used, generated, weights=np.array([0.5, 0.4]))


@pytest.mark.parametrize(("form", "target", "required", "progress"), [
    ("increase", 0.2, 120.0, 0.5), ("reduction", 0.1, 90.0, -1.0), ("level", 130.0, 130.0, 1 / 3),
])  # fmt: skip
def test_targets(form: str, target: float, required: float, progress: float) -> None:
    found = target_progress(100.0, 110.0, target, form)
    assert found[0] == pytest.approx(required)
    assert found[1] == pytest.approx(progress)
    with pytest.raises(MethodError, match="base year"):
        target_progress(None, 1.0, 0.1, "increase")
    with pytest.raises(MethodError, match="somehow"):
        target_progress(1.0, 1.0, 1.0, "somehow")


def test_indicators_by_hand() -> None:
    found, problems = indicators_of(
        flows_of(FLOWS), streams_of(STREAMS), np.asarray(90_000.0), frozenset({"coal"})
    )
    value = {one.code: float(one.value) for one in found}
    assert problems == []
    assert value["resource_productivity"] == 100.0  # 90 000 / (700 + 300 - 100)
    assert value["main_resource_productivity"] == pytest.approx(90_000 / 700)
    assert value["circular_material_use"] == 130.0  # (50 + 70 + 5) - 5 + 10
    assert value["circular_material_use_rate"] == pytest.approx(100 * 130 / 1030)
    assert value["recycling_input_rate"] == pytest.approx(100 * 115 / 1115)
    assert value["output_cycling_rate"] == pytest.approx(100 * 110 / 700)
    assert value["main_waste_recycling_rate"] == pytest.approx(100 * 120 / 200)
    assert value["renewable_recovery_rate"] == 75.0
    assert value["industrial_solid_waste_use_rate"] == 50.0


def test_every_indicator_is_made_of_its_components() -> None:
    found, _ = indicators_of(flows_of(FLOWS), streams_of(STREAMS), np.asarray(90_000.0), frozenset({"coal"}))
    for one in found:
        parts = {role: sum(part.sign * float(part.value) for part in one.components if part.role == role)
                 for role in ("numerator", "denominator")}  # fmt: skip
        scale = 100.0 if one.unit == "%" else 1.0
        expected = parts["numerator"] * scale / (parts["denominator"] or 1.0)
        assert float(one.value) == pytest.approx(expected), one.code
        assert one.code in NAMES
        assert {part.code for part in one.components} <= set(COMPONENTS)


def test_replicates_stay_within_what_is_generated() -> None:
    rows = [row | {"relative_standard_error": 0.3} for row in STREAMS]
    drawn = streams_of(rows).drawn(500, np.random.default_rng(3))
    assert (drawn.of("generated") >= drawn.of("collected") - 1e-9).all()
    found, _ = indicators_of(None, drawn, None, frozenset())
    rate = next(one.value for one in found if one.code == "renewable_recovery_rate")
    assert rate.shape == (500,)
    assert rate.max() <= 100.0
    assert abs(rate.mean() - 75.0) < 1.5


def test_what_has_no_base_is_told_and_the_rest_is_made() -> None:
    rows = [{"stream": "straw", "kind": "straw", "generated": 0, "collected": 0}]
    found, problems = indicators_of(flows_of(FLOWS), streams_of(rows), None, frozenset())
    assert "circular_material_use_rate" in {one.code for one in found}
    assert {one.code for one in problems} == {"accounts.material_none", "accounts.indicator_no_base"}
