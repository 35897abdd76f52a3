"""A closed registry of units: exact factors, exact spelling, checked dimensions."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import cache
from importlib import resources

from lvshu.core.errors import MethodError, Problem
from lvshu.core.text import normalise

_BRACKETS = re.compile(r"^(?P<name>.*?)\s*[\(\[（【]\s*(?P<unit>[^()（）\[\]【】]+?)\s*[\)\]）】]\s*$")


@dataclass(frozen=True)
class Unit:
    """One unit: its symbol, names, dimension, and exact factor to the base unit of that dimension."""

    symbol: str
    zh: str
    en: str
    dimension: str
    factor: Decimal
    aliases: tuple[str, ...] = ()

    def name(self, language: str) -> str:
        """Return the unit's name in a language."""
        return self.zh if language == "zh" else self.en


@cache
def registry() -> dict[str, Unit]:
    """Return every unit by its symbol, from catalog/units.toml."""
    found: dict[str, Unit] = {}
    text = resources.files("lvshu.catalog").joinpath("units.toml").read_text(encoding="utf-8")
    for row in tomllib.loads(text)["unit"]:
        found[row["symbol"]] = Unit(
            row["symbol"],
            row["zh"],
            row["en"],
            row["dimension"],
            Decimal(row["factor"]),
            tuple(row.get("aliases", ())),
        )
    return found


@cache
def _spellings() -> dict[str, str]:
    spelled: dict[str, str] = {}
    for symbol, one in registry().items():
        for word in (symbol, one.zh, one.en, *one.aliases):
            spelled.setdefault(_key(word), symbol)
    return spelled


def _key(word: str) -> str:
    return normalise(word).lower().replace(" ", "").replace("·", "")


def unit(symbol: str) -> Unit:
    """Return the unit with exactly this symbol.

    Raises:
        MethodError: the symbol is not in the registry.
    """
    try:
        return registry()[symbol]
    except KeyError:
        raise MethodError(Problem("units.unknown", values={"unit": symbol})) from None


def find_unit(word: str) -> Unit | None:
    """Return the unit that a person's spelling means (万元, 万吨标准煤, 10k CNY …), or None."""
    symbol = _spellings().get(_key(word))
    return None if symbol is None else registry()[symbol]


def factor(source: str, target: str) -> Decimal:
    """Return by what a value in unit `source` is multiplied to stand in unit `target`.

    Raises:
        MethodError: a unit is unknown, or the two have different dimensions.
    """
    first, second = unit(source), unit(target)
    if first.dimension != second.dimension:
        raise MethodError(
            Problem(
                "units.dimension", values={"source": source, "target": target, "dimension": first.dimension}
            )
        )
    with localcontext() as context:
        context.prec = 40
        return first.factor / second.factor


def convert(value: Decimal, source: str, target: str) -> Decimal:
    """Return a value in unit `source` expressed in unit `target`, exactly.

    Raises:
        MethodError: a unit is unknown, or the two have different dimensions.
    """
    with localcontext() as context:
        context.prec = 40
        return value * factor(source, target)


CARBON_DIOXIDE = ("carbon_dioxide", "carbon_dioxide_equivalent")


def meant(symbol: str, wanted: str) -> str:
    """Return the unit that is meant where a column can only be carbon dioxide: t there is the column's tCO2 or tCO2e.

    Tonnes of CO2 and of CO2 equivalent stay apart: only a bare unit of mass takes the meaning of its column.

    Args:
        symbol: the unit as stated, of the registry.
        wanted: the unit of the column.
    """
    stated, asked = unit(symbol), unit(wanted)
    if stated.dimension != "mass" or asked.dimension not in CARBON_DIOXIDE:
        return symbol
    tonnes = stated.factor / unit("t").factor
    base = unit("tCO2" if asked.dimension == "carbon_dioxide" else "tCO2e").factor
    fitting = (one.symbol for one in registry().values()
               if one.dimension == asked.dimension and one.factor / base == tonnes)  # fmt: skip
    return next(fitting, symbol)


def of_other_gases(symbol: str, wanted: str) -> str | None:
    """Return the unit of `wanted`'s kind that is as large as `symbol` where only the gases differ; None elsewhere.

    A tonne of CO2 is a tonne of CO2 equivalent: its own global warming potential is 1. What is measured as CO2 alone
    leaves out the other gases, so it is a lower bound of CO2 equivalent, and the reverse an upper bound: whoever calls
    this has to say so.

    Args:
        symbol: the unit as stated, of the registry, such as tCO2 or kgCO2/t.
        wanted: the unit that is asked, such as tCO2e.

    Source: IPCC, global warming potentials relative to CO2; GHG Protocol, which PCAF (2022) follows: the seven gases of
    the Kyoto Protocol, converted to CO2 equivalent.
    """
    stated, asked = unit(symbol), unit(wanted)
    first, second = stated.dimension.partition(" per ")[::2], asked.dimension.partition(" per ")[::2]
    if {first[0], second[0]} != set(CARBON_DIOXIDE) or first[1] != second[1]:
        return None
    same = (one.symbol for one in registry().values()
            if one.dimension == asked.dimension and one.factor == stated.factor)  # fmt: skip
    return next(same, None)


def parse_header_unit(header: str) -> tuple[str, str | None]:
    """Return (name, unit symbol) of a header such as 余额(万元); the unit is None where none is meant."""
    found = _BRACKETS.match(normalise(header))
    if found:
        inner = re.sub(r"^(?:单位|unit)\s*[::]\s*", "", found["unit"], flags=re.IGNORECASE)
        one = find_unit(inner)
        if one is not None:
            return found["name"].strip(), one.symbol
    return normalise(header), None


__all__ = [
    "Unit",
    "convert",
    "factor",
    "find_unit",
    "meant",
    "of_other_gases",
    "parse_header_unit",
    "registry",
    "unit",
]
