"""Panels on where the money goes: net flows by class and quarter, the shift of the mix, intensity of stock and flow."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lvshu.publish import plots
from lvshu.publish.display import Absence, Value
from lvshu.publish.model import Column, Panel, TableView, in_unit, number_column
from lvshu.publish.panels.base import MONEY, Row, grouped, panel_or_reason, share, short_amount, summed
from lvshu.publish.panels.finance_cells import hidden, least, shown
from lvshu.publish.plots import Series
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, column_label, joined, period_text, same, ui, value_label

LEDGER = ("loan", "loan_balance")
ALL = "*"
CLASSES = (("high_carbon", "--c2"), ("transition", "--c3"), ("low_carbon", "--c1"), ("other", "--c8"))
EFFECTS = ("growth", "between_divisions", "within_divisions")
INTENSITY = "tCO2/1e4 CNY"
INTENSITIES = ("stock_begin_intensity", "stock_end_intensity", "inflow_intensity", "outflow_intensity")


def panels(reader: Reader) -> tuple[Panel, ...]:
    """Return the panels on flows of capital, in the order of the page."""
    return (
        panel_or_reason(reader, "flow_matrix", table="capital_flow", needs=LEDGER, build=_matrix),
        panel_or_reason(reader, "flow_shift", table="capital_flow_shift", needs=LEDGER, build=_shift,
                        useful=lambda row: _of_all(row, "year")),
        panel_or_reason(reader, "flow_intensity", table="capital_flow_intensity", needs=LEDGER, build=_intensity,
                        useful=lambda row: _of_all(row, "quarter")),
    )  # fmt: skip


def _of_all(row: Row, kind: str) -> bool:
    return (row["institution_id"], row["period_kind"]) == (ALL, kind)


def _used(rows: list[Row]) -> list[str]:
    return [one for one, _ in CLASSES if any(row["carbon_class"] == one for row in rows)]


def _secret(reader: Reader, rows: list[Row], classes: list[str]) -> frozenset[int]:
    """The classes of a period of which too few institutions, or too few loans, have a part."""
    minimum = least(reader)
    several = len({row["institution_id"] for row in rows}) >= minimum
    counts = []
    for one in classes:
        part = [row for row in rows if row["carbon_class"] == one and row["loans"]]
        loans = sum(row["loans"] for row in part)
        counts.append(min(loans, len({row["institution_id"] for row in part})) if several else loans)
    return hidden(counts, minimum)


def _matrix(reader: Reader) -> Panel:
    found = [row for row in reader.rows("capital_flow") if row["period_kind"] == "quarter"]
    found = found or reader.rows("capital_flow")
    used = _used(found)
    spans = _parts_of_periods(reader)
    rows: list[dict[str, Any]] = []
    for (period,), group in sorted(grouped(found, "period").items()):
        secret = _secret(reader, group, used)
        row: dict[str, Any] = {"period": spans.get(("quarter", period), period_text(period)), "key": period}
        for place, one in enumerate(used):
            part = [line for line in group if line["carbon_class"] == one]
            for key in ("net_flow", "inflow", "outflow", "outstanding_end"):
                row[f"{one}_{key}"] = shown(in_unit(summed(part, key), "CNY", MONEY), place, secret)
        rows.append(row)
    columns = [Column("period", ui("column.quarter"))]
    for key in ("net_flow", "inflow", "outflow", "outstanding_end"):
        label = column_label("capital_flow", key)
        columns += [number_column(f"{one}_{key}", _class(one) + ui("separator") + label, MONEY, decimals=1)
                    for one in used]  # fmt: skip
    view = TableView(tuple(columns), tuple(rows), ("capital_flow",))
    finding = ui(
        "finding.flow_matrix", value=_net(rows, used), high=_net(rows, ["high_carbon"]), low=_net(rows, ["low_carbon"]),
        first=rows[0]["period"], last=rows[-1]["period"],
    )  # fmt: skip
    names = {f"{one}_net_flow": _class(one) for one in used}
    drawn = TableView(tuple(number_column(one.key, names[one.key], MONEY) if one.key in names else one
                            for one in columns), view.rows, view.source)  # fmt: skip
    series = [Series(f"{one}_net_flow", colour) for one, colour in CLASSES if one in used]
    chart = plots.columns_over_time(drawn, "period", series, finding, stacked=False)
    note = _note(
        ui("note.flow_matrix") + _unused(used), any(("quarter", row["period"]) in spans for row in found)
    )
    return Panel("flow_matrix", ui("panel.flow_matrix"), finding, chart, view, note=note)


def _unused(used: list[str]) -> Text:
    """Return which carbon classes have no column, as no loan is in them; empty where each has one."""
    gone = [_class(one) for one, _ in CLASSES if one not in used]
    return Text("", " ") + ui("note.flow_unused", classes=joined(gone)) if gone else Text("", "")


def _parts_of_periods(reader: Reader) -> dict[tuple[str, str], Text]:
    """Return what periods are called that begin later than they should, as no balance of before is known."""
    found = {}
    for row in reader.rows("capital_flow_period"):
        whole = {"month": 1, "quarter": 3, "year": 12}[row["period_kind"]]
        if row["end_number"] - row["begin_number"] < whole:
            key = (row["period_kind"], row["period"])
            found[key] = ui(
                "row.part_of_period", period=period_text(row["period"]), month=period_text(row["begin_month"])
            )
    return found


def _note(note: Text, has_part: bool) -> Text:
    return note + Text("", " ") + ui("note.part_of_period") if has_part else note


def _net(rows: list[Row], classes: list[str]) -> Text:
    """Return the net inflow of some classes over all periods, as far as every part of it is shown."""
    values = [row.get(f"{one}_net_flow") for row in rows for one in classes]
    known = [value for value in values if isinstance(value, Decimal)]
    if any(isinstance(value, Absence) for value in values):
        return same(Absence.SUPPRESSED.value)
    return short_amount(sum(known, Decimal(0)), MONEY, MONEY) if known else share(None, None)


def _class(one: str) -> Text:
    return value_label("capital_flow", "carbon_class", one)


def _shift(reader: Reader) -> Panel:
    found = [row for row in reader.rows("capital_flow_shift") if _of_all(row, "year")]
    period = max(row["period"] for row in found)
    found = [row for row in found if row["period"] == period]
    used = _used(found)
    secret = _secret(reader, [row for row in reader.rows("capital_flow")
                              if (row["period_kind"], row["period"]) == ("year", period)], used)  # fmt: skip
    rows: list[dict[str, Any]] = []
    for place, one in enumerate(used):
        line = next(row for row in found if row["carbon_class"] == one)
        figures: dict[str, Value] = {key: in_unit(line[key], "CNY", MONEY) for key in (*EFFECTS, "change")}
        figures |= {key: _percent(line[key]) for key in ("share_begin", "share_end")}
        rows.append(
            {
                "class": _class(one),
                "key": one,
                **{key: shown(value, place, secret) for key, value in figures.items()},
            }
        )
    columns = [Column("class", column_label("capital_flow_shift", "carbon_class"))]
    columns += [number_column(key, column_label("capital_flow_shift", key), MONEY, decimals=1)
                for key in ("change", *EFFECTS)]  # fmt: skip
    columns += [number_column(key, column_label("capital_flow_shift", key), "%", decimals=2)
                for key in ("share_begin", "share_end")]  # fmt: skip
    view = TableView(tuple(columns), tuple(rows), ("capital_flow_shift",))
    known = [
        row
        for row in rows
        if isinstance(row["share_end"], Decimal) and isinstance(row["share_begin"], Decimal)
    ]
    moved = max(known, key=lambda row: abs(row["share_end"] - row["share_begin"]), default=None)
    spans = _parts_of_periods(reader)
    finding = ui("finding.flow_shift_none") if moved is None else ui(
        "finding.flow_shift", name=moved["class"], period=spans.get(("year", period), period_text(period)),
        begin=f"{moved['share_begin']:.1f}%",
        end=f"{moved['share_end']:.1f}%",
    )  # fmt: skip
    chart = plots.horizontal_bars(view, "class", [Series(key) for key in EFFECTS], finding, stacked=True)
    note = _note(ui("note.flow_shift"), ("year", period) in spans)
    return Panel("flow_shift", ui("panel.flow_shift"), finding, chart, view, note=note)


def _percent(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value)) * 100


def _intensity(reader: Reader) -> Panel:
    everything = [row for row in reader.rows("capital_flow_intensity") if row["institution_id"] == ALL]
    found = sorted(
        (row for row in everything if row["period_kind"] == "quarter"), key=lambda row: row["period"]
    )
    years = sorted((row for row in everything if row["period_kind"] == "year"), key=lambda row: row["period"])
    spans = _parts_of_periods(reader)
    rows = [
        {"key": row["period"], "period": spans.get((row["period_kind"], row["period"]), period_text(row["period"])),
         "covered": _percent(row["covered"]),
         **{key: _decimal(row[key]) for key in INTENSITIES}}
        for row in (*found, *years)
    ]  # fmt: skip
    columns = (
        Column("period", ui("column.quarter")),
        *(number_column(key, column_label("capital_flow_intensity", key), INTENSITY, decimals=3)
          for key in INTENSITIES),
        number_column("covered", column_label("capital_flow_intensity", "covered"), "%", decimals=1),
    )  # fmt: skip
    totals = frozenset(range(len(found), len(rows)))
    view = TableView(columns, tuple(rows), ("capital_flow_intensity",), totals)
    last = (years or found)[-1]
    key = "finding.flow_intensity" if last["covered"] else "finding.flow_intensity_none"
    finding = ui(key, period=rows[-1]["period"], stock=_number(last["stock_end_intensity"]),
                 inflow=_number(last["inflow_intensity"]), covered=_share(last["covered"]))  # fmt: skip
    drawn = TableView(columns, tuple(rows[: len(found)]), view.source)
    series = [Series("stock_end_intensity", "--c8"), Series("inflow_intensity", "--c1")]
    chart = plots.columns_over_time(drawn, "period", series, finding, stacked=False)
    return Panel("flow_intensity", ui("panel.flow_intensity"), finding, chart, view,
                 note=_note(ui("note.flow_intensity"), bool(spans)))  # fmt: skip


def _decimal(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value))


def _number(value: float | None) -> Text:
    return ui("word.no_figure") if value is None else same(f"{value:.3f}")


def _share(value: float | None) -> Text:
    return share(None, None) if value is None else share(Decimal(repr(value)), Decimal(1))
