"""Labelled results from small files: told apart by their headings, agreeing with the book."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lvshu.accounts.ask.circularity import (
    CircularInputs,
    break_result,
    component_result,
    indicator_result,
    read_circular,
    recover_of,
    what_if_result,
)
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import InputError, MethodError

PACKS = PackLibrary.load()
FLOWS = """年份,物质代码,类别,流向,数量（万吨）,相对标准误
2023,coal,fossil_energy,inflow,700,0.05
2023,sand,non_metallic_minerals,domestic_extraction,300,
2023,sand,non_metallic_minerals,outflow,100,
2022,coal,fossil_energy,inflow,1,
"""
WASTE = """year,stream,kind,generated,collected,sorted,recycled,used,sent_out,price
2023,waste_paper,renewable,800000,600000,500000,500000,480000,100000,2000
2023,straw,straw,1200000,900000,,,,,
"""
BASE = "code,year,value,unit\ngdp_constant,2023,900,1e8 CNY\n"


@pytest.fixture
def inputs(tmp_path: Path) -> CircularInputs:
    paths = []
    for name, text in (("waste.csv", WASTE), ("base.csv", BASE), ("flows.csv", FLOWS)):
        paths.append(tmp_path / name)
        paths[-1].write_text(text, encoding="utf-8")
    return read_circular(paths)


def of(result: object, *label: str) -> float:
    places = result.rows.places  # type: ignore[attr-defined]
    return float(result.values[next(place for key, place in places.items() if set(label) <= set(key)), 0])  # type: ignore[attr-defined]


def test_indicators_with_units_and_errors(inputs: CircularInputs) -> None:
    result = indicator_result(inputs, PACKS)
    assert of(result, "resource_productivity") == pytest.approx(900e8 / 9e6)
    assert of(result, "main_resource_productivity") == pytest.approx(900e8 / 7e6)
    assert of(result, "circular_material_use_rate") == pytest.approx(100 * 1.5 / 10.5)
    assert result.units[0] == "CNY/t"
    assert result.standard_error is not None
    assert result.standard_error[0, 0] > 0.0
    assert len(result.origin) == 3
    parts = component_result(inputs, PACKS)
    assert of(parts, "resource_productivity", "domestic_consumption") == 9e6
    assert result.to_arrow().num_rows == len(result.rows)


def test_breaks_are_ranked_and_say_what_they_leave_out(inputs: CircularInputs) -> None:
    result = break_result(inputs, PACKS)
    losses = [
        value
        for label, value in zip(result.rows.labels, result.values[:, 0], strict=True)
        if label[-1] == "loss"
    ]
    assert losses == sorted(losses, reverse=True)
    assert sum(losses) == 2_000_000 - 480_000 - 900_000
    assert not any(label[0] == "straw" and label[-1] == "value" for label in result.rows.labels)
    assert any("Straw" in en or "straw" in en for _, en in result.notes)


def test_what_if_in_tonnes_emission_and_money(inputs: CircularInputs) -> None:
    result = what_if_result(inputs, PACKS, recover_of(["waste_paper=10"]))
    assert of(result, "waste_paper", "collected") == 80_000
    assert of(result, "waste_paper", "returned") == pytest.approx(64_000)
    assert of(result, "waste_paper", "value") == pytest.approx(128e6)
    assert of(result, "waste_paper", "saving") == pytest.approx(64_000 * (1.28850358 - 1.06877475))
    assert of(result, "all", "returned") == pytest.approx(64_000)
    assert result.notes == ()
    assert of(what_if_result(inputs, PACKS), "straw", "points") == pytest.approx(10.0)


def test_what_cannot_be_done_is_said(inputs: CircularInputs, tmp_path: Path) -> None:
    with pytest.raises(MethodError, match="copper"):
        what_if_result(inputs, PACKS, {"copper": 5.0})
    with pytest.raises(MethodError, match=r"25\.0"):
        what_if_result(inputs, PACKS, {"waste_paper": 60.0})
    with pytest.raises(InputError, match="paper"):
        recover_of(["paper"])
    with pytest.raises(MethodError, match="neither"):
        indicator_result(CircularInputs(None, None), PACKS)
    with pytest.raises(MethodError, match="neither"):
        break_result(CircularInputs(inputs.flows, None), PACKS)
    strange = tmp_path / "strange.csv"
    strange.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="not clear"):
        read_circular([strange])


def test_no_replicates_give_no_errors(inputs: CircularInputs) -> None:
    assert indicator_result(inputs, PACKS, replicates=0).standard_error is None
    again, same = (indicator_result(inputs, PACKS, seed=5).standard_error for _ in range(2))
    assert again is not None and same is not None
    np.testing.assert_array_equal(again, same)


def test_streams_are_taken_by_name_and_refusals_tell_names_and_percent(inputs: CircularInputs) -> None:
    assert inputs.streams is not None
    zh, en = inputs.streams.names[inputs.streams.codes.index("waste_paper")]
    for words in (zh, en, "waste_paper"):
        result = what_if_result(inputs, PACKS, recover_of([f"{words}=10"]))
        assert of(result, "waste_paper", "points") == pytest.approx(10.0)
    with pytest.raises(MethodError) as unknown:
        what_if_result(inputs, PACKS, {"copper": 5.0})
    assert f"waste_paper（{zh}）" in unknown.value.text("zh")
    with pytest.raises(InputError) as large:
        what_if_result(inputs, PACKS, {"waste_paper": 200.0})
    assert "200 points of percent" in large.value.text("en")
    with pytest.raises(MethodError) as over:
        what_if_result(inputs, PACKS, {"waste_paper": 60.0})
    assert "at most 25.0 are left" in over.value.text("en")
