"""Enterprises with Chinese names in one delivery and in pinyin or English in the other; which are one is known.

The spelling follows the customs of such names, by pypinyin and words of this file, not by the parser's words.
"""

from __future__ import annotations

import random

from pypinyin import lazy_pinyin

MARKS = "安达宏远盛世金源恒泰云海鼎瑞华嘉丰禾信诚宇航绿枢长乐重单行曾解"
TRADES = {
    "科技": ("Technology", "Tech"),
    "网络科技": ("Network Technology",),
    "国际贸易": ("International Trading",),
    "餐饮管理": ("Catering Management",),
    "建筑工程": ("Construction Engineering",),
    "机械设备": ("Machinery Equipment",),
    "物流": ("Logistics",),
    "电子": ("Electronics",),
}
PLACES = ("上海", "洛阳", "西安", "杭州", "厦门")


def english(draw: random.Random, place: str, trade: str, kind: str) -> str:
    """Return a name in pinyin or English, as some clerk writes it."""
    parts = [one.replace("lv", draw.choice(("lv", "lu", "lyu", "lü"))) for one in lazy_pinyin(trade)]
    own = draw.choice(("".join(parts).capitalize(), " ".join(map(str.capitalize, parts))))
    where = "Xi'an" if place == "西安" else "".join(lazy_pinyin(place)).capitalize()
    if draw.random() < 0.5:
        text = f"{where} {own} {draw.choice(TRADES[kind])} {draw.choice(('Co., Ltd.', 'CO.,LTD', 'Company Limited'))}"
    else:
        told = lazy_pinyin(kind)
        words = ["".join(told[at : at + 2]).capitalize() for at in range(0, len(told), 2)]
        text = f"{where} {own} {' '.join(words)} Youxian Gongsi"
    return text.upper() if draw.random() < 0.3 else text


def deliveries(
    count: int, seed: int, *, latin: float = 0.3, marked: float = 0.4
) -> tuple[dict[str, list[str | None]], list[int], list[bool]]:
    """Return records of two deliveries as `enterprise_variants` takes them, the enterprise of each, and which of them
    have a name in Latin letters.

    Args:
        count: enterprises; nine in ten of them are in the second delivery too, which has a tenth of its own.
        seed: of the draw.
        latin: part of the names of the second delivery in pinyin or English.
        marked: part of the records of both that have the telephone.
    """
    draw = random.Random(seed)
    rows: list[tuple[int, str, bool, str | None, str]] = []
    seen: set[str] = set()
    while len(seen) < count:
        place, kind = draw.choice(PLACES), draw.choice(list(TRADES))
        trade = "".join(draw.choices(MARKS, k=draw.choice((2, 2, 3))))
        name = f"{place}{trade}{kind}有限公司"
        if name in seen:
            continue
        number = len(seen)
        seen.add(name)
        phone, district = f"{number:09d}", f"3101{draw.randint(1, 16):02d}"
        here = number % 10 != 9
        if here:
            rows.append((number, name, False, phone if draw.random() < marked else None, district))
        if number % 10 != 8:
            foreign = draw.random() < latin
            text = english(draw, place, trade, kind) if foreign else name
            rows.append((number, text, foreign, phone if draw.random() < marked else None, district))
    empty: list[str | None] = [None] * len(rows)
    listed = ("uscc", "former_name", "english_name", "address", "representative_hash", "industry_code",
              "registered_on")  # fmt: skip
    records: dict[str, list[str | None]] = dict.fromkeys(listed, empty)
    records |= {"name": [row[1] for row in rows], "phone_hash": [row[3] for row in rows],
                "district_code": [row[4] for row in rows]}  # fmt: skip
    return records, [row[0] for row in rows], [row[2] for row in rows]
