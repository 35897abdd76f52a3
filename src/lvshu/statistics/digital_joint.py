"""What the account of the digital economy must also hide so that derived classes can be published beside it.

A derived class may take nearly all of some innermost classes of the digital economy: a reader then knows the industry
classes that both share to within the little that is left, whatever the derived desk hides. Which industry classes these
are follows from the tables of the classifications, before any derived figure is made.

Every figure of the account is a sum of innermost cells. So beside it a group of industry classes may be as large as the
innermost cells that it stands in together, and as small as those of which it has everything: the doubt that a group
needs is a doubt about sums of innermost cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext
from lvshu.statistics.derived_table import DIGITAL, Derived, classifications
from lvshu.statistics.digital_domain import Classification, Moments
from lvshu.statistics.digital_units import Units, starred_classes, whole_classes
from lvshu.statistics.disclosure.attack import DOWN, UP, Attacker, Knowledge, Need
from lvshu.statistics.disclosure.linked import Published
from lvshu.statistics.disclosure.primary import Cells, Flag, Rules, Unsafe, summarise, unsafe_cells
from lvshu.statistics.disclosure.structure import Key, Structure
from lvshu.statistics.disclosure.suppression import SLACK
from lvshu.statistics.disclosure.table import DraftTable
from lvshu.statistics.keys import MILLION

Industries = frozenset[str]
SUM = "sum"
"""Dimension of the cells that are sums of innermost ones; no table shows them."""


@dataclass(frozen=True)
class Group:
    """Unsafe industry classes that innermost cells leave too little doubt about, were these shown.

    name: the industry classes, joined by +; value, upper, lower: what they add up to and how far above and below that a
    reader must be left in doubt; touched, covered: the innermost cells they stand in, and those they are all of;
    doubt: how far above (first) and below their value the sum of the touched, or of the covered, innermost cells must
    stay in doubt for that, zero where it need not. All in million CNY.
    """

    name: str
    value: float
    upper: float
    lower: float
    touched: frozenset[Key]
    covered: frozenset[Key]
    doubt: tuple[float, float]

    @property
    def is_starred(self) -> bool:
        """Return whether a starred class is among them; bounds are hidden for its sake then, not figures."""
        return any(is_bound(cell) for cell in self.touched)

    def sums(self) -> list[tuple[int, frozenset[Key], float]]:
        """Return which sums of innermost cells must stay in doubt: direction, the cells, how far in million CNY."""
        found = ((UP, self.touched, self.doubt[0]), (DOWN, self.covered, self.doubt[1]))
        return [
            (direction, frozenset(cell for cell in cells if is_bound(cell) or not self.is_starred), doubt)
            for direction, cells, doubt in found
            if doubt > 0
        ]


def is_bound(cell: Key) -> bool:
    """Return whether an innermost cell is of starred classes."""
    return any(name == "atom" for name, _ in cell)


def derived_sets(found: Iterable[Derived]) -> list[Industries]:
    """Return the industry classes taken whole of every derived class, apart from those of the digital economy."""
    return [
        frozenset(industry for industry, at in one.whole.items() if one.inside(at, code))
        for one in found
        if one.code != DIGITAL
        for code in one.nodes
    ]


def groups_of(
    context: StepContext, moments: Moments, units: Units, classes: Classification, rules: Rules
) -> list[Group]:
    """Return the groups that derived classes make of the core's industry classes and that must be looked after.

    Args:
        context: of the step, with `derived_class` and the packs of classifications.
        moments: of the survey.
        units: the sampled units, of all classes of the core.
        classes: the classification.
        rules: of confidentiality.
    """
    cells = innermost_cells(units, classes)
    return narrow_groups(derived_sets(classifications(context, tell=False)), moments, cells, units, rules)


def innermost_cells(units: Units, classes: Classification) -> dict[str, Key]:
    """Return the innermost cell of each industry class of the core with a unit, whole or starred."""
    cells: dict[str, Key] = {
        code: (("class", medium),) for code, (_, medium) in whole_classes(classes, units).items()
    }
    starred = starred_classes(classes, units)
    return cells | {code: (("atom", "+".join(sorted(mediums))),) for code, mediums in starred.items()}


def narrow_groups(
    sets: Sequence[Industries], moments: Moments, cell_of: Mapping[str, Key], units: Units, rules: Rules
) -> list[Group]:
    """Return the unsafe groups to which the values of their innermost cells leave too little doubt.

    Groups are industry classes of one innermost cell that no derived class tells apart, and derived classes wholly
    inside the core. Where a part is negative nothing bounds the others, and there are none.

    Args:
        sets: the industry classes of each derived class.
        moments: of the survey.
        cell_of: the innermost cell of each industry class of the core.
        units: the sampled units, of all classes of the core.
        rules: of confidentiality.
    """
    seen = {code for code, count in zip(moments.codes, moments.units.tolist(), strict=True) if count}
    inside = [one & seen for one in sets]
    atoms: dict[tuple[Key, tuple[bool, ...]], set[str]] = {}
    members: dict[Key, set[str]] = {}
    for code in sorted(set(units.class_code) & set(cell_of)):
        cell = cell_of[code]
        atoms.setdefault((cell, tuple(code in one for one in inside)), set()).add(code)
        members.setdefault(cell, set()).add(code)
    wanted = dict.fromkeys(frozenset(one) for one in atoms.values())
    wanted |= dict.fromkeys(one for one in inside if one and one <= set(cell_of))
    groups = [one for one in wanted if one not in members.values()]
    held: dict[str, dict[str, float]] = {}
    for code, who, value in zip(units.class_code, units.who, units.value.tolist(), strict=True):
        own = held.setdefault(code, {})
        own[who] = own.get(who, 0.0) + value / MILLION
    value_of = {code: sum(own.values()) for code, own in held.items()}
    if not groups or any(sum(value_of[code] for code in one) < 0 for one in atoms.values()):
        return []
    parts = summarise([_together(held, one) for one in groups], 2)
    amounts = list(
        zip(moments.codes, moments.first.tolist(), strict=True)
    )  # a class stands in several strata
    largest = [sum(amount for code, amount in amounts if code in one) for one in (*inside, set(cell_of))]
    unsafe = _beside(parts, largest, rules)
    slack = SLACK * max(1.0, *map(abs, largest))
    found = []
    for number in np.flatnonzero(unsafe.flag):
        codes, value = groups[number], float(parts.value[number])
        touched = frozenset(cell_of[code] for code in codes)
        covered = frozenset(cell for cell in touched if members[cell] <= codes)
        above, below = (
            sum(value_of[code] for cell in cells for code in members[cell]) for cells in (touched, covered)
        )
        upper, lower = float(unsafe.upper[number]), float(unsafe.lower[number])
        doubt = upper - (above - value), lower - (value - below) if covered else 0.0
        if max(doubt) > slack:
            found.append(Group(
                "+".join(sorted(codes)), value, upper, lower, touched, covered, (max(doubt[0], 0.0), max(doubt[1], 0.0))
            ))  # fmt: skip
    return found


def _together(held: Mapping[str, Mapping[str, float]], codes: Iterable[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for code in codes:
        for who, value in held[code].items():
            found[who] = found.get(who, 0.0) + value
    return found


def _beside(parts: Cells, largest: Sequence[float], rules: Rules) -> Unsafe:
    """Return which parts are unsafe; what is tiny is judged beside the largest figures, as the derived desk does."""
    more = len(largest)
    return unsafe_cells(
        Cells(
            np.concatenate([parts.value, largest]), np.concatenate([parts.count, np.zeros(more, dtype=np.int64)]),
            np.vstack([parts.largest, np.zeros((more, parts.largest.shape[1]))]),
        ),
        rules,
    )  # fmt: skip


@dataclass(frozen=True)
class Joint:
    """A table with sums of innermost cells that no table shows, and what must stay in doubt in it.

    draft: the table, sums behind its own cells; unsafe: with the doubt that groups need; lost: groups that nothing can
    protect any more.
    """

    draft: DraftTable
    unsafe: Unsafe
    lost: tuple[Group, ...]


def with_groups(draft: DraftTable, own: Unsafe, groups: Sequence[Group], fixed: Flag) -> Joint:
    """Return a table that protects groups of industry classes beside its own unsafe cells.

    Args:
        draft: the table, in million CNY.
        own: its unsafe cells by themselves.
        groups: of `narrow_groups`, those that this table has the innermost cells of.
        fixed: shape (cells,), cells that are public already.
    """
    wide = _with_sums(draft, [cells for one in groups for _, cells, _ in one.sums() if len(cells) > 1])
    size, place = len(wide.structure.keys), wide.structure.place
    flag, upper, lower = (
        np.concatenate([part, np.zeros(size - len(part), dtype=part.dtype)])
        for part in (own.flag, own.upper, own.lower)
    )
    upper, lower = np.where(flag, upper, 0.0), np.where(flag, lower, 0.0)
    hidden = ~np.concatenate([fixed, np.zeros(size - len(fixed), dtype=bool)])
    attacker = Attacker(wide.structure, wide.cells.value, Knowledge.of(wide.cells.value))
    lost = []
    for group in groups:
        needs = [(place[_key(cells)], direction, doubt) for direction, cells, doubt in group.sums()]
        if _out_of_reach(attacker, needs, hidden):
            lost.append(group)
            continue
        for cell, direction, doubt in needs:
            flag[cell] = True
            side = upper if direction == UP else lower
            side[cell] = max(side[cell], doubt)
    return Joint(wide, Unsafe(flag, upper, lower), tuple(lost))


def _out_of_reach(attacker: Attacker, needs: Sequence[Need], hidden: Flag) -> bool:
    """Return whether a doubt cannot be had even with all hidden that may be."""
    slack = SLACK * attacker.scale
    return any(
        attacker.reach(cell, direction, hidden).distance < doubt - slack
        for cell, direction, doubt in attacker.doubtful(needs, hidden)
    )


def _key(cells: frozenset[Key]) -> Key:
    """Return the cell that a sum of innermost cells is: itself where it is one, else one that no table shows."""
    if len(cells) == 1:
        return next(iter(cells))
    return ((SUM, "+".join(sorted(code for cell in cells for _, code in cell))),)


def _with_sums(draft: DraftTable, sums: Iterable[frozenset[Key]]) -> DraftTable:
    new = {_key(cells): cells for cells in sums}
    if not new:
        return draft
    place, old = draft.structure.place, len(draft.structure.keys)
    rows = np.zeros((len(new), old + len(new)))
    for number, cells in enumerate(new.values()):
        rows[number, old + number] = 1.0
        rows[number, [place[cell] for cell in cells]] = -1.0
    relations = draft.structure.relations
    wider = sparse.hstack([relations, sparse.csr_array((relations.shape[0], len(new)))])
    structure = Structure((*draft.structure.keys, *new), sparse.csr_array(sparse.vstack([wider, rows])))
    at = [[place[cell] for cell in cells] for cells in new.values()]
    known = draft.cells
    cells_now = Cells(
        np.concatenate([known.value, [known.value[one].sum() for one in at]]),
        np.concatenate([known.count, np.array([known.count[one].sum() for one in at], dtype=np.int64)]),
        np.vstack([known.largest, np.zeros((len(new), known.largest.shape[1]))]),
    )
    return replace(draft, structure=structure, cells=cells_now)


def tell_groups(
    context: StepContext, table: str, own: Unsafe, groups: Sequence[Group], lost: Sequence[Group], draft: DraftTable
) -> None:  # fmt: skip
    """Tell how many classes are hidden for the sake of derived classes, and which groups could not be protected."""
    place = draft.structure.place
    kept = {cells for one in groups if one not in lost for _, cells, _ in one.sums()}
    count = sum(not any(own.flag[place[cell]] for cell in cells) for cells in kept)
    if count:
        problem = Problem("statistics.digital_joint_hidden", values={"count": count}, severity="notice")
        context.find(problem, table=table, amount=float(count), unit="1")
    if lost:
        values = {"count": len(lost), "groups": "; ".join(one.name for one in lost)}
        problem = Problem("statistics.digital_joint_open", values=values, severity="warning")
        context.find(problem, table=table, amount=float(len(lost)), unit="1")


def ask_groups(found: Published, groups: Iterable[Group], name_of: Mapping[Key, str]) -> None:
    """Ask for groups in an attack on the account: they stay in doubt within the innermost cells that it knows.

    Args:
        found: what is public, in CNY.
        groups: of `groups_of`; those with innermost cells that the attack does not know are left out.
        name_of: the name of each innermost cell there.
    """
    for one in groups:
        if not one.touched <= set(name_of):
            continue
        first, *others = sorted(name_of[cell] for cell in one.touched)
        rest = {} if one.touched == one.covered else {f"{one.name} (rest of its classes)": 1.0}
        found.adds_up(first, {**dict.fromkeys(others, -1.0), one.name: 1.0, **rest})
        if rest and one.covered:
            parts = {name_of[cell]: 1.0 for cell in one.covered}
            found.adds_up(one.name, {**parts, f"{one.name} (in other classes)": 1.0})
        found.ask(one.name, one.value * MILLION, one.upper * MILLION, one.lower * MILLION)
