"""Characters read in Hanyu Pinyin, and pinyin letters brought to one writing: no tones, no ü.

Readings are pypinyin's (MIT; its data is pinyin-data of the same author, from Unihan and dictionaries). A character of
several readings is read in each of them: 长乐 is changle, zhangle, changyue and zhangyue.

Source: GB/T 16159-2012, Basic rules of the Chinese phonetic alphabet orthography; ü is written v, u, yu or left bare in
names (GB/T 28039-2011, 5.1.3, writes YU in capitals).
"""

from __future__ import annotations

import re
from functools import cache
from itertools import product

MOST_READINGS = 16
"""Readings of a text that are looked at: more come from long texts of characters with several readings each."""
LONGEST_SYLLABLE = 6
_ALSO: dict[str, tuple[str, ...]] = {"干": ("qian",), "征": ("zhi",), "借": ("ji",), "着": ("zhu",)}
"""乾 (qian), 徵 (zhi), 藉 (ji) and 著 are characters of their own, but are met as 干, 征, 借 and 着 once a name is
written
simplified. Source: 通用规范汉字表 (2013), notes on characters that are not simplified in all readings."""
_NOT_LETTER = re.compile(r"[^a-z0-9]")
_U = re.compile(r"(?<=[ln])yu(?![aion])")
"""lyu, nyu, lyue; also in 金玉 jinyu, on both sides alike. Not in linyuan, jinyun."""
_SOUND = re.compile(r"(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)?[aeiou][aeiou]*(?:ng|n|r)?")


def plain_letters(text: str) -> str:
    """Return letters and digits in one writing of pinyin: lower case without tones, ü (v, yu after l and n) as u.

    Args:
        text: letters without accents.
    """
    plain = text.lower().replace("ü", "u").replace("v", "u")
    if not (plain.isascii() and plain.isalnum()):
        plain = _NOT_LETTER.sub("", plain)
    return _U.sub("u", plain) if "yu" in plain else plain


@cache
def readings(character: str) -> tuple[str, ...]:
    """Return how a character is read, the first reading of the dictionary first; what is no Chinese character: itself.

    Args:
        character: one character.
    """
    from pypinyin import Style, pinyin

    told = pinyin(character, style=Style.NORMAL, heteronym=True, errors="default")
    listed = (*(told[0] if told else ()), *_ALSO.get(character, ()))
    return tuple(dict.fromkeys(plain for one in listed if (plain := plain_letters(one))))


def spellings(text: str) -> tuple[str, ...]:
    """Return the ways to write a text in pinyin letters, at most `MOST_READINGS`, those of first readings first."""
    each = [one for one in map(readings, text) if one]
    found: dict[str, None] = {}
    for chosen in product(*each):
        found[plain_letters("".join(chosen))] = None
        if len(found) == MOST_READINGS:
            break
    return tuple(found) if each else ()


@cache
def usual_spelling(text: str) -> str:
    """Return a known word in pinyin letters, its characters read as in that word: 银行 yinhang, 重庆 chongqing."""
    from pypinyin import lazy_pinyin

    return plain_letters("".join(lazy_pinyin(text)))


@cache
def syllables() -> frozenset[str]:
    """Return the syllables of Mandarin without tones, in the writing of `plain_letters`."""
    from pypinyin.constants import PINYIN_DICT
    from pypinyin.contrib.tone_convert import to_normal

    told = {one for listed in PINYIN_DICT.values() for one in listed.split(",")}
    plain = {plain_letters(to_normal(one)) for one in told}
    return frozenset(one for one in plain if _SOUND.fullmatch(one))


@cache
def _all_syllables() -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(sorted(syllables(), key=lambda one: (-len(one), one))) + ")+")


def is_pinyin(letters: str) -> bool:
    """Return whether a text is made of syllables."""
    return _all_syllables().fullmatch(letters) is not None


def starts(letters: str, place: int) -> tuple[int, ...]:
    """Return where syllables that begin at a place of a text end."""
    known = syllables()
    last = min(len(letters), place + LONGEST_SYLLABLE)
    return tuple(end for end in range(place + 1, last + 1) if letters[place:end] in known)


@cache
def syllable_count(letters: str) -> int:
    """Return the least number of syllables that a text is made of, 0 where it is no pinyin."""
    if not is_pinyin(letters):
        return 0
    least = [0] + [99] * len(letters)
    for place in range(len(letters)):
        if least[place] < 99:
            for end in starts(letters, place):
                least[end] = min(least[end], least[place] + 1)
    return least[-1] if letters and least[-1] < 99 else 0


def neighbours(letters: str) -> frozenset[str]:
    """Return every two syllables that may follow each other in a text."""
    return frozenset(
        letters[place:end]
        for place in range(len(letters))
        for middle in starts(letters, place)
        for end in starts(letters, middle)
    )
