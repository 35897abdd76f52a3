"""What is withheld of finance is worked out once a run, kept beside its book, and not believed of another."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lvshu.web.security import finance_view, kept
from lvshu.web.security.loan_views import LoanFigures
from lvshu.web.security.withheld_view import FinanceView

VIEW = FinanceView(
    LoanFigures(
        {"balance": frozenset({(("group", "bank_2026", None),), (("a", "", "x"), ("a", "", "y"))}),
         "loans": frozenset()},
        frozenset({"stock_end_intensity"}),
        frozenset({("group", "bank_2026"), ("a", "")}),
        {"matching": ("balance", (("match", "", "unknown/none"),))},
    ),
    {"facility": {("SB01/quarter", "amount"), ("SB01/quarter", "rate")}, "benefit": set()},
    frozenset({"matching"}),
    frozenset({"green_loan_balance"}),
    ("bank_2026", "pcaf_2022"),
)  # fmt: skip


@dataclass
class Run:
    """As much of a book as is asked for."""

    path: Path
    run: dict[str, Any] = field(default_factory=lambda: {"run_id": "r1", "settings": "{}"})


@pytest.fixture
def book(tmp_path: Path) -> Run:
    (tmp_path / "r1").mkdir()
    path = tmp_path / "r1" / "book.duckdb"
    path.write_bytes(b"book")
    return Run(path)


def test_what_is_kept_comes_back_whole(book: Run) -> None:
    assert kept.load(book, 3) is None
    kept.store(book.path.parent, kept.mark_of(book, 3), 3, VIEW)
    assert kept.load(book, 3) == VIEW
    assert [one.name for one in book.path.parent.iterdir() if one.suffix == ".json"] == ["withheld-3.json"]


def test_it_is_not_believed_of_another_book_least_number_or_code(
    book: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.store(book.path.parent, kept.mark_of(book, 3), 3, VIEW)
    assert kept.load(book, 5) is None
    assert kept.load(Run(book.path, {"run_id": "r2", "settings": "{}"}), 3) is None
    path = book.path.parent / "withheld-3.json"
    path.with_name("withheld-5.json").write_bytes(path.read_bytes())
    assert kept.load(book, 5) is None
    monkeypatch.setattr(kept, "_code", lambda: "other")
    assert kept.load(book, 3) is None


def test_a_broken_file_counts_as_absent(book: Run) -> None:
    path = book.path.parent / "withheld-3.json"
    for text in ("", "[]", '{"mark": 1}', json.dumps({"mark": kept.mark_of(book, 3), "view": {}})):
        path.write_text(text, encoding="utf-8")
        assert kept.load(book, 3) is None


def test_a_run_keeps_it_where_an_earlier_run_was_served_with_it(
    book: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = tmp_path / "r2"
    new.mkdir()
    monkeypatch.setattr(finance_view, "Reader", lambda given: given)
    monkeypatch.setattr(finance_view.finance, "section", lambda reader: type("Section", (), {"panels": ()}))
    monkeypatch.setattr(finance_view, "_read", lambda reader, least, panels: "sources")
    monkeypatch.setattr(finance_view, "_worked_out", lambda sources: VIEW)
    later = Run(new / "book.duckdb", {"run_id": "r2", "settings": "{}"})
    later.path.write_bytes(b"book")
    finance_view.keep_view(later, new)  # type: ignore[arg-type]
    assert kept.load(later, 3) is None
    kept.store(book.path.parent, kept.mark_of(book, 3), 3, VIEW)
    finance_view.keep_view(later, new)  # type: ignore[arg-type]
    assert kept.load(later, 3) == VIEW
