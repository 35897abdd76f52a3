"""Fans of the monthly indicators: what was reported, what is nowcast, and the months ahead, in nested ranges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from lvshu.publish import plots
from lvshu.publish.display import Absence
from lvshu.publish.model import Column, Panel, TableView, in_unit, number_column
from lvshu.publish.plots import Band, Series
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, code_label, period_text
from lvshu.web.words import word

PAST = 18
"""Months before the fan that stand beside it."""
SHADES = (18, 38, 62)
"""Shades of the bands from the widest to the narrowest, in percent: apart in grey, too."""
MIDDLE = 50.0
PLAIN = "autoregression"
"""The model of a nowcast that goes by the indicator alone, published where its backtest was better."""
Row = Mapping[str, Any]


def nowcasts(reader: Reader) -> tuple[Panel, ...]:
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


def _nowcast(code: str, found: Sequence[Row], quantiles: Sequence[Row], history: Sequence[Row]) -> Panel:
    name = code_label("monthly_indicator", code)
    title = word("nowcast.of", name=name)
    last = found[-1]
    if last["state"] != "nowcast":
        values = {"name": name, "months": str(last["history_months"]), "least": str(last["least_months"])}
        return Panel(f"nowcast_{code}", title, empty=word(f"nowcast.{last['state']}", **values))
    finding = word(
        "nowcast.finding_alone" if last.get("model") == PLAIN else "nowcast.finding",
        name=name,
        month=period_text(last["month"]),
        change=f"{last['growth']:+.2f}%",
    )
    own = [row for row in quantiles if row["indicator_code"] == code]
    past = {row["month"]: row["adjusted"] for row in history if row["indicator_code"] == code}
    view = _table(
        own, past, last["unit"], word("column.adjusted"), ("nowcast", "nowcast_fan", "seasonal_series")
    )
    chart = plots.lines_over_time(*drawn(view, "--c1"), finding)
    return Panel(f"nowcast_{code}", title, finding, chart, view, note=_nowcast_note(last))


def _nowcast_note(last: Row) -> Text:
    if last["error_basis"] == "backtest":
        told = word(
            "nowcast.tested_alone" if last.get("model") == PLAIN else "nowcast.tested",
            months=str(last["tested_months"]), error=f"{last['rmse']:.2f}", plain=f"{last['benchmark_rmse']:.2f}",
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


def fans(reader: Reader) -> tuple[Panel, ...]:
    """Return a fan of each monthly indicator: what was reported last, and the months ahead with every quantile."""
    found, history = reader.rows("indicator_fan"), reader.rows("seasonal_series")
    return tuple(_fan(found, history, code) for code in sorted({row["indicator_code"] for row in found})) or (
        Panel("fan", word("fan.title"), empty=word("fan.empty")),
    )


def _fan(found: Sequence[Row], history: Sequence[Row], code: str) -> Panel:
    own = [row for row in found if row["indicator_code"] == code]
    past = {row["month"]: row["raw"] for row in history if row["indicator_code"] == code}
    view = _table(own, past, own[0]["unit"], word("column.raw"), ("indicator_fan", "seasonal_series"))
    name = code_label("monthly_indicator", code)
    months = sorted(row["month"] for row in own)
    finding = word(
        "fan.finding",
        name=name,
        first=period_text(months[0]),
        last=period_text(months[-1]),
        shares=_listed([_share(one) for one in bands_of(view)]),
    )
    chart = plots.lines_over_time(*drawn(view, "--c1"), finding)
    return Panel(f"fan_{code}", word("fan.of", name=name), finding, chart, view, note=word("fan.note"))


def _table(
    quantiles: Sequence[Row],
    past: Mapping[str, Decimal | None],
    unit: str,
    heading: Text,
    source: tuple[str, ...],
) -> TableView:
    """Return the last months as they were reported, and the months to come with every quantile of the book."""
    display = "1e8 CNY" if unit == "CNY" else unit
    levels = sorted({float(row["quantile"]) for row in quantiles})
    months = sorted({row["month"] for row in quantiles})
    values = {(row["month"], float(row["quantile"])): row["value"] for row in quantiles}
    rows: list[dict[str, Any]] = [
        {
            "month": month,
            "known": in_unit(past[month], unit, display),
            **{_key(level): Absence.NOT_APPLICABLE for level in levels},
        }
        for month in sorted(past)
        if month < months[0]
    ][-PAST:]
    rows += [
        {
            "month": month,
            "known": in_unit(past[month], unit, display) if month in past else Absence.NOT_APPLICABLE,
            **{_key(level): in_unit(values.get((month, level)), unit, display) for level in levels},
        }
        for month in months
    ]
    columns = (
        Column("month", word("column.month")),
        number_column("known", heading, display),
        *(
            number_column(
                _key(level),
                word("fan.median") if level == MIDDLE else word("fan.quantile", level=f"{level:g}"),
                display,
            )
            for level in levels
        ),
    )
    return TableView(columns, tuple(rows), source)


def _key(level: float) -> str:
    return f"q{level:g}"


def bands_of(view: TableView) -> tuple[Band, ...]:
    """Return the ranges that the quantiles of a table enclose, the widest first, named by the share they hold."""
    levels = sorted(float(column.key[1:]) for column in view.columns if column.key.startswith("q"))
    pairs = [(low, 100 - low) for low in levels if low < MIDDLE and 100 - low in levels]
    return tuple(
        Band(
            _key(low), _key(high), word("fan.band", share=f"{high - low:g}"), SHADES[min(at, len(SHADES) - 1)]
        )
        for at, (low, high) in enumerate(pairs)
    )


def _share(band: Band) -> str:
    return f"{float(band.high[1:]) - float(band.low[1:]):g}%"


def _listed(shares: Sequence[str]) -> Text:
    *first, last = reversed(shares)
    return Text("、".join((*first, last)), f"{', '.join(first)} and {last}" if first else last)


def drawn(view: TableView, colour: str) -> tuple[TableView, str, list[Series]]:
    """Return what is drawn of a fan: the fan begins at the last reported month, so that it has no gap before it."""
    levels = [column.key for column in view.columns if column.key.startswith("q")]
    rows = [dict(row) for row in view.rows]
    begins = next((at for at, row in enumerate(rows) if row[levels[0]] is not Absence.NOT_APPLICABLE), 0)
    if begins and rows[begins - 1]["known"] is not None:
        rows[begins - 1] |= dict.fromkeys(levels, rows[begins - 1]["known"])
    middle = Series(_key(MIDDLE), colour, bands=bands_of(view))
    return TableView(view.columns, tuple(rows), view.source), "month", [middle, Series("known", "--ink")]
