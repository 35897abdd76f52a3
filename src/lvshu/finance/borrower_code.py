"""What a borrower's code is: a unified social credit code, that of a self-employed, a person's number, an LEI, or none.

Nothing is corrected: a wrong check character is told with the one that the
other seventeen would ask for.
"""

from __future__ import annotations

import re

from stdnum import lei
from stdnum.cn import ric

ORGANISATION, SELF_EMPLOYED, CHECK_CHARACTER, RESIDENT, LEI, OTHER = KINDS = (
    "organisation", "self_employed", "check_character", "resident_id", "lei", "other",
)  # fmt: skip
VALID = (ORGANISATION, SELF_EMPLOYED)
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_FORM = re.compile(rf"[0-9ANY][0-9]{{7}}[{_ALPHABET}]{{10}}")
_VALUES = {mark: value for value, mark in enumerate(_ALPHABET)}
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_BORN = ("18", "19", "20")
_SELF_EMPLOYED_HEAD = "92"
_HIDDEN = "********"
_GAPS = re.compile(r"[\s\-]")


def tidy(code: str | None) -> str:
    """Return a code without spaces and hyphens, in capitals."""
    given = code or ""
    return (given if given.isalnum() else _GAPS.sub("", given)).upper()


def check_character(code: str) -> str:
    """Return the check character that the first seventeen characters of a credit code ask for.

    Source: GB 32100-2015, section 5: C18 = 31 - (sum of C_i * 3^(i-1)) mod 31.
    """
    total = sum(_VALUES[mark] * weight for mark, weight in zip(code, _WEIGHTS, strict=False))
    return _ALPHABET[(31 - total) % 31]


def kind_of(code: str | None) -> str:
    """Return what a code is; "" for none.

    A number that is both a resident's and a credit code counts as a resident's: it must not be shown.

    Source: GB 32100-2015 (first character the registering authority, 9 the market authority; second the kind, 2 the
    self-employed); GB 11643-1999 (resident identity numbers); ISO 17442 (LEI).
    """
    given = tidy(code)
    if not given:
        return ""
    if len(given) == 18 and given[6:8] in _BORN and given[:17].isdigit() and ric.is_valid(given):
        return RESIDENT
    if _FORM.fullmatch(given):
        if given[-1] != check_character(given):
            return CHECK_CHARACTER
        return SELF_EMPLOYED if given.startswith(_SELF_EMPLOYED_HEAD) else ORGANISATION
    return LEI if len(given) == 20 and lei.is_valid(given) else OTHER


def masked(code: str | None) -> str:
    """Return a code as it may be shown: of a resident's number the area alone."""
    given = tidy(code)
    return f"{given[:6]}{_HIDDEN}" if kind_of(given) == RESIDENT else given
