"""What the panels of statistics say of their figures: which interval, which districts, which city."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

from lvshu.publish.display import Absence
from lvshu.publish.panels import (
    derived,
    digital_district_model,
    digital_nowcast,
    district_model,
    platform_economy,
    workers,
)
from lvshu.publish.panels.base import area_name
from lvshu.publish.panels.statistics import BY_PLACE, _districts, _platform
from lvshu.publish.panels.total_error import _row
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, value_label
from lvshu.store.book import Book


def test_the_interval_of_another_estimate_stands_with_its_figure() -> None:
    def end(kind: str, value: float) -> dict[str, Any]:
        return {
            "indicator": "x",
            "kind": kind,
            "value": value,
            "unit": "person",
            "low": value - 200,
            "high": value + 200,
            "standard_error": 102.0,
        }

    ends = {("x", kind): end(kind, value) for kind, value in (("naive", 2656.0), ("total", 2548.0))}
    shown = _row("x", [], None, ends)
    assert shown["naive"].en.startswith("2.66 thousand persons (95% interval")
    assert shown["total"].en.startswith("(95% interval")
    ends["x", "naive"] = end("naive", 2548.0)
    assert _row("x", [], None, ends)["naive"].en.startswith("(95% interval")


def reader_of(city: str, *, own_table: bool = False) -> Any:
    rows = {
        "310000": {
            "area_code": "310000",
            "name_zh": "真市",
            "short_zh": "真",
            "name_en": "Real City",
            "parent": "100000",
        },
        "310101": {"name_zh": "真区", "short_zh": "真区", "name_en": "Real District", "parent": "310000"},
        "320000": {"name_zh": "邻省", "short_zh": "邻", "name_en": "Next Province", "parent": "100000"},
    }
    return SimpleNamespace(
        settings=SimpleNamespace(area="310000", area_zh=city), area=Text(city, "Sample City"),
        packs={"areas": {"user_supplied": own_table}},
        pack_rows=lambda pack, area_code: [rows[area_code]] if area_code in rows else [],
    )  # fmt: skip


def test_a_city_is_called_as_its_book_calls_it() -> None:
    assert area_name(reader_of("样本市"), "310000").en == "Sample City"
    assert area_name(reader_of("真市"), "310101").en == "Real District"


def test_a_made_up_city_has_no_district_of_the_real_one_unless_its_own_table_names_it() -> None:
    made_up = reader_of("样本市")
    assert area_name(made_up, "310101") == Text("辖区 310101", "District 310101")
    assert area_name(made_up, "320000").en == "Next Province"
    assert area_name(made_up, "310199").en == "310199"
    assert area_name(reader_of("样本市", own_table=True), "310101").en == "Real District"


def test_workers_in_each_district_are_not_called_counted_once() -> None:
    cell = {"district_code": "d", "definition_code": BY_PLACE, "persons": 409, "status": "shown"}
    tables = {
        "flexible_employment_district": [cell, {**cell, "district_code": "e"}],
        "flexible_employment": [
            {"definition_code": BY_PLACE, "label_zh": "一人一次", "label_en": "counted once", "persons": 500}
        ],
    }
    reader: Any = SimpleNamespace(
        rows=lambda table: tables[table], settings=SimpleNamespace(area="city"), pack_rows=lambda *_, **__: []
    )
    panel = _districts(reader)
    assert panel.table is not None
    labels = {column.key: column.label.en for column in panel.table.columns}
    assert "in each where they worked" in labels[BY_PLACE]
    assert "counted once" not in labels[BY_PLACE]
    assert "add up to more than the city" in panel.note.en


def test_imputed_months_count_their_returns_and_tell_no_imputed_amount(book: Book) -> None:
    panel = _platform(Reader(book))
    assert panel.table is not None
    assert {row["returns_imputed"] for row in panel.table.rows} == {0, 1}
    assert not {"reported", "imputed"} & set(panel.table.rows[0])


def test_a_month_that_is_withheld_is_marked_and_not_drawn() -> None:
    row = {"period_kind": "month", "region_code": "total", "category_code": "total", "trade_kind": "total"}
    rows = [
        {
            **row,
            "period": "2023-02",
            "status": "shown",
            "amount": Decimal(5),
            "returns": 3,
            "returns_imputed": 0,
        },
        {
            **row,
            "period": "2023-03",
            "status": "suppressed",
            "amount": None,
            "returns": 2,
            "returns_imputed": 0,
        },
    ]
    panel = _platform(cast(Reader, SimpleNamespace(rows=lambda table: rows)))
    assert panel.table is not None
    assert [one["all"] is Absence.SUPPRESSED for one in panel.table.rows] == [False, True]
    assert "2023" in panel.finding.en


def test_sets_of_quick_factors_have_names() -> None:
    for one in ("calibrated", "target_assessment", "older_notices"):
        assert value_label("quick_estimate", "factor_set", one).en != one


def test_districts_by_the_model_stand_beside_direct_ones_and_keep_those_withheld() -> None:
    row = {
        "district_code": "d", "estimator": "model_and_direct", "persons": 120.0, "standard_error": 20.0, "low": 80.0,
        "high": 160.0, "direct_persons": 130.0, "direct_smoothed_error": 30.0, "better": "model",
    }  # fmt: skip
    hidden = {
        **row, "district_code": "e", "estimator": "regression", "direct_persons": None, "direct_smoothed_error": None,
        "better": None,
    }  # fmt: skip
    tables = {district_model.TABLE: [hidden, row, {**row, "district_code": "f", "better": "direct"}]}
    reader: Any = SimpleNamespace(
        rows=lambda table: tables[table], settings=SimpleNamespace(area="city"), pack_rows=lambda *_, **__: []
    )
    panel = district_model.panel(reader, "person")
    assert panel.table is not None
    first, second, third = panel.table.rows
    assert (first["direct_persons"], first["persons"]) == (130.0, 120.0)
    assert second["direct_persons"] is second["direct_smoothed_error"] is Absence.SUPPRESSED
    assert second["persons"] == 120.0 and second["better"] is None
    assert [one.en for one in (first["better"], third["better"])] == ["model", "direct estimate"]  # type: ignore[union-attr]
    assert "of 2 with a direct estimate the model has the smaller error in 1; 1 has" in panel.finding.en


def test_the_core_by_the_model_stands_beside_direct_figures_withheld_and_unsampled_ones() -> None:
    row = {
        "district_code": "d", "estimator": "model_and_direct", "value_added": Decimal("120000000.00"),
        "standard_error": Decimal(2), "low": Decimal(1), "high": Decimal(3), "direct_value": Decimal("130000000.00"),
        "direct_error": Decimal(3), "direct_error_basis": "smoothed", "direct_status": "shown", "better": "model",
    }  # fmt: skip
    none = {"direct_value": None, "direct_error": None, "direct_error_basis": None, "better": None}
    rows = [
        {**row, **none, "district_code": "f", "direct_status": "none_sampled", "estimator": "regression"},
        row,
        {**row, **none, "district_code": "e", "direct_status": "suppressed", "estimator": "regression"},
    ]
    reader: Any = SimpleNamespace(
        rows=lambda table: {digital_district_model.TABLE: rows}[table],
        settings=SimpleNamespace(area="city"), pack_rows=lambda *_, **__: [], method_of=lambda table: None,
    )  # fmt: skip
    [panel] = digital_district_model.panels(reader)
    assert panel.table is not None
    first, second, third = panel.table.rows
    assert (first["direct_value"], first["value_added"]) == (Decimal("1.3"), Decimal("1.2"))
    assert first["direct_error_basis"].en == "smoothed"  # type: ignore[union-attr]
    assert second["direct_value"] is second["direct_error"] is Absence.SUPPRESSED
    assert third["direct_value"] is None and third["better"] is None
    assert "of 1 with a direct estimate the model has the smaller error in 1; 2 have" in panel.finding.en


def test_derived_classes_tell_withheld_from_unsampled_and_from_classes_without_a_table() -> None:
    def row(
        classification: str, code: str, status: str, value: Decimal | None = None, **more: Any
    ) -> dict[str, Any]:
        return {
            "classification": classification, "class_code": code, "depth": 0 if code == "total" else 1,
            "name_zh": f"类{code}", "name_en": f"Class {code}", "basis": "own", "value_status": status,
            "error_status": status, "full_value": value, "full_standard_error": value, "low": value, "high": value,
            **more,
        }  # fmt: skip

    rows = [
        row("a", "total", "shown", Decimal("12345678900"), name_en="Robots"),
        row("a", "R1", "suppressed"),
        row("a", "R2", "none_sampled"),
        row("a", "R3", "none_whole"),
        row("b", "total", "not_established", name_en="Three new", basis="not_established"),
    ]
    reader: Any = SimpleNamespace(
        rows=lambda table: {derived.TABLE: rows}[table], method_of=lambda table: None
    )
    [panel] = derived.panels(reader)
    assert panel.table is not None
    shown = {one["code"]: one["full"] for one in panel.table.rows if one["code"] != "total"}
    assert shown == {"R1": Absence.SUPPRESSED, "R2": None, "R3": Absence.NOT_APPLICABLE}
    assert [one["full"] for one in panel.table.rows if one["code"] == "total"] == [
        Decimal("123.456789"), Absence.NOT_APPLICABLE
    ]  # fmt: skip
    assert [one["code"] for one in panel.table.rows] == ["total", "R1", "R2", "R3", "total"]
    assert panel.finding.en.startswith("Of industry classes that count whole: Robots CNY 12.3")
    assert "No table of classes was obtained for Three new" in panel.finding.en


def test_the_chart_of_targets_draws_every_score() -> None:
    """The city has two indicators, its parts one: all are drawn, under names of their own."""
    from lvshu.publish.panels.energy import _targets
    from tests.publish.fake_energy import dual_control_scorecard

    city, part = dual_control_scorecard()
    rows = [city, {**city, "indicator": "energy_intensity"}, {**part, "indicator": "energy_intensity"}]
    reader = reader_of("样本市")
    reader.rows = lambda table, **_: rows
    panel = _targets(reader)  # type: ignore[arg-type]
    assert panel.chart is not None and panel.table is not None
    for language in ("zh", "en"):
        for bars in panel.chart.of(language)["data"]:
            assert len(set(bars["y"])) == len(panel.table.rows) == 3
    names = panel.chart.of("en")["data"][0]["y"]
    assert sum(name.startswith("Sample City: ") for name in names) == 2
    assert [name for name in names if "310101" in name] == ["District 310101"]


def test_the_nowcast_of_the_account_says_that_it_is_none_and_whether_its_error_is_known() -> None:
    empty = dict.fromkeys(("low", "high", "told", "growth", "ratio_error", "carried_error", "months_error"))
    account = {**empty, "year": 2023, "state": "account", "value_added": Decimal(10**11), "known_months": 12}
    nowcast = {
        **empty,
        "year": 2024,
        "state": "nowcast",
        "value_added": Decimal(11 * 10**10),
        "known_months": 1,
    }
    measured = {**nowcast, "low": Decimal(10**11), "high": Decimal(12 * 10**10)}

    def panel(row: dict[str, Any]) -> Any:
        reader = SimpleNamespace(rows=lambda table: [row, account], method_of=lambda table: "")
        return digital_nowcast.panels(cast(Reader, reader))[0]

    alone, known = panel(nowcast), panel(measured)
    assert "its error is not known" in alone.finding.en and "误差不知" in alone.finding.zh
    assert (
        "95 % interval CNY 100 billion to CNY 120 billion" in known.finding.en
        and "1 month of" in known.finding.en
    )
    first, last = known.table.rows
    assert (first["year"].zh, last["year"].zh) == ("2023", "2024现时预测（非核算）")
    assert last["year"].en == "2024 nowcast, not an account"
    assert digital_nowcast.panels(cast(Reader, SimpleNamespace(rows=lambda table: []))) == ()


def test_what_no_settlement_tells_is_missing_and_not_withheld() -> None:
    rows = [
        {"side": side, "item": item, "status": status, "value": value, "share_of_all": value}
        for item in platform_economy.ITEMS
        for side, status, value in (
            ("seller", "not_covered", None), ("buyer", "suppressed", None), ("all", "shown", Decimal(100)),
        )
    ]  # fmt: skip
    shares = [
        {"side": side, "category_code": "goods", "status": status, "platform_amount": None, "all_amount": Decimal(9),
         "share": None} for side, status in (("seller", "not_covered"), ("buyer", "suppressed"))
    ]  # fmt: skip
    tables = {"platform_economy_public": rows, "ecommerce_share_public": shares}
    reader = cast(Reader, SimpleNamespace(rows=lambda table: tables[table]))
    shown = platform_economy._economy(reader)
    assert shown.table is not None and not shown.finding.en
    for row in shown.table.rows:
        assert (row["seller"], row["seller_share"]) == (Absence.MISSING, Absence.MISSING)
        assert (row["buyer"], row["buyer_share"]) == (Absence.SUPPRESSED, Absence.SUPPRESSED)
    table = platform_economy._shares(reader).table
    assert table is not None
    found = {(row["platform"], row["share"]) for row in table.rows}
    assert found == {(Absence.MISSING, Absence.MISSING), (Absence.SUPPRESSED, Absence.SUPPRESSED)}


def test_workers_by_month_and_district_tell_how_many_cells_are_withheld() -> None:
    def row(month: int, district: str, workers_there: int | None) -> dict[str, Any]:
        status = "suppressed" if workers_there is None else "shown"
        return {
            "month": f"2023-{month:02d}",
            "district_code": district,
            "status": status,
            "workers": workers_there,
        }

    found = [row(1, "310101", 30), row(2, "310101", None), row(1, "total", 50), row(2, "total", 60)]
    reader = reader_of("真市")
    reader.rows, reader.method_of = (lambda table: found), (lambda table: "")
    [panel] = workers.panels(cast(Reader, reader), "person")
    assert panel.finding.en == "1 district, 2 months; 1 of 2 cells withheld (***)."
    first, last = panel.table.rows
    assert first["district"].zh == "真区" and last["district"].zh == "全市"
    assert first["2023-02"] is Absence.SUPPRESSED and last["2023-02"] == 60
    assert [column.label.zh for column in panel.table.columns][1:] == ["2023年1月", "2023年2月"]
