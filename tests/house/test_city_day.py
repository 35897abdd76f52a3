"""Which day it is: that of the city, not of the machine, which may still be at yesterday (or in UTC)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import lvshu
from lvshu.core.city_time import city_today

MACHINE_DAY = re.compile(r"\bdate\.today\(|\bdatetime\.(now|today)\(\)")


def test_no_module_asks_the_machine_for_the_day() -> None:
    source = Path(lvshu.__file__).parent
    asking = [
        str(path.relative_to(source))
        for path in source.rglob("*.py")
        if MACHINE_DAY.search(path.read_text("utf-8"))
    ]
    assert asking == []


def test_in_the_evening_of_utc_the_city_is_at_the_next_day() -> None:
    assert city_today(datetime(2026, 11, 27, 17, 58, tzinfo=UTC)) == date(2026, 11, 28)
