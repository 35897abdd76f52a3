"""Small areas at the exact optimum, beside R sae, and by simulation."""

from __future__ import annotations

from decimal import Decimal, localcontext
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.core.errors import MethodError
from lvshu.statistics import small_area
from lvshu.statistics.small_area.unit_level import fit_nested
from tests.statistics.real import read_columns


def _milk(shared_data: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    milk = read_columns(shared_data / "statistics" / "sae_milk.csv")
    region = milk.numbers("MajorArea")
    terms = np.column_stack([np.ones(region.size), *(region == k for k in (2, 3, 4))])
    return milk.numbers("yi"), milk.numbers("SD") ** 2, terms


@pytest.mark.real_data
def test_milk_by_reml(shared_data: Path) -> None:
    """R sae 1.3 stops 1e-7 short of the optimum, a maximiser of the likelihood 6e-10 short (0.018550335320)."""
    found = small_area.fay_herriot(*_milk(shared_data))
    assert abs(found.variance - 0.018550335320) < 1e-9
    np.testing.assert_allclose(found.estimates[:3], [1.021970550, 1.047601950, 1.067951430], atol=5.1e-9)
    np.testing.assert_allclose(found.mse[:3], [0.0134602600, 0.0053728800, 0.0057019900], atol=5.1e-9)
    assert abs(found.estimates.sum() - 40.714578342) < 2e-8
    assert abs(found.mse.sum() - 0.4572805322) < 2e-8
    np.testing.assert_allclose(
        found.coefficients, [0.96818899, 0.13278031, 0.22694623, -0.24130104], atol=5.1e-9
    )
    np.testing.assert_allclose(
        found.coefficient_errors, [0.0693620841, 0.1030007244, 0.0923298103, 0.0816170705], atol=3e-7
    )
    # R's values are those at its own variance, 1e-7 away
    np.testing.assert_allclose(
        (found.log_likelihood, found.aic, found.bic), (12.67747813, -15.35495626, -6.54895569), atol=2e-5
    )


@pytest.mark.real_data
def test_the_variance_is_the_root_of_the_score_to_rounding(shared_data: Path) -> None:
    """With regions as the model the REML score splits by region, and fifty digits decide its sign."""
    y, psi, terms = _milk(shared_data)
    effect = small_area.fay_herriot(y, psi, terms).variance
    region = terms @ [0, 1, 2, 3]

    def score(at: Decimal) -> Decimal:
        value = Decimal(0)
        for k in range(4):
            pairs = [(Decimal(float(a)), at + Decimal(float(b))) for a, b in zip(y, psi, strict=True)]
            inside = [pair for pair, own in zip(pairs, region, strict=True) if own == k]
            one, two = sum(1 / v for _, v in inside), sum(1 / v**2 for _, v in inside)
            mean = sum(a / v for a, v in inside) / one
            value += sum(((a - mean) / v) ** 2 for a, v in inside) - one + two / one
        return value

    with localcontext() as context:
        context.prec = 50
        step = Decimal("1e-14")
        assert score(Decimal(effect) - step) > 0 > score(Decimal(effect) + step)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("method", "variance", "first", "mse", "sums"),
    [
        ("ml", 0.015517508613, 1.01617324, 0.01357994, (40.6376216, 0.4628879609)),
        ("moments", 0.016420263654, 1.01797592, 0.01275701, (40.661869841, 0.4360525288)),
    ],
)
def test_milk_by_other_methods(
    shared_data: Path, method: str, variance: float, first: float, mse: float, sums: tuple[float, float]
) -> None:
    found = small_area.fay_herriot(*_milk(shared_data), method=method)
    assert abs(found.variance - variance) < (5.1e-13 if method == "moments" else 2e-10)
    assert abs(found.estimates[0] - first) < 5.1e-9 and abs(found.mse[0] - mse) < 5.1e-9
    np.testing.assert_allclose((found.estimates.sum(), found.mse.sum()), sums, rtol=3e-9)


