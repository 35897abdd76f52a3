"""Sectors and districts, finance, statistics: the findings of the three wings, page by page."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lvshu.publish.model import Panel
from lvshu.publish.panels.base import each_by_itself, reasons_together
from lvshu.web.context import Context, PageQuery
from lvshu.web.pages.ahead import fans, nowcasts
from lvshu.web.pages.chapters import chapter, chosen, without
from lvshu.web.pages.definitions import definition_panels
from lvshu.web.pages.districts import district_panels
from lvshu.web.pages.page import Page
from lvshu.web.pages.peers import peer_panels
from lvshu.web.view import Link, PageView
from lvshu.web.words import word

LOOP_PANELS = (
    "loop",
    "loop_waste",
    "loop_money",
    "loop_carbon",
    "breaks",
    "recovery",
    "circularity",
    "circularity_targets",
    "spheres",
    "freight",
    "materials",
    "balance",
    "shore_power",
)
SECTOR_VIEWS = {
    "sectors": ("sectors", "multipliers", "footprint", "flows", "two_sides"),
    "inventory": ("fuels", "items", "gap", "city_emission", "gpc", "quick_estimate", "published", "checks"),
    "targets": ("dual_control",),
}
FINANCE_VIEWS = {
    "emissions": ("methods", "groups", "financed_error", "quality", "switch", "coverage", "finance_gap"),
    "flows": ("capital", "capital_flow", "flow_matrix", "flow_shift", "flow_intensity"),
    "labels": ("label_status", "label_reconciliation", "labels", "transition"),
}
STATISTICS_VIEWS = {
    "digital": ("digital", "derived"),
    "platform": ("platform", "ecommerce"),
    "flexible": ("flexible", "districts"),
    "months": ("seasonal", "nowcast", "fan"),
    "total_error": ("total_error",),
    "definitions": ("definitions", "statistics_methods"),
}
"""Tabs of statistics, and how the ids of their panels begin."""


class SectorsQuery(PageQuery):
    """Which side of the accounts."""

    view: Literal["sectors", "inventory", "targets", "districts", "peers", "rest"] = Field(
        default="sectors", description="which side"
    )


class FinanceQuery(PageQuery):
    """Which side of finance."""

    view: Literal["emissions", "flows", "labels", "rest"] = Field(
        default="emissions", description="which side"
    )


class StatisticsQuery(PageQuery):
    """Which side of statistics."""

    view: Literal["digital", "platform", "flexible", "months", "total_error", "definitions"] = Field(
        default="digital", description="which side"
    )


def sectors(context: Context, query: SectorsQuery) -> PageView:
    """Return the page on sectors and districts."""
    section = chapter(context, "accounts")
    named = tuple(name for names in SECTOR_VIEWS.values() for name in names)
    if query.view == "districts":
        panels: tuple[Panel, ...] = district_panels(context)
    elif query.view == "peers":
        panels = peer_panels(context)
    elif query.view == "rest":
        panels = without(section, (*named, *LOOP_PANELS))
    else:
        panels = chosen(section, SECTOR_VIEWS[query.view])
    tabs = tuple(
        Link(word(f"sectors.{one}"), "/sectors", {"view": one}, current=one == query.view)
        for one in ("sectors", "targets", "districts", "peers", "inventory", "rest")
    )
    return PageView(
        "sectors", word("nav.sectors"), section.lead, panels, tabs=tabs, facts={"view": query.view}
    )


def finance_tabs(current: str) -> tuple[Link, ...]:
    """Return the sister pages of finance."""
    views = tuple(
        Link(word(f"finance.{one}"), "/finance", {"view": one}, current=current == one)
        for one in ("emissions", "flows")
    )
    rest = tuple(
        Link(word(f"finance.{one}"), "/finance", {"view": one}, current=current == one)
        for one in ("labels", "rest")
    )
    return (
        *views,
        Link(word("ledger.title"), "/finance/ledger", current=current == "/finance/ledger"),
        *rest,
    )


def finance(context: Context, query: FinanceQuery) -> PageView:
    """Return the page on finance."""
    section = chapter(context, "finance")
    names = [panel.id for panel in each_by_itself(section.panels)]
    flows = tuple(name for name in names if name in FINANCE_VIEWS["flows"] or "flow" in name)
    labels = tuple(name for name in names if name in FINANCE_VIEWS["labels"] or "label" in name)
    views = {"emissions": FINANCE_VIEWS["emissions"], "flows": ("capital", *flows), "labels": labels}
    if query.view == "rest":
        panels = without(section, tuple(name for names in views.values() for name in names))
    else:
        panels = chosen(section, tuple(dict.fromkeys(views[query.view])))
    return PageView(
        "finance",
        word("nav.finance"),
        section.lead,
        panels,
        tabs=finance_tabs(query.view),
        facts={"view": query.view},
    )


def statistics(context: Context, query: StatisticsQuery) -> PageView:
    """Return the page on statistics; a panel that is asked for without a view brings its own."""
    views = statistics_views(context)
    place = {panel.id: view for view, panels in views.items() for panel in panels}
    is_asked = query.panel and "view" not in query.model_fields_set
    view = place.get(query.panel, query.view) if is_asked else query.view
    return PageView(
        "statistics",
        word("nav.statistics"),
        chapter(context, "statistics").lead,
        views[view],
        tabs=tuple(
            Link(word(f"statistics.{one}"), "/statistics", {"view": one}, current=one == view)
            for one in STATISTICS_VIEWS
        ),
        data={
            "elsewhere": {name: ("/statistics", {"view": one}) for name, one in place.items() if one != view}
        },
        facts={"view": view},
    )


def statistics_views(context: Context) -> dict[str, tuple[Panel, ...]]:
    """Return the panels on statistics by the tab they stand in."""
    views: dict[str, list[Panel]] = {view: [] for view in STATISTICS_VIEWS}
    for panel in (
        *each_by_itself(chapter(context, "statistics").panels),
        *context.made("nowcasts", nowcasts),
        *context.made("fans", fans),
        *context.made("definitions", definition_panels),
    ):
        views[view_of_statistics(panel.id)].append(panel)
    if not views["total_error"]:
        reason = word("statistics.no_total_error")
        views["total_error"].append(Panel("total_error", word("panel.total_error"), empty=reason))
    return {view: reasons_together(panels) for view, panels in views.items()}


def view_of_statistics(panel: str) -> str:
    """Return the tab in which a panel on statistics stands; the first one for a panel that none names."""
    found = (view for view, begins in STATISTICS_VIEWS.items() if panel.startswith(begins))
    return next(found, next(iter(STATISTICS_VIEWS)))


PAGES = (
    Page("/sectors", "sectors", sectors, SectorsQuery),
    Page("/finance", "finance", finance, FinanceQuery),
    Page("/statistics", "statistics", statistics, StatisticsQuery),
)
