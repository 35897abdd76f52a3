"""Survey estimation in a program: designs, estimates with their errors, calibration, replicates.

from lvshu.statistics import survey

sample = survey.design(weights, strata=stype, population=counts)
survey.mean(sample, api00)                              # Estimates: values, covariance, intervals
known = survey.margins({"stype": (stype, {"E": 4421, "H": 755, "M": 1018})})
survey.total(survey.calibrate(sample, known, distance="logit", bounds=(0.5, 2)).design, enroll)
"""

from lvshu.statistics.survey.calibration import Calibrated, calibrate
from lvshu.statistics.survey.change import change
from lvshu.statistics.survey.controls import Controls, controls, estimated_controls, margins
from lvshu.statistics.survey.design import Design, design
from lvshu.statistics.survey.dual_frame import DualFrameEstimate, FrameSample, dual_frame
from lvshu.statistics.survey.estimates import Estimates
from lvshu.statistics.survey.means import by, mean, ratio, total
from lvshu.statistics.survey.quantiles import quantile
from lvshu.statistics.survey.regression import linear_regression, logistic_regression
from lvshu.statistics.survey.replicates import (
    Replicates,
    bootstrap,
    brr,
    covariance_of_controls,
    fay,
    jackknife,
)
from lvshu.statistics.survey.two_phase import TwoPhase, two_phase, two_phase_total

__all__ = [
    "Calibrated",
    "Controls",
    "Design",
    "DualFrameEstimate",
    "Estimates",
    "FrameSample",
    "Replicates",
    "TwoPhase",
    "bootstrap",
    "brr",
    "by",
    "calibrate",
    "change",
    "controls",
    "covariance_of_controls",
    "design",
    "dual_frame",
    "estimated_controls",
    "fay",
    "jackknife",
    "linear_regression",
    "logistic_regression",
    "margins",
    "mean",
    "quantile",
    "ratio",
    "total",
    "two_phase",
    "two_phase_total",
]
