"""Figures of the carbon-reduction facility and of green bonds: one large project must not follow from what is shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog

from lvshu.finance.facility import WINDOWS
from lvshu.publish.model import Panel
from lvshu.publish.panels import finance_benefit
from lvshu.publish.reader import Reader
from lvshu.publish.texts import same
from lvshu.statistics.disclosure.primary import Rules
from lvshu.store.workspace import Workspace
from lvshu.web.security import project_sources
from lvshu.web.security.loan_views import rules_of
from lvshu.web.security.project_rules import withheld_bonds, withheld_facility
from lvshu.web.security.project_sources import SINCE
from lvshu.web.security.sums import Part, held_by, unsafe_figures

RULES = Rules(minimum_count=3, p_percent=10.0)
NO_PANEL = Panel("facility", same("x"))


@pytest.fixture(scope="module")
def reader(sample_run: Path) -> Iterator[Reader]:
    with Workspace.open(sample_run).book() as book:
        yield Reader(book)


@pytest.fixture(scope="module")
def panels(reader: Reader) -> dict[str, Panel]:
    return {panel.id: panel for panel in finance_benefit.panels(reader)}


def loans(**amounts: list[float]) -> list[Part]:
    """Return loans to the projects p0, p1 … by increment."""
    return [
        (f"B/{increment}", "amount", f"p{number}", amount)
        for increment, each in amounts.items()
        for number, amount in enumerate(each)
        if amount
    ]


def test_a_figure_that_one_project_makes_is_withheld_though_many_stand_behind_it() -> None:
    even = loans(in_quarter=[10, 11, 12, 9], earlier_in_year=[8, 9, 10, 9], earlier_years=[10, 10, 9, 9])
    assert withheld_facility(even, RULES, NO_PANEL) == set()
    large = loans(in_quarter=[10, 11, 12, 9], earlier_in_year=[8, 9, 10, 9], earlier_years=[9000, 10, 9, 9])
    assert withheld_facility(large, RULES, NO_PANEL) == {
        ("B/since_inception", "amount"),
        ("B/since_inception", "rate"),
    }


def test_the_difference_of_two_windows_is_a_figure_too() -> None:
    many = [float(one) for one in range(90, 110)]
    found = withheld_facility(
        loans(in_quarter=many, earlier_in_year=[300.0], earlier_years=many), RULES, NO_PANEL
    )
    assert {row for row, column in found if column == "amount"} in ({"B/year_to_date"}, {"B/quarter"})


def test_what_a_bond_used_is_judged_by_its_largest_project() -> None:
    even = [("A", "used_in_year", f"p{one}", 10.0 + one) for one in range(5)]
    early = [("A", "earlier", f"p{one}", 10.0 + one) for one in range(5)]
    assert withheld_bonds([*even, *early], RULES) == set()
    assert withheld_bonds([*even, ("A", "earlier", "p9", 5.0)], RULES) == {("A", "used_in_year")}
    assert ("A", "*") in withheld_bonds([*even, ("A", "earlier", "p9", 5000.0)], RULES)


def test_parts_add_up_to_what_the_tables_state(reader: Reader) -> None:
    stated = reader.rows("facility_disclosure")
    latest = {row["institution_id"]: "" for row in stated}
    for row in stated:
        latest[row["institution_id"]] = max(latest[row["institution_id"]], row["quarter"])
    parts = held_by(project_sources.facility(reader))
    checked = 0
    for row in stated:
        if row["quarter"] != latest[row["institution_id"]] or row["field"] == "all":
            continue
        rows = [f"{row['institution_id']}/{one}" for one in SINCE[: WINDOWS.index(row["window"]) + 1]]
        own = sum(sum(parts.get((one, row["field"]), {}).values()) for one in rows)
        assert own == pytest.approx(float(row["annual_abatement"] or 0), rel=1e-9, abs=1e-6)
        checked += 1
    assert checked >= 9
    benefits = {
        cell[0]: sum(one.values()) for cell, one in held_by(project_sources.bond_benefits(reader)).items()
    }
    year = max(row["year"] for row in reader.rows("green_bond_indicator"))
    told: dict[str, float] = {}
    for row in reader.rows("green_bond_indicator", year=year):
        key = f"{row['indicator']}/{row['stage']}"
        told[key] = told.get(key, 0.0) + float(row["quantity"] or 0)
    assert benefits == pytest.approx({key: value for key, value in told.items() if value}, rel=1e-9)
    used = held_by(project_sources.bonds(reader))
    for row in reader.rows("green_bond_proceeds", year=year):
        both = [sum(used.get((row["bond_id"], one), {}).values()) for one in ("used_in_year", "earlier")]
        assert sum(both) == pytest.approx(float(row["used_to_date"]))
        assert both[0] == pytest.approx(float(row["used_in_year"]))


def test_no_unsafe_abatement_can_be_solved_for(reader: Reader, panels: dict[str, Panel]) -> None:
    """A reader knows fields and windows that are shown; increments of fields, none below zero, are unknown."""
    rules, parts = rules_of(reader, 3), project_sources.facility(reader)
    hidden = withheld_facility(parts, rules, panels["facility"])
    attacked = 0
    for institution in {row.split("/")[0] for row, *_ in parts}:
        own = [part for part in parts if part[0].startswith(f"{institution}/") and part[1] != "amount"]
        fields = sorted({part[1] for part in own})
        places = {(f"{institution}/{one}", field): n * len(fields) + m
                  for n, one in enumerate(SINCE) for m, field in enumerate(fields)}  # fmt: skip
        true = np.zeros(len(places))
        for row, field, _, amount in own:
            true[places[(row, field)]] += amount
        scale = 1e3 / true.sum()

        def mask(
            window: int, only: tuple[str, ...], places: dict[tuple[str, str], int] = places
        ) -> np.ndarray:
            inside = [f"{institution}/{one}" for one in SINCE[: window + 1]]  # noqa: B023
            return np.array([float(row in inside and field in only) for row, field in places])

        cells = {
            (f"{institution}/{window}", column): mask(
                n, tuple(fields) if column == "abatement" else (column,)
            )
            for n, window in enumerate(WINDOWS)
            for column in (*fields, "abatement")
        }
        shown = np.array([one for cell, one in cells.items() if cell not in hidden])
        for cell, one in cells.items():
            inside = [part for part in own if one[places[(part[0], part[1])]]]
            need = unsafe_figures([("x", "x", who, amount) for _, _, who, amount in inside], rules)
            if not need:
                continue
            attacked += 1
            assert cell in hidden
            solved = linprog(-one, A_eq=shown, b_eq=shown @ true * scale, bounds=(0, None), method="highs")
            high = np.inf if solved.status == 3 else -solved.fun
            assert high >= (one @ true + need[("x", "x")] * 0.98) * scale - 2e-3, cell
    assert attacked
