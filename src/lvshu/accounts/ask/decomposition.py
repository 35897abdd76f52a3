"""What drives a change, with labels: structural decomposition of two tables, LMDI and Kaya of a table of factors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvshu.accounts.ask.analysis import Accounts, Words
from lvshu.accounts.compile.compiled import names_of
from lvshu.accounts.ledger.labels import Index, check_same
from lvshu.accounts.ledger.result import Result
from lvshu.accounts.methods.change.footprint_change import DETAILS, FootprintYear, footprint_factors
from lvshu.accounts.methods.change.index import lmdi_chain
from lvshu.accounts.methods.change.kaya import FACTORS, KayaYear, kaya
from lvshu.accounts.methods.change.structural import polar_average, shapley
from lvshu.accounts.methods.kernel.accounts import stressor_intensity
from lvshu.accounts.methods.leontief import input_coefficients
from lvshu.core.errors import InputError, MethodError, Problem, Where
from lvshu.intake.tidy import NUMBER, TEXT, YEAR, Field, TidyTable, read_tidy

Array = NDArray[np.float64]


def decompose(
    old: Accounts, new: Accounts, words: Words = None, *, way: str = "shapley", detail: str = "total"
) -> Result:
    """Return the change of a footprint by its factors, for one stressor and two systems of one classification.

    Args:
        old: the earlier system, n sectors.
        new: the later one, same industries and final demand, same money unit.
        words: one stressor.
        way: "shapley" (average of all orders) or "polar" (average of the two polar forms).
        detail: "total", or by "emitter", "product" or "category".

    Returns:
        Rows: the factors and their sum; columns: for "total" the term and its range over all orders, else the details.
        Unit of the stressor.

    Raises:
        MethodError: accounts.labels_differ, accounts.money_differs, accounts.units_differ,
            accounts.one_stressor_wanted, accounts.no_such_decomposition.
    """
    check_same(
        old.system.industries, new.system.industries, first_name=old.system.name, second_name=new.system.name
    )
    check_same(old.system.final, new.system.final, first_name=old.system.name, second_name=new.system.name)
    if old.system.money_unit != new.system.money_unit:
        values = {"first": old.system.money_unit, "second": new.system.money_unit}
        raise MethodError(Problem("accounts.money_differs", values=values))
    if detail not in DETAILS or way not in ("shapley", "polar"):
        raise MethodError(Problem("accounts.no_such_decomposition", values={"way": way, "detail": detail}))
    first, unit = _year(old, words)
    second, other_unit = _year(new, words)
    if unit != other_unit:
        raise MethodError(Problem("accounts.units_differ", values={"first": unit, "second": other_unit}))
    factors = footprint_factors(first, second, detail=detail)
    solve = shapley if way == "shapley" else polar_average
    change = solve(factors.start, factors.end, factors.evaluate, factors.names)
    terms = np.asarray(change.terms).reshape(len(factors.names), -1)
    values_ = np.vstack([terms, terms.sum(axis=0)])
    columns = _details(old, detail)
    if detail == "total":
        columns = Index.of(("measure",), ["change", "low", "high"])
        low, high = (np.append(np.asarray(bound).ravel(), terms.sum()) for bound in (change.low, change.high))
        values_ = np.column_stack([values_, low, high])
    told = [*_one_year(old, new), *factors.problems]
    notes = tuple((problem.what("zh"), problem.what("en")) for problem in told)
    origin = tuple(dict.fromkeys((*old.origins(old.stressors(words)), *new.origins(new.stressors(words)))))
    title = ("足迹变化的结构分解", "Structural decomposition of the change of a footprint")
    return Result("decomposition", title, Index.of(("factor",), [*factors.names, "sum"]), columns, values_, (unit,),
                  "accounts.structural_change", origin, notes=notes)  # fmt: skip


def _one_year(old: Accounts, new: Accounts) -> list[Problem]:
    """Return the remark that both tables are of one year, where they are."""
    year = old.system.year
    if year is None or year != new.system.year:
        return []
    return [Problem("accounts.decomposition_one_year", values={"year": year}, severity="warning")]


def _year(accounts: Accounts, words: Words) -> tuple[FootprintYear, str]:
    chosen = accounts.stressors(words)
    accounts.one(chosen)
    system = accounts.system
    use = system.intermediate_use
    dense = use.toarray() if isinstance(use, sparse.csr_array) else np.asarray(use)
    intensity = stressor_intensity(chosen.flows, system.output, names_of(system.industries))[0]
    return FootprintYear(
        intensity, input_coefficients(dense, system.output, names_of(system.industries)), system.final_demand
    ), chosen.units[0]


def _details(accounts: Accounts, detail: str) -> Index:
    return accounts.system.final if detail == "category" else accounts.system.industries


PERIOD = Field("period", ("时期", "年份", "year", "年"), YEAR)
CATEGORY = Field("category", ("类别", "部门", "sector", "行业", "分组"), TEXT, optional=True)


def index_decomposition(path: Path) -> tuple[Result, Result]:
    """Return the LMDI-I decomposition of an aggregate, from a small table of its factors.

    Args:
        path: columns period, category (may be absent), and the factors, whose product is the aggregate of a category;
            every further column is a factor. Units stand in the headings. Periods are chained.

    Returns:
        Additive effects by factor with their sum, from one period to the next and over all, in the unit of the product;
        and the multiplicative ones, without unit, their product last.

    Raises:
        InputError: missing columns, cells that are no numbers, categories that a period does not have; all at once.
    """
    table = read_tidy(path, (PERIOD, CATEGORY))
    names = [
        name
        for name in table.other
        if name.casefold() not in ("unit", "单位", "source", "来源", "note", "备注")
    ]
    if not names:
        raise InputError(Problem("accounts.no_factors", Where(file=path.name), {"found": list(table.other)}))
    numbers = read_tidy(path, (PERIOD, CATEGORY, *(Field(name, kind=NUMBER) for name in names)))
    periods, categories, values = _cube(numbers, names, path)
    *steps, chained = lmdi_chain(values, names)
    labels = [f"{before}–{after}" for before, after in pairwise(periods)]
    changes = steps
    if len(steps) > 1:
        changes, labels = [*steps, chained], [*labels, f"{periods[0]}–{periods[-1]}"]
    additive = np.column_stack([np.append(one.additive, one.additive.sum()) for one in changes])
    ratios = np.column_stack([np.append(one.multiplicative, np.prod(one.multiplicative)) for one in changes])
    columns = Index.of(("period",), labels)
    note = (f"{len(categories)} 个类别；总量为各因素之积的合计。",
            f"{len(categories)} categories; the aggregate is the sum of the products of the factors.")  # fmt: skip
    first = Result("lmdi", ("LMDI-I 加法分解", "LMDI-I, additive"), Index.of(("factor",), [*names, "sum"]), columns,
                   additive, ("1",), "accounts.index_change", (table.origin,), notes=(note,))  # fmt: skip
    rows = Index.of(("factor",), [*names, "product"])
    second = Result("lmdi_ratio", ("LMDI-I 乘法分解", "LMDI-I, multiplicative"), rows, columns,
                    ratios, ("1",), "accounts.index_change", (table.origin,))  # fmt: skip
    return first, second


def _cube(table: TidyTable, names: Sequence[str], path: Path) -> tuple[list[int], list[str], Array]:
    periods = sorted({record["period"] for record in table.records})
    categories = list(dict.fromkeys(record["category"] or "" for record in table.records))
    cells: dict[tuple[int, str], tuple[Mapping[str, Any], int]] = {}
    problems = []
    for record, row in zip(table.records, table.rows, strict=True):
        key = (record["period"], record["category"] or "")
        if key in cells:
            values = {"period": key[0], "category": key[1] or "–", "row": cells[key][1]}
            problems.append(Problem("accounts.factors_twice", Where(file=path.name, row=row), values))
        cells[key] = (record, row)
    for period in periods:
        absent = [category or "–" for category in categories if (period, category) not in cells]
        if absent:
            values = {"period": period, "categories": absent}
            problems.append(Problem("accounts.factors_missing", Where(file=path.name), values))
    if len(periods) < 2:
        problems.append(Problem("accounts.one_period", Where(file=path.name), {"periods": periods}))
    if problems:
        raise InputError(*problems)
    cube = [[[float(cells[period, category][0][name]) for name in names] for category in categories]
            for period in periods]  # fmt: skip
    return periods, categories, np.array(cube)


KAYA_FIELDS = (
    PERIOD,
    Field("population", ("人口", "常住人口"), NUMBER, unit="person"),
    Field("sector", ("部门", "产业", "行业"), TEXT),
    Field("value_added", ("增加值", "GDP", "gdp", "不变价增加值"), NUMBER, optional=True, unit="CNY"),
    Field("fuel", ("能源品种", "品种"), TEXT),
    Field("energy", ("能源消费量", "能耗"), NUMBER, unit="tce"),
    Field("carbon", ("二氧化碳", "碳排放", "co2", "CO2", "排放"), NUMBER, unit="tCO2"),
    Field("price_year", ("价格年份", "不变价年份"), YEAR, optional=True),
)


def kaya_decomposition(path: Path) -> Result:
    """Return the Kaya decomposition of CO2 between the first and the last period of a small table.

    Args:
        path: one record for each period, sector and fuel: population (of the period), value added (of the sector, at
            constant prices; empty for households), energy, carbon, price_year (may be absent).

    Returns:
        Effects by factor and their sum, shape (7, 1), unit tCO2.

    Raises:
        InputError: missing columns, units or figures; a population or a value added that differs within its period.
    """
    table = read_tidy(path, KAYA_FIELDS)
    periods = sorted({record["period"] for record in table.records})
    if len(periods) < 2:
        raise InputError(Problem("accounts.one_period", Where(file=path.name), {"periods": periods}))
    fuels = list(dict.fromkeys(record["fuel"] for record in table.records))
    with_value = {record["sector"] for record in table.records if record["value_added"] is not None}
    sectors = [
        name for name in dict.fromkeys(record["sector"] for record in table.records) if name in with_value
    ]
    homes = [
        name for name in dict.fromkeys(record["sector"] for record in table.records) if name not in with_value
    ]
    found = kaya(
        *(_kaya_year(table, period, sectors, homes, fuels, path) for period in (periods[0], periods[-1]))
    )
    terms = np.append(found.change.additive, found.change.additive.sum())
    notes = tuple((problem.what("zh"), problem.what("en")) for problem in found.problems)
    return Result("kaya", ("卡亚恒等式分解", "Kaya decomposition"), Index.of(("factor",), [*FACTORS, "sum"]),
                  Index.of(("period",), [f"{periods[0]}–{periods[-1]}"]), terms[:, None], ("tCO2",), "accounts.kaya",
                  (table.origin,), notes=notes)  # fmt: skip


def _kaya_year(
    table: TidyTable, period: int, sectors: list[str], homes: list[str], fuels: list[str], path: Path
) -> KayaYear:
    names = [*sectors, *homes]
    energy, carbon = np.zeros((len(names), len(fuels))), np.zeros((len(names), len(fuels)))
    value, population, prices = np.full(len(names), np.nan), set(), set()
    problems = []
    for record, row in zip(table.records, table.rows, strict=True):
        if record["period"] != period:
            continue
        i, j = names.index(record["sector"]), fuels.index(record["fuel"])
        energy[i, j] += float(record["energy"])
        carbon[i, j] += float(record["carbon"])
        population.add(record["population"])
        prices.add(record["price_year"])
        if record["value_added"] is not None:
            stated = float(record["value_added"])
            if not np.isnan(value[i]) and value[i] != stated:
                values = {"sector": record["sector"], "period": period, "first": value[i], "second": stated}
                problems.append(
                    Problem("accounts.kaya_value_differs", Where(file=path.name, row=row), values)
                )
            value[i] = stated
    if len(population) != 1:
        values = {"period": period, "found": sorted(float(one) for one in population)}
        problems.append(Problem("accounts.kaya_population_differs", Where(file=path.name), values))
    if problems:
        raise InputError(*problems)
    n = len(sectors)
    return KayaYear(float(population.pop()), np.nan_to_num(value[:n]), energy[:n], carbon[:n], energy[n:], carbon[n:],
                    prices.pop() if len(prices) == 1 else None)  # fmt: skip
