"""The change over the year, the carbon accounts, the indicators: exact sums, and only what their rules say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lvshu.engine.duckdb import DuckDB
from lvshu.finance.change import EFFECTS, effects_of

from .. import random_book
from ..book import ENTERPRISE, FINANCE, LOAN, YEAR, months, one, rows
from .steps import account

FEW = settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MANY = settings(max_examples=50, deadline=None)


def _book(**finance: Any) -> dict[str, Any]:
    return {
        "loan": [{"loan_id": "L1", "uscc": "E1", **LOAN}],
        "loan_balance": months("L1", 50_000_000),
        "enterprise": [{"uscc": "E1", **ENTERPRISE}],
        "enterprise_finance": [{"uscc": "E1", **FINANCE, **finance}],
        "entity_emission": [{"uscc": "E1", "year": YEAR, "source": "verified", "scope1": Decimal(60_000),
                             "scope2": Decimal(20_000), "scope3": Decimal(5_000), "removals": Decimal(7),
                             "credits_retired": Decimal(9)},
                            {"uscc": "E1", "year": YEAR - 1, "source": "unverified", "total": Decimal(100_000)}],
    }  # fmt: skip


@given(seeds=st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)))
@FEW
def test_effects_add_up_to_the_gram_between_any_two_books(engine: DuckDB, seeds: tuple[int, int]) -> None:
    account(engine, random_book.make(seeds[0]).tables, "subject_attribution")
    before = rows(engine, "subject_attribution")
    account(
        engine,
        {**random_book.make(seeds[1]).tables, "subject_attribution_previous": before},
        "financed_emission_change",
    )
    changes = rows(engine, "subject_change")
    assert changes
    for row in changes:
        assert sum(row[f"{name}_effect"] for name in EFFECTS) == row["emission"] - row["emission_previous"]
    for method in ("bank_2026", "trial_2021", "pcaf_2022"):
        where = f"method = '{method}'"
        total = dict.fromkeys(("previous_total", "total", *EFFECTS), Decimal(0))
        for row in rows(engine, "financed_emission_change", where):
            total[row["effect"]] += row["emission"]
        now = sum(
            (row["emission"] or Decimal(0) for row in rows(engine, "attributed_emission", where)), Decimal(0)
        )
        old = sum((row["emission"] or Decimal(0) for row in before if row["method"] == method), Decimal(0))
        assert (total["previous_total"], total["total"]) == (old, now)
        assert old + sum(total[name] for name in EFFECTS) == now


def test_the_same_book_twice_has_not_changed(engine: DuckDB) -> None:
    account(engine, _book(), "subject_attribution")
    before = rows(engine, "subject_attribution")
    account(engine, {**_book(), "subject_attribution_previous": before}, "subject_change")
    for row in rows(engine, "subject_change"):
        assert {row[f"{name}_effect"] for name in EFFECTS} == {Decimal(0)}


@pytest.mark.parametrize(
    ("changed", "effect"),
    [
        ({"total_assets_end": Decimal(6_000_000_000)}, "denominator"),
        ({}, "exposure"),
    ],
)
def test_one_cause_has_one_effect(engine: DuckDB, changed: dict[str, Any], effect: str) -> None:
    account(engine, _book(), "subject_attribution")
    before = rows(engine, "subject_attribution")
    book = _book(**changed)
    if effect == "exposure":
        book["loan_balance"] = months("L1", 100_000_000)
    account(engine, {**book, "subject_attribution_previous": before}, "subject_change")
    row = one(engine, "subject_change", "method = 'bank_2026'")
    moved = {name for name in EFFECTS if row[f"{name}_effect"]}
    assert moved == {effect}
    assert row[f"{effect}_effect"] == row["emission"] - row["emission_previous"]


COLUMN = st.lists(st.sampled_from([0.0, 1.0, 5.0, 1e6]), min_size=4, max_size=4)


@given(drawn=st.lists(COLUMN, min_size=6, max_size=6), ways=st.lists(st.sampled_from(["a", "b", "fallback"]),
                                                                      min_size=8, max_size=8))  # fmt: skip
@MANY
def test_effects_of_arrays_add_up_with_zeros_entries_and_exits(
    drawn: list[list[float]], ways: list[str]
) -> None:
    array = np.array(drawn)
    columns: dict[str, Any] = {
        "exposure_0": array[0], "exposure_1": array[1], "entity_0": array[2], "entity_1": array[3],
        "denominator_0": array[4] + 1, "denominator_1": array[5] + 1, "activity_0": array[5], "activity_1": array[4],
        "way_0": np.array(ways[:4], dtype=object), "way_1": np.array(ways[4:], dtype=object),
    }  # fmt: skip
    for year in (0, 1):
        columns[f"emission_{year}"] = (
            columns[f"entity_{year}"] * columns[f"exposure_{year}"] / columns[f"denominator_{year}"]
        )
    effects = effects_of(columns)
    difference = columns["emission_1"] - columns["emission_0"]
    scale = 1 + np.abs(columns["emission_1"]).max() + np.abs(columns["emission_0"]).max()
    assert np.abs(np.sum(list(effects.values()), axis=0) - difference).max() <= 1e-9 * scale
    begun = (array[0] == 0) & (array[1] > 0)
    assert np.array_equal(effects["entry"][begun], difference[begun])
    assert not effects["entry"][~begun].any()


def test_enterprise_value_is_adjusted_for(engine: DuckDB) -> None:
    account(engine, _book(enterprise_value_including_cash=Decimal(1_000_000_000)), "subject_attribution")
    before = rows(engine, "subject_attribution")
    account(
        engine,
        {
            **_book(enterprise_value_including_cash=Decimal(1_250_000_000)),
            "subject_attribution_previous": before,
        },
        "subject_change",
    )
    found = one(engine, "value_adjustment", "method = 'pcaf_2022'")
    assert found["adjustment"] == 0.8
    assert found["footprint_adjusted"] == pytest.approx(found["footprint_previous"])


def test_the_carbon_account_of_an_enterprise(engine: DuckDB) -> None:
    energy = [{"uscc": "E1", "year": YEAR, "fuel_code": "raw_coal", "quantity": Decimal(1000), "unit": "t"}]
    account(engine, {**_book(), "energy_return": energy}, "enterprise_carbon_account")
    now = one(engine, "enterprise_carbon_account", f"year = {YEAR}")
    assert (now["emission"], now["scope1"], now["scope3"], now["quality_score"]) == (80_000, 60_000, 5_000, 1)
    assert (now["removals"], now["credits_retired"]) == (7, 9)
    assert now["energy"] == Decimal("714.300000")
    assert (now["loans"], now["institutions"], now["financed_emission"]) == (1, 1, 1250)
    assert now["carried_share"] == 1250 / 80_000
    assert now["intensity"] == pytest.approx(80_000 / 68_000)
    last = one(engine, "enterprise_carbon_account", f"year = {YEAR - 1}")
    assert (last["emission"], last["quality_score"], last["loans"]) == (100_000, 2, None)


def test_indicators_by_hand(engine: DuckDB) -> None:
    book = _book()
    book["loan"].append({"loan_id": "L2", "uscc": "E2", **LOAN})
    book["loan_balance"] += months("L2", 30_000_000)
    book["enterprise"].append({"uscc": "E2", **ENTERPRISE})
    book["enterprise_finance"].append({"uscc": "E2", **FINANCE})
    book["entity_emission"].append(
        {"uscc": "E2", "year": YEAR, "source": "unverified", "total": Decimal(8_000)}
    )
    account(engine, book, "financed_indicator")
    found = one(engine, "financed_indicator", "method = 'bank_2026' AND institution_id = '*'")
    first, second = Decimal(1250), Decimal(75)
    assert found["emission"] == first + second
    assert found["intensity"] == pytest.approx(float(first + second) / 80)
    assert found["weighted_average_intensity"] == pytest.approx((50 * 80_000 + 30 * 8_000) / 680 / 80)
    assert found["score_by_exposure"] == Decimal("1.375")
    assert found["score_by_emission"] == ((first + 2 * second) / (first + second)).quantize(
        Decimal("0.000001")
    )
    assert found["scope3_score_by_exposure"] == 2  # its verification is not said to cover scope 3
    assert found["scope3"] == Decimal("78.125")  # apart: not in the emission
    assert found["revenue_intensity"] == pytest.approx(1325 / (680 * 80 / 3200))
