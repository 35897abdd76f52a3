"""The tables of the filings, each from one table of the book, for one institution or for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from lvshu.publish.display import Absence, exact
from lvshu.publish.filings import own_views, pcaf_views
from lvshu.publish.filings.context import ALL, Asked
from lvshu.publish.filings.words import word
from lvshu.publish.model import Column, TableView, in_unit, number_column
from lvshu.publish.panels.base import FINANCED, MONEY, grouped, named, summed
from lvshu.publish.panels.names import group_name, method_name
from lvshu.publish.reader import packaged
from lvshu.publish.texts import NO_TEXT, Text, code_label, column_label, joined, same, value_label

Row = dict[str, Any]
LEAST_CLIENTS = (
    3  # a cell of fewer is joined to others: the usual frequency rule of statistical disclosure control
)
CELLS = "cell_client"
EXCLUDING = frozenset({"no_balance", "after_year", "unknown_borrower", "unknown_industry"})
PUBLIC = frozenset(
    {"jrt0227", "pcaf", "issb_s2"}
)  # reports that are published, where a cell of one client shows it
SCOPES = ("emission", "scope1", "scope2", "scope_unsplit", "scope3")
METHODS = "finance_methods"
INTENSITY = "tCO2e/1e4 CNY"


def view(code: str, asked: Asked) -> TableView | None:
    """Return a table of a filing by its code; None where the book has no row for it."""
    made = VIEWS[code](asked) if code in VIEWS else None
    return made if made is not None and made.rows else None


def _percent(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    return None if part is None or not whole else part * 100 / whole


def _capital(asked: Asked) -> TableView:
    found = grouped(asked.rows("capital_by_carbon_class"), "carbon_class")
    whole = summed(asked.rows("capital_by_carbon_class"), "outstanding_end")
    table = "capital_by_carbon_class"
    rows = [
        {
            "class": code_label("carbon_class", key[0]),
            "loans": sum(row["loans"] or 0 for row in group),
            "begin": None if _unknown(group) else in_unit(summed(group, "outstanding_begin"), "CNY", MONEY),
            "end": in_unit(summed(group, "outstanding_end"), "CNY", MONEY),
            "share": _percent(summed(group, "outstanding_end"), whole),
        }
        for key, group in found.items()
    ]
    columns = (
        Column("class", column_label(table, "carbon_class")),
        number_column("loans", column_label(table, "loans"), "1", decimals=0),
        number_column("begin", column_label(table, "outstanding_begin"), MONEY, decimals=2),
        number_column("end", column_label(table, "outstanding_end"), MONEY, decimals=2),
        number_column("share", word("share"), "%", decimals=1),
    )
    return TableView(columns, tuple(rows), (table,))


def _unknown(group: Sequence[Row]) -> bool:
    """Return whether some loans have no balance at the year's begin: their sum would not be the balance."""
    return any(row["loans_begin_unknown"] for row in group)


def _emission_row(group: Sequence[Row], exposure: str, known: str = "exposure_estimated") -> Row:
    emission, whole, estimated = (summed(group, name) for name in ("emission", exposure, known))
    intensity = None if emission is None or not estimated else emission * 10_000 / estimated
    row: Row = {name: in_unit(summed(group, name), "tCO2e", FINANCED) for name in SCOPES}
    return {
        "loans": sum(one["loans"] or 0 for one in group),
        "exposure": in_unit(whole, "CNY", MONEY),
        **row,
        "intensity": intensity,
    }


def _emission_columns(table: str, exposure: str) -> list[Column]:
    return [
        number_column("loans", column_label(table, "loans"), "1", decimals=0),
        number_column("exposure", column_label(table, exposure), MONEY, decimals=2),
        *(number_column(name, column_label(table, name), FINANCED, decimals=4) for name in SCOPES),
        number_column("intensity", word("intensity"), INTENSITY, decimals=4),
    ]


