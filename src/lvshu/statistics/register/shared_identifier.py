"""Identifiers of persons that belong to several: numbers that lost their digits before they were hashed.

A spreadsheet writes 18 digits as 4.20503E+17, and all persons of a district then have one hash. A hash cannot be
looked into, but its records can: those of one person have mostly one name and one month of birth.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext

LEAST = 2


def contradicted(extract: pa.Table) -> frozenset[str]:
    """Return the hashes whose records differ in name and in month of birth in at least half of them, two at least.

    Records of one person seldom differ in both; where they do, the pair is still compared by everything else.

    Args:
        extract: rows of `person_extract` with identifier_hash, name_hash and birth_month.
    """
    grouped = (
        extract.select(["identifier_hash", "name_hash", "birth_month"])
        .group_by("identifier_hash")
        .aggregate(
            [("name_hash", "count_distinct"), ("birth_month", "count_distinct"), ("name_hash", "count")]
        )
    )
    found = set()
    for code, names, months, records in zip(
        *(grouped[name].to_pylist() for name in (
            "identifier_hash", "name_hash_count_distinct", "birth_month_count_distinct", "name_hash_count",
        )),
        strict=True,
    ):  # fmt: skip
        if code is not None and min(names, months) >= max(LEAST, (records + 1) // 2):
            found.add(code)
    return frozenset(found)


def without_shared(context: StepContext, extract: pa.Table, keys: Sequence[str]) -> pa.Table:
    """Return the extract with those identifiers taken out, and tell how many.

    Args:
        context: of the step.
        extract: rows of `person_extract`.
        keys: the records' keys, in the rows' order.
    """
    shared = contradicted(extract)
    if not shared:
        return extract
    given = extract["identifier_hash"].to_pylist()
    of_them = [place for place, code in enumerate(given) if code in shared]
    values = {"identifiers": len(shared), "records": len(of_them), "record": keys[of_them[0]]}
    context.find(
        Problem("statistics.register_shared_identifier", values=values, severity="warning"),
        table="person_extract", amount=float(len(of_them)), unit="1",
    )  # fmt: skip
    kept = pa.array([None if code in shared else code for code in given], pa.string())
    place = extract.column_names.index("identifier_hash")
    return extract.set_column(place, "identifier_hash", pc.cast(kept, extract["identifier_hash"].type))
