"""Long tables: a record for each flow between sectors, and for each stressor of a sector."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.system import STRESSOR_LEVELS, Extension
from lvshu.accounts.readers.generic_cells import Labels, Places, Records, pairs, scale
from lvshu.accounts.readers.generic_names import known_names, role_of
from lvshu.core.errors import Problem, Where

Array = NDArray[np.float64]
Label = tuple[str, str]
TOLD = 20
ONLY_REGION = "all"


@dataclass
class Flows:
    """What a table of flows holds.

    Attributes:
        industries: n labels (region, sector). final: c labels (region, category).
        use, demand: Z (n, n) and Y (n, c). output: (n,) or None. value_added: name -> (n,).
        unit: of money, "" where it is not known. left_out: names of totals that were not read.
    """

    industries: list[Label]
    final: list[Label]
    use: Array
    demand: Array
    output: Array | None
    value_added: dict[str, Array]
    unit: str
    left_out: list[str] = field(default_factory=list)


def flows(records: Records, stated_unit: str | None, problems: list[Problem]) -> Flows:
    """Return the flows of a long table; unknown labels, cells given twice and units are told in the problems."""
    one_sided = [name for name in ("from_region", "to_region") if name in records.words]
    if len(one_sided) == 1:
        where = Where(records.source.path.name, records.source.sheet or None)
        problems.append(
            Problem("accounts.generic_one_region", where, {"field": records.headings[one_sided[0]]})
        )
    one_group = np.zeros(len(records.rows), dtype=np.int64)
    unit, factors = scale(records, one_group, stated_unit, problems, money=True)
    values = np.nan_to_num(records.values * factors)
    sources, source_of = pairs(records.words.get("from_region"), records.words["from_sector"], ONLY_REGION)
    users, user_of = pairs(records.words.get("to_region"), records.words["to_sector"], ONLY_REGION)
    _tell_twice(records, sources, users, source_of, user_of, problems)
    using = set(users)
    industries = [label for label in sources if label in using or role_of(label[1]) is None]
    places = {label: place for place, label in enumerate(industries)}
    rows = _sides(sources, places, ("value_added", "output", "total"))
    columns = _sides(users, places, ("final", "output", "total"))
    for side, labels, which, name in (
        (rows, sources, source_of, "from_sector"), (columns, users, user_of, "to_sector")
    ):  # fmt: skip
        _tell_unknown(records, labels, which, side.unknown, name, industries, problems)
    n, c = len(industries), len(columns.named["final"])
    row, column = rows.place[source_of], columns.place[user_of]
    row_kind, column_kind = rows.kind[source_of], columns.kind[user_of]
    inner, final, stated = (
        (row_kind == "") & (column_kind == kind) for kind in ("", "final", "output")
    )  # fmt: skip
    use = _grid((n, n), row[inner], column[inner], values[inner])
    demand = _grid((n, c), row[final], column[final], values[final])
    output = _grid((n, 1), row[stated], 0 * row[stated], values[stated])[:, 0] if bool(stated.any()) else None
    found = Flows(
        industries, columns.named["final"], use, demand, output, {},
        unit[0], [*rows.names("total"), *columns.names("total")],
    )  # fmt: skip
    for name in rows.names("value_added"):
        which = np.array([label[1] == name and label not in places for label in sources])[source_of]
        if bool(values[which & (column_kind == "final")].any()):
            found.left_out.append(f"{name} → {' / '.join(known_names('final')[:1])}")
        which &= column_kind == ""
        found.value_added[name] = np.asarray(np.bincount(column[which], values[which], n), dtype=np.float64)
    return found


def _grid(shape: tuple[int, int], rows: Places, columns: Places, values: Array) -> Array:
    """A matrix of records added at their places."""
    found = np.bincount(rows * shape[1] + columns, values, shape[0] * shape[1])
    return np.asarray(found, dtype=np.float64).reshape(shape)


@dataclass
class _Side:
    """What the labels of one side are: kind "" for an industry, else a role; its place among those of its kind."""

    kind: NDArray[np.str_]
    place: Places
    named: dict[str, list[Label]]
    unknown: list[int]

    def names(self, kind: str) -> list[str]:
        return list(dict.fromkeys(label[1] for label in self.named[kind]))


def _sides(labels: Sequence[Label], industries: dict[Label, int], roles: Sequence[str]) -> _Side:
    kind, place = np.full(len(labels), "unknown", dtype="<U12"), np.zeros(len(labels), dtype=np.int64)
    named: dict[str, list[Label]] = {role: [] for role in roles}
    unknown = []
    for number, label in enumerate(labels):
        role = role_of(label[1])
        if label in industries:
            kind[number], place[number] = "", industries[label]
        elif role is not None and role in named:
            kind[number], place[number] = role, len(named[role])
            named[role].append(label)
        else:
            unknown.append(number)
    return _Side(kind, place, named, unknown)


def near(label: Label, known: Sequence[Label], role: str | None = None) -> list[str]:
    """Return the known labels nearest to one, as texts, with some names of a role where given."""
    texts = [" / ".join(one) for one in known]
    found = difflib.get_close_matches(" / ".join(label), texts, n=3, cutoff=0.6)
    return found + (list(known_names("final")[:3]) if role == "final" else [])


def _tell_unknown(
    records: Records, labels: Sequence[Label], which: Places, unknown: Sequence[int], name: str,
    industries: Sequence[Label], problems: list[Problem],
) -> None:  # fmt: skip
    for number in unknown[:TOLD]:
        record = int(np.flatnonzero(which == number)[0])
        label = labels[number]
        imported = role_of(label[1]) == "import"
        code = "accounts.generic_competitive" if imported else "accounts.generic_unknown_label"
        values: dict[str, object] = {"label": " / ".join(label)}
        if not imported:
            values["near"] = near(label, industries, "final") or ["–"]
        problems.append(Problem(code, records.where(record, name), values))
    if len(unknown) > TOLD:
        where = Where(records.source.path.name, records.source.sheet or None)
        problems.append(Problem("accounts.reader_more", where, {"count": len(unknown) - TOLD}))


def _tell_twice(
    records: Records, first: Sequence[Label], second: Sequence[Label], left: Places, right: Places,
    problems: list[Problem],
) -> None:  # fmt: skip
    """Tell each record whose pair of labels stood in an earlier record."""
    keys = left * len(second) + right
    _, start, which = np.unique(keys, return_index=True, return_inverse=True)
    again = np.flatnonzero(start[which] != np.arange(len(keys)))
    name = "to_sector" if "to_sector" in records.headings else "sector"
    for record in again[:TOLD]:
        label = f"{' / '.join(first[left[record]])} → {' / '.join(second[right[record]])}"
        values = {"label": label, "first": int(records.rows[start[which[record]]])}
        problems.append(Problem("accounts.generic_twice", records.where(int(record), name), values))
    if len(again) > TOLD:
        where = Where(records.source.path.name, records.source.sheet or None)
        problems.append(Problem("accounts.reader_more", where, {"count": len(again) - TOLD}))


def extensions(
    records: Records,
    given_name: str,
    industries: Sequence[Label],
    final: Sequence[Label],
    problems: list[Problem],
) -> dict[str, Extension]:
    """Return the extensions of a long table of stressors, by name; all faults are told in the problems."""
    column = records.words.get("extension")
    names = column.words if column is not None else (given_name,)
    codes = column.codes if column is not None else np.zeros(len(records.rows), dtype=np.int64)
    return {
        name: _extension(_part(records, codes == code), name, industries, final, problems)
        for code, name in enumerate(names)
    }


def _part(records: Records, chosen: NDArray[np.bool_]) -> Records:
    words = {}
    for name, labels in records.words.items():
        kept, codes = np.unique(labels.codes[chosen], return_inverse=True)
        words[name] = Labels(tuple(labels.words[code] for code in kept), codes.astype(np.int64))
    return Records(records.source, records.headings, records.rows[chosen], words, records.values[chosen])


def _extension(
    records: Records, name: str, industries: Sequence[Label], final: Sequence[Label], problems: list[Problem]
) -> Extension:
    stressors = records.words["stressor"]
    order = [stressors.words[code] for code in dict.fromkeys(stressors.codes.tolist())]
    labels, label_of = pairs(records.words.get("region"), records.words["sector"], ONLY_REGION)
    rows = np.array([order.index(word) for word in stressors.words], dtype=np.int64)[stressors.codes]
    _tell_twice(records, [(word, "") for word in order], labels, rows, label_of, problems)
    known = {label: place for place, label in enumerate([*industries, *final])}
    unknown = [number for number, label in enumerate(labels) if label not in known]
    for number in unknown[:TOLD]:
        record = int(np.flatnonzero(label_of == number)[0])
        values = {"label": " / ".join(labels[number]), "near": near(labels[number], list(known)) or ["–"]}
        problems.append(Problem("accounts.generic_unknown_label", records.where(record, "sector"), values))
    places = np.array([known.get(label, -1) for label in labels], dtype=np.int64)[label_of]
    units, factors = scale(records, rows, None, problems, money=False)
    here = places >= 0
    figures = np.nan_to_num(records.values * factors)
    flows_all = _grid((len(order), len(known)), rows[here], places[here], figures[here])
    n = len(industries)
    at_final = flows_all[:, n:]
    return Extension(
        name, Index.of(STRESSOR_LEVELS, order), tuple(units), flows_all[:, :n],
        at_final if bool(at_final.any()) else None,
    )  # fmt: skip