def _financed_by(key: str, label: Callable[[Asked, str], Text]) -> Callable[[Asked], TableView]:
    def made(asked: Asked) -> TableView:
        table = "financed_emission"
        found = dict(grouped(asked.rows(table, method=asked.method), key))
        others: list[Row] = []
        if asked.report in PUBLIC:
            found, others = _large_enough(found, _cells(asked, key, accounted=True))
        rows = [
            {"name": label(asked, str(code[0])), **_emission_row(group, "exposure")}
            for code, group in found.items()
        ]
        rows.sort(key=lambda row: -(row["emission"] or 0))
        if others:
            rows.append({"name": word("others"), **_emission_row(others, "exposure")})
        columns = (Column("name", column_label(table, key)), *_emission_columns(table, "exposure"))
        note = word("small", least=LEAST_CLIENTS) if others else NO_TEXT
        return TableView(columns, (*rows, _total(asked.rows(table, method=asked.method), "exposure")), (table,),
                         totals=frozenset({len(rows)}), note=note)  # fmt: skip

    return made


def _total(rows: Sequence[Row], exposure: str) -> Row:
    return {"name": word("total"), "class": word("total"), **_emission_row(rows, exposure)}


def _methods(asked: Asked) -> TableView:
    table = "financed_emission"
    found = grouped(asked.rows(table), "method")
    order = [one for one in asked.reader.settings.finance_methods if (one,) in found]
    rows = [
        {"name": method_name(asked.reader, one), **_emission_row(found[(one,)], "exposure")} for one in order
    ]
    columns = (Column("name", column_label(table, "method")), *_emission_columns(table, "exposure"))
    return TableView(columns, tuple(rows), (table,))


def _class_row(group: Sequence[Row]) -> Row:
    row = _emission_row(group, "gross_exposure", "included_exposure")
    included, whole = summed(group, "included_exposure"), summed(group, "gross_exposure")
    times = summed(group, "exposure_times_score")
    included_loans = sum(one["loans_estimated"] or 0 for one in group)
    score = times / included if times is not None and included else None
    emission = summed(group, "emission")
    intensity = None if emission is None or not included else emission * 10_000 / included
    return {**row, "included": _percent(included, whole), "score": score, "intensity": intensity,
            "loans_included": included_loans}  # fmt: skip


def _class_columns() -> list[Column]:
    table = "financed_emission_class"
    columns = _emission_columns(table, "gross_exposure")
    return [
        *columns[:2],
        number_column("included", column_label(table, "included_exposure"), "%", decimals=1),
        *columns[2:],
        number_column("score", word("score"), "1", decimals=2),
    ]


def _by_class(asked: Asked) -> TableView:
    table = "financed_emission_class"
    found = grouped(asked.rows(table, method=asked.method), "asset_class")
    rows = [
        {"class": value_label(table, "asset_class", key[0]), **_class_row(group)}
        for key, group in found.items()
    ]
    total = {"class": word("total"), **_class_row(asked.rows(table, method=asked.method))}
    columns = (Column("class", column_label(table, "asset_class")), *_class_columns())
    return TableView(columns, (*rows, total), (table,), totals=frozenset({len(rows)}))


def _by_division(asked: Asked) -> TableView:
    table = "financed_emission_class"
    groups = grouped(asked.rows(table, method=asked.method), "gbt4754_division")
    kept, others = _large_enough(groups, _cells(asked, "gbt4754_division"))
    rows = [{"name": _division(asked, str(key[0])), **_class_row(group)} for key, group in kept.items()]
    rows.sort(key=lambda row: -(row["emission"] or 0))
    if others:
        rows.append({"name": word("others"), **_class_row(others)})
    total = {"name": word("total"), **_class_row(asked.rows(table, method=asked.method))}
    note = word("small", least=LEAST_CLIENTS) if others else NO_TEXT
    columns = (Column("name", word("division")), *_class_columns())
    return TableView(columns, (*rows, total), (table,), totals=frozenset({len(rows)}), note=note)


