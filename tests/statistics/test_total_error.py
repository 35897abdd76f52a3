"""Total error: parts that add up, sources drawn as they should be, and coverage where the naive interval fails."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.core.errors import MethodError
from lvshu.statistics import survey, total_error
from lvshu.statistics.desk_error import record
from lvshu.statistics.desk_error.record import ESTIMATED, Interval, Standing, _write_parts, told


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(["shapley", "single"]))
def test_parts_and_squared_bias_add_up_to_the_mean_squared_error(seed: int, parts: str) -> None:
    sources = [total_error.known_figure(2.0 + k, 0.1 + 0.1 * k, name=f"s{k}") for k in range(3)]
    found = total_error.joint_error(
        lambda given: given["s0"] * given["s1"] + given["s2"], sources, 50, np.random.default_rng(seed),
        bias=0.3, parts=parts,
    )  # fmt: skip
    assert sum(found.parts.values()) + 0.09 == pytest.approx(found.mse)
    assert sum(found.shares.values()) == pytest.approx(1.0)


def test_independent_parts_of_a_sum_are_their_variances() -> None:
    sources = [total_error.known_figure(0.0, spread, name=str(spread)) for spread in (1.0, 2.0, 3.0)]
    found = total_error.joint_error(
        lambda given: sum(given.values()), sources, 4000, np.random.default_rng(1), parts="shapley"
    )
    np.testing.assert_allclose(list(found.parts.values()), [1.0, 4.0, 9.0], rtol=0.15)
    assert abs(found.high - 1.96 * 14**0.5) < 0.4


def test_a_part_below_zero_is_none_and_the_others_add_up_to_the_joint_variance() -> None:
    """A multiplier of 0.1 once drawn: the joint variance is a hundredth, its Shapley part is -0.5 of the other's."""
    sources = [
        total_error.known_figure(0.0, 1.0, name="sampling"),
        total_error.ErrorSource("linkage", 1.0, lambda generator: 0.1),
    ]
    found = total_error.joint_error(
        lambda given: given["sampling"] * given["linkage"], sources, 50, np.random.default_rng(4), bias=0.1
    )
    assert found.parts["linkage"] == 0.0
    assert found.parts["sampling"] == pytest.approx(found.replicates.var(ddof=1))
    naive = Interval(0.0, 1.0, -1.0, 1.0)
    standings = {name: Standing(ESTIMATED, "有", "is") for name in record.PARTS}
    written: dict[str, Any] = {}
    one = told("share", "%", naive, found, standings, published=-0.1)
    _write_parts(SimpleNamespace(write=lambda table, rows: written.update(rows)), one)  # type: ignore[arg-type]
    known = [at for at, size in enumerate(written["size"]) if size is not None]
    assert [written["part"][at] for at in known] == ["sampling", "linkage", "bias", "total"]
    sizes, shares = ([written[name][at] for at in known] for name in ("size", "share"))
    assert sum(size**2 for size in sizes[:-1]) == pytest.approx(sizes[-1] ** 2)
    assert sum(shares[:-1]) == pytest.approx(100.0) and min(shares) >= 0.0


def test_sampling_draws_have_the_linearised_variance() -> None:
    draw = np.random.default_rng(2)
    clusters, y = np.repeat(np.arange(30), 5), draw.normal(10, 2, 150) + np.repeat(draw.normal(0, 1, 30), 5)
    sample = survey.design(np.full(150, 8.0), clusters=clusters, population=np.full(150, 240))
    found = total_error.joint_error(
        lambda given: float(given["sampling"] @ y), [total_error.sampling(sample)], 1500, draw
    )
    assert found.value == pytest.approx(8 * y.sum())
    assert found.standard_error == pytest.approx(survey.total(sample, y).standard_error, rel=0.08)


