"""Panels on the benefit of green projects: by type and indicator, claims, the facility, green bonds."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from lvshu.publish import plots
from lvshu.publish.display import Absence, Value, exact
from lvshu.publish.model import Column, Panel, TableView, in_unit, number_column
from lvshu.publish.panels.base import MONEY, Row, grouped, named, panel_or_reason, share, short_amount, summed
from lvshu.publish.panels.finance_cells import hidden, least, shown
from lvshu.publish.plots import Series
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, code_label, column_label, ui, unit_label, value_label

PROJECTS = ("green_project",)
CLAIMED = ("benefit_claim",)
GAS = "greenhouse_gas"
TONNES = "1e4 tCO2e"
CLAIMS = (
    ("within", "--c1"),
    ("above", "--c2"),
    ("above_share", "--c5"),
    ("unit_slip", "--c3"),
    ("unit_refused", "--c6"),
    ("unknown_indicator", "--c7"),
    ("not_computed", "--c8"),
)
DOUBTFUL = frozenset({"above", "above_share", "unit_slip", "unit_refused"})
FIELDS = ("clean_energy", "energy_saving", "carbon_reduction_technology")
WINDOWS = ("quarter", "year_to_date", "since_inception")


def panels(reader: Reader) -> tuple[Panel, ...]:
    """Return the panels on benefits, in the order of the page."""
    return (
        panel_or_reason(reader, "benefit", table="project_benefit", needs=PROJECTS, build=_types,
                        useful=lambda row: row["indicator"] == GAS),
        panel_or_reason(reader, "benefit_indicators", table="project_benefit", needs=PROJECTS, build=_indicators),
        panel_or_reason(reader, "benefit_claims", table="benefit_claim_check",
                        needs=PROJECTS if reader.missing(PROJECTS) else CLAIMED, build=_claims),
        panel_or_reason(reader, "facility", table="facility_disclosure", needs=("facility_loan",), build=_facility),
        panel_or_reason(reader, "green_bond", table="green_bond_proceeds", needs=("green_bond", "green_bond_use"),
                        build=_proceeds),
        panel_or_reason(reader, "green_bond_benefit", table="green_bond_indicator",
                        needs=("green_bond", "green_bond_use"), build=_bond_indicators),
    )  # fmt: skip


def _projects(rows: list[Row]) -> int:
    return len({row["project_id"] for row in rows})


def _sums(
    computed: list[Row], attributed: list[Row], change: Callable[[Any], Decimal | None]
) -> dict[str, Any]:
    """Return the benefit, its interval (errors of projects as independent, as in the total), and the loans' part."""
    whole, part = summed(computed, "quantity"), summed(attributed, "quantity")
    half = _half_width(computed)
    known = whole is not None and half is not None
    return {
        "quantity": change(whole), "low": change(whole - half) if known else None,  # type: ignore[operator]
        "high": change(whole + half) if known else None, "part": change(part),  # type: ignore[operator]
        "share": None if part is None or not whole else part * 100 / whole,
    }  # fmt: skip


def _half_width(computed: list[Row]) -> Decimal | None:
    """Return half the width of the interval of a sum; None where a project states no error."""
    if not computed or any(row["low"] is None or row["high"] is None for row in computed):
        return None
    return sum((((exact(row["high"]) - exact(row["low"])) / 2) ** 2 for row in computed), Decimal(0)).sqrt()


def _tonnes(value: Any) -> Decimal | None:
    return in_unit(value, "tCO2e", TONNES)


def _by_stage(found: list[Row]) -> tuple[str, list[Row]]:
    """The stage that more projects have: operated before designed where both have as many."""
    stages = {one: [row for row in found if row["stage"] == one] for one in ("ex_post", "ex_ante")}
    stage = max(stages, key=lambda one: _projects(stages[one]))
    return stage, stages[stage]


