"""Days as people write them."""

from __future__ import annotations

from datetime import date

import pytest

from lvshu.core.period import day_of


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-01-05", date(2026, 1, 5)), ("2026/1/5", date(2026, 1, 5)), ("2026年1月5日", date(2026, 1, 5)),
        ("2026-01-05 00:00:00", date(2026, 1, 5)), ("2026.12.31", date(2026, 12, 31)), ("2026-02-30", None),
        ("5/1/2026", None), ("last week", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_days_are_read_year_first(text: str | None, day: date | None) -> None:
    assert day_of(text) == day
