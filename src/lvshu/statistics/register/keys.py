"""Names and bounds that the steps of the register share."""

from __future__ import annotations

PACKAGE = "lvshu.statistics"
ENTERPRISE, PERSON = KINDS = ("enterprise", "person")
KIND_WORDS = {ENTERPRISE: {"zh": "企业", "en": "enterprises"}, PERSON: {"zh": "个人", "en": "persons"}}
"""The kinds as messages name them."""
REGISTER = "register"
"""Source of the rows of the table enterprise."""
SEEN = 0.0005
"""Least probability of a pair that is kept as a candidate: all below together are told by the sample of records."""
NEVER = "none"
TOTAL = "total"
NEAREST = 3
DRAWN_BEYOND = 20
"""Records that no key looks at, drawn besides the others: few of them would come into a sample of all."""
SURE = ("linked by code", "linked by name")
"""Classes of pairs that rest on no probability; they count as right until people judge them."""
STRATA = (0.05, 0.5, 0.9, 0.99)
PREFIX = {ENTERPRISE: "E", PERSON: "P"}


def record_key(source: str, record: str) -> str:
    """Return the key of a record: its source and its number there."""
    return f"{source}|{record}"


def source_of(key: str) -> str:
    """Return the source of a record's key."""
    return key.partition("|")[0]


def pair_source(left: str, right: str) -> str:
    """Return the source that a pair of records, in order of their keys, counts for: not the register if another is."""
    first, second = source_of(left), source_of(right)
    return first if second == REGISTER else second


ALL, WITHIN, BETWEEN = SCOPES = ("all", "within", "between")
"""Which pairs a rate is of: of any two records, of two of one source, of two of different sources."""


def pair_scope(left: str, right: str) -> str:
    """Return whether two records, by their keys, are `within` one source or `between` two."""
    return WITHIN if source_of(left) == source_of(right) else BETWEEN
