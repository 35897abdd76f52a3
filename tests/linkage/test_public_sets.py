"""Public sets with known truth: at least as good as Splink's own tuned results where those are published."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from lvshu.linkage.link import BETWEEN, WITHIN, link
from tests.linkage.public_sets import FAKE, FEBRL, RESTAURANT, closed, measures, read, true_pairs


@pytest.fixture(scope="module")
def sets(shared_data: Path) -> Path:
    folder = shared_data / "statistics"
    if not (folder / "febrl").is_dir():
        pytest.skip("the linkage sets are not here")
    return folder


def _entities(table: pa.Table) -> list[str]:
    return [one.split("-")[1] for one in table["rec_id"].to_pylist()]


def test_febrl_4_is_linked_better_than_tuned_splink(sets: Path) -> None:
    both = [read(sets / "febrl" / f"dataset4{letter}.csv") for letter in "ab"]
    side = np.repeat([0, 1], [one.num_rows for one in both])
    records = pa.concat_tables(both)
    links = link(records, FEBRL, side=side, scope=BETWEEN).accepted(0.5, single=True)
    precision, recall = measures(links, _entities(records), side)
    assert precision >= 0.9998
    assert recall >= 0.9984


def test_febrl_3_is_one_list_with_up_to_six_records_of_a_person(sets: Path) -> None:
    records = read(sets / "febrl" / "dataset3.csv")
    entity = np.array(_entities(records))
    found = link(records, FEBRL, scope=WITHIN)
    again = link(records, FEBRL, scope=WITHIN, threads=1)
    assert np.array_equal(found.left, again.left), "one seed gives one result, whatever the threads"
    assert np.array_equal(found.probability, again.probability)
    left, right = closed(found.accepted(0.5))
    true = int((entity[left] == entity[right]).sum())
    assert true / len(left) >= 0.999
    assert true / true_pairs(entity) >= 0.999


def test_restaurants_need_one_to_one(sets: Path) -> None:
    both = [read(sets / "restaurant" / f"restaurant-{number}.csv") for number in (1, 2)]
    records = pa.concat_tables(both)
    plain = [re.sub("'s?", "", name) for name in records["name"].to_pylist()]
    words = [sorted(set(re.findall(r"[a-z0-9]+", name))) for name in plain]
    number = [(re.match(r"\d+", one or "") or [None])[0] for one in records["address"].to_pylist()]
    records = records.append_column("words", pa.array(words)).append_column(
        "number", pa.array(number, pa.string())
    )
    entity = [one.strip("'") for one in records["unique_id"].to_pylist()]
    side = np.repeat([0, 1], [one.num_rows for one in both])
    links = link(records, RESTAURANT, side=side, scope=BETWEEN)
    several, _ = measures(links.accepted(0.5), entity, side)
    precision, recall = measures(links.accepted(0.5, single=True), entity, side)
    assert several < 0.8, "rivals of one record are all taken without it"
    assert precision >= 0.99
    assert recall >= 0.98


def test_splinks_own_fake_persons(sets: Path) -> None:
    records = read(sets / "splink_fake_1000.csv")
    entity = np.array(records["cluster"].to_pylist())
    left, right = closed(link(records, FAKE).accepted(0.9))
    true = int((entity[left] == entity[right]).sum())
    assert true / len(left) >= 0.995
    assert true / true_pairs(entity) >= 0.95
