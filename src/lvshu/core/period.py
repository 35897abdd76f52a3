"""Reporting periods: years, halves, quarters and months, immutable and fully specified."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from lvshu.core.han_numerals import arabic_dates

_FORMS = {
    "year": re.compile(r"^(\d{4})$"),
    "half": re.compile(r"^(\d{4})H([12])$"),
    "quarter": re.compile(r"^(\d{4})Q([1-4])$"),
    "month": re.compile(r"^(\d{4})-(0[1-9]|1[0-2])$"),
}
_MONTHS = {"year": 12, "half": 6, "quarter": 3, "month": 1}


@dataclass(frozen=True, order=True)
class Period:
    """A span of whole months.

    >>> Period.parse("2025Q3").months
    ('2025-07', '2025-08', '2025-09')
    >>> Period.parse("2025Q3").label("zh")
    '2025年3季度'
    >>> Period.parse("2025").end
    datetime.date(2025, 12, 31)
    >>> Period.parse("2025-12").next()
    Period(year=2026, kind='month', number=1)
    """

    year: int
    kind: str
    number: int = 1

    @classmethod
    def parse(cls, text: str) -> Period:
        """Return the period that a text names: 2025, 2025H1, 2025Q3 or 2025-07.

        Raises:
            ValueError: the text has none of these forms.
        """
        for kind, form in _FORMS.items():
            found = form.match(text.strip())
            if found:
                return cls(int(found[1]), kind, int(found[2]) if kind != "year" else 1)
        raise ValueError(f"not a period (2025, 2025H1, 2025Q3, 2025-07): {text!r}")

    @property
    def _first_month(self) -> int:
        return (self.number - 1) * _MONTHS[self.kind] + 1

    @property
    def months(self) -> tuple[str, ...]:
        """Return the months of the period as YYYY-MM."""
        first = self._first_month
        return tuple(f"{self.year}-{month:02d}" for month in range(first, first + _MONTHS[self.kind]))

    @property
    def start(self) -> date:
        """Return the first day."""
        return date(self.year, self._first_month, 1)

    @property
    def end(self) -> date:
        """Return the last day."""
        return self.next().start - timedelta(days=1)

    def next(self) -> Period:
        """Return the period of the same kind that follows."""
        if self.number * _MONTHS[self.kind] >= 12:
            return Period(self.year + 1, self.kind, 1)
        return Period(self.year, self.kind, self.number + 1)

    def __str__(self) -> str:
        return {
            "year": f"{self.year}",
            "half": f"{self.year}H{self.number}",
            "quarter": f"{self.year}Q{self.number}",
            "month": f"{self.year}-{self.number:02d}",
        }[self.kind]

    def label(self, language: str) -> str:
        """Return the period as people write it."""
        if language != "zh":
            return {"half": f"{self.year} H{self.number}", "quarter": f"{self.year} Q{self.number}"}.get(
                self.kind, str(self)
            )
        return {
            "year": f"{self.year}年",
            "half": f"{self.year}年{'上' if self.number == 1 else '下'}半年",
            "quarter": f"{self.year}年{self.number}季度",
            "month": f"{self.year}年{self.number}月",
        }[self.kind]


_DAY = re.compile(r"['’‘]?\s*(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:[T\s].*)?")
_PACKED_DAY = re.compile(r"['’‘]?((?:19|20)\d{2})(\d{2})(\d{2})")


def day_of(text: object) -> date | None:
    """Return the day that a text names, year first; None for anything else.

    Understood are 2026-01-05, 2026/1/5, 2026.1.5, 2026年1月5日 (or 号), 20260105 and 二〇二六年一月五日; an
    apostrophe before it, by which spreadsheets mark a text, and a time of day behind it are left out.
    """
    shown = arabic_dates(str(text or "").strip())
    found = _DAY.fullmatch(shown) or _PACKED_DAY.fullmatch(shown)
    if found is None:
        return None
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None
