"""Identity and mobile numbers of persons that stand in clear where none belongs: taken out before a row is kept.

The named check `impersonal` of a contract's column asks for it: of a code nothing stays, of a text the number alone is
replaced. What is in the file is never shown again, neither in the book nor in quarantine, rejects or findings.
"""

from __future__ import annotations

import re

from stdnum.cn import ric, uscc

from lvshu.core.text import normalise

HIDDEN = "***"
"""What stands in place of an identifier in clear."""
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_GAP = "[ -]?"
_RESIDENT = rf"[1-9]\d{{5}}{_GAP}(?:18|19|20)\d{{2}}{_GAP}{_DAY}{_GAP}\d{{3}}[0-9Xx]"
"""Area, day of birth, number of the day, check character (GB 11643-1999); part of longer numbers, too: tax authorities
number the self-employed by it with two digits behind or before."""
_OLD_RESIDENT = rf"[1-9]\d{{7}}{_DAY}\d{{3}}"
"""The number of 15 digits in use before 1999; looked for as a whole code only."""
_MOBILE = rf"(^|[^0-9])(?:[+]?86{_GAP})?1[3-9]\d{_GAP}\d{{4}}{_GAP}\d{{4}}([^0-9]|$)"
_MAY_BE = "[0-9][0-9 -]{9,}[0-9Xx]"
"""What every number of ten digits and more has: the quick test before the others."""
_BLANKS = re.compile(r"[\s\-]")


def personal_code_sql(code: str, valid: str) -> str:
    """Return the SQL of whether a code holds an identity number.

    A credit code whose check character is right does not, unless it is an identity number by the other check, too: one
    in thirty of them is, and none begins with 9, as the codes of enterprises do.

    Args:
        code: SQL of the code without blanks, in capitals.
        valid: SQL of whether it is a valid unified social credit code.
    """
    return (
        f"(regexp_matches({code}, '{_RESIDENT}') AND NOT coalesce({valid}, FALSE) OR {resident_sql(code)} "
        f"OR regexp_full_match({code}, '{_OLD_RESIDENT}|1[3-9][0-9]{{9}}'))"
    )


def resident_sql(code: str) -> str:
    """Return the SQL of whether a text is a resident identity number: form, day of birth, check character.

    Args:
        code: SQL of the text without blanks, in capitals.

    Source: GB 11643-1999: the sum of 17 digits times 2^(18 - place) mod 11 leads to the check character; GB/T 2260:
        codes of areas begin with 1 to 8.
    """
    weights = [2 ** (18 - place) % 11 for place in range(1, 18)]
    digits = [f"ascii(substr({code}, {place}, 1)) - 48" for place in range(1, 18)]
    total = " + ".join(f"{weight} * ({digit})" for weight, digit in zip(weights, digits, strict=True))
    is_one = (
        f"regexp_full_match({code}, '[1-8][0-9]{{16}}[0-9X]') AND regexp_full_match({code}, '{_RESIDENT}') "
        f"AND substr({code}, 18, 1) = substr('10X98765432', ({total}) % 11 + 1, 1)"
    )
    # enterprises' codes begin with 9: they pay for the first character alone
    return f"(CASE WHEN strpos('12345678', substr({code}, 1, 1)) > 0 AND {code} <> '' THEN {is_one} ELSE FALSE END)"


def personal_key_sql(key: str) -> str:
    """Return the SQL of whether the number of a record is an identity number or a mobile number.

    Records are numbered by area, day and place, too: here the day must be one of birth before 2010.

    Args:
        key: SQL of the number, in capitals.
    """
    born = f"regexp_full_match({key}, '.{{6}}(19|200).*')"
    return f"({born} AND {resident_sql(key)} OR regexp_full_match({key}, '1[3-9][0-9]{{9}}'))"


def impersonal_sql(text: str) -> str:
    """Return the SQL of a text with identity and mobile numbers replaced by HIDDEN."""
    kept = f"regexp_replace({text}, '{_RESIDENT}', '{HIDDEN}', 'g')"
    # twice: a mark between two numbers belongs to the match of the first
    for _ in range(2):
        kept = f"regexp_replace({kept}, '{_MOBILE}', '\\1{HIDDEN}\\2', 'g')"
    return f"CASE WHEN regexp_matches({text}, '{_MAY_BE}') THEN {kept} ELSE {text} END"


def impersonal(text: str) -> str:
    """Return a cell as it may be shown: HIDDEN where it holds an identity or mobile number, else as it stands.

    Source: GB 11643-1999 (form of resident identity numbers); mobile numbers of mainland China: 11 digits from 1.
    """
    shown = normalise(text)
    bare = _BLANKS.sub("", shown)
    if uscc.is_valid(bare) and not (bare[0] != "9" and ric.is_valid(bare)):
        return text
    personal = re.search(_RESIDENT, bare) or re.fullmatch(_OLD_RESIDENT, bare) or re.search(_MOBILE, shown)
    return HIDDEN if personal else text