@pytest.mark.real_data
def test_poverty_of_spanish_provinces(shared_data: Path) -> None:
    data = read_columns(shared_data / "statistics" / "sae_incomedata.csv.gz")
    sizes = read_columns(shared_data / "statistics" / "sae_sizeprov.csv")
    known = dict(zip(sizes.numbers("prov").astype(int), sizes.numbers("Nd"), strict=True))
    poor = data.numbers("income") < 6557.143
    found = small_area.direct(poor, data.numbers("prov").astype(int), data.numbers("weight"), known)
    np.testing.assert_allclose(
        found.means[:4], [0.2550373190, 0.1405924216, 0.2078509569, 0.2676397582], atol=5.1e-11
    )
    np.testing.assert_allclose(
        found.standard_errors[:4], [0.04846645, 0.03042195, 0.02178689, 0.04090335], atol=5.1e-9
    )
    assert abs(found.means.sum() - 11.1158225559) < 5.1e-11


def _areas(seed: int, size: int = 30) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    terms = np.column_stack([np.ones(size), draw.uniform(0, 2, size)])
    psi = draw.uniform(0.1, 1.0, size)
    truth = terms @ [5.0, 2.0] + draw.normal(0, 0.8, size)
    return truth + np.sqrt(psi) * draw.standard_normal(size), psi, terms, truth


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 5000))
def test_benchmarked_areas_add_up(seed: int) -> None:
    y, psi, terms, _ = _areas(seed)
    shares = np.random.default_rng(seed).dirichlet(np.ones(y.size))
    model = small_area.fay_herriot(y, psi, terms)
    for method in ("ratio", "difference", "mse"):
        made = small_area.benchmark(model.estimates, shares, 7.5, method=method, mse=model.mse)
        assert shares @ made == pytest.approx(7.5)
    own = small_area.self_benchmarked(model, y, psi, terms, shares)
    assert shares @ own == pytest.approx(shares @ y)


def test_mean_squared_errors_agree_with_the_bootstrap_and_with_the_truth() -> None:
    y, psi, terms, _ = _areas(3)
    model = small_area.fay_herriot(y, psi, terms)
    drawn = small_area.bootstrap_area_level(model, psi, terms, 150, np.random.default_rng(1))
    assert abs(drawn.sum() / model.mse.sum() - 1) < 0.15
    hits = []
    for seed in range(60):
        y, psi, terms, truth = _areas(1000 + seed)
        found = small_area.fay_herriot(y, psi, terms)
        hits.append(np.abs(found.estimates - truth) <= 1.96 * np.sqrt(found.mse))
    assert 0.93 <= np.mean(hits) <= 0.97


@pytest.mark.parametrize("method", ["reml", "ml", "moments"])
def test_an_area_without_a_sample_is_one_whose_direct_estimate_knows_nothing(method: str) -> None:
    y, psi, terms, _ = _areas(5)
    model = small_area.fay_herriot(y, psi, terms, method=method)
    values, mse = small_area.predict_area_level(model, terms[:2] + 0.1)
    wider = small_area.fay_herriot(
        np.append(y, [0.0, 0.0]),
        np.append(psi, [1e12, 1e12]),
        np.vstack([terms, terms[:2] + 0.1]),
        method=method,
    )
    if method != "moments":  # which divides by the number of areas
        np.testing.assert_allclose(values, wider.estimates[-2:], rtol=1e-5)
        np.testing.assert_allclose(mse, wider.mse[-2:], rtol=1e-4)
    assert np.all(mse > model.variance)
    angles = small_area.fay_herriot(y / 20, psi / 400, terms, method=method)
    shares = small_area.predict_transformed(angles, terms[:2], "arcsin")
    assert np.all((shares[0] >= 0) & (shares[0] <= 1) & (shares[2] < shares[3]))
    logs = small_area.predict_transformed(model, terms[:2], "log")
    np.testing.assert_allclose(logs[0], np.exp(terms[:2] @ model.coefficients + model.variance / 2))
    with pytest.raises(MethodError):
        small_area.predict_area_level(model, terms[:1] * np.nan)


