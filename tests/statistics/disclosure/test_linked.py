"""One attack over all that is public: intervals as enumeration and a plain linear programme find them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import linprog

from lvshu.statistics.disclosure.linked import GIVEN_AWAY, PUBLIC, SAFE, Published, Reached


def _one(found: list[Reached], name: str) -> Reached:
    return next(one for one in found if one.asked.name == name)


def test_two_tables_give_away_together_what_neither_does_alone() -> None:
    """A table by region and one by kind; x is their common cell. The kind's price index adds a second equation."""
    public = Published("m")
    public.adds_up("total", {"x": 1.0, "y": 1.0, "z": 1.0})
    public.show("total", 60.0, "table A")
    public.show("z", 10.0, "table A")
    public.ask("x", 20.0, 2.0, 2.0)
    assert _one(public.reached(), "x").verdict == SAFE
    public.adds_up("constant", {"x": 0.5, "y": 2.0, "z": 1.0})
    public.show("constant", 0.5 * 20 + 2.0 * 30 + 10, "table B")
    found = _one(public.reached(), "x")
    assert found.verdict == GIVEN_AWAY
    assert (found.low, found.high) == (pytest.approx(20.0, abs=1e-4), pytest.approx(20.0, abs=1e-4))
    assert any("table B" in one for one in found.through)


def test_a_figure_that_a_table_shows_is_public_whatever_else_is_hidden() -> None:
    public = Published("m")
    public.adds_up("total", {"x": 1.0, "y": 1.0})
    public.ask("x", 20.0, 2.0, 2.0)
    public.show("x", 20.0, "headline")
    found = _one(public.reached(), "x")
    assert (found.verdict, found.through) == (PUBLIC, ("headline: x",))


def test_bounds_and_rounding_count() -> None:
    """A share of all channels bounds from above; a printed place leaves half of it on either side."""
    public = Published("m")
    public.ask("x", 20.0, 2.0, 2.0)
    public.bound("x", 0.0, 21.0, "all channels")
    assert _one(public.reached(), "x").verdict == GIVEN_AWAY
    rounded = Published("m")
    rounded.adds_up("total", {"x": 1.0, "y": 1.0})
    rounded.show("total", 50.0, "rounded", within=5.0)
    rounded.show("y", 30.0, "rounded", within=5.0)
    rounded.ask("x", 20.0, 9.0, 9.0)
    found = _one(rounded.reached(), "x")
    assert found.verdict == SAFE
    assert (found.low, found.high) == (pytest.approx(10.0, abs=1e-3), pytest.approx(30.0, abs=1e-3))


def test_tables_that_contradict_each_other_are_told() -> None:
    public = Published("m")
    public.adds_up("total", {"x": 1.0, "y": 1.0})
    public.ask("x", 20.0, 2.0, 2.0)
    public.show("total", 50.0, "table A")
    public.show("total", 51.0, "table B")
    public.reached()
    assert len(public.clashes) == 1 and "total" in public.clashes[0]


def test_what_nothing_bounds_is_infinite_and_a_contradiction_is_never_a_pass() -> None:
    public = Published("m", signed=True)
    public.adds_up("total", {"x": 1.0, "y": 1.0})
    public.ask("x", 20.0, 2.0, 2.0)
    found = _one(public.reached(), "x")
    assert (found.low, found.high, found.verdict) == (-np.inf, np.inf, SAFE)
    for name, value in (("total", 10.0), ("y", 50.0)):
        public.show(name, value, "table")
    public.bound("x", 0.0, 5.0, "known")
    assert _one(public.reached(), "x").verdict == "unsolved"


@pytest.mark.parametrize("seed", range(12))
def test_intervals_of_random_linked_tables_are_those_of_a_plain_programme(seed: int) -> None:
    """Three by four by two cells with all margins, some hidden; the rival writes only innermost cells as unknowns."""
    random = np.random.default_rng(seed)
    shape = (3, 4, 2)
    inner = {cell: float(random.integers(0, 100)) for cell in itertools.product(*map(range, shape))}
    margins = list(itertools.product(*([*range(size), None] for size in shape)))

    def inside(cell: tuple[int, ...], margin: tuple[int | None, ...]) -> bool:
        return all(want is None or want == have for want, have in zip(margin, cell, strict=True))

    truth = {margin: sum(v for cell, v in inner.items() if inside(cell, margin)) for margin in margins}
    hidden = {margin for margin in margins if random.random() < (0.5 if None not in margin else 0.25)}
    public = Published("m")
    for margin in margins:
        for place in (place for place in range(3) if margin[place] is None):
            parts = [(*margin[:place], code, *margin[place + 1 :]) for code in range(shape[place])]
            public.adds_up(str(margin), {str(part): 1.0 for part in parts})
        if margin in hidden:
            public.ask(str(margin), truth[margin], 1.0, min(1.0, truth[margin]))
        else:
            public.show(str(margin), truth[margin], "table")
    cells = list(inner)
    known = np.array(
        [[float(inside(cell, margin)) for cell in cells] for margin in margins if margin not in hidden]
    )
    right = np.array([truth[margin] for margin in margins if margin not in hidden])
    for found in public.reached():
        margin = next(one for one in margins if str(one) == found.asked.name)
        target = np.array([float(inside(cell, margin)) for cell in cells])
        low = linprog(target, A_eq=known, b_eq=right).fun
        least = linprog(-target, A_eq=known, b_eq=right)
        high = np.inf if least.status == 3 else -least.fun
        assert found.low == pytest.approx(low, abs=1e-3)
        assert found.high == (np.inf if np.isinf(high) else pytest.approx(high, abs=1e-3))
