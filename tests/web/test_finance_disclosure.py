"""An attack on the withheld figures of finance: a viewer who reads every page and solves for what is not there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from scipy import sparse
from scipy.optimize import linprog

from lvshu.publish.reader import Reader
from lvshu.statistics.disclosure.primary import Cells, Rules, unsafe_cells
from lvshu.store.workspace import Workspace
from lvshu.web.app import create_app
from lvshu.web.options import WebOptions
from lvshu.web.pages.ledger import label_of
from lvshu.web.security.loan_book import BALANCE, LOANS, Key, LoanBook, emission_of, read_loan_book
from lvshu.web.security.loan_views import LEDGER_WAYS, rules_of
from lvshu.web.security.loan_ways import PCAF, further_ways
from lvshu.web.state.database import Database
from lvshu.web.state.users import add_user
from tests.web.conftest import HOST, PASSWORD

LEAST = 3
UNITS = {"1e8 CNY": 1e8, "1e4 tCO2e": 1e4, "1": 1.0}


@dataclass
class Seen:
    """What a viewer reads: by measure the loans of a figure and its value; None where ***."""

    figures: dict[str, dict[tuple[Key, ...], float | None]]

    def add(self, measure: str, keys: tuple[Key, ...], cell: Any, unit: str = "1") -> None:
        if isinstance(cell, dict):
            found = None if cell == {"absent": "suppressed"} else 0.0
        else:
            found = None if cell is None else float(cell) * UNITS[unit]
        known = self.figures[measure]
        if cell is not None and not (isinstance(cell, dict) and found == 0.0) and known.get(keys) is None:
            known[keys] = found


@pytest.fixture(scope="module")
def city(
    web_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[TestClient, Reader, LoanBook]]:
    """Return a viewer's browser, the book, and the true loan book by kinds of loans."""
    url = f"sqlite:///{tmp_path_factory.mktemp('attack') / 'users.sqlite'}"
    database = Database(url)
    add_user(database, "viewer", "viewer", PASSWORD)
    database.close()
    app = create_app(WebOptions(web_folder, database=url, login=True, least_units=LEAST))
    with TestClient(app, base_url=HOST), Workspace.open(web_folder).book() as book:
        browser = TestClient(app, base_url=HOST, follow_redirects=False)
        browser.post("/login", data={"name": "viewer", "password": PASSWORD})
        reader = Reader(book)
        yield browser, reader, read_loan_book(reader, further_ways(reader))


@pytest.fixture(scope="module")
def seen(city: tuple[TestClient, Reader, LoanBook]) -> Seen:
    """Return what the viewer reads on the pages of the loan book, of finance and among the headlines."""
    browser, reader, book = city
    methods = reader.settings.finance_methods
    found = Seen({name: {} for name in (BALANCE, LOANS, *(emission_of(one) for one in methods))})
    for way in LEDGER_WAYS:
        for method in methods:
            rows = browser.get(f"/finance/ledger.json?by={way}&method={method}").json()["panels"][0]["table"][
                "rows"
            ]
            inside = {label_of(reader, way, key[2]).en: key for key in book.parts[(way, method)]}
            assert len(rows) == len(inside) + 1 == len(book.parts[(way, method)]) + 1
            keys = [(inside[row["group"]["en"]],) for row in rows[:-1]]
            for key, row in zip([(("*", "", None),), *keys], [rows[-1], *rows[:-1]], strict=True):
                found.add(BALANCE, key, row["balance"], "1e8 CNY")
                found.add(LOANS, key, row["loans"])
                found.add(emission_of(method), key, row["emission"], "1e4 tCO2e")
    panels = {
        panel["id"]: panel
        for view in ("emissions", "flows", "labels", "rest")
        for panel in browser.get(f"/finance.json?view={view}").json()["panels"]
        if panel["table"]
    }
    _read_panels(reader, book, panels, found)
    facts = {one["code"]: one for one in browser.get("/home.json").json()["facts"]["headlines"]}
    whole = found.figures[BALANCE][(("*", "", None),)]
    assert whole
    for code, keys in _headline_keys(methods).items():
        value = facts[code]["value"] if code in facts else None
        if value is not None:
            share = facts[code]["unit"] == "%"
            found.figures[BALANCE][keys] = float(value) * whole / 100 if share else float(value)
    return found


