"""The time of the city: what people read is told in Beijing time, with its offset; what is kept stays in UTC.

The areas are those of GB/T 2260, and all of them keep one time, UTC+8, without summer time (GB/T 7408.1-2023 writes the
offset behind the time).
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

CITY_TIME = timezone(timedelta(hours=8))
OFFSET = "+08:00"


def city_moment(moment: str | datetime | None) -> str:
    """Return a moment as people of the city read it, with its offset: 2026-11-27 08:05 +08:00.

    Args:
        moment: ISO 8601, or a datetime; one without an offset is in UTC. What is no moment is returned as it is.
    """
    found = _moment(moment)
    return str(moment or "") if found is None else f"{found:%Y-%m-%d %H:%M} {OFFSET}"


def city_day(moment: str | datetime | None) -> str:
    """Return the day of a moment in the city, ISO 8601; the first ten signs of what is no moment."""
    found = _moment(moment)
    return str(moment or "")[:10] if found is None else found.date().isoformat()


def city_today(now: datetime | None = None) -> date:
    """Return which day it is in the city."""
    return (now or datetime.now(UTC)).astimezone(CITY_TIME).date()


def _moment(moment: str | datetime | None) -> datetime | None:
    if isinstance(moment, str):
        if len(moment) <= 10:  # a day is a day, wherever it is read
            return None
        try:
            moment = datetime.fromisoformat(moment)
        except ValueError:
            return None
    if moment is None:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(CITY_TIME)
