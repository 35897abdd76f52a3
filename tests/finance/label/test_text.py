"""Finding items in words: what is found, on which evidence, and what must not be."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.core.errors import MethodError
from lvshu.finance.methods.label_text import (
    Phrase,
    build_index,
    find,
    sentence_of,
    shared_words,
    speaks_of_making,
    title_phrases,
)

TITLES = (
    "风力发电装备制造",
    "风力发电设施建设和运营",
    "汽车零部件及机电产品再制造",
    "节能型变压器、整流器、电感器和电焊机制造",
    "污水处理、再生利用及污泥处理处置设施建设运营",
    "节能锅炉制造",
)
INDEX = build_index(title_phrases(TITLES))


def _found(text: str) -> list[str]:
    return [TITLES[hit.item] for hit in find(INDEX, [text]) if not hit.negated]


def test_general_words_do_not_count_and_qualifiers_stay() -> None:
    words = [(phrase.item, phrase.words) for phrase in title_phrases(TITLES)]
    assert (0, "风力发电") in words
    assert (3, "节能型变压器") in words
    assert not any("整流器" in phrase for _, phrase in words)
    assert [phrase for item, phrase in words if item == 2] == ["汽车零部件及机电产品再"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("用于建设海上风力发电场。", ["风力发电设施建设和运营"]),
        ("风力发电机组生产线扩建", ["风力发电装备制造"]),
        ("城镇污水处理厂提标改造", ["污水处理、再生利用及污泥处理处置设施建设运营"]),
        ("采购整流器用于销售", []),
        ("汽车零部件及配件制造", []),
        ("日常经营周转，采购原材料", []),
        ("风光小区住宅开发", []),
    ],
)
def test_texts_find_their_items(text: str, wanted: list[str]) -> None:
    assert _found(text) == wanted


def test_the_evidence_is_the_words_and_their_sentence() -> None:
    (hit,) = find(INDEX, ["本笔贷款期限三年。用于风力发电场建设；担保方式为信用。"])
    assert (hit.words, hit.sentence, hit.score) == ("风力发电", "用于风力发电场建设；", 1.0)


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("不用于风力发电，用于采购钢材", True),
        ("用于采购钢材，不涉及风力发电", True),
        ("风力发电除外的其他用途", True),
        ("用于风力发电，不用于其他", False),
        ("不用于风力发电。后改为用于风力发电场", False),
    ],
)
def test_a_negated_clause_is_no_candidate(text: str, negated: bool) -> None:
    assert sentence_of(text, "风力发电")[1] is negated
    assert bool(_found(text)) is not negated


def test_a_term_must_stand_as_it_is() -> None:
    index = build_index([Phrase(0, "光伏电站", True)])
    assert find(index, ["建设光伏与电站"]) == []
    assert [hit.words for hit in find(index, ["屋顶光伏电站"])] == ["光伏电站"]


def test_making_building_or_neither() -> None:
    assert [speaks_of_making(title) for title in ("风电装备制造", "电站建设和运营", "环境影响评价")] == [
        True, False, None,
    ]  # fmt: skip


def test_nothing_to_look_for_is_told() -> None:
    with pytest.raises(MethodError):
        build_index([])
    with pytest.raises(MethodError):
        find(INDEX, ["风力发电"], least_share=0.0)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text("风力发电污水处理锅炉节能。，用于建设造", max_size=30), max_size=6), st.randoms())
def test_scores_are_shares_and_order_changes_nothing(texts: list[str], random: object) -> None:
    hits = find(INDEX, texts)
    assert all(0.75 - 1e-6 <= hit.score <= 1 for hit in hits)
    assert all(hit.words in texts[hit.text] and hit.words in hit.sentence for hit in hits)
    turned = find(INDEX, texts[::-1])
    count = len(texts) - 1
    assert {(hit.text, hit.item, hit.score) for hit in hits} == {
        (count - hit.text, hit.item, hit.score) for hit in turned
    }


@settings(max_examples=50, deadline=None)
@given(st.text("甲乙丙丁", max_size=12), st.text("甲乙丙丁", min_size=1, max_size=6))
def test_shared_words_are_the_longest(text: str, words: str) -> None:
    runs = {words[a:b] for a in range(len(words)) for b in range(a + 1, len(words) + 1)}
    longest = max((len(run) for run in runs if run in text), default=0)
    found = shared_words(text, words)
    assert len(found) == longest
    assert found in text
