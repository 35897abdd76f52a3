"""Pages of a book that lacks most inputs: each says why it is empty and which file would fill it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from fastapi.testclient import TestClient

from lvshu.core.errors import Problem
from lvshu.publish.model import Panel
from lvshu.publish.panels.base import each_by_itself
from lvshu.publish.reader import Reader
from lvshu.web.context import Context
from lvshu.web.pages import home
from lvshu.web.pages.chapters import chapter
from lvshu.web.pages.reviews import lacking
from lvshu.web.pages.what_if_economy import no_economy
from lvshu.web.pages.wings import (
    FinanceQuery,
    SectorsQuery,
    StatisticsQuery,
    finance,
    sectors,
    statistics,
)
from tests.publish import fake_book


class Bare:
    """A request to a book without any input: what pages make of it, nothing kept."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def made(self, _: object, make: Callable[[Reader], Any]) -> Any:
        """Return what is made of the book."""
        return make(self.reader)


@pytest.fixture(scope="module")
def bare() -> Iterator[Context]:
    """Return a request to a book of a run that had no input at all."""
    with fake_book.empty_book() as book:
        yield cast(Context, Bare(Reader(book)))


def told(panels: tuple[Panel, ...]) -> None:
    assert panels, "a page without a word"
    for panel in panels:
        assert panel.empty is not None or panel.table is not None, panel.id
        if panel.missing:
            assert panel.empty is not None
            assert "inputs/" in panel.empty.zh and "inputs/" in panel.empty.en, panel.id
            assert len({one.id for one in panel.told}) == len(panel.told)
    ids = [panel.id for panel in panels]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("view", ["sectors", "targets", "districts", "inventory", "rest"])
def test_each_part_of_sectors_says_what_it_lacks(bare: Context, view: str) -> None:
    told(sectors(bare, SectorsQuery(view=view)).panels)  # type: ignore[arg-type]


@pytest.mark.parametrize("view", ["emissions", "flows", "labels", "rest"])
def test_each_part_of_finance_says_what_it_lacks(bare: Context, view: str) -> None:
    told(finance(bare, FinanceQuery(view=view)).panels)  # type: ignore[arg-type]


@pytest.mark.parametrize("view", ["digital", "platform", "flexible", "months", "total_error"])
def test_each_part_of_statistics_says_what_it_lacks(bare: Context, view: str) -> None:
    told(statistics(bare, StatisticsQuery(view=view)).panels)  # type: ignore[arg-type]


def test_panels_told_as_one_name_those_of_their_own_page_alone(bare: Context) -> None:
    whole = chapter(bare, "finance").panels
    assert len(each_by_itself(whole)) > len(whole)
    flows = finance(bare, FinanceQuery(view="flows")).panels
    assert "Capital between high-carbon and green" in str(flows[0].empty)
    assert "Financed emissions by method" not in str(flows[0].empty)


def test_what_if_names_the_file_that_it_needs(bare: Context) -> None:
    reader = cast(Any, bare).reader
    panel = no_economy(reader, Problem("accounts.book_without_table"))
    assert panel.empty is not None and panel.missing == ("io_cell",)
    assert "inputs/" in panel.empty.zh and "投入产出表" in panel.empty.zh
    assert "Put in the input-output table in inputs/" in panel.empty.en
    other = no_economy(reader, Problem("accounts.no_energy_balance")).empty
    assert other is not None and other.en.endswith("Keep the yearbook's header of fuels and names of rows.")


@pytest.mark.parametrize("queue", ["names", "labels"])
def test_a_queue_without_its_input_names_the_file(bare: Context, queue: str) -> None:
    panel = lacking(cast(Any, bare).reader, queue)
    assert panel is not None and panel.empty is not None and "inputs/loan.csv" in panel.empty.en
    assert lacking(cast(Any, bare).reader, "codes") is None


def test_a_home_page_without_any_figure_says_why_and_where_the_findings_are(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    protected = home.protected_cards

    def none(*given: Any) -> list[dict[str, Any]]:
        return [{**card, "row": {**card["row"], "value": None}} for card in protected(*given)]

    usual = client.get("/?lang=en").text
    assert "No headline has a figure yet" not in usual and "None of them has a figure" not in usual
    monkeypatch.setattr(home, "protected_cards", none)
    bare = client.get("/?lang=en").text
    assert "No headline has a figure yet" in bare and 'href="/data?lang=en' in bare
    assert re.search(r"\(0 of \d+ with a figure\)", bare) and "None of them has a figure" in bare
