"""The public sets with known truth: how each is read, compared and blocked."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

from lvshu.linkage.link import Links
from lvshu.linkage.model import DATE, NAME, TYPO, WORDS, BlockKey, Comparison, LinkModel

FEBRL = LinkModel(
    "febrl",
    comparisons=(
        Comparison("given_name", NAME, rare=True), Comparison("surname", NAME, rare=True),
        Comparison("date_of_birth", DATE), Comparison("soc_sec_id", TYPO),
        Comparison("street_number", TYPO, bounds=(1,)), Comparison("address_1", NAME, rare=True),
        Comparison("suburb", NAME, rare=True), Comparison("postcode", TYPO),
    ),
    keys=(
        BlockKey("number", "soc_sec_id", compared=("soc_sec_id",)),
        BlockKey("birth", "date_of_birth", compared=("date_of_birth",)),
        BlockKey("names", "least(given_name, surname) || '|' || greatest(given_name, surname)",
                 compared=("given_name", "surname")),
        BlockKey("surname and postcode", "surname || '|' || postcode", compared=("surname", "postcode")),
        BlockKey("given name and postcode", "given_name || '|' || postcode", compared=("given_name", "postcode")),
        BlockKey("address", "address_1 || '|' || street_number", compared=("address_1", "street_number")),
        BlockKey("starts of names", "substr(given_name, 1, 3) || '|' || substr(surname, 1, 3)"),
        BlockKey("starts of numbers", "substr(soc_sec_id, 1, 4) || '|' || substr(date_of_birth, 1, 4)"),
    ),
    training=("birth", "names", "number"),
)  # fmt: skip
RESTAURANT = LinkModel(
    "restaurant",
    comparisons=(Comparison("words", WORDS), Comparison("address", NAME), Comparison("city", NAME),
                 Comparison("number", TYPO, bounds=(1,))),
    keys=(
        BlockKey("number", "number", compared=("number",)), BlockKey("first word", "words[1]"),
        BlockKey("last word", "words[-1]"), BlockKey("start of name", "substr(name, 1, 4)"),
    ),
    training=("number", "start of name"),
)  # fmt: skip
FAKE = LinkModel(
    "fake persons",
    comparisons=(Comparison("first_name", NAME, rare=True), Comparison("surname", NAME, rare=True),
                 Comparison("dob", DATE), Comparison("city", NAME, rare=True), Comparison("email", NAME)),
    keys=(
        BlockKey("email", "email", compared=("email",)), BlockKey("birth", "dob", compared=("dob",)),
        BlockKey("names", "least(first_name, surname) || '|' || greatest(first_name, surname)",
                 compared=("first_name", "surname")),
        BlockKey("first name and city", "first_name || '|' || city", compared=("first_name", "city")),
        BlockKey("surname and city", "surname || '|' || city", compared=("surname", "city")),
        BlockKey("first name and month", "first_name || '|' || substr(dob, 1, 7)"),
        BlockKey("surname and year", "surname || '|' || substr(dob, 1, 4)"),
        BlockKey("mail box", "split_part(email, '@', 1)"),
    ),
    training=("birth", "names", "email"),
)  # fmt: skip


def read(path: Path) -> pa.Table:
    """Return a file as texts, blanks as missing, quotes and spaces taken off."""
    with path.open(encoding="utf-8", newline="") as handle:
        read_rows = csv.reader(handle, skipinitialspace=True)
        rows = [[cell.strip().strip('"').strip() or None for cell in row] for row in read_rows]
    columns = zip(*rows[1:], strict=True)
    return pa.table(
        {str(name): pa.array(column, pa.string()) for name, column in zip(rows[0], columns, strict=True)}
    )


def true_pairs(entity: Sequence[object], side: np.ndarray | None = None) -> int:
    """Return how many pairs of records are of one entity, of two sides where sides are given."""
    _, place = np.unique(np.asarray(entity), return_inverse=True)
    whole = _pairs_within(place)
    if side is None:
        return whole
    return whole - sum(_pairs_within(place[side == one]) for one in (0, 1))


def _pairs_within(place: np.ndarray) -> int:
    count = np.bincount(place).astype(np.int64)
    return int((count * (count - 1) // 2).sum())


def measures(links: Links, entity: Sequence[object], side: np.ndarray | None = None) -> tuple[float, float]:
    """Return precision and recall of linked pairs."""
    named = np.asarray(entity)
    true = int((named[links.left] == named[links.right]).sum())
    return true / max(len(links.left), 1), true / true_pairs(entity, side)


def closed(links: Links) -> tuple[np.ndarray, np.ndarray]:
    """Return all pairs of records that the groups hold."""
    group = links.groups()
    order = np.argsort(group, kind="stable")
    left, right = [], []
    for start, stop in pairwise(np.flatnonzero(np.diff(group[order], prepend=-1, append=-1)).tolist()):
        members = order[start:stop]
        one, two = np.triu_indices(len(members), 1)
        left.append(members[one])
        right.append(members[two])
    return np.concatenate(left), np.concatenate(right)
