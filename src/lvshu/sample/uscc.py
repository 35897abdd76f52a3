"""Unified social credit codes for firms that do not exist.

The codes have correct check digits (GB 32100-2015, GB 11714-1997), so that software accepts them. Their organisation
code always begins with YYY, which makes them easy to recognise; no such range is reserved by the standard.
"""

from __future__ import annotations

import numpy as np

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
SYNTHETIC_PREFIX = "YYY"
_CODES = np.frombuffer(ALPHABET.encode("ascii"), dtype=np.uint8)
_ORGANISATION_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
_WEIGHTS = np.array([3**power % 31 for power in range(17)])
_VALUE = np.zeros(128, dtype=np.int64)
_VALUE[_CODES] = np.arange(31)
_ORGANISATION_VALUE = np.zeros(128, dtype=np.int64)
_ORGANISATION_VALUE[48:58] = np.arange(10)
_ORGANISATION_VALUE[65:91] = np.arange(10, 36)


def make_uscc(serials: np.ndarray, area_codes: np.ndarray, categories: np.ndarray) -> np.ndarray:
    """Return credit codes as ASCII codes, uint8, shape (rows, 18), unit 1.

    Args:
        serials: integers below 31**5, shape (rows,): what tells the firms apart.
        area_codes: six-digit administrative codes as integers, shape (rows,).
        categories: category of the organisation, shape (rows,): 1 enterprise, 2 self-employed.
    """
    rows = len(serials)
    codes = np.empty((rows, 18), dtype=np.uint8)
    codes[:, 0] = ord("9")
    codes[:, 1] = categories + 48
    area = area_codes.astype(np.int64)
    for position in range(7, 1, -1):
        codes[:, position] = area % 10 + 48
        area = area // 10
    codes[:, 8:11] = np.frombuffer(SYNTHETIC_PREFIX.encode("ascii"), dtype=np.uint8)
    rest = serials.astype(np.int64)
    for position in range(15, 10, -1):
        codes[:, position] = _CODES[rest % 31]
        rest = rest // 31
    codes[:, 16] = _organisation_check(codes[:, 8:16])
    codes[:, 17] = check_character(codes[:, :17])
    return codes


def _organisation_check(body: np.ndarray) -> np.ndarray:
    remainder = (11 - (_ORGANISATION_VALUE[body] @ _ORGANISATION_WEIGHTS) % 11) % 11
    return np.where(remainder == 10, ord("X"), remainder + 48).astype(np.uint8)


def check_character(body: np.ndarray) -> np.ndarray:
    """Return the last character of each code, uint8, shape (rows,), from the first seventeen, shape (rows, 17).

    Source: GB 32100-2015, section 5: C18 = 31 - (sum of C_i * 3^(i-1)) mod 31.
    """
    return np.asarray(_CODES[(31 - (_VALUE[body] @ _WEIGHTS) % 31) % 31])


def is_valid(codes: np.ndarray) -> np.ndarray:
    """Return whether each code's check character is right, boolean, shape (rows,)."""
    return np.asarray(check_character(codes[:, :17]) == codes[:, 17])
