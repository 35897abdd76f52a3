"""Linkage error of lists from the register of a run: judged rates with the links and units of each pair of lists."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lvshu.cli.commands.estimate import population as command
from lvshu.core.errors import MethodError
from lvshu.statistics import population

MEMBERS = (
    [("a", n) for n in range(100)] + [("b", n) for n in range(60, 160)] + [("c", n) for n in range(90, 190)]
)
MEMBERS += [("b", 60), ("c", None)]  # a second record of a unit; one no longer delivered


class _Book:
    """What is read of a book, with the conditions of the queries held by what is given."""

    def __init__(
        self,
        covered: bool = True,
        basis: str = "clerical",
        scopes: tuple[str, ...] = ("all", "within", "between"),
    ) -> None:
        self.quality = [
            {
                "scope": scope,
                "basis": basis,
                "measure": name,
                "value": value - 0.05 * (scope == "all"),
                "standard_error": error,
                "blocking_covered": covered,
            }
            for name, value, error in (
                ("precision", 0.9, 0.02),
                ("recall", 0.8, 0.03),
                ("missed_link_rate", 0.2, 0.03),
            )
            for scope in scopes
        ]

    def rows(self, table: str, **_: Any) -> list[dict[str, Any]]:
        if table == "link_quality":
            return self.quality
        return [{"source": source, "automatic_group": group} for source, group in MEMBERS]

    def __enter__(self) -> _Book:
        return self

    def __exit__(self, *_: object) -> None:
        return None


def test_rates_are_made_pair_by_pair() -> None:
    found = population.linkage_error_of_book(_Book(), ["a", "b", "c"])  # type: ignore[arg-type]
    assert (found.found, found.found_error) == (0.8, 0.03)
    for one, two, links in ((0, 1, 40), (0, 2, 10), (1, 2, 70)):
        by_hand = links * 0.1 / (100 - links * 0.9 / 0.8)
        assert found.false[one, two] == pytest.approx(by_hand)
        assert found.false_error[one, two] > 0
    assert not np.tril(found.false).any()
    fitted = population.fit_with_linkage_error(
        population.lists_from_counts(
            ("a", "b", "c"), population.lists.all_patterns(3), np.array([300.0, 240, 190, 200, 170, 260, 130])
        ),
        found, (),
    )  # fmt: skip
    assert fitted.rates_error > 0


def test_lists_that_are_no_sources_and_rates_nobody_judged_are_all_told() -> None:
    for book in (_Book(covered=False), _Book(basis="model"), _Book(scopes=("within",))):
        with pytest.raises(MethodError) as caught:
            population.linkage_error_of_book(book, ["a", "甲", "乙"])  # type: ignore[arg-type]
        assert [one.code for one in caught.value.problems] == [
            "population.list_not_linked", "population.list_not_linked", "population.links_not_judged",
        ]  # fmt: skip


def test_the_command_takes_the_rates_of_a_run(lvshu_command: Any, tmp_path: Path, monkeypatch: Any) -> None:
    class Opened:
        @contextmanager
        def book(self) -> Iterator[_Book]:
            yield _Book()

    monkeypatch.setattr(command.Workspace, "open", lambda folder: Opened())
    path = tmp_path / "lists.csv"
    path.write_text("a,b,count\n1,0,30\n0,1,20\n1,1,9\n", encoding="utf-8")
    asked = (
        "estimate",
        "population",
        path,
        "--list",
        "a",
        "--list",
        "b",
        "--count",
        "count",
        "--criterion",
        "none",
    )
    code, out, _ = lvshu_command(*asked, "--links-from", tmp_path, "--json")
    told = json.loads(out)
    assert code == 0
    beta = 40 * 0.1 / (100 - 40 * 0.9 / 0.8)
    lists = population.lists_from_counts(
        ("a", "b"), np.array([[1, 0], [0, 1], [1, 1]]), np.array([30.0, 20, 9])
    )
    rates = population.linkage_error_of_book(_Book(), ["a", "b"])  # type: ignore[arg-type]
    wanted = population.fit_with_linkage_error(lists, rates, ())
    assert told["records"][0]["value"] == pytest.approx(wanted.estimate.value)
    assert told["settings"]["links_false"] == pytest.approx(beta)
    code, _, told = lvshu_command(*asked, "--links-from", tmp_path, "--links-found", "0.9", "--lang", "en")
    assert code == 2 and "--links-from" in told


def test_the_command_refuses_with_the_stratum(lvshu_command: Any, tmp_path: Path) -> None:
    path = tmp_path / "lists.csv"
    path.write_text(
        "A,B,n,q\n1,0,300,e\n0,1,200,e\n1,1,10,e\n1,0,50,w\n0,1,30,w\n1,1,250,w\n", encoding="utf-8"
    )
    asked = ["estimate", "population", path, "--list", "A", "--list", "B", "--count", "n", "--stratum", "q", "--lang",
             "en", "--links-false", "0.05", "--links-found"]  # fmt: skip
    code, out, told = lvshu_command(*asked, "0.55")
    assert code == 1 and not out
    assert "q = e" in told and "q = w" in told and "-11" in told and "470" in told
