"""Small areas: districts from a sample that was drawn for the whole city.

from lvshu.statistics import small_area

model = small_area.fay_herriot(direct, variances, covariates)      # REML, to the exact optimum
low, high = small_area.area_intervals(model)                       # the variance of areas averaged over
small_area.benchmark(model.estimates, shares, published)           # ratio, difference
small_area.empirical_best(y, x, area, outside, indicator, draws, generator)
"""

from lvshu.statistics.small_area.benchmarking import benchmark, self_benchmarked
from lvshu.statistics.small_area.bootstrap import bootstrap_area_level, bootstrap_benchmarked
from lvshu.statistics.small_area.direct import DirectEstimates, direct
from lvshu.statistics.small_area.empirical_best import EmpiricalBest, empirical_best
from lvshu.statistics.small_area.fay_herriot import FayHerriot, fay_herriot, predict_area_level
from lvshu.statistics.small_area.intervals import (
    AreaPosterior,
    area_errors,
    area_intervals,
    area_posterior,
    moved_intervals,
    predicted_intervals,
)
from lvshu.statistics.small_area.log_pooled import LogAreas, log_pooled
from lvshu.statistics.small_area.pooled import (
    PooledAreas,
    bootstrap_pooled,
    pooled_choice,
    pooled_fay_herriot,
    pooled_intervals,
)
from lvshu.statistics.small_area.spatial import SpatialFayHerriot, spatial_fay_herriot
from lvshu.statistics.small_area.transformed import (
    Transformed,
    arcsin_fay_herriot,
    log_fay_herriot,
    predict_transformed,
)
from lvshu.statistics.small_area.unit_level import UnitLevel, unit_level, unit_level_bootstrap

__all__ = [
    "AreaPosterior",
    "DirectEstimates",
    "EmpiricalBest",
    "FayHerriot",
    "LogAreas",
    "PooledAreas",
    "SpatialFayHerriot",
    "Transformed",
    "UnitLevel",
    "arcsin_fay_herriot",
    "area_errors",
    "area_intervals",
    "area_posterior",
    "benchmark",
    "bootstrap_area_level",
    "bootstrap_benchmarked",
    "bootstrap_pooled",
    "direct",
    "empirical_best",
    "fay_herriot",
    "log_fay_herriot",
    "log_pooled",
    "moved_intervals",
    "pooled_choice",
    "pooled_fay_herriot",
    "pooled_intervals",
    "predict_area_level",
    "predict_transformed",
    "predicted_intervals",
    "self_benchmarked",
    "spatial_fay_herriot",
    "unit_level",
    "unit_level_bootstrap",
]
