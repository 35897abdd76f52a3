"""Chinese names as people write them in pinyin or English; the truth is known.

Made after the customs of such names, not after the parser's words: the English words below are this file's own, some of
them are in no pack, characters are read by pypinyin as in the whole name, and some spellings are wrong.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pypinyin import Style, lazy_pinyin, pinyin

from benchmarks.matching.synthetic import Company, Maker, Names

ENGLISH: dict[str, tuple[str, ...]] = {
    "农业科技": ("Agricultural Technology", "Agritech"),
    "生态农业": ("Ecological Agriculture", "Eco-Agriculture"),
    "水产养殖": ("Aquaculture", "Aquatic Breeding"),
    "矿业": ("Mining",),
    "石油技术": ("Petroleum Technology", "Oil Tech"),
    "食品": ("Food", "Foods", "Foodstuff"),
    "饮料": ("Beverage", "Drinks"),
    "粮油": ("Grain & Oil", "Cereals and Oils"),
    "服饰": ("Apparel", "Garments", "Fashion"),
    "纺织科技": ("Textile Technology",),
    "家居": ("Home Furnishing", "Household"),
    "印务": ("Printing",),
    "纸业": ("Paper",),
    "文体用品": ("Stationery & Sports Goods",),
    "石化": ("Petrochemical",),
    "能源化工": ("Energy & Chemical",),
    "化工": ("Chemical", "Chemicals", "Chemical Industry"),
    "新材料": ("New Materials", "Advanced Materials"),
    "生物医药": ("Biomedicine", "Bio-Pharmaceutical"),
    "塑胶": ("Plastic", "Plastics & Rubber"),
    "建材": ("Building Materials",),
    "玻璃": ("Glass",),
    "水泥": ("Cement",),
    "钢铁": ("Steel", "Iron & Steel"),
    "金属材料": ("Metal Materials",),
    "有色金属": ("Nonferrous Metals", "Non-ferrous Metal"),
    "金属制品": ("Metal Products",),
    "五金": ("Hardware",),
    "机械设备": ("Machinery & Equipment", "Mechanical Equipment"),
    "智能装备": ("Intelligent Equipment", "Smart Equipment"),
    "设备修理": ("Equipment Repair",),
    "汽车部件": ("Auto Parts", "Automotive Components"),
    "船舶": ("Shipbuilding", "Ship"),
    "新能源汽车": ("New Energy Vehicle", "New Energy Automobile"),
    "电气": ("Electric", "Electrical"),
    "电机": ("Motor", "Electric Machinery"),
    "电池": ("Battery",),
    "电子": ("Electronics", "Electronic"),
    "集成电路": ("Integrated Circuit", "IC"),
    "仪器仪表": ("Instruments", "Instrument & Meter"),
    "通信设备": ("Communication Equipment", "Telecom Equipment"),
    "再生资源": ("Renewable Resources", "Recycling Resources"),
    "环保材料": ("Environmental Materials",),
    "电力": ("Electric Power", "Power"),
    "热电": ("Thermal Power", "Thermoelectricity"),
    "新能源发电": ("New Energy Power Generation",),
    "燃气": ("Gas",),
    "水务": ("Water", "Water Affairs"),
    "建设工程": ("Construction Engineering", "Construction"),
    "装饰": ("Decoration",),
    "安装工程": ("Installation Engineering",),
    "物流": ("Logistics",),
    "航运": ("Shipping",),
    "国际货运代理": ("International Freight Forwarding", "Int'l Forwarding"),
    "仓储": ("Warehousing", "Storage"),
    "信息技术": ("Information Technology", "Info Tech"),
    "软件": ("Software",),
    "网络科技": ("Network Technology", "Net Tech", "Internet Technology"),
    "数据服务": ("Data Service", "Data Services"),
    "贸易": ("Trading", "Trade"),
    "商贸": ("Commercial and Trading", "Trading"),
    "国际贸易": ("International Trade", "Int'l Trading"),
    "百货": ("Department Store", "General Merchandise"),
    "电子商务": ("E-Commerce", "Electronic Commerce"),
    "餐饮管理": ("Catering Management", "Restaurant Management"),
    "酒店管理": ("Hotel Management",),
    "餐饮": ("Catering",),
    "融资租赁": ("Financial Leasing", "Finance Lease"),
    "资产管理": ("Asset Management",),
    "保险经纪": ("Insurance Brokers",),
    "房地产开发": ("Real Estate Development", "Property Development"),
    "置业": ("Properties", "Real Estate"),
    "物业管理": ("Property Management",),
    "企业管理咨询": ("Business Management Consulting", "Enterprise Management Consulting"),
    "商务服务": ("Business Services",),
    "人力资源": ("Human Resources", "HR"),
    "广告": ("Advertising",),
    "科技": ("Technology", "Science and Technology", "Sci-Tech", "Tech"),
    "检测技术": ("Testing Technology", "Inspection Technology"),
    "工程设计": ("Engineering Design",),
    "环境服务": ("Environmental Services",),
    "家政服务": ("Housekeeping Service",),
    "汽车维修": ("Auto Repair", "Automobile Maintenance"),
    "教育科技": ("Education Technology", "Edtech"),
    "医疗管理": ("Medical Management", "Healthcare Management"),
    "文化传播": ("Culture Communication", "Cultural Media"),
    "体育": ("Sports",),
}
"""English words for trades as firms choose them; those of the sample city's trades."""
ENGLISH_FORMS: dict[str, tuple[str, ...]] = {
    "有限公司": ("Co., Ltd.", "Co.,Ltd", "CO., LTD", "Company Limited", "Limited", "Co Ltd", ""),
    "有限责任公司": ("Co., Ltd.", "Limited Liability Company", "Co., Ltd"),
    "股份有限公司": ("Co., Ltd.", "Joint Stock Co., Ltd.", "Corporation Limited", "Inc.", "Corp."),
    "集团有限公司": ("Group Co., Ltd.", "Group Company Limited", "(Group) Co., Ltd."),
    "集团股份有限公司": ("Group Co., Ltd.", "Group Corporation"),
    "合伙企业（有限合伙）": ("(Limited Partnership)", "LP", "Partnership"),
    "厂": ("Factory", "Works"),
    "商行": ("Trading Firm", "Store"),
    "服务部": ("Service Department",),
    "经营部": ("Business Department",),
}
ODD_PLACES = {
    "陕西": "Shaanxi",
    "内蒙古": "Inner Mongolia",
    "西藏": "Tibet",
    "香港": "Hong Kong",
    "澳门": "Macau",
}
_VOWEL = "aeiou"


