"""The loan book: by institution, product, industry, label, quality or class, and down to single loans."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from lvshu.core.errors import InputError, Problem
from lvshu.core.money import half_away
from lvshu.engine.duckdb import quote, text_literal
from lvshu.publish import plots
from lvshu.publish.display import Absence
from lvshu.publish.model import Cell, Column, Panel, TableView, in_unit, number_column
from lvshu.publish.panels.base import named, short_amount
from lvshu.publish.panels.names import group_name, method_name
from lvshu.publish.plots import Series
from lvshu.publish.reader import Reader
from lvshu.publish.texts import NO_TEXT, Text, code_label, same, value_label
from lvshu.web.context import Context, PageQuery, RowsQuery
from lvshu.web.pages.data import ROWS, rows_of, window
from lvshu.web.pages.page import Page
from lvshu.web.pages.wings import finance_tabs
from lvshu.web.security.cells import seen_finance
from lvshu.web.security.loan_book import BALANCE, CODES, LOANS, contributor, emission_of, loans_from
from lvshu.web.security.loan_views import LEDGER_WAYS as WAYS
from lvshu.web.security.loan_views import WHOLE, LoanFigures
from lvshu.web.security.panel_figures import Figure
from lvshu.web.view import Choice, Link, PageView
from lvshu.web.words import word

MONEY, EMISSION = "1e8 CNY", "1e4 tCO2e"
DRAWN = 20
CODE = r"^[\w.*:-]*$"
NONE = "–"
PERSONS = "individual"
"""Loans of natural persons without a purpose by industry: an industry does not apply to them."""
LOAN_COLUMNS = {
    "loan_id": "l",
    "institution_id": "l",
    "borrower_name": "l",
    "product_type": "l",
    "green_label": "l",
    "outstanding_amount": "s",
    "scope_status": "s",
    "reason": "s",
    "emission": "a",
    "quality_score": "a",
}
"""Columns of single loans, each with the table it is taken from: ledger, scope, attributed emissions."""


class LedgerQuery(PageQuery):
    """How the loan book is divided, and by which accounting method its emissions are counted."""

    by: Literal["institution", "product", "industry", "group", "label", "quality", "status"] = Field(
        default="institution", description="what the loans are grouped by"
    )
    method: str = Field(
        default="", max_length=40, pattern=CODE, description="accounting method; empty: the first of the run"
    )


class LoansQuery(LedgerQuery, RowsQuery):
    """Which loans."""

    value: str = Field(
        default="", max_length=80, pattern=r"^[^\x00-\x1f]*$", description="the group; – for those without"
    )


def method_of(reader: Reader, asked: str) -> str:
    """Return the accounting method asked for; where none is, the run's first.

    Raises:
        InputError: the run has no such method.
    """
    known = reader.settings.finance_methods
    if asked and asked not in known:
        raise InputError(
            Problem("web.no_such_choice", values={"name": "method", "value": asked, "known": list(known)})
        )
    return asked or known[0]


def is_there(reader: Reader) -> bool:
    """Return whether the book has a loan ledger with its scope."""
    return bool(reader.count("loan") and reader.count("loan_scope"))


def grouped(reader: Reader, by: str, method: str) -> list[dict[str, Any]]:
    """Return the loan book by one of its sides: loans, borrower groups, balance, emission; largest balance first."""
    rows = reader.book.engine.execute(  # type: ignore[attr-defined]
        f"SELECT {CODES[by]} AS code, count(*), count(DISTINCT {contributor(reader)}), sum(s.outstanding_amount), "
        f"sum(a.emission), count(a.emission), count(s.outstanding_amount) {loans_from(reader, method)} GROUP BY 1 "
        "ORDER BY 4 DESC NULLS LAST, 1",
        table="loan",
    )
    keys = ("code", "loans", "borrowers", "balance", "emission", "counted", "with_balance")
    return [dict(zip(keys, row, strict=True)) for row in rows]


def label_of(reader: Reader, by: str, code: str | None) -> Text:
    """Return what a group is called."""
    if code is None:
        return word(f"ledger.without.{by}")
    if by == "institution":
        names = {row["institution_id"]: row["institution_name"] for row in institutions(reader)}
        return named(names.get(code), names.get(code), code) + same(f" ({code})")
    if by == "industry" and code == PERSONS:
        return word("ledger.persons")
    if by == "industry":
        found = reader.pack_rows("gbt4754_2017", code=code)
        return (
            named(found[0]["name_zh"], found[0]["name_en"], code) + same(f" ({code})")
            if found
            else same(code)
        )
    if by == "group":
        return group_name(reader, code)
    if by == "label":
        card = reader.packs.get(code, {})
        return named(card.get("zh"), card.get("en"), code)
    if by == "quality":
        return word("ledger.score", score=code)
    return value_label(
        "loan" if by == "product" else "loan_scope",
        "product_type" if by == "product" else "scope_status",
        code,
    )


def institutions(reader: Reader) -> list[dict[str, Any]]:
    """Return the institutions of the ledger with their names."""
    rows = reader.book.engine.execute(  # type: ignore[attr-defined]
        "SELECT institution_id, min(institution_name) FROM loan GROUP BY 1 ORDER BY 1", table="loan"
    )
    return [{"institution_id": row[0], "institution_name": row[1]} for row in rows]


def build(context: Context, query: LedgerQuery) -> PageView:
    """Return the page."""
    least = 0 if context.person.sees_records else context.workbench.options.least_units
    method = context.made(("method", query.method), lambda reader: method_of(reader, query.method))
    figures = seen_finance(context).figures
    panel = context.made(
        ("ledger", query.by, method, least), lambda reader: _panel(reader, query.by, method, least, figures)
    )
    methods = _methods(context)
    return PageView(
        "ledger", word("ledger.title"), word("ledger.lead"), (panel,),
        crumbs=(Link(word("nav.finance"), "/finance"),), tabs=finance_tabs("/finance/ledger"),
        choices=(
            Choice("by", word("ledger.by"), tuple((one, word(f"ledger.by.{one}")) for one in WAYS), query.by),
            Choice("method", word("column.accounting_method"), tuple(methods), method),
        ),
        facts={"by": query.by, "method": method},
    )  # fmt: skip


def _panel(reader: Reader, by: str, method: str, least: int, figures: LoanFigures) -> Panel:
    title = word("ledger.of", way=word(f"ledger.by.{by}"), method=method_name(reader, method))
    if not is_there(reader):
        return Panel("ledger", title, empty=reader.why_empty("loan_scope", ("loan", "loan_balance"), title))
    found = grouped(reader, by, method)
    found, gone = _by_what_is_shown(
        found, [_withheld(figures, ((by, method, row["code"]),), method) for row in found]
    )
    rows = [_row(reader, by, method, row, hidden) for row, hidden in zip(found, gone, strict=True)]
    whole = {key: sum((row[key] or Decimal(0)) for row in found) for key in ("loans", "balance", "emission")}
    rows.append(_total(whole, any(row["counted"] for row in found), _withheld(figures, WHOLE, method)))
    for place, row in enumerate(found):
        is_known = whole["balance"] and row["balance"] is not None
        share = 100 * row["balance"] / whole["balance"] if is_known else None
        rows[place]["share"] = Absence.SUPPRESSED if "balance" in gone[place] else share
    columns = (
        Column("group", word(f"ledger.by.{by}")),
        number_column("loans", word("column.loans"), "1", decimals=0),
        number_column("borrowers", word("ledger.borrowers"), "1", decimals=0),
        number_column("balance", word("column.year_end_balance"), MONEY, decimals=2),
        number_column("share", word("column.share"), "%", decimals=1),
        number_column("emission", word("ledger.emission"), EMISSION, decimals=2),
        *(() if least else (Column("open", word("ledger.loans"), link=True),)),
    )
    view = TableView(
        columns, tuple(rows), ("loan_scope", "loan", "attributed_emission"), totals=frozenset({len(rows) - 1})
    )
    count = sum(bool(hidden) for hidden in gone)
    note = _covered(found) + (
        word("ledger.hidden", count=count, least=least) if count else word("ledger.note")
    )
    method_card = reader.method_of("loan_scope")
    largest = next((place for place in range(len(found)) if "balance" not in gone[place]), None)
    if largest is None:
        return Panel("ledger", title, table=view, note=note, method=method_card)
    finding = word(
        "ledger.finding_shown" if any("balance" in one for one in gone) else "ledger.finding",
        name=rows[largest]["group"],
        value=short_amount(found[largest]["balance"], "CNY", MONEY),
        share=_share_told(rows[largest]["share"], rows[-1]["share"]),
    )
    if len(found) > DRAWN:
        drawn = word("ledger.drawn", drawn=DRAWN, count=len(found))
        note = Text(note.zh + drawn.zh, f"{note.en} {drawn.en}")
    chart = plots.horizontal_bars(view, "group", [Series("balance")], finding, top=min(DRAWN, len(rows) - 1))
    return Panel("ledger", title, finding, chart, view, note=note, method=method_card)


def _by_what_is_shown(
    found: list[dict[str, Any]], gone: list[frozenset[str]]
) -> tuple[list[dict[str, Any]], list[frozenset[str]]]:
    """Return the groups, those with a withheld balance last and by their code: the place of a row tells its size."""
    pairs = list(zip(found, gone, strict=True))
    shown = [pair for pair in pairs if "balance" not in pair[1]]
    hidden = [pair for pair in pairs if "balance" in pair[1]]
    hidden.sort(key=lambda pair: (pair[0]["code"] is None, str(pair[0]["code"])))
    ordered = shown + hidden
    return [pair[0] for pair in ordered], [pair[1] for pair in ordered]


def _withheld(figures: LoanFigures, figure: Figure, method: str) -> frozenset[str]:
    """Return the columns of a row that are withheld: each measure by itself, counts together."""
    gone = {"loans": LOANS, "borrowers": LOANS, "balance": BALANCE, "emission": emission_of(method)}
    return frozenset(column for column, measure in gone.items() if figures.hides(measure, figure))


def _share_told(share: object, whole: object) -> Text:
    """Return a group's share of all balances as a sentence goes on; empty where it, or the whole, is not shown."""
    if not isinstance(share, Decimal) or not isinstance(whole, Decimal):
        return NO_TEXT
    return word("ledger.finding_share", share=f"{half_away(share, 1):f}")


