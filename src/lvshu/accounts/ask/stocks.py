"""Stocks and flows from small tables: what enters or what there is, how long it lasts, and what leaves."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.result import Result
from lvshu.accounts.methods.circulation.lifetimes import (
    PARAMETERS,
    Lifetime,
    drawn_lifetimes,
    lifetime,
    survival_matrix,
)
from lvshu.accounts.methods.circulation.stock_link import scrap
from lvshu.accounts.methods.circulation.stocks import (
    StockAccount,
    inflow_driven,
    opening_stock,
    stable_ages,
    stock_driven,
)
from lvshu.core.errors import InputError, MethodError, Problem, Where
from lvshu.core.origin import Origin
from lvshu.core.units import find_unit
from lvshu.intake.tidy import NUMBER, YEAR, Field, TidyTable, read_tidy

Array = NDArray[np.float64]

ITEM = Field("item", ("项目", "产品", "资产", "品目", "product", "asset"))
UNIT = Field("unit", ("单位",))
SERIES = (
    ITEM, Field("year", ("年份", "年"), YEAR),
    Field("quantity", ("数量", "流入", "流入量", "存量", "inflow", "stock"), NUMBER), UNIT,
)  # fmt: skip
LIFETIMES = (
    ITEM, Field("distribution", ("分布", "寿命分布")),
    Field("mean", ("均值", "平均寿命", "寿命", "lifetime"), NUMBER, optional=True),
    Field("deviation", ("离差", "标准差", "standard deviation", "std"), NUMBER, optional=True),
    Field("shape", ("形状", "形状参数"), NUMBER, optional=True),
    Field("scale", ("尺度", "尺度参数"), NUMBER, optional=True),
    Field("relative_error", ("相对误差", "均值的相对误差"), NUMBER, optional=True),
    Field("source", ("来源", "出处")),
)  # fmt: skip
OPENING = (
    ITEM, Field("age", ("年龄", "役龄"), YEAR, optional=True),
    Field("quantity", ("数量", "存量", "stock"), NUMBER), UNIT,
)  # fmt: skip
CONTENT = (
    ITEM, Field("material", ("材料", "物料")),
    Field("content", ("含量", "单位含量", "tonnes per unit"), NUMBER),
    Field("collected", ("回收率", "收集率", "collection rate"), NUMBER),
    Field("efficiency", ("工艺效率", "再生效率", "yield"), NUMBER), Field("source", ("来源", "出处")),
)  # fmt: skip
KEPT_AGES = 400


@dataclass(frozen=True)
class StockResults:
    """Inflow, outflow and stock by item and year, and what has to be said about them.

    Attributes:
        inflow, outflow, stock: rows item, columns year, each row in its unit (flows: per year).
        problems: warnings and notices, by item.
    """

    inflow: Result
    outflow: Result
    stock: Result
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class _Series:
    items: tuple[str, ...]
    years: tuple[int, ...]
    values: Array  # (T, items)
    units: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True)
class _Lasting:
    lifetime: Lifetime
    relative_error: float

    def key(self) -> tuple[Any, ...]:
        parameters = sorted((name, tuple(value.tolist())) for name, value in self.lifetime.parameters.items())
        return (self.lifetime.distribution, tuple(parameters), self.relative_error)


def stock_accounts(
    series: Path, lifetimes: Path, *, driven_by: str = "inflow", opening: Path | None = None, growth: float = 0.0,
    entry_age: float = 0.5, early_retirement: bool = False, replicates: int = 0, seed: int = 0,
) -> StockResults:  # fmt: skip
    """Return inflow, outflow and stock of every item.

    Args:
        series: table item, year, quantity, unit: inflow per year, or stock at the end of each year.
        lifetimes: table item, distribution, mean, deviation (or shape, scale), source, and, where it is known,
            relative_error of the mean.
        driven_by: "inflow" or "stock": what the series is.
        opening: table item, quantity, unit and, where known, age (0 = came in the year before the first): the stock
            before the first year. Without ages a stable age structure is assumed, and told.
        growth: past growth of the inflow per year behind that age structure (0.03 = 3 %).
        entry_age: age at the end of the year of entry: 0.5 where it comes in the middle of the year on average.
        early_retirement: as in `methods.circulation.stocks.stock_driven`.
        replicates: number of draws of the lifetimes for standard errors; 0 for none.
        seed: of the draws.

    Raises:
        InputError: missing years, items given twice, mixed units, items without lifetime, unknown distributions,
            lifetimes without source; all at once.
        MethodError: from the methods, e.g. accounts.stock_negative.
    """
    if driven_by not in ("inflow", "stock"):
        raise MethodError(Problem("accounts.stock_driver", values={"given": driven_by}))
    problems: list[Problem] = []
    given = _series(read_tidy(series, SERIES), series, problems)
    table = read_tidy(lifetimes, LIFETIMES)
    lasting = _lifetimes(table, lifetimes, given.items, problems)
    before = None if opening is None else read_tidy(opening, OPENING)
    ages = {} if before is None or opening is None else _opening(before, opening, given, problems)
    if problems:
        raise InputError(*problems)
    options = _Options(driven_by, growth, entry_age, early_retirement, replicates, seed)
    made = _computed(given, lasting, ages, options)
    origins = tuple(one.origin for one in (table, before) if one is not None)
    return _results(given, made, origins, options, assumed=any(None in by_age for by_age in ages.values()))


@dataclass(frozen=True)
class _Options:
    driven_by: str
    growth: float
    entry_age: float
    early_retirement: bool
    replicates: int
    seed: int


@dataclass
class _Made:
    parts: dict[str, Array]
    errors: dict[str, Array]
    problems: list[Problem]


def _series(table: TidyTable, path: Path, problems: list[Problem]) -> _Series:
    """Return the series of every item over the same years; faults are added to `problems`."""
    items = tuple(dict.fromkeys(str(record["item"]) for record in table.records))
    found = {int(record["year"]) for record in table.records}
    years = tuple(range(min(found), max(found) + 1))
    values = np.full((len(years), len(items)), np.nan)
    units: dict[str, set[str]] = {item: set() for item in items}
    for record, row in zip(table.records, table.rows, strict=True):
        year, item = int(record["year"]) - years[0], items.index(str(record["item"]))
        if not np.isnan(values[year, item]):
            told: dict[str, object] = {"item": items[item], "year": years[year]}
            problems.append(Problem("accounts.stock_twice", Where(path.name, row=row), told))
        values[year, item] = float(record["quantity"])
        units[items[item]].add(_symbol(str(record["unit"])))
    for place, name in enumerate(items):
        missing = [years[gap] for gap in np.flatnonzero(np.isnan(values[:, place]))]
        if missing:
            told = {"item": name, "years": missing[:10], "count": len(missing)}
            problems.append(Problem("accounts.stock_missing_years", Where(path.name), told))
        if len(units[name]) > 1:
            told = {"item": name, "units": sorted(units[name])}
            problems.append(Problem("accounts.stock_units", Where(path.name), told))
    return _Series(items, years, values, tuple(sorted(units[item])[0] for item in items), table.origin)


def _symbol(word: str) -> str:
    known = find_unit(word)
    return word if known is None else known.symbol


def _lifetimes(
    table: TidyTable, path: Path, items: Sequence[str], problems: list[Problem]
) -> dict[str, _Lasting]:
    found: dict[str, _Lasting] = {}
    for record, row in zip(table.records, table.rows, strict=True):
        item, kind = str(record["item"]), str(record["distribution"]).strip().casefold().replace(" ", "_")
        where = Where(path.name, row=row)
        if item in found:
            problems.append(Problem("accounts.stock_twice", where, {"item": item, "year": "–"}))
        names = (
            ("mean", "deviation")
            if kind == "weibull" and record["shape"] is None
            else PARAMETERS.get(kind, ())
        )
        given = {name: float(record[name]) for name in names if record.get(name) is not None}
        try:
            made = lifetime(kind, **given)
        except MethodError as failure:
            problems += [Problem(one.code, where, {**one.values, "item": item}) for one in failure.problems]
            continue
        found[item] = _Lasting(made, float(record["relative_error"] or 0.0))
    known = {str(record["item"]) for record in table.records}
    problems += [Problem("accounts.stock_no_lifetime", Where(path.name), {"item": item})
                 for item in items if item not in known]  # fmt: skip
    return found


def _opening(
    table: TidyTable, path: Path, given: _Series, problems: list[Problem]
) -> dict[str, dict[int | None, float]]:
    """Return the opening stock of each item by age; under None where the age is not known."""
    found: dict[str, dict[int | None, float]] = {}
    for record, row in zip(table.records, table.rows, strict=True):
        item, where = str(record["item"]), Where(path.name, row=row)
        if item not in given.items:
            problems.append(
                Problem("accounts.stock_no_series", where, {"item": item, "items": list(given.items[:8])})
            )
            continue
        unit = given.units[given.items.index(item)]
        if _symbol(str(record["unit"])) != unit:
            told = {"item": item, "units": sorted({_symbol(str(record["unit"])), unit})}
            problems.append(Problem("accounts.stock_units", where, told))
        ages = found.setdefault(item, {})
        if record["age"] in ages or (ages and (None in ages or record["age"] is None)):
            problems.append(Problem("accounts.stock_twice", where, {"item": item, "year": "–"}))
        ages[record["age"]] = float(record["quantity"])
    return found


def _by_age(ages: Sequence[Mapping[int | None, float]], lasting: Lifetime, options: _Options) -> Array | None:
    """Return the opening stock of the items of a class by age, shape (ages, items); None where there is none."""
    if not any(ages):
        return None
    longest = max((age for by_age in ages for age in by_age if age is not None), default=0) + 1
    rows = KEPT_AGES if any(None in by_age for by_age in ages) else longest
    made = np.zeros((max(rows, longest), len(ages)))
    for place, by_age in enumerate(ages):
        for age, quantity in by_age.items():
            if age is None:
                made[:KEPT_AGES, [place]] = stable_ages(
                    lasting,
                    np.array([quantity]),
                    KEPT_AGES,
                    growth=options.growth,
                    entry_age=options.entry_age,
                )
            else:
                made[age, place] = quantity
    return made


def _computed(
    given: _Series,
    lasting: Mapping[str, _Lasting],
    ages: Mapping[str, dict[int | None, float]],
    options: _Options,
) -> _Made:
    """Return the account of all items, class by class of one lifetime."""
    shape = given.values.shape
    names = ("inflow", "outflow", "stock")
    made = _Made({name: np.empty(shape) for name in names}, {name: np.zeros(shape) for name in names}, [])
    classes: dict[tuple[Any, ...], list[int]] = {}
    for place, item in enumerate(given.items):
        classes.setdefault(lasting[item].key(), []).append(place)
    for places in classes.values():
        one = lasting[given.items[places[0]]]
        by_age = _by_age([ages.get(given.items[place], {}) for place in places], one.lifetime, options)
        flows = given.values[:, places]
        account = _account(one.lifetime, flows, by_age, options)
        for name in names:
            made.parts[name][:, places] = getattr(account, name)
        made.problems += _told(account, [given.items[place] for place in places], given.years)
        if options.replicates:
            generator = np.random.default_rng([options.seed, zlib.crc32(given.items[places[0]].encode())])
            drawn = drawn_lifetimes(one.lifetime, one.relative_error, options.replicates, generator)
            every = [_account(other, flows, by_age, options) for other in drawn]
            for name in names:
                made.errors[name][:, places] = np.std([getattr(draw, name) for draw in every], axis=0, ddof=1)
    return made


def _account(lasting: Lifetime, flows: Array, by_age: Array | None, options: _Options) -> StockAccount:
    years = len(flows)
    shares = survival_matrix(lasting, years, entry_age=options.entry_age)
    before = None if by_age is None else opening_stock(lasting, by_age, years, entry_age=options.entry_age)
    if options.driven_by == "inflow":
        return inflow_driven(shares, flows, before)
    return stock_driven(shares, flows, before, early_retirement=options.early_retirement)


def _told(account: StockAccount, items: Sequence[str], years: Sequence[int]) -> list[Problem]:
    """Return the problems of a class, negative inflows by item and year."""
    kept = [problem for problem in account.problems if problem.code != "accounts.stock_negative_inflow"]
    if len(kept) == len(account.problems):
        return kept
    least = -1e-12 * account.stock.max(axis=0)
    for place, item in enumerate(items):
        wrong = np.flatnonzero(account.inflow[:, place] < least[place])
        if len(wrong):
            values = {"item": item, "years": [years[one] for one in wrong[:10]], "count": len(wrong),
                      "amount": float(f"{account.inflow[wrong, place].min():.6g}")}  # fmt: skip
            kept.append(Problem("accounts.stock_item_inflow", values=values, severity="warning"))
    return kept


def _results(
    given: _Series, made: _Made, origins: tuple[Origin, ...], options: _Options, *, assumed: bool
) -> StockResults:
    rows, columns = Index.of(("item",), given.items), Index.of(("year",), [str(year) for year in given.years])
    notes = [(f"进入当年年末平均年龄按 {options.entry_age} 年计。",
              f"What enters is {options.entry_age} years old at the end of that year, on average.")]  # fmt: skip
    if assumed:
        notes.append((f"期初存量没有年龄：按流入每年增长 {options.growth:.1%} 的稳定年龄结构推定。",
                      "The opening stock has no ages: those of an inflow that grew by "
                      f"{options.growth:.1%} a year are assumed."))  # fmt: skip
    if options.replicates:
        notes.append((f"标准误由 {options.replicates} 次寿命抽样得出，只含平均寿命的误差。",
                      f"Standard errors come from {options.replicates} draws of the lifetimes; they cover the error of "
                      "the mean lifetime only."))  # fmt: skip
    else:
        notes.append(("没有给出不确定性。", "No uncertainty is given."))
    titles = {"inflow": ("流入", "Inflow"), "outflow": ("流出（报废）", "Outflow (retired)"),
              "stock": ("年末存量", "Stock at the end of the year")}  # fmt: skip
    results = {
        name: Result(
            f"stock_{name}" if name != "stock" else "stock", title, rows, columns, made.parts[name].T,
            given.units if name == "stock" else tuple(f"{unit}/a" for unit in given.units), "accounts.stocks",
            (given.origin, *origins), made.errors[name].T if options.replicates else None, tuple(notes),
        )
        for name, title in titles.items()
    }  # fmt: skip
    return StockResults(results["inflow"], results["outflow"], results["stock"], tuple(made.problems))


def scrap_account(outflow: Result, content: Path) -> Result:
    """Return the materials in what is retired, and how much of them becomes secondary material.

    Args:
        outflow: rows item, columns year, of `stock_accounts`.
        content: table item, material, content (t per unit of the item), collected and efficiency (shares), source.

    Returns:
        Rows (material, stage): end of life, uncollected, lost, secondary; columns year; unit t per year.

    Raises:
        InputError: accounts.stock_no_series, for items that the account does not have.
        MethodError: accounts.link_share.
    """
    table = read_tidy(content, CONTENT)
    items = outflow.rows.level("item")
    problems = [
        Problem("accounts.stock_no_series", Where(content.name, row=row),
                {"item": record["item"], "items": list(items[:8])})
        for record, row in zip(table.records, table.rows, strict=True)
        if record["item"] not in items
    ]  # fmt: skip
    if problems:
        raise InputError(*problems)
    materials = tuple(dict.fromkeys(str(record["material"]) for record in table.records))
    totals = np.zeros((len(materials), 4, len(outflow.columns)))
    for record in table.records:
        own = outflow.values[[items.index(str(record["item"]))]].T
        one = scrap(own, np.array([[float(record["content"])]]), np.array([[float(record["collected"])]]),
                    np.array([float(record["efficiency"])]))  # fmt: skip
        stages = np.hstack([one.end_of_life, one.uncollected, one.lost, one.secondary]).T
        totals[materials.index(str(record["material"]))] += stages
    names = ("end_of_life", "uncollected", "lost", "secondary")
    return Result(
        "scrap", ("报废中的材料与再生", "Materials in what is retired, and what is recovered"),
        Index.product(("material", "stage"), materials, names), outflow.columns,
        totals.reshape(len(materials) * 4, -1), ("t/a",), "accounts.stock_link", (*outflow.origin, table.origin),
        notes=outflow.notes,
    )  # fmt: skip
