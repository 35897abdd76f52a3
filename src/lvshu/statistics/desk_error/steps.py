"""The step that tells the total error of the desks' headlines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lvshu.engine.step import Step, StepContext
from lvshu.statistics.desk_error import coded, digital, employment, headcount, platform, settled
from lvshu.statistics.desk_error.record import IF_RIGHT, Told, contradicted, write
from lvshu.statistics.desk_error.reinterview import ABOUT, checked
from lvshu.statistics.employment import read_survey
from lvshu.statistics.employment_reach import BEYOND, SHORT, WITHIN

MADE = ("total_error", "total_error_interval", "total_error_replicate")


def make(context: StepContext) -> None:
    """Fill the three tables for every headline that the book has, and write the headlines' own uncertainty."""
    if context.engine.count("flexible_employment"):
        _employment(context)
    if context.engine.count("platform_month") and platform.is_shown(context):
        write(context, platform.tell(context))
    for one in (*digital.tell(context), *coded.tell(context), *settled.tell(context)):
        write(context, one, headline=False)


def _employment(context: StepContext) -> None:
    rows = {row["definition_code"]: row for row in context.read("flexible_employment").to_pylist()}
    survey = read_survey(context)
    clusters = int(survey.cluster.max()) + 1
    stratum = np.zeros(clusters, dtype=np.int64)
    stratum[survey.cluster] = survey.stratum
    cells = {about: np.zeros((clusters, 4)) for about in ABOUT}
    for about, values in zip(ABOUT, (survey.cells(), survey.platform_cells()), strict=True):
        np.add.at(cells[about], survey.cluster, values)
    again = {about: checked(context, tell=False, about=about) for about in ABOUT}
    register = rows.get("register_platform")
    is_shown = register is not None and register["persons"] is not None
    workers = float(register["persons"]) if register is not None and is_shown else None
    where = WITHIN if workers is None else survey.reach(workers, again["flexible"])
    for one in headcount.tell(context, cells, stratum, workers, again, rows):
        write(context, _doubted(one, where) if one.indicator == headcount.WORKERS else one)
    if workers is None:
        return
    employed = np.bincount(survey.cluster, weights=survey.weighted["employed"], minlength=clusters).astype(
        float
    )
    flexible = again["flexible"]
    for one in employment.tell(context, cells["flexible"], stratum, employed, workers, flexible, rows):
        write(context, _doubted(one, where))


def _doubted(one: Told, where: str) -> Told:
    """Return a headline that rests on the platforms' register, with what the survey says against the register."""
    return contradicted(one) if where == SHORT else replace(one, aside=IF_RIGHT) if where == BEYOND else one


TOTAL_ERROR_STEPS = (
    Step(
        name="statistics.total_error", makes=MADE, action=make,
        reads_if_there=(
            "flexible_employment", "labour_survey_cluster", "labour_reinterview", "labour_survey",
            "platform_work_record", "platform_month", "platform_imputation", "coded_total", "coded_total_replicate",
            "digital_economy_account", "digital_economy_account_public", "digital_economy_share",
            "digital_core_replicate", "digital_coding_error", "digital_coding_replicate",
            "business_survey", "enterprise", "assigned_industry", "platform_economy_public",
            "platform_transaction_public", "uncertainty",
        ),
        method="statistics.total_error",
    ),
)  # fmt: skip
