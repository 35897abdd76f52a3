"""Suppression: published counts, an exhaustive search on small tables, and what must be refused."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from lvshu.core.errors import MethodError
from lvshu.statistics.disclosure import attack
from lvshu.statistics.disclosure.attack import DOWN, UP, Attacker, Knowledge, intervals
from lvshu.statistics.disclosure.history import Release, kept_cost, must_show, recomputed
from lvshu.statistics.disclosure.primary import (
    Cells,
    Rules,
    Unsafe,
    gather,
    union_of_cells,
    union_of_records,
    unsafe_cells,
)
from lvshu.statistics.disclosure.structure import Dimension, Structure, key_of, table_structure
from lvshu.statistics.disclosure.suppression import Pattern, suppress
from lvshu.statistics.disclosure.table import added_up, from_cells, protect


def counts_table(counts: dict[tuple[str, str], int]):
    """Return dimensions, structure and cells of a two-way table of counts with its margins."""
    dimensions = [
        Dimension.flat("region", sorted({row for row, _ in counts})),
        Dimension.flat("source", sorted({column for _, column in counts})),
    ]
    structure = table_structure(dimensions)
    roots = {"region": "total", "source": "total"}
    values = np.zeros(len(structure.keys))
    place = structure.place
    for (row, column), count in counts.items():
        for a in (row, "total"):
            for b in (column, "total"):
                values[place[key_of({"region": a, "source": b}, roots)]] += count
    cells = Cells(values, values.astype(np.int64), np.ones((len(values), 2)))
    return dimensions, structure, cells


@pytest.fixture
def norway(shared_data: Path) -> dict[tuple[str, str], int]:
    """Return the table z2 of Statistics Norway: region by main source of income."""
    with (shared_data / "statistics" / "ssb_z2.csv").open(encoding="utf-8") as file:
        return {(row["region"], row["hovedint"]): int(row["ant"]) for row in csv.DictReader(file)}


def test_the_norwegian_table_is_protected_with_no_more_cells_than_published(norway: dict) -> None:
    """GaussSuppression 1.0.0 hides 12 of the 60 cells: 6 unsafe ones (1 to 3 persons) and 6 more."""
    _, structure, cells = counts_table(norway)
    unsafe = unsafe_cells(cells, Rules(minimum_count=4))
    assert len(structure.keys) == 60
    assert unsafe.flag.sum() == 6
    pattern = suppress(structure, cells.value, unsafe)
    assert pattern.optimal
    assert pattern.hidden.sum() <= 12
    low, high = intervals(Attacker(structure, cells.value, Knowledge.of(cells.value)), pattern.hidden)
    assert np.all(high[unsafe.flag] >= 4)
    assert np.all(low[unsafe.flag] == 0)


def test_the_audit_finds_the_published_ranges(norway: dict) -> None:
    """Feasible ranges of the pattern that GaussSuppression chose, by an independent linear programme."""
    _, structure, cells = counts_table(norway)
    pairs = {
        ("B", "annet"): (0, 8), ("B", "arbeid"): (0, 8), ("D", "annet"): (5, 15), ("D", "arbeid"): (0, 10),
        ("G", "arbeid"): (2, 7), ("G", "trygd"): (5, 10), ("H", "annet"): (2, 12), ("H", "arbeid"): (0, 10),
        ("I", "annet"): (0, 5), ("I", "trygd"): (0, 5), ("K", "annet"): (0, 6), ("K", "arbeid"): (0, 6),
    }  # fmt: skip
    roots = {"region": "total", "source": "total"}
    place = structure.place
    hidden = np.zeros(len(structure.keys), dtype=bool)
    numbers = {
        pair: place[key_of(dict(zip(("region", "source"), pair, strict=True)), roots)] for pair in pairs
    }
    hidden[list(numbers.values())] = True
    low, high = intervals(Attacker(structure, cells.value, Knowledge.of(cells.value)), hidden)
    found = {pair: (round(low[number]), round(high[number])) for pair, number in numbers.items()}
    assert found == pairs


def exhaustive(structure, values, unsafe) -> int:
    """Return the least number of hidden cells, by trying every pattern."""
    attacker = Attacker(structure, values, Knowledge.of(values))
    spare = np.flatnonzero(~unsafe.flag)
    for size in range(len(spare) + 1):
        for more in itertools.combinations(spare, size):
            hidden = unsafe.flag.copy()
            hidden[list(more)] = True
            low, high = intervals(attacker, hidden)
            if np.all(high - values >= unsafe.upper - 1e-6) and np.all(values - low >= unsafe.lower - 1e-6):
                return int(hidden.sum())
    raise AssertionError("no pattern protects")


@settings(max_examples=4, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=6, max_size=6))
def test_the_cost_is_the_least_there_is(counts: list[int]) -> None:
    table = {(f"r{n // 3}", f"c{n % 3}"): count for n, count in enumerate(counts)}
    _, structure, cells = counts_table(table)
    unsafe = unsafe_cells(cells, Rules(minimum_count=3))
    try:
        pattern = suppress(structure, cells.value, unsafe)
    except MethodError:
        everything = np.ones(len(cells.value), dtype=bool)
        low, high = intervals(Attacker(structure, cells.value, Knowledge.of(cells.value)), everything)
        assert np.any(high - cells.value < unsafe.upper) or np.any(cells.value - low < unsafe.lower)
        return
    if unsafe.flag.sum() <= 3:
        assert pattern.hidden.sum() == exhaustive(structure, cells.value, unsafe)
    quick = suppress(structure, cells.value, unsafe, seconds=0)
    assert not quick.optimal or not unsafe.flag.any()
    assert quick.cost >= pattern.cost
    attacker = Attacker(structure, cells.value, Knowledge.of(cells.value))
    for one in (pattern, quick):
        low, high = intervals(attacker, one.hidden)
        assert np.all(high - cells.value >= unsafe.upper - 1e-4)
        assert np.all(cells.value - low >= unsafe.lower - 1e-4)


def test_p_percent_and_dominance_follow_their_definitions() -> None:
    """x1 = 80, x2 = 15, rest 5: the rest is 6.25 % of the largest, so p = 10 makes it unsafe by 3, p = 5 does not."""
    cells = Cells(np.array([100.0]), np.array([4]), np.array([[80.0, 15.0]]))
    unsafe = unsafe_cells(cells, Rules(p_percent=10))
    assert unsafe.flag[0]
    assert unsafe.upper[0] == pytest.approx(3.0)
    assert not unsafe_cells(cells, Rules(p_percent=5)).flag[0]
    assert unsafe_cells(cells, Rules(dominance=(1, 75))).upper[0] == pytest.approx(80 / 0.75 - 100)
    assert not unsafe_cells(cells, Rules(dominance=(1, 80))).flag[0]


def records():
    """Return platforms' sales: in region a, two hidden siblings belong to one and the same platform."""
    rows = [("a", "x", "P1", 50.0), ("a", "y", "P1", 40.0), ("a", "z", "P2", 30.0), ("a", "z", "P3", 30.0),
            ("a", "z", "P4", 28.0), ("b", "x", "P2", 30.0), ("b", "x", "P3", 31.0), ("b", "x", "P5", 33.0),
            ("b", "y", "P2", 35.0), ("b", "y", "P4", 36.0), ("b", "y", "P6", 30.0), ("b", "z", "P1", 20.0),
            ("b", "z", "P2", 22.0), ("b", "z", "P3", 25.0)]  # fmt: skip
    dimensions = [Dimension.flat("region", ["a", "b"]), Dimension.flat("kind", ["x", "y", "z"])]
    structure = table_structure(dimensions)
    codes = {"region": [row[0] for row in rows], "kind": [row[1] for row in rows]}
    value = np.array([row[3] for row in rows])
    cells, held = gather(dimensions, structure, codes, value, [row[2] for row in rows])
    return dimensions, structure, cells, held


