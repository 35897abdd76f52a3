"""Small mends of pages: the login speaks its reader's language, reasons stand first, any two runs compare."""

from __future__ import annotations

import jinja2
import pytest

from lvshu.publish.model import TableView, number_column
from lvshu.publish.panels.accounts import drawn_of_all
from lvshu.publish.texts import NO_TEXT, same
from lvshu.web.actions.account import in_language
from lvshu.web.pages.data import kept_out_place
from lvshu.web.pages.runs import pairs_of
from lvshu.web.rendering import environment


@pytest.mark.parametrize(
    ("target", "asked", "leads_to", "language"),
    [
        ("/finance?view=flows&lang=zh", None, "/finance?view=flows&lang=zh", "zh"),
        ("/finance?view=flows&lang=en", None, "/finance?view=flows&lang=en", "en"),
        ("/finance?view=flows&lang=zh", "en", "/finance?view=flows&lang=en", "en"),
        ("/finance?lang=xx", None, "/finance?lang=xx", None),
        ("/", None, "/", None),
        ("/sectors", "zh", "/sectors", "zh"),
    ],
)
def test_the_login_speaks_the_language_of_the_page_asked_for(
    target: str, asked: str | None, leads_to: str, language: str | None
) -> None:
    assert in_language(target, asked) == (leads_to, language)


def test_reason_and_remedy_of_a_kept_out_row_stand_before_its_place() -> None:
    names = ["table_name", "file", "row_number", "raw_record", "reason_zh", "remedy_zh", "may_be_of", "code"]
    shown = sorted(names, key=kept_out_place)
    assert shown[:5] == ["table_name", "reason_zh", "remedy_zh", "file", "row_number"]
    assert shown[-1] == "raw_record"


def test_two_runs_are_chosen_where_there_are_two() -> None:
    rows = [{"run": "b", "started": "2026"}, {"run": "a", "started": "2025"}]
    assert pairs_of(rows) == (("b", "2026"), ("a", "2025"))
    assert pairs_of(rows[:1]) == ()


def test_a_chart_of_all_rows_does_not_say_that_it_shows_the_largest() -> None:
    assert drawn_of_all(15, 7) is NO_TEXT
    assert drawn_of_all(12, 28).en == "The chart shows the 12 largest; the table has all 28."


def test_templates_of_the_pages_are_whole() -> None:
    for name in ("base.html.j2", "parts.html.j2", "runs.html.j2", "login.html.j2"):
        assert isinstance(environment("zh").get_template(name), jinja2.Template)


@pytest.mark.parametrize(
    ("unit", "values", "shown"),
    [
        ("1e4 tCO2e", (0.9456, 0.9012), ["0.946", "0.901"]),
        ("1e8 CNY", (0.3, None), ["0.300", "…"]),
        ("1e8 CNY", (4.567, 0.02), ["4.57", "0.02"]),
        ("1e8 CNY", (4567.89, 0.02), ["4,567.9", "0.0"]),
        ("1e8 CNY", (0, 0), ["0", "0"]),
        ("%", (4.567, 0.02), ["4.6", "0.0"]),
    ],
)
def test_small_books_keep_three_digits_in_large_units(
    unit: str, values: tuple[float | None, ...], shown: list[str]
) -> None:
    columns = (number_column("v", same("v"), unit, decimals=1),)
    view = TableView(columns, tuple({"v": value} for value in values), ())
    assert [row[0].en for row in view.shown()] == shown