def _types(reader: Reader) -> Panel:
    stage, found = _by_stage(reader.rows("project_benefit", indicator=GAS))
    shares = [
        row
        for row in reader.rows("benefit_share", indicator=GAS, stage=stage)
        if row["status"] == "attributed"
    ]
    groups = grouped(found, "project_type")
    counted = [[row for row in group if row["status"] == "computed"] for group in groups.values()]
    secret = hidden([_projects(computed) for computed in counted], least(reader))
    rows: list[dict[str, Any]] = []
    for place, ((kind,), group) in enumerate(groups.items()):
        computed = counted[place]
        mine = {row["project_id"] for row in computed}
        figures = _sums(computed, [row for row in shares if row["project_id"] in mine], _tonnes)
        row = {"name": _kind(reader, kind), "key": kind, "projects": _projects(group),
               **{one: _projects([row for row in group if row["status"] == one]) for one in ("incomplete", "refused")},
               **{key: shown(value, place, secret) for key, value in figures.items()}}  # fmt: skip
        rows.append(row)
    rows.sort(key=lambda row: -(row["quantity"] if isinstance(row["quantity"], Decimal) else Decimal(-1)))
    columns = _benefit_columns(Column("name", ui("column.project_type")), TONNES)
    view = TableView(columns, tuple(rows), ("project_benefit", "benefit_share"))
    drawn = TableView(
        columns, tuple(row for row in rows if isinstance(row["quantity"], Decimal)), view.source
    )
    finding = _benefit_finding(reader, stage, found, shares)
    chart = plots.horizontal_bars(drawn, "name", [Series("quantity", low="low", high="high"), Series("part", "--c5")],
                                  finding) if drawn.rows else None  # fmt: skip
    return Panel("benefit", ui("panel.benefit"), finding, chart, view, note=ui("note.benefit"))


def _benefit_finding(reader: Reader, stage: str, found: list[Row], shares: list[Row]) -> Text:
    interval: Row = next(iter(reader.rows("uncertainty", indicator="project_benefit_greenhouse_gas")), {})
    low, high = interval.get("low"), interval.get("high")
    computed = [row for row in found if row["status"] == "computed"]
    between = ui("finding.no_interval") if low is None or high is None else ui(
        "finding.interval", low=_in_tonnes(exact(low)), high=_in_tonnes(exact(high))
    )  # fmt: skip
    whole, part = summed(computed, "quantity"), summed(shares, "quantity")
    over = reader.rows("benefit_share", indicator=GAS, stage=stage, status="over_investment")
    return ui(
        "finding.benefit", stage=value_label("project_benefit", "stage", stage), interval=between,
        projects=_projects(computed), value=_in_tonnes(whole), part=_in_tonnes(part),
        refused=_projects([row for row in found if row["status"] == "refused"]), over=_projects(over),
    )  # fmt: skip


def _in_tonnes(value: Decimal | None) -> Text:
    return share(None, None) if value is None else short_amount(value, "tCO2e", TONNES)


def _benefit_columns(name: Column, unit: str) -> tuple[Column, ...]:
    return (
        name,
        number_column("quantity", ui("column.benefit"), unit),
        number_column("low", ui("column.low"), unit),
        number_column("high", ui("column.high"), unit),
        number_column("part", ui("column.loan_part"), unit),
        number_column("share", ui("column.loan_share"), "%", decimals=1),
        number_column("projects", ui("column.projects"), "1", decimals=0),
        number_column("incomplete", ui("column.incomplete"), "1", decimals=0),
        number_column("refused", ui("column.refused"), "1", decimals=0),
    )


def _kind(reader: Reader, code: str) -> Text:
    for row in reader.pack_rows("benefit_methods", code=code):
        return named(row["name_zh"], row["name_en"], code)
    return code_label("project_type", code)


def _indicator(reader: Reader, code: str) -> Text:
    for row in reader.pack_rows("benefit_indicators", code=code):
        return named(row["name_zh"], row["name_en"], code)
    return code_label("indicator", code)


def _indicators(reader: Reader) -> Panel:
    minimum = least(reader)
    shares = grouped([row for row in reader.rows("benefit_share") if row["status"] == "attributed"],
                     "indicator", "stage")  # fmt: skip
    rows: list[dict[str, Any]] = []
    for (indicator, stage), group in grouped(reader.rows("project_benefit"), "indicator", "stage").items():
        computed = [row for row in group if row["status"] == "computed"]
        secret = hidden([_projects(computed)], minimum)
        figures = _sums(computed, shares.get((indicator, stage), []), lambda value: value)
        rows.append({
            "name": _indicator(reader, indicator), "key": f"{indicator}/{stage}",
            "stage": value_label("project_benefit", "stage", stage),
            "unit": unit_label(group[0]["unit"]), "projects": _projects(group),
            **{one: _projects([row for row in group if row["status"] == one]) for one in ("incomplete", "refused")},
            **{key: shown(value, 0, secret) for key, value in figures.items()},
        })  # fmt: skip
    first, *others = _benefit_columns(Column("name", ui("column.indicator")), "1")
    columns = (
        first,
        Column("stage", column_label("project_benefit", "stage")),
        Column("unit", ui("column.unit")),
        *others,
    )
    view = TableView(columns, tuple(rows), ("project_benefit", "benefit_share"))
    finding = ui("finding.benefit_indicators", count=len({row["indicator"] for row in reader.rows("project_benefit")}),
                 projects=_projects(reader.rows("project_benefit")))  # fmt: skip
    return Panel(
        "benefit_indicators", ui("panel.benefit_indicators"), finding, None, view, note=ui("note.benefit")
    )


