"""The worked examples of PCAF (2022), to the last digit printed, and the exact split of a change."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import MethodError
from lvshu.finance.methods import change, intensity, pcaf
from lvshu.finance.methods.attribution import attribution_factor
from lvshu.finance.methods.quality import weighted_score

FACTORS = ("exposure", "mix", "denominator", "intensity", "activity")
SOME = settings(max_examples=50, deadline=None)


def test_tables_5_4_and_5_5_keep_scopes_removals_and_credits_apart() -> None:
    factor = attribution_factor(np.array([10.0, 25.0, 20.0]), np.array([100.0, 100.0, 100.0]))
    companies = {
        "scope1": (1000, 20000, 5000), "scope2": (100, 5000, 0), "scope3": (5000, 30000, 10000),
        "removals": (20000, 0, 1000), "retired": (0, 25000, 5000), "generated": (5000, 0, 500),
    }  # fmt: skip
    found = {name: round(float(factor @ np.array(row, float)), 9) for name, row in companies.items()}
    assert found == {
        "scope1": 6100, "scope2": 1260, "scope3": 10000, "removals": 2200, "retired": 7250, "generated": 600,
    }  # fmt: skip


def test_box_8_the_weighted_score() -> None:
    outstanding = np.array([522_425.0, 187_449, 82_778, 108_997, 67_556, 54_762])
    scores = np.array([3.0, 5, 1, 1, 2, 5])
    assert round(weighted_score(scores, outstanding), 4) == 3.0325
    assert round(weighted_score(scores[:2], outstanding[:2]), 2) == 3.53


def test_the_adjustment_for_enterprise_values() -> None:
    weights = np.array([0.4, 0.3, 0.2, 0.1])
    base, now = np.array([1200.0, 1000, 800, 600]), np.array([1360.0, 1120, 880, 640])
    emission = np.array([60_000.0, 100_000, 120_000, 120_000])
    adjustment = intensity.value_adjustment(weights, base, now)
    footprint_base = float((weights * emission / base).sum())
    footprint_now = float((weights * emission / now).sum())
    assert round(adjustment, 5) == 0.89637
    assert (round(footprint_base, 9), round(footprint_now, 4)) == (100, 90.4555)
    assert round(footprint_base * adjustment, 1) == 89.6
    assert round(footprint_now / adjustment, 1) == 100.9
    assert round(100 * (footprint_now / adjustment / footprint_base - 1), 3) == 0.914


def test_sovereign_by_purchasing_power_and_why_not_by_debt() -> None:
    emission = np.array([61_451_586.0, 42_654_105.0])
    by_gdp = pcaf.sovereign_intensity(emission, np.array([579_762.0, 469_182.0]))
    by_debt = pcaf.sovereign_intensity(emission, np.array([312_935.0, 159.0]))
    assert np.round(by_gdp).tolist() == [106, 91]
    assert np.floor(by_debt).tolist() == [196, 268_264]  # the standard prints the second cut off, not rounded
    assert np.isnan(pcaf.sovereign_intensity(emission, np.array([0.0, -1.0]))).all()


def test_denominators_of_the_classes() -> None:
    missing = np.nan
    capital = pcaf.company_capital(
        np.array([100.0, -50, missing]), np.array([150.0, 150, 10]), np.array([999.0, 999, 70])
    )
    assert capital.tolist() == [250, 150, 70]
    assert pcaf.property_value(np.array([3.0, missing]), np.array([5.0, 4.0])).tolist() == [3, 4]
    assert pcaf.vehicle_attribution(np.array([5.0, 5.0]), np.array([20.0, missing])).tolist() == [0.25, 1]
    assert pcaf.unlisted_equity_outstanding(np.array([0.2, 0.2]), np.array([50.0, -1.0])).tolist() == [10, 0]
    one = np.ones(1)
    assert pcaf.enterprise_value(one, one, one, one).tolist() == [4]
    assert pcaf.consumption_emission(10 * one, one, 2 * one, 4 * one).tolist() == [9]


def test_options_have_the_scores_of_the_standard() -> None:
    library = PackLibrary.load(None)
    scores: dict[str, list[int]] = {}
    for row in library["pcaf_options"].rows:
        assert row["edition"] == "pcaf_2022"
        scores.setdefault(str(row["asset_class"]), []).append(int(str(row["score"])))
    assert (
        scores["business_loan"]
        == scores["listed_equity_bond"]
        == scores["project_finance"]
        == [1, 2, 2, 3, 4, 5, 5]
    )
    assert scores["mortgage"] == scores["commercial_real_estate"] == [1, 2, 3, 4, 5]
    assert scores["motor_vehicle"] == [1, 1, 2, 3, 4, 5]
    assert scores["sovereign"] == [1, 2, 3, 4, 5]
    editions = {str(row["code"]): row["status"] for row in library["pcaf_editions"].rows}
    assert [code for code, status in editions.items() if status == "established"] == ["pcaf_2022"]


def test_the_weight_of_part_b_is_that_of_the_notice_of_its_publisher() -> None:
    (row,) = PackLibrary.load(None)["pcaf_weights"].rows
    assert (str(row["weight"]), row["status"]) == ("0.33", "established")
    assert "1 December 2023" in str(row["source"])


def test_loans_and_other_classes_score_alike() -> None:
    library = PackLibrary.load(None)
    loans = {
        (row["calculation"], row["option"]): row["score"]
        for row in library["finance_quality_scores"].rows if row["method"] == "pcaf_2022"
    }  # fmt: skip
    options = {
        (row["calculation"], row["option"]): row["score"]
        for row in library["pcaf_options"].rows if row["asset_class"] == "business_loan"
    }  # fmt: skip
    assert {key: int(str(score)) for key, score in loans.items()}.items() <= options.items()


def test_intensities() -> None:
    assert intensity.economic_intensity(1250.0, 5e7) == 25.0
    assert np.isnan(intensity.economic_intensity(1.0, 0.0))
    waci = intensity.weighted_average_intensity(
        np.array([3e6, 1e6, 9e6]), np.array([100.0, 500, np.nan]), np.array([2e6, 1e7, 1e6])
    )
    assert waci == (3 * 50 + 1 * 50) / 4
    assert np.isnan(intensity.weighted_average_intensity(np.ones(1), np.array([np.nan]), np.ones(1)))
    assert intensity.physical_intensity(np.array([10.0]), np.array([0.5]), np.array([4.0])) == 5
    assert np.isnan(intensity.physical_intensity(np.ones(1), np.zeros(1), np.ones(1)))


AMOUNTS = arrays(float, (2, 5, 6), elements=st.sampled_from([0.0, 1e-3, 1.0, 3.0, 7e5, 2e9]))


@given(drawn=AMOUNTS)
@SOME
def test_effects_add_up_to_the_change_and_unchanged_factors_have_none(drawn: np.ndarray) -> None:
    before, after = (dict(zip(FACTORS, drawn[year], strict=True)) for year in (0, 1))
    effects = change.split_change(before, after)
    difference = drawn[1].prod(axis=0) - drawn[0].prod(axis=0)
    scale = np.abs(drawn).prod(axis=1).max() + 1
    total = np.sum(list(effects.values()), axis=0)
    assert np.abs(total - difference).max() <= 1e-9 * scale
    for place, name in enumerate(FACTORS):
        same = drawn[0][place] == drawn[1][place]
        assert np.abs(effects[name][same]).max(initial=0.0) <= 1e-9 * scale


@given(drawn=AMOUNTS)
@SOME
def test_turning_time_round_turns_every_effect_round(drawn: np.ndarray) -> None:
    before, after = (dict(zip(FACTORS, drawn[year], strict=True)) for year in (0, 1))
    there, back = change.split_change(before, after), change.split_change(after, before)
    scale = np.abs(drawn).prod(axis=1).max() + 1
    for name in FACTORS:
        assert np.abs(there[name] + back[name]).max() <= 1e-9 * scale


def test_a_known_split() -> None:
    effects = change.split_change({"a": np.array([2.0]), "b": np.array([3.0])},
                                  {"a": np.array([4.0]), "b": np.array([3.0])})  # fmt: skip
    assert (effects["a"][0], effects["b"][0]) == (6.0, 0.0)
    mean = change.logarithmic_mean(np.array([2.0, 1.0, 0.0]), np.array([1.0, 1.0 + 1e-9, 5.0]))
    assert mean == pytest.approx([1 / np.log(2), 1.0, 0.0])


def test_negative_and_unlike_factors_are_refused_at_once() -> None:
    with pytest.raises(MethodError) as refused:
        change.split_change({"a": np.array([-1.0])}, {"b": np.array([1.0])})
    assert [problem.code for problem in refused.value.problems] == [
        "finance.change_factors", "finance.change_negative",
    ]  # fmt: skip
