"""Names in pinyin or English, and Chinese names, taken apart into the same parts: letters of the trade name in pinyin,
region, trade in English words, form.

绿枢: Shanghai Lvshu Keji Youxian Gongsi, SHANGHAI LYUSHU TECHNOLOGY CO., LTD. and 上海绿枢科技有限公司 have the trade
name
lushu, the region 上海 and the trade "technology". The English words are data (pack `name_parts`, kinds english_*),
regions
come from the packs `name_parts` (in pinyin) and `areas` (in English). A trade name that is translated (光明, Bright) or
spelt by another system (Tsingtao, Kweichow) has no pinyin and is not compared with characters.

Source: 企业名称登记管理规定 (国务院令第734号, 2020), articles 6-14; GB/T 16159-2012.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from lvshu.core.enterprise_name import HAN, EnterpriseName, NameWords, normalise_name
from lvshu.linkage.names.encoding import PINYIN
from lvshu.linkage.names.pinyin import is_pinyin, plain_letters, spellings, syllable_count, usual_spelling

COMPANY = "公司制"
"""Form of an English name of a company, limited or by shares: Co., Ltd. says neither."""
LEAST_SYLLABLES = 2
"""Syllables that a trade name keeps before words of trade are taken off it, as two characters of a Chinese one."""
_COMPANIES = frozenset({"有限公司", "股份公司", "公司", COMPANY})
_GLUED = 6
"""Letters that a word must have to be looked for within another: gongsi, shanghai."""
_BRACKETED = re.compile(r"[(\[{<【]([^()\[\]{}<>【】]*)[)\]}>】]")
_APOSTROPHE = re.compile(r"['’`´]")
_TONE = re.compile(r"(?<=[a-z])[1-5](?![0-9])")
_WORD = re.compile(r"[a-z0-9]+")
_MUNICIPALITIES = frozenset({"北京", "天津", "上海", "重庆"})
_LETTER = re.compile(r"[A-Za-zＡ-Ｚａ-ｚ]")
_CHINESE = re.compile(r"[㐀-鿿]")
_SMALL = frozenset({"and", "of", "the", "for", "in"})
_KINDS = ("english_industry", "english_word", "english_form", "english_group", "english_branch", "english_place",
          "english_zone")  # fmt: skip
_WAYS = (
    {"headed": True, "placed": True},
    {"headed": True, "placed": False},
    {"headed": False, "placed": False},
)
Phrase = tuple[str, ...]
_Told = TypeVar("_Told")


@dataclass(frozen=True)
class RomanWords:
    """Words that mark the parts of names in pinyin and English.

    names: the words of Chinese names. industries: word of trade -> its English words; trades: those words all together;
    same: English word -> the words it stands for; pinyin_industries: letters -> English words.
    forms, branches: English words -> form or branch in Chinese; groups, places, zones: English words.
    pinyin_forms, pinyin_branches: letters -> the same; pinyin_groups: letters.
    regions: letters -> short form of the region that they name; where several are so written, those of the largest kind
    (provinces, prefectures, districts of Shanghai, county-level cities), with "/" between them: Fuzhou is 抚州/福州.
    """

    names: NameWords
    industries: Mapping[str, Phrase] = field(default_factory=dict)
    trades: frozenset[str] = frozenset()
    same: Mapping[str, Phrase] = field(default_factory=dict)
    pinyin_industries: Mapping[str, Phrase] = field(default_factory=dict)
    forms: Mapping[Phrase, str] = field(default_factory=dict)
    branches: Mapping[Phrase, str] = field(default_factory=dict)
    groups: frozenset[Phrase] = frozenset()
    places: frozenset[Phrase] = frozenset()
    zones: frozenset[Phrase] = frozenset()
    pinyin_forms: Mapping[str, str] = field(default_factory=dict)
    pinyin_branches: Mapping[str, str] = field(default_factory=dict)
    pinyin_groups: frozenset[str] = frozenset()
    regions: Mapping[str, str] = field(default_factory=dict)
    heads: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, names: NameWords, rows: Iterable[Mapping[str, object]], areas: Iterable[Mapping[str, object]]
    ) -> RomanWords:
        """Return the words of the rows of the packs `name_parts` and `areas`."""
        kinds: dict[str, dict[str, str]] = {kind: {} for kind in _KINDS}
        for row in rows:
            if row["kind"] in kinds:
                kinds[str(row["kind"])][str(row["word"])] = str(row["common"] or "")
        listed = list(areas)
        same = {word: tuple(map(_single, told.split())) for word, told in kinds["english_word"].items()}
        industries = {word: _concepts(told.split(), same) for word, told in kinds["english_industry"].items()}
        phrases = {kind: {tuple(word.split()): told for word, told in kinds[kind].items()} for kind in _KINDS}
        return cls(
            names=names,
            industries=industries,
            trades=frozenset(word for told in industries.values() for word in told),
            same=same,
            pinyin_industries=_all_of(industries.items()),
            forms=phrases["english_form"],
            branches=phrases["english_branch"],
            groups=frozenset(phrases["english_group"]),
            places=frozenset(phrases["english_place"]),
            zones=frozenset(phrases["english_zone"]),
            pinyin_forms=_first_of(names.forms.items()),
            pinyin_branches=_first_of((word, word) for word in names.branches),
            pinyin_groups=frozenset(map(usual_spelling, names.groups)),
            regions=_regions(names, listed),
            heads=frozenset(_words_of(_plain_english(row))[0] for row in listed if row["name_en"]),
        )

    def english(self, industry: Sequence[str]) -> Phrase:
        """Return the English words of a Chinese name's words of trade; a word without any stays as it is."""
        told = (one for word in industry for one in self.industries.get(word, (word,)))
        return tuple(dict.fromkeys(told))


