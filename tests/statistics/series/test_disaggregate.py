"""Temporal disaggregation against R tempdisagg 1.2.0, benchmarking against it and statsmodels, reconciliation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.core.errors import InputError, MethodError
from lvshu.statistics.series.benchmark import benchmark
from lvshu.statistics.series.disaggregate import METHODS, disaggregate
from lvshu.statistics.series.reconcile import contemporaneous, reconcile, temporal
from lvshu.statistics.series.time_series import TimeSeries
from tests.statistics.series.known import swiss

# method, rho given, intercept, rho found, 1975Q1 to Q4, 2010Q4. R's search of rho ends up to 2e-7 beside the optimum.
ALIGNED = (
    ("chow-lin-maxlog", 0.5, True, -0.30695288, 34.330196, 35.100749, 32.821372, 34.450013, 230.575183),
    ("chow-lin-maxlog", 0.5, False, 0.86198614, 33.899864, 34.583511, 32.893311, 35.325643, 228.540735),
    ("chow-lin-minrss-quilis", 0.5, True, 0.999, 34.287788, 34.324563, 33.092349, 34.997630, 231.200420),
    ("chow-lin-minrss-quilis", 0.5, False, 0.999, 34.275409, 34.333461, 33.084916, 35.008544, 230.984650),
    ("chow-lin-minrss-ecotrim", 0.5, True, 0.60433962, 35.096701, 34.573602, 32.397344, 34.634683, 232.920662),
    ("chow-lin-minrss-ecotrim", 0.5, False, 0.75200995, 33.507461, 34.595827, 33.061030, 35.538011, 230.798562),
    ("chow-lin-fixed", 0.5, True, 0.5, 35.113461, 34.572124, 32.387669, 34.629075, 233.998874),
    ("chow-lin-fixed", 0.5, False, 0.5, 33.183855, 34.712766, 33.186396, 35.619313, 234.447799),
    ("chow-lin-fixed", 0.75, True, 0.75, 35.028488, 34.569825, 32.440162, 34.663854, 230.930894),
    ("chow-lin-fixed", 0.75, False, 0.75, 33.501586, 34.596208, 33.063592, 35.540943, 230.837490),
    ("ols", 0.5, True, 0.0, 34.843015, 34.701168, 32.571612, 34.586534, 234.343396),
    ("ols", 0.5, False, 0.0, 34.899283, 34.745478, 32.436388, 34.621180, 233.269846),
)  # fmt: skip
FULL = (
    ("chow-lin-maxlog", 31.52815315, 31.85339106, 30.32016185, 32.95984752, 263.73630391),
    ("chow-lin-minrss-quilis", 30.81787374, 31.03083929, 29.91019961, 31.78388629, 239.69168509),
    ("chow-lin-minrss-ecotrim", 31.98379429, 32.30283906, 30.77878214, 33.38508558, 257.08761584),
    ("ols", 31.59454377, 31.91932260, 30.38824729, 33.02418931, 265.68956988),
)


def _sales(shared: Path) -> tuple[TimeSeries, TimeSeries]:
    return swiss(shared, "sales.a", "year", 1975), swiss(shared, "exports.q", "quarter", 1972 * 4)


def _ends(values: np.ndarray) -> list[float]:
    return [*values[:4], values[-1]]


@pytest.mark.parametrize("row", ALIGNED, ids=lambda row: f"{row[0]}-{row[1]}-{row[2]}")
def test_aligned_window_is_that_of_r(shared_data: Path, row: tuple[object, ...]) -> None:
    method, rho, intercept, found_rho, *wanted = row
    low, exports = _sales(shared_data)
    inner = exports.between(1975 * 4, 2010 * 4 + 3)
    found = disaggregate(low, [inner], method=str(method), rho=float(rho), intercept=bool(intercept))  # type: ignore[arg-type]
    assert _ends(found.values) == pytest.approx(wanted, rel=2e-7, abs=6e-7)
    assert found.rho == pytest.approx(found_rho, abs=3e-7)
    assert found.values.reshape(-1, 4).sum(axis=1) == pytest.approx(low.values, rel=1e-10)


def test_coefficients_are_those_of_r(shared_data: Path) -> None:
    low, exports = _sales(shared_data)
    found = disaggregate(low, [exports.between(1975 * 4, 2010 * 4 + 3)])
    assert found.coefficients == pytest.approx([12.31578592760, 0.01341047457], rel=1e-7)
    assert found.coefficient_errors == pytest.approx([1.38683314, 0.00015574], rel=1e-4)
    assert round(found.log_likelihood, 8) == -159.34438248


@pytest.mark.parametrize("row", FULL, ids=lambda row: row[0])
def test_back_and_forecasts_are_those_of_r(shared_data: Path, row: tuple[object, ...]) -> None:
    method, *wanted = row
    low, exports = _sales(shared_data)
    found = disaggregate(low, [exports], method=str(method))
    assert _ends(found.values) == pytest.approx(wanted, rel=3e-7)
    assert (found.before, found.after) == (12, 2)
    assert found.standard_errors[0] > found.standard_errors[70]


# The reference values of R tempdisagg's own tests (version 0.24.1): the first ten quarters from 1972, two indicators.
TWO_INDICATORS = {
    "chow-lin-minrss-ecotrim": (31.0648296314, 31.376628094, 29.9492852367, 32.3700157927, 32.4855992935, 32.9370177056,
                                32.9416949892, 34.2025283839, 39.4907189242, 40.6948442203),
    "chow-lin-maxlog": (30.8957937267, 31.2145424609, 29.7518464152, 32.2513261944, 32.3279995961, 32.8269209836,
                        32.8317836851, 34.0730685505, 39.4243199059, 40.7028002148),
    "fernandez": (30.6645443975, 30.8809117534, 29.9338961272, 31.5300107504, 31.7254275179, 31.9913519817,
                  32.060256688, 33.1479292732, 36.9901490699, 38.153782642),
    "litterman-minrss": (24.3686906726, 24.5556141176, 24.8805391048, 25.0169084874, 25.9365352397, 26.2217041913,
                         27.0337754387, 28.6411343647, 30.3927507945, 32.4751826273),
}  # fmt: skip


@pytest.mark.parametrize("method", TWO_INDICATORS)
def test_two_indicators_give_what_r_gives(shared_data: Path, method: str) -> None:
    low, exports = _sales(shared_data)
    imports = swiss(shared_data, "imports.q", "quarter", 1972 * 4)
    found = disaggregate(low, [exports, imports], method=method)
    tolerance = 1e-10 if method == "fernandez" else 1e-7
    assert found.values[:10] == pytest.approx(TWO_INDICATORS[method], rel=tolerance)


def test_denton_cholette_is_that_of_r_and_statsmodels(shared_data: Path) -> None:
    from statsmodels.tsa.interp import dentonm

    low, exports = _sales(shared_data)
    inner = exports.between(1975 * 4, 2010 * 4 + 3)
    found = benchmark(low, inner)
    assert [round(one, 6) for one in _ends(found.values)] == pytest.approx(
        [35.162424, 34.947931, 31.856854, 34.735120, 226.963521], abs=1.5e-6
    )
    assert found.values == pytest.approx(dentonm(inner.values, low.values, freq="aq"), rel=1e-9)
    wide = benchmark(low, exports)
    assert _ends(wide.values) == pytest.approx(
        [27.69660732, 28.16546104, 25.95518656, 29.76045684, 238.12628736], abs=6e-9
    )


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("conversion", ["sum", "average", "first", "last"])
def test_every_method_adds_up(shared_data: Path, method: str, conversion: str) -> None:
    low, exports = _sales(shared_data)
    found = disaggregate(low, [exports], method=method, conversion=conversion, rho=0.4)
    years = found.values[12:-2].reshape(-1, 4)
    made = {"sum": years.sum(1), "average": years.mean(1), "first": years[:, 0], "last": years[:, -1]}[
        conversion
    ]
    assert made == pytest.approx(low.values, rel=1e-8)
    assert (found.standard_errors >= 0).all()


@settings(max_examples=40, deadline=None)
@given(
    st.integers(2, 9), st.sampled_from(["denton", "denton-cholette"]), st.sampled_from(["proportional", "additive"]),
    st.integers(0, 2), st.sampled_from(["sum", "average", "last"]), st.integers(0, 10_000),
)  # fmt: skip
def test_benchmarked_series_meet_their_benchmarks(
    years: int, variant: str, criterion: str, order: int, conversion: str, seed: int
) -> None:
    random = np.random.default_rng(seed)
    p = TimeSeries("p", "quarter", 8000, np.exp(random.normal(2, 0.3, 4 * years)))
    grid = p.values.reshape(-1, 4)
    own = {"sum": grid.sum(1), "average": grid.mean(1), "last": grid[:, -1]}[conversion]
    factor = np.exp(random.normal(0, 0.05, years))
    low = TimeSeries("b", "year", 2000, own * factor)
    options = {"variant": variant, "criterion": criterion, "order": order, "conversion": conversion}
    found = benchmark(low, p, **options).values.reshape(-1, 4)  # type: ignore[arg-type]
    made = {"sum": found.sum(1), "average": found.mean(1), "last": found[:, -1]}[conversion]
    assert made == pytest.approx(low.values, rel=1e-7)
    same = benchmark(TimeSeries("b", "year", 2000, own), p, **options)  # type: ignore[arg-type]
    assert same.values == pytest.approx(p.values, rel=1e-6)


def test_disaggregation_faults_are_told(shared_data: Path) -> None:
    low, exports = _sales(shared_data)
    with pytest.raises(InputError) as caught:
        disaggregate(low, [exports.between(1980 * 4, 2000 * 4)])
    assert caught.value.code == "statistics.indicator_short"
    assert "1975Q1" in caught.value.text("en")
    with pytest.raises(InputError) as caught:
        disaggregate(exports, [low])
    assert caught.value.code == "statistics.frequency_order"
    with pytest.raises(MethodError) as error:
        disaggregate(low, [exports, exports])
    assert error.value.code == "statistics.regressors_collinear"
    with pytest.raises(MethodError) as error:
        disaggregate(low, [exports], method="magic")
    assert error.value.code == "statistics.disaggregation_method"
    with pytest.raises(InputError) as caught:
        benchmark(low, TimeSeries("z", "quarter", exports.first, np.zeros(158)))
    assert [one.code for one in caught.value.problems] == ["statistics.indicator_zero"]
    assert "…" in caught.value.problems[0].what("en")
    values = np.ones(158)
    values[3], values[7] = 0.0, -1.0
    with pytest.raises(InputError) as caught:
        benchmark(low, TimeSeries("z", "quarter", exports.first, values))
    assert [one.code for one in caught.value.problems] == [
        "statistics.indicator_zero", "statistics.indicator_signs",
    ]  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 6), st.integers(1, 4), st.booleans(), st.integers(0, 10_000))
def test_rows_columns_and_time_are_met_together(series: int, years: int, movement: bool, seed: int) -> None:
    random = np.random.default_rng(seed)
    true = np.exp(random.normal(3, 0.5, (series, 4 * years)))
    given_ = true * np.exp(random.normal(0, 0.1, true.shape))
    long, total = true.reshape(series, years, 4).sum(2), true.sum(0)[None]
    constraints = temporal(series, long, 4).plus(contemporaneous(np.ones((1, series)), total))
    found = reconcile(given_, (0.1 * given_) ** 2, constraints, keep_movement=movement)
    assert found.values.reshape(series, years, 4).sum(2) == pytest.approx(long, rel=1e-8)
    assert found.values.sum(0) == pytest.approx(total[0], rel=1e-8)
    assert found.dependent == years  # the years of the last series follow from the totals
    kept = reconcile(true, true**2, constraints, keep_movement=movement)
    assert kept.values == pytest.approx(true, rel=1e-9)


def test_reliability_decides_who_moves() -> None:
    sums = contemporaneous(np.ones((1, 3)), np.array([[70.0]]))
    found = reconcile(np.array([[10.0], [20.0], [30.0]]), np.array([[0.0], [1.0], [4.0]]), sums)
    assert found.values.ravel() == pytest.approx([10, 22, 38])
    broken = sums.plus(contemporaneous(np.ones((1, 3)), np.array([[71.0]]), names=["city"]))
    with pytest.raises(MethodError) as caught:
        reconcile(np.array([[10.0], [20.0], [30.0]]), np.ones((3, 1)), broken)
    assert caught.value.code == "statistics.constraints_conflict"
    assert caught.value.problems[0].values["constraints"] in ("1 · 1 + city · 1: 1", "1 · 1 + city · 1: -1")


def test_a_contradiction_names_all_that_take_part_in_it() -> None:
    """A benchmark of one part that is wrong shows up in whichever constraint was left out as following from others."""
    parts = np.arange(1.0, 25.0).reshape(3, 8)
    long = parts.reshape(3, 2, 4).sum(axis=2)
    long[1, 0] += 5.0
    constraints = temporal(3, long, 4, ["a", "b", "c"], ["2023", "2024"]).plus(
        contemporaneous(np.ones((1, 3)), parts.sum(axis=0)[None], ["T"], [f"Q{at}" for at in range(8)])
    )
    with pytest.raises(MethodError) as caught:
        reconcile(parts, np.ones((3, 8)), constraints)
    told = str(caught.value.problems[0].values["constraints"])
    assert told.startswith("a · 2023 + b · 2023 + c · 2023 + T · Q0") and "(7)" in told and "2024" not in told
