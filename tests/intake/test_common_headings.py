"""What people call a column in any table: known everywhere, after what the table itself says."""

from __future__ import annotations

import tomllib
from importlib import resources

from lvshu.contract import load
from lvshu.contract.table import all_contracts
from lvshu.core.errors import Where
from lvshu.intake.heading import match_headings, names_of
from lvshu.intake.mapping import FileMapping
from lvshu.intake.text import heading_key

COMMON = tomllib.loads(resources.files("lvshu.catalog").joinpath("headings.toml").read_text(encoding="utf-8"))


def _columns(table: str, *texts: str) -> list[str | None]:
    found = match_headings(texts, load(table), mapping=FileMapping(), where=Where(file="a.csv", row=1))
    assert not [one for one in found.problems if one.code == "intake.header_twice"]
    return [one.column for one in found.headings]


def test_columns_of_one_name_are_known_by_the_same_headings() -> None:
    """A heading that a table with the column does not take is another column's of that table."""
    for name, words in COMMON.items():
        tables = [one for one in all_contracts().values() if name in one.column_names]
        assert len(tables) > 1, name
        for table in tables:
            known = names_of(table)
            for word in words:
                meant = known[heading_key(word)]
                own = table.column(meant)
                assert meant == name or word in (own.zh, *own.other_headings), (table.name, name, word)


def test_the_district_of_work_records() -> None:
    assert _columns("platform_work_record", "所在区", "所属月份") == ["district_code", "month"]


def test_what_the_table_itself_says_comes_first() -> None:
    assert _columns("entity_emission", "数据来源", "来源") == ["source", None]
    assert _columns("enterprise", "行政区划代码", "所在区") == [None, "district_code"]


def test_of_several_common_headings_the_first_counts() -> None:
    assert _columns("material_flow", "资料来源", "数据来源") == ["source", None]
