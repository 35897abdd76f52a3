"""Enterprises: codes, names in their many writings, addresses, and groups that no record without a code joins."""

from __future__ import annotations

import numpy as np
import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.enterprise_name import NameWords
from lvshu.engine.duckdb import DuckDB
from lvshu.linkage.enterprises import best_of_variants, enterprise_variants, plain_address, valid_code
from lvshu.linkage.groups import group_records
from lvshu.linkage.splink import one_slip


@pytest.fixture(scope="module")
def words() -> NameWords:
    packs = PackLibrary.load()
    return NameWords.of(packs["name_parts"].rows, packs["traditional_characters"].rows)


def _records(names: list[str | None], **others: list[str | None]) -> dict[str, list[str | None]]:
    empty: list[str | None] = [None] * len(names)
    listed = ("uscc", "former_name", "english_name", "address", "representative_hash", "phone_hash", "industry_code",
              "registered_on", "district_code")  # fmt: skip
    return {"name": names, **{name: others.get(name, empty) for name in listed}}


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("91350100M000100Y43", True),  # the worked example of GB 32100-2015
        ("９１350100m000100y43 ", True), ("91350100M000100Y44", False), ("", False), (None, False), ("nonsense", False),
        ("'; DROP TABLE x; --", False), ("'91350100M000100Y43", True), ('="91350100M000100Y43"', True),
        ("91350100-M000100Y4-3", True), ("9.1350100E+17", False),
    ],
)  # fmt: skip
def test_only_codes_with_a_right_check_character_count(text: str | None, valid: bool) -> None:
    assert (valid_code(text) is not None) == valid


def test_one_name_in_many_writings_is_one_trade_name(words: NameWords) -> None:
    names = [
        "上海万象科技有限公司",
        "万象科技（上海）有限公司",
        "上海萬象科技有限公司",
        "上海 万象科技 有限公司",
    ]
    made = enterprise_variants(_records(names), words)
    assert set(made.table["trade_name"].to_pylist()) == {"万象"}
    assert set(map(tuple, made.table["industry_words"].to_pylist())) == {("科技",)}


def test_former_and_foreign_names_are_variants_of_their_record(words: NameWords) -> None:
    records = _records(["上海万象科技有限公司", None], former_name=["上海旧象科技有限公司", None],
                       english_name=["Wanxiang Technology Co., Ltd.", None])  # fmt: skip
    made = enterprise_variants(records, words)
    assert made.record.tolist() == [0, 0, 0, 1]
    assert made.table["trade_name"].to_pylist() == ["万象", "旧象", None, None]
    assert made.table["latin_name"].to_pylist()[2]


def test_hostile_and_empty_cells_make_no_failure(words: NameWords) -> None:
    hostile = [
        "=cmd|' /C calc'!A0",
        "'; DROP TABLE x; --",
        "\x00\x07\u202e",
        "公" * 100_000,
        "",
        None,
        "�����",
    ]
    made = enterprise_variants(
        _records(hostile, uscc=["x"] * 7, address=["\x00", "0", "无", None, "-", "暂无", "N/A"]), words
    )
    assert made.table.num_rows == 7
    assert made.table["address"].null_count == 7
    assert len(made.rejected) == 7


def test_addresses_in_one_writing(words: NameWords) -> None:
    assert plain_address("上海市浦东新区世纪大道１００号", words) == plain_address(
        "浦东新区世纪大道100号", words
    )
    assert plain_address("不详", words) is None


def test_the_best_pair_of_variants_counts() -> None:
    left, right = np.array([0, 1, 0]), np.array([2, 2, 1])
    low, high, row = best_of_variants(left, right, np.array([1.0, 9.0, 5.0]), np.array([0, 0, 1]))
    assert (low.tolist(), high.tolist(), row.tolist()) == ([0], [1], [1])


def _group(pairs: list[tuple[int, int, float]], code: list[int], **changed: object) -> list[int]:
    left, right, chance = (np.array([one[part] for one in pairs]) for part in range(3))
    options: dict[str, object] = {
        "accept": 0.5,
        "accept_codes": 0.9,
        "given": {},
        "apart": np.zeros((2, 0), np.int64),
    }
    made = group_records(
        left.astype(np.int64), right.astype(np.int64), chance * 10, chance.astype(float), np.array(code),
        **{**options, **changed},  # type: ignore[arg-type]
    )  # fmt: skip
    return made.group.tolist()


def test_a_record_without_a_code_joins_one_unit_only() -> None:
    assert _group([(0, 2, 0.9), (1, 2, 0.8)], [7, 8, -1]) == [0, 1, 0]
    assert _group([(0, 2, 0.9), (1, 3, 0.9), (2, 3, 0.7)], [7, 8, -1, -1]) == [0, 1, 0, 1]


def test_records_without_codes_join_each_other_and_their_unit() -> None:
    assert _group([(0, 1, 0.9), (1, 2, 0.9)], [7, -1, -1]) == [0, 0, 0]


def test_units_of_two_codes_join_only_when_sure() -> None:
    assert _group([(0, 1, 0.8)], [7, 8]) == [0, 1]
    assert _group([(0, 1, 0.95)], [7, 8]) == [0, 0]
    assert _group([(0, 1, 0.95)], [7, 8], accept_codes=None) == [0, 1]


def test_people_decide_before_probabilities() -> None:
    assert _group([(0, 1, 0.95)], [-1, -1], apart=np.array([[1], [0]])) == [0, 1]
    assert _group([(0, 1, 0.1)], [7, 8], given={"review": np.array([[0], [1]])}) == [0, 0]


def test_a_region_in_brackets_does_not_become_the_trade_name(words: NameWords) -> None:
    made = enterprise_variants(_records(["洛阳（中国）旅游发展有限公司", "洛阳旅游发展有限公司"]), words)
    assert set(made.table["trade_name"].to_pylist()) == {"洛阳"}


@pytest.mark.parametrize(
    ("left", "right", "near"),
    [
        ("绿枢云", "绿区云", True), ("绿枢云", "枢绿云", True), ("绿枢云", "绿云枢", True),
        ("绿枢云", "绿枢云海", True), ("绿枢云", "海绿枢云", True), ("绿枢云海", "绿枢海", True),
        ("绿枢云", "枢云绿", False), ("绿枢云", "红区云", False),
        ("绿枢云", "绿枢云海天", False), ("abc", "abd", True), ("ab c", "ba d", False),
    ],
)  # fmt: skip
def test_a_slip_is_one_character_not_one_byte(left: str, right: str, near: bool) -> None:
    with DuckDB() as engine:
        engine.execute(f"CREATE TABLE pair AS SELECT '{left}' AS n_l, '{right}' AS n_r")
        assert bool(engine.execute(f"SELECT {one_slip('n', 'duckdb')} FROM pair")[0][0]) == near
        engine.execute(f"CREATE OR REPLACE TABLE pair AS SELECT '{right}' AS n_l, '{left}' AS n_r")
        assert bool(engine.execute(f"SELECT {one_slip('n', 'duckdb')} FROM pair")[0][0]) == near
