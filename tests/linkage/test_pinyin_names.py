"""Names in pinyin and English beside Chinese ones: one writing, parts, and how well they find each other."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.enterprise_name import EnterpriseName, NameWords, parse_name
from lvshu.linkage.enterprises import ENTERPRISE, best_of_variants, enterprise_variants
from lvshu.linkage.link import Links, link
from lvshu.linkage.names.by_sound import worth_hearing
from lvshu.linkage.names.matcher import Matcher, Ranked
from lvshu.linkage.names.pinyin import is_pinyin, plain_letters, readings, spellings, usual_spelling
from lvshu.linkage.names.romanised import RomanWords, parse_roman, romanised
from lvshu.linkage.names.scoring import Weights
from tests.linkage.latin_names import deliveries

LIBRARY = PackLibrary.load(None)
WORDS = NameWords.of(LIBRARY["name_parts"].rows, LIBRARY["traditional_characters"].rows)
ROMAN = RomanWords.of(WORDS, LIBRARY["name_parts"].rows, LIBRARY["areas"].rows)
WEIGHTS = Weights.of(LIBRARY["name_match_weights"].rows)


def parsed(text: str) -> EnterpriseName:
    found = parse_roman(text, ROMAN)
    assert found is not None, text
    return found


@pytest.mark.parametrize(
    "text",
    [
        "Shanghai Lvshu Keji Youxian Gongsi", "SHANGHAI LYUSHU TECHNOLOGY CO., LTD", "Shanghai Lushu Tech Co.,Ltd",
        "Shànghǎi Lǜshū Kējì Yǒuxiàn Gōngsī", "Lvshu Technology (Shanghai) Co., Ltd.", "shanghailvshukejiyouxiangongsi",
        "shang hai lv shu ke ji you xian gong si", "Shanghai LvShu Science & Technology Company Limited",
        "Shanghai Lüshu Sci-Tech Co Ltd", "Shanghai Lv4shu1 Keji Youxian Gongsi",
        "Shanghai City Lü-Shu Technology Limited",
        "ＳＨＡＮＧＨＡＩ　ＬＶＳＨＵ　ＴＥＣＨＮＯＬＯＧＹ　ＣＯ．，ＬＴＤ．",
    ],
)  # fmt: skip
def test_one_name_in_many_spellings_has_one_set_of_parts(text: str) -> None:
    name = parsed(text)
    [own] = romanised(parse_name("上海绿枢科技有限公司", WORDS), ROMAN)
    assert (name.regions, name.trade_name, name.industry) == (own.regions, "lushu", ("technology",)), name


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        ("Xi'an HengRui Wangluo Keji Co.,Ltd.", "西安恒瑞网络科技有限公司"),
        ("Zhejiang Dahua Technology Co., Ltd.", "浙江大华技术股份有限公司"),
        ("Sichuan Changhong Electric Co., Ltd.", "四川长虹电器股份有限公司"),
        ("Chongqing Changan Automobile Company Limited", "重庆长安汽车股份有限公司"),
        ("Inner Mongolia Yili Industrial Group Co., Ltd.", "内蒙古伊利实业集团股份有限公司"),
        ("Zhengzhou Yutong Bus Co., Ltd.", "郑州宇通客车股份有限公司"),
        ("Shaanxi Coal Industry Company Limited", "陕西煤业股份有限公司"),
        ("Shanghai Electric Power Company Limited", "上海电力股份有限公司"),
        ("Xiamen Changle Xinneng Yuanfa Dian Gufen Youxian Gongsi", "厦门长乐新能源发电股份有限公司"),
        ("Shanghai Lvshu Keji Youxian Gongsi Beijing Fengongsi", "上海绿枢科技有限公司北京分公司"),
        ("Changshu Yiqian Steel Works", "常熟市益乾钢铁厂"),
    ],
)  # fmt: skip
def test_parts_agree_with_those_of_the_chinese_name(text: str, chinese: str) -> None:
    name, own = parsed(text), romanised(parse_name(chinese, WORDS), ROMAN)
    assert name.trade_name in {one.trade_name for one in own}
    assert own[0].regions[-1] in name.regions[-1].split("/")
    assert set(name.industry) & set(own[0].industry)
    assert (name.branch, name.group) == (own[0].branch, own[0].group)


@pytest.mark.parametrize(
    "text",
    ["Siemens AG", "Société Générale S.A.", "Apple Inc", "Bright Dairy & Food Co., Ltd.", "Kweichow Moutai Co., Ltd.",
     "Tsingtao Brewery Company Limited", "上海绿枢科技有限公司", "", "'", "Ltd", "=cmd|' /C calc'!A0"],
)  # fmt: skip
def test_what_is_no_pinyin_is_not_read_as_pinyin(text: str) -> None:
    assert parse_roman(text, ROMAN) is None


def test_regions_that_are_written_alike_stay_open() -> None:
    assert set(parsed("Fuzhou Hengrui Trading Co., Ltd.").regions[0].split("/")) == {"福州", "抚州"}
    assert parsed("Fujian Fuzhou Hengrui Trading Co., Ltd.").regions[0] == "福建"


def test_characters_are_read_in_every_way() -> None:
    assert set(spellings("长乐")) == {"changle", "zhangle", "changyue", "zhangyue"}
    assert {"zhong", "chong"} <= set(readings("重")) and "qian" in readings("干")
    assert (usual_spelling("重庆"), usual_spelling("银行"), usual_spelling("厦门")) == (
        "chongqing",
        "yinhang",
        "xiamen",
    )
    assert {plain_letters(one) for one in ("Lvshu", "LYUSHU", "lüshu", "Lu-shu")} == {"lushu"}
    assert is_pinyin("xian") and not is_pinyin("bright")


@settings(max_examples=100, deadline=None)
@given(st.text("abeghiklnoqrsuvxyzü' .,-()（）0123ＡＢ上海公司", max_size=40))
def test_no_text_makes_it_fail(text: str) -> None:
    name = parse_roman(text, ROMAN)
    assert name is None or name.trade_name


COMPANIES = [
    "上海绿枢科技有限公司", "上海路书科技有限公司", "上海恒瑞网络科技有限公司", "杭州恒瑞网络科技有限公司",
    "重庆长安汽车股份有限公司", "上海安达物流有限公司", "上海安达国际贸易有限公司", "厦门长乐电子有限公司",
]  # fmt: skip


def rank(texts: list[str], companies: list[str] = COMPANIES) -> Ranked:
    return Matcher.of(companies, WORDS, WEIGHTS, roman=ROMAN).rank(texts)


@pytest.mark.parametrize(
    ("text", "company"),
    [
        ("Hangzhou Hengrui Wangluo Keji Co.,Ltd.", 3), ("SHANGHAI HENG RUI NETWORK TECHNOLOGY CO LTD", 2),
        ("Chongqing Changan Automobile Company Limited", 4), ("Shanghai An'da Logistics Co., Ltd.", 5),
        ("Xiamen Changle Dianzi Youxian Gongsi", 7),
    ],
)  # fmt: skip
def test_a_name_in_pinyin_finds_its_company(text: str, company: int) -> None:
    ranked = rank([text])
    assert ranked.company[0] == company and ranked.probability[0] > 0.9 and ranked.sure[0]


def test_names_that_sound_alike_are_not_chosen_between() -> None:
    ranked = rank(["Shanghai Lvshu Keji Youxian Gongsi"])
    assert set(ranked.company[:2].tolist()) == {0, 1}
    assert ranked.probability[:2] == pytest.approx([0.5, 0.5], abs=0.05)


def test_without_region_or_with_another_trade_or_branch_a_person_looks() -> None:
    texts = ["Hengrui Network Technology Co., Ltd.", "Shanghai Anda Restaurant Co., Ltd.",
             "Beijing Hengrui Network Technology Co., Ltd.",
             "Hangzhou Hengrui Network Technology Co., Ltd. Beijing Branch",
             "Hangzhou Henrui Network Technology Co., Ltd."]  # fmt: skip
    ranked = rank(texts)
    best = ranked.rank == 1
    assert not ((ranked.probability >= 0.9) & ranked.sure)[best][:3].any()
    assert not ranked.sure[best][4]


def test_a_chinese_name_finds_a_company_known_in_pinyin_alone_for_a_person_to_confirm() -> None:
    ranked = rank(["上海绿枢科技有限公司"], ["Shanghai Lvshu Technology Co., Ltd.", "上海安达物流有限公司"])
    assert ranked.company[0] == 0 and not ranked.sure[0]


def test_chinese_names_are_ranked_as_without_pinyin() -> None:
    with_it, without = rank(COMPANIES), Matcher.of(COMPANIES, WORDS, WEIGHTS).rank(COMPANIES)
    assert np.array_equal(with_it.company, without.company)
    assert np.array_equal(with_it.probability, without.probability)


def test_names_of_a_long_list_that_sound_alike_are_kept() -> None:
    found = worth_hearing(COMPANIES, ["Hangzhou Hengrui Wangluo Keji Co.,Ltd.", "上海安达物流"], ROMAN)
    assert found.tolist() == [False, False, True, True, False, False, False, False]


def linked(seed: int, latin: float, roman: RomanWords | None) -> tuple[Links, dict[str, float]]:
    """Return links of two deliveries, and precision and recall at 0.5 of pairs of two scripts and of one."""
    records, unit, foreign = deliveries(600, seed, latin=latin)
    made = enterprise_variants(records, WORDS, roman)
    links = link(made.table, ENTERPRISE)
    left, right, row = best_of_variants(links.left, links.right, links.weight, made.record)
    units, scripts = np.array(unit), np.array(foreign)
    rows_of = Counter(unit)
    first = {number: row for row, number in reversed(list(enumerate(unit)))}
    last = {number: row for row, number in enumerate(unit)}
    both = [number for number, count in rows_of.items() if count == 2]
    told = {}
    for name, mixed in (("two", True), ("one", False)):
        whole = sum(bool(scripts[first[number]] != scripts[last[number]]) == mixed for number in both)
        taken = ((scripts[left] != scripts[right]) == mixed) & (links.probability[row] >= 0.5)
        right_ones = int((units[left] == units[right])[taken].sum())
        told[f"precision {name}"] = right_ones / max(int(taken.sum()), 1)
        told[f"recall {name}"] = right_ones / max(whole, 1)
    return links, told


def test_records_in_pinyin_and_english_join_the_chinese_ones() -> None:
    _, before = linked(5, 0.3, None)
    links, after = linked(5, 0.3, ROMAN)
    assert before["recall two"] < 0.4  # by telephone alone
    assert after["recall two"] > 0.93 and after["precision two"] > 0.95
    assert after["recall one"] >= before["recall one"] - 0.01
    assert after["precision one"] >= before["precision one"] - 0.01
    block = {one.key: one for one in links.blocks}["trade name in pinyin"]
    assert 0 < block.pairs < 5 * links.count


def test_a_spelling_that_several_trade_names_share_proves_less() -> None:
    records, _, _ = deliveries(600, 6, latin=0.4)
    made = enterprise_variants(records, WORDS, ROMAN)
    links = link(made.table, ENTERPRISE)
    bearers: dict[str, set[str]] = {}
    spelt = made.table["trade_pinyin"].to_pylist()
    for letters, trade in zip(spelt, made.table["trade_name"].to_pylist(), strict=True):
        if letters and trade:
            bearers.setdefault(letters, set()).add(trade)
    told: dict[bool, list[float]] = {True: [], False: []}
    for one, two, weight in zip(links.left, links.right, links.evidence["trade_pinyin"], strict=True):
        if weight and spelt[one] == spelt[two]:
            told[len(bearers[spelt[one]]) > 1].append(float(weight))
    assert len(told[True]) >= 10 and np.median(told[True]) < np.median(told[False]) - 0.5


def test_pinyin_is_compared_between_scripts_alone() -> None:
    links, _ = linked(7, 0.3, ROMAN)
    both = (links.evidence["trade_pinyin"] != 0) & (links.evidence["trade_name"] != 0)
    assert not both.any() and (links.evidence["trade_pinyin"] != 0).any()
