"""Business records of 19 variables under 50 rules, of which a share is spoiled; seeded."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

PARTS = tuple(f"p{number}" for number in range(6))
COSTS = tuple(f"q{number}" for number in range(5))
WAGES = ("r0", "r1", "r2")
NAMES = ("turnover", "costs", "profit", "wages", "staff", *PARTS, *COSTS, *WAGES)
CONDITIONAL = (
    ("paid", "if staff > 0 then wages > 0"),
    ("staffed", "if wages > 0 then staff > 0"),
    ("head", "turnover / staff <= 1e8"),
    ("wagehead", "wages / staff in [1, 1e7]"),
)


def linear_rules() -> list[tuple[str, str]]:
    """Return name and text of the rules that are linear, without those that values are not negative."""
    rules = [
        ("result", "turnover - costs = profit"),
        ("parts", f"{' + '.join(PARTS)} = turnover"),
        ("costparts", f"{' + '.join(COSTS)} = costs"),
        ("wageparts", f"{' + '.join(WAGES)} = wages"),
        ("wagecost", "wages <= costs"),
        ("margin", "profit <= 0.8 * turnover"),
        ("loss", "profit >= -0.5 * turnover"),
        ("personnel", "q0 >= wages"),
    ]
    rules += [(f"{name}max", f"{name} <= 0.9 * turnover") for name in PARTS]
    rules += [(f"{name}max", f"{name} <= 0.95 * costs") for name in COSTS]
    rules += [(f"{name}max", f"{name} <= costs") for name in WAGES]
    rules += [(f"pair{n}", f"p{n} + p{n + 1} <= 0.98 * turnover") for n in range(5)]
    return [*rules, ("staffmax", "staff <= 1000000")]


def rule_file(*, conditional: bool) -> dict[str, Any]:
    """Return the content of the rule file: 50 rules with the conditional ones."""
    variables: dict[str, Any] = {}
    for name in NAMES:
        variables[name] = {} if name == "profit" else {"minimum": 0}
        if name in ("turnover", "costs"):
            variables[name]["weight"] = 2
    rules = [*linear_rules(), *(CONDITIONAL if conditional else ())]
    return {"variables": variables, "rule": [{"name": name, "check": check} for name, check in rules]}


def records(
    count: int, spoiled: float, seed: int = 20210913
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return true and filed records, shape (count, 19) each: a share has one value wrong, a fifth of it two."""
    random = np.random.default_rng(seed)
    turnover = random.lognormal(12, 1.5, count)
    parts = np.round(random.dirichlet([2] * 6, count) * turnover[:, None], 2)
    turnover = np.round(parts.sum(axis=1), 2)
    wages = random.dirichlet([3] * 3, count) * (turnover * random.uniform(0.05, 0.2, count))[:, None]
    wages = np.round(wages, 2)
    payroll = np.round(wages.sum(axis=1), 2)
    other = random.dirichlet([2] * 4, count) * (turnover * random.uniform(0.3, 0.6, count))[:, None]
    costs = np.column_stack([np.round(payroll * 1.2, 2), np.round(other, 2)])
    total = np.round(costs.sum(axis=1), 2)
    staff = np.ceil(payroll / 60000) + 1
    true = np.column_stack(
        [turnover, total, np.round(turnover - total, 2), payroll, staff, parts, costs, wages]
    )
    filed = true.copy()
    rows = np.flatnonzero(random.random(count) < spoiled)
    columns = random.integers(0, len(NAMES), len(rows))
    filed[rows, columns] *= random.choice([10, 1000, 0.001, -1, 1.5], len(rows))
    twice = rows[random.random(len(rows)) < 0.2]
    filed[twice, random.integers(0, len(NAMES), len(twice))] *= 7.3
    return true, filed