def _matrix(asked: Asked) -> TableView:
    table = "financed_emission_class"
    everything = asked.rows(table, method=asked.method)
    rows: list[Row] = []
    joined = False
    for (asset_class,), group in grouped(everything, "asset_class").items():
        cells = _cells(asked, "gbt4754_division", asset_class=asset_class)
        kept, others = _large_enough(grouped(group, "gbt4754_division"), cells)
        label = value_label(table, "asset_class", asset_class)
        part = [
            {"class": label, "name": _division(asked, str(key[0])), **_class_row(one)}
            for key, one in kept.items()
        ]
        rows += sorted(part, key=lambda row: -(row["emission"] or 0))
        if others:
            joined = True
            rows.append({"class": label, "name": word("others"), **_class_row(others)})
    total = {"class": word("total"), "name": same(""), **_class_row(everything)}
    columns = (
        Column("class", column_label(table, "asset_class")),
        Column("name", word("division")),
        *_class_columns(),
    )
    note = word("small", least=LEAST_CLIENTS) if joined else NO_TEXT
    return TableView(columns, (*rows, total), (table,), totals=frozenset({len(rows)}), note=note)


def _cells(
    asked: Asked, key: str, *, accounted: bool = False, asset_class: str = ""
) -> dict[tuple[Any, ...], list[Row]]:
    """Return the cells of clients by the values of a column, for the method and institution asked of."""
    rows = asked.rows(CELLS, method=asked.method)
    return grouped(
        [
            row
            for row in rows
            if (row["accounted"] or not accounted) and asset_class in ("", row["asset_class"])
        ],
        key,
    )


def _clients(cells: Sequence[Row]) -> int:
    """Return how many different clients stand behind some cells, counted up to `LEAST_CLIENTS`.

    Exact below that: a cell of two clients or one is known by its first and last.
    """
    if any((cell["clients"] or 0) >= LEAST_CLIENTS for cell in cells):
        return LEAST_CLIENTS
    return min(len({cell[end] for cell in cells for end in ("first_client", "last_client")}), LEAST_CLIENTS)


def _large_enough(
    groups: Mapping[tuple[Any, ...], list[Row]], cells: Mapping[tuple[Any, ...], list[Row]]
) -> tuple[dict[tuple[Any, ...], list[Row]], list[Row]]:
    """Return the groups shown apart and the rows of all others, which together have enough clients where possible.

    Args:
        groups: rows to be shown, by the values of their key.
        cells: rows of cell_client by the same key.
    """
    ordered = sorted(
        groups.items(),
        key=lambda pair: (
            _clients(cells.get(pair[0], [])), sum(row["loans"] or 0 for row in pair[1]), str(pair[0]),
        ),
    )  # fmt: skip
    others: list[Row] = []
    behind: list[Row] = []
    kept: dict[tuple[Any, ...], list[Row]] = {}
    for key, group in ordered:
        mine = cells.get(key, [])
        if _clients(mine) < LEAST_CLIENTS or (others and _clients(behind) < LEAST_CLIENTS):
            others += group
            behind += mine
        else:
            kept[key] = group
    return kept, others


def _division(asked: Asked, code: str) -> Text:
    if code == "none":
        return word("unknown")
    for row in asked.reader.pack_rows("gbt4754_2017", code=code):
        return same(f"{code} ") + named(row.get("name_zh"), row.get("name_en"), code)
    return same(code)


def _coverage(asked: Asked) -> TableView:
    table = "loan_coverage"
    rows = asked.rows(table, method=asked.method)
    whole = summed(rows, "outstanding_amount")
    found = [
        _covered(value_label(table, "scope_status", key[0]), group, whole)
        for key, group in grouped(rows, "scope_status").items()
    ]
    columns = (Column("name", column_label(table, "scope_status")), *_covered_columns(table))
    return TableView(columns, tuple(found), (table,))


def _exclusions(asked: Asked) -> TableView:
    table = "loan_coverage"
    rows = asked.rows(table, method=asked.method)
    whole = summed(rows, "outstanding_amount")
    out = [row for row in rows if row["scope_status"] != "in"]
    found = [
        _covered(value_label("loan_scope", "reason", key[0]), group, whole)
        for key, group in grouped(out, "reason").items()
    ]
    columns = (Column("name", column_label(table, "reason")), *_covered_columns(table))
    other = asked.method == "pcaf_2022" and asked.reader.count("asset_class_emission")
    return TableView(columns, tuple(found), (table,), note=word("elsewhere") if other else NO_TEXT)


