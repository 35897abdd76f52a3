"""The industry class of a surveyed unit, in the one order that every desk takes.

What the survey states, then what the list of enterprises states, then what `assigned_industry` holds: what people
found, what another source states of the linked unit, and the machine's code at last. Queries kept in files write it out
alike.
"""

from __future__ import annotations

CLASSED = """
    LEFT JOIN enterprise AS register ON register.uscc = survey.uscc
    LEFT JOIN assigned_industry AS assigned ON assigned.uscc = survey.uscc
""".strip()
"""Joins of the survey's units (`survey`) with the list (`register`) and what stands in for it (`assigned`)."""
CLASS_CODE = "coalesce(survey.industry_code, register.industry_code, assigned.industry_code, '')"
"""The class of a surveyed unit; empty where there is none."""
UNSTATED = "survey.industry_code IS NULL AND register.industry_code IS NULL"
"""Whether the class of a surveyed unit is assigned: neither the survey nor the list states one."""
STATED_CODE = """
    coalesce(
      survey.industry_code, register.industry_code,
      CASE WHEN assigned.assigned_by = 'reviewed' THEN assigned.industry_code END, assigned.linked_code, ''
    )
""".strip()
"""The code that people or sources state, of any length; none of the machine's."""
