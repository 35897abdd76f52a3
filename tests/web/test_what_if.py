"""What the levers say: the baseline is the book, answers add up, money moved is conserved."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lvshu.core.errors import InputError
from lvshu.store.workspace import Workspace
from lvshu.web.pages.what_if import WhatIfQuery, moves_nothing, plain, sectors_to_choose, sliders
from lvshu.web.pages.what_if_economy import _power, idle_levers
from lvshu.web.scenario import Economy, Levers, answer, changed_demand


def small() -> Economy:
    use = np.array([[150.0, 500.0], [200.0, 100.0]])
    demand = np.array([[350.0, 0.0], [1500.0, 200.0]])
    return Economy.of(
        intermediate_use=use, codes=("a", "b"), categories=("household_urban", "fixed_capital"), final_demand=demand,
        output=np.array([1000.0, 2000.0]), value_added=np.array([650.0, 1400.0]), emission=np.array([100.0, 50.0]),
        own_emission=np.array([10.0, 0.0]), electricity_emission=np.array([5.0, 5.0]), energy=np.array([40.0, 20.0]),
        power=(0,), saving_forgone=8.0,
    )  # fmt: skip


def test_the_textbook_example_answers_as_printed() -> None:
    """Miller and Blair (2009), section 2.3.1: final demand (600, 1500) needs an output of (1247.5, 1841.6)."""
    economy = small()
    levers = Levers(demand={"household": 100 * (600 / 350 - 1)})
    printed = np.array([1247.5, 1841.6])
    demand = np.array([[600.0, 0.0], [1500.0, 0.0]])
    from lvshu.accounts.methods.leontief import required_output

    assert np.round(required_output(economy.model, demand.sum(axis=1)), 1).tolist() == printed.tolist()
    changed = changed_demand(economy, levers)
    assert np.allclose(changed[0], [600.0, 0.0])


def test_without_a_lever_the_scenario_is_the_table() -> None:
    economy = small()
    found = answer(economy, Levers())
    assert np.allclose(found.output, economy.output)
    assert found.totals["emission"] == pytest.approx(160.0)
    assert found.totals["value_added"] == pytest.approx(2050.0)
    assert found.totals["avoided"] == found.totals["revenue"] == 0.0


@example(change=0.0, power=0.0, price=2.5e-318, through=50.0, moved=0.0)  # below what a double holds in full
@settings(max_examples=40, deadline=None)
@given(
    change=st.floats(-50, 50), power=st.floats(0, 100), price=st.floats(0, 1000), through=st.floats(0, 100),
    moved=st.floats(0, 200),
)  # fmt: skip
def test_revenue_is_borne_by_buyers_and_surplus(
    change: float, power: float, price: float, through: float, moved: float
) -> None:
    levers = Levers(
        {"household": change},
        power=power,
        price=price,
        pass_through=through,
        moved=moved,
        moved_from="b",
        moved_to="a",
    )
    economy = small()
    found = answer(economy, levers)
    assert found.totals["revenue"] == pytest.approx(
        found.buyers.sum() + found.totals["profits"], rel=1e-9, abs=1e-6
    )
    assert changed_demand(economy, levers)[:, 1].sum() == pytest.approx(economy.final_demand[:, 1].sum())
    assert found.totals["revenue"] == pytest.approx(price * found.emission.sum(), rel=1e-9, abs=1e-6)


def test_more_than_there_is_cannot_be_moved() -> None:
    with pytest.raises(InputError) as told:
        answer(small(), Levers(moved=201.0, moved_from="b", moved_to="a"))
    assert told.value.code == "web.moved_too_much"
    with pytest.raises(InputError) as told:
        answer(small(), Levers(moved=1.0, moved_from="b", moved_to="nowhere"))
    assert told.value.code == "web.no_such_thing"


def test_the_baseline_is_the_book(client: TestClient, web_folder: Path) -> None:
    facts = client.get("/what-if.json").json()["facts"]
    with Workspace.open(web_folder).book() as book:
        sectors = book.rows("sector_account")
        values = {
            row["code"]: float(row["value"]) for row in book.rows("headline") if row["value"] is not None
        }
    assert facts["baseline"] == facts["scenario"]
    assert facts["baseline"]["emission"] == pytest.approx(values["co2_production_based"], rel=1e-9)
    assert facts["baseline"]["value_added"] == pytest.approx(
        sum(float(row["value_added"]) for row in sectors), rel=1e-6
    )


def test_a_scenario_in_the_address_is_answered(client: TestClient) -> None:
    found = client.get("/what-if.json?power=50&price=100").json()["facts"]
    assert found["scenario"]["emission"] < found["baseline"]["emission"]
    assert found["scenario"]["output"] == pytest.approx(found["baseline"]["output"])
    page = client.get("/what-if?power=50&price=100&lang=en")
    assert 'name="power" min="0" max="100" step="1" value="50"' in page.text
    for wrong in ("power=101", "household=nan", "price=1e999", "power=x"):
        assert client.get(f"/what-if.json?{wrong}").status_code == 422, wrong
    assert client.get("/what-if.json?moved=5&moved_from=zz&moved_to=yy").status_code == 404


def test_an_amount_without_its_sectors_leaves_the_other_levers_answered(client: TestClient) -> None:
    page = client.get("/what-if?household=5&moved=10&lang=en")
    assert page.status_code == 200
    assert "choose from which sector to which" in page.text
    with_it, without = (
        client.get(f"/what-if.json?household=5{more}").json()["facts"]["scenario"]
        for more in ("&moved=10", "")
    )
    assert with_it == without


def test_a_link_between_the_steps_of_a_slider_stays_the_scenario() -> None:
    shown = {one["name"]: one for one in sliders(WhatIfQuery(price=495, pass_through=39, household=2.5))}
    for name, value, step in (
        ("price", "495", "1"), ("pass_through", "39", "1"), ("household", "2.5", "0.1"), ("export", "0", "1"),
    ):  # fmt: skip
        assert (shown[name]["value"], shown[name]["step"]) == (value, step)
        assert (Decimal(value) - shown[name]["least"]) % Decimal(step) == 0, "a browser would move it"
    assert plain(12345.67) == "12345.67"
    assert plain(100_000.0) == "100000"


def test_a_lever_with_nothing_to_act_on_says_so() -> None:
    assert idle_levers(small()) == frozenset()
    bare = {"electricity_emission": np.zeros(2), "emission": np.array([5.0, 0.0]), "saving_forgone": 0.0}
    economy = replace(small(), power=(1,), **bare)  # type: ignore[arg-type]
    idle = idle_levers(economy)
    assert idle == {"power", "grid", "recovery"}
    told = {one["name"]: one["idle"] for one in sliders(WhatIfQuery(), idle)}
    assert {name for name, why in told.items() if why} == idle
    assert idle_levers(replace(economy, power=(0,), saving_forgone=2.0)) == {"grid"}


def test_power_is_known_by_its_division_not_by_its_name() -> None:
    class Book:
        def rows(self, table: str, **where: str) -> list[dict[str, str]]:
            assert (table, where) == ("sector_intensity", {"gbt4754_division": "44"})
            return [{"sector_codes": "07;09"}]

    assert _power(Book(), ("05", "07", "09"), ("电力装备", "发电供热", "热")) == (1, 2)  # type: ignore[arg-type]


def test_a_link_that_moves_nothing_is_the_baseline_and_says_why(client: TestClient) -> None:
    sectors = client.get("/what-if?lang=en").text.partition('name="moved_from"')[2].partition("</select>")[0]
    options = re.findall(r'<option value="([^"]+)"( disabled)?>([^<]*)', sectors)
    free = [code for code, gone, _ in options if not gone]
    idle = [code for code, gone, told in options if gone and "no investment to move" in told]
    assert free
    names = {code: told.partition(" · ")[0].strip() for code, _, told in options}
    asked = {f"moved=5&moved_from={free[0]}&moved_to={free[0]}": "it would return to the sector"}
    asked |= {
        f"moved=5&moved_from={one}&moved_to={free[0]}": f"sector {names[one]} ({one}) has no investment"
        for one in idle[:1]
    }
    for query, told in asked.items():
        facts = client.get(f"/what-if.json?{query}").json()["facts"]
        assert facts["scenario"] == facts["baseline"]
        page = client.get(f"/what-if?{query}&lang=en").text
        assert told in page and "These levers change nothing" in page
        assert re.search("[一-鿿]", client.get(f"/what-if?{query}&lang=zh").text)


def test_the_sentence_tells_the_line_that_moved(client: TestClient) -> None:
    """With recovery or the grid alone neither direct emissions nor value added move: what moves is told."""
    for query, told in {
        "recovery=30": "Avoided by recovery (apart) +",
        "grid=20": "Indirect emissions of electricity used (not to be added) -",
        "price=100": "Carbon revenue +",
    }.items():
        panels = {one["id"]: one for one in client.get(f"/what-if.json?{query}").json()["panels"]}
        finding = panels["answers"]["finding"]["en"]
        assert told in finding and "CNY 0" not in finding and "emissions 0" not in finding
        assert "Unchanged: Direct emissions (with households), Value added." in finding
    assert "Prices change most in: " in panels["by_sector"]["finding"]["en"]
    baseline = client.get("/what-if.json").json()["panels"][0]["finding"]["en"]
    assert baseline == "All lines are those of the baseline."


def test_what_is_told_of_a_sector_names_it(client: TestClient) -> None:
    text = client.get("/what-if?lang=en").text.partition('name="moved_from"')[2].partition("</select>")[0]
    code, name = next(
        (code, told)
        for code, gone, told in re.findall(r'<option value="([^"]+)"( disabled)?>([^<]*)', text)
        if not gone
    )
    answer = client.get(f"/what-if.json?moved=99999&moved_from={code}&moved_to={code[:-1]}1")
    if answer.status_code == 200:  # it would return to where it came from
        answer = client.get(f"/what-if.json?moved=99999&moved_from={code}&moved_to={code[:-1]}2")
    assert f"Sector {name} ({code}) has only CNY" in answer.json()["errors"][0]["en"]["what"]


def test_sectors_that_cannot_be_chosen_say_why() -> None:
    economy = replace(small(), output=np.array([1000.0, 0.0]))
    told = sectors_to_choose(economy, {})
    assert [(one["code"], one["not_from"] and one["not_from"].en) for one in told] == [
        ("a", "no investment to move"),
        ("b", "no output"),
    ]
    assert [one["not_to"] and one["not_to"].en for one in told] == [None, "no output"]
    why = moves_nothing(economy, WhatIfQuery(moved=1, moved_from="b", moved_to="a"))
    assert why is None, "what is taken from there is in the table"
    assert moves_nothing(small(), WhatIfQuery(moved=1, moved_from="b", moved_to="a")) is None
    assert (
        "no output"
        in moves_nothing(  # type: ignore[union-attr]
            replace(small(), output=np.array([0.0, 2000.0])),
            WhatIfQuery(moved=1, moved_from="b", moved_to="a"),
        ).en
    )


def test_a_scenario_that_is_taken_away_names_its_levers(client: TestClient) -> None:
    """CSV, workbook, JSON and the foot of pictures: the address with the levers stands beside the citation."""
    address = "/what-if?price=100&household=5"
    last = (
        client.get("/what-if.csv?price=100&household=5&lang=en").content.decode("utf-8-sig").splitlines()[-1]
    )
    assert last.startswith("# ") and address.split("?")[0] in last
    assert "price=100" in last and "household=5" in last
    assert "price=100" in client.get("/what-if.json?price=100&household=5").json()["citation"]["zh"]
    assert re.search(r'"citation": ?"[^"]*price=100', client.get(f"{address}&lang=en").text), "of pictures"
    plain = client.get("/what-if.csv?lang=en").content.decode("utf-8-sig").splitlines()[-1]
    assert "?" not in plain, "the baseline has no address to tell"