def _covered(name: Text, group: Sequence[Row], whole: Decimal | None) -> Row:
    amount = summed(group, "outstanding_amount")
    return {
        "name": name,
        "loans": sum(row["loans"] or 0 for row in group),
        "amount": in_unit(amount, "CNY", MONEY),
        "share": _percent(amount, whole),
    }


def _covered_columns(table: str) -> tuple[Column, ...]:
    return (
        number_column("loans", column_label(table, "loans"), "1", decimals=0),
        number_column("amount", column_label(table, "outstanding_amount"), MONEY, decimals=2),
        number_column("share", word("share"), "%", decimals=1),
    )


def _quality(asked: Asked) -> TableView:
    table = "data_quality"
    rows = asked.rows(table, method=asked.method)
    whole = summed(rows, "emission")
    found = []
    for (kind, score), group in grouped(rows, "calculation_method", "quality_score").items():
        emission = summed(group, "emission")
        found.append(
            {
                "kind": code_label("calculation", kind),
                "score": Absence.NOT_APPLICABLE if score is None else exact(score),
                "loans": sum(row["loans"] or 0 for row in group),
                "exposure": in_unit(summed(group, "exposure"), "CNY", MONEY),
                "emission": in_unit(emission, "tCO2e", FINANCED),
                "share": _percent(emission, whole),
            }
        )
    found.sort(key=lambda row: str(row["score"]))
    columns = (
        Column("kind", column_label(table, "calculation_method")),
        number_column("score", column_label(table, "quality_score"), "1", decimals=0),
        number_column("loans", column_label(table, "loans"), "1", decimals=0),
        number_column("exposure", column_label(table, "exposure"), MONEY, decimals=2),
        number_column("emission", column_label(table, "emission"), FINANCED, decimals=4),
        number_column("share", word("share"), "%", decimals=1),
    )
    return TableView(columns, tuple(found), (table,))


def _finance_gap(asked: Asked) -> TableView:
    """Return the kinds of gap: of the whole book, or of an institution's own records where the book has others too."""
    table, note = "finance_gap", word("whole_book")
    institutions = {row["institution_id"] for row in asked.reader.rows("loan_coverage")}
    if asked.institution != ALL and institutions - {asked.institution, ALL}:
        table, note = "finance_gap_record", word("own_gaps")
        rows = _own_gaps(asked)
    else:
        rows = [row for row in asked.reader.rows(table) if row["method"] in ("*", asked.method)]
    found = [
        {
            "code": code_label("finance_gap", row["code"]),
            "loans": row["loans"],
            "amount": in_unit(row["outstanding_amount"], "CNY", MONEY),
            "emission": in_unit(row["emission"], "tCO2e", FINANCED),
            "effect": in_unit(row["effect"], "tCO2e", FINANCED),
        }
        for row in rows
    ]
    columns = (
        Column("code", column_label(table, "code")),
        number_column("loans", column_label(table, "loans"), "1", decimals=0),
        number_column("amount", column_label(table, "outstanding_amount"), MONEY, decimals=2),
        number_column("emission", column_label(table, "emission"), FINANCED, decimals=4),
        number_column("effect", column_label(table, "effect"), FINANCED, decimals=4),
    )
    return TableView(columns, tuple(found), (table,), note=_together([note, *_gap_notes(asked, rows)]))


def _gap_notes(asked: Asked, rows: Sequence[Row]) -> list[Text]:
    """Return what the table of gaps must say: what an effect is, and why it differs from the table of exclusions."""
    first: dict[str, int] = {}
    for row in asked.rows("loan_coverage", method=asked.method):
        if row["scope_status"] != "in":
            first[row["reason"]] = first.get(row["reason"], 0) + (row["loans"] or 0)
    unlike = [row for row in rows if row["code"] in EXCLUDING and row["loans"] != first.get(row["code"], 0)]
    parts = [
        word(
            "gap_part",
            gap=code_label("finance_gap", row["code"]),
            here=row["loans"],
            there=first.get(row["code"], 0),
        )
        for row in unlike
    ]
    notes = [word("gap_effect")] if any(row["effect"] is not None for row in rows) else []
    return [*notes, word("gaps_overlap", parts=joined(parts))] if parts else notes


