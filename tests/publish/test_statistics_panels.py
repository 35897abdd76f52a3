"""What the panels of statistics say of their figures: which interval, which districts, which city."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

from lvshu.publish.display import Absence
from lvshu.publish.panels import district_model
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


def test_a_city_is_called_as_its_book_calls_it() -> None:
    made: Any = SimpleNamespace(
        settings=SimpleNamespace(area="310000"), area=Text("样本市", "Sample City"),
        pack_rows=lambda pack, area_code: [{"name_zh": "真名", "name_en": "real name"}],
    )  # fmt: skip
    assert area_name(made, "310000").en == "Sample City"
    assert area_name(made, "310101").en == "real name"


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
    assert {row["imputed_platforms"] for row in panel.table.rows} == {0, 1}
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
