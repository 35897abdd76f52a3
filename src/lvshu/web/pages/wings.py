"""Sectors and districts, finance, statistics: the findings of the three wings."""

from __future__ import annotations

from lvshu.web.context import Context, PageQuery
from lvshu.web.pages.chapters import chapter, without
from lvshu.web.pages.page import Page
from lvshu.web.view import PageView
from lvshu.web.words import word

LOOP_PANELS = ("spheres", "loop", "materials", "waste_loop", "recovery", "breaks", "main_resources")


def sectors(context: Context, query: PageQuery) -> PageView:
    """Return the page on sectors and districts."""
    section = chapter(context, "accounts")
    return PageView("sectors", word("nav.sectors"), section.lead, without(section, LOOP_PANELS))


def finance(context: Context, query: PageQuery) -> PageView:
    """Return the page on finance."""
    section = chapter(context, "finance")
    return PageView("finance", word("nav.finance"), section.lead, section.panels)


def statistics(context: Context, query: PageQuery) -> PageView:
    """Return the page on statistics."""
    section = chapter(context, "statistics")
    return PageView("statistics", word("nav.statistics"), section.lead, section.panels)


PAGES = (
    Page("/sectors", "sectors", sectors),
    Page("/finance", "finance", finance),
    Page("/statistics", "statistics", statistics),
)
