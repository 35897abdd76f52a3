"""Year after year: last year's book is carried into this year, the change splits exactly, accounts go on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from lvshu.cli.main import main
from lvshu.core.errors import InputError
from lvshu.finance.workflow.card import card_of
from lvshu.finance.workflow.carrying import carry
from lvshu.finance.workflow.desk import open_desk
from lvshu.store.workspace import Workspace
from tests.finance.runs import run_tables
from tests.finance.workflow.small import CEMENT, NAMES, POWER, STEEL, write

TABLES = ("subject_attribution", "financed_emission_change", "enterprise_carbon_account")
FIRST, SECOND = 2024, 2025
ASSETS = 3_200_000_000


def bank(folder: Path, year: int, clients: Mapping[str, tuple[int, int]]) -> Workspace:
    """Return a bank of one year: by client its loan (CNY) and its verified emission (t)."""
    made = Workspace.create(folder, area="310000", year=year, synthetic=True)
    write(made.inputs / "enterprise.csv", [
        {"uscc": code, "name": NAMES[code], "area_code": "310000", "industry_code": "3120", "size_class": "large",
         "overseas": "false"} for code in clients
    ])  # fmt: skip
    write(made.inputs / "loan.csv", [
        {"loan_id": f"L{place}", "institution_id": "BANK1", "branch_code": "B1", "uscc": code,
         "borrower_name": NAMES[code], "business_type": "non_project", "product_type": "working_capital_loan",
         "asset_class": "business_loan", "purpose_industry_code": "3120", "currency": "CNY",
         "disbursed_on": "2020-01-05"} for place, code in enumerate(clients)
    ])  # fmt: skip
    write(made.inputs / "loan_balance.csv", [
        {"loan_id": f"L{place}", "month": f"{year}-{month:02d}", "outstanding_amount [CNY]": amount}
        for place, (amount, _) in enumerate(clients.values()) for month in range(1, 13)
    ])  # fmt: skip
    write(made.inputs / "enterprise_finance.csv", [
        {"uscc": code, "year": year, "main_business_revenue [CNY]": 680_000_000, "total_assets_begin [CNY]": ASSETS,
         "total_assets_end [CNY]": ASSETS, "total_equity [CNY]": 1_000_000_000, "total_debt [CNY]": 1_500_000_000}
        for code in clients
    ])  # fmt: skip
    write(made.inputs / "entity_emission.csv", [
        {"uscc": code, "year": year, "source": "verified", "scope1 [tCO2e]": emission, "scope2 [tCO2e]": 0}
        for code, (_, emission) in clients.items()
    ])  # fmt: skip
    return made


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Workspace]:
    """Return last year's bank with its book, and this year's with its book after the carry."""
    folder = tmp_path_factory.mktemp("years")
    old = bank(folder / "old", FIRST, {STEEL: (32_000_000, 80_000), CEMENT: (16_000_000, 10_000)})
    new = bank(folder / "new", SECOND, {STEEL: (64_000_000, 60_000), POWER: (32_000_000, 50_000)})
    run_tables(old, TABLES)
    run_tables(new, TABLES)
    carry(new, old)
    run_tables(new, TABLES)
    return old, new


def test_what_is_carried_says_of_which_run_it_is(years: tuple[Workspace, Workspace]) -> None:
    old, new = years
    with old.book() as book:
        attribution = book.rows("subject_attribution", order=["method", "subject_id"])
    with new.book() as book:
        before = book.rows("subject_attribution_previous", order=["method", "subject_id"])
        files = {row["file"] for row in book.rows("input_file")}
        assert book.count("quarantine") == 0
    assert "subject_attribution_previous.carried.csv" in files
    assert {(row["source_run"], row["source_year"]) for row in before} == {(old.runs.current(), FIRST)}
    shared = attribution[0].keys() - {"source_file", "source_row"}
    assert [{name: row[name] for name in shared} for row in before] == [
        {name: row[name] for name in shared} for row in attribution
    ]


def test_the_change_splits_exactly_into_its_causes(years: tuple[Workspace, Workspace]) -> None:
    with years[1].book() as book:
        rows = book.rows("financed_emission_change", where="method = 'bank_2026'")
        subjects = {
            row["subject_id"]: row for row in book.rows("subject_change", where="method = 'bank_2026'")
        }
    effects = {row["effect"]: row["emission"] for row in rows}
    before, now = Decimal(800) + Decimal(50), Decimal(1200) + Decimal(500)
    assert (effects["previous_total"], effects["total"]) == (before, now)
    assert (
        sum(value for name, value in effects.items() if name not in ("previous_total", "total"))
        == now - before
    )
    assert (effects["entry"], effects["exit"]) == (500, -50)
    steel = subjects[STEEL]
    assert steel["exposure_effect"] > 0 > steel["intensity_effect"] and steel["calculation_effect"] == 0


def test_accounts_go_on_over_the_years_with_their_runs(years: tuple[Workspace, Workspace]) -> None:
    old, new = years
    with new.book() as book:
        found = {(row["uscc"], row["year"]): row for row in book.rows("enterprise_carbon_account")}
    assert {key for key in found if key[0] == STEEL} == {(STEEL, FIRST), (STEEL, SECOND)}
    past, present = found[STEEL, FIRST], found[STEEL, SECOND]
    assert (past["basis"], past["source_run"], past["emission"]) == ("posted", old.runs.current(), 80_000)
    assert (past["financed_emission"], past["loans"]) == (800, 1)
    assert (present["basis"], present["source_run"], present["financed_emission"]) == (
        "estimated",
        None,
        1200,
    )
    assert found[CEMENT, FIRST]["basis"] == "posted" and (CEMENT, SECOND) not in found


def test_a_card_shows_the_years_and_the_versions_that_runs_made(
    years: tuple[Workspace, Workspace], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import shutil

    shutil.copytree(years[1].folder, tmp_path / "city")
    place = Workspace.open(tmp_path / "city")
    emissions = place.inputs / "entity_emission.csv"
    emissions.write_text(emissions.read_text("utf-8").replace("60000", "61000"), encoding="utf-8")
    run_tables(place, TABLES)
    with open_desk(place) as desk:
        card = card_of(desk, STEEL)
    assert [row["year"] for row in card.accounts] == [FIRST, SECOND]
    assert [(row["year"], row["emission"]) for row in card.account_versions] == [
        (SECOND, 60_000),
        (SECOND, 61_000),
    ]
    assert set(card.account_versions[1]["changed"]) == {"scope1", "emission", "financed_emission"}
    for language, word in (("zh", "企业碳账户，历年"), ("en", "Carbon account over the years")):
        assert main(["desk", "card", STEEL, "-w", str(place.folder), "--lang", language]) == 0
        out = capsys.readouterr().out
        assert word in out and "2024" in out


def test_one_workspace_may_go_on_into_the_next_year(
    years: tuple[Workspace, Workspace], tmp_path: Path
) -> None:
    import shutil

    shutil.copytree(years[0].folder, tmp_path / "city")
    settings = tmp_path / "city" / "lvshu.toml"
    settings.write_text(
        settings.read_text("utf-8").replace(f"year = {FIRST}", f"year = {SECOND}"), encoding="utf-8"
    )
    place = Workspace.open(tmp_path / "city")
    done = carry(place, place)
    assert (done.source_year, done.year, done.told) == (FIRST, SECOND, ())
    assert done.rows == {"subject_attribution_previous": 6, "enterprise_carbon_account_previous": 2}


def test_refusals_and_unlike_settings_are_told(
    years: tuple[Workspace, Workspace], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, _ = years
    place = Workspace.create(tmp_path / "city", area="310000", year=2030)
    with pytest.raises(InputError) as told:
        carry(place, old)
    assert told.value.code == "finance.carry_no_year"
    with pytest.raises(InputError) as told:
        carry(place, old, old.runs.current() or "")
    assert told.value.code == "finance.carry_other_year"
    other = Workspace.create(tmp_path / "other", area="310000", year=SECOND)
    settings = other.folder / "lvshu.toml"
    settings.write_text(
        settings.read_text("utf-8").replace('"over_12_months"', '"over_tenure"'), encoding="utf-8"
    )
    words = ["desk", "carry", "--from", str(old.folder), "-w", str(other.folder)]
    assert main([*words, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [problem["code"] for problem in answer["told"]] == ["finance.carry_unlike"]
    (other.inputs / "subject_attribution_previous.csv").write_text("method\n", encoding="utf-8")
    with pytest.raises(InputError) as told:
        carry(Workspace.open(other.folder), old)
    assert told.value.code == "finance.carry_by_hand"
    for problem in told.value.problems:
        assert "{" not in problem.text("zh") and "{" not in problem.text("en")