def _total(whole: dict[str, Any], has_emission: bool, gone: frozenset[str]) -> dict[str, Any]:
    """Return the row of the whole loan book."""
    shown = {
        "loans": whole["loans"],
        "balance": in_unit(whole["balance"], "CNY", MONEY),
        "emission": in_unit(whole["emission"], "tCO2e", EMISSION) if has_emission else None,
    }
    return {
        "group": word("row.all"),
        **{key: Absence.SUPPRESSED if key in gone else value for key, value in shown.items()},
        "borrowers": Absence.NOT_APPLICABLE,
        "share": Absence.SUPPRESSED if "balance" in gone else Decimal(100),
        "open": same(""),
    }


def _covered(found: list[dict[str, Any]]) -> Text:
    """Return how many of the loans the totals cover: those with a balance, those with attributed emissions."""
    counts = {key: sum(row[key] for row in found) for key in ("loans", "with_balance", "counted")}
    return word("ledger.covers", **{key: f"{count:,}" for key, count in counts.items()})


def _row(reader: Reader, by: str, method: str, row: dict[str, Any], gone: frozenset[str]) -> dict[str, Any]:
    code = row["code"]
    shown = {
        "loans": row["loans"],
        "borrowers": row["borrowers"],
        "balance": in_unit(row["balance"], "CNY", MONEY),
        "emission": in_unit(row["emission"], "tCO2e", EMISSION) if row["counted"] else None,
    }
    return {
        "group": label_of(reader, by, code),
        **{key: Absence.SUPPRESSED if key in gone else value for key, value in shown.items()},
        "open": word("ledger.open"),
        "href:open": (
            "/finance/loans",
            {"by": by, "method": method, "value": NONE if code is None else code},
        ),
    }


