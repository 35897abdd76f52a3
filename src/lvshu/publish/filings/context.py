"""What a filing is asked of: the book, the institution, the accounting method of the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lvshu.publish.reader import Reader

ALL = "*"


@dataclass(frozen=True)
class Asked:
    """A report asked of a book, for one institution or * for all."""

    reader: Reader
    report: str
    institution: str
    method: str

    def rows(self, table: str, *, whole: bool = True, **equal: object) -> list[dict[str, Any]]:
        """Return the rows of a table for the institution; where all are asked, those of every institution.

        Args:
            table: a table with a column institution_id.
            whole: drop rows of * where the table has rows of single institutions and all are asked.
            equal: column values that must hold.
        """
        rows = self.reader.rows(table, **equal)
        if self.institution != ALL:
            return [row for row in rows if row["institution_id"] == self.institution]
        single = [row for row in rows if row["institution_id"] != ALL]
        return single if whole and single else rows

    def own_row(self, table: str, **equal: object) -> list[dict[str, Any]]:
        """Return the rows that a table holds for exactly this institution, * included."""
        return self.reader.rows(table, institution_id=self.institution, **equal)
