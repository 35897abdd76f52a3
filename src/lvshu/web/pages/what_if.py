"""What if: sliders, and what the accounts answer at once; the whole scenario stands in the address."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
from pydantic import Field
from sqlalchemy import select

from lvshu.core.errors import InputError
from lvshu.publish import plots
from lvshu.publish.display import Absence, Value
from lvshu.publish.model import Cell, Column, Panel, TableView, in_unit, number_column
from lvshu.publish.panels.base import named, short_amount
from lvshu.publish.plots import Series
from lvshu.publish.reader import Reader
from lvshu.publish.texts import NO_TEXT, Text, joined, same, value_label
from lvshu.web.context import Context, PageQuery
from lvshu.web.pages.page import Page
from lvshu.web.pages.what_if_economy import economy_of, idle_levers, no_economy, own_rows
from lvshu.web.pages.what_if_origin import Scenario
from lvshu.web.scenario import CLOSED, GROUPS, Answer, Economy, Levers, answer, gap, investment
from lvshu.web.state import tables
from lvshu.web.view import PageView
from lvshu.web.words import word

MONEY, EMISSION, ENERGY = "1e8 CNY", "1e4 tCO2", "1e4 tce"
DRAWN = 14
CODE = r"^[A-Za-z0-9._-]*$"


class WhatIfQuery(PageQuery):
    """The levers of a scenario."""

    household: float = Field(
        default=0, ge=-50, le=50, allow_inf_nan=False, description="households' demand, change in percent"
    )
    government: float = Field(
        default=0, ge=-50, le=50, allow_inf_nan=False, description="government demand, change in percent"
    )
    investment: float = Field(
        default=0, ge=-50, le=50, allow_inf_nan=False, description="investment, change in percent"
    )
    export: float = Field(
        default=0, ge=-50, le=50, allow_inf_nan=False, description="exports, change in percent"
    )
    outflow: float = Field(
        default=0,
        ge=-50,
        le=50,
        allow_inf_nan=False,
        description="outflow to the rest of the country, percent",
    )
    power: float = Field(
        default=0,
        ge=0,
        le=100,
        allow_inf_nan=False,
        description="cut of local power's CO2 per output, percent",
    )
    grid: float = Field(
        default=0,
        ge=0,
        le=100,
        allow_inf_nan=False,
        description="cut of the grid factor of purchased electricity, percent",
    )
    recovery: float = Field(
        default=0,
        ge=0,
        le=100,
        allow_inf_nan=False,
        description="share of the loop's breaks that is closed, percent",
    )
    price: float = Field(
        default=0, ge=0, le=1000, allow_inf_nan=False, description="carbon price, CNY per tCO2"
    )
    pass_through: float = Field(
        default=100,
        ge=0,
        le=100,
        allow_inf_nan=False,
        description="share of the cost put into prices, percent",
    )
    moved: float = Field(
        default=0, ge=0, le=100_000, allow_inf_nan=False, description="investment moved, CNY 100 million"
    )
    moved_from: str = Field(
        default="", max_length=20, pattern=CODE, description="code of the sector that it is taken from"
    )
    moved_to: str = Field(
        default="", max_length=20, pattern=CODE, description="code of the sector that it goes to"
    )
    fragment: bool = Field(default=False, description="only the answers, without the page around them")


SLIDERS = (
    ("household", -50, 50, 1),
    ("government", -50, 50, 1),
    ("investment", -50, 50, 1),
    ("export", -50, 50, 1),
    ("outflow", -50, 50, 1),
    ("power", 0, 100, 1),
    ("grid", 0, 100, 1),
    ("recovery", 0, 100, 1),
    ("price", 0, 1000, 10),
    ("pass_through", 0, 100, 5),
)


def levers_of(query: WhatIfQuery) -> Levers:
    """Return the levers that an address holds."""
    return Levers(
        demand={name: getattr(query, name) for name in GROUPS if getattr(query, name)},
        power=query.power,
        grid=query.grid,
        recovery=query.recovery,
        price=query.price,
        pass_through=query.pass_through,
        moved=query.moved * 1e8 if query.moved_from and query.moved_to else 0.0,
        moved_from=query.moved_from,
        moved_to=query.moved_to,
    )


def build(context: Context, query: WhatIfQuery) -> PageView:
    """Return the page.

    Raises:
        InputError: the book has no input-output table, or the scenario cannot be.
    """
    title, lead = word("nav.what_if"), word("what_if.lead")
    try:
        economy = context.made("economy", lambda reader: economy_of(context, reader))
    except InputError as error:
        problem = error.problems[0]
        panel = context.made("no economy", lambda reader: no_economy(reader, problem))
        return PageView("what-if", title, lead, (panel,))
    baseline = context.made("baseline", lambda reader: answer(economy, Levers()))
    names = context.made("sector names", _names)
    unmoved = moves_nothing(economy, query, names)
    levers = levers_of(query if unmoved is None else query.model_copy(update={"moved": 0.0}))
    found = answer(economy, levers, names=names)
    panels = (
        _answers(baseline, found, unmoved),
        _sectors(economy, baseline, found, names),
        *_prices(economy, found, names),
    )
    scenario = Scenario(
        economy,
        baseline,
        found,
        levers,
        names,
        tuple(UNITS),
        _order(baseline, found),
        _buyers(found),
        context.made("own emission rows", lambda reader: own_rows(reader, economy.categories)),
    )
    view_of = {
        "sliders": sliders(query, idle_levers(economy)),
        "sectors": sectors_to_choose(economy, names),
        "query": query,
        "draws": True,
        "is_baseline": not query.model_dump(
            exclude_defaults=True, exclude={"lang", "run", "panel", "fragment"}
        ),
        "moves_nothing": found.totals == baseline.totals,
        "saved": saved(context),
        "moved": plain(query.moved),
        "off": gap(economy) if economy.codes else 0.0,
        "closed": CLOSED,
    }
    return PageView(
        "what-if",
        title,
        lead,
        panels,
        template="what_if.html.j2",
        data=view_of,
        facts={
            "levers": query.model_dump(exclude={"lang", "run", "panel", "fragment"}),
            "baseline": baseline.totals,
            "scenario": found.totals,
            "units": {name: unit for name, (unit, _) in UNITS.items()},
        },
        origin=scenario.origin,
        state=scenario.state(),
    )


def _order(baseline: Answer, found: Answer) -> list[int]:
    """Return the places of the sectors, those first whose emission changes most."""
    return [int(one) for one in np.argsort(-np.abs(found.emission - baseline.emission), kind="stable")]


def _buyers(found: Answer) -> list[int]:
    """Return the places of the categories of final demand that bear a part of the carbon cost, CNY 1 at least."""
    return [place for place, cost in enumerate(found.buyers) if abs(cost) > 1]


def moves_nothing(
    economy: Economy, query: WhatIfQuery, names: Mapping[str, Text] | None = None
) -> Text | None:
    """Return why the investment that an address moves does not count; None where it does, or none is moved."""
    if not query.moved:
        return None
    if not (query.moved_from and query.moved_to):
        return word("what_if.choose")
    if query.moved_from == query.moved_to:
        return word("what_if.same_sector")
    places = {code: place for place, code in enumerate(economy.codes)}
    source, target = places.get(query.moved_from), places.get(query.moved_to)
    if source is None or target is None:  # an unknown sector is an error, told where it is used
        return None
    if investment(economy)[source] <= 0:
        return word("what_if.nothing_to_move", sector=sector_name(query.moved_from, names))
    if economy.output[target] == 0:
        return word("what_if.no_output_there", sector=sector_name(query.moved_to, names))
    return None


def sector_name(code: str, names: Mapping[str, Text] | None) -> Text:
    """Return a sector's name with its code; the code alone where the book has no name of it."""
    name = (names or {}).get(code)
    return same(code) if name is None else name + Text(f"（{code}）", f" ({code})")


