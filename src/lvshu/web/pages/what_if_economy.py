"""The economy of a book, ready to be asked what if; and which levers have nothing to act on in it."""

from __future__ import annotations

import numpy as np

from lvshu.accounts.sources.book import read_book
from lvshu.core.errors import Problem
from lvshu.publish.model import Panel
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, joined, value_label
from lvshu.web.context import Context
from lvshu.web.number_trace import Condition
from lvshu.web.scenario import GROUPS, Economy
from lvshu.web.view import Base
from lvshu.web.words import word

POWER_DIVISION = "44"
"""Production and supply of electricity and heat in GB/T 4754-2017."""
NO_TABLE = "accounts.book_without_table"
POWER_WORDS = ("电力", "Electric")


def economy_of(context: Context, reader: Reader) -> Economy:
    """Return the economy of the book, ready to be asked.

    Raises:
        InputError: the book has no input-output table.
    """
    folder = context.workbench.options.folder
    system = read_book(folder, reader.run["run_id"])
    accounts = {row["sector_code"]: row for row in reader.rows("sector_account")}
    by_name = {row["name_zh"]: code for code, row in accounts.items()}
    codes = [by_name.get(label[-1], label[-1]) for label in system.industries.labels]

    def figures(name: str) -> np.ndarray:
        return np.array([float(accounts.get(code, {}).get(name) or 0.0) for code in codes])

    categories = tuple(label[-1] for label in system.final.labels)
    own = np.zeros(len(categories))
    for row in reader.rows("footprint", emission_origin="direct"):
        if row["final_demand_category"] in categories:
            own[categories.index(row["final_demand_category"])] += float(row["emission"] or 0)
    own += _households(reader, categories) if not own.any() else 0.0
    breaks = sum(float(row["saving_forgone"] or 0) for row in reader.rows("circulation_break"))
    return Economy.of(
        intermediate_use=np.asarray(system.intermediate_use, dtype=np.float64),
        codes=tuple(codes),
        categories=categories,
        final_demand=np.asarray(system.final_demand, dtype=np.float64),
        output=np.asarray(system.output, dtype=np.float64),
        value_added=figures("value_added"),
        emission=figures("direct_emission"),
        own_emission=own,
        electricity_emission=figures("indirect_electricity_emission"),
        energy=figures("energy_tce"),
        power=_power(reader, tuple(codes), tuple(label[-1] for label in system.industries.labels)),
        saving_forgone=breaks,
    )


def no_economy(reader: Reader, problem: Problem) -> Panel:
    """Return the panel of answers of a book that cannot be asked: why not, and which file would mend it."""
    subject = word("what_if.answers")
    if problem.code == NO_TABLE:
        why = reader.why_empty("io_cell", ("io_cell",), subject)
        return Panel("answers", subject, empty=why, missing=reader.missing(("io_cell",)))
    told = (
        " ".join(one for one in (problem.what(side) + stop, problem.why(side), problem.fix(side)) if one)
        for side, stop in (("zh", "。"), ("en", "."))
    )
    return Panel("answers", subject, empty=Text(*told))


def _households(reader: Reader, categories: tuple[str, ...]) -> np.ndarray:
    """Return what households burn themselves, shape (c,), tCO2: of the consumption sphere, shared by their demand."""
    own = np.zeros(len(categories))
    direct = list(reader.rows("sphere_account", sphere="consumption", measure="direct_emission"))
    places = [place for place, one in enumerate(categories) if one in GROUPS["household"]]
    if direct and places:
        own[places[-1]] = float(direct[0]["value"] or 0)
    return own


def own_rows(reader: Reader, categories: tuple[str, ...]) -> Base | None:
    """Return the rows that what final demand itself emits is taken from; None where the book has none."""
    direct = [row["final_demand_category"] for row in reader.rows("footprint", emission_origin="direct")]
    there = tuple(one for one in direct if one in categories)
    if there:
        told = joined([value_label("footprint", "final_demand_category", one) for one in there])
        category = Condition("final_demand_category", None, called=told, among=there)
        return Base("footprint", (Condition("emission_origin", "direct"), category), "emission")
    if not reader.rows("sphere_account", sphere="consumption", measure="direct_emission"):
        return None
    own = (Condition("sphere", "consumption"), Condition("measure", "direct_emission"))
    return Base("sphere_account", own, "value")


def _power(reader: Reader, codes: tuple[str, ...], names: tuple[str, ...]) -> tuple[int, ...]:
    """Return the places of the sectors that make power: those of division 44; without bridge, those named so."""
    bridged: set[str] = set()
    for row in reader.rows("sector_intensity", gbt4754_division=POWER_DIVISION):
        bridged.update(str(row["sector_codes"]).split(";"))
    of_division = tuple(place for place, code in enumerate(codes) if code in bridged)
    return of_division or tuple(
        place for place, name in enumerate(names) if any(one in name for one in POWER_WORDS)
    )


def idle_levers(economy: Economy) -> frozenset[str]:
    """Return the names of the levers that change nothing: the book has no figure for them."""
    acts_on = {
        "power": economy.emission[list(economy.power)].any(),
        "grid": economy.electricity_emission.any(),
        "recovery": economy.saving_forgone != 0.0,
        "price": economy.emission.any(),
        "pass_through": economy.emission.any(),
    }
    return frozenset(name for name, is_there in acts_on.items() if not is_there)
