"""Chapter statistics: digital economy, platform economy and flexible employment, each with its uncertainty."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from lvshu.publish import plots
from lvshu.publish.display import Absence, Value, period_label
from lvshu.publish.model import Column, Panel, Section, TableView, in_unit, number_column
from lvshu.publish.panels import (
    derived,
    digital_district,
    digital_district_model,
    digital_nowcast,
    district_model,
    months,
    platform_economy,
    seasonal,
    total_error,
    workers,
)
from lvshu.publish.panels.base import (
    MONEY,
    TOTAL,
    Row,
    area_name,
    named,
    panel_or_reason,
    reasons_together,
    share,
    short_amount,
    summed,
)
from lvshu.publish.plots import Series
from lvshu.publish.reader import Reader
from lvshu.publish.texts import NO_TEXT, Text, code_label, same, ui

BY_PLACE = "register_platform"  # by district a worker of the register counts wherever he worked
EMPLOYMENT = "employment"  # the definition that stands for all employment: the denominator, not flexible
_PERSONS_OF_A_CITY = 100_000


def section(reader: Reader) -> Section:
    """Return the chapter on statistics."""
    survey, returns = ("business_survey",), ("platform_return",)
    labour = ("labour_survey",)
    panels = (
        panel_or_reason(
            reader, "digital", table="digital_economy_account_public", needs=survey, build=_digital
        ),
        panel_or_reason(
            reader, "digital_share", table="digital_economy_share", needs=survey, build=_digital_share
        ),
        *digital_district.panels(reader),
        *digital_district_model.panels(reader),
        *derived.panels(reader),
        *months.digital_panels(reader),
        *digital_nowcast.panels(reader),
        panel_or_reason(
            reader, "platform", table="platform_transaction_public", needs=returns, build=_platform
        ),
        *platform_economy.panels(reader),
        panel_or_reason(reader, "flexible", table="flexible_employment", needs=labour, build=_flexible),
        *months.flexible_panels(reader, _person_unit(reader)),
        *workers.panels(reader, _person_unit(reader)),
        panel_or_reason(
            reader, "districts", table="flexible_employment_district", needs=labour, build=_districts
        ),
        *_modelled(reader),
        *total_error.panels(reader),
        *seasonal.panels(reader),
    )
    return Section("statistics", ui("section.statistics"), ui("lead.statistics"), reasons_together(panels))


def _money(value: object) -> Decimal | None:
    return in_unit(value, "CNY", MONEY)


def _digital(reader: Reader) -> Panel:
    order = {"major": 1, "medium": 2}
    found = sorted(
        reader.rows("digital_economy_account_public"), key=lambda row: (row["level"] == "core", row["code"])
    )
    found = [row for row in found if row["level"] in order] + [row for row in found if row["level"] == "core"]
    rows = [
        {"code": row["code"], "name": _indented(row), **_figures(row), "level": row["level"]} for row in found
    ]
    totals = frozenset(place for place, row in enumerate(rows) if row["level"] == "core")
    view = TableView(_digital_columns(), tuple(rows), ("digital_economy_account_public",), totals=totals)
    seen = [row for row in rows if row["full"] is not None and not isinstance(row["full"], Absence)]
    majors = sorted((row for row in seen if row["level"] == "major"), key=lambda row: -(row["full"] or 0))
    drawn = majors or [row for row in seen if row["level"] == "medium"] or seen
    if not drawn:
        return Panel("digital", ui("panel.digital"), NO_TEXT, None, view, note=ui("note.digital"))
    core = next((row["full"] for row in seen if row["level"] == "core"), None)
    finding = ui(
        "finding.digital",
        name=_plain(drawn[0]["name"]),
        share=share(drawn[0]["full"], core or summed(drawn, "full")),
    )
    chart_view = TableView(
        view.columns, tuple({**row, "name": _plain(row["name"])} for row in drawn), view.source
    )
    chart = plots.horizontal_bars(chart_view, "name", [Series("full", low="low", high="high")], finding)
    return Panel("digital", ui("panel.digital"), finding, chart, view, note=ui("note.digital"))


def _figures(row: Row) -> dict[str, Value]:
    """Return the figures of a class; what is not published is told from what is not known."""
    status = {
        "value_added_full": "value_status", "standard_error": "error_status", "low": "error_status",
        "high": "error_status", "value_added_partial_upper": "bound_status", "value_added": "total_status",
    }  # fmt: skip
    found: dict[str, Value] = {
        name: Absence.SUPPRESSED if row[own] == "suppressed" else _money(row[name])
        for name, own in status.items()
    }
    gone = "suppressed" in (row["value_status"], row["bound_status"])
    return {
        "units": Absence.SUPPRESSED if gone else row["sampled_units"], "full": found["value_added_full"],
        "error": found["standard_error"], "low": found["low"], "high": found["high"],
        "counted": Absence.SUPPRESSED if row["bound_status"] == "suppressed"
        else _money(row["value_added_partial_counted"]),
        "upper": found["value_added_partial_upper"], "all": found["value_added"],
    }  # fmt: skip


def _indented(row: Row) -> Text:
    name = named(row["name_zh"], row["name_en"], row["code"])
    return same("\u2003") + name if row["level"] == "medium" else name


def _plain(name: Text) -> Text:
    return Text(name.zh.strip("\u2003"), name.en.strip("\u2003"))


def _digital_columns() -> tuple[Column, ...]:
    return (
        Column("code", ui("column.code"), code=True),
        Column("name", ui("column.class")),
        number_column("full", ui("column.whole_classes"), MONEY),
        number_column("error", ui("column.standard_error"), MONEY),
        number_column("low", ui("column.low"), MONEY),
        number_column("high", ui("column.high"), MONEY),
        number_column("counted", ui("column.starred_counted"), MONEY),
        number_column("upper", ui("column.starred_upper"), MONEY),
        number_column("all", ui("column.value_added"), MONEY),
        number_column("units", ui("column.units_surveyed"), "1", decimals=0),
    )


def _digital_share(reader: Reader) -> Panel:
    rows = [
        {
            "denominator": code_label("denominator", row["denominator"]),
            "share": row["share"],
            "error": row["standard_error"],
            "low": row["low"],
            "high": row["high"],
            "numerator": _money(row["numerator_value"]),
            "whole": _money(row["denominator_value"]),
        }
        for row in reader.rows("digital_economy_share")
    ]
    columns = (
        Column("denominator", ui("column.denominator")),
        number_column("share", ui("column.share"), "%", decimals=2),
        number_column("error", ui("column.standard_error"), "%", decimals=2),
        number_column("low", ui("column.low"), "%", decimals=2),
        number_column("high", ui("column.high"), "%", decimals=2),
        number_column("numerator", ui("column.numerator"), MONEY),
        number_column("whole", ui("column.denominator_value"), MONEY),
    )
    view = TableView(columns, tuple(rows), ("digital_economy_share",))
    first = rows[0]
    percent = ui("word.no_figure") if first["share"] is None else same(f"{first['share']:.1f}%")
    finding = ui("finding.digital_share", share=percent, denominator=first["denominator"])
    chart = plots.dots(view, "denominator", Series("share", low="low", high="high"), finding)
    return Panel("digital_share", ui("panel.digital_share"), finding, chart, view)


def _platform(reader: Reader) -> Panel:
    found = [
        row
        for row in reader.rows("platform_transaction_public")
        if row["period_kind"] == "month"
        and all(row[key] == TOTAL for key in ("region_code", "category_code", "trade_kind"))
    ]
    title = ui("panel.platform")
    if not found:
        reason = reader.why_empty("platform_transaction_public", ("platform_return",), title)
        return Panel("platform", title, empty=reason)
    rows: list[dict[str, Any]] = [
        {
            "month": Text(period_label(row["period"], "zh"), period_label(row["period"], "en")),
            "all": Absence.SUPPRESSED if row["status"] == "suppressed" else _money(row["amount"]),
            "platforms": row["returns"],
            "returns_imputed": row[
                "returns_imputed"
            ],  # how good the figure is, not what it rests on: for everybody
        }
        for row in sorted(found, key=lambda row: row["period"])
    ]
    columns = (
        Column("month", ui("column.period")),
        number_column("all", ui("column.sum"), MONEY, decimals=1),
        number_column("platforms", ui("column.returns"), "1", decimals=0),
        number_column("returns_imputed", ui("column.returns_imputed"), "1", decimals=0),
    )
    view = TableView(columns, tuple(rows), ("platform_transaction_public",))
    known = [row for row in rows if isinstance(row["all"], Decimal)]
    if not known:
        return Panel("platform", title, NO_TEXT, None, view, note=ui("note.platform"))
    peak = max(known, key=lambda row: row["all"])
    finding = ui(
        "finding.platform",
        first=rows[0]["month"],
        last=rows[-1]["month"],
        peak=peak["month"],
        value=short_amount(peak["all"], MONEY, MONEY),
    )
    chart = plots.columns_over_time(view, "month", [Series("all")], finding)
    return Panel("platform", title, finding, chart, view, note=ui("note.platform"))


def _person_unit(reader: Reader) -> str:
    """Return the unit in which persons are shown: 10 thousand for a city, single persons for a small place."""
    there = [row["persons"] for row in reader.rows("flexible_employment") if row["persons"] is not None]
    return "1e4 person" if max(there, default=0) >= _PERSONS_OF_A_CITY else "person"


def _flexible(reader: Reader) -> Panel:
    unit = _person_unit(reader)
    found = sorted(
        reader.rows("flexible_employment"),
        key=lambda row: (row["definition_code"] == EMPLOYMENT, -(row["persons"] or 0)),
    )
    rows = [_flexible_row(row, unit) for row in found]
    totals = frozenset(
        place for place, row in enumerate(found) if row["definition_code"] == EMPLOYMENT and len(found) > 1
    )
    view = TableView(_flexible_columns(unit), tuple(rows), ("flexible_employment",), totals=totals)
    kept = tuple(
        row for place, row in enumerate(rows) if place not in totals and found[place]["persons"] is not None
    )
    finding = ui(
        "finding.flexible",
        most=kept[0]["definition"],
        most_value=short_amount(kept[0]["persons"], unit, unit),
        least=kept[-1]["definition"],
        least_value=short_amount(kept[-1]["persons"], unit, unit),
    )
    drawn = TableView(view.columns, kept, view.source)
    chart = plots.dots(drawn, "definition", Series("persons", low="low", high="high"), finding)
    return Panel("flexible", ui("panel.flexible"), finding, chart, view, note=ui("note.flexible"))


def _flexible_row(row: Row, unit: str) -> dict[str, Any]:
    sampled = row["sampled_persons"]
    return {
        "definition": named(row["label_zh"], row["label_en"], row["definition_code"]),
        "method": code_label("estimator", row["method"])
        if row["persons"] is not None
        else code_label("flexible_status", row["status"]),
        **{key: in_unit(row[key], "person", unit) for key in ("persons", "standard_error", "low", "high")},
        "share": row["share_of_employment"],
        "share_error": row["share_standard_error"],
        "full_time": in_unit(row["full_time_equivalent"], "person", unit),
        "sampled": Absence.NOT_APPLICABLE if sampled is None else sampled,
    }


def _flexible_columns(unit: str) -> tuple[Column, ...]:
    places = 0 if unit == "person" else None
    return (
        Column("definition", ui("column.definition")),
        number_column("persons", ui("column.persons"), unit, decimals=places),
        number_column("standard_error", ui("column.standard_error"), unit, decimals=places),
        number_column("low", ui("column.low"), unit, decimals=places),
        number_column("high", ui("column.high"), unit, decimals=places),
        number_column("share", ui("column.share_of_employment"), "%", decimals=2),
        number_column("share_error", ui("column.standard_error"), "%", decimals=2),
        number_column("full_time", ui("column.full_time"), unit, decimals=places),
        number_column("sampled", ui("column.sampled"), "1", decimals=0),
        Column("method", ui("method")),
    )


def _districts(reader: Reader) -> Panel:
    unit = _person_unit(reader)
    found = reader.rows("flexible_employment_district")
    definitions = sorted({row["definition_code"] for row in found})
    labels = {
        row["definition_code"]: named(row["label_zh"], row["label_en"], row["definition_code"])
        for row in reader.rows("flexible_employment")
    } | {BY_PLACE: ui("row.by_place")}
    cells = {(row["district_code"], row["definition_code"]): row for row in found}
    rows = [
        {
            "district": area_name(reader, code),
            **{one: _district_cell(cells.get((code, one)), unit) for one in definitions},
        }
        for code in sorted({row["district_code"] for row in found})
    ]
    columns = [Column("district", ui("column.district"))]
    columns += [
        number_column(one, labels.get(one, same(one)), unit, decimals=0 if unit == "person" else None)
        for one in definitions
    ]
    view = TableView(tuple(columns), tuple(rows), ("flexible_employment_district",))
    hidden = sum(1 for row in found if row["status"] != "shown")
    finding = ui("finding.districts", districts=len(rows), hidden=hidden)
    note = ui("note.by_place") if BY_PLACE in definitions else NO_TEXT
    return Panel("districts", ui("panel.districts"), finding, None, view, note=note)


def _modelled(reader: Reader) -> tuple[Panel, ...]:
    """Return the panel of the districts by the model; none where the published figures carry no model."""
    if not reader.rows(district_model.TABLE):
        return ()
    made = district_model.panel(reader, _person_unit(reader))
    return (replace(made, method=reader.method_of(district_model.TABLE)),)


def _district_cell(row: Row | None, unit: str) -> Value:
    if row is None:
        return None
    return in_unit(row["persons"], "person", unit) if row["status"] == "shown" else Absence.SUPPRESSED