def _methods(context: Context) -> list[tuple[str, Text]]:
    """Return code and name of the run's accounting methods."""
    return context.made(
        "methods", lambda reader: [(one, method_name(reader, one)) for one in reader.settings.finance_methods]
    )


def loans(context: Context, query: LoansQuery) -> PageView:
    """Return the page with single loans of a group."""
    method = context.made(("method", query.method), lambda reader: method_of(reader, query.method))
    key = ("loans", query.by, query.value, method, query.page)
    panel, count = rows_of(context, query, key, lambda reader: _loans(reader, query, method))
    title = context.made(("label", query.by, query.value), lambda reader: _title(reader, query))
    back = {"by": query.by, "method": query.method}
    return PageView(
        "loans", title, word("ledger.loans_lead"), (panel,), template="pages.html.j2",
        crumbs=(Link(word("nav.finance"), "/finance"), Link(word("ledger.title"), "/finance/ledger", back)),
        data={"page_number": query.page, "has_more": count > ROWS * query.page, "has_all": True},
        facts={"by": query.by, "value": query.value, "method": method, "loans": count},
        state=(
            *(((word(f"ledger.by.{query.by}"), title),) if query.value else ()),
            (word("column.accounting_method"), dict(_methods(context))[method]),
        ),
    )  # fmt: skip


