"""Names to companies: those that an alias and Jaro-Winkler rule confuses or misses, and what holds for any names."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.enterprise_name import NameWords
from lvshu.core.errors import MethodError
from lvshu.linkage.names.blocking import Limits
from lvshu.linkage.names.calibration import calibration_error, fit_choice, fit_isotonic, fit_logistic
from lvshu.linkage.names.matcher import Matcher, Ranked
from lvshu.linkage.names.scoring import Weights, edit_distance

LIBRARY = PackLibrary.load(None)
WORDS = NameWords.of(LIBRARY["name_parts"].rows, LIBRARY["traditional_characters"].rows)
WEIGHTS = Weights.of(LIBRARY["name_match_weights"].rows)
ACCEPT = 0.9
COMPANIES = [
    "华能国际电力股份有限公司", "华电国际电力股份有限公司", "上海汽车集团股份有限公司", "广州汽车集团股份有限公司",
    "宝山钢铁股份有限公司", "中国神华能源股份有限公司", "上海电力股份有限公司", "上海电气集团股份有限公司",
    "浙江浙能电力股份有限公司", "浙江省能源集团有限公司", "Shanghai Electric Power Co., Ltd.",
    "Shanghai Electric Group Company Limited", "中国石油天然气股份有限公司", "中国石油化工股份有限公司",
    "马鞍山钢铁股份有限公司", "鞍钢股份有限公司",
]  # fmt: skip


def matcher(companies: list[str], **limits: int) -> Matcher:
    return Matcher.of(companies, WORDS, WEIGHTS, limits=Limits(**limits))


MADE = matcher(COMPANIES)


def best(ranked: Ranked, query: int) -> tuple[int, float, bool] | None:
    chosen = (ranked.query == query) & (ranked.rank == 1)
    if not chosen.any():
        return None
    return (
        int(ranked.company[chosen][0]),
        round(float(ranked.probability[chosen][0]), 9),
        bool(ranked.sure[chosen][0]),
    )


ALIASES = {
    "华能国际": 0, "华电国际": 1, "上海汽车": 2, "上汽集团": 2, "广汽集团": 3, "广州汽车": 3,
    "宝山钢铁": 4, "宝钢股份": 4, "寶山鋼鐵股份有限公司": 4, "中国神华": 5, "上海电力": 6, "上海电气": 7,
    "浙能电力": 8, "浙江能源集团": 9, "Shanghai Electric Power": 10, "SHANGHAI ELECTRIC GROUP CO LTD": 11,
    "中国石油化工": 13, "华能国际电力股份有限公司上海分公司": 0,
}  # fmt: skip


def test_every_alias_leads_to_its_own_company():
    ranked = matcher(COMPANIES).rank(list(ALIASES))
    for query, (alias, company) in enumerate(ALIASES.items()):
        found = best(ranked, query)
        assert found is not None, alias
        assert (found[0], found[1] >= 0.1) == (company, True), (alias, COMPANIES[found[0]], found[1])


@pytest.mark.parametrize(
    "alias",
    [
        "上海汽车",
        "宝山钢铁",
        "中国神华",
        "上海电力",
        "上海电气",
        "浙能电力",
        "浙江能源集团",
        "Shanghai Electric Power",
    ],
)
def test_what_jaro_winkler_misses_is_taken_without_a_look(alias):
    found = best(MADE.rank([alias]), 0)
    assert found is not None
    assert found[0] == ALIASES[alias]
    assert found[1] >= ACCEPT
    assert found[2]


@pytest.mark.parametrize("company", COMPANIES)
def test_no_company_is_taken_for_another(company):
    others = [other for other in COMPANIES if other != company]
    found = best(matcher(others).rank([company]), 0)
    assert found is None or not (found[1] >= ACCEPT and found[2]), (company, others[found[0]], found)


CONFUSED = [
    ("华能国际", "华电国际电力股份有限公司"), ("华电国际", "华能国际电力股份有限公司"),
    ("上汽", "广州汽车集团股份有限公司"), ("广汽", "上海汽车集团股份有限公司"),
    ("上汽集团", "广州汽车集团股份有限公司"), ("浙能电力", "浙江省能源集团有限公司"),
    ("浙江省能源集团", "浙江浙能电力股份有限公司"),
    ("Shanghai Electric Power", "Shanghai Electric Group Company Limited"),
    ("Shanghai Electric Group", "Shanghai Electric Power Co., Ltd."),
]  # fmt: skip
"""Short names against the one company that an alias rule with Jaro-Winkler (0.85 to 0.95) takes them for."""


@pytest.mark.parametrize(("alias", "company"), CONFUSED)
def test_a_short_name_is_not_taken_for_its_neighbour_even_when_alone(alias, company):
    found = best(matcher([company, "马鞍山钢铁股份有限公司"]).rank([alias]), 0)
    assert found is None or (found[1] < 0.1 and not found[2]), found


@pytest.mark.parametrize(
    ("alias", "company"),
    [("上海电力", 6), ("宝山钢铁", 4), ("中国神华", 5), ("华能国际", 0), ("华电国际", 1)],
)
def test_a_short_name_leads_to_its_own_company_far_ahead_of_the_next(alias, company):
    ranked = MADE.rank([alias])
    assert ranked.company[0] == company and ranked.sure[0]
    assert ranked.probability[0] > 0.6
    assert ranked.probability[0] - (ranked.probability[1] if len(ranked.probability) > 1 else 0) > 0.6


def test_two_companies_of_one_name_are_not_chosen_between():
    ranked = matcher(["上海样品科技有限公司", "上海样品科技有限公司", "别家贸易有限公司"]).rank(
        ["上海样品科技有限公司"]
    )
    assert ranked.probability[:2] == pytest.approx([0.5, 0.5], abs=0.01)
    assert set(ranked.company[:2].tolist()) == {0, 1}


def test_other_names_of_one_company_count_once():
    names = ["宝山钢铁股份有限公司", "宝钢", "马鞍山钢铁股份有限公司"]
    made = Matcher.of(names, WORDS, WEIGHTS, company=np.array([0, 0, 1]))
    ranked = made.rank(["宝钢"])
    assert ranked.company.tolist() == [0]
    assert ranked.probability[0] > ACCEPT
    assert ranked.name.tolist() == [1]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text("华能电国际上海汽车宝山钢铁有限公司集团()ab ", max_size=14), min_size=1, max_size=8),
       st.randoms(use_true_random=False))  # fmt: skip
def test_order_of_names_changes_nothing(texts, shuffled):
    made = MADE
    order = list(range(len(texts)))
    shuffled.shuffle(order)
    first, second = made.rank(texts), made.rank([texts[place] for place in order])
    assert [best(first, place) for place in order] == [best(second, query) for query in range(len(texts))]
    total = np.bincount(first.query, weights=first.probability, minlength=len(texts))
    assert (total <= 1 + 1e-9).all()


def test_hostile_and_empty_texts_have_no_company():
    ranked = matcher(COMPANIES).rank(
        ["", "'; DROP TABLE loan; --", "=cmd|' /C calc'!A0", "\u200b\u202e", "公司", "a" * 5000]
    )
    assert not ((ranked.probability >= ACCEPT) & ranked.sure).any()


def test_no_companies_at_all():
    assert len(matcher([]).rank(["宝山钢铁"]).query) == 0
    assert len(matcher(COMPANIES).rank([]).query) == 0


def test_common_grams_do_not_multiply_the_work():
    many = [
        f"上海{first}{second}科技有限公司"
        for first in "安邦宝昌辰创达德登鼎东恩帆方丰"
        for second in "峰福富冈高歌格冠光广桂国海涵航"
    ]
    made = matcher(many, budget=10, commonest=50, kept=3)
    ranked = made.rank(many)
    assert np.bincount(ranked.query).max() <= 3
    assert [best(ranked, row)[0] for row in range(len(many))] == list(range(len(many)))


def _distance(first: str, second: str) -> int:
    """Restricted Damerau-Levenshtein distance by its recursion."""
    if not first or not second:
        return len(first) + len(second)
    options = [
        _distance(first[:-1], second) + 1,
        _distance(first, second[:-1]) + 1,
        _distance(first[:-1], second[:-1]) + (first[-1] != second[-1]),
    ]
    if len(first) > 1 and len(second) > 1 and first[-1] == second[-2] and first[-2] == second[-1]:
        options.append(_distance(first[:-2], second[:-2]) + 1)
    return min(options)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.text("abc", max_size=5), st.text("abc", max_size=5)), min_size=1, max_size=5))
def test_distance_is_that_of_its_definition(pairs):
    codes = [
        np.array([[ord(letter) for letter in text.ljust(5, "\0")] for text in side], dtype=np.int32)
        for side in zip(*pairs, strict=True)
    ]
    assert edit_distance(*codes).tolist() == [_distance(*pair) for pair in pairs]


def test_choice_model_finds_the_weights_it_was_drawn_with():
    random = np.random.default_rng(1)
    names, each = 4_000, 3
    rows = np.column_stack([np.ones(names * each), random.normal(size=(names * each, 2))])
    true = np.array([-0.5, 1.5, -1.0])
    query = np.repeat(np.arange(names), each)
    odds = np.exp(rows @ true).reshape(names, each)
    chance = np.concatenate([odds, np.ones((names, 1))], axis=1) / (1 + odds.sum(axis=1, keepdims=True))
    chosen = (chance.cumsum(axis=1) < random.random((names, 1))).sum(axis=1)
    truth = (np.arange(each)[None, :] == chosen[:, None]).ravel()
    assert fit_choice(rows, query, truth, ridge=1e-6) == pytest.approx(true, abs=0.1)


def test_logistic_of_one_feature_is_the_share_of_each_group():
    rows = np.array([[1.0, 0.0]] * 4 + [[1.0, 1.0]] * 4)
    weights = fit_logistic(rows, np.array([1, 0, 0, 0, 1, 1, 1, 0]), ridge=1e-9)
    shares = 1 / (1 + np.exp(-rows @ weights))
    assert shares[[0, 4]] == pytest.approx([0.25, 0.75], abs=1e-6)


def test_isotonic_rises_and_keeps_the_mean():
    scores = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    truth = np.array([0, 1, 0, 0, 1, 1])
    fitted = fit_isotonic(scores, truth)(scores)
    assert fitted == pytest.approx([0, 1 / 3, 1 / 3, 1 / 3, 1, 1])
    assert calibration_error(fitted, truth) < calibration_error(np.full(6, 0.9), truth)


def test_one_answer_teaches_nothing():
    for fit in (lambda: fit_logistic(np.ones((2, 1)), np.ones(2)), lambda: fit_isotonic(np.ones(2), np.zeros(2)),
                lambda: fit_choice(np.ones((2, 1)), np.arange(2), np.ones(2))):  # fmt: skip
        with pytest.raises(MethodError) as caught:
            fit()
        assert caught.value.code == "linkage.one_answer"
