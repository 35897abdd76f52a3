"""The sample city's own tables of energy: by their contracts, marked as invented, districts adding up to the city."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from lvshu.contract import load
from lvshu.sample.city import write_city

TABLES = ("dual_control_year", "dual_control_target", "energy_month", "energy_inflow", "city_source_emission")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("city")
    write_city(folder, scale=5_000)
    return folder / "inputs"


def read(inputs: Path, table: str) -> list[dict[str, str]]:
    with (inputs / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("table", TABLES)
def test_tables_follow_their_contracts(inputs: Path, table: str) -> None:
    contract = load(table)
    rows = read(inputs, table)
    required = [column.name for column in contract.columns if column.required]
    assert rows
    assert set(rows[0]) <= set(contract.column_names)
    assert all(row[name] for row in rows for name in required)
    keys = [tuple(row[name] for name in contract.key) for row in rows]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("table", [table for table in TABLES if table != "energy_inflow"])
def test_invented_rows_say_so(inputs: Path, table: str) -> None:
    said = [row["source"] for row in read(inputs, table)]
    assert all("synthetic" in text or "沪府发〔2022〕7号" in text for text in said)


def test_districts_make_the_city(inputs: Path) -> None:
    sums: dict[tuple[str, str], float] = defaultdict(float)
    stated: dict[tuple[str, str], float] = {}
    for row in read(inputs, "dual_control_year"):
        for name in ("gdp", "energy", "feedstock", "co2"):
            if row["area_code"] == "310000":
                stated[(row["year"], name)] = float(row[name])
            else:
                sums[(row["year"], name)] += float(row[name])
    assert dict(sums) == pytest.approx(stated, rel=1e-6)
