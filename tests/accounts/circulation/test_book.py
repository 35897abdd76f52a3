"""The steps of circulation in a book: tables that agree with one another, findings, targets, headlines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lvshu.contract import load
from lvshu.engine.duckdb import DuckDB
from lvshu.sample import circulation as sample
from tests.accounts.book import Columns, accounts_book, value


def columns(table: str, names: tuple[str, ...], rows: list[list[Any]]) -> Columns:
    """Columns of a table, those of the contract that the sample leaves out empty."""
    given = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    return {name: given.get(name, [None] * len(rows)) for name in load(table).column_names}


def sample_tables() -> dict[str, Columns]:
    """The sample city's inputs, as its files hold them."""
    here = [2023, "310000"]
    flows = [[*here, *row] for row in sample._material_rows()]
    streams = [
        [*here, *row[:4], *(sample._tonnes(one) for one in row[4:13]), *row[13:]] for row in sample.STREAMS
    ]
    freight = [[*here, *row] for row in sample.freight_rows()]
    ports = [[*here, *row] for row in sample.SHORE_POWER]
    place = ("year", "area_code")
    return {
        "material_flow": columns(
            "material_flow",
            (
                *place,
                "material",
                "name_zh",
                "name_en",
                "category",
                "flow",
                "quantity",
                "relative_standard_error",
            ),
            flows,
        ),
        "recovered_material": columns(
            "recovered_material",
            (
                *place,
                "stream",
                "name_zh",
                "name_en",
                "kind",
                *sample.QUANTITIES,
                "price",
                "relative_standard_error",
            ),
            streams,
        ),
        "freight": columns(
            "freight",
            (
                *place,
                "mode",
                "vehicle",
                "fuel_code",
                "tonne_km",
                "fuel_quantity",
                "fuel_unit",
                "relative_standard_error",
            ),
            freight,
        ),
        "shore_power": columns(
            "shore_power", (*place, "port", "electricity", "fuel_code", "specific_consumption"), ports
        ),
        "circularity_statistic": columns(
            "circularity_statistic",
            ("code", "year", "value", "unit", "relative_standard_error"),
            [list(row) for row in sample.STATISTICS],
        ),
    }


@pytest.fixture(scope="module")
def book() -> Iterator[DuckDB]:
    with accounts_book("310000", 2023, sample_tables()) as engine:
        yield engine


def test_headline_tables_agree_with_the_sample_s_truth(book: DuckDB) -> None:
    truth = sample._truth()
    consumption = value(book, "SELECT sum(consumption) FROM material_account")
    assert float(consumption) == truth["domestic_material_consumption_t"]
    rate = value(
        book, "SELECT value FROM circularity_indicator WHERE indicator = 'circular_material_use_rate'"
    )
    assert float(rate) == pytest.approx(truth["circular_material_use_rate_percent"], abs=1e-6)
    assert float(value(book, "SELECT sum(loss) FROM circulation_break")) == truth["circulation_loss_t"]


def test_losses_are_generated_less_used_for_every_stream(book: DuckDB) -> None:
    sql = (
        "SELECT max(abs(r.generated - r.used - b.loss)) FROM recovery_account r "
        "JOIN (SELECT stream, sum(loss) AS loss FROM circulation_break GROUP BY stream) b ON b.stream = r.stream"
    )
    assert value(book, sql) == 0
    assert value(book, "SELECT min(rank) FROM circulation_break") == 1
    assert (
        value(book, "SELECT count(*) FROM circulation_break WHERE fate = 'sent_out' AND saving_forgone > 0")
        == 0
    )


def test_every_layer_closes_exactly(book: DuckDB) -> None:
    assert value(book, "SELECT count(*) FROM loop_check") == 8
    assert value(book, "SELECT max(abs(difference)) FROM loop_check") == 0


def test_components_make_the_indicator(book: DuckDB) -> None:
    sql = (
        "SELECT max(abs(100 * top / bottom - i.value)) FROM circularity_indicator i JOIN ("
        "SELECT indicator, sum(CASE WHEN role = 'numerator' THEN sign * value ELSE 0 END) AS top, "
        "sum(CASE WHEN role = 'denominator' THEN sign * value ELSE 0 END) AS bottom "
        "FROM circularity_component GROUP BY indicator) c ON c.indicator = i.indicator WHERE i.unit = '%'"
    )
    assert float(value(book, sql)) < 1e-5