def sectors_to_choose(economy: Economy, names: dict[str, Text]) -> list[dict[str, Any]]:
    """Return the sectors between which investment can be moved; where one cannot be chosen, the reason stands by it."""
    there, made = investment(economy), economy.output
    no_output, no_investment = word("what_if.no_output"), word("what_if.no_investment")
    return [
        {
            "code": code,
            "name": names.get(code, Text(code, code)),
            "not_from": no_output if made[place] == 0 else no_investment if there[place] <= 0 else None,
            "not_to": no_output if made[place] == 0 else None,
        }
        for place, code in enumerate(economy.codes)
    ]


def saved(context: Context) -> list[dict[str, Any]]:
    """Return the scenarios that were kept, newest first."""
    table = tables.scenario
    rows = context.workbench.database.rows(select(table).order_by(table.c.scenario_id.desc()).limit(30))
    runs = context.workbench.workspace.runs
    seen = runs.ids() if context.person.sees_records else [runs.current()]
    return [{**row, "run_is_seen": row["run_id"] in seen} for row in rows]


def _names(reader: Reader) -> dict[str, Text]:
    return {
        row["sector_code"]: named(row["name_zh"], row["name_en"], row["sector_code"])
        for row in reader.rows("sector_account")
    }


def sliders(query: WhatIfQuery, idle: Collection[str] = ()) -> list[dict[str, Any]]:
    """Return the sliders with their bounds and present places; idle: those with nothing to act on in this book."""
    return [
        {
            "name": name,
            "label": word(f"what_if.{name}"),
            "unit": word(f"what_if.unit.{'price' if name == 'price' else 'percent'}"),
            "least": least,
            "most": most,
            "step": _fine_enough(getattr(query, name), least, step),
            "value": plain(getattr(query, name)),
            "initial": WhatIfQuery.model_fields[name].default,
            "idle": word(f"what_if.idle.{name}") if name in idle else None,
        }
        for name, least, most, step in SLIDERS
    ]