def test_the_union_of_hidden_cells_is_not_left_to_one_contributor() -> None:
    """Hiding a-x and a-y shows their sum, 90, which is P1's alone: a third cell of the row has to go too."""
    _, structure, cells, held = records()
    rules = Rules(minimum_count=3, p_percent=10)
    unsafe = unsafe_cells(cells, rules)
    names = {structure.keys[cell] for cell in np.flatnonzero(unsafe.flag)}
    assert names == {(("kind", "x"), ("region", "a")), (("kind", "y"), ("region", "a"))}
    careless = suppress(structure, cells.value, unsafe)
    careful = suppress(structure, cells.value, unsafe, union=union_of_records(held), rules=rules)
    assert careful.unions > 0
    assert careful.hidden.sum() > careless.hidden.sum()
    quick = suppress(structure, cells.value, unsafe, union=union_of_records(held), rules=rules, seconds=0)
    assert quick.unions > 0


def test_levels_and_linked_tables_are_protected_together() -> None:
    """A cell hidden in a table by district must not follow from a linked table by area of districts."""
    districts = Dimension("place", "city", {"core": "city", "outer": "city", "d1": "core", "d2": "core", "d3": "outer",
                                            "d4": "outer"})  # fmt: skip
    kinds = Dimension.flat("kind", ["own", "third"])
    sizes = Dimension.flat("size", ["small", "large"])
    structure = table_structure([districts, kinds], [districts, sizes])
    assert len(structure.keys) == 7 * 3 + 7 * 3 - 7
    counts = {("d1", "own"): 2, ("d1", "third"): 20, ("d2", "own"): 30, ("d2", "third"): 40, ("d3", "own"): 25,
              ("d3", "third"): 35, ("d4", "own"): 15, ("d4", "third"): 45}  # fmt: skip
    values = np.zeros(len(structure.keys))
    for number, key in enumerate(structure.keys):
        codes = dict(key)
        for (place, kind), count in counts.items():
            inside = codes.get("place", "city") in districts.above(place)
            part = {"small": 0.4, "large": 0.6}.get(codes.get("size", ""), 1.0)
            if inside and codes.get("kind", kind) == kind:
                values[number] += count * part
    cells = Cells(values, np.round(values).astype(np.int64), np.ones((len(values), 2)))
    unsafe = unsafe_cells(cells, Rules(minimum_count=3))
    pattern = suppress(structure, values, unsafe)
    low, high = intervals(Attacker(structure, values, Knowledge.of(values)), pattern.hidden)
    assert pattern.optimal
    assert np.all((high - low)[unsafe.flag] >= 2)


