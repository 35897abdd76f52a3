"""Credit codes that stand on the records of several enterprises: an agent's or a head office's own.

A code is unique to its enterprise (GB 32100-2015). Where three names or more that share no character with the bearer's
stand under it, the code is not theirs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext
from lvshu.linkage.enterprises import Variants

STRANGERS = 3
"""So many quite different names show a code to be borrowed (lvshu's convention): a change of name brings one or two."""


@dataclass(frozen=True)
class Shared:
    """codes: the name that a shared code belongs to, and the strange ones; records: rows that do not bear theirs."""

    codes: Mapping[str, tuple[str, tuple[str, ...]]]
    records: tuple[int, ...]


def shared_codes(made: Variants, listed: int) -> Shared:
    """Return the codes that stand with names quite unlike the bearer's, and the records that do not bear them.

    The bearer's names are those of the list of enterprises under the code, else the most frequent one. A record loses
    the code when none of its names shares a character with the bearer's.

    Args:
        made: records under each of their names.
        listed: how many records come first, of the list of enterprises.
    """
    names = pa.table(
        {"code": made.table["code"], "name": made.table["trade_name"], "record": pa.array(made.record)}
    )
    names = names.filter(pc.and_(pc.is_valid(names["code"]), pc.is_valid(names["name"])))
    several = names.group_by("code").aggregate([("name", "count_distinct")])
    several = several.filter(pc.greater(several["name_count_distinct"], STRANGERS))
    chosen = names.filter(pc.is_in(names["code"], value_set=several["code"].combine_chunks()))
    by_code: dict[str, list[tuple[str, int]]] = {}
    for row in chosen.to_pylist():
        by_code.setdefault(row["code"], []).append((row["name"], row["record"]))
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    records: list[int] = []
    for code, own in sorted(by_code.items()):
        bearer = sorted({name for name, record in own if record < listed})
        if not bearer:
            counted = Counter(name for name, _ in own)
            bearer = [min(counted, key=lambda name: (-counted[name], name))]
        known = set("".join(bearer))
        strange = sorted({name for name, _ in own if not known & set(name)})
        if len(strange) < STRANGERS:
            continue
        found[code] = (bearer[0], tuple(strange))
        alike = {record for name, record in own if known & set(name)}
        records += sorted({record for _, record in own} - alike)
    return Shared(found, tuple(records))


def without_shared_codes(context: StepContext, made: Variants, listed: int) -> Variants:
    """Return the records without the codes that are not theirs, and tell how many.

    Args:
        context: of the step.
        made: records under each of their names.
        listed: how many records come first, of the list of enterprises.
    """
    shared = shared_codes(made, listed)
    if not shared.records:
        return made
    code, (bearer, strange) = next(iter(shared.codes.items()))
    values = {
        "codes": len(shared.codes), "records": len(shared.records), "code": code, "first": bearer,
        "second": strange[0],
    }  # fmt: skip
    context.find(
        Problem("statistics.register_code_shared", values=values, severity="warning"),
        table="enterprise_extract", amount=float(len(shared.records)), unit="1",
    )  # fmt: skip
    return _taken_out(made, shared.records)


def _taken_out(made: Variants, records: Sequence[int]) -> Variants:
    gone = np.isin(made.record, np.array(records, dtype=np.int64))
    kept = pc.if_else(pa.array(gone), pa.scalar(None, pa.string()), made.table["code"])
    table = made.table.set_column(made.table.column_names.index("code"), "code", kept)
    lost = set(records)
    return replace(
        made, table=table, code=tuple(None if row in lost else one for row, one in enumerate(made.code))
    )
