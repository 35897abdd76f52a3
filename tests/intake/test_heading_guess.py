"""A heading under titles: found by its columns, or proposed with the setting that states its row, which works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lvshu.core.errors import InputError
from lvshu.intake.columns import LABEL, NUMBER, read_columns
from lvshu.intake.heading_guess import likely_heading
from lvshu.intake.tidy import Field, read_tidy
from tests.intake.conftest import Place, codes, problem

TITLED = (
    "某银行贷款台账,,,\n机构：上海分行,,单位：元,\n,,,\n借据,账期,余数,金额\nL1,2025-01,3,5\nL2,2025-01,4,6\n"
)

OWN = {"借据": "loan_id", "账期": "month", "余数": "staff", "金额": "balance"}


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([["a", "b", "c"], ["x", 1, 2]], 0),
        ([["Title", "Title", "Title"], ["no", "name", "sum"], ["1", "x", "3"]], 1),
        ([["Title"], ["unit", "t"], [], ["no", "name", "sum"], ["1", "x", "3.5%"], ["2", "y", "2025-01-31"]], 3),
        ([["1", "2"], ["3", "4"]], None),
        ([["only one"], [None, ""]], None),
        ([["地区", "名称"], ["上海市", "甲"], ["北京市", "乙"]], 0),
    ],
)  # fmt: skip
def test_the_row_that_looks_like_a_heading(rows: list[list[object]], place: int | None) -> None:
    assert likely_heading(rows) == place


@pytest.mark.parametrize("first", ["贷款编号,统计,,\n", "说明,,,\n"])
def test_the_row_proposed_is_the_one_to_state(place: Place, first: str) -> None:
    """With a title that is a column's name by chance, and with none."""
    place.put("ledger.csv", first + TITLED)
    report = place.load()
    told = next(one for one in report.problems if "header_row = " in one.fix("en"))
    assert told.code in ("intake.header_row_doubtful", "intake.header_not_found")
    assert "借据" in told.fix("zh") and "header_row = 5" in told.fix("zh")
    stated = re.search(r"write (header_row = \d+) in (\S+\.mapping\.toml)", told.fix("en"))
    assert stated is not None
    lines = [stated[1], "[columns]", *(f'"{one}" = "{ours}"' for one, ours in OWN.items())]
    place.put(stated[2], "\n".join(lines))
    report = place.load()
    assert not codes(report, "error")
    assert place.rows("loan_id, staff, source_row") == [("L1", 3, 6), ("L2", 4, 7)]


def test_a_file_that_no_table_recognises_tells_its_heading_and_the_row(place: Place) -> None:
    place.put("dump.csv", TITLED)
    told = problem(place.load(), "intake.unrecognised_file")
    assert "借据, 账期" in told.what("en") and "header_row = 4" in told.fix("en")
    place.put("dump.csv", "借据,账期\nL1,2025-01\n")
    assert "header_row" not in problem(place.load(), "intake.unrecognised_file").fix("en")


def test_a_question_finds_its_columns_under_titles(tmp_path: Path) -> None:
    path = tmp_path / "shops.csv"
    path.write_text("Sales of shops\nunit: yuan,,\n\nshop,w,sales\na,1,3\nb,2,4\n", encoding="utf-8")
    table = read_columns(path, {"shop": LABEL, "sales": NUMBER})
    assert table.numbers["sales"] == [3.0, 4.0] and table.rows == (5, 6)
    tidy = read_tidy(path, (Field("shop"), Field("sales", kind="number")))
    assert [one["shop"] for one in tidy.records] == ["a", "b"] and tidy.rows == (5, 6)


def test_a_missing_column_is_told_of_the_heading_with_what_is_near(tmp_path: Path) -> None:
    path = tmp_path / "milk.csv"
    path.write_text("Milk\narea,yi,var\n1,2,3\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_columns(path, {"area": LABEL, "variance": NUMBER})
    (told,) = caught.value.problems
    assert told.where.row == 2 and "nearest: “var”" in told.fix("en") and "also known" not in told.what("en")
    with pytest.raises(InputError) as caught:
        read_columns(path, {"area": LABEL, "population": NUMBER})
    assert "nearest" not in caught.value.text("en") and "–" not in caught.value.text("zh")