@dataclass
class RomanWriter:
    """Writes Chinese names in Latin letters; the same seed gives the same writings."""

    random: np.random.Generator

    def chance(self, share: float) -> bool:
        """Return true in a share of cases."""
        return bool(self.random.random() < share)

    def pick(self, words: Sequence[str]) -> str:
        """Return one of the words."""
        return words[int(self.random.integers(len(words)))]

    def written(self, region: str, trade: str, industry: str, form: str) -> str:
        """Return a name in pinyin or in English, in one of the ways that such names are written."""
        english = self.chance(0.6) and industry in ENGLISH
        place = self._region(region)
        own = self._trade(trade, region + trade + industry + form)
        kind = self.pick(ENGLISH[industry]) if english else self._words(industry)
        ending = self.pick(ENGLISH_FORMS[form]) if english or self.chance(0.3) else self._words(form)
        if place and self.chance(0.08):
            text = f"{own} {kind} ({place}) {ending}"
        elif place and self.chance(0.05):
            text = f"{own} {kind} {ending}"
        else:
            text = f"{place} {own} {kind} {ending}"
        return self._dressed(re.sub(r"\s+", " ", text).strip())

    def _region(self, region: str) -> str:
        short = region.removesuffix("省").removesuffix("市")
        if not short:
            return ""
        spelt = ODD_PLACES.get(short) or self._joined(lazy_pinyin(short)).capitalize()
        if region != short and self.chance(0.3):
            return spelt + self.pick((" City", " Shi") if region.endswith("市") else (" Province", " Sheng"))
        return spelt

    def _trade(self, trade: str, whole: str) -> str:
        told = lazy_pinyin(whole)
        start = whole.index(trade)
        parts = told[start : start + len(trade)] if len(told) == len(whole) else lazy_pinyin(trade)
        if self.chance(0.03):  # somebody reads a character in another way
            place = int(self.random.integers(len(parts)))
            parts[place] = self.pick(pinyin(trade[place], style=Style.NORMAL, heteronym=True)[0])
        if self.chance(0.04):  # or misspells it
            place = int(self.random.integers(len(parts)))
            parts[place] = self._slip(parts[place])
        parts = [self._umlaut(one) for one in parts]
        way = self.random.random()
        if way < 0.55:
            return self._joined(parts).capitalize()
        if way < 0.75:
            return " ".join(one.capitalize() for one in parts)
        if way < 0.88:
            return "".join(one.capitalize() for one in parts)
        return "-".join(one.capitalize() for one in parts)

    def _umlaut(self, syllable: str) -> str:
        bare = syllable.replace("ü", "v")
        if bare[:1] in "ln" and "v" in bare:
            return bare.replace("v", self.pick(("v", "u", "yu", "ü", "v")))
        return bare

    def _slip(self, syllable: str) -> str:
        for before, after in (
            ("zh", "z"),
            ("sh", "s"),
            ("ch", "c"),
            ("ng", "n"),
            ("n", "ng"),
            ("l", "n"),
            ("f", "h"),
        ):
            if before in syllable and self.chance(0.6):
                return syllable.replace(before, after, 1)
        return syllable[:-1] or syllable

    def _joined(self, parts: Sequence[str]) -> str:
        text = parts[0]
        for one in parts[1:]:
            apart = one[0] in _VOWEL and self.chance(0.6)
            text += ("'" if apart else "") + one
        return text

    def _words(self, chinese: str) -> str:
        """Return words in pinyin: syllables two and two, or one by one, or together."""
        text = chinese.replace("（", "").replace("）", "")
        told = lazy_pinyin(text)
        way = self.random.random()
        step = 2 if way < 0.8 else 1 if way < 0.93 else len(told)
        return " ".join("".join(told[at : at + step]).capitalize() for at in range(0, len(told), step))

    def _dressed(self, text: str) -> str:
        way = self.random.random()
        if way < 0.3:
            return text.upper()
        if way < 0.4:
            return text.lower()
        if way < 0.45:
            return text.replace(" ", "  ").replace(",", " ,")
        if way < 0.48:
            return "".join(chr(ord(mark) + 0xFEE0) if "!" <= mark <= "~" else mark for mark in text)
        return text


