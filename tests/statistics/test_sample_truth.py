"""The estimates of the sample city beside its known truth."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lvshu.engine.duckdb import DuckDB
from lvshu.sample import load_truth
from lvshu.store.workspace import Workspace
from tests.statistics.book import rows_of

pytestmark = pytest.mark.slow

WIDE = 3.5  # standard errors: one seed is one draw, so a 95 % interval would be too strict


@pytest.fixture(scope="module")
def book(sample_run: Path) -> Iterator[DuckDB]:
    with DuckDB(Workspace.open(sample_run).runs.book_path(), read_only=True) as engine:
        yield engine


@pytest.fixture(scope="module")
def truth(sample_run: Path) -> dict[str, Any]:
    return load_truth(sample_run)


@pytest.mark.parametrize(
    "code", ["digital_core_value_added_whole", "flexible_employment", "platform_value_added_by_seller"]
)
def test_estimates_lie_within_their_errors_of_the_truth(
    book: DuckDB, truth: dict[str, Any], code: str
) -> None:
    [found] = rows_of(book, "headline", f"code = '{code}'")
    wanted = truth["indicators"][code]
    assert found["unit"] == wanted["unit"]
    assert found["standard_error"] > 0
    assert abs(float(found["value"]) - wanted["value"]) <= WIDE * found["standard_error"]


@pytest.mark.parametrize("code", ["platform_output_by_seller", "platform_output_by_buyer"])
def test_fees_are_exact(book: DuckDB, truth: dict[str, Any], code: str) -> None:
    [found] = rows_of(book, "headline", f"code = '{code}'")
    assert float(found["value"]) == truth["indicators"][code]["value"]


def test_platform_workers_lie_within_their_bounds(book: DuckDB, truth: dict[str, Any]) -> None:
    [found] = rows_of(book, "headline", "code = 'platform_workers'")
    wanted = truth["indicators"]["platform_workers"]["value"]
    assert found["low"] <= wanted <= found["high"]


def test_platform_transactions_with_imputed_months(book: DuckDB, truth: dict[str, Any]) -> None:
    [found] = rows_of(book, "headline", "code = 'platform_transactions'")
    wanted = truth["platform_transactions_yuan"]["total"]
    assert float(found["value"]) == pytest.approx(wanted, rel=0.01)
    assert found["low"] < found["high"]


def test_months_taken_out_of_the_returns_are_imputed_and_told(book: DuckDB) -> None:
    made = rows_of(book, "platform_imputation")
    assert made
    assert all(row["amount"] > 0 for row in made)
    assert rows_of(book, "finding", "code = 'statistics.return_missing'")


def _spoiled(folder: Path, kind: str) -> set[tuple[str, str]]:
    """Return (platform, month) of the returns that the sample spoiled in one way."""
    with (folder / "truth" / "dirt.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if row[0] == "platform_return" and row[2] == kind]
    return {(row[1].split("|")[0], row[1].split("|")[2]) for row in rows}


def test_every_spoiled_return_is_found_and_no_other(book: DuckDB, sample_run: Path) -> None:
    broken = {(row["platform_uscc"], row["month"]) for row in rows_of(book, "platform_return_check")}
    missing = {(row["platform_uscc"], row["month"]) for row in rows_of(book, "platform_imputation")}
    assert broken == _spoiled(sample_run, "region_sum")
    assert missing == _spoiled(sample_run, "missing_return")
    assert broken and missing


def test_editing_restores_the_true_regions_to_the_yuan(book: DuckDB, sample_run: Path) -> None:
    """The sample spoiled one region of some returns; five regions could mend each, and the right one is chosen."""
    with (sample_run / "truth" / "dirt.csv").open(encoding="utf-8", newline="") as file:
        true = {row[1].replace("|U201|", "|"): row[3] for row in csv.reader(file) if row[2] == "region_sum"}
    made = rows_of(book, "edit_change")
    assert {row["record_key"]: str(int(row["edited_value"])) for row in made} == true
    assert {row["rule"] for row in made} == {"region_sum"}
    assert all(row["solutions"] == 5 for row in made)


def test_the_survey_alone_sees_too_few_platform_workers(book: DuckDB, truth: dict[str, Any]) -> None:
    """The sample's people under-report platform work; the second frame finds what the survey misses."""
    rows = {row["definition_code"]: float(row["persons"]) for row in rows_of(book, "flexible_employment")}
    counted = {row["register_code"]: row["persons"] for row in rows_of(book, "flexible_register")}
    assert counted["injury_insurance"] == truth["work"]["injury_insured_in_month"]
    assert counted["self_employment"] == truth["work"]["self_employed_registered"]
    assert counted["any"] == pytest.approx(
        truth["work"]["in_any_register"], abs=3
    )  # marks cut short are refused
    assert rows["corrected_all_registers"] > rows["register_any"] > rows["register_platform"]
    wanted = truth["work"]["platform_in_month"]
    assert rows["survey_any_job"] < wanted
    assert abs(rows["register_platform"] - wanted) < abs(rows["survey_any_job"] - wanted)
    assert rows["register_platform"] == pytest.approx(wanted, rel=0.01)


