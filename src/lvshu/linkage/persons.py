"""Persons: linked by salted hashes only. Clear identifiers are refused; names may go as Bloom filters.

The hash is HMAC-SHA256 under the agreed salt; a Bloom filter of a name's parts (cryptographic long-term key) lets
misspelt names be compared without being read.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from lvshu.core.errors import InputError, Problem
from lvshu.core.text import normalise
from lvshu.linkage.model import EXACT, HASHED, BlockKey, Comparison, LinkModel

SHORTEST_SALT = 16
BITS = 512
HASHES = 12
FIRST = 20  # problems of one column are told by the first row
RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
RESIDENT_CHECKS = "10X98765432"

NOBODY = frozenset((
    "无", "不详", "未知", "未填", "没有", "暂无", "空", "缺", "缺失", "保密", "不适用", "none", "null", "nil", "nan",
    "na", "n/a", "unknown", "missing", "同上", "同前", "待补", "待补充", "待查", "待定", "遗失", "丢失", "否", "ditto",
    "tbd",
))  # fmt: skip
"""Words that stand where an identifier or a name is missing."""
_SEPARATED = re.compile(r"\+?[0-9(][0-9\-()./·]*X?")
_ABROAD = re.compile(r"(?:0086|86)(1[3-9][0-9]{9})")
_FIFTEEN = re.compile(r"[1-9][0-9]{5}[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}")
_EIGHTEEN = re.compile(r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[0-9X]")
_ROUNDED = re.compile(r"[1-9]\d{14}000")
_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]{1,3}")
_RESIDENT = re.compile(r"(?<![0-9A-Za-z])([1-9]\d{5}(?:18|19|20)\d{2}[01]\d[0-3]\d{4}[0-9Xx])(?![0-9A-Za-z])")
_MOBILE = re.compile(r"(?<![0-9A-Za-z])(?:\+?86[- ]?)?(1[3-9]\d{9})(?![0-9A-Za-z])")
_MASKED = re.compile(r"\*|(?<=[0-9])X{2,}|^[㐀-鿿]{1,2}某{1,2}$")
_RUN = "01234567890123456789"
_LOCAL = r"(?:0{7,8}|12345678)"
_FILLED_IN = re.compile(rf"(?:1[3-9][0-9])?{_LOCAL}|0[1-9][0-9]{{1,2}}{_LOCAL}|13800138000")
"""Telephone numbers that fill a field: subscriber numbers of noughts alone or 12345678, and the usual example."""
_HASH = re.compile(r"[0-9a-f]{64}")
_FILTER = re.compile(r"[0-9a-fA-F]{128}")
_HAN_NAME = re.compile(r"[㐀-鿿]{2,5}(?:·[㐀-鿿]{1,8})*")

PERSON = LinkModel(
    "person",
    comparisons=(
        Comparison("name_hash", HASHED, rare=True, filter="name_filter"),
        Comparison("birth_month", EXACT), Comparison("sex", EXACT),
        Comparison("phone_hash", EXACT, rare=True), Comparison("district_code", EXACT),
    ),
    keys=(
        BlockKey("identifier", "code", compared=()),
        BlockKey("phone", "phone_hash", split=("birth_month",), compared=("phone_hash",)),
        BlockKey("name and birth", "name_hash || '|' || birth_month", split=("sex", "district_code"),
                 compared=("name_hash", "birth_month")),
        BlockKey("birth, sex and district", "birth_month || '|' || sex || '|' || district_code",
                 split=("substr(name_hash, 1, 1)",), compared=("birth_month", "sex", "district_code")),
    ),
    training=("identifier", "name and birth"),
)  # fmt: skip
"""How records of persons are compared: name (once: hash, else Bloom filter), birth month, sex, phone, district."""


def hashed(values: Sequence[str | None], salt: str) -> list[str | None]:
    """Return salted hashes (HMAC-SHA256, 64 hexadecimal digits) of identifiers; missing stays missing.

    Values are brought to one writing first, so that two sources that write one identifier differently have one hash:
    full-width to half-width, spaces off, upper case; numbers without their separators, mobile numbers without +86,
    resident identity numbers of 15 digits with century and check character. Words for “missing”, dashes, one
    character repeated, numbers that fill a field (13800000000, 12345678), numbers that lost digits in a spreadsheet,
    masked values, error values and formulas of a spreadsheet stand for no identifier and have no hash.

    Raises:
        InputError: linkage.short_salt: a salt that can be tried out.

    Source: RFC 2104 (HMAC), FIPS 180-4 (SHA-256).
    """
    key = _key(salt)
    return [
        None if not (text := one_writing(value)) else hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        for value in values
    ]


def one_writing(value: str | None) -> str:
    """Return an identifier or a name as it is hashed; empty where it names nobody.

    Source: GB 11643-1999, which turns 15 digits of GB 11643-89 into 18.
    """
    text = normalise(str(value)).replace(" ", "").upper() if value is not None else ""
    if (
        text.casefold() in NOBODY
        or has_lost_digits(text)
        or unfit_kind(text)
        or (len(text) > 1 and text.isascii() and len(set(text)) == 1)
        or not any(map(str.isalnum, text))
    ):
        return ""
    if _SEPARATED.fullmatch(text):
        text = re.sub(r"[^0-9X]", "", text)
        mobile = _ABROAD.fullmatch(text)
        text = mobile[1] if mobile else text
        if is_filler(text):
            return ""
        if _FIFTEEN.fullmatch(text):
            long = f"{text[:6]}19{text[6:]}"
            total = sum(int(digit) * weight for digit, weight in zip(long, RESIDENT_WEIGHTS, strict=True))
            text = long + RESIDENT_CHECKS[total % 11]
    return text


def has_lost_digits(text: str) -> bool:
    """Return whether a number was damaged by a spreadsheet: 4.20503E+17, or an identity number rounded to 15 digits.

    A spreadsheet keeps 15 digits; a longer number ends in zeros, which the check character gives away.

    Args:
        text: an identifier without spaces, half-width, upper case.

    Source: IEEE 754-2019 (binary64: 15 decimal digits survive); GB 11643-1999 (check character).
    """
    if _SCIENTIFIC.fullmatch(text):
        return True
    return bool(_ROUNDED.fullmatch(text)) and not has_right_check(text)


def has_right_check(text: str) -> bool:
    """Return whether 18 characters are an identity number with the check character of its digits (GB 11643-1999)."""
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], RESIDENT_WEIGHTS, strict=True))
    return RESIDENT_CHECKS[total % 11] == text[17].upper()


def unfit_kind(value: str) -> str:
    """Return why a cell shows nobody's identifier or name: masked, error, formula; nothing where it may be one.

    Error values of spreadsheets begin with # (of LibreOffice also with Err:), which no identifier does. Masked are
    420503********1234, 139****5678, 420503XXXXXXXX1234 and names such as 李某某: many persons share them.
    """
    text = normalise(value).replace(" ", "").upper()
    if text.startswith(("#", "ERR:")):
        return "error"
    if text.startswith("="):
        return "formula"
    return "masked" if any(map(str.isalnum, text)) and _MASKED.search(text) else ""


def is_filler(value: str) -> bool:
    """Return whether a value is a number that people put where they have none, so that many share it.

    Those are eight digits and more that each are one more or one less than the one before (12345678, 9876543210), a
    mobile or fixed number whose subscriber digits are noughts alone or 12345678 (13800000000, 0379-00000000), and
    13800138000, the number of examples and test data.

    Source: a convention of this project; 13800138000 stands as the example number in public source text.
    """
    text = re.sub(r"[^0-9]", "", normalise(value))
    mobile = _ABROAD.fullmatch(text)
    text = mobile[1] if mobile else text
    return bool(_FILLED_IN.fullmatch(text)) or (len(text) >= 8 and (text in _RUN or text[::-1] in _RUN))


def is_word(value: str) -> bool:
    """Return whether a cell of a column of identifiers holds words, such as 身份证遗失: identifiers have digits."""
    text = normalise(value)
    return any(map(str.isalnum, text)) and not any(map(str.isdigit, text)) and not unfit_kind(text)


def is_damaged(value: str) -> bool:
    """Return whether a cell holds a number that lost digits, however it is written (see `has_lost_digits`)."""
    return has_lost_digits(normalise(value).replace(" ", "").upper())


def is_wrong_identity(value: str) -> bool:
    """Return whether a value is written as an identity number of 18 characters whose check character is wrong."""
    text = one_writing(value)
    return bool(_EIGHTEEN.fullmatch(text)) and not has_right_check(text)


def name_filters(names: Sequence[str | None], salt: str) -> list[str | None]:
    """Return Bloom filters of names, hexadecimal text of 512 bits; missing stays missing.

    Each pair of neighbouring characters, with the edges marked, sets 12 of the bits, by two keyed hashes combined.
    Filters of common names can be guessed from their frequency: keep them as confidential as the hashes.

    Raises:
        InputError: linkage.short_salt.

    Source: Schnell, Bachteler and Reiher (2009), Privacy-preserving record linkage using Bloom filters; double hashing
    after Kirsch and Mitzenmacher (2006).
    """
    key = _key(salt)
    known: dict[str, str] = {}
    found: list[str | None] = []
    for name in names:
        text = one_writing(name).lower()
        if text and text not in known:
            known[text] = _filter(text, key)
        found.append(known.get(text))
    return found


def _filter(text: str, key: bytes) -> str:
    bits = 0
    marked = f"_{text}_"
    parts = {marked[place : place + 2] for place in range(len(marked) - 1)}
    if len(text) < 4:
        parts |= set(text)
    for part in parts:
        digest = hmac.new(key, part.encode(), hashlib.sha256).digest()
        first, second = int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:16], "big") | 1
        for step in range(HASHES):
            bits |= 1 << ((first + step * second) % BITS)
    return f"{bits:0{BITS // 4}x}"


def _key(salt: str) -> bytes:
    if len(salt) < SHORTEST_SALT:
        values = {"length": len(salt), "least": SHORTEST_SALT}
        raise InputError(Problem("linkage.short_salt", values=values))
    return salt.encode()


def refuse_clear(records: pa.Table, *, hashes: Sequence[str] = ()) -> None:
    """Refuse records of persons with identifiers in clear.

    Args:
        records: one row a record.
        hashes: columns that may hold nothing but salted hashes.

    Raises:
        InputError: linkage.clear_identifier for each column with a resident identity number, a mobile number, or a
            value that is no hash where a hash belongs; all columns at once.
    """
    problems = []
    for name in records.column_names:
        column = records[name]
        if not pa.types.is_string(column.type) and not pa.types.is_large_string(column.type):
            continue
        found: dict[str, list[int]] = {}
        for row, value in enumerate(column.to_pylist(), start=1):
            kind = clear_kind(value, hashed_only=name in hashes) if value else ""
            if kind:
                found.setdefault(kind, []).append(row)
        for kind, rows in found.items():
            values = {"column": name, "count": len(rows), "kind": _SHOWN[kind], "row": rows[0]}
            problems.append(Problem("linkage.clear_identifier", values=values))
    if problems:
        raise InputError(*problems)


_SHOWN = {
    "resident_id": {"zh": "居民身份证号", "en": "resident identity number"},
    "mobile": {"zh": "手机号", "en": "mobile number"},
    "name": {"zh": "姓名", "en": "name"},
    "no_hash": {"zh": "不是64位十六进制散列", "en": "not a hash of 64 hexadecimal digits"},
}


def clear_kind(value: str, *, hashed_only: bool = False) -> str:
    """Return what identifier a value shows in clear: resident_id, mobile, name, no_hash, or nothing.

    Source: GB 11643-1999 (resident identity number with its check character).
    """
    if _HASH.fullmatch(value):
        return ""
    shown = normalise(value)
    if any(has_right_check(found) for found in _RESIDENT.findall(shown)):
        return "resident_id"
    if _MOBILE.search(shown):
        return "mobile"
    if not hashed_only:
        return ""
    return "name" if _HAN_NAME.fullmatch(shown) else "no_hash"


def is_hash(value: str) -> bool:
    """Return whether a value is a salted hash (64 hexadecimal digits) or a Bloom filter (128)."""
    return bool(_HASH.fullmatch(value)) or bool(_FILTER.fullmatch(value))


def dice(left: str, right: str) -> float:
    """Return the Dice coefficient of two Bloom filters, dimensionless: common bits over the mean of both.

    Source: Dice (1945), as in Schnell, Bachteler and Reiher (2009).
    """
    one, two = int(left, 16), int(right, 16)
    both = one.bit_count() + two.bit_count()
    return 2 * (one & two).bit_count() / both if both else 0.0


def person_records(extract: pa.Table) -> pa.Table:
    """Return the records that the model `PERSON` compares, from rows of the table person_extract.

    Raises:
        InputError: linkage.clear_identifier.
    """
    hashes = ("identifier_hash", "name_hash", "phone_hash")
    refuse_clear(extract.select([*hashes, "district_code"]), hashes=hashes)
    kept = ["name_hash", "name_filter", "birth_month", "sex", "phone_hash", "district_code"]
    table = extract.select(kept)
    return table.append_column("code", extract["identifier_hash"])


def code_numbers(codes: Sequence[str | None]) -> np.ndarray:
    """Return a number for each different code, -1 where there is none, shape (records,)."""
    known: dict[str, int] = {}
    return np.array(
        [-1 if code is None else known.setdefault(code, len(known)) for code in codes], dtype=np.int64
    )
