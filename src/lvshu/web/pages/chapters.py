"""The chapters of the report, made once a book; pages take their panels from here."""

from __future__ import annotations

from collections.abc import Sequence

from lvshu.publish.model import Panel, Section
from lvshu.publish.panels import accounts, finance, making, statistics
from lvshu.publish.panels.base import each_by_itself, reasons_together
from lvshu.publish.reader import Reader
from lvshu.web.context import Context

WINGS = {"accounts": accounts.section, "finance": finance.section, "statistics": statistics.section}


def chapter(context: Context, name: str) -> Section:
    """Return a chapter of the report: accounts, finance, statistics, findings, data, packs, coverage or lacking."""
    if name in WINGS:
        return context.made(("chapter", name), WINGS[name])
    if name == "coverage":
        empty = [
            panel for wing in WINGS for panel in chapter(context, wing).panels if panel.empty is not None
        ]

        def covered(reader: Reader) -> Section:
            return making.coverage_section(reader, empty)

        return context.made(("chapter", name), covered)
    if name == "lacking":  # what is not covered, without the panels of the other pages: quick
        return context.made(("chapter", name), lambda reader: making.coverage_section(reader, ()))
    makers = {"findings": making.findings_section, "data": making.data_section, "packs": making.packs_section}
    return context.made(("chapter", name), makers[name])


def chosen(section: Section, names: Sequence[str]) -> tuple[Panel, ...]:
    """Return the panels of a chapter that have these ids, in this order; those that are not there are left out.

    Those that lack the same inputs are told as one, of these alone.
    """
    known = {panel.id: panel for panel in each_by_itself(section.panels)}
    return reasons_together([known[name] for name in names if name in known])


def without(section: Section, names: Sequence[str]) -> tuple[Panel, ...]:
    """Return the panels of a chapter that have other ids than these."""
    return reasons_together([panel for panel in each_by_itself(section.panels) if panel.id not in names])
