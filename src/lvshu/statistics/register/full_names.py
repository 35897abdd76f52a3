"""Records that bear one full name which nobody else bears: one unit, where nothing that both state is against it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from lvshu.statistics.register.records import Records

AGAINST = ("district_code", "registered_on", "representative_hash")
"""What two records with one name may not both state differently."""


def pairs_of_one_name(records: Records) -> np.ndarray:
    """Return pairs of records of one full name, shape (2, pairs), a chain through the records of each name.

    The name is whole (trade name, trade and form), each source has it once, its records have one valid code at most,
    and no two of them state another district, day of registration or representative. A former name counts like any.

    Source: lvshu's own convention. That a name is borne once in each source is counted here, not assumed.
    """
    if "full_name" not in records.variants.column_names:
        return np.zeros((2, 0), dtype=np.int64)
    first = np.unique(records.record, return_index=True)[1]
    told = {name: records.variants[name].take(first).to_pylist() for name in AGAINST}
    bearers: dict[str, list[int]] = {}
    for name, row in zip(records.variants["full_name"].to_pylist(), records.record.tolist(), strict=True):
        if name is not None and row not in bearers.setdefault(name, []):
            bearers[name].append(row)
    found: list[tuple[int, int]] = []
    for rows in bearers.values():
        if len(rows) > 1 and _alone(records, rows) and not _against(told, rows):
            found += list(pairwise(rows))
    return np.array(found, dtype=np.int64).reshape(-1, 2).T


def _alone(records: Records, rows: list[int]) -> bool:
    sources = [records.source[row] for row in rows]
    return len(set(sources)) == len(sources) and len({int(records.code[row]) for row in rows} - {-1}) <= 1


def _against(told: dict[str, list[str | None]], rows: list[int]) -> bool:
    return any(len({values[row] for row in rows} - {None}) > 1 for values in told.values())