def plain(value: float) -> str:
    """Return a figure with every digit that it has, without an exponent: 2.5, 12345.67, 40."""
    text = f"{Decimal(repr(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _fine_enough(value: float, least: int, step: int) -> str:
    """Return the step of a slider; a finer one where it would not reach the value, as browsers move it to a step."""
    exact = Decimal(repr(value))
    if (exact - least) % step == 0:
        return str(step)
    exponent = exact.normalize().as_tuple().exponent
    return f"{Decimal(1).scaleb(min(exponent, 0) if isinstance(exponent, int) else 0):f}"


MAIN = ("emission", "value_added")
STIRRED = 1e-12
"""Relative change from which on a total is said to move: below lies the rounding of double precision."""
UNITS = {
    "output": ("CNY", MONEY),
    "value_added": ("CNY", MONEY),
    "emission": ("tCO2", EMISSION),
    "electricity": ("tCO2", EMISSION),
    "energy": ("tce", ENERGY),
    "avoided": ("tCO2e", "1e4 tCO2e"),
    "revenue": ("CNY", MONEY),
    "profits": ("CNY", MONEY),
}


def _shown(value: float, unit: str, shown: str) -> Value:
    """Return a figure of the model in the unit shown, to 13 digits: behind them stands the rounding of doubles."""
    return in_unit(Decimal(f"{float(value):.13g}"), unit, shown)


def _answers(baseline: Answer, found: Answer, unmoved: Text | None) -> Panel:
    rows: list[dict[str, Cell]] = []
    for name, (unit, shown) in UNITS.items():
        was, now = baseline.totals[name], found.totals[name]
        rows.append(
            {
                "measure": word(f"what_if.total.{name}"),
                "unit": number_column("", Text("", ""), shown).unit_text,
                "was": _shown(was, unit, shown),
                "now": _shown(now, unit, shown),
                "difference": _shown(now - was, unit, shown),
                "share": Absence.NOT_APPLICABLE
                if not was
                else Decimal(repr(round((now / was - 1) * 100, 6))),
            }
        )
    columns = (
        Column("measure", word("what_if.measure")),
        Column("unit", word("column.unit")),
        number_column("was", word("what_if.baseline"), "", decimals=1),
        number_column("now", word("what_if.scenario"), "", decimals=1),
        number_column("difference", word("column.change"), "", decimals=1),
        number_column("share", word("what_if.rate"), "%", decimals=2),
    )
    finding = _finding(baseline, found)
    return Panel(
        "answers",
        word("what_if.answers"),
        finding,
        None,
        TableView(columns, tuple(rows), ("sector_account", "io_cell")),
        note=unmoved or NO_TEXT,
    )


