"""The industry that other sources give a unit of the linked register, where the survey has none."""

from __future__ import annotations

LINKED = """
    LEFT JOIN (
      SELECT uscc, min(industry_code) AS industry_code
      FROM register_unit
      WHERE kind = 'enterprise' AND uscc IS NOT NULL
      GROUP BY uscc
    ) AS linked ON linked.uscc = survey.uscc
""".strip()
"""Join of the survey's units (`survey`) with the linked register (`linked`); the queries in files write it out."""
