"""Circularity as labelled results, without a run: indicators, breaks of the loop, and what recovering more brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.book.circularity_figures import COMPONENTS, NAMES, Indicator, indicators_of
from lvshu.accounts.book.circulation_inputs import Flows, Streams, flows_of, streams_of
from lvshu.accounts.book.recycling import POINTS, forgone, gain_of, losses_of, savings_of
from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.result import Result
from lvshu.accounts.methods.circulation.breaks import PLACES
from lvshu.accounts.methods.circulation.draws import relative_draws
from lvshu.accounts.methods.circulation.recovery import RecoveryGain, recover_more
from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import load
from lvshu.core.errors import InputError, MethodError, Problem, Where
from lvshu.core.origin import Origin
from lvshu.core.units import factor as unit_factor
from lvshu.core.units import parse_header_unit
from lvshu.intake.text import heading_key
from lvshu.intake.tidy import NUMBER, TEXT, YEAR, Field, read_tidy

Array = NDArray[np.float64]

TABLES = ("material_flow", "recovered_material", "circularity_statistic")
KINDS = {"quantity": NUMBER, "ratio": NUMBER, "money": NUMBER, "year": YEAR}
SEED = 20210913


@dataclass(frozen=True)
class CircularInputs:
    """What the accounts of circularity are made from, of one area and year.

    Attributes:
        flows, streams: None where no such file was given.
        product: GDP at constant prices, CNY; None where it is not known.
        product_error: its relative standard error, without unit.
        origin: of every file.
    """

    flows: Flows | None
    streams: Streams | None
    product: float | None = None
    product_error: float = 0.0
    origin: tuple[Origin, ...] = ()


def fields_of(table: str, headings: Sequence[str]) -> tuple[Field, ...] | None:
    """Return the columns of an input table as a file with these headings has them; None where it lacks a needed one.

    A heading without a unit stands in the unit of the table's contract, as in a workspace.
    """
    units: dict[str, str | None] = {}
    for text in headings:
        name, unit = parse_header_unit(text)
        units[heading_key(name)] = units[heading_key(text)] = unit
    found = []
    for one in load(table).columns:
        if one.name == "area_code":
            continue
        words = (one.zh, one.en, *one.aliases)
        keys = {heading_key(word) for word in (one.name, one.name.replace("_", " "), *words)} & set(units)
        if one.required and not keys:
            return None
        stated = any(units[key] for key in keys) and not one.unit.startswith("column:") and one.unit != "1"
        found.append(
            Field(one.name, words, KINDS.get(one.type, TEXT), not one.required, one.unit if stated else "")
        )
    return tuple(found)


def read_circular(paths: Sequence[Path], *, year: int | None = None) -> CircularInputs:
    """Return the inputs that files hold; which table a file is, its headings tell.

    Args:
        paths: csv, xlsx or parquet with the columns of material_flow, recovered_material or circularity_statistic.
        year: year wanted; the latest of the flows and streams where it is not given.

    Raises:
        InputError: accounts.circular_unknown_file, for a file that is none of the three; every fault of the others.
    """
    found: dict[str, list[Mapping[str, Any]]] = {name: [] for name in TABLES}
    origins: list[Origin] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            name, fields = _fields_of_file(path)
            table = read_tidy(path, fields)
            found[name] += table.records
            origins.append(table.origin)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(*problems)
    records = [*found["material_flow"], *found["recovered_material"]]
    chosen = year if year is not None else max((int(row["year"]) for row in records), default=None)
    flows, streams = ([row for row in found[name] if row["year"] == chosen] for name in TABLES[:2])
    product = next((row for row in found["circularity_statistic"]
                    if row["code"] == "gdp_constant" and row["year"] == chosen), None)  # fmt: skip
    return CircularInputs(
        flows_of(flows) if flows else None, streams_of(streams) if streams else None,
        None if product is None else float(product["value"]) * float(unit_factor(str(product["unit"]), "CNY")),
        0.0 if product is None else float(product["relative_standard_error"] or 0.0), tuple(origins),
    )  # fmt: skip


def _fields_of_file(path: Path) -> tuple[str, tuple[Field, ...]]:
    """Return the table whose needed columns a file has, and its columns."""
    headings = read_tidy(path, ()).other
    for name in TABLES:
        fields = fields_of(name, headings)
        if fields is not None:
            return name, fields
    values = {"tables": list(TABLES), "found": list(headings)}
    raise InputError(Problem("accounts.circular_unknown_file", Where(file=path.name), values))


def indicator_result(
    inputs: CircularInputs, packs: PackLibrary, *, replicates: int = 200, seed: int = SEED
) -> Result:
    """Return the indicators of circularity, one row each in its own unit, with standard errors where inputs state any.

    Args:
        inputs: flows, streams, GDP.
        packs: main_resources.
        replicates: number of random repetitions; 0 for none.
        seed: of the random numbers.

    Raises:
        MethodError: accounts.circular_inputs_missing, when there are neither flows nor streams.
    """
    found, problems, listed = _indicators(inputs, packs)
    drawn = _drawn(inputs, listed, replicates, seed) if replicates > 1 and _uncertain(inputs) else {}
    error = None
    if drawn:
        error = np.array(
            [[float(np.std(drawn[one.code], ddof=1)) if one.code in drawn else np.nan] for one in found]
        )
    notes = [(NAMES[one.code][2], NAMES[one.code][3]) for one in found]
    notes += [(problem.what("zh"), problem.what("en")) for problem in problems]
    return Result(
        "circularity_indicators", ("循环经济指标", "Indicators of circularity"),
        Index.of(("indicator", "name_zh", "name_en"), [(one.code, *NAMES[one.code][:2]) for one in found]),
        Index.of(("measure",), ["value"]), np.array([[float(one.value)] for one in found]).reshape(-1, 1),
        tuple(one.unit for one in found), "accounts.circularity", inputs.origin, error, tuple(notes),
    )  # fmt: skip


def component_result(inputs: CircularInputs, packs: PackLibrary) -> Result:
    """Return the figures that make each indicator: rows (indicator, component, its names, role), own units.

    Raises:
        MethodError: accounts.circular_inputs_missing.
    """
    found, _, _ = _indicators(inputs, packs)
    parts = [(one, part) for one in found for part in one.components]
    return Result(
        "circularity_components", ("循环经济指标的构成", "Components of the indicators"),
        Index.of(
            ("indicator", "component", "name_zh", "name_en", "role"),
            [(one.code, part.code, *COMPONENTS[part.code], part.role) for one, part in parts],
        ),
        Index.of(("measure",), ["value"]),
        np.array([[part.sign * float(part.value)] for _, part in parts]).reshape(-1, 1),
        tuple(part.unit for _, part in parts), "accounts.circularity", inputs.origin,
    )  # fmt: skip


def _indicators(
    inputs: CircularInputs, packs: PackLibrary
) -> tuple[list[Indicator], list[Problem], frozenset[str]]:
    if inputs.flows is None and inputs.streams is None:
        raise MethodError(Problem("accounts.circular_inputs_missing"))
    listed = frozenset(str(row["material"]) for row in packs["main_resources"].rows)
    product = None if inputs.product is None else np.asarray(inputs.product)
    return (*indicators_of(inputs.flows, inputs.streams, product, listed), listed)


def _uncertain(inputs: CircularInputs) -> bool:
    stated = inputs.flows is not None and inputs.flows.uncertain
    return stated or (inputs.streams is not None and not np.isnan(inputs.streams.relative_error).all())


def _drawn(inputs: CircularInputs, listed: frozenset[str], count: int, seed: int) -> dict[str, Array]:
    generator = np.random.default_rng(seed)
    flows = None if inputs.flows is None else inputs.flows.drawn(count, generator)
    streams = None if inputs.streams is None else inputs.streams.drawn(count, generator)
    draws = relative_draws(np.array([inputs.product_error]), count, generator)[0]
    product = None if inputs.product is None else inputs.product * draws
    found, _ = indicators_of(flows, streams, product, listed)
    return {one.code: one.value for one in found}


def break_result(inputs: CircularInputs, packs: PackLibrary) -> Result:
    """Return where the loop loses what: rows (stream, stage, fate, measure) by rank of mass, one column, own units.

    Measures are loss in t, value in CNY and saving forgone in tCO2e; what no source or price gives is left out.

    Raises:
        MethodError: accounts.circular_inputs_missing, without streams; accounts.stream_grows.
    """
    streams = _streams(inputs)
    losses = losses_of(streams)
    value, saving, rank = forgone(losses, streams.price, savings_of(streams, packs))
    rows: list[tuple[str, ...]] = []
    figures: list[float] = []
    units: list[str] = []
    measures = (("loss", losses, "t"), ("value", value, "CNY"), ("saving_forgone", saving, "tCO2e"))
    ranked = sorted(zip(*np.nonzero(losses > 0.0), strict=True), key=lambda place: int(rank[place]))
    for i, j in ranked:
        for measure, table, unit in measures:
            if not np.isnan(table[i, j]):
                rows.append((streams.codes[i], *streams.names[i], PLACES[j][1], PLACES[j][0], measure))
                figures.append(float(table[i, j]))
                units.append(unit)
    generated, used = float(streams.total("generated")), float(streams.total("used"))
    notes = (
        (f"损失合计 {losses.sum():,.0f} 吨 = 产生 {generated:,.0f} - 再生利用 {used:,.0f}。",
         f"Losses of {losses.sum():,.0f} t in all = generated {generated:,.0f} - used again {used:,.0f}."),
        *_unknown(streams, packs),
    )  # fmt: skip
    return Result(
        "circulation_breaks", ("循环断点", "Breaks of the loop"),
        Index.of(("stream", "name_zh", "name_en", "stage", "fate", "measure"), rows),
        Index.of(("amount",), ["amount"]), np.array(figures).reshape(-1, 1), tuple(units) or ("t",),
        "accounts.circulation_break", inputs.origin, notes=notes,
    )  # fmt: skip


def what_if_result(
    inputs: CircularInputs, packs: PackLibrary, recover: Mapping[str, float] | None = None
) -> Result:
    """Return what recovering more brings: rows (stream, measure) in their own units, the total of each measure last.

    Args:
        inputs: streams.
        packs: recycling_savings.
        recover: stream -> more of what it generates that is recovered, in points of percent; ten points of every
            stream, or what is left of it, where none is given.

    Raises:
        MethodError: accounts.circular_inputs_missing; accounts.no_such_stream; accounts.recover_too_much.
    """
    streams, saving = _streams(inputs), savings_of(_streams(inputs), packs)
    points, gain = _gain(streams, saving, recover)
    rows: list[tuple[str, ...]] = []
    figures: list[float] = []
    units: list[str] = []
    measures = (("points", points * 100, "%"), ("collected", gain.collected, "t"), ("returned", gain.returned, "t"),
                ("saving", gain.saving, "tCO2e"), ("value", gain.value, "CNY"))  # fmt: skip
    for i in np.flatnonzero(points > 0.0):
        for measure, values, unit in measures:
            if not np.isnan(values[i]):
                rows.append((streams.codes[i], *streams.names[i], measure))
                figures.append(float(values[i]))
                units.append(unit)
    for measure, values, unit in measures[1:]:
        rows.append(("all", "合计", "Total", measure))
        figures.append(float(np.nansum(np.where(points > 0.0, values, 0.0))))
        units.append(unit)
    return Result(
        "recovery_what_if", ("多回收测算", "What recovering more brings"),
        Index.of(("stream", "name_zh", "name_en", "measure"), rows),
        Index.of(("amount",), ["amount"]), np.array(figures).reshape(-1, 1), tuple(units),
        "accounts.circulation_break", inputs.origin, notes=_unknown(streams, packs, points > 0.0),
    )  # fmt: skip


def recover_of(words: Sequence[str]) -> dict[str, float]:
    """Return streams and points from words such as "waste_paper=10" (points of percent).

    Raises:
        InputError: accounts.recover_words, for each that is not of this form.
    """
    found: dict[str, float] = {}
    problems = []
    for word in words:
        stream, _, number = word.partition("=")
        try:
            found[stream.strip()] = float(number.strip().removesuffix("%"))
        except ValueError:
            problems.append(Problem("accounts.recover_words", values={"words": word}))
    if problems:
        raise InputError(*problems)
    return found


def _streams(inputs: CircularInputs) -> Streams:
    if inputs.streams is None:
        raise MethodError(Problem("accounts.circular_inputs_missing"))
    return inputs.streams


def _gain(streams: Streams, saving: Array, recover: Mapping[str, float] | None) -> tuple[Array, RecoveryGain]:
    if not recover:
        return gain_of(streams, POINTS, saving)
    called = {heading_key(word): code for code, name in zip(streams.codes, streams.names, strict=True)
              for word in (*name, code)}  # fmt: skip
    unknown = [name for name in recover if heading_key(name) not in called]
    if unknown:
        known = [{"zh": f"{code}（{name[0]}）", "en": f"{code} ({name[1]})"}
                 for code, name in zip(streams.codes, streams.names, strict=True)]  # fmt: skip
        raise MethodError(Problem("accounts.no_such_stream", values={"streams": unknown, "known": known}))
    wanted = {called[heading_key(name)]: value for name, value in recover.items()}
    outside = {name: value for name, value in recover.items() if not 0.0 <= value <= 100.0}
    if outside:
        raise InputError(*(Problem("accounts.recover_points", values={"stream": name, "points": f"{value:g}"})
                           for name, value in outside.items()))  # fmt: skip
    points = np.array([wanted.get(code, 0.0) / 100.0 for code in streams.codes])
    over = [place for place, code in enumerate(streams.codes) if _left(streams, place) < points[place] - 1e-9]
    if over:
        raise MethodError(*(
            Problem("accounts.recover_too_much", values={
                "stream": {"zh": streams.names[i][0], "en": streams.names[i][1]}, "points": f"{100 * points[i]:g}",
                "most": f"{100 * _left(streams, i):.1f}"})
            for i in over
        ))  # fmt: skip
    return points, recover_more(
        streams.of("generated"), streams.of("collected"), streams.of("used"), points, saving, streams.price
    )


def _left(streams: Streams, place: int) -> float:
    """Return the share of what a stream generates that is not collected yet, 0 to 1."""
    generated, collected = float(streams.of("generated")[place]), float(streams.of("collected")[place])
    return (generated - collected) / generated if generated else 0.0


def _unknown(
    streams: Streams, packs: PackLibrary, chosen: NDArray[np.bool_] | None = None
) -> tuple[tuple[str, str], ...]:
    found = []
    for code, missing in (("accounts.stream_no_saving", np.isnan(savings_of(streams, packs))),
                          ("accounts.stream_no_price", np.isnan(streams.price))):  # fmt: skip
        names = [streams.names[i] for i in np.flatnonzero(missing if chosen is None else missing & chosen)]
        if names:
            texts = {"zh": "、".join(zh for zh, _ in names), "en": ", ".join(en for _, en in names)}
            problem = Problem(code, values={"streams": texts})
            found.append((problem.what("zh"), problem.what("en")))
    return tuple(found)
