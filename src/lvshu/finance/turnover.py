"""The error of asset turnover: the enterprises with statements taken as a sample of their division."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.finance.methods.joint_error import draw_multipliers, turnover_errors

Array = NDArray[np.float64]

STATEMENTS = Query(
    "enterprise_finance",
    """
-- step: doubted
SELECT DISTINCT subject_id FROM contradicted_statement WHERE treatment = 'set_aside' AND subject_kind = 'entity'
-- step: result
SELECT
  coalesce(substr(enterprise.industry_code, 1, 2), 'none') AS division,
  CAST(money.main_business_revenue AS DOUBLE) AS revenue,
  CAST(money.total_assets_begin + money.total_assets_end AS DOUBLE) AS assets
FROM enterprise_finance AS money
JOIN enterprise ON enterprise.uscc = money.uscc
LEFT JOIN doubted ON doubted.subject_id = money.uscc
WHERE money.year = :year AND doubted.subject_id IS NULL
  AND money.main_business_revenue > 0 AND money.total_assets_begin + money.total_assets_end > 0
ORDER BY money.uscc
    """,
)


@dataclass(frozen=True)
class Turnover:
    """Multipliers of each division's asset turnover.

    Attributes:
        drawn: shape (replicates, divisions), dimensionless.
        known: whether the error of the division's turnover can be seen, shape (divisions,).
        used: whether the division's factor rests on a turnover, shape (divisions,).
        enterprises: with a statement, behind each, shape (divisions,).
    """

    drawn: Array
    known: NDArray[np.bool_]
    used: NDArray[np.bool_]
    enterprises: NDArray[np.int64]


def of_book(context: StepContext, divisions: list[str], lent: set[str]) -> Turnover:
    """Return the error of the asset turnover behind `sector_balance_factor`, of the divisions that loans rest on.

    Args:
        context: of the step.
        divisions: of the accounts.
        lent: divisions whose factor something is estimated with.
    """
    basis = {
        row["gbt4754_division"]: row["basis"] for row in context.read("sector_balance_factor").to_pylist()
    }
    count = context.settings.replicates
    used = np.array(
        [one in lent and str(basis.get(one, "")).startswith("turnover") for one in divisions], dtype=bool
    )
    if not used.any():
        nothing = np.zeros(len(divisions))
        return Turnover(np.ones((count, len(divisions))), nothing > 0, used, nothing.astype(np.int64))
    table = context.sql(STATEMENTS, year=context.settings.year)
    listed = table["division"].to_pylist()
    names = sorted(set(listed))
    place = {code: number for number, code in enumerate(names)}
    group = np.array([place[code] for code in listed], dtype=np.int64)
    revenue, assets = table["revenue"].to_numpy(), table["assets"].to_numpy()
    errors = np.append(
        turnover_errors(group, revenue, assets, len(names)),
        turnover_errors(np.zeros_like(group), revenue, assets, 1),
    )
    many = np.append(np.bincount(group, minlength=len(names)), group.size)
    drawn = draw_multipliers(errors, count, context.generator("turnover"))
    source = np.array(
        [place.get(one, -1) if basis.get(one) == "turnover_of_division" else -1 for one in divisions],
        dtype=np.int64,
    )
    known = used & ~np.isnan(errors[source])
    return Turnover(np.where(known, drawn[:, source], 1.0), known, used, np.where(used, many[source], 0))