def test_without_correlation_the_spatial_model_is_the_plain_one() -> None:
    y, psi, terms, _ = _areas(5)
    alone = small_area.spatial_fay_herriot(y, psi, terms, np.zeros((y.size, y.size)))
    plain = small_area.fay_herriot(y, psi, terms)
    assert alone.variance == pytest.approx(plain.variance, rel=1e-4)
    np.testing.assert_allclose(alone.estimates, plain.estimates, rtol=1e-5)
    assert alone.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-4)  # comparable by AIC


def test_the_spatial_model_finds_its_correlation() -> None:
    draw = np.random.default_rng(8)
    size = 100
    near = np.zeros((size, size))
    near[np.arange(size), (np.arange(size) + 1) % size] = 1
    near += near.T
    inner = np.linalg.inv(np.eye(size) - 0.8 * near / 2)
    psi = draw.uniform(0.2, 0.6, size)
    truth = 4.0 + inner @ draw.standard_normal(size)
    y = truth + np.sqrt(psi) * draw.standard_normal(size)
    terms = np.ones((size, 1))
    found = small_area.spatial_fay_herriot(
        y, psi, terms, near, replicates=3, generator=np.random.default_rng(2)
    )
    plain = small_area.fay_herriot(y, psi, terms)
    assert 0.55 < found.correlation < 0.95
    assert np.mean((found.estimates - truth) ** 2) < np.mean((plain.estimates - truth) ** 2)
    assert np.all(found.mse >= 0)


def test_transformed_scales_go_back() -> None:
    draw = np.random.default_rng(4)
    size = 40
    terms = np.column_stack([np.ones(size), draw.uniform(0, 1, size)])
    share = np.sin(np.clip(terms @ [0.4, 0.3] + draw.normal(0, 0.1, size), 0.05, 1.5)) ** 2
    n = draw.integers(30, 120, size).astype(float)
    seen = draw.binomial(n.astype(int), share) / n
    found = small_area.arcsin_fay_herriot(seen, n, terms, replicates=30, generator=np.random.default_rng(3))
    assert np.all((found.estimates >= 0) & (found.estimates <= 1) & (found.low < found.high))
    assert np.mean((found.estimates - share) ** 2) < np.mean((seen - share) ** 2)
    assert np.mean((found.low <= share) & (share <= found.high)) > 0.85
    level = np.exp(terms @ [2.0, 1.0] + draw.normal(0, 0.3, size))
    wide = (0.3 * level) ** 2
    direct = level * np.exp(0.3 * draw.standard_normal(size) - 0.045)
    logs = small_area.log_fay_herriot(direct, wide, terms)
    assert np.mean((logs.estimates / level - 1) ** 2) < np.mean((direct / level - 1) ** 2)
    with pytest.raises(MethodError):
        small_area.log_fay_herriot(-direct, wide, terms)


