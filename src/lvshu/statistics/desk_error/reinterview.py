"""What re-interviews say of the survey's answers and links, by what the survey stated: four cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext

Array = NDArray[np.float64]

CELLS = ("flexible_linked", "flexible_not_linked", "other_linked", "other_not_linked")
STATED_LINKED = np.array([1.0, 0.0, 1.0, 0.0])
STATED_FLEXIBLE = np.array([1.0, 1.0, 0.0, 0.0])
ABOUT = ("flexible", "platform")

CHECKED = Query(
    "labour_reinterview",
    """
    SELECT
      again.stratum, again.stratum_persons,
      survey.person_hash IS NOT NULL AS interviewed,
      coalesce(survey.employed, false) AND (
        coalesce(survey.employment_form, '') IN ('own_account', 'part_time', 'platform')
        OR coalesce(survey.main_job_platform, false) OR coalesce(survey.second_job_platform, false)
      ) AS stated_flexible,
      coalesce(survey.employed, false) AND (
        coalesce(survey.employment_form, '') = 'platform'
        OR coalesce(survey.main_job_platform, false) OR coalesce(survey.second_job_platform, false)
      ) AS stated_platform,
      registered.worker_hash IS NOT NULL AS linked,
      again.employed AND (
        coalesce(again.employment_form, '') IN ('own_account', 'part_time', 'platform')
        OR coalesce(again.main_job_platform, false) OR coalesce(again.second_job_platform, false)
      ) AS flexible,
      again.employed AND (
        coalesce(again.employment_form, '') = 'platform'
        OR coalesce(again.main_job_platform, false) OR coalesce(again.second_job_platform, false)
      ) AS platform,
      again.in_platform_register AS in_register
    FROM labour_reinterview AS again
    LEFT JOIN labour_survey AS survey
      ON survey.person_hash = again.person_hash AND survey.month = again.month
    LEFT JOIN (
      SELECT DISTINCT month, worker_hash FROM platform_work_record
      WHERE orders >= 1 AND worker_hash IN (SELECT person_hash FROM labour_reinterview)
    ) AS registered ON registered.month = again.month AND registered.worker_hash = again.person_hash
    WHERE substr(again.month, 1, 4) = :year
    ORDER BY again.stratum, again.month, again.person_hash
    """,
)


@dataclass(frozen=True)
class Checked:
    """Re-interviews by cell of `CELLS`; arrays of shape (4,), effective counts (Kish) of re-interviewed persons.

    persons: re-interviewed, count; judged, in_register: all, and those found in the register; outside,
    outside_flexible: those not in the register, and of them the flexible; flexible: of all judged. Where the cells are
    about platform work, read platform workers for the flexible.
    """

    persons: int
    judged: Array
    in_register: Array
    outside: Array
    outside_flexible: Array
    flexible: Array | None = None

    @property
    def register_share(self) -> Array:
        """Return Pr(in the register | cell), shape (4,), dimensionless; as stated where nobody was visited."""
        return _share(self.in_register, self.judged, STATED_LINKED)

    @property
    def flexible_share(self) -> Array:
        """Return Pr(flexible | cell, not in the register), shape (4,), dimensionless; as stated without evidence."""
        return _share(self.outside_flexible, self.outside, STATED_FLEXIBLE)


def _share(hits: Array, judged: Array, stated: Array) -> Array:
    return np.where(judged > 0, hits / np.where(judged > 0, judged, 1.0), stated)


def outside_register(cells: Array, register_share: Array, flexible_share: Array) -> float:
    """Return the flexibly employed who are not in the platforms' register, in persons.

    Args:
        cells: persons by cell of `CELLS`, shape (4,), count.
        register_share: Pr(in the register | cell), shape (4,), dimensionless.
        flexible_share: Pr(flexible | cell, not in the register), shape (4,), dimensionless.

    Source: calibration probabilities by what was stated, Meertens et al. (2022), Journal of Survey Statistics and
    Methodology 10; Tenenbein (1970), JASA 65.
    """
    return float(cells @ ((1.0 - register_share) * flexible_share))


def checked(context: StepContext, *, tell: bool = True, about: str = "flexible") -> Checked | None:
    """Return what the year's re-interviews found; None without any. Tells of persons the survey does not know.

    Args:
        context: of the step.
        tell: whether persons that the survey does not know are told.
        about: of `ABOUT`; what the answer is about that the cells are made of.

    Strata may cut across the cells: a person counts with the weight of the draw, and a cell with Kish's effective
    number of its persons.
    """
    if not context.engine.count("labour_reinterview"):
        return None
    rows = context.sql(CHECKED, year=str(context.settings.year)).to_pylist()
    if tell:
        _tell_strangers(context, rows)
    rows = [row for row in rows if row["interviewed"]]
    if not rows:
        return None
    drawn: dict[str, int] = {}
    for row in rows:
        drawn[row["stratum"]] = drawn.get(row["stratum"], 0) + 1
    weight = np.array([row["stratum_persons"] / drawn[row["stratum"]] for row in rows])
    cell = np.array([(0 if row[f"stated_{about}"] else 2) + (0 if row["linked"] else 1) for row in rows])
    inside = np.array([bool(row["in_register"]) for row in rows])
    flexible = np.array([bool(row[about]) for row in rows])
    judged, found = _effective(cell, weight, inside)
    outside, outside_flexible = _effective(cell[~inside], weight[~inside], flexible[~inside])
    _, hits = _effective(cell, weight, flexible)
    return Checked(len(rows), judged, found, outside, outside_flexible, hits)


def tell_open_cells(context: StepContext, found: Checked, cells: Array) -> None:
    """Tell of cells with persons in them that no re-interview looked at."""
    blind = [place for place in range(len(CELLS)) if cells[place] > 0 and not found.judged[place] > 0]
    if blind:
        persons = float(cells[blind].sum())
        values = {"persons": round(persons), "cells": len(blind)}
        problem = Problem("statistics.reinterview_blind_cell", values=values, severity="warning")
        context.find(problem, table="labour_reinterview", amount=persons, unit="person")


def _effective(cell: Any, weight: Array, hit: Any) -> tuple[Array, Array]:
    """Return effective numbers of persons and of hits by cell, shape (4,) each."""
    size = len(CELLS)
    first = np.bincount(cell, weights=weight, minlength=size)
    second = np.bincount(cell, weights=weight**2, minlength=size)
    number = np.divide(first**2, second, out=np.zeros(size), where=second > 0)
    hits = np.bincount(cell, weights=weight * hit, minlength=size)
    share = np.divide(hits, first, out=np.zeros(size), where=first > 0)
    return number, number * share


def _tell_strangers(context: StepContext, rows: list[dict[str, Any]]) -> None:
    strangers = sum(not row["interviewed"] for row in rows)
    if strangers:
        values = {"persons": strangers, "of": len(rows)}
        problem = Problem("statistics.reinterview_stranger", values=values, severity="warning")
        context.find(problem, table="labour_reinterview", amount=float(strangers), unit="person")