def has_latin(texts: Iterable[str | None]) -> bool:
    """Return whether one of the texts has letters and no Chinese character."""
    return any(text and _LETTER.search(text) and not _CHINESE.search(text) for text in texts)


def parse_roman(text: str, words: RomanWords) -> EnterpriseName | None:
    """Return the parts of a name in pinyin or English: trade name in pinyin letters, regions, form and branch in
    Chinese, trade as English words; None where it is no such name. Regions that are written alike stand as one, with
    "/"
    between them. No text makes it fail.

    Args:
        text: the name as written.
        words: the words that mark the parts.
    """
    shown = _APOSTROPHE.sub("", normalise_name(text, words.names))
    if not shown.isascii():
        return None
    tokens = _words_of(_BRACKETED.sub(" ", shown))
    if not tokens or not (tokens[0] in words.heads or is_pinyin(plain_letters(tokens[0]))):
        return None
    inner = [_words_of(one) for one in _BRACKETED.findall(shown)]
    # 建安 is written like 吉安 (Ji'an), 世 like 市: where a region or 市 leaves no trade name, it was none
    tried = (_Rest(tokens, words, **kept).taken_apart(inner) for kept in _WAYS)
    return next((name for name in tried if name is not None), None)


def each_region(name: EnterpriseName) -> list[EnterpriseName]:
    """Return a name of `parse_roman` as one of `romanised` is told, once for each region that its last one may be."""
    plain = replace(name, form=family(name.form))
    if not name.regions:
        return [_whole(plain)]
    told = name.regions[-1].split("/")
    return [_whole(replace(plain, regions=(*name.regions[:-1], one))) for one in told]


def romanised(name: EnterpriseName, words: RomanWords) -> list[EnterpriseName]:
    """Return a Chinese name with its trade name in pinyin letters, once for each way to read it, and its trade in
    English words; nothing for other names.

    Args:
        name: a parsed name.
        words: the words that mark the parts.
    """
    if name.script != HAN or not name.trade_name:
        return []
    plain = replace(name, script=PINYIN, industry=words.english(name.industry), form=family(name.form))
    if name.regions and name.trade_name == name.regions[-1]:
        return [_whole(plain)]
    return [_whole(replace(plain, trade_name=one)) for one in spellings(name.trade_name) if one]


def family(form: str) -> str:
    """Return a form as English names tell it: limited companies and those by shares are both companies."""
    return COMPANY if form in _COMPANIES else form


def _whole(name: EnterpriseName) -> EnterpriseName:
    region = name.regions[-1] if name.regions else ""
    parts = (region, name.trade_name, *name.industry, "group" if name.group else "", name.form, name.branch)
    return replace(name, full="|".join(parts))