def test_nested_errors_are_found_again() -> None:
    draw = np.random.default_rng(6)
    areas = np.repeat(np.arange(40), 8)
    x = np.column_stack([np.ones(areas.size), draw.normal(0, 1, areas.size)])
    effect = draw.normal(0, 1.0, 40)
    y = x @ [10.0, 2.0] + effect[areas] + draw.normal(0, 1.5, areas.size)
    means = np.column_stack([np.ones(40), np.zeros(40)])
    size = np.full(40, 200.0)
    found = small_area.unit_level(y, x, areas, means, population_sizes=size)
    truth = 10.0 + effect
    assert np.mean((found.estimates - truth) ** 2) < 0.6 * 1.5**2 / 8 + 0.1
    assert 0.5 < found.between < 1.8 and 1.8 < found.within < 2.8
    errors = small_area.unit_level_bootstrap(found, x, areas, means, size, 40, np.random.default_rng(5))
    assert 0.6 < errors.mean() / np.mean((found.estimates - truth) ** 2) < 1.7
    # balanced data: REML's variance between areas is the analysis of variance of the residuals
    slopes, between, within, _ = fit_nested(y, np.ones((y.size, 1)), areas, "reml")
    groups = y.reshape(40, 8)
    pooled = groups.var(axis=1, ddof=1).mean()
    assert within == pytest.approx(pooled, rel=1e-6)
    assert between == pytest.approx(groups.mean(axis=1).var(ddof=1) - pooled / 8, rel=1e-6)
    assert slopes[0] == pytest.approx(y.mean())


def test_empirical_best_poverty() -> None:
    draw = np.random.default_rng(9)
    areas = np.repeat(np.arange(15), 120)
    x = np.column_stack([np.ones(areas.size), draw.normal(0, 1, areas.size)])
    income = np.exp(x @ [2.0, 0.3] + draw.normal(0, 0.25, 15)[areas] + draw.normal(0, 0.4, areas.size))
    poor = lambda values: float(np.mean(values < 6.0))  # noqa: E731
    truth = np.array([poor(income[areas == k]) for k in range(15)])
    inside = np.tile(np.arange(120) < 8, 15)
    found = small_area.empirical_best(
        income[inside], x[inside], areas[inside], x[~inside], areas[~inside], poor, 40,
        np.random.default_rng(1), shift=0.0, replicates=4,
    )  # fmt: skip
    direct = np.array([poor(income[inside & (areas == k)]) for k in range(15)])
    assert np.mean((found.estimates - truth[np.argsort(np.arange(15).astype(str))]) ** 2) < 0.5 * np.mean(
        (direct - truth) ** 2
    )
    assert found.mse is not None and np.all(found.mse >= 0)


def test_bad_areas_are_told_together() -> None:
    with pytest.raises(MethodError) as told:
        small_area.fay_herriot([1.0, np.nan, 2.0, 3.0], [1.0, 1.0, 0.0, 1.0], np.ones(4))
    assert [problem.code for problem in told.value.problems] == ["small_area.bad_values"] * 2
    with pytest.raises(MethodError) as told:
        small_area.fay_herriot([1.0, 2.0], [1.0, 1.0], np.ones(2))
    assert told.value.code == "small_area.few_areas"


def test_units_with_missing_figures_are_refused_and_not_spread_over_all_areas() -> None:
    y, areas = np.array([1.0, np.nan, 2.0, 3.0]), np.array([0, 0, 1, 1])
    x, away = np.ones((4, 1)), np.array([[1.0], [np.nan]])
    for call in (
        lambda: small_area.unit_level(y, x, areas, np.ones((2, 1))),
        lambda: small_area.direct(y, areas, np.full(4, 5.0), {0: 10, 1: 10}),
        lambda: small_area.empirical_best(
            np.nan_to_num(y), x, areas, away, np.array([0, 1]), np.mean, 2, np.random.default_rng(1)
        ),
    ):
        with pytest.raises(MethodError) as told:
            call()
        assert (
            told.value.code == "small_area.unit_values_missing"
            and told.value.problems[0].values["first"] == 2
        )