def _headline_keys(methods: tuple[str, ...]) -> dict[str, tuple[Key, ...]]:
    base = methods[0]
    return {
        "green_loan_balance": (("class", base, "green"), ("class", base, "high_carbon_green")),
        "high_carbon_loan_balance": (("class", base, "high_carbon"), ("class", base, "high_carbon_green")),
        **{f"loan_coverage_{one}": (("status", one, "in"),) for one in methods},
        **{f"loan_unknown_{one}": (("status", one, "unknown"),) for one in methods},
    }


def _read_panels(reader: Reader, book: LoanBook, panels: dict[str, Any], found: Seen) -> None:
    """Read the panels that divide the loan book, in the order in which they are made."""
    methods = reader.settings.finance_methods
    codes = list(dict.fromkeys(row["industry_group"] for row in reader.rows("financed_emission")))
    shown = panels["groups"]["table"]["rows"]
    by_name = {_name(reader, code): code for code in codes}
    for row in shown:
        for method in methods:
            found.add(
                emission_of(method),
                (("group", method, by_name[row["group"]["en"]]),),
                row[method],
                "1e4 tCO2e",
            )
    for method, row in zip(methods, panels["quality"]["table"]["rows"], strict=True):
        for kind in [one.removesuffix("_loans") for one in row if one.endswith("_loans")]:
            found.add(emission_of(method), (("calculation", method, kind),), row[kind], "1e4 tCO2e")
            found.add(LOANS, (("calculation", method, kind),), row[f"{kind}_loans"])
    for method, row in zip(methods, panels["methods"]["table"]["rows"], strict=True):
        found.add(emission_of(method), (("*", "", None),), row["emission"], "1e4 tCO2e")
        found.add(LOANS, (("status", method, "in"),), row["loans"])
    for row in panels["switch"]["table"]["rows"]:
        if row["effect"]["en"] == "Loans added to scope":
            for method in methods[1:]:
                found.add(emission_of(method), (("added", method, "yes"),), row[method], "1e4 tCO2e")
    for place, verdicts in enumerate(panels["label_check"]["table"]["rows"]):
        del place
        themes = {f"{row['theme']}/{row['basis']}": None for row in reader.rows("label_reconciliation")}
        for theme in themes:
            if verdicts["theme"]["en"] == _theme_name(theme):
                for one in [name.removesuffix("_loans") for name in verdicts if name.endswith("_loans")]:
                    found.add(BALANCE, ((f"label:{theme}", "", one),), verdicts[one], "1e8 CNY")
                    found.add(LOANS, ((f"label:{theme}", "", one),), verdicts[f"{one}_loans"])
    last = panels["flow_matrix"]["table"]["rows"][-1]
    for name in last:
        if name.endswith("_outstanding_end"):
            found.add(BALANCE, (("flow", "", name.removesuffix("_outstanding_end")),), last[name], "1e8 CNY")
    kinds = {row["class"]["en"]: row for row in panels["pcaf"]["table"]["rows"]}
    for name, code in (("business loan", "business_loan"), ("project finance", "project_finance")):
        if name in kinds:
            found.add(emission_of(PCAF), (("pcaf", PCAF, code),), kinds[name]["emission"], "1e4 tCO2e")


def _name(reader: Reader, code: str) -> str:
    from lvshu.publish.panels.names import group_name

    return group_name(reader, code).en


def _theme_name(theme: str) -> str:
    from lvshu.publish.panels.finance_labels import _theme

    return _theme(*theme.split("/")).en


