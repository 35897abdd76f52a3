"""Hartley's estimator for two overlapping frames: a survey of persons and a register of platform workers."""

from __future__ import annotations

from dataclasses import dataclass

from lvshu.statistics.methods.survey import Estimate


@dataclass(frozen=True)
class DualFrame:
    """The estimate as `hartley` returns it, in unit person, with the weight of the survey's overlap.

    Source: Hartley (1962), Multiple frame surveys, Proc. Social Statistics Section ASA.
    """

    estimate: Estimate
    survey_weight: float


def optimum_weight(
    variance_overlap_survey: float,
    variance_overlap_register: float,
    covariance_survey: float,
    covariance_register: float = 0.0,
) -> float:
    """Return the weight of the survey's estimate of the overlap that makes the variance least.

    Args:
        variance_overlap_survey: variance of the overlap as estimated in the survey, unit person squared.
        variance_overlap_register: variance of the overlap as known from the register; 0 for a full count.
        covariance_survey: of the survey-only domain and the survey's overlap, unit person squared.
        covariance_register: of the register-only domain and the register's overlap, unit person squared.

    Returns:
        Weight, dimensionless, kept within 0 to 1; 0 when nothing varies.

    Source: Hartley (1962); Lohr, Sampling: Design and Analysis (2010), multiple-frame surveys.
    """
    total = variance_overlap_survey + variance_overlap_register
    if total <= 0.0:
        return 0.0
    weight = (variance_overlap_register + covariance_register - covariance_survey) / total
    return min(max(weight, 0.0), 1.0)


def hartley(
    survey_only: Estimate,
    overlap_survey: Estimate,
    register: Estimate,
    covariance_survey: float,
) -> DualFrame:
    """Return the number of units in either frame, when every unit of the register lies in the survey's frame.

    N = N_a + λ N_ab(survey) + (1 - λ) N_B, where N_B is the register (its overlap with the survey's frame).

    Args:
        survey_only: estimate of the units found by the survey and not in the register, unit person.
        overlap_survey: the survey's estimate of the units in the register, unit person.
        register: units of the register, unit person; standard error 0 for a full count.
        covariance_survey: of the two survey estimates, unit person squared.

    Returns:
        Estimate in unit person (scalars), and λ.

    Source: Hartley (1962); Lohr (2010), multiple-frame surveys, with λ at its optimum.
    """
    v_a, v_ab = survey_only.standard_error**2, overlap_survey.standard_error**2
    v_b = register.standard_error**2
    weight = optimum_weight(v_ab, v_b, covariance_survey)
    value = survey_only.value + weight * overlap_survey.value + (1.0 - weight) * register.value
    variance = v_a + weight**2 * v_ab + (1.0 - weight) ** 2 * v_b + 2.0 * weight * covariance_survey
    return DualFrame(Estimate(value, max(variance, 0.0) ** 0.5), weight)