def _together(notes: Sequence[Text]) -> Text:
    there = [note for note in notes if note.zh]
    return Text(
        "；".join(note.zh.rstrip("。") for note in there), "; ".join(note.en.rstrip(".") for note in there)
    )


def _own_gaps(asked: Asked) -> list[Row]:
    """Return the gaps of one institution by kind, summed over its own records."""
    records = [row for row in asked.rows("finance_gap_record") if row["method"] in ("*", asked.method)]
    return [
        {
            "code": code,
            "loans": sum(row["loans"] or 0 for row in group),
            "outstanding_amount": summed(group, "outstanding_amount"),
            "emission": summed(group, "emission"),
            "effect": summed(group, "effect"),
        }
        for (code,), group in grouped(records, "code").items()
    ]


def _facility(asked: Asked) -> TableView | None:
    """Return the quarterly figures of the carbon-reduction facility, where the book has them."""
    table = "facility_disclosure"
    rows = [row for row in asked.rows(table, whole=asked.institution != ALL) if row["field"] == "all"]
    found = [
        {
            "institution": same(row["institution_id"]),
            "quarter": same(row["quarter"]),
            "window": value_label(table, "window", row["window"]),
            "projects": row["projects"],
            "amount": in_unit(row["amount"], "CNY", "1e4 CNY"),
            "rate": row["weighted_rate"],
            "abatement": row["annual_abatement"],
        }
        for row in rows
    ]
    if not found:
        return None
    columns = (
        Column("institution", column_label(table, "institution_id")),
        Column("quarter", column_label(table, "quarter")),
        Column("window", column_label(table, "window")),
        number_column("projects", column_label(table, "projects"), "1", decimals=0),
        number_column("amount", column_label(table, "amount"), "1e4 CNY", decimals=2),
        number_column("rate", column_label(table, "weighted_rate"), "%", decimals=2),
        number_column("abatement", column_label(table, "annual_abatement"), "tCO2e", decimals=2),
    )
    return TableView(columns, tuple(found), (table,))


def _methodology(asked: Asked) -> TableView:
    rows = asked.reader.pack_rows(METHODS, code=asked.method)
    names = {one.name: Text(one.zh, one.en) for one in packaged()[METHODS].card.columns}
    pairs = [
        (names.get(key, same(key)), code_label("method_choice", row[key]))
        for row in rows
        for key in ("exposure", "balance_average", "non_project_denominator", "project_denominator", "quality_weight",
                    "clause", "confidence", "source")
        if row[key]
    ]  # fmt: skip
    notes = [(word("note"), named(row["note_zh"], row["note_en"], "")) for row in rows]
    columns = (Column("key", word("line")), Column("text", word("method")))
    found = tuple({"key": key, "text": text} for key, text in (*pairs, *notes))
    return TableView(columns, found, (f"pack_{METHODS}",))


VIEWS: Mapping[str, Callable[[Asked], TableView | None]] = {
    "capital": _capital,
    "by_group": _financed_by("industry_group", lambda asked, code: group_name(asked.reader, code)),
    "by_branch": _financed_by(
        "branch_code", lambda _, code: word("unknown") if code == "none" else same(code)
    ),
    "methods": _methods,
    "by_class": _by_class,
    "by_division": _by_division,
    "matrix": _matrix,
    "coverage": _coverage,
    "exclusions": _exclusions,
    "quality": _quality,
    "calculation": _quality,
    "finance_gap": _finance_gap,
    "facility": _facility,
    "methodology": _methodology,
    "physical": pcaf_views.physical,
    "phase_in": pcaf_views.phase_in,
    "facilitated": pcaf_views.facilitated,
    "insured": pcaf_views.insured,
    "own_consumption": lambda asked: own_views.account(asked, "consumption"),
    "own_emission": lambda asked: own_views.account(asked, "emission"),
    "own_factors": own_views.factors,
    "evaluation": own_views.evaluation,
    "evaluation_history": own_views.evaluation_history,
}
