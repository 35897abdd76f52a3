"""Counts the platforms' workers by month, and tells which platform left out a month between months it delivered."""

from __future__ import annotations

from collections.abc import Mapping

from lvshu.core.errors import Problem
from lvshu.engine.query import Query, query
from lvshu.engine.step import StepContext

TABLE, RECORDS = "platform_worker", "platform_work_record"
COUNTED = query("lvshu.statistics", TABLE)
TOLD = 20
"""Platforms told one by one; further ones are counted in each."""
DELIVERED = Query(
    RECORDS,
    """
    SELECT platform_uscc, month, CAST(sum(CASE WHEN orders >= 1 THEN 1 ELSE 0 END) AS BIGINT) AS records
    FROM platform_work_record
    GROUP BY platform_uscc, month
    ORDER BY platform_uscc, month
    """,
)


def make(context: StepContext) -> None:
    """Fill `platform_worker`, and tell the months that a platform left out."""
    year = str(context.settings.year)
    context.make(COUNTED, year=year)
    delivered: dict[str, dict[str, int]] = {}
    for row in context.sql(DELIVERED).to_pylist():
        delivered.setdefault(row["platform_uscc"], {})[row["month"]] = int(row["records"])
    found = {
        platform: absent
        for platform, months in sorted(delivered.items())
        if (absent := [month for month in left_out(months) if month.startswith(year)])
    }
    for platform, absent in list(found.items())[:TOLD]:
        own = delivered[platform]
        before = max(month for month in own if month < absent[0])
        after = min(month for month in own if month > absent[-1])
        values = {
            "platform": platform, "months": absent, "platforms": len(found), "before": before, "after": after,
            "records_before": own[before], "records_after": own[after],
        }  # fmt: skip
        problem = Problem("statistics.platform_left_out_month", values=values, severity="warning")
        amount = len(absent) * (own[before] + own[after]) / 2
        context.find(problem, table=RECORDS, key=platform, amount=amount, unit="1")


def left_out(delivered: Mapping[str, int]) -> list[str]:
    """Return the months, as YYYY-MM, that are absent between the first and the last of those delivered, in order."""
    if not delivered:
        return []
    first, last = (_number(month) for month in (min(delivered), max(delivered)))
    return [
        month
        for number in range(first, last)
        if (month := f"{number // 12:04d}-{number % 12 + 1:02d}") not in delivered
    ]


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1
