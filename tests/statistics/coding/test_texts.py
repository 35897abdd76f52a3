"""Texts made ready: hostile and mixed ones, and business scopes cut into activities."""

from __future__ import annotations

import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.statistics.coding.texts import (
    LONGEST,
    Terms,
    activities,
    main_first,
    plain,
    terms_of,
    without_exclusions,
)


@pytest.fixture(scope="module")
def terms() -> Terms:
    return terms_of(PackLibrary.load(None))


def test_scopes_are_cut_where_activities_end(terms: Terms) -> None:
    found = activities(
        "许可项目：餐饮服务（依法须经批准的项目，经相关部门批准后方可开展经营活动）一般项目：软件开发；货物进出口。",
        terms,
    )
    assert [(one.words, one.licensed, one.ancillary) for one in found] == [
        ("餐饮服务", True, False), ("软件开发", False, False), ("货物进出口", False, True),
    ]  # fmt: skip
    assert [one.number for one in found] == [1, 2, 3]


def test_lists_are_cut_at_activities_and_names_stay_whole(terms: Terms) -> None:
    found = [
        one.words for one in activities("一般项目：技术服务、技术开发；计算机、软件及辅助设备批发", terms)
    ]
    assert found == ["技术服务", "技术开发", "计算机、软件及辅助设备批发"]


def test_the_main_activity_is_the_first_that_is_not_ancillary(terms: Terms) -> None:
    main = main_first(activities("一般项目：技术服务、技术开发；软件销售；餐饮服务", terms))
    assert main is not None
    assert main.words == "软件销售"
    only = main_first(activities("技术服务；货物进出口", terms))
    assert only is not None
    assert only.words == "技术服务"
    assert main_first(activities("", terms)) is None
    assert main_first(activities(None, terms)) is None


def test_remarks_and_negations_are_not_activities(terms: Terms) -> None:
    found = activities(
        "信息咨询服务（不含许可类信息咨询服务）；除依法须经批准的项目外，凭营业执照依法自主开展经营活动",
        terms,
    )
    assert [one.words for one in found] == ["信息咨询服务"]


def test_one_spelling(terms: Terms) -> None:
    assert plain(["ＳＯＦＴＷＡＲＥ　開發", None, "  软件，开发 "], terms.spelling) == [
        "software 开发",
        "",
        "软件 开发",
    ]


HOSTILE = (
    "'; DROP TABLE enterprise; --", '=HYPERLINK("http://x","y")', "\x00\x01\x1b[31m软件\x07", "\ud800软件",
    "\u202e软件",
    "软件\n开发\r\n", "{0}{name}%s", "____", "<script>alert(1)</script>", "9" * 50, "（" * 5_000,
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_words_and_nothing_more(text: str, terms: Terms) -> None:
    [made] = plain([text], terms.spelling)
    assert not any(mark in made for mark in "\n\r\x00\x1b=;'\"<>{}%")
    activities(text, terms)


def test_a_field_of_ten_megabytes_is_cut(terms: Terms) -> None:
    [made] = plain(["软件开发" * 2_600_000], terms.spelling)
    assert len(made) == LONGEST
    assert len(activities("软件开发；" * 2_000_000, terms)) == LONGEST // 5


def test_what_a_text_does_not_mean_is_left_out() -> None:
    text = "指专业用录像重放设备的制造，但不包括家用广播电视装置的制造；含零件"
    assert without_exclusions(text) == "指专业用录像重放设备的制造；含零件"
    assert (
        without_exclusions("指除厂房、电力工程外的矿山施工") == "指除厂房、电力工程外的矿山施工"
    )  # a list is not cut
    assert without_exclusions("指除住宅以外的房屋施工") == "指房屋施工"
    assert without_exclusions("不包括电力") == "不包括电力"
    assert without_exclusions(None) == ""
