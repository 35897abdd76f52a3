"""Freight: fuel before turnover, modal split, shift, shore power with its sign."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.accounts.methods.circulation.freight import (
    freight_emission,
    modal_shift,
    modal_split,
    shore_power_saving,
)
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import MethodError

NAN = np.nan


def test_fuel_comes_before_turnover_and_nothing_is_made_up() -> None:
    emission = freight_emission(
        np.array([1e9, 1e9, 1e9]),
        np.array([1e-4, 1e-4, NAN]),
        np.array([10.0, NAN, NAN]),
        np.array([3.0, 3.0, 3.0]),
    )
    assert emission[:2].tolist() == [30.0, 1e5]
    assert np.isnan(emission[2])


def test_split_and_shift() -> None:
    assert modal_split(np.array([1.0, 3.0])).tolist() == [0.25, 0.75]
    shift = modal_shift(1e9, 0.1, 1e-4, 2.5e-5, detour=1.2)
    assert (shift.moved, shift.emission_before, shift.emission_after) == (1e8, 1e4, pytest.approx(3e3))
    assert shift.change == pytest.approx(-7e3)
    with pytest.raises(MethodError, match="between 0 and 1"):
        modal_shift(1.0, 1.5, 1.0, 1.0)
    with pytest.raises(MethodError, match="adds up to 0"):
        modal_split(np.zeros(2))


@settings(max_examples=50, deadline=None)
@given(st.floats(1, 1e12), st.floats(0, 1), st.floats(0, 1e-3), st.floats(0, 1e-3))
def test_a_shift_there_and_back_changes_nothing(
    carried: float, share: float, one: float, other: float
) -> None:
    there, back = modal_shift(carried, share, one, other), modal_shift(carried, share, other, one)
    assert there.change == pytest.approx(-back.change)


def test_shore_power_saves_only_where_the_grid_is_cleaner_than_the_engine() -> None:
    saved = shore_power_saving(np.array([1e6]), np.array([0.215]), np.array([3.206]), 0.5849)
    assert saved.fuel.tolist() == [215.0]
    assert float(saved.avoided[0]) == pytest.approx(689.29)
    assert float(saved.grid[0]) == pytest.approx(584.9)
    assert float(saved.net[0]) == pytest.approx(104.39)
    assert shore_power_saving(np.array([1e6]), np.array([0.215]), np.array([3.206]), 0.9).net[0] < 0.0


def test_packaged_factors_are_as_published() -> None:
    rows = {
        (row["mode"], row["vehicle"]): row["factor"] for row in PackLibrary.load()["freight_factors"].rows
    }
    assert str(rows["road", "heavy_truck"]) == "0.10012"
    assert str(rows["rail", "freight_train"]) == "0.02749"
    assert str(rows["ocean", "container_ship"]) == "0.01592"
    savings = PackLibrary.load()["recycling_savings"].one(stream="aluminium")
    assert (str(savings["primary"]), str(savings["secondary"])) == ("9.11590131", "0.9950779")