def _claims(reader: Reader) -> Panel:
    found = reader.rows("benefit_claim_check")
    rows: list[dict[str, Any]] = []
    for (channel,), group in grouped(found, "channel").items():
        row: dict[str, Any] = {
            "channel": value_label("benefit_claim", "channel", channel),
            "claims": len(group),
        }
        rows.append(row | {one: sum(1 for line in group if line["status"] == one) for one, _ in CLAIMS})
    rows.sort(key=lambda row: -row["claims"])
    columns = (
        Column("channel", column_label("benefit_claim", "channel")),
        number_column("claims", ui("column.claims"), "1", decimals=0),
        *(number_column(one, code_label("claim_status", one), "1", decimals=0) for one, _ in CLAIMS),
    )
    view = TableView(columns, tuple(rows), ("benefit_claim_check", "benefit_ledger"))
    ledger = reader.rows("benefit_ledger")
    doubtful = sum(1 for row in found if row["status"] in DOUBTFUL)
    twice = sum(1 for row in ledger if row["status"] in ("twice", "listed_twice"))
    finding = ui("finding.benefit_claims", claims=len(found), doubtful=doubtful, twice=twice, all=len(ledger))
    used = [Series(*one) for one in CLAIMS if any(row[one[0]] for row in rows)]
    chart = plots.horizontal_bars(view, "channel", used, finding, stacked=True, counted=ui("column.claims"))
    return Panel(
        "benefit_claims", ui("panel.benefit_claims"), finding, chart, view, note=ui("note.benefit_claims")
    )


def _facility(reader: Reader) -> Panel:
    """The latest quarter of each institution; the text above its table is of the institution with the most."""
    minimum = least(reader)
    latest: dict[str, str] = {}
    for row in reader.rows("facility_disclosure"):
        latest[row["institution_id"]] = max(row["quarter"], latest.get(row["institution_id"], ""))
    found = [
        row for row in reader.rows("facility_disclosure") if row["quarter"] == latest[row["institution_id"]]
    ]
    rows: list[dict[str, Any]] = []
    for (institution, window), group in grouped(found, "institution_id", "window").items():
        cells = {row["field"]: row for row in group}
        parts = [cells[one] for one in FIELDS if one in cells]
        secret = hidden([row["projects"] for row in parts], minimum)
        whole = cells["all"]
        figures = {"projects": whole["projects"], "amount": in_unit(whole["amount"], "CNY", MONEY),
                   "rate": _rate(whole["weighted_rate"]), "abatement": _tonnes(whole["annual_abatement"])}  # fmt: skip
        figures |= {row["field"]: shown(_tonnes(row["annual_abatement"]), place, secret)
                    for place, row in enumerate(parts)}  # fmt: skip
        few = hidden([whole["projects"]], minimum)
        rows.append({
            "name": ui("row.facility", institution=institution, quarter=latest[institution],
                       window=value_label("facility_disclosure", "window", window)),
            "key": f"{institution}/{window}", "order": (institution, WINDOWS.index(window)),
            **{key: shown(one, 0, few) for key, one in figures.items()},
        })  # fmt: skip
    rows.sort(key=lambda row: row["order"])
    columns = (
        Column("name", ui("column.institution_window")),
        number_column("projects", column_label("facility_disclosure", "projects"), "1", decimals=0),
        number_column("amount", column_label("facility_disclosure", "amount"), MONEY, decimals=2),
        number_column("rate", column_label("facility_disclosure", "weighted_rate"), "%", decimals=2),
        number_column(
            "abatement", column_label("facility_disclosure", "annual_abatement"), TONNES, decimals=2
        ),
        *(
            number_column(one, value_label("facility_disclosure", "field", one), TONNES, decimals=2)
            for one in FIELDS
        ),
    )
    view = TableView(columns, tuple(rows), ("facility_disclosure",))
    finding = _facility_text(found, minimum)
    drawn = TableView(
        columns, tuple(row for row in rows if isinstance(row["abatement"], Decimal)), view.source
    )
    chart = plots.horizontal_bars(drawn, "name", [Series("abatement")], finding) if drawn.rows else None
    return Panel("facility", ui("panel.facility"), finding, chart, view, note=ui("note.facility"))


def _rate(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value))


