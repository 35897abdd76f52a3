"""Parts of the sample city: codes, streams, files, macro tables, scores."""

from __future__ import annotations

import csv
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from lvshu.catalog.pack_library import PackLibrary
from lvshu.sample import score, summary
from lvshu.sample.arrow import choice, fixed_point, money, numbered, quantity
from lvshu.sample.files import TableWriter
from lvshu.sample.lending import month_ends
from lvshu.sample.macro import load_macro
from lvshu.sample.people import draw_people, draw_places, draw_work, expected_records, people_blocks
from lvshu.sample.plan import COMPANY_SHARE, RESIDENTS_2023, CityPlan
from lvshu.sample.streams import Streams, blocks
from lvshu.sample.uscc import is_valid, make_uscc


@given(
    st.lists(st.integers(0, 31**5 - 1), min_size=1, max_size=30), st.sampled_from([310101, 310115, 310151])
)
@settings(max_examples=40, deadline=None)
def test_codes_have_right_check_digits(serials: list[int], area: int) -> None:
    rows = len(serials)
    codes = make_uscc(np.array(serials), np.full(rows, area), np.ones(rows, dtype=int))
    assert is_valid(codes).all()
    texts = [bytes(code).decode() for code in codes]
    assert all(uscc.is_valid(text) for text in texts)
    assert len(set(texts)) == len(set(serials))


def test_blocks_do_not_depend_on_each_other() -> None:
    streams = Streams(7)
    late_first = streams.generator("loan", 3).random(5)
    streams.generator("loan", 0).random(1_000)
    assert (streams.generator("loan", 3).random(5) == late_first).all()
    assert not (streams.generator("loan", 2).random(5) == late_first).any()
    assert [stop for _, _, stop in blocks(10, 4)] == [4, 8, 10]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_bytes_do_not_depend_on_the_parts(tmp_path: Path, ending: str) -> None:
    numbers = np.arange(1_000)

    def columns(part: np.ndarray) -> dict[str, pa.Array]:
        return {
            "key": numbered("L", part, 6),
            "kind": choice(["甲", "乙"], part % 2),
            "amount": money(part * 1.005),
        }

    for size in (1_000, 130, 7):
        with TableWriter(tmp_path / f"{size}.{ending}", group=256) as writer:
            for start in range(0, 1_000, size):
                writer.write(columns(numbers[start : start + size]))
        assert writer.rows == 1_000
    first, *others = ((tmp_path / f"{size}.{ending}").read_bytes() for size in (1_000, 130, 7))
    assert all(other == first for other in others)


def test_decimals_are_exact_and_missing_stays_missing() -> None:
    amounts = money(np.array([0.005, -0.005, 1e11, 2.675]), np.array([False, False, False, True]))
    assert amounts.to_pylist() == [Decimal("0.01"), Decimal("-0.01"), Decimal("100000000000.00"), None]
    assert quantity(np.array([1e-6])).to_pylist() == [Decimal("0.000001")]
    assert fixed_point(np.array([-123]), 1, precision=10).to_pylist() == [Decimal("-12.3")]


def test_month_ends() -> None:
    ends = month_ends(2024).astype("datetime64[D]").astype(str).tolist()
    assert ends[1] == "2024-02-29"
    assert ends[-1] == "2024-12-31"


def test_input_output_table_balances_exactly() -> None:
    macro = load_macro()
    use, finals = macro.intermediate, macro.finals
    assert (use.sum(axis=0) + macro.value_added.sum(axis=0) == macro.output).all()
    demand, supply = finals[:7].sum(axis=0), finals[7:].sum(axis=0)
    assert (use.sum(axis=1) + demand - supply == macro.output).all()
    assert (use >= 0).all()
    assert (finals[5:] >= 0).all()


def test_value_added_is_the_published_product() -> None:
    published = PackLibrary.load()["sample_anchors"].one(code="gdp_2023")["value"]
    assert load_macro().gdp == float(str(published)) * 1e8


def test_macro_cells_are_rounded_to_a_million_yuan() -> None:
    macro = load_macro()
    for cells in (macro.intermediate, macro.value_added, macro.finals):
        assert (cells % 100 == 0).all()


def test_energy_balance_adds_up() -> None:
    items = dict(load_macro().energy_items)
    names = list(items)
    start = {name[0]: place for place, name in enumerate(names) if name[0] in "一二三四五六"}

    def cell(name: str, fuel: str) -> Decimal:
        return Decimal(items[name][fuel] or "0")

    for fuel in next(iter(items.values())):
        for head, after in (("一", "二"), ("二", "三"), ("四", "五")):
            parts = names[start[head] + 1 : start[after]]
            assert sum((cell(part, fuel) for part in parts), Decimal(0)) == cell(names[start[head]], fuel), (
                head,
                fuel,
            )
        one, two, three, four, five = (cell(names[start[head]], fuel) for head in "一二三四五")
        assert one + two - three - four == five


def test_energy_by_sector_is_the_final_consumption() -> None:
    macro = load_macro()
    items = dict(macro.energy_items)
    final = items[next(name for name in items if name.startswith("四"))]
    homes = items[next(name for name in items if "生活消费" in name)]
    for fuel in ("raw_coal", "diesel", "natural_gas", "electricity"):
        by_sector = sum(
            quantity for _, use, name, quantity in macro.sector_energy if use == "final" and name == fuel
        )
        assert by_sector == pytest.approx(float(final[fuel]) - float(homes[fuel] or 0), abs=0.01)