def test_the_pattern_is_kept_from_month_to_month(norway: dict) -> None:
    dimensions, structure, cells = counts_table(norway)
    unsafe = unsafe_cells(cells, Rules(minimum_count=4))
    first = suppress(structure, cells.value, unsafe)
    shown = {key: cells.value[n] for n, key in enumerate(structure.keys) if not first.hidden[n]}
    last = Release("June", dimensions, shown)
    growth = {pair: count + (count > 3) for pair, count in norway.items()}
    _, _, later = counts_table(growth)
    again = suppress(
        structure, later.value, unsafe_cells(later, Rules(minimum_count=4)),
        cost=kept_cost(structure, np.ones(len(structure.keys)), last),
    )  # fmt: skip
    assert np.array_equal(again.hidden, first.hidden)


def test_what_an_earlier_release_gives_away_is_refused() -> None:
    """The table by quarter is safe by itself, but the half-year was shown without the hidden kind before."""
    _, structure, cells = counts_table({("a", "x"): 2, ("a", "y"): 30, ("b", "x"): 20, ("b", "y"): 40})
    dimensions = [Dimension.flat("region", ["a", "b"]), Dimension.flat("source", ["x", "y"])]
    unsafe = unsafe_cells(cells, Rules(minimum_count=3))
    pattern = suppress(structure, cells.value, unsafe)
    earlier = Release(
        "last month", dimensions, {(("region", "a"), ("source", "y")): 30.0, (("region", "a"),): 32.0}
    )
    problems = recomputed(dimensions, structure.keys, cells.value, pattern.hidden, unsafe, [earlier])
    assert [problem.code for problem in problems] == ["disclosure.given_away"]
    assert "region = a" in str(problems[0].values["cell"])
    assert problems[0].values["release"] == "last month"
    with pytest.raises(MethodError) as refused:
        suppress(structure, cells.value, unsafe, must_show=must_show(structure, [earlier]))
    assert {problem.code for problem in refused.value.problems} == {"disclosure.cannot_protect"}
    harmless = Release("another", dimensions, {(("region", "b"),): 60.0})
    assert recomputed(dimensions, structure.keys, cells.value, pattern.hidden, unsafe, [harmless]) == []
    revised = Release("revised", dimensions, {(("region", "b"),): 61.0})
    told = recomputed(dimensions, structure.keys, cells.value, pattern.hidden, unsafe, [revised])
    assert [(problem.code, problem.severity) for problem in told] == [("disclosure.revised", "warning")]


