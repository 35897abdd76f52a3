"""A credit code that an agent writes on its clients' records does not make them one enterprise."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from lvshu.linkage.enterprises import Variants
from lvshu.statistics.register.shared_code import _taken_out, shared_codes


def _made(rows: list[tuple[str | None, str | None]]) -> Variants:
    codes, names = zip(*rows, strict=True)
    table = pa.table({"code": pa.array(codes, pa.string()), "trade_name": pa.array(names, pa.string())})
    return Variants(table, np.arange(len(rows)), tuple(codes), {})


def test_a_code_under_many_strange_names_is_borrowed() -> None:
    made = _made(
        [
            ("X", "绿枢"),
            ("A", "恒瑞"),
            ("X", "恒瑞"),
            ("X", "东方"),
            ("X", "明珠"),
            ("X", "绿框"),
            ("B", None),
        ]
    )
    found = shared_codes(made, listed=2)
    assert found.codes == {"X": ("绿枢", ("东方", "恒瑞", "明珠"))}
    assert found.records == (2, 3, 4)  # the slip 绿框 keeps the code
    kept = _taken_out(made, found.records)
    assert kept.code == ("X", "A", None, None, None, "X", "B")
    assert kept.table["code"].to_pylist() == list(kept.code)


def test_changes_of_name_and_slips_keep_the_code() -> None:
    renamed = [("X", "绿枢"), ("X", "东方"), ("X", "明珠"), ("X", "绿框"), ("X", "录枢"), ("X", None)]
    assert shared_codes(_made(renamed), listed=1).records == ()


def test_of_an_unlisted_code_the_most_frequent_name_is_the_bearers() -> None:
    rows = [("X", "绿枢"), ("X", "绿枢"), ("X", "恒瑞"), ("X", "东方"), ("X", "明珠")]
    found = shared_codes(_made(rows), listed=0)
    assert found.codes["X"][0] == "绿枢" and found.records == (2, 3, 4)
