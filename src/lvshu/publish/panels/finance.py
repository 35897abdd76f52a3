"""Chapter finance: financed emissions by each method from the same loans, their quality, what is not covered."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from lvshu.publish import plots
from lvshu.publish.display import Absence
from lvshu.publish.model import Column, Panel, Section, TableView, in_unit, number_column
from lvshu.publish.panels.base import (
    FINANCED,
    MONEY,
    Row,
    grouped,
    named,
    panel_or_reason,
    reasons_together,
    share,
    short_amount,
    summed,
)
from lvshu.publish.plots import Series
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, code_label, ui

LEDGER = ("loan", "loan_balance")
ALL_INSTITUTIONS = "*"
INTENSITY = "tCO2e/1e4 CNY"


def section(reader: Reader) -> Section:
    """Return the chapter on finance."""
    panels = (
        panel_or_reason(reader, "methods", table="financed_emission", needs=LEDGER, build=_methods),
        panel_or_reason(reader, "groups", table="financed_emission", needs=LEDGER, build=_groups),
        panel_or_reason(reader, "quality", table="data_quality", needs=LEDGER, build=_quality),
        panel_or_reason(reader, "switch", table="method_switch", needs=LEDGER, build=_switch),
        panel_or_reason(reader, "coverage", table="loan_coverage", needs=LEDGER, build=_coverage),
        panel_or_reason(reader, "capital", table="capital_by_carbon_class", needs=LEDGER, build=_capital, half=True),
        panel_or_reason(reader, "finance_gap", table="finance_gap", needs=LEDGER, build=_gaps, half=True),
    )
    return Section("finance", ui("section.finance"), ui("lead.finance"), reasons_together(reader, panels))


def method_name(reader: Reader, method: str) -> Text:
    """Return the name of an accounting method, from its pack as the run used it."""
    for row in reader.pack_rows("finance_methods", code=method):
        return named(row["name_zh"], row["name_en"], method)
    return code_label("method", method)


def group_name(reader: Reader, group: str) -> Text:
    """Return the name of a group of industries, from its pack as the run used it."""
    for row in reader.pack_rows("finance_scope_industries", group_code=group):
        return named(row["name_zh"], row["name_en"], group)
    return code_label("industry_group", group)


def _methods(reader: Reader) -> Panel:
    found = grouped(reader.rows("financed_emission"), "method")
    order = [one for one in reader.settings.finance_methods if (one,) in found]
    grades = {row["method"]: row for row in reader.rows("data_quality_grade", institution_id=ALL_INSTITUTIONS)}
    ranges = {row["indicator"]: row for row in reader.rows("uncertainty")}
    rows: list[dict[str, Any]] = []
    for method in order:
        group = found[(method,)]
        grade = grades.get(method, {})
        interval = ranges.get(f"financed_emission_{method}", {})
        emission, exposure = summed(group, "emission"), summed(group, "exposure")
        rows.append(
            {
                "method": method_name(reader, method),
                "emission": in_unit(emission, "tCO2e", FINANCED),
                "low": in_unit(interval.get("low"), "tCO2e", FINANCED),
                "high": in_unit(interval.get("high"), "tCO2e", FINANCED),
                "loans": sum(row["loans"] or 0 for row in group),
                "estimated": sum(row["loans_estimated"] or 0 for row in group),
                "exposure": in_unit(exposure, "CNY", MONEY),
                "intensity": _intensity(emission, exposure),
                "scope3": in_unit(summed(group, "scope3"), "tCO2e", FINANCED),
                "score": grade.get("weighted_score") if grade.get("weighted_score") is not None else Absence.NOT_APPLICABLE,
                "grade": grade.get("grade") or Absence.NOT_APPLICABLE,
            }
        )
    view = TableView(_method_columns(), tuple(rows), ("financed_emission", "data_quality_grade", "uncertainty"))
    first = rows[0]
    finding = ui("finding.methods", method=first["method"], count=len(rows),
                 value=short_amount(first["emission"] or Decimal(0), FINANCED, FINANCED), grade=_graded(first))  # fmt: skip
    chart = plots.horizontal_bars(view, "method", [Series("emission", low="low", high="high")], finding)
    return Panel("methods", ui("panel.methods"), finding, chart, view, note=ui("note.methods"))


def _graded(row: dict[str, Any]) -> Text:
    if isinstance(row["grade"], Absence) or isinstance(row["score"], Absence):
        return ui("finding.no_grade")
    return ui("finding.grade", score=f"{row['score']:.2f}", grade=row["grade"])


def _intensity(emission: Decimal | None, exposure: Decimal | None) -> Decimal | None:
    return None if emission is None or not exposure else emission / in_unit(exposure, "CNY", "1e4 CNY")  # type: ignore[operator]


def _method_columns() -> tuple[Column, ...]:
    return (
        Column("method", ui("column.accounting_method")),
        number_column("emission", ui("column.financed_emission"), FINANCED, decimals=1),
        number_column("low", ui("column.low"), FINANCED, decimals=1),
        number_column("high", ui("column.high"), FINANCED, decimals=1),
        Column("grade", ui("column.grade"), "mark"),
        number_column("score", ui("column.quality_score"), "1", decimals=2),
        number_column("intensity", ui("column.intensity"), INTENSITY, decimals=3),
        number_column("exposure", ui("column.exposure"), MONEY, decimals=1),
        number_column("loans", ui("column.loans"), "1", decimals=0),
        number_column("estimated", ui("column.loans_estimated"), "1", decimals=0),
        number_column("scope3", ui("column.scope3"), FINANCED, decimals=1),
    )


def _by_method(
    reader: Reader, table: str, key: str, measure: str, unit: str, shown: str
) -> tuple[list[str], dict[object, dict[str, Any]]]:
    """Return the methods in order and, by value of `key`, one figure for each method."""
    found = grouped(reader.rows(table), key, "method")
    order = [one for one in reader.settings.finance_methods if any(pair[1] == one for pair in found)]
    rows: dict[object, dict[str, Any]] = {}
    for (value, method), group in found.items():
        rows.setdefault(value, dict.fromkeys(order))[method] = in_unit(summed(group, measure), unit, shown)
    return order, rows


def _groups(reader: Reader) -> Panel:
    order, found = _by_method(reader, "financed_emission", "industry_group", "emission", "tCO2e", FINANCED)
    rows = [{"group": group_name(reader, str(code)), **figures} for code, figures in found.items()]
    rows.sort(key=lambda row: -(row[order[0]] or 0))
    columns = [Column("group", ui("column.industry_group"))]
    columns += [number_column(one, method_name(reader, one), FINANCED) for one in order]
    view = TableView(tuple(columns), tuple(rows), ("financed_emission",))
    finding = ui("finding.groups", method=method_name(reader, order[0]), group=rows[0]["group"],
                 share=share(rows[0][order[0]], summed(rows, order[0])))  # fmt: skip
    chart = plots.horizontal_bars(view, "group", [Series(one) for one in order], finding)
    return Panel("groups", ui("panel.groups"), finding, chart, view, note=ui("note.scope_differs"))


def _quality(reader: Reader) -> Panel:
    found = grouped(reader.rows("data_quality"), "method", "calculation_method")
    order = [one for one in reader.settings.finance_methods if any(pair[0] == one for pair in found)]
    kinds = [one for one in _CALCULATIONS if any(pair[1] == one for pair in found)]
    wholes = {one: summed([row for row in reader.rows("data_quality", method=one)], "emission") for one in order}
    rows: list[dict[str, Any]] = []
    for method in order:
        row: dict[str, Any] = {"method": method_name(reader, method)}
        for kind in kinds:
            group = found.get((method, kind), [])
            part = summed(group, "emission")
            row[kind] = in_unit(part, "tCO2e", FINANCED)
            row[f"{kind}_share"] = _percent(part, wholes[method])
            row[f"{kind}_loans"] = sum(one["loans"] or 0 for one in group) if group else None
        rows.append(row)
    columns = [Column("method", ui("column.accounting_method"))]
    for suffix, unit, places in (("_share", "%", 1), ("", FINANCED, 1), ("_loans", "1", 0)):
        columns += [
            number_column(kind + suffix, code_label("calculation", kind) + ui(f"suffix{suffix or '_none'}"), unit, decimals=places)
            for kind in kinds
        ]
    view = TableView(tuple(columns), tuple(rows), ("data_quality",))
    reported = [kind for kind in kinds if kind in ("verified_report", "unverified_report", "energy", "product")]
    own = sum((rows[0][f"{kind}_share"] or Decimal(0) for kind in reported), Decimal(0))
    finding = ui("finding.quality", method=rows[0]["method"], share=f"{own:.1f}%")
    series = [Series(f"{kind}_share") for kind in kinds]
    chart = plots.horizontal_bars(view, "method", series, finding, stacked=True)
    return Panel("quality", ui("panel.quality"), finding, chart, view)


_CALCULATIONS = ("verified_report", "unverified_report", "energy", "product", "economic", "fallback", "none")


def _percent(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    return None if part is None or not whole else part * 100 / whole


_EFFECTS = ("base_total", "scope_added", "scope_removed", "calculation", "exposure", "denominator", "other_total")


def _switch(reader: Reader) -> Panel:
    found = reader.rows("method_switch")
    others = [one for one in reader.settings.finance_methods if any(row["method"] == one for row in found)]
    base = found[0]["base_method"]
    rows = [
        {
            "effect": code_label("effect", effect),
            **{
                other: in_unit(summed([row for row in found if (row["method"], row["effect"]) == (other, effect)], "emission") or Decimal(0),
                               "tCO2e", FINANCED)
                for other in others
            },
        }
        for effect in _EFFECTS
    ]  # fmt: skip
    rows[0]["effect"] = method_name(reader, base)
    rows[-1]["effect"] = ui("row.other_method", method=method_name(reader, others[0]))
    columns = [Column("effect", ui("column.effect"))]
    columns += [number_column(other, ui("column.to_method", method=method_name(reader, other)), FINANCED) for other in others]
    view = TableView(tuple(columns), tuple(rows), ("method_switch",), totals=frozenset({0, len(rows) - 1}))
    steps = rows[1:-1]
    largest = max(steps, key=lambda row: abs(row[others[0]]))
    finding = ui("finding.switch", base=method_name(reader, base), other=method_name(reader, others[0]),
                 effect=largest["effect"], value=short_amount(largest[others[0]], FINANCED, FINANCED))  # fmt: skip
    chart = plots.waterfall(view, "effect", others[0], finding)
    return Panel("switch", ui("panel.switch"), finding, chart, view)


def _coverage(reader: Reader) -> Panel:
    found = reader.rows("loan_coverage")
    order = [one for one in reader.settings.finance_methods if any(row["method"] == one for row in found)]
    rows: list[dict[str, Any]] = []
    for (status, reason), group in grouped(found, "scope_status", "reason").items():
        row: dict[str, Any] = {"status": code_label("scope_status", status), "reason": code_label("reason", reason), "order": status}
        for method in order:
            part = [one for one in group if one["method"] == method]
            row[method] = in_unit(summed(part, "outstanding_amount"), "CNY", MONEY)
            row[f"{method}_loans"] = sum(one["loans"] or 0 for one in part) if part else None
        rows.append(row)
    rows.sort(key=lambda row: (("in", "out", "unknown").index(row["order"]), -max(row[one] or 0 for one in order)))
    columns = [Column("status", ui("column.scope_status")), Column("reason", ui("column.reason"))]
    columns += [number_column(one, method_name(reader, one), MONEY) for one in order]
    columns += [number_column(f"{one}_loans", method_name(reader, one) + ui("suffix_loans"), "1", decimals=0) for one in order]
    view = TableView(tuple(columns), tuple(rows), ("loan_coverage",))
    first = order[0]
    whole = summed(rows, first)
    inside = summed([row for row in rows if row["order"] == "in"], first)
    unknown = summed([row for row in rows if row["order"] == "unknown"], first)
    finding = ui("finding.coverage", method=method_name(reader, first), share=share(inside, whole),
                 unknown=share(unknown or Decimal(0), whole))  # fmt: skip
    chart = plots.horizontal_bars(view, "reason", [Series(one) for one in order], finding)
    return Panel("coverage", ui("panel.coverage"), finding, chart, view)


_CLASSES = ("high_carbon", "high_carbon_green", "green", "other")


def _capital(reader: Reader) -> Panel:
    found = grouped(reader.rows("capital_by_carbon_class"), "carbon_class")
    rows = [
        {
            "class": code_label("carbon_class", code),
            **{key: in_unit(summed(found[(code,)], column), "CNY", MONEY)
               for key, column in (("begin", "outstanding_begin"), ("end", "outstanding_end"), ("change", "change"))},
            "loans": sum(row["loans"] or 0 for row in found[(code,)]),
        }
        for code in _CLASSES
        if (code,) in found
    ]  # fmt: skip
    columns = (
        Column("class", ui("column.carbon_class")),
        number_column("begin", ui("column.begin"), MONEY),
        number_column("end", ui("column.end"), MONEY),
        number_column("change", ui("column.change"), MONEY),
        number_column("loans", ui("column.loans"), "1", decimals=0),
    )
    view = TableView(columns, tuple(rows), ("capital_by_carbon_class",))
    finding = ui("finding.capital", high=_change(rows, found, "high_carbon"), green=_change(rows, found, "green"))
    chart = plots.horizontal_bars(view, "class", [Series("begin", "--c5"), Series("end", "--c1")], finding)
    return Panel("capital", ui("panel.capital"), finding, chart, view, half=True)


def _change(rows: Sequence[dict[str, Any]], found: dict[tuple[Any, ...], list[Row]], code: str) -> Text:
    change = summed(found.get((code,), []), "change")
    if change is None:
        return Text("…", "…")
    sign = "+" if change > 0 else ""
    text = short_amount(change, "CNY", MONEY)
    return Text(sign + text.zh, sign + text.en)


def _gaps(reader: Reader) -> Panel:
    rows = [
        {
            "gap": code_label("finance_gap", row["code"]),
            "method": method_name(reader, row["method"]) if row["method"] != ALL_INSTITUTIONS else ui("row.all_methods"),
            "loans": row["loans"],
            "balance": in_unit(row["outstanding_amount"], "CNY", MONEY),
            "emission": in_unit(row["emission"], "tCO2e", FINANCED),
        }
        for row in sorted(reader.rows("finance_gap"), key=lambda row: -(row["outstanding_amount"] or 0))
    ]
    columns = (
        Column("gap", ui("column.gap")),
        Column("method", ui("column.accounting_method")),
        number_column("loans", ui("column.loans"), "1", decimals=0),
        number_column("balance", ui("column.year_end_balance"), MONEY),
        number_column("emission", ui("column.emission"), FINANCED),
    )
    view = TableView(columns, tuple(rows), ("finance_gap",))
    finding = ui("finding.gaps", count=len({row["code"] for row in reader.rows("finance_gap")}))
    return Panel("finance_gap", ui("panel.finance_gap"), finding, None, view, half=True)
