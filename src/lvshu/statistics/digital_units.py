"""The units behind the core digital economy: what each contributes, to which class and district, and whose it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.statistics.class_code import CLASS_CODE, CLASSED
from lvshu.statistics.digital_domain import Classification, Moments
from lvshu.statistics.disclosure.structure import Key
from lvshu.statistics.keys import MAJORS
from lvshu.statistics.protection import groups

Array = NDArray[np.float64]
Index = NDArray[np.int64]

UNITS = Query(
    "digital_economy_account_public",
    f"""
    SELECT
      survey.stratum, survey.take_all, survey.uscc,
      {CLASS_CODE} AS class_code,
      coalesce(survey.district_code, register.district_code, 'unknown') AS district_code,
      as_quantity(CAST(survey.weight AS DOUBLE) * CAST(survey.value_added AS DOUBLE)) AS weighted_value
    FROM business_survey AS survey
    {CLASSED}
    WHERE survey.year = :year AND survey.value_added IS NOT NULL
      AND {CLASS_CODE} IN (
        SELECT gbt4754_code FROM pack_digital_economy_2021_codes WHERE major IN ('01', '02', '03', '04')
      )
    ORDER BY survey.stratum, survey.take_all, class_code, district_code, weighted_value, survey.uscc
    """,
)


@dataclass(frozen=True)
class Units:
    """Sampled units of the core's classes, whole and starred; all of shape (units,).

    stratum: its number in the moments; value: contribution to the figures in CNY, weighted and raised for units
    without an answer; class_code: GB/T 4754; district; who: whose it is (units of one group are one).
    """

    stratum: Index
    value: Array
    class_code: list[str]
    district: list[str]
    who: list[str]

    def __len__(self) -> int:
        """Return how many units there are."""
        return len(self.who)

    def only(self, kept: NDArray[np.bool_]) -> Units:
        """Return some of the units."""

        def taken(column: list[str]) -> list[str]:
            return [one for one, is_kept in zip(column, kept, strict=True) if is_kept]

        return Units(self.stratum[kept], self.value[kept], taken(self.class_code), taken(self.district),
                     taken(self.who))  # fmt: skip

    def held(self, keys_of: Callable[[int], list[Key]], scale: float) -> dict[Key, dict[str, float]]:
        """Return the contribution of everyone behind each cell, in CNY over `scale`.

        Args:
            keys_of: the cells that a unit (by its number) stands in.
            scale: what contributions are divided by.
        """
        found: dict[Key, dict[str, float]] = {}
        for number, (who, value) in enumerate(zip(self.who, self.value.tolist(), strict=True)):
            for key in keys_of(number):
                own = found.setdefault(key, {})
                own[who] = own.get(who, 0.0) + value / scale
        return found


def units_of(context: StepContext, moments: Moments) -> Units:
    """Return the sampled units of the core's classes.

    Args:
        context: of the step, with the survey, and register, codes and groups where there are.
        moments: of the survey: strata and the factor for units without an answer.
    """
    table = context.sql(UNITS, year=context.settings.year)
    place = {key: number for number, key in enumerate(moments.keys)}
    keys = zip(table["stratum"].to_pylist(), table["take_all"].to_pylist(), strict=True)
    stratum = np.array([place[key] for key in keys], dtype=np.int64)
    value = np.array([float(each) for each in table["weighted_value"].to_pylist()])
    group = groups(context)
    return Units(
        stratum,
        value * moments.raised[stratum] if len(stratum) else value,
        table["class_code"].to_pylist(),
        table["district_code"].to_pylist(),
        [group.get(one, one) for one in table["uscc"].to_pylist()],
    )


def whole_classes(classes: Classification, units: Units) -> dict[str, tuple[str, str]]:
    """Return the major and the medium of each class that counts in full, by its code."""
    found = {}
    for code in dict.fromkeys(units.class_code):
        major = next((one for one in MAJORS if classes.full([code], one)[0]), None)
        if major is not None:
            found[code] = major, min(one for one in classes.medium_of[code] if one.startswith(major))
    return found


def starred_classes(classes: Classification, units: Units) -> dict[str, frozenset[str]]:
    """Return the mediums of the core that each starred class may be a part of, by its code."""
    return {
        code: frozenset(one for one in classes.medium_of[code] if one[:2] in MAJORS)
        for code in dict.fromkeys(units.class_code)
        if code in classes.starred and any(classes.upper([code], one)[0] for one in MAJORS)
    }