class _Rest:
    """What is left of a name while its parts are taken off its ends."""

    def __init__(self, tokens: list[str], words: RomanWords, *, headed: bool, placed: bool) -> None:
        self.tokens = list(tokens)
        self.headed, self.placed = headed, placed
        self.words = words
        self.regions: list[str] = []
        self.trades: list[str] = []
        self.form = self.branch = ""
        self.group = False

    def taken_apart(self, inner: Sequence[list[str]]) -> EnterpriseName | None:
        words = self.words
        self._ending()
        if self.headed:
            self._heading()
        for one in inner:
            bare = one[:-1] if len(one) > 1 and (one[-1],) in words.places else one
            region = words.regions.get(plain_letters("".join(bare)))
            if region:
                self.regions.append(region)
            elif tuple(one) in words.groups or "".join(one) in words.pinyin_groups:
                self.group = True
        if not self.regions:
            self._region_at_end()
        self._industry()
        trade = plain_letters("".join(self.tokens))
        foreign = any(one in words.names.latin_forms for one in self.tokens)
        if foreign or not (self.regions or self.trades or self.form):
            return None
        if not self.tokens and self.regions and self.trades:
            trade = self.regions[-1]
        elif syllable_count(trade) < LEAST_SYLLABLES:
            return None
        return _whole(EnterpriseName("", PINYIN, tuple(self.regions), trade, tuple(dict.fromkeys(self.trades)),
                                     self.form, self.group, self.branch))  # fmt: skip

    def _tail(self, phrases: Container[Phrase], letters: Container[str]) -> tuple[int, str]:
        """Return how many words at the end are the longest of phrases or letters, and what they are, joined."""
        most = min(len(self.tokens), 8)
        for count in range(most, 0, -1):
            end = self.tokens[-count:]
            if tuple(end) in phrases:
                return count, " ".join(end)
            joined = plain_letters("".join(end))
            if joined in letters:
                return count, joined
        return 0, ""

    def _drop(self, count: int) -> None:
        del self.tokens[len(self.tokens) - count :]

    def _ending(self) -> None:
        """Take branch, form and group off the end."""
        words = self.words
        self._cut_glued(words.pinyin_forms)
        count, told = self._tail(words.branches, words.pinyin_branches)
        if count and count < len(self.tokens):
            self.branch = words.branches.get(tuple(told.split())) or words.pinyin_branches[told]
            self._drop(count)
            self.branch = self._region_at_end(keep=False) + self.branch
        while len(self.tokens) > 1:
            count, told = self._tail(words.groups, words.pinyin_groups)
            if count and count < len(self.tokens):
                self.group = True
                self._drop(count)
                continue
            count, told = self._tail(words.forms, words.pinyin_forms)
            if not count or count >= len(self.tokens) or self.form:
                return
            self.form = words.forms.get(tuple(told.split())) or words.pinyin_forms[told]
            self._drop(count)

    def _cut_glued(self, letters: Collection[str]) -> None:
        """Cut a long word at the end that ends in a form: lvshukejiyouxiangongsi."""
        if not self.tokens:
            return
        last = plain_letters(self.tokens[-1])
        found = [one for one in letters if len(one) >= _GLUED and last.endswith(one) and last != one]
        if found and last not in letters:
            ending = max(found, key=len)
            self.tokens[-1:] = [last[: -len(ending)], ending]

    def _heading(self) -> None:
        """Take regions and the zone after them off the head."""
        words = self.words
        while len(self.regions) < 3:
            for count in range(min(5, len(self.tokens)), 0, -1):
                region = words.regions.get(plain_letters("".join(self.tokens[:count])))
                if region and self._below(region) and (len(self.tokens) > count or self.form):
                    self.regions.append(region)
                    del self.tokens[:count]
                    break
            else:
                if not self._glued_region():
                    break
            self._place()
        for count in range(min(5, len(self.tokens) - 1), 0, -1):
            if self.regions and tuple(self.tokens[:count]) in words.zones:
                del self.tokens[:count]
                break

    def _place(self) -> None:
        """Take city, sheng and the like off after a region; sheng of a province alone, shi of no province."""
        for count in (2, 1):
            told = tuple(self.tokens[:count])
            if not self.placed or told not in self.words.places or len(self.tokens) <= count:
                continue
            province = self.words.names.parents.get(self.regions[-1]) == "中国"
            if (told == ("sheng",) and not province) or (
                told == ("shi",) and province and self.regions[-1] not in _MUNICIPALITIES
            ):
                continue
            del self.tokens[:count]
            return

    def _below(self, region: str) -> bool:
        found = self.regions
        return not found or found[-1] == "中国" or found[-1] in self.words.names.above(region)[1:]

    def _glued_region(self) -> bool:
        """Take a region off the head of a longer word of pinyin: shanghailvshu."""
        if not self.tokens or self.regions:
            return False
        first = plain_letters(self.tokens[0])
        for end in range(len(first) - 1, _GLUED - 1, -1):
            region = self.words.regions.get(first[:end])
            if region and syllable_count(first[end:]) >= LEAST_SYLLABLES:
                self.regions.append(region)
                self.tokens[0] = first[end:]
                return True
        return False

    def _region_at_end(self, *, keep: bool = True) -> str:
        """Take a region off the end, and return it: of a name without one at its head, or of a branch."""
        for count in range(min(4, len(self.tokens) - 1), 0, -1):
            region = self.words.regions.get(plain_letters("".join(self.tokens[-count:])))
            if region:
                self._drop(count)
                if keep:
                    self.regions.append(region)
                return region
        return ""

    def _industry(self) -> None:
        """Take words of trade off the end, in English or pinyin; words that are neither count as words of trade."""
        while self.tokens:
            told = self._english()
            if told is None:
                told = self._pinyin_industry()
            if told is None:
                return
            self.trades = [*told, *self.trades]

    def _english(self) -> Phrase | None:
        last = self.tokens[-1]
        if last in _SMALL:
            self._drop(1)
            return ()
        told = _concepts([last], self.words.same)
        known = all(one in self.words.trades for one in told)
        stranger = len(self.tokens) > 1 and not syllable_count(plain_letters(last))
        if not known and not stranger:
            return None
        self._drop(1)
        return told

    def _pinyin_industry(self) -> Phrase | None:
        letters = self.words.pinyin_industries
        for count in range(min(8, len(self.tokens) - 1), 0, -1):
            joined = plain_letters("".join(self.tokens[-count:]))
            if joined in letters and self._enough(self.tokens[:-count]):
                self._drop(count)
                return letters[joined]
        # words cut elsewhere, or not at all: Xinneng Yuanfa Dian
        for count in range(1, min(4, len(self.tokens)) + 1):
            joined = plain_letters("".join(self.tokens[-count:]))
            first = len(plain_letters(self.tokens[-count]))
            for place in range(1, first if count > 1 else len(joined) - 2):
                rest = [*self.tokens[:-count], joined[:place]]
                if joined[place:] in letters and self._enough(rest):
                    self.tokens = rest
                    return letters[joined[place:]]
        return None

    def _enough(self, tokens: Sequence[str]) -> bool:
        """Return whether what is left is a trade name, or a region stands for it."""
        return syllable_count(plain_letters("".join(tokens))) >= LEAST_SYLLABLES