def test_the_audit_of_codes_is_drawn_anew() -> None:
    stated, true = np.repeat(["a", "b"], [80, 40]), np.array(["a"] * 72 + ["b"] * 8 + ["a"] * 4 + ["b"] * 36)
    source = total_error.coding(stated, true)
    np.testing.assert_allclose(source.point, [[0.9, 0.1], [0.1, 0.9]])
    np.testing.assert_allclose(total_error.corrected_shares([80, 40], source.point), [76, 44])
    draws = np.stack([source.draw(np.random.default_rng(k)) for k in range(600)])
    np.testing.assert_allclose(draws.sum(axis=1), 1.0)
    assert draws[:, 0, 0].std() == pytest.approx((0.9 * 0.1 / 80) ** 0.5, rel=0.12)


@pytest.mark.parametrize(("audited", "wrong"), [(100, 0.01), (100, 0.03), (300, 0.01), (100, 0.1)])
def test_intervals_cover_where_wrong_codes_are_rare(audited: int, wrong: float) -> None:
    """Records drawn anew never show an error that the audit did not: they covered 19 to 85 per cent."""
    draw, covered = np.random.default_rng(1), []
    for _ in range(150):
        lost, gained = int(draw.binomial(2000, wrong)), int(draw.binomial(18000, wrong / 5))
        truth = 2000 - lost + gained
        missed = int(draw.hypergeometric(lost, 2000 - lost, audited))
        hidden = int(draw.hypergeometric(gained, 18000 - gained, audited))
        true = ["other"] * missed + ["digital"] * (audited - missed + hidden) + ["other"] * (audited - hidden)
        source = total_error.coding(np.repeat(["digital", "other"], audited), true)
        found = total_error.joint_error(
            lambda given: float(total_error.corrected_shares([2000, 18000], given["coding"])[0]), [source],
            200, draw, parts="none",
        )  # fmt: skip
        covered.append(found.low <= truth <= found.high)
    assert np.mean(covered) >= 0.91


def test_an_audit_counts_as_many_records_as_its_weights_and_strata_leave() -> None:
    stated, true = np.full(60, "a"), np.array((["a"] * 9 + ["b"]) * 6)
    strata, weights = np.repeat(["x", "y"], 30), np.repeat([1.0, 9.0], 30)
    spread = []
    for drawn in ({}, {"weights": weights}, {"weights": weights, "strata": strata}):
        source = total_error.coding(stated, true, **drawn)
        np.testing.assert_allclose(source.point[:, 0], [0.9, 0.1])
        draws = np.stack([source.draw(np.random.default_rng(k)) for k in range(600)])
        np.testing.assert_array_equal(draws[:, :, 1], np.tile([0.0, 1.0], (600, 1)))  # b was never stated
        spread.append(draws[:, 0, 0].std())
    assert spread[1] / spread[0] == pytest.approx((60 * (1 + 81) / 2 / 60 / 25) ** 0.5, rel=0.12)  # Kish
    assert spread[2] >= 0.95 * spread[1]
    for bad in ({"weights": np.zeros(60)}, {"strata": ["x"]}):
        with pytest.raises(MethodError) as told:
            total_error.coding(stated, true, **bad)
        assert told.value.code == "total_error.bad_audit"


def test_gaps_are_filled_by_donors_of_their_cell() -> None:
    values = np.array([1.0, 2.0, np.nan, 10.0, 20.0, np.nan])
    source = total_error.imputation(values, np.ones(6), cells=["x"] * 3 + ["y"] * 3)
    np.testing.assert_allclose(source.point[[2, 5]], [1.5, 15.0])
    drawn = np.stack([source.draw(np.random.default_rng(k)) for k in range(200)])
    assert set(drawn[:, 2]) == {1.0, 2.0} and set(drawn[:, 5]) == {10.0, 20.0}
    with pytest.raises(MethodError):
        total_error.imputation(values, [0, 0, 1, 1, 1, 1], cells=["x"] * 3 + ["y"] * 3)


def test_the_choice_of_a_model_is_a_source() -> None:
    source = total_error.alternatives([1.0, 3.0], [1, 3], chosen=1)
    found = total_error.joint_error(lambda given: given["model"], [source], 3000, np.random.default_rng(3))
    assert found.value == 3.0 and found.mse == pytest.approx(0.75, rel=0.1)


