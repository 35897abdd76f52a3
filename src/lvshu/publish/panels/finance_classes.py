"""Panels on financed emissions by asset class of PCAF, and on their change over the year."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lvshu.publish import diagrams, plots
from lvshu.publish.model import Column, Panel, TableView, in_unit, number_column
from lvshu.publish.panels.base import FINANCED, MONEY, Row, panel_or_reason, share, short_amount, summed
from lvshu.publish.panels.finance_cells import hidden, least, shown
from lvshu.publish.panels.names import method_name
from lvshu.publish.plots import Series
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, column_label, ui, value_label

LEDGER = ("loan", "loan_balance")
PREVIOUS = ("subject_attribution_previous",)
ALL = "*"
CLASSES = ("listed_equity_bond", "business_loan", "project_finance", "commercial_real_estate", "mortgage",
           "motor_vehicle", "sovereign")  # fmt: skip
SCOPES = ("scope1", "scope2", "scope_unsplit")
PER_MILLION = "tCO2e/1e6 CNY"
EFFECTS = ("previous_total", "exposure", "mix", "denominator", "intensity", "activity", "calculation", "entry",
           "exit", "total")  # fmt: skip


def panels(reader: Reader) -> tuple[Panel, ...]:
    """Return the panels on asset classes and on the change over the year, in the order of the page."""
    return (
        panel_or_reason(reader, "pcaf", table="pcaf_quality", needs=LEDGER, build=_classes,
                        useful=lambda row: row["institution_id"] == ALL),
        panel_or_reason(reader, "emission_change", table="financed_emission_change",
                        needs=LEDGER if reader.missing(LEDGER) else PREVIOUS, build=_change),
    )  # fmt: skip


def _classes(reader: Reader) -> Panel:
    quality = {(row["asset_class"], row["scope"]): row
               for row in reader.rows("pcaf_quality", institution_id=ALL)}  # fmt: skip
    present = [one for one in CLASSES if any(key[0] == one for key in quality)]
    positions = {one: reader.rows("pcaf_portfolio", asset_class=one) for one in present}
    secret: frozenset[int] = frozenset()
    for key in ("positions", "positions_estimated"):
        counts = [sum(row[key] for row in positions[one]) for one in present]
        secret |= hidden(counts, least(reader))
    rows = []
    for place, one in enumerate(present):
        row = _class_row(reader, one, positions[one], quality)
        rows.append(
            {
                key: value if key in ("class", "key") else shown(value, place, secret)
                for key, value in row.items()
            }
        )
    everything = [row for one in present for row in positions[one]]
    rows.append(_class_row(reader, ALL, everything, quality))
    view = TableView(_class_columns(), tuple(rows), ("pcaf_quality", "pcaf_portfolio", "uncertainty"),
                     frozenset({len(present)}))  # fmt: skip
    whole = rows[-1]
    key = "finding.pcaf" if isinstance(whole["emission"], Decimal) else "finding.pcaf_none"
    finding = ui(
        key, value=_figure(whole["emission"]), coverage=_percent_text(whole["coverage"]),
        score=f"{whole['score']:.2f}" if isinstance(whole["score"], Decimal) else ui("word.no_figure"),
        missing=sum(1 for row in rows[:-1] if row["emission"] is None),
    )  # fmt: skip
    series = [Series("emission", low="low", high="high"), Series("scope3", "--c5")]
    drawn = TableView(view.columns, view.rows, view.source)  # the total is drawn: it has the interval
    chart = plots.horizontal_bars(drawn, "class", series, finding)
    return Panel("pcaf", ui("panel.pcaf"), finding, chart, view, note=ui("note.pcaf"))


def _figure(value: Any) -> Text:
    return short_amount(value, FINANCED, FINANCED) if isinstance(value, Decimal) else share(None, None)


def _percent_text(value: Any) -> Text:
    return share(value, Decimal(100)) if isinstance(value, Decimal) else share(None, None)


def _class_row(
    reader: Reader, one: str, positions: list[Row], quality: dict[tuple[str, str], Row]
) -> dict[str, Any]:
    both, third = quality.get((one, "scope1_2"), {}), quality.get((one, "scope3"), {})
    whole = one == ALL
    code = "financed_emission_pcaf_all" if whole else f"financed_emission_pcaf_{one}"
    interval: Row = next(iter(reader.rows("uncertainty", indicator=code)), {})
    name = ui("row.all_classes") if whole else value_label("financed_emission_class", "asset_class", one)
    return {
        "class": name, "key": one, "amount": in_unit(both.get("outstanding_amount"), "CNY", MONEY),
        "coverage": _percent(both.get("coverage")), "emission": in_unit(both.get("emission"), "tCO2e", FINANCED),
        **{key: in_unit(interval.get(key), "tCO2e", FINANCED) for key in ("low", "high")},
        **{key: in_unit(summed(positions, key), "tCO2e", FINANCED) for key in SCOPES},
        "scope3": in_unit(third.get("emission"), "tCO2e", FINANCED),
        "score": both.get("weighted_score"), "score3": third.get("weighted_score"),
        "intensity": _decimal(both.get("intensity")), "positions": sum(row["positions"] for row in positions),
    }  # fmt: skip


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value))


def _percent(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value)) * 100


def _class_columns() -> tuple[Column, ...]:
    return (
        Column("class", column_label("pcaf_quality", "asset_class")),
        number_column("emission", ui("column.scope1_2"), FINANCED, decimals=1),
        number_column("low", ui("column.low"), FINANCED, decimals=1),
        number_column("high", ui("column.high"), FINANCED, decimals=1),
        *(number_column(one, column_label("pcaf_portfolio", one), FINANCED, decimals=1) for one in SCOPES),
        number_column("scope3", ui("column.scope3"), FINANCED, decimals=1),
        number_column("score", ui("column.quality_score"), "1", decimals=2),
        number_column("score3", ui("column.quality_score_scope3"), "1", decimals=2),
        number_column("coverage", column_label("pcaf_quality", "coverage"), "%", decimals=1),
        number_column("intensity", column_label("pcaf_quality", "intensity"), PER_MILLION, decimals=2),
        number_column("amount", column_label("pcaf_quality", "outstanding_amount"), MONEY, decimals=1),
        number_column("positions", ui("column.positions"), "1", decimals=0),
    )


def _change(reader: Reader) -> Panel:
    found = reader.rows("financed_emission_change")
    order = [one for one in reader.settings.finance_methods if any(row["method"] == one for row in found)]
    order = order or list(dict.fromkeys(row["method"] for row in found))
    used = [one for one in EFFECTS if any(row["effect"] == one for row in found)]
    rows: list[dict[str, Any]] = []
    for effect in used:
        row: dict[str, Any] = {"effect": value_label("financed_emission_change", "effect", effect)}
        for method in order:
            part = [one for one in found if (one["method"], one["effect"]) == (method, effect)]
            row[method] = in_unit(summed(part, "emission") or Decimal(0), "tCO2e", FINANCED)
        rows.append(row)
    columns = [Column("effect", column_label("financed_emission_change", "effect"))]
    columns += [number_column(one, method_name(reader, one), FINANCED) for one in order]
    totals = frozenset(place for place, one in enumerate(used) if one in ("previous_total", "total"))
    view = TableView(tuple(columns), tuple(rows), ("financed_emission_change",), totals)
    first = order[0]
    steps = [row for place, row in enumerate(rows) if place not in totals]
    largest = max(steps, key=lambda row: abs(row[first]), default=rows[0])
    finding = ui(
        "finding.emission_change", method=method_name(reader, first), effect=largest["effect"],
        before=short_amount(rows[0][first], FINANCED, FINANCED), now=short_amount(rows[-1][first], FINANCED, FINANCED),
        value=short_amount(largest[first], FINANCED, FINANCED),
    )  # fmt: skip
    chart = diagrams.waterfall(view, "effect", first, finding)
    return Panel("emission_change", ui("panel.emission_change"), finding, chart, view,
                 note=ui("note.emission_change"))  # fmt: skip