@pytest.mark.parametrize("method", ["ratio", "mse"])
def test_errors_of_benchmarked_areas_are_those_found_in_repeated_samples(method: str) -> None:
    """Over samples of one population model the stated mean squared errors are those that are found, areas together."""
    draw = np.random.default_rng(20210913)
    count, repeats, error = 20, 150, 0.3
    terms = np.column_stack([np.ones(count), draw.normal(size=count)])
    variances, shares = draw.uniform(0.3, 1.0, count), np.full(count, 1.0 / count)
    sampled = np.ones(count, dtype=bool)
    sampled[[3, 9]] = False
    stated, found = 0.0, 0.0
    for _ in range(repeats):
        truth = terms @ [10.0, 2.0] + draw.normal(size=count)
        direct = truth[sampled] + np.sqrt(variances[sampled]) * draw.normal(size=int(sampled.sum()))
        model = small_area.fay_herriot(direct, variances[sampled], terms[sampled])
        values, mse = np.empty(count), np.empty(count)
        values[sampled], mse[sampled] = model.estimates, model.mse
        values[~sampled], mse[~sampled] = small_area.predict_area_level(model, terms[~sampled])
        published = float(shares @ truth) + error * draw.normal()
        made = small_area.benchmark(values, shares, published, method=method, mse=mse)
        told = small_area.bootstrap_benchmarked(
            model, variances[sampled], terms, sampled, shares, 10, draw, method=method, published_error=error
        )
        stated += float(told.sum())
        found += float(((made - truth) ** 2).sum())
    assert stated / found == pytest.approx(1.0, abs=0.15)


def test_a_doubtful_published_figure_makes_benchmarked_areas_less_sure() -> None:
    draw = np.random.default_rng(3)
    terms, variances = np.ones((12, 1)), np.full(12, 0.2)
    model = small_area.fay_herriot(5 + draw.normal(size=12), variances, terms)
    told = [
        small_area.bootstrap_benchmarked(
            model, variances, terms, np.ones(12, bool), np.full(12, 1 / 12), 200, np.random.default_rng(1),
            published_error=error,
        ).mean()
        for error in (0.0, 1.0)
    ]  # fmt: skip
    assert told[1] - told[0] == pytest.approx(1.0, rel=0.25)  # the ratio carries the whole error to each area


def test_few_replicates_make_no_benchmarked_area_certain() -> None:
    draw = np.random.default_rng(8)
    terms, variances = np.ones((8, 1)), np.full(8, 0.4)
    model = small_area.fay_herriot(5 + draw.normal(size=8), variances, terms)
    for seed in range(40):
        told = small_area.bootstrap_benchmarked(
            model, variances, terms, np.ones(8, bool), np.full(8, 1 / 8), 1, np.random.default_rng(seed)
        )
        assert (told > 0.0).all()


def test_intervals_cover_where_the_root_of_the_mean_squared_error_does_not() -> None:
    """Sixteen areas of a city and four without a sample: 95 % of the truths, over 250 cities."""
    draw = np.random.default_rng(8)
    hits: dict[str, list[float]] = {"own": [], "plain": [], "none": [], "plain none": []}
    for _ in range(250):
        terms = np.column_stack([np.ones(20), draw.uniform(0, 2, 20)])
        psi = draw.uniform(0.1, 1.0, 16)
        truth = terms @ [5.0, 2.0] + draw.normal(0, 0.8, 20)
        y = truth[:16] + np.sqrt(psi) * draw.standard_normal(16)
        model = small_area.fay_herriot(y, psi, terms[:16])
        value, mse = small_area.predict_area_level(model, terms[16:])
        ends = {
            "own": small_area.area_intervals(model),
            "plain": (
                model.estimates - 1.96 * np.sqrt(model.mse),
                model.estimates + 1.96 * np.sqrt(model.mse),
            ),
            "none": small_area.predicted_intervals(model, terms[16:]),
            "plain none": (value - 1.96 * np.sqrt(mse), value + 1.96 * np.sqrt(mse)),
        }
        for name, (low, high) in ends.items():
            wanted = truth[16:] if "none" in name else truth[:16]
            hits[name].append(float(((low <= wanted) & (wanted <= high)).mean()))
    covered = {name: np.mean(one) for name, one in hits.items()}
    assert 0.935 < covered["own"] < 0.97 and 0.93 < covered["none"] < 0.975, covered
    assert covered["plain"] < covered["own"] and covered["plain none"] < 0.92, covered