def test_sectors_cover_every_division_once() -> None:
    macro = load_macro()
    divisions = [division for sector in macro.sectors for division in sector.divisions]
    assert len(set(divisions)) == len(divisions)
    classes = {
        str(row["code"])[:2] for row in PackLibrary.load()["gbt4754_2017"].rows if str(row["code"]).isdigit()
    }
    assert classes <= set(divisions)


def test_bridge_pack_names_the_same_sectors() -> None:
    bridge = PackLibrary.load()["io_sector_bridge"].find(vintage="sample28_2023")
    assert [(row["sector_code"], row["name_zh"], row["sphere"]) for row in bridge] == [
        (sector.code, sector.name_zh, sector.sphere) for sector in load_macro().sectors
    ]


def test_people_work_as_they_say() -> None:
    places = draw_places(CityPlan(1_000, 2023), Streams(3), np.ones(16))
    people = draw_people(0, 0, 20_000, places, Streams(3))
    assert ((people.form >= 0) <= (people.age >= 16)).all()
    assert (people.active.any(axis=1) <= ((people.form == 5) | people.second)).all()
    assert (people.active[people.form == 5, 10]).all()
    assert (people.flexible() <= people.employed).all()


def test_score_of_estimates() -> None:
    truth = {
        "indicators": {
            "a": {"value": 100.0, "unit": "t"},
            "b": {"value": 5, "unit": "person"},
            "c": {"value": 1},
        }
    }
    tables = {
        "uncertainty": [{"indicator": "a", "value": Decimal("110"), "unit": "t", "low": 90.0, "high": 130.0}],
        "headline": [
            {"code": "a", "value": Decimal("110")},
            {"code": "b", "value": 4.0, "low": 4.5, "high": 4.8},
        ],
    }
    first, second = score(tables, truth)
    assert (first.indicator, first.error, first.relative_error, first.covered) == ("a", 10.0, 0.1, True)
    assert second.covered is False
    assert summary([first, second]) == {
        "indicators": 2.0,
        "mean_absolute_relative_error": pytest.approx(0.15),
        "coverage": 0.5,
    }


def test_plan_follows_the_anchors() -> None:
    pack = PackLibrary.load()["sample_anchors"]
    value = {str(row["code"]): float(str(row["value"])) for row in pack.rows if row["role"] == "used"}
    assert value["residents_2023"] * 1e4 == RESIDENTS_2023
    assert value["companies_2021"] / value["market_entities_2021"] == COMPANY_SHARE
    districts = sum(number for code, number in value.items() if code.startswith("residents_2020_"))
    assert districts == pytest.approx(2487.0895)


def test_every_anchor_is_cited() -> None:
    library = PackLibrary.load()
    pack = library["sample_anchors"]
    for row in pack.rows:
        assert row["issuer"] and row["document"] and row["published"] and row["source"]
    folder = Path(__file__).parents[2] / "src" / "lvshu" / "sample" / "data"
    with (folder / "industry_mix.csv").open(encoding="utf-8", newline="") as handle:
        codes = {row["code"] for row in csv.DictReader(handle)}
    assert codes <= {row["code"] for row in library["gbt4754_2017"].rows}


@pytest.mark.real_data
def test_macro_tables_come_from_the_official_ones(shared_data: Path, tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    subprocess.run(
        [
            sys.executable,
            str(root / "tools" / "sample" / "derive_macro.py"),
            str(shared_data / "china_io" / "io2007_Shanghai.csv"),
            str(shared_data / "china_energy" / "ebt2007_09_Shanghai.csv"),
            "--out",
            str(tmp_path),
        ],
        check=True,
    )
    for name in ("io_2023.csv", "energy_balance_2023.csv", "sector_energy_2023.csv"):
        shipped = root / "src" / "lvshu" / "sample" / "data" / name
        assert (tmp_path / name).read_bytes() == shipped.read_bytes(), name


@pytest.mark.real_data
def test_no_official_figure_is_shipped_as_it_stands(shared_data: Path) -> None:
    with (shared_data / "china_io" / "io2007_Shanghai.csv").open(encoding="utf-8-sig", newline="") as handle:
        official = {cell for row in list(csv.reader(handle))[1:] for cell in row[2:] if cell}
    with (Path(__file__).parents[2] / "src/lvshu/sample/data/io_2023.csv").open(
        encoding="utf-8", newline=""
    ) as handle:
        shipped = {float(cell) for row in list(csv.reader(handle))[1:] for cell in row[1:] if cell}
    assert not {float(cell) for cell in official} & shipped - {0.0}


def test_workers_work_in_few_districts_and_records_keep_to_the_plan() -> None:
    """More records are more kinds of activity, not more districts: those add up to less than twice the city."""
    plan, streams = CityPlan(2_000, 2023), Streams(7)
    places = draw_places(plan, streams, np.ones(16))
    records, cells, persons = 0, set(), set()
    for block, start, stop in people_blocks(places):
        people = draw_people(block, start, stop, places, streams)
        work = draw_work(
            block, people, places, streams, platforms=12, activities=8, spread=expected_records(plan)
        )
        records += work.worker.size
        month = work.month == 10
        workers = [work.hashes[one] for one in work.worker[month].tolist()]
        persons |= set(workers)
        cells |= set(zip(workers, work.district[month].tolist(), strict=True))
        keys = zip(work.worker, work.platform, work.month, work.district, work.activity, strict=True)
        assert len(set(keys)) == work.worker.size
    assert records == pytest.approx(plan.work_records, rel=0.2)
    assert 1.2 < len(cells) / len(persons) < 2.0