def _facility_text(found: list[Row], minimum: int) -> Text:
    wholes = [row for row in found if row["field"] == "all" and row["projects"] >= minimum]
    if not wholes:
        return ui("finding.facility_few")
    most = max(wholes, key=lambda row: (WINDOWS.index(row["window"]), row["amount"]))
    rate = most["weighted_rate"]
    return ui(
        "finding.facility", institution=most["institution_id"], projects=most["projects"], quarter=most["quarter"],
        window=value_label("facility_disclosure", "window", most["window"]),
        amount=short_amount(most["amount"], "CNY", MONEY),
        rate=ui("word.no_figure") if rate is None else f"{rate:.2f}%",
        abatement=_gas_text(most["annual_abatement"]),
    )  # fmt: skip


def _gas_text(value: Decimal | None) -> Text:
    return share(None, None) if value is None else short_amount(value, "tCO2e", "tCO2e")


def _proceeds(reader: Reader) -> Panel:
    year = max(row["year"] for row in reader.rows("green_bond_proceeds"))
    found = sorted(reader.rows("green_bond_proceeds", year=year), key=lambda row: -row["proceeds"])
    money = ("proceeds", "used_in_year", "used_to_date", "unused")
    rows: list[dict[str, Any]] = [
        {"bond": row["bond_id"], "key": row["bond_id"], **{key: in_unit(row[key], "CNY", MONEY) for key in money},
         "share": None if row["share_used"] is None else Decimal(repr(row["share_used"])) * 100,
         "projects": row["projects"], "status": code_label("bond_status", row["status"])}
        for row in found
    ]  # fmt: skip
    columns = (
        Column("bond", column_label("green_bond_proceeds", "bond_id"), code=True),
        *(number_column(key, column_label("green_bond_proceeds", key), MONEY, decimals=2) for key in money),
        number_column("share", column_label("green_bond_proceeds", "share_used"), "%", decimals=1),
        number_column("projects", column_label("green_bond_proceeds", "projects"), "1", decimals=0),
        Column("status", column_label("green_bond_proceeds", "status")),
    )
    view = TableView(columns, tuple(rows), ("green_bond_proceeds",))
    used, whole = summed(found, "used_to_date"), summed(found, "proceeds")
    finding = ui(
        "finding.green_bond", bonds=len(found), year=year, share=share(used or Decimal(0), whole),
        value=short_amount(whole, "CNY", MONEY), over=sum(row["status"] == "over_used" for row in found),
    )  # fmt: skip
    chart = plots.horizontal_bars(view, "bond", [Series("used_to_date", "--c1"), Series("unused", "--c5")], finding,
                                  stacked=True)  # fmt: skip
    return Panel("green_bond", ui("panel.green_bond"), finding, chart, view, note=ui("note.green_bond"))


def _bond_indicators(reader: Reader) -> Panel:
    """The bonds' part of their projects' benefits, all bonds together: a bond may pay for very few projects."""
    year = max(row["year"] for row in reader.rows("green_bond_indicator"))
    minimum = least(reader)
    rows: list[dict[str, Any]] = []
    for (indicator, stage), group in grouped(
        reader.rows("green_bond_indicator", year=year), "indicator", "stage"
    ).items():
        projects = sum(row["projects"] for row in group)
        quantity: Value = summed(group, "quantity")
        if 0 < projects < minimum:
            quantity = Absence.SUPPRESSED
        rows.append({
            "name": _indicator(reader, indicator), "key": f"{indicator}/{stage}",
            "stage": value_label("green_bond_indicator", "stage", stage),
            "quantity": quantity, "unit": unit_label(group[0]["unit"]), "bonds": len({row["bond_id"] for row in group}),
            "projects": projects, "without": sum(row["projects_without"] for row in group), "code": indicator,
        })  # fmt: skip
    rows.sort(key=lambda row: (row["code"] != GAS, row["code"]))
    columns = (
        Column("name", ui("column.indicator")), Column("stage", column_label("green_bond_indicator", "stage")),
        number_column("quantity", column_label("green_bond_indicator", "quantity"), "1"),
        Column("unit", ui("column.unit")), number_column("bonds", ui("column.bonds"), "1", decimals=0),
        number_column("projects", column_label("green_bond_indicator", "projects"), "1", decimals=0),
        number_column("without", column_label("green_bond_indicator", "projects_without"), "1", decimals=0),
    )  # fmt: skip
    view = TableView(columns, tuple(rows), ("green_bond_indicator",))
    gas = rows[0]["quantity"] if rows[0]["code"] == GAS else None
    finding = ui("finding.green_bond_benefit", year=year, count=len(rows),
                 value=_gas_text(gas if isinstance(gas, Decimal) else None))  # fmt: skip
    return Panel("green_bond_benefit", ui("panel.green_bond_benefit"), finding, None, view,
                 note=ui("note.green_bond_benefit"))  # fmt: skip