def test_with_a_known_variance_the_interval_is_the_textbook_one() -> None:
    """Two hundred areas tell the variance between them well: the posterior is then normal about the estimate."""
    draw = np.random.default_rng(1)
    psi, terms = np.full(200, 0.5), np.ones((200, 1))
    y = 3.0 + draw.normal(0, 1.0, 200) + np.sqrt(psi) * draw.standard_normal(200)
    model = small_area.fay_herriot(y, psi, terms)
    low, high = small_area.area_intervals(model, level=0.9)
    np.testing.assert_allclose((low + high) / 2, model.estimates, atol=0.03)
    np.testing.assert_allclose((high - low) / 2, 1.644854 * np.sqrt(model.mse), rtol=0.05)
    with pytest.raises(MethodError, match="95"):
        small_area.area_intervals(model, level=95)


@given(seed=st.integers(0, 10_000), areas=st.integers(4, 20))
@settings(max_examples=30, deadline=None)
def test_intervals_are_finite_and_hold_their_estimates(seed: int, areas: int) -> None:
    draw = np.random.default_rng(seed)
    terms = np.column_stack([np.ones(areas), draw.normal(size=areas)])
    psi = draw.uniform(1e-3, 10.0, areas)
    model = small_area.fay_herriot(draw.normal(100, 2, areas), psi, terms)
    low, high = small_area.area_intervals(model)
    assert np.isfinite([low, high]).all()
    assert ((low < model.estimates) & (model.estimates < high)).all()
    below, above = small_area.predicted_intervals(model, terms)
    assert (below < above).all() and np.isfinite([below, above]).all()


def test_of_areas_that_are_not_known_one_by_one_only_their_mean_is_used() -> None:
    y, psi, terms, shares = _areas(4, 14)
    known = np.arange(14) < 9
    found = small_area.pooled_fay_herriot(y, psi, terms, shares, known)
    moved = y.copy()
    moved[9] += 3.0
    moved[10] -= 3.0 * shares[9] / shares[10]
    again = small_area.pooled_fay_herriot(moved, psi, terms, shares, known)
    np.testing.assert_allclose(again.estimates, found.estimates, rtol=1e-9)
    np.testing.assert_allclose(
        found.estimates[9:], small_area.area_posterior(*found.model.fitted_to, terms[9:]).estimates
    )
    whole = small_area.pooled_fay_herriot(y, psi, terms, shares, np.ones(14, dtype=bool))
    np.testing.assert_allclose(whole.estimates, small_area.area_posterior(y, psi, terms).estimates)


def test_areas_hidden_for_being_low_do_not_make_the_regression_too_high() -> None:
    """Areas are hidden where little was found: a regression of the others alone lies above the truth."""
    draw = np.random.default_rng(5)
    pooled, others = [], []
    for _ in range(150):
        psi, shares = np.full(16, 0.5), np.full(16, 1 / 16)
        y = 5.0 + draw.normal(0, 0.4, 16) + np.sqrt(psi) * draw.standard_normal(16)
        known = y > np.sort(y)[5]
        pooled.append(
            small_area.pooled_fay_herriot(y, psi, np.ones((16, 1)), shares, known).model.coefficients[0]
        )
        others.append(small_area.fay_herriot(y[known], psi[known], np.ones((10, 1))).coefficients[0])
    assert abs(np.mean(pooled) - 5.0) < 0.12 < np.mean(others) - 5.0


