"""The sample city as a whole: same bytes, published totals, known truth, dirt that is listed."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv as pa_csv
import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import load
from lvshu.core.errors import ConfigError, InputError
from lvshu.sample import CitySummary, load_truth, write_city
from lvshu.sample.dirt import KINDS
from lvshu.sample.extract_tables import UNSTATED
from lvshu.store.config import read_config

SCALE = 5_000
COLUMN_TABLES = (
    "enterprise",
    "enterprise_finance",
    "loan",
    "loan_balance",
    "platform_work_record",
    "labour_survey",
    "product_return",
    "sector_energy",
    "published_total",
    "material_flow",
    "recovered_material",
    "freight",
    "shore_power",
    "circularity_statistic",
    "green_project",
    "green_project_parameter",
    "benefit_claim",
    "facility_loan",
    "green_bond",
    "green_bond_use",
    "transition_plan",
    "transition_record",
)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CitySummary]:
    yield write_city(tmp_path_factory.mktemp("city") / "workspace", scale=SCALE)


@pytest.fixture(scope="module")
def truth(city: CitySummary) -> dict[str, Any]:
    return load_truth(city.folder)


@pytest.fixture(scope="module")
def anchors() -> dict[str, float]:
    return {str(row["code"]): float(str(row["value"])) for row in PackLibrary.load()["sample_anchors"].rows}


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def read(city: CitySummary, name: str) -> Any:
    return pa_csv.read_csv(
        city.folder / "inputs" / f"{name}.csv",
        convert_options=pa_csv.ConvertOptions(strings_can_be_null=True),
    )


def dirt(city: CitySummary) -> list[dict[str, str]]:
    with (city.folder / "truth" / "dirt.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_same_seed_gives_the_same_bytes(city: CitySummary, tmp_path: Path) -> None:
    again = write_city(tmp_path / "other", scale=SCALE)
    assert digests(again.folder) == digests(city.folder)


def test_another_seed_gives_another_city(city: CitySummary, tmp_path: Path) -> None:
    other = write_city(tmp_path / "other", scale=SCALE, seed=1)
    assert digests(other.folder)["inputs/loan.csv"] != digests(city.folder)["inputs/loan.csv"]


def test_config_is_a_workspace(city: CitySummary) -> None:
    config = read_config(city.folder / "lvshu.toml")
    assert config.city.synthetic
    assert (config.city.area, config.city.year) == ("310000", 2023)
    assert "合成数据" in config.city.area_zh


def test_money_follows_the_published_totals(truth: dict[str, Any], anchors: dict[str, float]) -> None:
    accounts, finance = truth["accounts"], truth["finance"]
    assert accounts["gross_domestic_product_yuan"] == anchors["gdp_2023"] * 1e8
    assert accounts["value_added_yuan"] == pytest.approx(anchors["gdp_2023"] * 1e8, rel=1e-6)
    assert finance["balance_at_year_end_yuan"] == pytest.approx(anchors["loans_2023"] * 1e8, rel=0.02)
    assert truth["platform_transactions_yuan"]["total"] == anchors["ecommerce_2019"] * 1e8


def test_counts_are_divided_by_the_scale(truth: dict[str, Any], anchors: dict[str, float]) -> None:
    assert truth["work"]["residents"] == max(5_000, round(anchors["residents_2023"] * 1e4 / SCALE))
    assert truth["finance"]["loans"] == pytest.approx(4_000, rel=0.05)
    assert truth["work"]["work_records"] == pytest.approx(20_000, rel=0.25)


def test_units_of_a_sector_emit_what_the_sector_emits(truth: dict[str, Any]) -> None:
    accounts = truth["accounts"]
    total = sum(accounts["direct_emission_of_sectors_tco2"].values())
    assert accounts["scope1_of_units_tco2"] == pytest.approx(total, rel=1e-9)


def test_truth_adds_up(truth: dict[str, Any]) -> None:
    work = truth["work"]
    assert sum(work["forms"].values()) == work["employed"]
    assert work["platform_in_month"] == work["platform_main"] + work["platform_second_in_month"]
    assert work["flexible_main_job"] <= work["flexible"] <= work["employed"]
    banks = truth["finance"]["balance_of_bank_yuan"]
    assert sum(banks.values()) == pytest.approx(truth["finance"]["balance_at_year_end_yuan"])
    bank = truth["finance"]["financed_emission"]["bank_2026"]
    assert 0 < bank["over_12_months"]["emission"] <= bank["over_tenure"]["emission"]


@pytest.mark.parametrize("name", COLUMN_TABLES)
def test_headers_are_those_of_the_contract(city: CitySummary, name: str) -> None:
    columns = load(name).column_names
    header = read(city, name).column_names
    assert set(header) <= set(columns)
    required = {column.name for column in load(name).columns if column.required}
    assert required <= set(header)


def test_required_columns_are_filled(city: CitySummary) -> None:
    for name in ("enterprise", "loan", "loan_balance", "platform_work_record", "labour_survey"):
        table = read(city, name)
        for column in load(name).columns:
            if column.required:
                assert table.column(column.name).null_count == 0, (name, column.name)


def test_every_wrong_record_is_listed_with_a_known_kind(city: CitySummary, truth: dict[str, Any]) -> None:
    listed = dirt(city)
    assert {row["kind"] for row in listed} == set(KINDS)
    assert truth["dirt"] == dict(city.dirt)
    keys = set(read(city, "enterprise").column("uscc").to_pylist())
    assert all(row["key"] in keys for row in listed if row["table"] == "enterprise")


def test_only_listed_credit_codes_are_invalid(city: CitySummary) -> None:
    from stdnum.cn import uscc

    wrong = {row["key"] for row in dirt(city) if row["kind"] == "invalid_uscc"}
    keys = read(city, "enterprise").column("uscc").to_pylist()
    assert {key for key in keys if not uscc.is_valid(key)} == wrong
    assert all(key[8:11] == "YYY" for key in keys)


def test_missing_balances_are_missing_and_others_are_there(city: CitySummary) -> None:
    table = read(city, "loan_balance").select(["loan_id", "month"])
    there = set(zip(*(column.to_pylist() for column in table.columns), strict=True))
    listed = [row for row in dirt(city) if row["table"] == "loan_balance"]
    for row in listed:
        key = tuple(row["key"].split("|"))
        assert (key in there) == (row["kind"] != "missing_balance")
    amounts = read(city, "loan_balance").column("outstanding_amount").to_numpy(zero_copy_only=False)
    assert int((amounts.astype(float) < 0).sum()) == sum(row["kind"] == "negative_balance" for row in listed)


def test_loans_after_the_year_have_no_balance(city: CitySummary) -> None:
    loans = read(city, "loan")
    late = {row["key"] for row in dirt(city) if row["kind"] == "loan_after_year"}
    dates = dict(
        zip(loans.column("loan_id").to_pylist(), loans.column("disbursed_on").to_pylist(), strict=True)
    )
    assert {key for key, when in dates.items() if str(when) > "2023-12-31"} == late
    assert not late & set(read(city, "loan_balance").column("loan_id").to_pylist())


def test_survey_weights_add_up_to_the_residents(city: CitySummary, truth: dict[str, Any]) -> None:
    table = read(city, "labour_survey")
    weights = np.asarray(table.column("weight").to_pylist(), dtype=float)
    assert weights.sum() == pytest.approx(truth["work"]["adults"], rel=0.06)
    marks = table.column("person_hash").to_pylist()
    assert len(set(marks)) == len(marks)
    assert all(len(mark) == 64 for mark in marks)


def test_survey_and_platforms_share_marks(city: CitySummary) -> None:
    survey = read(city, "labour_survey")
    told = [
        mark
        for mark, main in zip(
            survey.column("person_hash").to_pylist(),
            survey.column("main_job_platform").to_pylist(),
            strict=True,
        )
        if main
    ]
    workers = set(read(city, "platform_work_record").column("worker_hash").to_pylist())
    wrong = {row["key"]: row["true_value"] for row in dirt(city) if row["kind"] == "wrong_person"}
    assert told and wrong
    assert not workers & set(wrong)
    assert sum(wrong.get(mark, mark) in workers for mark in told) >= len(told) - 1


def test_reinterviews_are_of_interviewed_persons_with_their_truth(city: CitySummary) -> None:
    again, survey = read(city, "labour_reinterview"), read(city, "labour_survey")
    marks = again.column("person_hash").to_pylist()
    assert set(marks) <= set(survey.column("person_hash").to_pylist())
    assert len(set(marks)) == len(marks)
    stated = dict(
        zip(
            survey.column("person_hash").to_pylist(),
            survey.column("employment_form").to_pylist(),
            strict=True,
        )
    )
    differ = sum(
        stated[mark] != form
        for mark, form in zip(marks, again.column("employment_form").to_pylist(), strict=True)
    )
    assert 0 < differ < len(marks) / 5  # wrong answers are there, and not many


def test_project_loans_name_a_project_that_exists(city: CitySummary, truth: dict[str, Any]) -> None:
    loans = read(city, "loan")
    named = {name for name in loans.column("project_id").to_pylist() if name}
    assert len(named) == truth["finance"]["projects"]


def test_no_source_states_the_industry_of_a_third_of_the_units(city: CitySummary) -> None:
    """Whether the others state it is the same in every source, and they state the class of the unit."""
    with (city.folder / "truth" / "enterprise_extract.csv").open(encoding="utf-8", newline="") as handle:
        unit = {(row["source"], row["record_id"]): row["unit"] for row in csv.DictReader(handle)}
    with (city.folder / "truth" / "unit.csv").open(encoding="utf-8", newline="") as handle:
        true = {row["uscc"]: row["industry_code"] for row in csv.DictReader(handle)}
    stated: dict[str, set[str | None]] = {}
    for row in read(city, "enterprise_extract").to_pylist():
        code = None if row["industry_code"] is None else f"{row['industry_code']:0>4}"
        stated.setdefault(unit[row["source"], row["record_id"]], set()).add(code)
    assert all(len(codes) == 1 for codes in stated.values())
    assert all(codes in ({None}, {true[key]}) for key, codes in stated.items())
    without = sum(codes == {None} for codes in stated.values()) / len(stated)
    assert without == pytest.approx(UNSTATED / 1000, abs=0.06)


def test_no_real_names(city: CitySummary) -> None:
    for name in read(city, "enterprise").column("name").to_pylist():
        assert name.startswith("上海样")
    banks = set(read(city, "loan").column("institution_name").to_pylist())
    assert all(bank.startswith("样本银行") for bank in banks)


def test_writes_itself_anew_but_no_other_inputs(city: CitySummary, tmp_path: Path) -> None:
    other = tmp_path / "mine"
    (other / "inputs").mkdir(parents=True)
    (other / "inputs" / "loan.csv").write_text("loan_id\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        write_city(other, scale=SCALE)
    assert caught.value.code == "sample.folder_in_use"
    assert (other / "inputs" / "loan.csv").read_text(encoding="utf-8") == "loan_id\n"
    before = digests(city.folder)
    write_city(city.folder, scale=SCALE)
    assert digests(city.folder) == before


@pytest.mark.parametrize(
    ("options", "code"), [({"scale": 0}, "sample.scale"), ({"year": 2007}, "sample.year")]
)
def test_refuses_what_it_cannot_do(tmp_path: Path, options: dict[str, int], code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        write_city(tmp_path / "none", **options)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert not (tmp_path / "none").exists()


def test_no_truth_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_truth(tmp_path)
    assert caught.value.code == "sample.no_truth"


def test_progress_names_the_tables(tmp_path: Path) -> None:
    seen: list[tuple[str, int]] = []
    summary = write_city(
        tmp_path / "city", scale=100_000, on_progress=lambda table, rows: seen.append((table, rows))
    )
    assert dict(seen) == dict(summary.rows)
    assert json.loads((summary.folder / "truth" / "truth.json").read_text(encoding="utf-8"))["rows"] == dict(
        seen
    )
