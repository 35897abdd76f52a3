"""A table of an earlier run that is put back: columns of the table it was exported from are left without a word."""

from __future__ import annotations

from lvshu.contract import load
from lvshu.core.errors import Where
from lvshu.intake.heading import match_headings
from lvshu.intake.mapping import FileMapping
from lvshu.intake.reading import unknown_headings


def test_columns_of_the_exported_table_are_no_unknown_columns() -> None:
    previous, member = load("register_member_previous"), load("register_member")
    assert set(member.column_names) - set(previous.column_names)
    heads = [*(column.zh for column in member.columns), "随手记"]
    match = match_headings(heads, previous, mapping=FileMapping(), where=Where())
    assert [one.text for one in unknown_headings(match, previous)] == ["随手记"]
    assert len(match.unknown) > 1