def test_errors_of_few_unequal_areas_stay_below_those_of_the_direct_estimates() -> None:
    """One large area among ten small ones: the analytic error exceeds its direct estimate's, this one does not."""
    draw = np.random.default_rng(3)
    psi = np.append(np.full(10, 4.0), 0.4)
    seen, analytic, own = [], [], []
    for _ in range(300):
        truth = 10.0 + draw.normal(0, 0.6, 11)
        y = truth + np.sqrt(psi) * draw.standard_normal(11)
        model = small_area.fay_herriot(y, psi, np.ones((11, 1)))
        seen.append((model.estimates[-1] - truth[-1]) ** 2)
        analytic.append(model.mse[-1])
        own.append(small_area.area_errors(model)[-1])
    assert np.mean(analytic) > 1.5 * np.mean(seen)
    assert 0.8 * np.mean(seen) < np.mean(own) < 1.3 * np.mean(seen)
    assert max(own) < 0.55


APART = 10.0 + np.append(1.9 * np.array([-1, 1, -1, 1, -0.5, 0.5, -0.7, 0.7, -0.2, 0.2]), 0.8)
"""Ten areas that are hardly known, and one that is well known and lies apart; no variance between them is found."""
APART_VARIANCES, EVERY = np.append(np.full(10, 4.0), 0.1), np.ones(11, dtype=bool)


def test_a_well_known_area_stands_in_the_middle_of_its_interval_where_no_variance_between_areas_is_found() -> (
    None
):
    terms = np.ones((11, 1))
    found = small_area.pooled_fay_herriot(APART, APART_VARIANCES, terms, np.ones(11), EVERY)
    low, high = small_area.pooled_intervals(found, terms, EVERY)
    off = np.abs(np.stack([found.estimates, found.model.estimates]) - (low + high) / 2) / ((high - low) / 2)
    assert (
        found.model.variance == 0.0
    )  # so that Fay and Herriot's estimate is the regression, whatever is known
    assert off[0, -1] < 0.02 and off[1, -1] > 0.15
    assert 0.0 < found.shrinkage[-1] < 1.0 and found.model.shrinkage[-1] == 0.0


def test_estimates_and_errors_are_those_of_the_distribution_that_the_intervals_are_of() -> None:
    """The mean of all quantiles is the mean: of known areas, and of those that only the regression tells of."""
    terms, known = np.column_stack([np.ones(11), np.arange(11.0) % 4]), np.arange(11) != 4
    found = small_area.pooled_fay_herriot(APART, APART_VARIANCES, terms, np.ones(11), known)
    nodes, weights = np.polynomial.legendre.leggauss(24)
    chance, part = (
        (nodes + 1) / 2,
        weights / 4,
    )  # an interval of level u has the quantiles (1 - u)/2 and (1 + u)/2
    ends = np.array([small_area.pooled_intervals(found, terms, known, level=one) for one in chance])
    mean = np.einsum("u,uem->m", part, ends)
    np.testing.assert_allclose(mean, found.estimates, atol=0.01)
    spread = np.einsum("u,uem->m", part, (ends - mean) ** 2)
    np.testing.assert_allclose(spread[known], found.mse[known], rtol=0.05)
    assert (
        np.abs(found.model.estimates[: known.sum()] - mean[known]) > 0.03
    ).any()  # the plug-in is another one


def test_the_posterior_is_the_one_that_a_plain_grid_over_level_and_variance_gives() -> None:
    y, psi = np.array([4.0, 5.5, 4.6, 7.0, 5.2, 4.9, 6.1, 5.0]), np.linspace(0.2, 1.0, 8)
    variance, level = np.linspace(0.0, 60.0, 2001)[:, None, None], np.linspace(-5.0, 15.0, 201)[:, None]
    total = variance + psi
    log = -0.5 * (np.log(total) + (y - level) ** 2 / total).sum(axis=2)
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    share = variance / total
    means = [(weight * (share * y + (1 - share) * level)[:, :, k]).sum() for k in range(8)]
    found = small_area.area_posterior(y, psi, np.ones((8, 1)))
    np.testing.assert_allclose(found.estimates, means, atol=2e-3)
    np.testing.assert_allclose(found.weight, [(weight * share[:, :, k]).sum() for k in range(8)], atol=5e-3)
