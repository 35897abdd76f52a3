"""Which green catalogue a loan falls under: dates of approval and disbursement, and what is not in force."""

from __future__ import annotations

from datetime import date

from lvshu.catalog.pack_library import PackLibrary
from lvshu.engine.duckdb import DuckDB

from ..book import one, rows
from .desk import CATALOGUE, desk, loan

NEW = "green_finance_catalogue_2025"
OLD = "green_industry_catalogue_2019"

# name: approved, disbursed, catalogue, reason
CASES = {
    "job_2": (date(2025, 6, 10), date(2025, 11, 5), CATALOGUE, "approved_before_publication"),
    "published_that_day": (date(2025, 6, 27), date(2025, 11, 5), NEW, "in_force_at_disbursement"),
    "day_before": (date(2025, 6, 26), date(2025, 10, 1), CATALOGUE, "approved_before_publication"),
    "before_online": (date(2025, 7, 13), date(2025, 11, 5), NEW, "in_force_at_disbursement"),
    "online": (date(2025, 7, 14), date(2025, 11, 5), NEW, "in_force_at_disbursement"),
    "approved_after": (date(2025, 8, 1), date(2025, 11, 5), NEW, "in_force_at_disbursement"),
    "last_old_day": (date(2025, 8, 1), date(2025, 9, 30), CATALOGUE, "in_force_at_disbursement"),
    "first_new_day": (date(2025, 9, 30), date(2025, 10, 1), NEW, "in_force_at_disbursement"),
    "no_approval": (None, date(2025, 11, 5), NEW, "approval_unknown"),
    "of_2020": (date(2020, 3, 1), date(2020, 4, 1), OLD, "in_force_at_disbursement"),
    "of_2018": (date(2018, 3, 1), date(2018, 4, 1), None, "no_standard"),
    "late_disbursement": (date(2020, 3, 1), date(2025, 11, 5), OLD, "approved_before_publication"),
}


def test_dates_decide_the_catalogue(engine: DuckDB) -> None:
    bond = loan("bond", asset_class="listed_equity_bond", approved_on=None, disbursed_on=date(2020, 4, 1))
    desk(
        engine,
        [bond, *(loan(name, approved_on=case[0], disbursed_on=case[1]) for name, case in CASES.items())],
    )
    assert one(engine, "label_standard", "loan_id = 'bond'")["catalogue"] == "green_bond_catalogue_2015"
    for name, (_, _, catalogue, reason) in CASES.items():
        row = one(engine, "label_standard", f"loan_id = '{name}'")
        assert (row["catalogue"], row["reason"]) == (catalogue, reason), name
    assert one(engine, "label_standard", "loan_id = 'job_2'")["rule_established"]
    assert not one(engine, "label_standard", "loan_id = 'of_2020'")["rule_established"]
    doubt = {name: one(engine, "label_standard", f"loan_id = '{name}'")["rule_established"] for name in CASES}
    assert not doubt["published_that_day"] and not doubt["before_online"]
    assert doubt["day_before"] and doubt["online"] and doubt["no_approval"]


def test_the_rule_stands_in_its_own_words() -> None:
    row = PackLibrary.load(None)["green_standard_periods"].one(product="loan", catalogue=NEW)
    assert "发布前已审批未发放的贷款" in str(row["quote"])
    assert row["confidence"] == "established"


def test_bonds_have_catalogues_of_their_own(engine: DuckDB) -> None:
    bond = {
        "asset_class": "listed_equity_bond",
        "approved_on": date(2020, 3, 1),
        "disbursed_on": date(2020, 4, 1),
    }
    desk(engine, [loan("bond", **bond)])
    assert one(engine, "label_standard", "loan_id = 'bond'")["catalogue"] == "green_bond_catalogue_2015"


LATE = {"approved_on": date(2025, 7, 1), "disbursed_on": date(2025, 11, 5)}
KEPT = {"approved_on": date(2025, 6, 1), "disbursed_on": date(2025, 11, 5)}
TAGS = {
    "current": (CATALOGUE, {}, "accepted"),
    "other": (OLD, {}, "accepted"),
    "unnamed": (None, {}, "not_named"),
    "future": (NEW, {}, "not_yet_in_force"),
    "of_bonds": ("green_bond_catalogue_2015", {}, "unknown"),
    "invented": ("green_credit_of_ours", {}, "unknown"),
    "outdated": (CATALOGUE, LATE, "no_longer_in_force"),
    "kept": (CATALOGUE, KEPT, "accepted"),
    "too_new": (NEW, KEPT, "not_yet_in_force"),
}


def test_a_catalogue_not_in_force_is_told_in_words(engine: DuckDB) -> None:
    text = {"purpose_text": "建设风力发电场", "green_label": "3.2.2.1"}
    desk(engine, [loan(name, **text, green_catalogue=case[0], **case[1]) for name, case in TAGS.items()])
    told = rows(engine, "finding", "code = 'finance.label_catalogue_not_in_force'")
    for name, (catalogue, _, status) in TAGS.items():
        where = f"loan_id = '{name}'"
        assert one(engine, "label_tag", f"{where} AND theme = 'green'")["catalogue_status"] == status, name
        state = one(engine, "label_status", f"{where} AND reported")["status"]
        if status in ("accepted", "not_named"):
            assert state == "suspected", name
            continue
        assert state == "not_in_force", name
        assert any(str(catalogue) in row["what_zh"] for row in told), name
        verdict = one(engine, "label_check", f"{where} AND theme = 'green' AND basis = 'purpose'")["verdict"]
        assert verdict in ("wrong", "not_checkable"), name
    late = one(engine, "label_check", "loan_id = 'outdated' AND theme = 'green' AND basis = 'purpose'")
    assert (
        late["verdict"] == "not_checkable"
    )  # the catalogue of 2025 holds no items: not found is not "not green"
    (coarse,) = rows(
        engine, "finding", f"code = 'finance.label_catalogue_too_coarse' AND record_key = '{NEW}'"
    )
    assert NEW in coarse["what_en"]