def unsafe_of(book: LoanBook, measure: str, keys: tuple[Key, ...], rules: Rules) -> float:
    """Return the doubt that must be left above a figure: zero where it is safe."""
    kinds = book.counted(measure, keys)
    if not len(kinds):
        return 0.0
    groups = np.abs(np.asarray(book.held[measure][kinds, :].sum(axis=0)).ravel())
    groups = np.sort(groups[groups > 0])[::-1]
    largest = np.zeros((1, 2))
    largest[0, : min(2, len(groups))] = groups[:2]
    judged = unsafe_cells(Cells(np.array([groups.sum()]), np.array([len(groups)]), largest), rules)
    return float(judged.upper[0])


@pytest.mark.parametrize("number", range(5))
def test_no_unsafe_figure_of_the_loan_book_can_be_solved_for(
    city: tuple[TestClient, Reader, LoanBook], seen: Seen, number: int
) -> None:
    _, reader, book = city
    measure = list(seen.figures)[number]
    rules = rules_of(reader, LEAST)
    if measure == LOANS:
        rules = Rules(minimum_count=rules.minimum_count, range_percent=rules.range_percent)
    figures = {
        keys: value for keys, value in seen.figures[measure].items() if len(book.counted(measure, keys))
    }
    needs = {keys: need for keys in figures if (need := unsafe_of(book, measure, keys, rules))}
    assert needs, "the sample no longer has what this test is about"
    assert not [keys for keys in needs if figures[keys] is not None], "an unsafe figure is shown"
    amounts = np.asarray(book.held[measure].sum(axis=1)).ravel()
    scale = 1e3 / amounts.sum()
    known = [keys for keys, value in figures.items() if value is not None]
    matrix = sparse.lil_array((len(known), len(amounts)))
    for row, keys in enumerate(known):
        matrix[row, book.counted(measure, keys)] = 1.0
    told = matrix.tocsr()
    # the reader knows what is printed; where a page rounds or fills a gap otherwise, the kinds' own sums stand for it
    sums = told @ amounts * scale
    masks = [_mask(book, measure, keys, len(amounts)) for keys in needs]
    merged = np.unique(np.vstack([told.toarray(), *masks]), axis=1)
    hidden, shown = merged[len(known) :], merged[: len(known)]
    true = np.array([amounts[book.counted(measure, keys)].sum() * scale for keys in needs])
    wanted = np.array(
        [max(min(need * scale, 2e-3) * 0.5, need * scale * 0.98 - 2e-3) for need in needs.values()]
    )
    unproven = _not_moved_together(shown, sums, hidden, true, wanted)
    weak = []
    for place in unproven:
        solved = linprog(-hidden[place], A_eq=shown, b_eq=sums, bounds=(0, None), method="highs")
        high = np.inf if solved.status == 3 else -solved.fun
        if high < true[place] + wanted[place]:
            weak.append((list(needs)[place], true[place], high, wanted[place]))
    assert not weak


def _not_moved_together(shown: Any, sums: Any, hidden: Any, true: Any, wanted: Any) -> list[int]:
    """Return the figures that one solution of all that is shown does not move far enough, all at once."""
    count, kinds = hidden.shape
    cost = np.concatenate([np.zeros(kinds), -1.0 / wanted])
    solved = linprog(
        cost, A_eq=np.hstack([shown, np.zeros((len(shown), count))]), b_eq=sums,
        A_ub=np.hstack([-hidden, np.eye(count)]), b_ub=-true,
        bounds=[(0, None)] * kinds + [(0, float(one)) for one in wanted], method="highs",
    )  # fmt: skip
    if solved.status != 0:
        return list(range(count))
    return [place for place in range(count) if solved.x[kinds + place] < wanted[place] * (1 - 1e-6)]


def _mask(book: LoanBook, measure: str, keys: tuple[Key, ...], size: int) -> np.ndarray:
    row = np.zeros(size)
    row[book.counted(measure, keys)] = 1.0
    return row
