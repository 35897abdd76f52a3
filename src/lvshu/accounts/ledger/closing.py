"""What the sums of a published table say: how many were checked, and every one that its parts do not make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

CHECK_NAMES: Mapping[str, Mapping[str, str]] = {
    "row_balance": {"zh": "行平衡", "en": "row balance"},
    "column_balance": {"zh": "列平衡", "en": "column balance"},
    "output_and_input": {"zh": "总产出与总投入", "en": "output against input"},
    "row_total": {"zh": "行合计", "en": "row total"},
    "column_total": {"zh": "列合计", "en": "column total"},
}


@dataclass(frozen=True)
class SumCheck:
    """One sum that was checked.

    Attributes:
        check: a key of CHECK_NAMES.
        name: of the row or column, with the name of the total where it is one.
        stated, computed: what the table states and what its parts make, in `unit` of the closing.
        allowed: largest difference that rounding explains, same unit.
    """

    check: str
    name: str
    stated: float
    computed: float
    allowed: float

    @property
    def difference(self) -> float:
        """Return what is stated less what is computed."""
        return self.stated - self.computed

    @property
    def is_wrong(self) -> bool:
        """Return whether the difference is beyond rounding."""
        return abs(self.difference) > self.allowed


@dataclass(frozen=True)
class Closing:
    """All sums of a table that were checked, money in `unit`."""

    checks: tuple[SumCheck, ...]
    unit: str = "CNY"

    @property
    def wrong(self) -> tuple[SumCheck, ...]:
        """Return the sums that differ beyond rounding, the largest difference first."""
        found = [one for one in self.checks if one.is_wrong]
        return tuple(sorted(found, key=lambda one: -abs(one.difference)))

    @property
    def greatest(self) -> SumCheck | None:
        """Return the sum with the greatest difference, rounding included; None where nothing was checked."""
        return max(self.checks, key=lambda one: abs(one.difference), default=None)

    @property
    def counts(self) -> dict[str, int]:
        """Return how many sums of each kind were checked."""
        return dict(Counter(one.check for one in self.checks))
