"""Panels on borrowers and labels: who was matched, which labels hold, transition standing, evaluation."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lvshu.publish import plots
from lvshu.publish.display import Absence
from lvshu.publish.model import Column, Panel, TableView, in_unit, number_column
from lvshu.publish.panels.base import (
    MONEY,
    Row,
    amount,
    grouped,
    named,
    panel_or_reason,
    share,
    short_amount,
    summed,
)
from lvshu.publish.panels.finance_cells import hidden, least, shown
from lvshu.publish.plots import Series
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, code_label, column_label, joined, same, ui, value_label

LEDGER = ("loan", "loan_balance")
STATUSES = ("matched", "natural_person", "review", "unknown")
THEMES = ("green", "digital", "technology", "elderly_care")
VERDICTS = (
    "correct",
    "suspected_correct",
    "suspected_missing",
    "missing",
    "wrong",
    "excess",
    "not_checkable",
)
DOUBTS = (("suspected_missing", "--c5"), ("missing", "--c2"), ("wrong", "--c3"), ("excess", "--c6"))
STANDINGS = ("advanced", "entry_met", "below_entry", "value_not_loaded", "unit_differs", "no_value")
DIFFERENCES = ("indicator_value", "own_mean", "own_difference", "peer_mean", "peer_difference")


def panels(reader: Reader) -> tuple[Panel, ...]:
    """Return the panels on borrowers and labels, in the order of the page."""
    return (
        panel_or_reason(reader, "matching", table="match_coverage", needs=LEDGER, build=_matching),
        panel_or_reason(reader, "label_check", table="label_reconciliation", needs=LEDGER, build=_labels),
        panel_or_reason(reader, "transition", table="transition_standing", needs=LEDGER, build=_transition),
        panel_or_reason(reader, "evaluation", table="evaluation_score", needs=("evaluation_indicator",),
                        build=_evaluation),
    )  # fmt: skip


def _matching(reader: Reader) -> Panel:
    groups = _large_enough(grouped(reader.rows("match_coverage"), "status", "matched_by"), least(reader))
    whole = summed(reader.rows("match_coverage"), "outstanding_amount")
    rows = [_match_row(keys, group, whole) for keys, group in groups]
    columns = (
        Column("name", ui("column.match")),
        number_column("amount", column_label("match_coverage", "outstanding_amount"), MONEY, decimals=1),
        number_column("share", ui("column.share"), "%", decimals=2),
        number_column("loans", ui("column.loans"), "1", decimals=0),
    )
    view = TableView(columns, tuple(rows), ("match_coverage",))
    open_rows = [row for row in reader.rows("match_coverage") if row["status"] in ("unknown", "review")]
    matched = summed(reader.rows("match_coverage", status="matched"), "outstanding_amount")
    finding = ui(
        "finding.matching", share=share(matched or Decimal(0), whole),
        value=short_amount(summed(open_rows, "outstanding_amount") or Decimal(0), "CNY", MONEY),
    )  # fmt: skip
    chart = plots.horizontal_bars(view, "name", [Series("amount")], finding)
    return Panel("matching", ui("panel.matching"), finding, chart, view, note=ui("note.matching"))


def _large_enough(
    groups: dict[tuple[Any, ...], list[Row]], minimum: int
) -> list[tuple[list[tuple[str, str]], list[Row]]]:
    """Return groups by status and means, those of too few loans taken together with the next larger of their side."""

    def size(one: tuple[list[tuple[str, str]], list[Row]]) -> int:
        return sum(row["loans"] for row in one[1])

    def side(one: tuple[list[tuple[str, str]], list[Row]]) -> bool:
        return one[0][0][0] == "matched"

    kept = [([keys], list(group)) for keys, group in groups.items()]
    while len(kept) > 1 and size(min(kept, key=size)) < minimum:
        small = min(kept, key=size)
        kept.remove(small)
        other = min(kept, key=lambda one: (side(one) != side(small), size(one)))
        kept.remove(other)
        kept.append((sorted(small[0] + other[0]), small[1] + other[1]))
    return sorted(kept, key=lambda one: (STATUSES.index(one[0][0][0]), -size(one)))


def _match_row(keys: list[tuple[str, str]], group: list[Row], whole: Decimal | None) -> dict[str, Any]:
    names = [_match_name(status, means) for status, means in keys]
    part = summed(group, "outstanding_amount")
    return {
        "name": joined(names), "key": tuple(keys), "amount": in_unit(part, "CNY", MONEY),
        "loans": sum(row["loans"] for row in group),
        "share": None if part is None or not whole else part * 100 / whole,
    }  # fmt: skip


def _match_name(status: str, means: str) -> Text:
    first = value_label("loan_match", "status", status)
    if means == "none":
        return first
    return ui("row.match", status=first, means=value_label("loan_match", "matched_by", means))


def _labels(reader: Reader) -> Panel:
    found, minimum = reader.rows("label_reconciliation"), least(reader)
    rows: list[dict[str, Any]] = []
    for (theme, basis), group in grouped(found, "theme", "basis").items():
        parts = [[row for row in group if row["verdict"] == one] for one in VERDICTS]
        secret = hidden([sum(row["loans"] for row in part) for part in parts], minimum)
        row: dict[str, Any] = {
            "theme": _theme(theme, basis),
            "key": f"{theme}/{basis}",
            "order": (basis != "purpose", THEMES.index(theme)),
        }
        for place, (verdict, part) in enumerate(zip(VERDICTS, parts, strict=True)):
            money = in_unit(summed(part, "outstanding_amount"), "CNY", MONEY) if part else Decimal(0)
            row[verdict] = shown(money, place, secret)
            row[f"{verdict}_loans"] = shown(sum(one["loans"] for one in part), place, secret)
        rows.append(row)
    rows.sort(key=lambda row: row["order"])
    columns = [Column("theme", column_label("label_reconciliation", "theme"))]
    columns += [number_column(one, value_label("label_reconciliation", "verdict", one), MONEY, decimals=1)
                for one in VERDICTS]  # fmt: skip
    columns += [number_column(f"{one}_loans", value_label("label_reconciliation", "verdict", one) + ui("suffix_loans"),
                              "1", decimals=0) for one in VERDICTS]  # fmt: skip
    view = TableView(tuple(columns), tuple(rows), ("label_reconciliation",))
    finding = _labels_finding(reader, found)
    chart = plots.horizontal_bars(view, "theme", [Series(*one) for one in DOUBTS], finding, stacked=True)
    return Panel("label_check", ui("panel.label_check"), finding, chart, view, note=ui("note.label_check"))


def _theme(theme: str, basis: str) -> Text:
    return ui("row.theme", theme=value_label("label_reconciliation", "theme", theme),
              basis=value_label("label_reconciliation", "basis", basis))  # fmt: skip


def _labels_finding(reader: Reader, found: list[Row]) -> Text:
    main = [row for row in found if (row["theme"], row["basis"]) == ("green", "purpose")] or found
    tested = [row for row in main if row["verdict"] != "not_checkable"]
    right = [row for row in tested if row["verdict"] in ("correct", "suspected_correct")]
    whole = summed(main, "outstanding_amount")
    return ui(
        "finding.label_check", theme=value_label("label_reconciliation", "theme", main[0]["theme"]),
        tested=share(summed(tested, "outstanding_amount") or Decimal(0), whole),
        right=share(summed(right, "outstanding_amount") or Decimal(0), summed(tested, "outstanding_amount")),
    )  # fmt: skip


def _transition(reader: Reader) -> Panel:
    minimum = least(reader)
    found = reader.rows("transition_standing")
    used = [one for one in STANDINGS if any(row["standing"] == one for row in found)]
    rows: list[dict[str, Any]] = []
    for (industry,), group in grouped(found, "industry").items():
        parts = [[row for row in group if row["standing"] == one] for one in used]
        secret = hidden([_enterprises(part) for part in parts], minimum)
        row: dict[str, Any] = {
            "industry": _industry(reader, industry),
            "key": industry,
            "enterprises": _enterprises(group),
        }
        for place, (standing, part) in enumerate(zip(used, parts, strict=True)):
            row[standing] = shown(_enterprises(part), place, secret)
            money = summed(list({one["uscc"]: one for one in part}.values()), "outstanding_amount")
            row[f"{standing}_amount"] = shown(in_unit(money, "CNY", MONEY), place, secret)
        rows.append(row)
    rows.sort(key=lambda row: -row["enterprises"])
    if 0 < min(row["enterprises"] for row in rows) < minimum:
        rows = [row for row in rows if row["enterprises"] >= minimum]
    columns = [Column("industry", column_label("transition_standing", "industry"))]
    columns += [
        number_column(one, value_label("transition_standing", "standing", one), "1", decimals=0)
        for one in used
    ]
    columns += [number_column(f"{one}_amount",
                              value_label("transition_standing", "standing", one) + ui("suffix_balance"), MONEY)
                for one in used]  # fmt: skip
    view = TableView(tuple(columns), tuple(rows), ("transition_standing",))
    judged = [row for row in found if row["standing"] in ("advanced", "entry_met", "below_entry")]
    flagged = len({row["plan_id"] for row in reader.rows("transition_check", result="flagged")})
    waiting = _enterprises([row for row in found if row["standing"] == "value_not_loaded"])
    finding = ui(
        "finding.transition", count=_enterprises(found), judged=_enterprises(judged), flagged=flagged, waiting=waiting
    )  # fmt: skip
    drawn = [Series(one) for one in used]
    counted = ui("column.borrowers")
    chart = plots.horizontal_bars(view, "industry", drawn, finding, stacked=True, counted=counted)
    return Panel("transition", ui("panel.transition"), finding, chart, view, note=ui("note.transition"))


def _enterprises(rows: list[Row]) -> int:
    return len({row["uscc"] for row in rows})


def _industry(reader: Reader, code: str) -> Text:
    for row in reader.pack_rows("shanghai_transition_catalogue", industry=code):
        return named(row["name_zh"], row["name_en"], code)
    return same(code)


def _evaluation(reader: Reader) -> Panel:
    month = max(row["month"] for row in reader.rows("evaluation_score"))
    found = sorted(
        reader.rows("evaluation_score", month=month),
        key=lambda row: (_rule(reader, row["indicator"])[0], row["place"] or 0, row["institution_id"]),
    )
    rows: list[dict[str, Any]] = [
        {"institution": row["institution_id"], "indicator": _rule(reader, row["indicator"])[1],
         **{key: row[key] for key in DIFFERENCES}, "place": row["place"],
         "score": row["score"] if row["score_status"] == "available" else Absence.NOT_APPLICABLE}
        for row in found
    ]  # fmt: skip
    columns = (
        Column("institution", column_label("evaluation_score", "institution_id"), code=True),
        Column("indicator", column_label("evaluation_score", "indicator")),
        *(number_column(key, column_label("evaluation_score", key), "%", decimals=2) for key in DIFFERENCES),
        number_column("place", column_label("evaluation_score", "place"), "1", decimals=0),
        number_column("score", column_label("evaluation_score", "score"), "1"),
    )
    view = TableView(columns, tuple(rows), ("evaluation_score",))
    first = [row for row in found if row["indicator"] == found[0]["indicator"]]
    values = [row["indicator_value"] for row in first if row["indicator_value"] is not None]
    finding = ui(
        "finding.evaluation", month=month, indicator=rows[0]["indicator"], institutions=len(first),
        low=amount(min(values, default=None) or Decimal(0), "%", "%"),
        high=amount(max(values, default=None) or Decimal(0), "%", "%"),
    )  # fmt: skip
    drawn = TableView(columns, tuple(rows[: len(first)]), view.source)
    series = [Series("indicator_value"), Series("own_mean", "--c5")]
    chart = plots.horizontal_bars(drawn, "institution", series, finding)
    scored = any(row["score_status"] == "available" for row in found)
    note = ui("note.evaluation_scored") if scored else ui("note.evaluation")
    return Panel("evaluation", ui("panel.evaluation"), finding, chart, view, note=note)


def _rule(reader: Reader, indicator: str) -> tuple[int, Text]:
    for place, row in enumerate(reader.pack_rows("green_finance_evaluation")):
        if row["code"] == indicator:
            return place, named(row["name_zh"], row["name_en"], indicator)
    return 99, code_label("indicator", indicator)
