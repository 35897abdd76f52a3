"""Estimates beside R survey 4.1-1 to all printed digits, on the samples that come with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lvshu.statistics import survey
from tests.statistics.real import Columns, read_columns

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="module")
def stratified(shared_data: Path) -> Columns:
    return read_columns(shared_data / "statistics" / "apistrat.csv")


@pytest.fixture(scope="module")
def clustered(shared_data: Path) -> Columns:
    return read_columns(shared_data / "statistics" / "apiclus1.csv")


@pytest.fixture(scope="module")
def by_strata(stratified: Columns) -> survey.Design:
    return survey.design(
        stratified.numbers("pw"), strata=stratified.labels("stype"), population=stratified.numbers("fpc")
    )


@pytest.fixture(scope="module")
def by_clusters(clustered: Columns) -> survey.Design:
    return survey.design(
        clustered.numbers("pw"), clusters=clustered.labels("dnum"), population=clustered.numbers("fpc")
    )


def _near(found: survey.Estimates, value: str, error: str, place: int = 0) -> None:
    """Compare with printed numbers to their last digit."""
    for got, printed in (
        (found.values[place], value),
        (found.standard_errors[place], error),
    ):
        digits = len(printed.partition(".")[2])
        assert abs(got - float(printed)) <= 0.51 * 10.0**-digits, (got, printed)


def test_stratified(stratified: Columns, by_strata: survey.Design) -> None:
    score, enrolled = stratified.numbers("api00"), stratified.numbers("enroll")
    found = survey.mean(by_strata, score, effect=True)
    _near(found, "662.287363159", "9.408940803")
    assert found.design_effect is not None and abs(found.design_effect[0] - 1.204457269) < 1e-9
    _near(survey.total(by_strata, enrolled), "3687177.532438", "114641.716101")
    _near(survey.ratio(by_strata, stratified.numbers("api.stu"), enrolled), "0.836956887", "0.007757103")
    types = survey.by("mean", by_strata, score, stratified.labels("stype"))
    assert types.labels == ("E", "H", "M")
    for place, (value, error) in enumerate(
        (("674.43", "12.38248"), ("625.82", "14.93713"), ("636.60", "16.21471"))
    ):
        _near(types, value, error, place)


def test_quantiles(stratified: Columns, by_strata: survey.Design) -> None:
    found = survey.quantile(by_strata, stratified.numbers("api00"))
    for place, (value, error) in enumerate((("565", "15.71945"), ("668", "13.18406"), ("756", "13.18406"))):
        _near(found, value, error, place)


def test_intervals_of_quantiles_are_woodruffs(
    stratified: Columns, by_strata: survey.Design, clustered: Columns, by_clusters: survey.Design
) -> None:
    """R survey 4.1, svyquantile of enroll: the ends are not symmetric around the quantile."""
    found = survey.quantile(by_strata, stratified.numbers("enroll"), (0.25, 0.5, 0.75, 0.9))
    low, high = found.interval()
    assert found.values.tolist() == [334, 446, 660, 1139]
    assert low.tolist() == [304, 424, 619, 1068] and high.tolist() == [365, 522, 739, 1358]
    for place, error in enumerate(("15.46591", "24.84687", "30.42474", "73.52646")):
        _near(found, str(found.values[place]), error, place)
    again = survey.quantile(by_clusters, clustered.numbers("enroll"), (0.25, 0.5, 0.9))
    low, high = again.interval()
    assert low.tolist() == [302, 385, 696] and high.tolist() == [381, 523, 1689]
    wider = again.interval(0.99)
    assert np.all(wider[0] <= low) and np.all(wider[1] >= high)
    assert [one["high"] for one in again.records()] == [381, 523, 1689]


def test_regression(stratified: Columns, by_strata: survey.Design) -> None:
    terms = np.column_stack(
        [np.ones(by_strata.size), *(stratified.numbers(n) for n in ("ell", "meals", "mobility"))]
    )
    found = survey.linear_regression(by_strata, stratified.numbers("api00"), terms)
    for place, (value, error) in enumerate(
        (
            ("820.8873159056", "10.0777359499"),
            ("-0.4805866122", "0.3919734032"),
            ("-3.1415353100", "0.2839465064"),
            ("0.2257132102", "0.3932183620"),
        )
    ):
        _near(found, value, error, place)


def test_clustered_and_jackknife(clustered: Columns, by_clusters: survey.Design) -> None:
    score = clustered.numbers("api00")
    _near(survey.mean(by_clusters, score), "644.169398907", "23.542240694")
    _near(survey.total(by_clusters, clustered.numbers("enroll")), "3404940.134529", "932235.027041")
    drawn = survey.jackknife(by_clusters)
    assert drawn.kind == "JK1"
    _near(drawn.estimate(lambda w: w @ score / w.sum()), "644.169398907", "26.329360590")


def test_post_strata(clustered: Columns, by_clusters: survey.Design) -> None:
    known = survey.margins({"stype": (clustered.labels("stype"), {"E": 4421, "H": 755, "M": 1018})})
    made = survey.calibrate(by_clusters, known).design
    _near(survey.total(made, clustered.numbers("enroll")), "3680892.945119", "406292.636295")
    _near(survey.mean(made, clustered.numbers("api00")), "642.310788212", "23.920486445")


def _greg(clustered: Columns) -> survey.Controls:
    kind = clustered.labels("stype")
    return survey.controls(
        {
            "schools": (np.ones(kind.size), 6194),
            "H": (kind == "H", 755),
            "M": (kind == "M", 1018),
            "api99": (clustered.numbers("api99"), 3914069),
        }
    )


def test_regression_estimator(clustered: Columns, by_clusters: survey.Design) -> None:
    made = survey.calibrate(by_clusters, _greg(clustered))
    _near(survey.total(made.design, clustered.numbers("enroll")), "3638487.204132", "385524.427352")
    _near(survey.mean(made.design, clustered.numbers("api00")), "665.309071166", "3.441753116")
    assert abs(made.factors.min() - 0.418592) < 1e-6 and abs(made.factors.max() - 1.833295) < 1e-6


def test_weights_that_a_linear_calibration_turns_negative(
    clustered: Columns, by_clusters: survey.Design
) -> None:
    """The records with negative weights take part in the regression of the residuals, as all others do."""
    known = _greg(clustered)
    far = survey.Controls(known.names, known.rows, known.cell, known.totals * np.array([1, 1, 1, 1.08]))
    made = survey.calibrate(by_clusters, far)
    assert int((made.factors < 0).sum()) == 19 and abs(made.factors.min() + 0.5512871) < 1e-7
    _near(survey.total(made.design, clustered.numbers("enroll")), "3554288.911098", "407223.298913")
    _near(survey.mean(made.design, clustered.numbers("api00")), "710.973080858", "3.776704309")
    assert survey.quantile(made.design, clustered.numbers("api00"), (0.5,)).value == 711


def test_raking_distance(clustered: Columns, by_clusters: survey.Design) -> None:
    made = survey.calibrate(by_clusters, _greg(clustered), distance="raking")
    _near(survey.total(made.design, clustered.numbers("enroll")), "3616588.563269", "387618.630380")
    assert abs(made.factors.min() - 0.534231) < 1e-6 and abs(made.factors.max() - 1.994761) < 1e-6


def test_raking_to_margins(clustered: Columns, by_clusters: survey.Design) -> None:
    known = survey.margins(
        {
            "stype": (clustered.labels("stype"), {"E": 4421, "H": 755, "M": 1018}),
            "sch.wide": (clustered.labels("sch.wide"), {"No": 1072, "Yes": 5122}),
        }
    )
    solved = survey.calibrate(by_clusters, known, distance="raking", tolerance=1e-14)
    made = solved.design
    assert np.abs(solved.gaps).max() < 1e-9
    # R's rake stops at its tolerance, at 3647280.148132 (400603.256860); the margins are met exactly here.
    _near(survey.total(made, clustered.numbers("enroll")), "3647280.148", "400603.2569")
    _near(survey.mean(made, clustered.numbers("api00")), "641.230321", "23.703617")
