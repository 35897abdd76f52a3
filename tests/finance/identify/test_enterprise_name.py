"""Parts of enterprise names: Chinese, Latin, branches, and texts that are no names."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.enterprise_name import (
    EMPTY,
    HAN,
    LATIN,
    NameWords,
    abbreviations,
    former_names,
    normalise_name,
    parse_name,
)

LIBRARY = PackLibrary.load(None)
WORDS = NameWords.of(LIBRARY["name_parts"].rows, LIBRARY["traditional_characters"].rows)


@pytest.mark.parametrize(
    ("text", "regions", "trade_name", "industry", "form"),
    [
        ("华能国际电力股份有限公司", (), "华能", ("国际", "电力"), "股份公司"),
        ("上海汽车集团股份有限公司", ("上海",), "上海", ("汽车",), "股份公司"),
        ("宝山钢铁股份有限公司", ("宝山",), "宝山", ("钢铁",), "股份公司"),
        ("中国神华能源股份有限公司", ("中国",), "神华", ("能源",), "股份公司"),
        ("浙江浙能电力股份有限公司", ("浙江",), "浙能", ("电力",), "股份公司"),
        ("浙江省能源集团有限公司", ("浙江",), "浙江", ("能源",), "有限公司"),
        ("华润（上海）有限公司", ("上海",), "华润", (), "有限公司"),
        ("上海市浦东新区样品电子科技有限责任公司", ("上海", "浦东"), "样品", ("电子科技",), "有限公司"),
        ("样品企业管理咨询合伙企业（有限合伙）", (), "样品", ("企业管理咨询",), "合伙"),
        ("成都样宽食品股份有限责任公司", ("成都",), "样宽", ("食品",), "股份公司"),
        ("成都高新技术产业开发区样品科技有限公司", ("成都",), "样品", ("科技",), "有限公司"),
        ("四川天府新区样品科技有限公司", ("四川",), "样品", ("科技",), "有限公司"),
        ("上海开发区建设有限公司", ("上海",), "上海", ("开发区", "建设"), "有限公司"),
        ("成都样品科技有限公", ("成都",), "样品", ("科技",), "有限公司"),
        ("成都样品科技有限公司司", ("成都",), "样品", ("科技",), "有限公司"),
    ],
)
def test_the_four_parts(text, regions, trade_name, industry, form):
    name = parse_name(text, WORDS)
    assert (name.script, name.regions, name.trade_name, name.industry, name.form) == (
        HAN, regions, trade_name, industry, form,
    )  # fmt: skip


def test_shops_and_works_behind_a_company_are_its_places():
    for tail in ("南京东路店", "第二门店", "徐汇经营部", "金山化工厂"):
        shop = parse_name(f"上海样品电子有限公司{tail}", WORDS)
        assert (shop.regions, shop.trade_name, shop.form, shop.branch) == (
            ("上海",),
            "样品",
            "有限公司",
            tail,
        )
    assert parse_name("浦东新区样品面馆经营部", WORDS).branch == ""


def test_a_former_name_in_brackets_is_no_part_of_the_name():
    text = "北京样节科技有限公司（曾用名：北京今日样条科技有限公司）"
    assert parse_name(text, WORDS) == parse_name("北京样节科技有限公司", WORDS)
    assert former_names(text) == ("北京今日样条科技有限公司",)
    assert former_names("样品（原）商店") == ()
    assert parse_name("样品(原)商店", WORDS).full == "样品商店"


def test_branches_bear_the_name_of_their_enterprise():
    whole = parse_name("上海样安邦宝电子有限公司", WORDS)
    branch = parse_name("上海样安邦宝电子有限公司浦东分公司", WORDS)
    assert branch.branch == "浦东分公司"
    assert (branch.core, branch.form) == (whole.core, whole.form)
    assert parse_name("中国样银行上海市分行", WORDS).branch == "上海市分行"


def test_writings_of_one_name_are_one():
    writings = (
        "宝山钢铁股份有限公司",
        "寶山鋼鐵股份有限公司",
        " 宝山钢铁 股份有限公司",
        "宝山钢铁\u200b股份有限公司",
    )
    assert len({parse_name(text, WORDS) for text in writings}) == 1
    assert normalise_name("ＡＢＣ（中国）", WORDS) == "abc(中国)"
    assert parse_name("样品(集团)有限公司", WORDS).group
    assert parse_name("样品集团有限公司", WORDS).core == parse_name("样品(集团)有限公司", WORDS).core


def test_latin_names_are_words():
    name = parse_name("Shanghai Electric Group Company Limited", WORDS)
    assert (name.script, name.words, name.form, name.group) == (LATIN, ("shanghai", "electric"), "ltd", True)
    assert parse_name("Société Générale S.A.", WORDS).core == parse_name("SOCIETE GENERALE SA", WORDS).core
    assert parse_name("One-Two-Three plc", WORDS).words == ("one", "two", "three")


def test_short_names_of_custom():
    assert "宝钢" in abbreviations(parse_name("宝山钢铁股份有限公司", WORDS))
    assert "上汽" in abbreviations(parse_name("上海汽车集团股份有限公司", WORDS))
    assert abbreviations(parse_name("Steel Ltd", WORDS)) == ()


@pytest.mark.parametrize("text", ["", "   ", "（）", "\u200b", "---", "\x00", "!!!"])
def test_no_name_is_empty(text):
    assert parse_name(text, WORDS).script == EMPTY


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=300))
def test_no_text_makes_it_fail(text):
    name = parse_name(text, WORDS)
    assert (name.script == EMPTY) == (name.full == "")
    assert len(name.full) <= 200 * 4


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(sorted(WORDS.regions)), st.text("安邦宝昌辰创达", min_size=2, max_size=4),
       st.sampled_from(sorted(WORDS.industries)), st.sampled_from(["有限公司", "股份有限公司"]))  # fmt: skip
@example("乾安县", "宝昌", "科技", "有限公司")
def test_what_is_put_together_is_taken_apart(region, trade_name, industry, form):
    assume(not trade_name.startswith("安达"))  # a city, the only one of these letters
    name = parse_name(region + trade_name + industry + form, WORDS)
    assert name.regions[-1] == WORDS.regions[region]
    assert name.core == trade_name + industry
    assert name.form == WORDS.forms[form]
