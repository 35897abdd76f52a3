"""Sectors and districts, finance, statistics: the findings of the three wings, page by page."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from lvshu.publish import plots
from lvshu.publish.model import Column, Panel, TableView, in_unit, number_column
from lvshu.publish.plots import Series
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, code_label, period_text
from lvshu.web.context import Context, PageQuery
from lvshu.web.pages.chapters import chapter, chosen, without
from lvshu.web.pages.districts import district_panels
from lvshu.web.pages.page import Page
from lvshu.web.pages.peers import peer_panels
from lvshu.web.view import Link, PageView
from lvshu.web.words import word

NOWCAST_PAST = 18

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
    flows = tuple(
        panel.id for panel in section.panels if panel.id in FINANCE_VIEWS["flows"] or "flow" in panel.id
    )
    labels = tuple(
        panel.id for panel in section.panels if panel.id in FINANCE_VIEWS["labels"] or "label" in panel.id
    )
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


def statistics(context: Context, query: PageQuery) -> PageView:
    """Return the page on statistics."""
    section = chapter(context, "statistics")
    return PageView(
        "statistics",
        word("nav.statistics"),
        section.lead,
        (*section.panels, *context.made("nowcasts", _nowcasts), *context.made("fans", _fans)),
    )


def _nowcasts(reader: Reader) -> tuple[Panel, ...]:
    """Return for each indicator its last months and those nowcast, with the quantiles; else why there is none."""
    found = reader.rows("nowcast")
    if not found:
        return (Panel("nowcast", word("nowcast.title"), empty=word("nowcast.empty")),)
    quantiles = reader.rows("nowcast_fan")
    history = reader.rows("seasonal_series")
    return tuple(
        _nowcast(code, [row for row in found if row["indicator_code"] == code], quantiles, history)
        for code in sorted({row["indicator_code"] for row in found})
    )


def _nowcast(
    code: str, found: list[dict[str, Any]], quantiles: list[dict[str, Any]], history: list[dict[str, Any]]
) -> Panel:
    name = code_label("monthly_indicator", code)
    title = word("nowcast.of", name=name)
    last = found[-1]
    if last["state"] != "nowcast":
        values = {"name": name, "months": str(last["history_months"]), "least": str(last["least_months"])}
        return Panel(f"nowcast_{code}", title, empty=word(f"nowcast.{last['state']}", **values))
    unit = last["unit"]
    display = "1e8 CNY" if unit == "CNY" else unit
    past = sorted((row for row in history if row["indicator_code"] == code), key=lambda row: row["month"])
    own = [row for row in quantiles if row["indicator_code"] == code]
    levels = sorted({float(row["quantile"]) for row in own})
    rows = [
        {
            "month": row["month"],
            **{f"q{level:g}": in_unit(row["adjusted"], unit, display) for level in levels},
        }
        for row in past[-NOWCAST_PAST:]
    ]
    for month in sorted({row["month"] for row in own}):
        at = {float(row["quantile"]): row["value"] for row in own if row["month"] == month}
        rows.append(
            {"month": month, **{f"q{level:g}": in_unit(at[level], unit, display) for level in levels}}
        )
    columns = (
        Column("month", word("column.month")),
        *(
            number_column(f"q{level:g}", word("fan.quantile", level=f"{level:g}"), display)
            for level in levels
        ),
    )
    view = TableView(columns, tuple(rows), ("nowcast", "nowcast_fan", "seasonal_series"))
    finding = word(
        "nowcast.finding", name=name, month=period_text(last["month"]), change=f"{last['growth']:+.2f}%"
    )
    middle = Series("q50", low=f"q{levels[0]:g}", high=f"q{levels[-1]:g}")
    chart = plots.lines_over_time(view, "month", [middle], finding)
    return Panel(f"nowcast_{code}", title, finding, chart, view, note=_nowcast_note(last))


def _nowcast_note(last: dict[str, Any]) -> Text:
    if last["error_basis"] == "backtest":
        told = word(
            "nowcast.tested", months=str(last["tested_months"]), error=f"{last['rmse']:.2f}",
            plain=f"{last['benchmark_rmse']:.2f}",
        )  # fmt: skip
    else:
        told = word("nowcast.model")
    if last["previous_growth"] is None:
        change = word("nowcast.first")
    else:
        change = word(
            "nowcast.moved", before=f"{last['previous_growth']:+.2f}", revisions=f"{last['revision_effect']:+.2f}",
            news=f"{last['news_effect']:+.2f}",
        )  # fmt: skip
    return Text(told.zh + change.zh, f"{told.en} {change.en}")


def _fans(reader: Reader) -> tuple[Panel, ...]:
    """Return a fan of each monthly indicator: the months ahead, the middle with the outermost quantiles of the book."""
    found = reader.rows("indicator_fan")
    return tuple(_fan(found, code) for code in sorted({row["indicator_code"] for row in found})) or (
        Panel("fan", word("fan.title"), empty=word("fan.empty")),
    )


def _fan(found: list[dict[str, Any]], code: str) -> Panel:
    rows = [row for row in found if row["indicator_code"] == code]
    levels = sorted({float(row["quantile"]) for row in rows})
    unit = rows[0]["unit"]
    display = "1e8 CNY" if unit == "CNY" else unit
    months = sorted({row["month"] for row in rows})
    values = {(row["month"], float(row["quantile"])): in_unit(row["value"], unit, display) for row in rows}
    shown = tuple(
        {"month": month, **{f"q{level:g}": values.get((month, level)) for level in levels}}
        for month in months
    )
    columns = (
        Column("month", word("column.month")),
        *(
            number_column(f"q{level:g}", word("fan.quantile", level=f"{level:g}"), display)
            for level in levels
        ),
    )
    view = TableView(columns, shown, ("indicator_fan",))
    name = code_label("monthly_indicator", code)
    finding = word(
        "fan.finding",
        name=name,
        first=period_text(months[0]),
        last=period_text(months[-1]),
        low=f"{levels[0]:g}",
        high=f"{levels[-1]:g}",
    )
    middle = Series("q50", low=f"q{levels[0]:g}", high=f"q{levels[-1]:g}")
    chart = plots.lines_over_time(view, "month", [middle], finding)
    return Panel(f"fan_{code}", word("fan.of", name=name), finding, chart, view, note=word("fan.note"))


PAGES = (
    Page("/sectors", "sectors", sectors, SectorsQuery),
    Page("/finance", "finance", finance, FinanceQuery),
    Page("/statistics", "statistics", statistics),
)