def test_sources_that_are_none_are_told() -> None:
    twice = [total_error.known_figure(1.0, 0.1, name="a")] * 2
    with pytest.raises(MethodError) as told:
        total_error.joint_error(lambda given: 1.0, twice, 10, np.random.default_rng(1))
    assert told.value.code == "total_error.bad_sources"
    with pytest.raises(MethodError):
        total_error.link_rates(found=(5, 3))
    with pytest.raises(MethodError) as told:
        total_error.joint_error(lambda given: float("nan"), twice[:1], 10, np.random.default_rng(1))
    assert told.value.code == "total_error.no_estimate"


class _City:
    """Persons in clusters; a survey whose jobs are coded with error; a register linked to it with error."""

    sensitivity, false_links, precision_loss, size = 0.86, 0.012, 0.12, 400

    def __init__(self, seed: int) -> None:
        self.draw = np.random.default_rng(seed)
        level = self.draw.beta(6, 30, self.size)
        self.works = self.draw.random((self.size, 80)) < level[:, None]
        self.listed = self.works & (self.draw.random(self.works.shape) < 0.7)

    def survey(self) -> tuple[survey.Design, np.ndarray, np.ndarray, list[total_error.ErrorSource]]:
        """Return the sample, records coded as workers, those linked, and the sources of error."""
        draw = self.draw
        chosen = draw.choice(self.size, 60, replace=False)
        works, listed = self.works[chosen], self.listed[chosen]
        extra = works.mean() * self.precision_loss / (1 - self.precision_loss) / (1 - works.mean())
        coded = works | (draw.random(works.shape) < extra)
        linked = np.where(listed, draw.random(works.shape) < self.sensitivity,
                          draw.random(works.shape) < self.false_links)  # fmt: skip
        design = survey.design(
            np.full(works.size, self.size / 60), clusters=np.repeat(chosen, 80),
            population=np.full(works.size, self.size),
        )  # fmt: skip
        audited = draw.choice(np.flatnonzero(coded), 200, replace=False)
        right = int(works.ravel()[audited].sum())
        sources = [
            total_error.sampling(design),
            total_error.link_rates(
                found=(int(draw.binomial(150, self.sensitivity)), 150),
                false=(int(draw.binomial(500, self.false_links)), 500),
            ),
            total_error.coding(np.full(200, "worker"), ["worker"] * right + ["other"] * (200 - right)),
        ]
        return design, coded.ravel(), linked.ravel(), sources


def test_the_joint_interval_covers_where_the_naive_one_fails() -> None:
    """Workers = register / share of workers in it, the share mended for wrong links and wrong codes."""
    city = _City(5)
    truth, register = float(city.works.sum()), float(city.listed.sum())
    joint, only_sampling, unmended, shares = [], [], [], []
    for time in range(100):
        design, coded, linked, sources = city.survey()

        def workers(given: Mapping[str, Any], coded: Any = coded, linked: Any = linked) -> float:
            weights = given["sampling"]
            share = float(weights @ (coded & linked) / (weights @ coded))
            alpha, beta = given["linkage"]
            precise = float(given["coding"][-1, -1])  # "worker" sorts behind "other"
            return register * precise * (alpha - beta) / (share - beta)

        found = total_error.joint_error(
            workers, sources, 120, np.random.default_rng(time), parts="shapley" if time < 3 else "none"
        )
        joint.append(found.low <= truth <= found.high)
        fixed = {one.name: one.point for one in sources}
        alone = total_error.joint_error(
            lambda given, fixed=fixed, workers=workers: workers({**fixed, **given}), sources[:1], 60,
            np.random.default_rng(time), parts="none",
        )  # fmt: skip
        only_sampling.append(abs(found.value - truth) <= 1.96 * alone.standard_error)
        plain = survey.ratio(design, (coded & linked).astype(float), coded.astype(float))
        naive = register / plain.value
        unmended.append(abs(naive - truth) <= 1.96 * naive * plain.standard_error / plain.value)
        if time < 3:
            shares.append(found.parts)
            assert sum(found.parts.values()) == pytest.approx(found.mse)
    assert np.mean(joint) >= 0.90
    assert np.mean(only_sampling) < 0.85
    assert np.mean(unmended) < 0.10
    assert all(min(parts.values()) > 0 for parts in shares)