def quarter():
    """Return a table by region and source, its unsafe cells, and a pattern that is safe by itself."""
    dimensions, structure, cells = counts_table(
        {("a", "x"): 20, ("a", "y"): 300, ("b", "x"): 200, ("b", "y"): 400, ("c", "x"): 260, ("c", "y"): 350}
    )
    amounts = Cells(cells.value, np.where(cells.value == 20, 2, 30), cells.largest)
    unsafe = unsafe_cells(amounts, Rules(minimum_count=3, range_percent=20))
    assert unsafe.flag.sum() == 1
    pattern = suppress(structure, cells.value, unsafe)
    return dimensions, structure, cells.value, unsafe, pattern.hidden


def test_one_revised_figure_does_not_switch_off_the_guard() -> None:
    """The earlier release showed a-y, hidden now; that b-y was revised by half meanwhile changes nothing for a-x."""
    dimensions, structure, values, unsafe, hidden = quarter()
    place = structure.place
    ay, by = (("region", "a"), ("source", "y")), (("region", "b"), ("source", "y"))
    assert hidden[place[ay]] and not hidden[place[by]]
    told = recomputed(
        dimensions,
        structure.keys,
        values,
        hidden,
        unsafe,
        [Release("May", dimensions, {ay: 300.0, by: 800.0})],
    )
    assert {problem.code for problem in told} == {"disclosure.given_away", "disclosure.revised"}
    assert told[0].values["cell"] == "region = a, source = x"
    alone = recomputed(
        dimensions, structure.keys, values, hidden, unsafe, [Release("May", dimensions, {by: 800.0})]
    )
    assert [(problem.code, problem.severity) for problem in alone] == [("disclosure.revised", "warning")]


@pytest.mark.parametrize(("then", "is_refused"), [(301.0, True), (299.0, True), (330.0, False)])
def test_a_hidden_figure_that_was_itself_revised_is_bounded_by_the_revisions_seen(
    then: float, is_refused: bool
) -> None:
    """a-x = 20 needs 4 of doubt. By a-y of May (revised by 1) it lies within 1 of its value; by 330 there is no a-x."""
    dimensions, structure, values, unsafe, hidden = quarter()
    ay, by = (("region", "a"), ("source", "y")), (("region", "b"), ("source", "y"))
    told = recomputed(
        dimensions, structure.keys, values, hidden, unsafe,
        [Release("May", dimensions, {ay: then, by: 401.0})],
    )  # fmt: skip
    assert ("disclosure.given_away" in {problem.code for problem in told}) is is_refused


def test_what_follows_from_two_releases_together_is_refused_though_their_totals_differ() -> None:
    """May showed total and one part of a region: its other part then follows, and now's hidden cell nearly."""
    dimensions, structure, values, unsafe, hidden = quarter()
    a, ay = (("region", "a"),), (("region", "a"), ("source", "y"))
    told = recomputed(
        dimensions,
        structure.keys,
        values,
        hidden,
        unsafe,
        [Release("May", dimensions, {a: 316.0, ay: 297.0})],
    )
    assert "disclosure.given_away" in {problem.code for problem in told}


def test_cells_hidden_before_and_shown_now_and_releases_that_do_not_add_up_are_told() -> None:
    dimensions, structure, values, unsafe, hidden = quarter()
    by, b = (("region", "b"), ("source", "y")), (("region", "b"),)
    told = recomputed(
        dimensions, structure.keys, values, hidden, unsafe,
        [Release("May", dimensions, {b: 300.0, by: 350.0}), Release("June", dimensions, {}, frozenset({by}))],
    )  # fmt: skip
    assert {problem.code for problem in told} == {
        "disclosure.apart",
        "disclosure.revised",
        "disclosure.shown_again",
    }
    assert {problem.code for problem in told if problem.severity == "error"} == {"disclosure.apart"}