def homophone(trade: str, letters: str, random: np.random.Generator) -> str:
    """Return a trade name of other characters with the same pinyin where `letters` has any, else the same."""
    sound: dict[str, list[str]] = {}
    for one in letters:
        sound.setdefault(lazy_pinyin(one)[0], []).append(one)
    others = [sound.get(lazy_pinyin(one)[0], [one]) for one in trade]
    return "".join(choice[int(random.integers(len(choice)))] for choice in others)


def roman_names(maker: Maker, companies: int, queries: int, *, unknown: float = 0.3) -> Names:
    """Return companies with Chinese names, names looked for in pinyin and English, no two the same, and the truth.

    Args:
        maker: makes the Chinese names, of trades that `ENGLISH` knows.
        companies: how many companies; Latin ones are among them as the maker draws them.
        queries: how many names.
        unknown: part of the names that belong to no company here, two in five of them close to one that does.
    """
    maker.industries = list(ENGLISH)
    writer = RomanWriter(maker.random)
    listed = maker.companies(companies)
    taken = {one.name for one in listed}
    texts: dict[str, int] = {}
    while len(texts) < queries:
        place = int(maker.random.integers(len(listed)))
        own: Company = listed[place]
        if own.latin or not own.trade or own.form not in ENGLISH_FORMS:
            continue
        if maker.random.random() < unknown:
            own = maker.relative(own) if maker.random.random() < 0.4 else maker.company()
            if own.latin or not own.trade or own.name in taken or own.form not in ENGLISH_FORMS:
                continue
            place = -1
        texts.setdefault(writer.written(own.region, own.trade, own.industry + own.second, own.form), place)
    return Names([one.name for one in listed], list(texts), np.array(list(texts.values())))