def _finding(baseline: Answer, found: Answer) -> Text:
    """Return in a sentence what the levers change, whichever lines those are, and which of the two main ones not."""
    changes = {name: found.totals[name] - baseline.totals[name] for name in UNITS}
    moved = [name for name in UNITS if abs(changes[name]) > STIRRED * abs(baseline.totals[name])]
    if not moved:
        return word("what_if.finding_none")
    main = [name for name in MAIN if name in moved]
    told = [
        word(
            "what_if.change",
            measure=word(f"what_if.total.{name}"),
            change=_signed(changes[name], *UNITS[name]),
        )
        for name in main or moved
    ]
    still = [word(f"what_if.total.{name}") for name in MAIN if name not in moved]
    others = [word(f"what_if.total.{name}") for name in moved if name not in MAIN] if main else []
    more = word("what_if.finding_still", measures=joined(still)) if still else NO_TEXT
    more = word("what_if.finding_others", measures=joined(others)) + more if others else more
    changed = Text("，".join(one.zh for one in told), ", ".join(one.en for one in told))
    return word("what_if.finding", changes=changed) + more


def _signed(value: float, unit: str, shown: str) -> Text:
    text = short_amount(Decimal(repr(value)), unit, shown)
    sign = "+" if value > 0 else ""
    return Text(sign + text.zh, sign + text.en)


def _sectors(economy: Economy, baseline: Answer, found: Answer, names: dict[str, Text]) -> Panel:
    rows: list[dict[str, Any]] = []
    for place in _order(baseline, found):
        code = economy.codes[place]
        rows.append(
            {
                "sector": names.get(code, Text(code, code)),
                "href:sector": (
                    "/data/table",
                    {"name": "sector_account", "column": "sector_code", "value": code},
                ),
                "emission": _shown(float(baseline.emission[place]), "tCO2", EMISSION),
                "scenario": _shown(float(found.emission[place]), "tCO2", EMISSION),
                "difference": _shown(
                    float(found.emission[place] - baseline.emission[place]), "tCO2", EMISSION
                ),
                "output": _shown(float(found.output[place] - baseline.output[place]), "CNY", MONEY),
                "price": Decimal(repr(float(100 * found.price_change[place]))),
            }
        )
    columns = (
        Column("sector", word("column.sector")),
        number_column("emission", word("what_if.emission_was"), EMISSION, decimals=2),
        number_column("scenario", word("what_if.emission_now"), EMISSION, decimals=2),
        number_column("difference", word("what_if.emission_change"), EMISSION, decimals=2),
        number_column("output", word("what_if.output_change"), MONEY, decimals=2),
        number_column("price", word("what_if.price_change"), "%", decimals=3),
    )
    view = TableView(columns, tuple(rows), ("sector_account", "io_cell"))
    moved = [row for row in rows if row["difference"]]
    if not moved:
        finding = word("what_if.unmoved")
        dearest = int(np.argmax(np.abs(found.price_change)))
        if found.price_change[dearest]:
            finding = finding + word(
                "what_if.dearest",
                sector=names.get(economy.codes[dearest], same(economy.codes[dearest])),
                share=f"{100 * found.price_change[dearest]:+.3f}",
            )
        return Panel("by_sector", word("what_if.by_sector"), finding, None, view)
    finding = word("what_if.largest", sector=moved[0]["sector"])
    chart = plots.horizontal_bars(view, "sector", [Series("difference")], finding, top=min(DRAWN, len(moved)))
    return Panel("by_sector", word("what_if.by_sector"), finding, chart, view, note=word("what_if.note"))


def _prices(economy: Economy, found: Answer, names: dict[str, Text]) -> tuple[Panel, ...]:
    if not found.buyers.any():
        return ()
    rows: tuple[dict[str, Cell], ...] = tuple(
        {
            "who": value_label("footprint", "final_demand_category", economy.categories[place]),
            "cost": _shown(float(found.buyers[place]), "CNY", MONEY),
        }
        for place in _buyers(found)
    )
    rows += ({"who": word("what_if.total.profits"), "cost": _shown(found.totals["profits"], "CNY", MONEY)},)
    columns = (
        Column("who", word("what_if.who_bears")),
        number_column("cost", word("what_if.cost"), MONEY, decimals=2),
    )
    view = TableView(columns, rows, ("io_cell", "sector_account"))
    finding = word("what_if.borne", value=short_amount(Decimal(repr(found.totals["revenue"])), "CNY", MONEY))
    chart = plots.horizontal_bars(view, "who", [Series("cost", "--c2")], finding)
    return (Panel("burden", word("what_if.burden"), finding, chart, view),)


PAGE = Page("/what-if", "what_if", build, WhatIfQuery, fragment="what_if_fragment.html.j2")
