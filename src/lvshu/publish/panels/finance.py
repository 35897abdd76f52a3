"""Chapter finance: financed emissions by each method from the same loans, their quality, what is not covered."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from lvshu.publish import plots
from lvshu.publish.display import Absence
from lvshu.publish.model import Column, Panel, Section, TableView, in_unit, number_column
from lvshu.publish.panels import (
    finance_apart,
    finance_benefit,
    finance_classes,
    finance_flows,
    finance_labels,
    loans,
    total_error,
)
from lvshu.publish.panels.base import (
    FINANCED,
    MONEY,
    grouped,
    panel_or_reason,
    reasons_together,
    share,
    short_amount,
    summed,
)
from lvshu.publish.panels.names import group_name, method_name
from lvshu.publish.plots import Series
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, code_label, ui

LEDGER = ("loan", "loan_balance")
ALL_INSTITUTIONS = "*"
INTENSITY = "tCO2e/1e4 CNY"


def section(reader: Reader) -> Section:
    """Return the chapter on finance."""
    panels = (
        estimated(reader, "methods", "financed_emission", _methods),
        estimated(reader, "groups", "financed_emission", _groups),
        *total_error.financed_panels(reader),
        estimated(reader, "quality", "data_quality", _quality),
        estimated(reader, "switch", "method_switch", loans.switch),
        panel_or_reason(reader, "coverage", table="loan_coverage", needs=LEDGER, build=loans.coverage),
        panel_or_reason(
            reader, "capital", table="capital_by_carbon_class", needs=LEDGER, build=loans.capital
        ),
        panel_or_reason(reader, "finance_gap", table="finance_gap", needs=LEDGER, build=loans.gaps),
        *finance_classes.panels(reader),
        *finance_labels.panels(reader),
        *finance_flows.panels(reader),
        *finance_benefit.panels(reader),
        *finance_apart.panels(reader),
    )
    return Section("finance", ui("section.finance"), ui("lead.finance"), reasons_together(panels))


def estimated(reader: Reader, key: str, table: str, build: Callable[[Reader], Panel]) -> Panel:
    """Return a panel on emissions; where no loan has one, it says so instead of summing nothing to zero."""

    def built(reader: Reader) -> Panel:
        found = reader.rows("financed_emission")
        if any(row["emission"] is not None for row in found):
            return build(reader)
        counts = [sum(row["loans"] or 0 for row in group) for group in grouped(found, "method").values()]
        in_scope = max(counts, default=0)
        title = ui(f"panel.{key}")
        return Panel(key, title, empty=ui("empty.not_estimated", panel=title, loans=in_scope))

    return panel_or_reason(reader, key, table=table, needs=LEDGER, build=built)


def _methods(reader: Reader) -> Panel:
    found = grouped(reader.rows("financed_emission"), "method")
    order = [one for one in reader.settings.finance_methods if (one,) in found]
    grades = {
        row["method"]: row for row in reader.rows("data_quality_grade", institution_id=ALL_INSTITUTIONS)
    }
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
                "key": method,
                "emission": in_unit(emission, "tCO2e", FINANCED),
                "low": in_unit(interval.get("low"), "tCO2e", FINANCED),
                "high": in_unit(interval.get("high"), "tCO2e", FINANCED),
                "loans": sum(row["loans"] or 0 for row in group),
                "estimated": sum(row["loans_estimated"] or 0 for row in group),
                "exposure": in_unit(exposure, "CNY", MONEY),
                "intensity": _intensity(emission, exposure),
                "scope3": in_unit(summed(group, "scope3"), "tCO2e", FINANCED),
                "score": grade.get("weighted_score")
                if grade.get("weighted_score") is not None
                else Absence.NOT_APPLICABLE,
                "grade": grade.get("grade") or Absence.NOT_APPLICABLE,
            }
        )
    view = TableView(
        _method_columns(), tuple(rows), ("financed_emission", "data_quality_grade", "uncertainty")
    )
    first = rows[0]
    finding = ui(
        "finding.methods",
        method=first["method"],
        count=len(rows),
        value=short_amount(first["emission"], FINANCED, FINANCED),
        grade=_graded(first),
    )
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
    rows = [
        {"group": group_name(reader, str(code)), "key": str(code), **figures}
        for code, figures in found.items()
    ]
    rows.sort(key=lambda row: -(row[order[0]] or 0))
    columns = [Column("group", ui("column.industry_group"))]
    columns += [number_column(one, method_name(reader, one), FINANCED) for one in order]
    view = TableView(tuple(columns), tuple(rows), ("financed_emission",))
    finding = ui(
        "finding.groups",
        method=method_name(reader, order[0]),
        group=rows[0]["group"],
        share=share(rows[0][order[0]], summed(rows, order[0])),
    )
    chart = plots.horizontal_bars(view, "group", [Series(one) for one in order], finding)
    return Panel("groups", ui("panel.groups"), finding, chart, view, note=ui("note.scope_differs"))


def _quality(reader: Reader) -> Panel:
    found = grouped(reader.rows("data_quality"), "method", "calculation_method")
    order = [one for one in reader.settings.finance_methods if any(pair[0] == one for pair in found)]
    kinds = [one for one in _CALCULATIONS if any(pair[1] == one for pair in found)]
    wholes = {one: summed(reader.rows("data_quality", method=one), "emission") for one in order}
    rows: list[dict[str, Any]] = []
    for method in order:
        row: dict[str, Any] = {"method": method_name(reader, method), "key": method}
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
            number_column(
                kind + suffix,
                code_label("calculation", kind) + ui(f"suffix{suffix or '_none'}"),
                unit,
                decimals=places,
            )
            for kind in kinds
        ]
    view = TableView(tuple(columns), tuple(rows), ("data_quality",))
    reported = [
        kind for kind in kinds if kind in ("verified_report", "unverified_report", "energy", "product")
    ]
    own = sum((rows[0][f"{kind}_share"] or Decimal(0) for kind in reported), Decimal(0))
    finding = ui("finding.quality", method=rows[0]["method"], share=f"{own:.1f}%")
    series = [Series(f"{kind}_share") for kind in kinds]
    chart = plots.horizontal_bars(view, "method", series, finding, stacked=True)
    return Panel("quality", ui("panel.quality"), finding, chart, view)


_CALCULATIONS = ("verified_report", "unverified_report", "energy", "product", "economic", "fallback", "none")


def _percent(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    return None if part is None or not whole else part * 100 / whole
