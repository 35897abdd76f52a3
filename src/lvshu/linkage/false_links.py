"""How often links of enterprises are false, and the class that a false link carries, as the register's quality tells.

A false link is taken to carry the class of a unit drawn from those of the list with a code: a convention of this
project.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.engine.query import Query
from lvshu.engine.step import StepContext

Array = NDArray[np.float64]

LISTED = Query(
    "enterprise",
    """
    SELECT industry_code AS class_code, count(*) AS units
    FROM enterprise
    WHERE industry_code IS NOT NULL AND NOT coalesce(overseas, false)
    GROUP BY industry_code
    ORDER BY industry_code
    """,
)
QUALITY_WHERE = (
    "kind = 'enterprise' AND source = 'total' AND measure = 'false_link_rate' AND value IS NOT NULL"
)
BASES = ("whole", "clerical", "model")
"""What a rate may rest on, the best first: what people judged goes before the model's own probabilities."""
SCOPES = ("between", "all")
"""Links that carry a class lie between sources; rates of these go before those of all links."""


@dataclass(frozen=True)
class FalseLinks:
    """How often links are false: rate and its standard error (0 by the model, which tells none), dimensionless; basis.

    classes, shares: what class a false link carries, shape (classes,), adding up to one.
    """

    rate: float
    rate_error: float
    basis: str
    classes: list[str]
    shares: Array

    def drawn(self, replicates: int, random: np.random.Generator) -> Array:
        """Return draws of the rate, shape (replicates,), dimensionless, between 0 and 1."""
        return np.clip(self.rate + self.rate_error * random.standard_normal(replicates), 0.0, 1.0)


def false_links(context: StepContext) -> FalseLinks | None:
    """Return how often links of enterprises are false, as the register's quality tells; None where nothing tells.

    Args:
        context: of a step that reads `link_quality` and `enterprise`.
    """
    rows = context.read("link_quality", where=QUALITY_WHERE, order=("basis", "scope")).to_pylist()
    told = {(row["basis"], row["scope"]): row for row in rows}
    best = next((told[key] for key in ((one, two) for one in BASES for two in SCOPES) if key in told), None)
    listed = context.sql(LISTED)
    units = np.array(listed["units"].to_pylist(), dtype=float)
    if best is None or not units.sum():
        return None
    error = 0.0 if best["standard_error"] is None else float(best["standard_error"])
    return FalseLinks(
        float(best["value"]), error, best["basis"], listed["class_code"].to_pylist(), units / units.sum()
    )


def basis_words(links: FalseLinks) -> dict[str, str]:
    """Return what a rate rests on, in words."""
    if links.basis == "model":
        return {"zh": "链接模型自己的概率", "en": "the linking model's own probabilities"}
    return {"zh": "人工判定的样本", "en": "a sample that people judged"}