def test_digital_units_without_a_code_have_that_of_their_linked_records_or_are_found_from_their_scopes(
    book: DuckDB, truth: dict[str, Any]
) -> None:
    """The corrected number lies within its error of the truth, and all units are those of the true register.

    Of a third of the sample's units no source states the class: the audit corrects the machine's code of these.
    """
    where = "measure = 'units' AND group_code = 'full'"
    found = {row["estimator"]: row for row in rows_of(book, "coded_total", where)}
    wanted, published = truth["coding"]["digital_units"], found["difference"]
    error = float(published["standard_error"] or 0)  # empty where the audit saw no error
    assert (published["split_status"], published["uncoded_total"]) == (
        "suppressed",
        None,
    )  # a part has few units
    assert published["audited"] > 0 and any(row["in_frame"] for row in rows_of(book, "coding_error_sample"))
    assigned = rows_of(book, "assigned_industry")
    assert {row["assigned_by"] for row in assigned} == {"linked", "machine"}
    assert {(row["assigned_by"] == "linked") == (row["linked_class"] is not None) for row in assigned} == {
        True
    }
    assert abs(float(published["value"]) - wanted) <= WIDE * error + 0.05
    for measure in ("units", "persons"):
        rows = rows_of(book, "coded_total", f"measure = '{measure}' AND estimator = 'difference'")
        whole = truth["coding"][measure]  # of the linked register: rows in quarantine are in, doubles once
        assert sum(float(row["value"]) for row in rows) == pytest.approx(whole, rel=5e-5)
    share = truth["indicators"]["digital_units_share"]["value"]
    assert abs(published["share"] - share) <= WIDE * (published["share_standard_error"] or 0) + 0.01
    assert rows_of(book, "finding", "code = 'coding.units_coded'")


def test_the_digital_core_takes_sampling_coding_links_and_bias_from_its_own_tables(book: DuckDB) -> None:
    [row] = rows_of(book, "digital_coding_error", "definition_code = 'whole'")
    where = "indicator = 'digital_core_value_added_whole'"
    parts = {one["part"]: one for one in rows_of(book, "total_error", where)}
    assert parts["sampling"]["size"] == pytest.approx(float(row["sampling_standard_error"]))
    assert parts["bias"]["size"] == pytest.approx(float(row["correction"]))
    assert parts["total"]["size"] == pytest.approx(float(row["standard_error"]))
    assert parts["linkage"]["size"] == pytest.approx(float(row["link_standard_error"]))
    assert row["linked_units"] > 0 and row["audited"] > 0
    assert (parts["linkage"]["status"], parts["coding"]["status"]) == ("estimated", "estimated")
    assert parts["coding"]["size"] == pytest.approx(float(row["coding_standard_error"]))
    known = [parts[name]["share"] for name in ("sampling", "coding", "linkage", "bias")]
    assert sum(share for share in known if share is not None) == pytest.approx(100)
    [headline] = rows_of(book, "headline", "code = 'digital_core_value_added_whole'")
    [total] = rows_of(book, "total_error_interval", f"{where} AND kind = 'total'")
    assert (total["low"], total["high"]) == pytest.approx((headline["low"], headline["high"]))


def test_every_headline_of_the_desks_tells_its_parts(book: DuckDB) -> None:
    told = {row["indicator"] for row in rows_of(book, "total_error")}
    assert {
        "flexible_employment", "flexible_employment_share", "platform_transactions",
        "digital_core_value_added_whole", "digital_core_share",
    } <= told  # fmt: skip
    for row in rows_of(book, "total_error"):
        assert row["reason_zh"] and row["reason_en"]
        assert (row["share"] is not None) == (row["status"] == "estimated")
