"""From the parts a reader found to a system: labels, units and balances are checked, all faults told at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvshu.accounts.ledger.labels import Index, check_same
from lvshu.accounts.ledger.system import FINAL_LEVELS, INDUSTRY_LEVELS, Extension, InputOutputSystem, Matrix
from lvshu.core.errors import InputError, LvshuError, Problem, Where
from lvshu.core.origin import Origin
from lvshu.core.units import find_unit

Array = NDArray[np.float64]
Label = tuple[str, ...]
Note = tuple[str, str]
_TOLD = 10
_PRIMARY = re.compile(
    r"value added|compensation of employees|operating surplus|taxes less subsidies|net taxes on production",
    re.I,
)


@dataclass(frozen=True)
class ReadOptions:
    """What a user may say about a table to be read.

    Attributes:
        year: which year, where the file holds several or does not say.
        unit: unit symbol of the money figures, where the file does not say.
        extensions: True for all, False for none, or the names of those wanted.
        merge_split: whether parts of an economy that a publisher shows apart (CN1, CN2) are added together.
        tolerance: how far the uses of a product may be from its stated output, relative to the larger of the
            output and the mean output; beyond it the table is refused.
    """

    year: int | None = None
    unit: str | None = None
    extensions: bool | Collection[str] = True
    merge_split: bool = False
    tolerance: float = 1e-3

    def wants(self, extension: str) -> bool:
        """Return whether an extension is to be read."""
        return self.extensions if isinstance(self.extensions, bool) else extension in self.extensions


@dataclass
class Parts:
    """What a reader found, before it is checked.

    Attributes:
        name, year, money_unit, origin, notes: as in the system.
        where: the file, for faults of the whole table.
        rows, columns: labels (region, sector) of Z's two sides, n each.
        final: labels (region, category), c.
        intermediate_use: Z, shape (n, n).
        final_demand: Y, shape (n, c).
        output: shape (n,), or None where the file states none.
        value_added: name -> shape (n,).
        extensions: by name.
    """

    name: str
    year: int | None
    where: Where
    rows: Sequence[Label]
    columns: Sequence[Label]
    final: Sequence[Label]
    intermediate_use: Matrix
    final_demand: Array
    money_unit: str
    output: Array | None = None
    value_added: Mapping[str, Array] = field(default_factory=dict)
    extensions: Mapping[str, Extension] = field(default_factory=dict)
    origin: Origin = field(default_factory=Origin)
    notes: list[Note] = field(default_factory=list)


def assemble(parts: Parts, options: ReadOptions, problems: list[Problem]) -> InputOutputSystem:
    """Return the system that the parts make.

    Raises:
        InputError: the problems given, and those of labels and balances found here, all together.
    """
    rows = index_of(INDUSTRY_LEVELS, parts.rows, parts.where, problems)
    columns = index_of(INDUSTRY_LEVELS, parts.columns, parts.where, problems)
    final = index_of(FINAL_LEVELS, parts.final, parts.where, problems)
    if rows is None or columns is None or final is None:
        raise InputError(*problems)
    use = parts.intermediate_use
    if rows.labels != columns.labels:
        order = order_of(rows, columns, ("Z", "Z"), parts.where, problems)
        if order is None:
            raise InputError(*problems)
        use = use[:, order]
        parts.notes.append(told("columns_reordered"))
    summed = np.asarray(use.sum(axis=1)).ravel() + parts.final_demand.sum(axis=1)
    output = parts.output
    if output is None:
        output = summed
        parts.notes.append(told("output_summed"))
    else:
        problems += balance_problems(rows, summed, output, options.tolerance, parts.where)
    if problems:
        raise InputError(*problems)
    together = _together(rows)
    system = InputOutputSystem(
        parts.name, parts.year, rows, final, use, parts.final_demand, output, dict(parts.value_added),
        parts.money_unit, dict(parts.extensions), parts.origin, tuple(parts.notes),
    )  # fmt: skip
    return system if together is None else _reordered(system, together)


def told(key: str, **values: object) -> Note:
    """Return a note of the message catalogue in both languages."""
    problem = Problem(f"accounts.reader_{key}", values=values, severity="notice")
    return problem.what("zh"), problem.what("en")


def index_of(
    levels: Sequence[str], labels: Iterable[Label], where: Where, problems: list[Problem]
) -> Index | None:
    """Return the index of some labels, or None where they cannot be one; the fault is added to the problems."""
    try:
        return Index.of(levels, labels)
    except LvshuError as error:
        problems += [Problem(one.code, where, one.values) for one in error.problems]
        return None


def order_of(
    wanted: Index, given: Index, names: tuple[str, str], where: Where, problems: list[Problem]
) -> NDArray[np.int64] | None:
    """Return the positions in `given` of the labels of `wanted`, or None where the labels are not the same."""
    if set(wanted.labels) == set(given.labels) and len(wanted) == len(given):
        return np.array([given.places[label] for label in wanted.labels], dtype=np.int64)
    try:
        check_same(wanted, given, first_name=names[0], second_name=names[1])
    except LvshuError as error:
        problems += [Problem(one.code, where, one.values) for one in error.problems]
    return None


def balance_problems(
    rows: Index, summed: Array, output: Array, tolerance: float, where: Where
) -> list[Problem]:
    """Return one problem that names the products whose uses are not their stated output, or nothing."""
    scale = np.maximum(np.abs(output), np.abs(output).mean())
    gap = summed - output
    bad = np.flatnonzero(np.abs(gap) > tolerance * scale)
    if not len(bad):
        return []
    worst = bad[np.argsort(-np.abs(gap[bad]))][:_TOLD]
    values = {
        "count": len(bad), "tolerance": tolerance,
        "rows": [f"{rows.text(place)}: {summed[place]:.10g} ≠ {output[place]:.10g}" for place in worst],
    }  # fmt: skip
    return [Problem("accounts.reader_not_balanced", where, values)]


def _together(rows: Index) -> NDArray[np.int64] | None:
    codes = rows.codes("region")
    return None if (np.diff(codes) >= 0).all() else np.argsort(codes, kind="stable")


def _reordered(system: InputOutputSystem, order: NDArray[np.int64]) -> InputOutputSystem:
    rows = Index(system.industries.levels, tuple(system.industries.labels[place] for place in order))
    extensions = {
        name: Extension(
            one.name, one.stressors, one.units, one.flows[:, order], one.final_flows,
            None if one.standard_error is None else one.standard_error[:, order], one.origin,
        )
        for name, one in system.extensions.items()
    }  # fmt: skip
    return InputOutputSystem(
        system.name, system.year, rows, system.final, system.intermediate_use[order][:, order],
        system.final_demand[order], system.output[order],
        {name: row[order] for name, row in system.value_added.items()},
        system.money_unit, extensions, system.origin, (*system.notes, told("regions_together")),
    )  # fmt: skip


def money_unit(
    words: Iterable[str], stated: str | None, where: Where, problems: list[Problem], notes: list[Note]
) -> str:
    """Return the unit symbol of the money figures.

    Args:
        words: the unit as the file writes it, once or once for each row.
        stated: the unit symbol the user gave, or None.
        where: the file.
        problems: several units, an unknown unit or none are added here.
        notes: what was settled.
    """
    written = list(dict.fromkeys(word.strip() for word in words if word and word.strip()))
    known = {word: find_unit(word) for word in written}
    symbols = {unit.symbol for unit in known.values() if unit and unit.dimension.startswith("money")}
    if len(written) > 1 and (len(symbols) != 1 or not all(known.values())):
        problems.append(Problem("accounts.reader_units_mixed", where, {"units": written[:_TOLD]}))
        return stated or ""
    if stated is not None:
        unit = find_unit(stated)
        if unit is None or not unit.dimension.startswith("money"):
            problems.append(Problem("accounts.reader_no_money_unit", where, {"unit": stated}))
        elif symbols and unit.symbol not in symbols:
            values = {"stated": unit.symbol, "found": sorted(symbols)[0]}
            problems.append(Problem("accounts.reader_unit_differs", where, values))
        else:
            if not symbols:
                notes.append(told("unit_stated", unit=unit.symbol, written=written or ["–"]))
            return unit.symbol
        return ""
    if symbols:
        return symbols.pop()
    problems.append(Problem("accounts.reader_no_money_unit", where, {"unit": written[0] if written else "–"}))
    return ""


def check_stressor_units(
    stressors: Index, given: Mapping[Label, str], money: str, where: Where, problems: list[Problem]
) -> tuple[str, ...]:
    """Return the unit of each stressor, in their order; those without one, or with a wrong one, are problems.

    Args:
        stressors: m labels.
        given: label -> unit as the file writes it.
        money: unit symbol of the table; rows of primary input (value added, wages, taxes, surplus) have to be in it.
            "" where the extension holds none.
        where: the file of units.
        problems: faults are added here.
    """
    missing = [" / ".join(label) for label in stressors.labels if not given.get(label, "").strip()]
    if missing:
        values = {"count": len(missing), "stressors": missing[:_TOLD]}
        problems.append(Problem("accounts.reader_stressor_without_unit", where, values))
    unknown = [" / ".join(label) for label in given if label not in stressors.places]
    if unknown:
        values = {"count": len(unknown), "stressors": unknown[:_TOLD]}
        problems.append(Problem("accounts.reader_unit_without_stressor", where, values))
    for label, written in given.items():
        unit = find_unit(written)
        if money and written.strip() and _PRIMARY.search(label[0]) and (unit is None or unit.symbol != money):
            values = {"stressor": " / ".join(label), "unit": written, "expected": money}
            problems.append(Problem("accounts.reader_wrong_unit", where, values))
    return tuple(given.get(label, "").strip() for label in stressors.labels)


def add_up(matrix: Matrix, codes: NDArray[np.int64], count: int, axis: int) -> Matrix:
    """Return a matrix whose rows (axis 0) or columns (axis 1) of one code are added together, shape (count, ...)."""
    n = len(codes)
    grouping = sparse.csr_array((np.ones(n), (codes, np.arange(n))), shape=(count, n))
    if axis == 0:
        return grouping @ matrix
    summed: Matrix = (grouping @ matrix.T).T
    return summed
