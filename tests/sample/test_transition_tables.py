"""What the sample's works report beside their emission, and their transition plans, hang together."""

from __future__ import annotations

from lvshu.core.units import find_unit
from lvshu.sample.transition_tables import APART, APART_SHARES, BEFORE, BETTER, UNIT, apart_of


def test_what_stands_apart_is_a_share_of_the_works_own_emission() -> None:
    for number in range(60):
        for kind, figure in zip(APART, apart_of(number, 1_000_000.0), strict=True):
            every, share = APART_SHARES[kind]
            assert figure == (round(1_000_000 * share) if number % every == 0 else None)
    assert apart_of(0, 0.0) == [0.0] * len(APART)


def test_plans_go_down_in_a_unit_that_the_registry_has() -> None:
    assert 0 < BETTER < 1 and BEFORE > 0
    assert find_unit(UNIT).symbol == UNIT  # type: ignore[union-attr]
