"""lvshu estimate population: how many there are, from lists that overlap."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lvshu.cli.commands.estimate.combinations import uncounted
from lvshu.cli.commands.estimate.common import deliver, needed, picked
from lvshu.cli.console import Output
from lvshu.core.errors import ConfigError, MethodError, Problem, Where
from lvshu.intake.columns import LABEL, NUMBER, ColumnTable, read_columns
from lvshu.publish.results.estimates import EstimateReport
from lvshu.statistics import population
from lvshu.statistics.population import link_bounds
from lvshu.statistics.population.linkage import LinkageError
from lvshu.store.workspace import Workspace

CODES = ("stratum", "model", "observed", "value", "standard_error", "low", "high", "method")
CORRECTED = ("stratum", "model", "observed", "naive", "value", "standard_error", "low", "high", "method")


def execute(
    *,
    language: str,
    as_json: bool,
    source: Path,
    sheet: str,
    lists: Sequence[str] | None,
    count: str,
    unit: str,
    list_column: str,
    stratum: str,
    criterion: str,
    terms: Sequence[str] | None,
    found: float,
    found_error: float,
    false: float,
    false_error: float,
    links_from: Path | None,
    replicates: int,
    seed: int,
    level: float,
    to: Sequence[Path] | None,
    top: int,
) -> int:
    """Estimate, show and write. Returns the exit code."""
    error = LinkageError(found, false, found_error, false_error)
    error.matrices(2)
    stated = any((found != 1.0, false, found_error, false_error))
    if stated and links_from is not None:
        values = {"option": "--links-from", "other": "--links-found / --links-false"}
        raise ConfigError(Problem("estimate.option_not_with", values=values))
    corrected = stated or links_from is not None
    if corrected:
        _without_counterpart(criterion, replicates)
    table, read = _lists(source, sheet, lists, count, unit, list_column, stratum)
    file = Where(source.name, sheet or None)

    def one_stratum(name: str, one: population.Lists) -> tuple[dict[str, Any], Any]:
        nonlocal error
        model = _terms(one, terms, criterion)
        if not corrected:
            return _plain(name, one, model, criterion, replicates, seed, level)
        error = _of_run(links_from, one.names) if links_from is not None else error
        return _corrected(name, one, error, model, criterion, level)

    records = _every(read, one_stratum, file, stratum, level)
    settings = {
        "lists": [*next(iter(read.values())).names], "criterion": criterion, "terms": list(terms or ()),
        "replicates": replicates, "seed": seed if replicates else None, "level": level, **_rates(error),
        "links_from": None if links_from is None else str(links_from),
        "stratum": stratum or None, "records": len(table.rows),
    }  # fmt: skip
    method = (
        (
            "对数线性模型，按匹配差错修正（组合连接函数）",
            "Log-linear model, corrected for linkage error (composite link)",
        )
        if corrected
        else ("对数线性多名单估计", "Log-linear multiple-systems estimation")
    )
    note = (
        "只对名单间的交互建模；各人上名单的机会不同（异质性）会使估计偏低。模型的选择可使总数相差很大，请与其他模型并列公布。",
        "Only the dependence between lists is modelled; where persons differ in how easily they are listed the "
        "estimate is too low. The choice of the model can change the total much: publish others beside it.",
    )
    notes = (*(uncounted(table, lists or (), stratum) if count and not unit else ()), note)
    title = ("总人数", "How many there are")
    columns = picked(CORRECTED if corrected else CODES)
    report = EstimateReport(
        "population", title, method, settings, columns, tuple(records), (table.origin,), notes
    )
    return deliver(Output(language, as_json), report, to=to, top=top)


def _every(
    read: Mapping[str, population.Lists],
    estimate: Callable[[str, population.Lists], tuple[dict[str, Any], Any]],
    file: Where,
    stratum: str,
    level: float,
) -> list[dict[str, Any]]:
    """Return the record of every stratum and their sum; faults of all strata are told at once, with their stratum."""
    records: list[dict[str, Any]] = []
    parts: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, one in read.items():
        try:
            record, parts[name] = estimate(name, one)
        except MethodError as refused:
            where = Where(file.file, file.sheet, None, f"{stratum} = {name}" if stratum else None)
            problems += [Problem(p.code, where, p.values, p.severity) for p in refused.problems]
            continue
        records.append(record)
    if problems:
        raise MethodError(*problems)
    if len(read) > 1:
        records.append(_sum(records, parts, sum(one.observed for one in read.values()), level))
    return records


def _of_run(folder: Path, lists: Sequence[str]) -> LinkageError:
    with Workspace.open(folder).book() as book:
        return population.linkage_error_of_book(book, lists)


def _rates(error: LinkageError) -> dict[str, float]:
    """Return the rates as the settings show them: of several pairs of lists the mean."""

    def mean(rate: Any) -> float:
        matrix = np.asarray(rate, dtype=float)
        return float(matrix if matrix.ndim == 0 else matrix[np.triu_indices(len(matrix), 1)].mean())

    return {
        "links_found": mean(error.found), "links_found_error": mean(error.found_error),
        "links_false": mean(error.false), "links_false_error": mean(error.false_error),
    }  # fmt: skip


def _without_counterpart(criterion: str, replicates: int) -> None:
    """Refuse options that the correction of links does not know.

    Raises:
        ConfigError: all of them at once.
    """
    asked = [
        *(["--replicates"] if replicates else []),
        *(["--criterion test"] if criterion == "test" else []),
    ]
    if asked:
        problems = [
            Problem(
                "estimate.option_not_with", values={"option": one, "other": "--links-found / --links-false"}
            )
            for one in asked
        ]
        raise ConfigError(*problems)


def _lists(
    source: Path,
    sheet: str,
    lists: Sequence[str] | None,
    count: str,
    unit: str,
    list_column: str,
    stratum: str,
) -> tuple[ColumnTable, dict[str, population.Lists]]:
    """Return the table and its lists by stratum; faults of all strata are told at once."""
    extra = {stratum: LABEL} if stratum else {}
    if unit:
        if not list_column:
            raise needed("--list-column", "--unit")
        table = read_columns(source, {unit: LABEL, list_column: LABEL, **extra}, sheet=sheet)
    else:
        if not lists:
            raise needed("--list", "population")
        wanted = dict.fromkeys([*lists, *([count] if count else [])], NUMBER)
        table = read_columns(source, {**wanted, **extra}, sheet=sheet)
    groups = np.array(table.labels[stratum]) if stratum else np.full(len(table.rows), "")
    made: dict[str, population.Lists] = {}
    problems: list[Problem] = []
    for name in sorted(set(groups.tolist())):
        inside = groups == name
        try:
            made[name] = _one(table, inside, lists or (), count, unit, list_column)
        except MethodError as error:
            where = Where(source.name, sheet or None, None, f"{stratum} = {name}" if stratum else None)
            rows = [row for row, own in zip(table.rows, inside.tolist(), strict=True) if own]
            problems += [
                Problem(one.code, where, {**one.values, **_row_of_file(one.values, rows)}, one.severity)
                for one in error.problems
            ]
    if problems:
        raise MethodError(*problems)
    return table, made


def _row_of_file(values: Mapping[str, Any], rows: Sequence[int]) -> dict[str, int]:
    """Return the row of the file for a row counted within a stratum."""
    first = values.get("first")
    return {"first": rows[first - 1]} if isinstance(first, int) else {}


def _one(
    table: ColumnTable, inside: Any, lists: Sequence[str], count: str, unit: str, list_column: str
) -> population.Lists:
    if unit:
        return population.lists_from_records(
            np.array(table.labels[unit])[inside], np.array(table.labels[list_column])[inside]
        )
    patterns = np.stack([np.array(table.numbers[name])[inside] for name in lists], axis=1)
    counts = np.array(table.numbers[count])[inside] if count else np.ones(int(inside.sum()))
    return population.lists_from_counts(tuple(lists), patterns, counts)


def _terms(lists: population.Lists, terms: Sequence[str] | None, criterion: str) -> list[list[int]] | None:
    """Return the terms given, by number; None where a search is wanted."""
    if criterion != "none" and not terms:
        return None
    made = []
    for term in terms or ():
        names = [part.strip() for part in term.replace("，", ",").split(",")]
        for name in names:
            if name not in lists.names:
                values = {"name": name, "known": ", ".join(lists.names)}
                raise ConfigError(Problem("estimate.unknown_list", values=values))
        made.append([lists.names.index(name) for name in names])
    return made


def _plain(
    name: str,
    lists: population.Lists,
    model: list[list[int]] | None,
    criterion: str,
    replicates: int,
    seed: int,
    level: float,
) -> tuple[dict[str, Any], Any]:
    found = (
        population.fit_model(lists, model)
        if model is not None
        else population.search(lists, criterion=criterion)
    )
    interval = population.profile_interval(lists, found, level=level)
    if replicates:
        fixed = (lambda one: population.fit_model(one, model).size) if model is not None else None
        tests = (lambda one: population.search(one, criterion="test").size) if criterion == "test" else None
        interval = population.bootstrap(
            lists, replicates, np.random.default_rng(seed), estimator=fixed or tests,
            criterion="bic" if criterion in ("none", "test") else criterion, level=level,
        )  # fmt: skip
    record = {
        "stratum": name, "model": found.name(lists.names), "observed": lists.observed, "value": interval.size,
        "standard_error": interval.standard_error, "low": interval.low, "high": interval.high,
        "method": interval.method,
    }  # fmt: skip
    return record, interval


def _corrected(
    name: str,
    lists: population.Lists,
    error: LinkageError,
    model: list[list[int]] | None,
    criterion: str,
    level: float,
) -> tuple[dict[str, Any], float]:
    """Return the record of a stratum, and the persons that are there for certain, count."""
    found = population.fit_with_linkage_error(
        lists, error, model, criterion="aic" if criterion == "aic" else "bic"
    )
    value, spread = found.estimate.value, found.estimate.standard_error
    low, high = found.interval(level)
    largest = [term for term in found.model if not any(term < other for other in found.model)]
    shown = "".join(
        f"[{','.join(lists.names[k] for k in sorted(term))}]" for term in sorted(largest, key=sorted)
    )
    return {
        "stratum": name, "model": shown, "observed": lists.observed, "naive": found.naive,
        "value": value, "standard_error": spread, "low": low, "high": high, "method": "linkage_error",
    }, found.least  # fmt: skip


def _sum(
    records: Sequence[Mapping[str, Any]],
    parts: Mapping[str, Any],
    observed: float,
    level: float,
) -> dict[str, Any]:
    if not any(isinstance(part, float) for part in parts.values()):
        found = population.sum_of_strata(parts, observed, level=level)
        ends = (found.size, found.standard_error, found.low, found.high)
    else:
        size = sum(float(one["value"]) for one in records)
        error = float(np.sqrt(sum(float(one["standard_error"]) ** 2 for one in records)))
        ends = (size, error, *link_bounds.interval(size, error, sum(parts.values()), level))
    naive = sum(float(one.get("naive", 0.0)) for one in records)
    return {
        "stratum": "Σ", "model": "", "observed": observed, "naive": naive, "value": ends[0],
        "standard_error": ends[1], "low": ends[2], "high": ends[3], "method": "sum_of_strata",
    }  # fmt: skip
