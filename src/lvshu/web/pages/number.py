"""One number of a page: what it is of, which rows of the book it is made from, and where those come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, get_origin
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, ValidationError

from lvshu.core.errors import InputError, Problem
from lvshu.core.units import registry
from lvshu.pipeline.explain import Explanation, explain
from lvshu.publish.display import Absence, exact
from lvshu.publish.model import Cell, Column, Panel, TableView, number_column
from lvshu.publish.reader import Reader
from lvshu.publish.texts import (
    Text,
    column_label,
    contract_of,
    same,
    table_label,
    ui,
    unit_label,
    value_label,
)
from lvshu.web.context import Context, PageQuery
from lvshu.web.number_parts import Divided, divided
from lvshu.web.number_ratio import as_ratio
from lvshu.web.number_trace import Condition, Trace, based, labelled, trace
from lvshu.web.pages import explain as whole
from lvshu.web.pages.page import Page
from lvshu.web.security.cells import is_closed, protected
from lvshu.web.view import Link, Origin, PageView
from lvshu.web.words import word

ERRORS = ("standard_error", "error", "low", "high", "quality", "quality_score", "mark")
"""Columns beside a number that tell how sure it is."""
SAMPLE = 8


class NumberQuery(PageQuery):
    """Which number."""

    at: str = Field(
        min_length=1,
        max_length=2000,
        pattern=r"^/[^\x00-\x1f]*$",
        description="address of the page that shows it",
    )
    table: str = Field(
        min_length=1, max_length=120, pattern=r"^[\w.-]+$", description="the panel it stands in"
    )
    row: int = Field(ge=0, le=1_000_000, description="place of its row, from 0")
    column: str = Field(min_length=1, max_length=120, pattern=r"^[\w.:-]+$", description="key of its column")
    label: str = Field(
        default="", max_length=300, description="first words of the row: where it moved, it is sought by them"
    )
    fragment: bool = Field(default=False, description="only the explanation, without the page around it")


def page_of(pages: Sequence[Page]) -> Page:
    """Return the page that explains a number of one of the pages."""
    known = {page.path: page for page in pages}

    def build(context: Context, query: NumberQuery) -> PageView:
        """Return where one number of a page comes from.

        Raises:
            InputError: no such page or number, or whoever asks may not see the page.
        """
        return _built(context, query, known)

    return Page("/explain/number", "explain_number", build, NumberQuery)


def _built(context: Context, query: NumberQuery, known: Mapping[str, Page]) -> PageView:
    view, asked = _shown(context, query, known)
    panel = next((one for one in view.panels if one.id == query.table and one.table is not None), None)
    place = _place(panel.table, query) if panel is not None and panel.table is not None else None
    if panel is None or panel.table is None or place is None:
        raise InputError(Problem("web.no_such_number", values={"address": query.at, "table": query.table}))
    row = panel.table.rows[place]
    column = next((one for one in panel.table.columns if one.key == query.column), None)
    if column is None or column.kind != "number":
        raise InputError(Problem("web.no_such_number", values={"address": query.at, "table": query.table}))
    cell = row.get(column.key)
    own_row = {} if place in panel.table.totals else row
    made = view.origin(panel.id, place, column.key) if view.origin is not None else None
    traces = (
        []
        if _absent(cell)
        else _traces(context, panel.table, own_row, asked, cell, column)
        if made is None
        else _bases(context, made, cell, row, panel.table, column)
    )
    base = _explained(context, panel.table.source, traces)
    figure = _told(cell, column)
    facts = [
        (word("number.value"), figure),
        (word("number.column"), column.label),
        *((one.label, text) for one, text in _labels(panel.table, row)),
        *((one.label, _told(row.get(one.key), one)) for one in _errors(panel.table, row, column.key)),
        (
            word("number.stands"),
            Text(f"{view.title.zh} · {panel.title.zh}", f"{view.title.en} · {panel.title.en}"),
        ),
        *(made.facts if made is not None else ()),
        (
            word("number.traced"),
            _sentence(traces, cell, bool(panel.table.source)) if made is None else made.told,
        ),
    ]
    own = _trace_panel(traces)
    # errors of one number stand in its own row; those of all headlines behind its table are not its parts
    rest = tuple(one for one in base.panels if one.id != "uncertainty_parts") if base is not None else ()
    return PageView(
        id="number",
        title=Text(f"{column.label.zh}：{figure.zh}", f"{column.label.en}: {figure.en}"),
        lead=base.lead if base is not None else panel.title,
        panels=(*own, *rest),
        template="explain.html.j2",
        data={**(base.data if base is not None else _NOTHING), "facts": facts},
        facts={
            "kind": "number",
            "value": None if _absent(cell) else str(exact(cell)),  # type: ignore[arg-type]
            "unit": column.unit,
            "address": query.at,
            "panel": panel.id,
            "column": column.key,
            "row": {one.key: text.en for one, text in _labels(panel.table, row)},
            "traces": [
                {
                    "table": one.table,
                    "where": one.where,
                    "rows": one.rows,
                    "column": one.column,
                    "how": one.how,
                    "over": one.over,
                    "without": one.without,
                }
                for one in traces
            ],
        },
        crumbs=(Link(view.title, urlsplit(query.at).path, parse_qs(urlsplit(query.at).query)),),
    )


_NOTHING: Mapping[str, Any] = {"found": None, "card": None, "steps": []}


def _shown(
    context: Context, query: NumberQuery, known: Mapping[str, Page]
) -> tuple[PageView, dict[str, str]]:
    """Return the page that shows the number, as whoever asks may see it, and what its address asks for or leaves to it.

    Raises:
        InputError: web.no_such_number, web.may_not.
    """
    parts = urlsplit(query.at)
    page = known.get(parts.path)
    missing = InputError(Problem("web.no_such_number", values={"address": query.at, "table": query.table}))
    if page is None:
        raise missing
    if not context.person.has(page.needs):
        raise InputError(Problem("web.may_not", values={"right": whole.word_of_right(page.needs)}))
    given: dict[str, Any] = {}
    for name, values in parse_qs(parts.query).items():
        field = page.query.model_fields.get(name)
        if field is not None and name not in ("lang", "run", "all"):
            given[name] = values if get_origin(field.annotation) in (list, tuple) else values[-1]
    try:
        asked = page.query.model_validate({**given, "lang": context.language, "run": context.run})
    except ValidationError:
        raise missing from None
    there = replace(
        context, path=page.path, query=asked.model_dump(exclude_defaults=True), asked=asked.model_dump()
    )
    view = protected(there, page.build(there, asked))
    chosen = {
        name: view.facts[name] for name in page.query.model_fields if isinstance(view.facts.get(name), str)
    }
    return view, {**{name: value for name, value in chosen.items() if value}, **_words_of(asked)}


def _words_of(asked: PageQuery) -> dict[str, str]:
    """Return the words that an address asks for, by their names; numbers, such as years and levers, name no rows."""
    return {
        name: value
        for name, value in asked.model_dump(exclude={"lang", "run", "panel"}).items()
        if isinstance(value, str) and value
    }


def _place(table: TableView, query: NumberQuery) -> int | None:
    """Return the place of the row that is meant: that told, or where its first words stand now."""

    shown = [cells[0] for cells in table.shown()]

    def named(place: int) -> bool:
        return _plain(query.label) in {_plain(shown[place].zh), _plain(shown[place].en)}

    if not query.label:
        return query.row if query.row < len(table.rows) else None
    if query.row < len(table.rows) and named(query.row):
        return query.row
    return next((place for place in range(len(table.rows)) if named(place)), None)


def _plain(text: str) -> str:
    return "".join(text.split())


def _absent(cell: Cell) -> bool:
    return cell is None or isinstance(cell, (Absence, Text, str, bool))


def _told(cell: Cell, column: Column) -> Text:
    """Return a cell in full with its unit; what is not there, in words."""
    if cell is None or isinstance(cell, Absence):
        return word(f"number.absent.{(cell or Absence.MISSING).name.lower()}")
    if isinstance(cell, (Text, str)):
        return cell if isinstance(cell, Text) else same(cell)
    return whole.in_full(cell, column.unit)


def _labels(table: TableView, row: Mapping[str, Cell]) -> list[tuple[Column, Text]]:
    """Return the words of a row: what the number is of."""
    found = []
    for column in table.columns:
        cell = row.get(column.key)
        if (
            column.kind != "number"
            and not column.link
            and isinstance(cell, (Text, str))
            and column.key != "raw_record"
        ):
            text = cell if isinstance(cell, Text) else same(cell)
            if text.zh or text.en:
                found.append((column, text))
    return found


def _errors(table: TableView, row: Mapping[str, Cell], own: str) -> list[Column]:
    return [
        one
        for one in table.columns
        if one.key != own and one.kind == "number" and one.key in ERRORS and not _absent(row.get(one.key))
    ]


def _traces(
    context: Context,
    table: TableView,
    row: Mapping[str, Cell],
    asked: Mapping[str, str],
    cell: Cell,
    column: Column,
) -> list[Trace]:
    """Return the trace of a number in each table that its panel was drawn from, as far as whoever asks may see rows."""
    labels = {one.key: text for one, text in _labels(table, row)}
    value, unit = exact(cell), _unit_of(column, labels)  # type: ignore[arg-type]
    shown = frozenset(one.key for one in table.columns)
    found = []
    for name in table.source:
        if is_closed(name) and not context.person.sees_records:
            continue

        def split(reader: Reader, name: str = name) -> Divided:
            return divided(reader, name)

        parts = context.made(("divided", name), split)
        with context.workbench.shelf.reading(context.run or None) as reader:
            if not reader.book.has(name):
                continue
            made = [
                trace(reader, name, parts, conditions, value, unit, column.key, column.label)
                for conditions in _ways(parts, labels, asked, column, row)
            ]
            known = next((one for one in made if one.column or one.how == "count"), None)
            contract = contract_of(name)
            if known is None and contract is not None:
                ratios = (as_ratio(reader, contract, one, value, unit, shown) for one in made)
                known = next((one for one in ratios if one is not None), None)
        found.append(known or made[-1])
    return sorted(found, key=lambda one: (one.how in ("labels", "none"), one.how == "none"))


def _ways(
    parts: Divided,
    labels: Mapping[str, Text],
    asked: Mapping[str, str],
    column: Column,
    row: Mapping[str, Cell],
) -> list[list[Condition]]:
    """Return which rows a number may be of, the likeliest first: by its row, its column's name and the address.

    The name of a column may say a class and a measure (高碳：期末余额), its key a code (energy_share), the key of a row
    which period it is of.
    """
    own = {f"column:{column.key}": column.label, f"key:{column.key}": same(column.key)}
    said = [one.strip() for one in column.label.zh.split(ui("separator").zh)]
    meant = [one.strip() for one in column.label.en.split(ui("separator").en)]
    if len(said) == len(meant) > 1:
        own |= {
            f"column:{column.key}:{at}": Text(*pair) for at, pair in enumerate(zip(said, meant, strict=True))
        }
    codes = [
        one for values in parts.values.values() for one in values if one and column.key.startswith(f"{one}_")
    ]
    if codes:  # verified_report_share: the share of a code's rows
        own["key:code"] = same(max(codes, key=len))
    if isinstance(row.get("key"), str):
        own["key:row"] = same(str(row["key"]))
    of_page = [value for name, value in asked.items() if value in parts.values.get(name, {})]
    ways: list[list[Condition]] = []
    for more, further in ((own, of_page), (own, []), ({}, of_page), ({}, [])):
        conditions = labelled(parts, {**labels, **more}, further)
        if conditions not in ways:
            ways.append(conditions)
    return ways


def _unit_of(column: Column, labels: Mapping[str, Text]) -> str:
    """Return the unit of a number: of its column, else as its row tells it in words; "" where neither does."""
    told = labels.get("unit")
    if column.unit not in ("", "1") or told is None:
        return column.unit
    return next((one for one in registry() if unit_label(one) == told), "")


def _bases(
    context: Context, made: Origin, cell: Cell, row: Mapping[str, Cell], table: TableView, column: Column
) -> list[Trace]:
    """Return the rows that a page made a number from, as far as whoever asks may see them."""
    value = exact(cell)  # type: ignore[arg-type]
    unit = _unit_of(column, {one.key: text for one, text in _labels(table, row)})
    with context.workbench.shelf.reading(context.run or None) as reader:
        return [
            based(reader, one.table, one.conditions, one.column, value, unit)
            for one in made.bases
            if reader.book.has(one.table) and (context.person.sees_records or not is_closed(one.table))
        ]


def _explained(context: Context, sources: Sequence[str], traces: Sequence[Trace]) -> PageView | None:
    """Return the explanation of the table that the number is from, narrowed to its rows where they are known."""
    best = traces[0] if traces else None
    name = best.table if best is not None else (sources[0] if sources else "")
    if not name:
        return None
    if best is None or not best.rows:
        return whole.build(context, whole.ExplainQuery(target=name))
    target = f"{name}.{best.column}" if best.column else name

    def made(reader: Reader) -> Explanation:
        return explain(reader.book, target, where=best.where, rows=SAMPLE)  # type: ignore[arg-type]

    return whole.page(context.made(("explain number", target, best.where), made), context)


def _trace_panel(traces: Sequence[Trace]) -> tuple[Panel, ...]:
    rows: list[dict[str, Cell]] = [
        {
            "table": table_label(one.table),
            "name": one.table,
            "rows_of": _conditions(one) or word("number.every_row"),
            "rows": one.rows,
            "column": _measured(one) if one.column else Absence.NOT_APPLICABLE,
            "how": word(f"number.how.{one.how}"),
        }
        for one in traces
    ]
    if not rows:
        return ()
    columns = (
        Column("table", word("column.table")),
        Column("name", word("column.code"), code=True),
        Column("rows_of", word("number.rows_of")),
        number_column("rows", word("column.rows"), "1", decimals=0),
        Column("column", word("column.column")),
        Column("how", word("number.how")),
    )
    return (Panel("traces", word("number.traces"), table=TableView(columns, tuple(rows), ())),)


def _measured(one: Trace) -> Text:
    """Return which column makes the number; of a ratio numerator and denominator."""
    own = column_label(one.table, one.column)
    if not one.over:
        return own
    over = column_label(one.table, one.over)
    if one.without:
        left = whole.without_language(column_label(one.table, one.without))
        over = word("number.over_every", column=over, part=left)
    return own + same(" ÷ ") + over


def _conditions(one: Trace) -> Text:
    """Return which rows are meant, in words: column = value, those found by the sum marked."""
    zh, en = [], []
    for condition in one.conditions:
        label = whole.without_language(column_label(one.table, condition.column))
        value = _value(one.table, condition)
        mark = "" if condition.told else "*"
        zh.append(f"{label.zh} = {value.zh}{mark}")
        en.append(f"{label.en} = {value.en}{mark}")
    return Text("；".join(zh), "; ".join(en))


def _value(table: str, condition: Condition) -> Text:
    """Return what the value of a condition is called: a class by its code and name, a coded word by its name alone."""
    if condition.among:
        return condition.called or same(", ".join(condition.among))
    if condition.value is None:
        return same("–")
    name = condition.called or value_label(table, condition.column, condition.value)
    is_class = not any(sign.islower() for sign in condition.value)
    if not is_class or condition.value in name.zh or condition.column.endswith("zh"):
        return name
    return same(f"{condition.value} ") + name


def _sentence(traces: Sequence[Trace], cell: Cell, has_source: bool) -> Text:
    """Return in one sentence how the number hangs together with the book."""
    if isinstance(cell, Absence) or cell is None:
        return word("number.nothing_to_trace")
    if not has_source:
        return word("number.of_page")
    found = next((one for one in traces if one.column or one.how == "count"), None)
    if found is None:
        is_known = any(one.how == "labels" for one in traces)
        return word("number.only_labels") if is_known else word("number.no_labels")
    values = {
        "table": table_label(found.table),
        "rows": f"{found.rows:,}",
        "column": _measured(found) if found.column else same(""),
    }
    told = word(f"number.found.{found.how}", **values)
    return told + word("number.found_by_sum") if any(not one.told for one in found.conditions) else told