def _title(reader: Reader, query: LoansQuery) -> Text:
    if not query.value or not is_there(reader):
        return word("ledger.loans")
    return label_of(reader, query.by, None if query.value == NONE else query.value)


def _loans(reader: Reader, query: LoansQuery, method: str) -> tuple[Panel, int]:
    title = word("ledger.loans")
    if not is_there(reader):
        return Panel("loans", title, empty=reader.why_empty("loan_scope", ("loan", "loan_balance"), title)), 0
    expression = CODES[query.by]
    condition = "" if not query.value else f" WHERE {expression} " + (
        "IS NULL" if query.value == NONE else f"= {text_literal(query.value)}"
    )  # fmt: skip
    execute = reader.book.engine.execute  # type: ignore[attr-defined]
    count = int(execute(f"SELECT count(*) {loans_from(reader, method)}{condition}", table="loan")[0][0])
    limit, offset = window(query, count)
    shown = ", ".join(f"{side}.{quote(name)}" for name, side in LOAN_COLUMNS.items())
    found = execute(
        f"SELECT {shown} {loans_from(reader, method)}{condition} "
        f"ORDER BY s.outstanding_amount DESC NULLS LAST, l.loan_id LIMIT {limit} OFFSET {offset}",
        table="loan",
    )
    rows = tuple(_loan(dict(zip(LOAN_COLUMNS, row, strict=True))) for row in found)
    title = word("ledger.count", rows=f"{count:,}")
    if not rows:
        empty = word("page.beyond", pages=-(-count // ROWS)) if count else word("ledger.no_loans")
        return Panel("loans", title, empty=empty), count
    columns = (
        Column("loan_id", word("ledger.loan"), code=True),
        Column("institution_id", word("ledger.by.institution"), code=True),
        Column("borrower_name", word("ledger.borrower")),
        Column("product_type", word("ledger.by.product")),
        Column("green_label", word("ledger.by.label"), code=True),
        number_column("outstanding_amount", word("column.year_end_balance"), "1e4 CNY", decimals=2),
        Column("scope_status", word("column.scope_status")),
        Column("reason", word("column.reason")),
        number_column("emission", word("ledger.emission"), "tCO2e", decimals=2),
        number_column("quality_score", word("ledger.by.quality"), "1"),
    )
    view = TableView(
        columns, rows, ("loan", "loan_scope", "attributed_emission"), left_out=max(0, count - len(rows))
    )
    return Panel("loans", title, table=view), count


def _loan(row: dict[str, Any]) -> dict[str, Cell]:
    absent = Absence.NOT_APPLICABLE if row["scope_status"] == "out" else None  # in scope a figure is missing
    return {
        "loan_id": row["loan_id"],
        "href:loan_id": ("/explain", {"target": row["loan_id"]}),
        "institution_id": row["institution_id"],
        "borrower_name": row["borrower_name"] or Absence.MISSING,
        "product_type": value_label("loan", "product_type", row["product_type"] or NONE),
        "green_label": row["green_label"] or Absence.NOT_APPLICABLE,
        "outstanding_amount": in_unit(row["outstanding_amount"], "CNY", "1e4 CNY"),
        "scope_status": code_label("scope_status", row["scope_status"]),
        "reason": code_label("reason", row["reason"]) if row["reason"] else same("–"),
        "emission": absent if row["emission"] is None else row["emission"],
        "quality_score": absent if row["quality_score"] is None else row["quality_score"],
    }


PAGES = (
    Page("/finance/ledger", "ledger", build, LedgerQuery),
    Page("/finance/loans", "loans", loans, LoansQuery, needs="records"),
)
