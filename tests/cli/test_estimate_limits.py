"""What `lvshu estimate` refuses or tells at the edge of what a method can say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command

Json = Callable[..., tuple[int, Any]]

RATES = (0.0, 0.1, 0.2, 0.15, 0.3, 0.25, 0.05, 0.22)


@pytest.fixture
def areas(tmp_path: Path) -> Path:
    path = tmp_path / "areas.csv"
    rows = (f"d{at},{rate},{20 + at},0.00{1 + at},0.125" for at, rate in enumerate(RATES))
    path.write_text("\n".join(["a,p,n,v,share", *rows]), "utf-8")
    return path


def test_rates_are_not_benchmarked_beyond_one(areas: Path, lvshu_command: Command, lvshu_json: Json) -> None:
    asked = ("estimate", "areas", areas, "--area", "a", "--direct", "p", "--effective-size", "n", "--scale", "arcsin",
             "--share", "share", "--published")  # fmt: skip
    code, _, told = lvshu_command(*asked, "16.5", "--lang", "en")
    assert code == 1 and "do not lie between 0 and 1" in " ".join(told.replace("│", " ").split())
    code, found = lvshu_json(*asked, "-0.2", "--benchmark", "difference")
    assert code == 1 and found["errors"][0]["code"] == "estimate.benchmark_no_rate"
    code, found = lvshu_json(*asked, "0.165")
    assert code == 0 and all(0 <= one["benchmarked"] <= 1 for one in found["records"])


@pytest.mark.parametrize("scale", ["none", "log"])
def test_areas_are_not_benchmarked_to_the_other_sign(areas: Path, lvshu_json: Json, scale: str) -> None:
    areas.write_text(areas.read_text("utf-8").replace("d0,0.0,", "d0,0.02,"), "utf-8")
    asked = ("estimate", "areas", areas, "--area", "a", "--direct", "p", "--variance", "v", "--scale", scale,
             "--share", "share", "--published")  # fmt: skip
    code, found = lvshu_json(*asked, "-0.165")
    assert code == 1 and found["errors"][0]["code"] == "estimate.benchmark_sign"
    code, _ = lvshu_json(*asked, "0.165")
    assert code == 0


def test_a_sample_on_one_side_of_the_register_is_told(tmp_path: Path, lvshu_json: Json) -> None:
    path = tmp_path / "sample.csv"
    weights = [10.1, 7.7, 3.3, 11.9, 0.1, 0.7] * 5
    for inside, code in ((1, "integration.nobody_outside"), (0, "integration.nobody_inside")):
        rows = (f"{weight},{at * 1.5},{inside}" for at, weight in enumerate(weights))
        path.write_text("\n".join(["w,y,listed", *rows]), "utf-8")
        status, found = lvshu_json(
            "estimate", "integrate", path, "--value", "y", "--weight", "w", "--inside", "listed",
            "--population-size", "170", "--source-size", "100", "--source-total", "2000",
        )  # fmt: skip
        assert status == 1 and [one["code"] for one in found["errors"]] == [code]
        assert "30" in found["errors"][0]["en"]["what"]


def test_combinations_without_a_row_are_told(tmp_path: Path, lvshu_json: Json) -> None:
    path = tmp_path / "lists.csv"
    whole = ["a,b,c,n", "1,0,0,90", "0,1,0,70", "0,0,1,40", "1,1,0,9", "1,0,1,8", "0,1,1,6", "1,1,1,2"]
    asked = ("estimate", "population", path, "--list", "a", "--list", "b", "--list", "c", "--count", "n")
    path.write_text("\n".join(whole), "utf-8")
    _, found = lvshu_json(*asked)
    assert len(found["notes"]) == 1
    path.write_text("\n".join([*whole[:3], *whole[4:6], whole[7]]), "utf-8")
    code, found = lvshu_json(*asked)
    assert code == 0 and "2 combinations of lists have no row" in found["notes"][0]["en"]
    assert "011, 001" in found["notes"][0]["en"] and "a, b, c" in found["notes"][0]["zh"]


def test_a_cluster_with_one_household_is_named_with_its_stratum(tmp_path: Path, lvshu_json: Json) -> None:
    """Clusters are numbered anew in every stratum."""
    path = tmp_path / "households.csv"
    rows = [
        f"{stratum},{cluster},{house},9,20,3,{10 * cluster + house}"
        for stratum in ("江岸", "武昌") for cluster in (1, 2, 3) for house in (1, 2, 3)
        if stratum == "江岸" or cluster != 2 or house == 1
    ]  # fmt: skip
    path.write_text("\n".join(["层,群,户,w,N,M,y", *rows]), "utf-8")
    code, found = lvshu_json(
        "estimate", "survey", path, "--value", "y", "--weight", "w", "--strata", "层", "--cluster", "群", "--cluster",
        "户", "--population", "N", "--population", "M",
    )  # fmt: skip
    assert code == 1 and found["errors"][0]["code"] == "survey.lonely_unit"
    assert found["errors"][0]["zh"]["what"].endswith("武昌/2")
