"""Dates whose numbers are written in Chinese numerals, as documents of state organs print them: 二〇二三年九月三十日.

The year is read digit by digit (〇, 零 and the signs that stand in for them are nought), month and day as numbers to
ten and of tens (十二, 二十三, 三十; 廿 and 卅 are twenty and thirty).
Source: GB/T 15835-2011《出版物上数字用法》.
"""

from __future__ import annotations

import re

NOUGHTS, DIGITS = "〇零○Oo", "一二三四五六七八九"
"""Signs of nought in a year: ○ and the letter O are what keyboards give for 〇."""
TENS = {"廿": "二十", "卅": "三十"}
_YEAR, _NUMBER = f"[0-9{NOUGHTS}{DIGITS}]{{4}}", f"[0-9{DIGITS}十{''.join(TENS)}]{{1,3}}"
DATE = rf"{_YEAR}\s*年(?:度|\s*{_NUMBER}\s*月(?:份|\s*{_NUMBER}\s*[日号])?)?"
"""Pattern of a year, month or day with numbers of either kind; of Python and of RE2."""
ANY = f"[〇零{DIGITS}十{''.join(TENS)}]"
"""Pattern of one Chinese numeral."""
STEPS = (
    *((sign, told) for sign, told in TENS.items()),
    ("([一二三1-3])十([一二三四五六七八九1-9])", r"\1\2"),
    ("([一二三1-3])十", r"\g<1>0"),
    ("十([一二三四五六七八九1-9])", r"1\1"),
    ("十", "10"),
)
"""Replacements, one after the other, after which every sign is one digit."""
_TABLE = str.maketrans(NOUGHTS + DIGITS, "0" * len(NOUGHTS) + "123456789")
_DATE, _ANY = re.compile(f"(?<![0-9{NOUGHTS}{DIGITS}十]){DATE}"), re.compile(ANY)


def arabic_dates(text: str) -> str:
    """Return a text with the dates in it that have Chinese numerals in Arabic ones: 二〇二三年九月 -> 2023年9月.

    What is no date stays as it is (三十家企业); whether there is such a month or day is left to who reads the date.
    """
    return _DATE.sub(_arabic, text) if _ANY.search(text) else text


def _arabic(found: re.Match[str]) -> str:
    text = found[0]
    if not _ANY.search(text):
        return text
    for pattern, told in STEPS:
        text = re.sub(pattern, told, text)
    return text.translate(_TABLE)