def _words_of(text: str) -> list[str]:
    return _WORD.findall(_TONE.sub("", text).replace("&", " and "))


def _single(word: str) -> str:
    """Return an English word without the s of the plural: parts, logistics."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _concepts(told: Iterable[str], same: Mapping[str, Phrase]) -> Phrase:
    """Return English words in one writing: singular, synonyms as one, without and, of."""
    found: dict[str, None] = {}
    for word in told:
        single = _single(word)
        found.update(dict.fromkeys(same.get(word) or same.get(single) or (single,)))
    return tuple(one for one in found if one not in _SMALL)


def _first_of(pairs: Iterable[tuple[str, _Told]]) -> dict[str, _Told]:
    """Return by their letters what Chinese words stand for, the first of those that are written alike."""
    found: dict[str, _Told] = {}
    for word, told in pairs:
        found.setdefault(usual_spelling(word), told)
    return found


def _all_of(pairs: Iterable[tuple[str, Phrase]]) -> dict[str, Phrase]:
    """Return by their letters the English words of Chinese ones, of those that are written alike all: 纸业, 置业."""
    found: dict[str, dict[str, None]] = {}
    for word, told in pairs:
        found.setdefault(usual_spelling(word), {}).update(dict.fromkeys(told))
    return {letters: tuple(told) for letters, told in found.items()}


def _plain_english(row: Mapping[str, object]) -> str:
    return _APOSTROPHE.sub("", str(row["name_en"])).lower()


def _regions(names: NameWords, listed: Sequence[Mapping[str, object]]) -> dict[str, str]:
    """Return regions by the letters they are written in, larger ones first."""
    levels: list[dict[str, set[str]]] = []
    for level in ("nation", "province", "prefecture", "district"):
        found: dict[str, set[str]] = {}
        for row in listed:
            if row["level"] == level and row["status"] == "current" and row["name_en"]:
                short = "中国" if level == "nation" else str(row["short_zh"])
                for letters in (plain_letters(_plain_english(row)), usual_spelling(short)):
                    found.setdefault(letters, set()).add(names.regions.get(short, short))
        levels.append(found)
    below: dict[str, set[str]] = {}
    for word, short in names.regions.items():
        if word.endswith("市") and len(short) > 1:
            below.setdefault(usual_spelling(short), set()).add(short)
    made: dict[str, str] = {}
    for found in ({"zhongguo": {"中国"}}, *levels, below):
        for letters, shorts in found.items():
            made.setdefault(letters, "/".join(sorted(shorts)))
    return made
