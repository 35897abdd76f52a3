"""Names of packs, units and the year's months that the steps of this wing share."""

from __future__ import annotations

from collections.abc import Mapping

from lvshu.engine.settings import Settings

PACKAGE = "lvshu.statistics"
CLASSES = "digital_economy_2021"
CODES = "digital_economy_2021_codes"
COEFFICIENTS = "digital_partial_coefficients"
RULES = "platform_rules"
FORMS = "platform_forms"
EDIT_RULES = "edit_rules"

CORE = "core"
MAJORS = ("01", "02", "03", "04")
TOTAL = "total"
MILLION = 1e6


def year_number(settings: Settings) -> Mapping[str, object]:
    """Return the year as a number, for tables with a year."""
    return {"year": settings.year}


def year_text(settings: Settings) -> Mapping[str, object]:
    """Return the year as text, for tables with months."""
    return {"year": str(settings.year)}


def months_of(settings: Settings) -> list[str]:
    """Return the twelve months of the year as YYYY-MM."""
    return [f"{settings.year}-{number:02d}" for number in range(1, 13)]
