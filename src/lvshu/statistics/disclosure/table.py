"""A table to be published, from its records or its cells: what is shown, and what a reader learns of the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lvshu.core.errors import MethodError, Problem, Where
from lvshu.statistics.disclosure.attack import DOWN, UP, Attacker, Knowledge, intervals
from lvshu.statistics.disclosure.history import Release, kept_cost, must_show, recomputed
from lvshu.statistics.disclosure.primary import (
    EXACT,
    Cells,
    Flag,
    Rules,
    Union,
    Unsafe,
    gather,
    union_of_cells,
    union_of_records,
    unsafe_cells,
)
from lvshu.statistics.disclosure.recoded import changed_codes, recoded
from lvshu.statistics.disclosure.structure import Array, Dimension, Key, Structure, key_of, table_structure
from lvshu.statistics.disclosure.suppression import SLACK, Pattern, suppress

COSTS = ("cells", "value", "logarithm")
_SHOWN = 20
NEARLY = 1e-3
"""Share of the greatest doubt that is not asked for, so that the programmes find a pattern that leaves it."""


@dataclass(frozen=True)
class DraftTable:
    """A table before publication: dimensions, structure, cells, and how several cells are judged as one."""

    dimensions: tuple[Dimension, ...]
    structure: Structure
    cells: Cells
    union: Union
    is_linked: bool = False
    """Whether the structure is of linked tables, which the dimensions alone do not tell."""


@dataclass(frozen=True)
class SafeTable:
    """A table that may be published.

    pattern: what is hidden and at what cost; unsafe: the unsafe cells and their protection; low, high: shape
    (cells,), what a reader must think possible, in the unit of the values; problems: warnings that remain.
    """

    draft: DraftTable
    pattern: Pattern
    unsafe: Unsafe
    low: Array
    high: Array
    problems: tuple[Problem, ...] = field(default=())

    @property
    def status(self) -> list[str]:
        """Return of each cell: shown, primary (hidden since unsafe) or secondary (hidden to protect others)."""
        names = np.where(self.pattern.primary, "primary", np.where(self.pattern.hidden, "secondary", "shown"))
        return [str(name) for name in names]

    def release(self, name: str) -> Release:
        """Return what is shown, to be held against later releases."""
        keys, values = self.draft.structure.keys, self.draft.cells.value
        shown = {key: float(values[n]) for n, key in enumerate(keys) if not self.pattern.hidden[n]}
        hidden = frozenset(key for n, key in enumerate(keys) if self.pattern.hidden[n])
        return Release(name, self.draft.dimensions, shown, hidden)


def from_records(
    dimensions: Sequence[Dimension],
    codes: Mapping[str, Sequence[str]],
    value: Array,
    contributor: Sequence[str] | None = None,
    *,
    top: int = 2,
) -> DraftTable:
    """Return the table that records make, with all its margins. See `gather` for the arguments and errors."""
    structure = table_structure(dimensions)
    cells, held = gather(dimensions, structure, codes, value, contributor, top)
    return DraftTable(tuple(dimensions), structure, cells, union_of_records(held, top))


def from_cells(
    dimensions: Sequence[Dimension],
    codes: Mapping[str, Sequence[str]],
    value: Array,
    count: Sequence[int],
    largest: Array | None = None,
    places: Sequence[Where] = (),
) -> DraftTable:
    """Return the table from figures of its cells; margins that are not given are added up.

    Args:
        dimensions: the table's dimensions.
        codes: for each dimension the code of every cell given.
        value: shape (given,), in the unit of the table.
        count: contributors of each.
        largest: shape (given, n), the largest contributions in falling order; none known when left out.
        places: where each cell stands in its user's file; counted from 1 when left out.

    Raises:
        MethodError: disclosure.unknown_code; disclosure.cell_twice; disclosure.cell_missing: a margin cannot be
            added up since cells below it were not given (an empty cell is given as zero).

    In a margin that is added up contributors are taken as different in each of its parts.
    """
    structure = table_structure(dimensions)
    roots = {dimension.name: dimension.root for dimension in dimensions}
    place, size = structure.place, len(structure.keys)
    width = 2 if largest is None else largest.shape[1]
    found = Cells(np.full(size, np.nan), np.zeros(size, dtype=np.int64), np.zeros((size, width)))
    strange: list[str] = []
    given: dict[int, list[int]] = {}
    for number, one in enumerate(zip(*(codes[d.name] for d in dimensions), strict=True)):
        key = key_of(dict(zip((d.name for d in dimensions), one, strict=True)), roots)
        if key not in place:
            strange.append(" / ".join(one))
            continue
        cell = place[key]
        given.setdefault(cell, []).append(number + 1)
        if len(given[cell]) == 1:
            found.value[cell], found.count[cell] = value[number], count[number]
            if largest is not None:
                found.largest[cell] = largest[number]
    problems = []
    if strange:
        told = ", ".join(strange[:_SHOWN])
        problems.append(Problem("disclosure.unknown_code", values={"codes": told, "count": len(strange)}))
    problems += _given_twice(structure.keys, dimensions, given, places)
    if problems:
        raise MethodError(*problems)
    _add_up(structure, found)
    return DraftTable(tuple(dimensions), structure, found, union_of_cells(found))


def _given_twice(
    keys: Sequence[Key],
    dimensions: Sequence[Dimension],
    given: Mapping[int, Sequence[int]],
    places: Sequence[Where],
) -> list[Problem]:
    """Return a problem for each cell that was given more than once, with all its rows (a few cells of many)."""
    problems: list[Problem] = []
    for cell, numbers in given.items():
        if len(numbers) > 1 and len(problems) < _SHOWN:
            rows = [str(places[number - 1].row if places else number) for number in numbers]
            where = places[numbers[1] - 1] if places else Where(row=numbers[1])
            values = {"cell": " / ".join(key_text(keys[cell], dimensions)), "count": len(rows), "rows": rows}
            problems.append(Problem("disclosure.cell_twice", where, values))
    return problems


def _add_up(structure: Structure, cells: Cells) -> None:
    """Fill the margins that were not given from the parts of a sum whose parts are all there."""
    relations = structure.relations
    rows = list(zip(relations.indptr[:-1], relations.indptr[1:], strict=True))
    moved = True
    while moved:
        moved = False
        for start, end in rows:
            members, signs = relations.indices[start:end], relations.data[start:end]
            total, parts = int(members[signs > 0][0]), members[signs < 0]
            if not np.isnan(cells.value[total]) or np.isnan(cells.value[parts]).any():
                continue
            together = union_of_cells(cells)([int(part) for part in parts])
            cells.value[total], cells.count[total] = together.value[0], together.count[0]
            cells.largest[total] = together.largest[0]
            moved = True
    missing = np.flatnonzero(np.isnan(cells.value))
    if len(missing):
        names = [
            ", ".join(f"{name} = {code}" for name, code in structure.keys[cell]) or "total"
            for cell in missing
        ]
        values = {"cells": "; ".join(names[:_SHOWN]), "count": len(missing)}
        raise MethodError(Problem("disclosure.cell_missing", values=values))


def cell_costs(cells: Cells, by: str) -> Array:
    """Return what hiding each cell loses, shape (cells,): 1 each, its value, or the logarithm of 1 + its value."""
    size = np.abs(cells.value)
    scale = float(size.max(initial=1.0)) or 1.0
    costs = {"cells": np.ones(len(size)), "value": size / scale + 1e-6, "logarithm": np.log1p(size) + 1e-3}
    return np.asarray(costs[by], dtype=float)


def protect(
    draft: DraftTable,
    rules: Rules,
    *,
    cost: str = "cells",
    costs: Array | None = None,
    earlier: Sequence[Release] = (),
    earlier_drafts: Sequence[DraftTable] = (),
    earlier_dimensions: Sequence[Dimension] = (),
    last: Release | None = None,
    public: Flag | None = None,
    keep: Flag | None = None,
    knowledge: Knowledge | None = None,
    unsafe: Unsafe | None = None,
    seconds: float = 30.0,
) -> SafeTable:
    """Return the table with its unsafe cells protected, and audited.

    Args:
        draft: the table.
        rules: the bureau's rules.
        cost: what is kept as far as possible: "cells" their number, "value" the amount shown, "logarithm" between.
        costs: shape (cells,), what hiding each cell loses, in place of `cost`.
        earlier: what was published before of the same figures; it must not give a hidden cell away.
        earlier_drafts: earlier tables with dimensions that this one has not, made anew from the same records: their
            unsafe cells must not be given away either, nor may one that was hidden then be known exactly now.
        earlier_dimensions: those of this table with the codes that only earlier releases have (empty now).
        last: the last release of the same table for another period; its pattern is kept as far as it protects.
        public: shape (cells,), cells that other tables show whatever is done here, and cells shown as empty; where
            one is unsafe, that is told (disclosure.public_unsafe) and nothing is hidden for its sake.
        knowledge: what everyone knows of each cell; amounts of zero or more when left out.
        unsafe: the unsafe cells and their needs, where they are not those of the rules.
        seconds: time for the least-cost search.

    Raises:
        MethodError: a cell cannot be protected, or is given away by earlier releases (all such cells are told); or
            what is wished to stay shown is unsafe (disclosure.wish_unsafe), or leaves unsafe cells without protection
            (disclosure.wish_impossible).

    Source: as `suppress` and `recomputed`.
    """
    structure, cells = draft.structure, draft.cells
    unsafe = unsafe_cells(cells, rules) if unsafe is None else unsafe
    if keep is not None:
        _refuse_wishes(draft, unsafe, keep, must_show(structure, earlier), public, knowledge)
    shown = np.zeros(len(structure.keys), dtype=bool) if public is None else public
    exposed = unsafe.flag & shown
    unsafe = Unsafe(unsafe.flag & ~shown, unsafe.upper, unsafe.lower)
    costs = cell_costs(cells, cost) if costs is None else costs
    if last is not None:
        costs = kept_cost(structure, costs, last)
    pattern = suppress(
        structure,
        cells.value,
        unsafe,
        cost=costs,
        knowledge=knowledge,
        must_show=must_show(structure, earlier) | shown | (shown if keep is None else keep),
        union=draft.union,
        rules=rules,
        exempt=exposed,
        seconds=seconds,
    )
    told = _held_against_earlier(
        draft, pattern.hidden, unsafe, rules, earlier, earlier_drafts, earlier_dimensions
    )
    refused = [problem for problem in told if problem.severity == "error"]
    if refused:
        raise MethodError(*refused)
    low, high = audit(draft, pattern.hidden, knowledge)
    _refuse_weak(draft, unsafe, low, high)
    told += _told_public(draft, exposed)
    return SafeTable(draft, pattern, unsafe, low, high, tuple(told))


def _refuse_weak(draft: DraftTable, unsafe: Unsafe, low: Array, high: Array) -> None:
    weak = given_away(draft.cells, unsafe, low, high)
    if weak.any():
        keys = draft.structure.keys
        names = [", ".join(key_text(keys[cell], draft.dimensions)) for cell in np.flatnonzero(weak)]
        raise MethodError(*(Problem("disclosure.cannot_protect", values={"cell": name}) for name in names))


def _told_public(draft: DraftTable, exposed: Flag) -> list[Problem]:
    keys = draft.structure.keys
    names = [" / ".join(key_text(keys[cell], draft.dimensions)) for cell in np.flatnonzero(exposed)]
    if not names:
        return []
    values = {"count": len(names), "cells": "; ".join(names)}
    return [Problem("disclosure.public_unsafe", values=values, severity="warning")]


def _refuse_wishes(
    draft: DraftTable, unsafe: Unsafe, keep: Flag, before: Flag, public: Flag | None, knowledge: Knowledge | None
) -> None:  # fmt: skip
    """Refuse wishes for cells that are unsafe, and wishes that leave an unsafe cell without protection.

    A wish is impossible where an unsafe cell has not the doubt it needs even when all but the wishes (and what is
    public) is hidden. Each wish that forbids it alone is told apart from those that do so only together.
    """
    structure = draft.structure

    def named(cell: int) -> str:
        return " / ".join(key_text(structure.keys[cell], draft.dimensions))

    if (unsafe.flag & keep).any():
        told = [{"cell": named(int(cell))} for cell in np.flatnonzero(unsafe.flag & keep)]
        raise MethodError(*(Problem("disclosure.wish_unsafe", values=values) for values in told))
    fixed = before if public is None else before | public
    attacker = Attacker(structure, draft.cells.value, knowledge or Knowledge.of(draft.cells.value))
    slack = SLACK * attacker.scale

    def lost(shown: Flag) -> list[int]:
        hidden = ~shown
        return [
            int(cell) for cell in np.flatnonzero(unsafe.flag & ~fixed)
            for need, direction in ((unsafe.upper[cell], UP), (unsafe.lower[cell], DOWN))
            if need > 0 and attacker.reach(int(cell), direction, hidden).distance < need - slack
        ]  # fmt: skip

    without = set(lost(fixed))  # these cannot be protected whatever is wished
    together = [cell for cell in dict.fromkeys(lost(fixed | keep)) if cell not in without]
    if not together:
        return
    problems = []
    for wish in np.flatnonzero(keep & ~fixed):
        alone = fixed.copy()
        alone[wish] = True
        forbids = [cell for cell in dict.fromkeys(lost(alone)) if cell in together]
        if forbids:
            values = {"cell": named(int(wish)), "others": "; ".join(map(named, forbids[:_SHOWN]))}
            problems.append(Problem("disclosure.wish_impossible", values=values))
    if not problems:
        wishes = "; ".join(named(int(cell)) for cell in np.flatnonzero(keep & ~fixed)[:_SHOWN])
        values = {"cell": wishes, "others": "; ".join(map(named, together[:_SHOWN]))}
        problems.append(Problem("disclosure.wish_impossible", values=values))
    raise MethodError(*problems)


def _held_against_earlier(
    draft: DraftTable,
    hidden: Flag,
    unsafe: Unsafe,
    rules: Rules,
    earlier: Sequence[Release],
    drafts: Sequence[DraftTable],
    dimensions: Sequence[Dimension],
) -> list[Problem]:
    """Return what `recomputed` says of this table and of the cells that only earlier tables have."""
    own = tuple(dimensions) or draft.dimensions
    keys, values, flags = list(draft.structure.keys), [draft.cells.value], [hidden]
    needs = [(unsafe.flag, unsafe.upper, unsafe.lower)]
    seen = set(keys)
    if not draft.is_linked:
        gone = [key for key in table_structure(own).keys if key not in seen]
        none = np.zeros(len(gone))
        keys += gone
        seen |= set(gone)
        values.append(none)  # a code of an earlier table that no longer occurs: nobody is behind it now
        flags.append(none > 0)
        needs.append((none > 0, none, none))
    were_hidden = frozenset().union(*(release.hidden for release in earlier))
    were_shown = {key for release in earlier for key in release.shown}
    for one in drafts:
        new = np.array([key not in seen for key in one.structure.keys], dtype=bool)
        more = [key for key in one.structure.keys if key not in seen]
        found = unsafe_cells(one.cells, rules)
        exactly = EXACT * max(float(np.abs(one.cells.value).max(initial=0.0)), 1.0)
        was = np.array([key in were_hidden for key in more], dtype=bool)
        unsaid = np.array([key not in were_shown for key in more], dtype=bool)
        keys += more
        seen |= set(more)
        values.append(one.cells.value[new])
        flags.append(np.ones(len(more), dtype=bool))
        upper = np.maximum(found.upper[new], np.where(was, exactly, 0.0))
        was |= found.flag[new] & unsaid
        lower = found.lower[new]
        needs.append((was, upper, lower))
    flag, upper, lower = (np.concatenate(part) for part in zip(*needs, strict=True))
    structure = draft.structure if draft.is_linked else None
    all_values, all_hidden, all_unsafe = (
        np.concatenate(values),
        np.concatenate(flags),
        Unsafe(flag, upper, lower),
    )
    other = changed_codes(draft.structure, draft.cells.value, earlier)
    other += recoded(own, keys, all_values, all_hidden, all_unsafe, earlier, structure)
    if any(problem.severity == "error" for problem in other):
        return other  # no revision of the same cells: nothing to bound
    return other + recomputed(own, keys, all_values, all_hidden, all_unsafe, earlier, structure)


def hidden_errors(
    structure: Structure, squares: Array, hidden: Flag, public: Flag, *, seconds: float = 30.0
) -> Flag:
    """Return the cells whose standard error is not shown, shape (cells,): the hidden ones, and what their errors need.

    A standard error is made of a cell's total and its sum of squared contributions. The latter adds up over cells, and
    of a cell that one unit makes it tells the figure. The reader is taken to know the design so well that each
    standard error gives him the sum of squares; that of each hidden cell must then stay in doubt by its own size on
    either side (from nothing to twice), which leaves a figure made by one unit in doubt by 41 % upwards.

    Args:
        structure: cells and relations.
        squares: shape (cells,), sums of squared contributions of the innermost cells; those of totals are added up.
        hidden: shape (cells,), cells whose figure is not shown.
        public: shape (cells,), cells whose error another table shows, or that are known to be empty.
        seconds: time for the least-cost search.

    Returns:
        Errors to hide. Where public errors bound a cell nearer than that, as much doubt is left as there can be.

    Source: the criterion is lvshu's own; the pattern as `suppress`.
    """
    if not hidden.any():
        return hidden.copy()
    added = added_up(structure, squares)
    added = added / (float(added.max(initial=0.0)) or 1.0)
    fixed = public & ~hidden
    upper, lower = error_doubt(structure, added, hidden, fixed)
    found = suppress(
        structure, added, Unsafe(hidden, upper, lower), cost=np.where(hidden, 0.0, 1.0 + added), must_show=fixed,
        seconds=seconds,
    )  # fmt: skip
    return np.asarray(found.hidden | hidden)


def error_doubt(structure: Structure, added: Array, cells: Flag, fixed: Flag) -> tuple[Array, Array]:
    """Return the doubt that is asked for sums of squares: a cell's own size, or nearly as much as there can be.

    Args:
        structure: cells and relations.
        added: shape (cells,), sums of squared contributions, added up.
        cells: shape (cells,), the cells that it is asked for.
        fixed: shape (cells,), cells whose sum of squares is public whatever is hidden.

    Returns:
        How far above and below, shape (cells,) each, in the unit of `added`; zero for other cells.
    """
    scale = float(added.max(initial=0.0)) or 1.0
    attacker = Attacker(structure, added / scale, Knowledge.of(added))
    upper, lower = np.zeros(len(added)), np.zeros(len(added))
    for cell in np.flatnonzero(cells):
        for doubt, direction in ((upper, UP), (lower, DOWN)):
            reach = scale * attacker.reach(int(cell), direction, ~fixed).distance
            doubt[cell] = min(added[cell], (1.0 - NEARLY) * reach)
    return upper, lower


def added_up(structure: Structure, values: Array) -> Array:
    """Return the values with every total made anew from the innermost cells, shape (cells,)."""
    relations = structure.relations
    found = np.where(np.asarray((relations > 0).sum(axis=0)).ravel() > 0, np.nan, values)
    rows = list(zip(relations.indptr[:-1], relations.indptr[1:], strict=True))
    while np.isnan(found).any():
        before = int(np.isnan(found).sum())
        for start, end in rows:
            members, signs = relations.indices[start:end], relations.data[start:end]
            total, parts = int(members[signs > 0][0]), members[signs < 0]
            if np.isnan(found[total]) and not np.isnan(found[parts]).any():
                found[total] = found[parts].sum()
        if int(np.isnan(found).sum()) == before:
            raise MethodError(Problem("disclosure.cell_missing", values={"cells": "–", "count": before}))
    return np.asarray(found)


def given_away(cells: Cells, unsafe: Unsafe, low: Array, high: Array) -> Flag:
    """Return which unsafe cells have a feasible interval narrower than they need, shape (cells,)."""
    slack = SLACK * max(1.0, float(np.abs(cells.value).max(initial=0.0)))
    return np.asarray(
        unsafe.flag
        & ((high - cells.value < unsafe.upper - slack) | (cells.value - low < unsafe.lower - slack))
    )


def audit(draft: DraftTable, hidden: Flag, knowledge: Knowledge | None = None) -> tuple[Array, Array]:
    """Return the feasible interval of every cell under a pattern, shape (cells,) each. Source: `intervals`."""
    attacker = Attacker(draft.structure, draft.cells.value, knowledge or Knowledge.of(draft.cells.value))
    return intervals(attacker, hidden)


def dimension_of(
    name: str, codes: Sequence[str], parents: Mapping[str, str] | None, totals: Sequence[str]
) -> Dimension:
    """Return a dimension from the codes that occur and the levels given; the total goes by one of its usual words.

    Of levels, codes without a parent add up to the total, where they are several.
    """
    if parents:
        tops = [code for code, parent in parents.items() if not parent]
        roots = tops or sorted(set(parents.values()) - set(parents))
        if len(tops) > 1:
            root = next((code for code in tops if code.lower() in totals), totals[0])
            return Dimension(name, root, {code: up or root for code, up in parents.items() if code != root})
        if len(roots) != 1:
            values = {"dimension": name, "codes": ", ".join(roots) or "–"}
            raise MethodError(Problem("disclosure.no_tree", values=values))
        return Dimension(name, roots[0], {code: up for code, up in parents.items() if up})
    root = next((code for code in codes if code.lower() in totals), totals[0])
    return Dimension.flat(name, dict.fromkeys(codes), root)


def key_text(key: Key, dimensions: Sequence[Dimension]) -> list[str]:
    """Return the code of a cell in every dimension, the total where the key has none."""
    codes = dict(key)
    return [codes.get(dimension.name, dimension.root) for dimension in dimensions]
