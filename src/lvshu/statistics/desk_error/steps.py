"""The step that tells the total error of the desks' headlines."""

from __future__ import annotations

import numpy as np

from lvshu.engine.step import Step, StepContext
from lvshu.statistics.desk_error import coded, digital, employment, platform
from lvshu.statistics.desk_error.record import write
from lvshu.statistics.desk_error.reinterview import checked
from lvshu.statistics.employment import read_survey

MADE = ("total_error", "total_error_interval", "total_error_replicate")


def make(context: StepContext) -> None:
    """Fill the three tables for every headline that the book has, and write the headlines' own uncertainty."""
    if context.engine.count("flexible_employment"):
        _employment(context)
    if context.engine.count("platform_month"):
        write(context, platform.tell(context))
    for one in (*digital.tell(context), *coded.tell(context)):
        write(context, one, headline=False)


def _employment(context: StepContext) -> None:
    rows = {row["definition_code"]: row for row in context.read("flexible_employment").to_pylist()}
    if "corrected_total" not in rows:
        return
    survey = read_survey(context)
    clusters = int(survey.cluster.max()) + 1
    stratum = np.zeros(clusters, dtype=np.int64)
    stratum[survey.cluster] = survey.stratum
    cells = np.zeros((clusters, 4))
    np.add.at(cells, survey.cluster, survey.cells())
    employed = np.bincount(survey.cluster, weights=survey.weighted["employed"], minlength=clusters)
    workers = float(rows["register_platform"]["persons"])
    again = checked(context, tell=False)
    for one in employment.tell(context, cells, stratum, employed.astype(float), workers, again, rows):
        write(context, one)


TOTAL_ERROR_STEPS = (
    Step(
        name="statistics.total_error", makes=MADE, action=make,
        reads_if_there=(
            "flexible_employment", "labour_survey_cluster", "labour_reinterview", "labour_survey",
            "platform_work_record", "platform_month", "platform_imputation", "coded_total", "coded_total_replicate",
            "digital_economy_account", "digital_economy_share", "digital_core_replicate", "digital_coding_error",
            "digital_coding_replicate", "business_survey", "enterprise", "uncertainty",
        ),
        method="statistics.total_error",
    ),
)  # fmt: skip