def test_intervals_are_there_and_hold_the_value(book: DuckDB) -> None:
    assert value(book, "SELECT count(*) FROM circularity_indicator WHERE standard_error IS NULL") == 0
    assert value(book, "SELECT count(*) FROM circularity_indicator WHERE low > value OR high < value") == 0
    assert value(book, "SELECT count(*) FROM circularity_indicator WHERE unit = '%' AND high > 100") == 0
    codes = book.fetch("SELECT indicator FROM uncertainty").column(0).to_pylist()
    assert {
        "domestic_material_consumption",
        "circular_material_use_rate",
        "freight_emission",
        "circulation_loss",
        "circulation_saving_forgone",
    } <= set(codes)
    rows = {row["indicator"]: row for row in book.read("uncertainty").to_pylist()}
    for code, sql in (
        ("circulation_loss", "SELECT sum(loss) FROM circulation_break"),
        ("circulation_saving_forgone", "SELECT sum(saving_forgone) FROM circulation_break"),
        ("freight_emission", "SELECT sum(emission) FROM freight_account"),
    ):
        assert float(rows[code]["value"]) == pytest.approx(float(value(book, sql)), rel=1e-9)
        assert rows[code]["low"] < rows[code]["value"] < rows[code]["high"]


def test_targets_are_judged_only_where_they_can_be(book: DuckDB) -> None:
    rows = {
        (row["plan"], row["indicator"], row["target_year"]): row
        for row in book.read("circularity_target").to_pylist()
    }
    productivity = rows["circular_targets_national", "main_resource_productivity", 2025]
    assert float(productivity["required"]) == pytest.approx(27_500 * 1.2)
    assert productivity["met"] is False
    assert (float(productivity["target"]), productivity["target_unit"], productivity["unit"]) == (
        20.0,
        "%",
        "CNY/t",
    )
    assert rows["circular_targets_national", "straw_use_rate", 2025]["met"] is True
    assert rows["shanghai_targets", "main_waste_recycling_rate", 2025]["met"] is None  # no weights were given
    assert rows["circular_targets_national", "scrap_steel_used", 2025]["met"] is None
    assert rows["circular_targets_national", "water_intensity", 2025]["required"] is None


def test_freight_uses_fuel_then_own_factors_then_the_pack(book: DuckDB) -> None:
    rows = {row["vehicle"]: row for row in book.read("freight_account").to_pylist()}
    assert rows["barge"]["basis"] == "fuel"
    assert float(rows["barge"]["emission"]) == pytest.approx(128_000 * 3.0959, rel=1e-4)
    assert float(rows["heavy_truck"]["emission"]) == pytest.approx(110e9 * 0.10012 / 1e3)
    assert (rows["products_pipeline"]["basis"], rows["products_pipeline"]["emission"]) == ("none", None)
    assert float(sum(row["share"] for row in rows.values())) == pytest.approx(100.0)
    shift = book.read("freight_shift").to_pylist()
    assert {row["mode_to"] for row in shift} == {"rail", "inland_water", "coastal"}
    assert all(row["change"] < 0 for row in shift)


def test_shore_power(book: DuckDB) -> None:
    rows = book.read("shore_power_account").to_pylist()
    assert all(row["avoided"] - row["grid_emission"] == row["net"] for row in rows)
    assert sum(float(row["fuel"]) for row in rows) == pytest.approx(4410 + 3010 + 645)


def test_what_is_not_known_is_told(book: DuckDB) -> None:
    codes = set(book.fetch("SELECT code FROM finding").column(0).to_pylist())
    assert {"accounts.stream_no_saving", "accounts.stream_no_price", "accounts.freight_no_factor",
            "accounts.waste_weights_missing", "accounts.material_not_closed"} <= codes  # fmt: skip


def test_records_of_another_year_are_told_and_not_used() -> None:
    tables = sample_tables()
    moved = {name: dict(tables[name]) | {"year": [2019] * len(tables[name]["year"])} for name in
             ("material_flow", "freight", "shore_power", "recovered_material")}  # fmt: skip
    with accounts_book("310000", 2023, moved) as engine:
        assert value(engine, "SELECT count(*) FROM finding WHERE code = 'accounts.no_record_here'") == 4
        assert value(engine, "SELECT count(*) FROM circularity_indicator") == 0
        assert value(engine, "SELECT count(*) FROM loop_flow") == 0