def test_bad_input_is_told_all_at_once() -> None:
    with pytest.raises(MethodError) as circle:
        Dimension("d", "total", {"a": "b", "b": "a", "c": "total"})
    assert "a, b" in str(circle.value.problems[0].values["codes"])
    with pytest.raises(MethodError) as rules:
        Rules(minimum_count=1, p_percent=0)
    assert len(rules.value.problems) == 2
    with pytest.raises(MethodError) as none:
        Rules()
    assert none.value.problems[0].code == "disclosure.no_rule"
    _, structure, cells = counts_table({("a", "x"): 2, ("b", "x"): 20})
    wrong = cells.value.copy()
    wrong[0] += 5
    with pytest.raises(MethodError) as gap:
        Attacker(structure, wrong, Knowledge.of(wrong))
    assert gap.value.problems[0].code == "disclosure.not_additive"
    dimensions, structure, *_ = records()
    with pytest.raises(MethodError) as unknown:
        gather(dimensions, structure, {"region": ["q"], "kind": ["x"]}, np.ones(1))
    assert "region = q" in str(unknown.value.problems[0].values["codes"])


def test_an_unprotected_pattern_is_never_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table is audited after the search, whatever the search says of itself."""
    from lvshu.statistics.disclosure import table as safe

    dimensions, _, cells, _ = records()
    draft = safe.DraftTable(tuple(dimensions), table_structure(dimensions), cells, union_of_cells(cells))
    unsafe = unsafe_cells(cells, Rules(minimum_count=3))
    cell = int(np.flatnonzero(unsafe.flag)[0])
    only = Pattern(np.arange(len(unsafe.flag)) == cell, unsafe.flag, 0.0, 0.0, True, 0, 0)
    monkeypatch.setattr(safe, "suppress", lambda *_, **__: only)
    with pytest.raises(MethodError) as refused:
        safe.protect(draft, Rules(minimum_count=3))
    assert {problem.code for problem in refused.value.problems} == {"disclosure.cannot_protect"}


def test_signed_amounts_and_a_range_of_ones_own() -> None:
    """A loss may be hidden too; a range of 20 % leaves at least 20 % of doubt on either side."""
    rows = [("a", "x", -50.0, 2), ("a", "y", 90.0, 9), ("b", "x", 70.0, 9), ("b", "y", 40.0, 9)]
    dimensions = [Dimension.flat("region", ["a", "b"]), Dimension.flat("kind", ["x", "y"])]
    codes = {"region": [row[0] for row in rows], "kind": [row[1] for row in rows]}
    draft = from_cells(dimensions, codes, np.array([row[2] for row in rows]), [row[3] for row in rows])
    safe = protect(draft, Rules(minimum_count=3, range_percent=20))
    cell = int(np.flatnonzero(safe.pattern.primary)[0])
    assert draft.cells.value[cell] == -50
    assert safe.high[cell] - -50 >= 10 - 1e-3
    assert -50 - safe.low[cell] >= 10 - 1e-3


@pytest.mark.parametrize("seed", [96, 131, 168, 333])
def test_figures_that_add_up_are_never_taken_for_contradictory(seed: int) -> None:
    """The true margins of a table: presolve calls these programmes infeasible, and the guard went silent."""
    random = np.random.default_rng(seed)
    districts, classes = [str(one) for one in range(8)], ["01", "02", "03", "04"]
    dimensions = (Dimension.flat("district", districts), Dimension.flat("class", classes))
    values = np.exp(random.normal(4, 2, 32)) * 100
    values[random.random(32) < 0.2] = 0
    codes = {"district": [one for one in districts for _ in classes], "class": classes * len(districts)}
    draft = from_cells(dimensions, codes, values, [3 * int(value > 0) for value in values])
    keys, value = draft.structure.keys, draft.cells.value
    by_district = np.array(["district" in dict(key) for key in keys])
    hidden = by_district & (random.random(len(keys)) < 0.5) & (value > 0)
    account = Release(
        "account", dimensions, {key: float(value[n]) for n, key in enumerate(keys) if not by_district[n]}
    )
    none = Unsafe(np.zeros(len(keys), dtype=bool), np.zeros(len(keys)), np.zeros(len(keys)))
    assert recomputed(dimensions, keys, value, hidden, none, [account]) == []
    lonely = Release("lonely", dimensions, {**account.shown, keys[1]: float(value[1])})
    unsafe = Unsafe(np.arange(len(keys)) == 1, 0.2 * value, 0.2 * value)
    told = recomputed(dimensions, keys, value, hidden | unsafe.flag, unsafe, [lonely])
    assert "disclosure.given_away" in {problem.code for problem in told}


def test_an_earlier_release_printed_in_whole_numbers_is_still_audited() -> None:
    """Rounded figures do not add up exactly (200 + 400, 601); a-y of it gives a-x, which needs 4, to within 2."""
    dimensions, structure, values, unsafe, hidden = quarter()
    leaves = np.asarray((structure.relations > 0).sum(axis=0)).ravel() == 0
    exact = added_up(structure, values + 0.4 * leaves)
    a, ay, b = (("region", "a"),), (("region", "a"), ("source", "y")), (("region", "b"),)
    by, bx = (("region", "b"), ("source", "y")), (("region", "b"), ("source", "x"))
    rounded = Release("May", dimensions, {a: 321.0, ay: 300.0, b: 601.0, bx: 200.0, by: 400.0})
    told = recomputed(dimensions, structure.keys, exact, hidden, unsafe, [rounded])
    assert {problem.code for problem in told} == {"disclosure.given_away"}


def test_a_programme_that_is_not_solved_is_no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    dimensions, structure, values, unsafe, hidden = quarter()
    monkeypatch.setattr("lvshu.statistics.disclosure.history._Times._range", lambda *_: None)
    may = Release("May", dimensions, {(("region", "b"),): 600.0})
    told = recomputed(dimensions, structure.keys, values, hidden, unsafe, [may])
    assert [(problem.code, problem.severity) for problem in told] == [("disclosure.unaudited", "error")]


def test_cells_that_no_table_shows_cost_nothing_and_must_not_follow() -> None:
    """Two tables cut four kinds differently; one unpublished kind is unsafe and follows where both show all."""
    dimension = Dimension.flat("kind", ["a", "b", "c", "d"])
    structure = table_structure([dimension])
    # cells: total, a, b, c, d; sums of kinds that tables show: ab, cd, abc, d
    relations = np.zeros((4, 8))
    relations[0, [5, 1, 2]] = 1, -1, -1
    relations[1, [6, 3, 4]] = 1, -1, -1
    relations[2, [7, 1, 2, 3]] = 1, -1, -1, -1
    relations[3, [0, 5, 6]] = 1, -1, -1
    keys = (*structure.keys, (("cut", "ab"),), (("cut", "cd"),), (("cut", "abc"),))
    values = np.array([100.0, 20, 30, 10, 40, 50, 50, 60])
    unsafe = Unsafe(
        np.arange(8) == 3, np.where(np.arange(8) == 3, 2.0, 0.0), np.where(np.arange(8) == 3, 2.0, 0.0)
    )
    unpublished = np.isin(np.arange(8), [1, 2, 3, 4])
    found = suppress(
        Structure(keys, sparse.csr_array(relations)), values, unsafe, must_show=np.arange(8) == 0,
        unpublished=unpublished,
    )  # fmt: skip
    assert found.hidden[unpublished].all()
    assert found.cost == 1.0 or found.hidden[[5, 6, 7]].any(), "c is abc less ab: one of the shown sums goes"
    assert found.hidden[[5, 7]].any() and not found.hidden[0]


def test_a_programme_left_open_in_one_unit_is_solved_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """The solver gives up where ranges are too wide for its numbers (status 4); the reach is the same all the same."""
    structure = table_structure((Dimension.flat("region", ["north", "south", "west"], "all"),))
    values = np.array([3.1e10, 3e10, 1e9, 4.0])
    hidden = np.array([False, True, True, True])
    attacker = Attacker(structure, values, Knowledge.of(values))
    known = [attacker.reach(cell, direction, hidden) for cell in (1, 2) for direction in (UP, DOWN)]
    solver, asked = attack.linprog, []

    def moody(cost: Any, **more: Any) -> Any:
        found = solver(cost, **more)
        asked.append(float(np.max(more["bounds"])))
        if asked[-1] > 1e12:
            found.status = 4
        return found

    monkeypatch.setattr(attack, "linprog", moody)
    again = [attacker.reach(cell, direction, hidden) for cell in (1, 2) for direction in (UP, DOWN)]
    assert max(asked) > 1e12 > min(asked)
    for one, other in zip(known, again, strict=True):
        assert other.distance == pytest.approx(one.distance, rel=1e-9)
        np.testing.assert_allclose(other.capacity, one.capacity, rtol=1e-9)
    assert again[0].distance == pytest.approx(1e9 + 4.0, rel=1e-6)
