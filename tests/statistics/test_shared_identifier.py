"""An identifier that several persons bear does not make them one."""

from __future__ import annotations

import pyarrow as pa

from lvshu.statistics.register.shared_identifier import contradicted


def _extract(rows: list[tuple[str | None, str | None, str | None]]) -> pa.Table:
    codes, names, months = zip(*rows, strict=True)
    return pa.table({
        "identifier_hash": pa.array(codes, pa.string()), "name_hash": pa.array(names, pa.string()),
        "birth_month": pa.array(months, pa.string()),
    })  # fmt: skip


def test_records_that_contradict_each_other_in_name_and_birth_share_an_identifier() -> None:
    several = [("a", f"n{number}", f"19{70 + number}-01") for number in range(11)]
    two = [("b", "x", "1980-01"), ("b", "y", "1990-02")]
    assert contradicted(_extract([*several, *two])) == {"a", "b"}


def test_one_person_with_slips_keeps_the_identifier() -> None:
    slips = [("a", "n", "1980-01")] * 3 + [("a", "m", "1980-01"), ("a", "n", "1980-02")]
    renamed = [("b", "x", "1980-01"), ("b", "y", "1980-01")]
    unknown = [("c", None, "1980-01"), ("c", None, "1990-01"), ("d", "x", None), ("d", "y", None)]
    nobody = [(None, f"n{number}", f"19{70 + number}-01") for number in range(9)]
    assert contradicted(_extract([*slips, *renamed, *unknown, *nobody])) == frozenset()
