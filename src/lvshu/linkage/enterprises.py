"""Enterprises: what is compared, and how a record's names, code and address are brought to one writing.

A record that gives a former or an English name is compared under each of its names; the best counts. Where some names
are
in pinyin or English, their trade names are compared with Chinese ones in pinyin letters, their trades in English words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from lvshu.core.enterprise_name import (
    HAN,
    LATIN,
    EnterpriseName,
    NameWords,
    former_names,
    normalise_name,
    parse_names,
)
from lvshu.core.text import normalise
from lvshu.linkage.model import EXACT, NAME, TRADE, WORDS, BlockKey, Comparison, LinkModel
from lvshu.linkage.names.pinyin import spellings
from lvshu.linkage.names.romanised import COMPANY, RomanWords, parse_roman

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE = re.compile(r"[0-9ABCDEFGHJKLMNPQRTUWXY]{2}\d{6}[0-9ABCDEFGHJKLMNPQRTUWXY]{10}")
_NUMBER = re.compile(r"\d+")
_MARKS = re.compile(r"[\s'’‘`\"“”=.·\-‐–—]")
"""What spreadsheets and people put into a code: apostrophes, ="…", hyphens; the check character guards the rest."""
_NOT_ADDRESS = re.compile(r"[^0-9a-z㐀-鿿]")
_PLACEHOLDER = re.compile(r"(.)\1*|无|暂无|不详|未知|n/?a|null|none|0+", re.IGNORECASE)

ENTERPRISE = LinkModel(
    "enterprise",
    comparisons=(
        Comparison("trade_name", TRADE, rare=True), Comparison("latin_name", NAME, rare=True),
        Comparison("trade_pinyin", NAME, rare=True, one_has="trade_name"),
        Comparison("industry_words", WORDS), Comparison("industry_english", WORDS, one_has="trade_name"),
        Comparison("region", EXACT), Comparison("form", EXACT),
        Comparison("branch", EXACT), Comparison("address", NAME, bounds=(0.95, 0.85)),
        Comparison("representative_hash", EXACT, rare=True), Comparison("phone_hash", EXACT, rare=True),
        Comparison("industry_code", EXACT, rare=True), Comparison("registered_on", EXACT),
        Comparison("district_code", EXACT),
    ),
    keys=(
        BlockKey("code", "code"),
        BlockKey("trade name", "trade_name", split=("industry_words[1]", "district_code", "form"),
                 compared=("trade_name",)),
        BlockKey("phone", "phone_hash", split=("trade_name",), compared=("phone_hash",)),
        BlockKey("representative", "representative_hash", split=("district_code", "substr(trade_name, 1, 1)"),
                 compared=("representative_hash",)),
        BlockKey("address", "address", split=("substr(trade_name, 1, 1)",), compared=("address",)),
        BlockKey("latin name", "latin_name", compared=("latin_name",)),
        BlockKey("trade name in pinyin", "trade_heard", split=("region", "industry_english[1]", "district_code"),
                 compared=("trade_pinyin",)),
        BlockKey("name but its first character", "substr(trade_name, 2) || '|' || industry_words[1]",
                 split=("district_code",)),
        BlockKey("name but its second character",
                 "substr(trade_name, 1, 1) || '*' || substr(trade_name, 3) || '|' || industry_words[1]",
                 split=("district_code",)),
        BlockKey("name but its third character",
                 "substr(trade_name, 1, 2) || '*' || substr(trade_name, 4) || '|' || industry_words[1]",
                 split=("district_code",)),
        BlockKey("day, class and district", "registered_on || '|' || industry_code || '|' || district_code"),
    ),
    training=("code", "phone"),
)  # fmt: skip
"""How records of enterprises are compared: parts of the name with term frequencies, address, representative, phone."""


@dataclass(frozen=True)
class Variants:
    """Records under each of their names. record: row of the record, shape (variants,); code: valid credit code of each
    record or None; rejected: records whose code is not valid, by row."""

    table: pa.Table
    record: np.ndarray
    code: tuple[str | None, ...]
    rejected: Mapping[int, str]


def valid_code(text: str | None) -> str | None:
    """Return a unified social credit code in its writing, or None where it is none or its check character is wrong.

    Source: GB 32100-2015, section 5: C18 = 31 - (sum of C_i * 3^(i-1)) mod 31.
    """
    shown = _MARKS.sub("", normalise(text or "")).upper()
    if not _CODE.fullmatch(shown):
        return None
    total = sum(ALPHABET.index(mark) * pow(3, place, 31) for place, mark in enumerate(shown[:17]))
    return shown if ALPHABET[(31 - total % 31) % 31] == shown[17] else None


def plain_address(text: str | None, words: NameWords) -> str | None:
    """Return an address in one writing: half-width, simplified, without marks and without province and city."""
    if not text:
        return None
    shown = _NOT_ADDRESS.sub("", normalise_name(text, words))
    shown = re.sub(r"^(?:中国)?(?:[㐀-鿿]{2,7}?(?:省|自治区))?(?:[㐀-鿿]{2,5}?市)?", "", shown)
    return None if not shown or _PLACEHOLDER.fullmatch(shown) else shown[:80]


def enterprise_variants(
    records: Mapping[str, Sequence[str | None]], words: NameWords, roman: RomanWords | None = None
) -> Variants:
    """Return the records under each of their names, as the model `ENTERPRISE` compares them.

    Args:
        records: columns uscc, name, former_name, english_name, address, representative_hash, phone_hash,
            industry_code, registered_on (text), district_code; each of the same length.
        words: the words that mark the parts of names.
        roman: words of names in pinyin and English; when left out such names are compared with each other only, as they
            are written.
    """
    count = len(records["uscc"])
    code, rejected = [], {}
    for row, text in enumerate(records["uscc"]):
        found = valid_code(text)
        code.append(found)
        if text and found is None:
            rejected[row] = text
    record, names = _names_of(records, count)
    parsed = parse_names(names, words)
    spelt = spelt_names(names, parsed, roman)
    addresses = [plain_address(text, words) for text in records["address"]]
    columns: dict[str, pa.Array] = {
        "trade_name": pa.array(
            [one.trade_name or None if one.script == HAN else None for one in parsed], pa.string()
        ),
        "latin_name": pa.array(
            [
                (own.latin if own.latin else one.trade_name or None) if one.script == LATIN else None
                for one, own in zip(parsed, spelt, strict=True)
            ],
            pa.string(),
        ),
        "trade_pinyin": pa.array([own.trade for own in spelt], pa.string()),
        "trade_heard": pa.array([own.trade if own.heard else None for own in spelt], pa.string()),
        "industry_words": pa.array(
            [sorted(set(one.industry)) or None if one.script == HAN else None for one in parsed],
            pa.list_(pa.string()),
        ),
        "industry_english": pa.array([own.industry for own in spelt], pa.list_(pa.string())),
        "region": pa.array(
            [
                own.region if one.script == LATIN else one.regions[-1] if one.regions else None
                for one, own in zip(parsed, spelt, strict=True)
            ],
            pa.string(),
        ),
        "form": pa.array(
            [own.form if own.latin else one.form or None for one, own in zip(parsed, spelt, strict=True)],
            pa.string(),
        ),
        "branch": pa.array(
            [
                (one.branch or "-") if one.script == HAN else own.branch
                for one, own in zip(parsed, spelt, strict=True)
            ],
            pa.string(),
        ),
        # 集团 before or in brackets before the form is one name; a name with it and one without are two enterprises
        "group": pa.array(
            [
                ("group" if one.group else "-") if one.script == HAN and one.form else own.group
                for one, own in zip(parsed, spelt, strict=True)
            ],
            pa.string(),
        ),
        "address": pa.array([addresses[row] for row in record], pa.string()),
        "code": pa.array([code[row] for row in record], pa.string()),
        "full_name": pa.array([_whole(one) for one in parsed], pa.string()),
    }
    for name in ("representative_hash", "phone_hash", "industry_code", "registered_on", "district_code"):
        columns[name] = pa.array([_told(records[name][row]) for row in record], pa.string())
    return Variants(pa.table(columns), np.array(record, dtype=np.int64), tuple(code), rejected)


def _whole(name: EnterpriseName) -> str | None:
    """Return all parts of a Chinese name in one writing; None where trade name, trade or form is missing."""
    if name.script != HAN or not (name.trade_name and name.industry and name.form):
        return None
    region = name.regions[-1] if name.regions else ""
    group = "group" if name.group else ""
    return "|".join((region, name.zone, name.trade_name, *name.industry, group, name.form, name.branch))


class SpeltParts(NamedTuple):
    """Parts of a name for the comparison with names in another script; None where there is none.

    trade: trade name in pinyin letters. heard: whether a name of the other script may have it. industry: English words.
    latin: of a name in pinyin or English all of it in one spelling; region, form, branch, group: likewise.
    """

    trade: str | None = None
    heard: bool = False
    industry: list[str] | None = None
    latin: str = ""
    region: str | None = None
    form: str | None = None
    branch: str | None = None
    group: str | None = None


def spelt_names(
    texts: Sequence[str], parsed: Sequence[EnterpriseName], roman: RomanWords | None
) -> list[SpeltParts]:
    """Return the parts of names for the comparison of Chinese with pinyin and English ones; empty where no name of the
    records is pinyin or English.

    A Chinese name that can be read in several ways is read as a name in Latin letters has it, where one has.

    Args:
        texts: names as written.
        parsed: the same, parsed.
        roman: words of names in pinyin and English.
    """
    found = [SpeltParts()] * len(texts)
    if roman is None:
        return found
    heard: set[str] = set()
    for row, one in enumerate(parsed):
        name = parse_roman(texts[row], roman) if one.script == LATIN else None
        if name is None:
            continue
        heard.add(name.trade_name)
        region = name.regions[-1] if name.regions else ""
        found[row] = SpeltParts(
            trade=name.trade_name, heard=True, industry=sorted(name.industry) or None,
            latin="".join((region, name.trade_name, *name.industry)),
            region=region if region and "/" not in region else None,
            form=name.form if name.form and name.form != COMPANY else None, branch=name.branch or "-",
            group=("group" if name.group else "-") if name.form else None,
        )  # fmt: skip
    if not heard:
        return found
    known: dict[str, SpeltParts] = {}
    for row, one in enumerate(parsed):
        if one.script != HAN or not one.trade_name:
            continue
        key = "|".join((one.trade_name, *one.industry))
        if key not in known:
            ways = (one.trade_name,) if one.trade_name in one.regions else spellings(one.trade_name)
            trade = next((way for way in ways if way in heard), ways[0] if ways else None)
            known[key] = SpeltParts(trade, trade in heard, sorted(roman.english(one.industry)) or None)
        found[row] = known[key]
    return found


def _told(text: str | None) -> str | None:
    return text if text and not _PLACEHOLDER.fullmatch(text) else None


def _names_of(records: Mapping[str, Sequence[str | None]], count: int) -> tuple[list[int], list[str]]:
    record, names = [], []
    for row in range(count):
        own = dict.fromkeys(
            text for name in ("name", "former_name", "english_name") if (text := records[name][row])
        )
        own |= dict.fromkeys(former_names(records["name"][row] or ""))
        for text in own or ("",):
            record.append(row)
            names.append(text)
    return record, names


def best_of_variants(
    left: np.ndarray, right: np.ndarray, weight: np.ndarray, record: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return pairs of records from pairs of variants: left and right record and the pair of variants that counts.

    Args:
        left, right: variants, shape (pairs,).
        weight: of each pair, shape (pairs,).
        record: record of each variant, shape (variants,).
    """
    one, two = record[left], record[right]
    low, high = np.minimum(one, two), np.maximum(one, two)
    order = np.lexsort((right, left, -weight, high, low))
    low, high = low[order], high[order]
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (np.diff(low) != 0) | (np.diff(high) != 0)
    fresh &= low != high
    return low[fresh], high[fresh], order[fresh]
