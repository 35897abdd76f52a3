"""Columns by heading: the short way says what the long way says, and leaves to it whatever is not plain."""

from __future__ import annotations

import math
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from lvshu.core.errors import InputError
from lvshu.intake import columns_fast
from lvshu.intake.columns import LABEL, NUMBER, TEXT, read_columns

WANTED = {"w": NUMBER, "y": NUMBER, "区": LABEL, "=w": LABEL, "note": TEXT}


@pytest.fixture
def table() -> pa.Table:
    return pa.table(
        {
            "区": ["东 ", "西", "东 ", "ＡＢ"],
            "w": [1, 2, 3, 4],
            "y": [0.5, None, 1e-7, -2.25],
            "note": ["", "x", "", "y"],
        }
    )


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_both_ways_say_the_same(
    table: pa.Table, tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"t.{ending}"
    if ending == "csv":
        pa_csv.write_csv(table, path)
    else:
        pq.write_table(table, path)
    assert columns_fast.whole_columns(path, WANTED) is None  # small files go the long way
    long = read_columns(path, WANTED)
    monkeypatch.setattr(columns_fast, "LEAST_BYTES", 0)
    assert columns_fast.whole_columns(path, WANTED) is not None
    short = read_columns(path, WANTED)
    assert short.labels == long.labels and short.rows == long.rows and short.headings == long.headings
    for name, values in long.numbers.items():
        for one, other in zip(values, short.numbers[name], strict=True):
            assert one == other or (math.isnan(one) and math.isnan(other))


@pytest.mark.parametrize(
    "text",
    [
        '区,w\n东,"1,234"\n',
        "区,w\n东,1\n\n西,2\n",
        "区,w\n,1\n",
        "区, w ,w\n东,1,2\n",
        "x\n区,w\n东,1\n",
        "区,w\n东,n/a\n",
    ],
)
def test_what_is_not_plain_is_left_to_the_long_way(
    tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns_fast, "LEAST_BYTES", 0)
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    assert columns_fast.whole_columns(path, {"区": LABEL, "w": NUMBER}) is None


def test_faults_are_told_together_with_their_place(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("区,w\n东,abc\n,2\n", encoding="utf-8")
    with pytest.raises(InputError) as told:
        read_columns(path, {"区": LABEL, "w": NUMBER})
    assert {(problem.code, problem.where.row) for problem in told.value.problems} == {
        ("intake.tidy_no_number", 2),
        ("intake.tidy_empty", 3),
    }
    with pytest.raises(InputError) as told:
        read_columns(path, {"区域": LABEL, "weight": NUMBER})
    assert len(told.value.problems) == 2
