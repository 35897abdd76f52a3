"""The PACTA demonstration book (r2dii.data, CC0): names of loans against names of companies.

Compared with r2dii.match's documented rule: an alias of both names, then Jaro-Winkler; pairs of equal aliases score 1
and are what its users keep. The alias rule is written here after its description, with the words that occur.
"""

from __future__ import annotations

import csv
import re

import numpy as np
import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.enterprise_name import NameWords
from lvshu.linkage.names.matcher import Matcher
from lvshu.linkage.names.scoring import Weights

SHORTER = (
    (" and ", " & "), (" und ", " & "), ("company", "co"), ("corporation", "corp"), ("limited", "ltd"),
    ("group", "grp"), ("holdings", "hldgs"), ("holding", "hldgs"), ("international", "intl"),
)  # fmt: skip
OWNERSHIP = re.compile(r" (co ltd|ltd|inc|corp|plc|llc|gmbh|ag|spa|sa|co|kgaa|srl|kg)$")


def alias(name: str) -> str:
    text = " ".join(re.sub(r"[.,_/()]", " ", name.lower()).split())
    for word, short in SHORTER:
        text = text.replace(word, short)
    found = OWNERSHIP.search(text)
    ending = f" {found.group(1).replace(' ', '')}" if found else ""
    return re.sub(r"[^a-z0-9&]", "", text[: found.start()] if found else text) + ending


@pytest.mark.real_data
@pytest.mark.parametrize(("column", "names", "exact"), [
    ("name_direct_loantaker", 274, 161), ("name_ultimate_parent", 231, 173),
])  # fmt: skip
def test_all_that_the_alias_rule_finds_and_nothing_against_it(shared_data, column, names, exact):
    folder = shared_data / "finance" / "pacta"
    with (folder / "in_loanbook_demo.csv").open(encoding="utf-8") as handle:
        asked = sorted({row[column] for row in csv.DictReader(handle) if row[column]})
    with (folder / "in_abcd_demo.csv").open(encoding="utf-8") as handle:
        companies = sorted({row["name_company"] for row in csv.DictReader(handle)})
    by_alias: dict[str, list[str]] = {}
    for company in companies:
        by_alias.setdefault(alias(company), []).append(company)
    library = PackLibrary.load(None)
    words = NameWords.of(library["name_parts"].rows, library["traditional_characters"].rows)
    ranked = Matcher.of(companies, words, Weights.of(library["name_match_weights"].rows)).rank(asked)
    taken = np.flatnonzero((ranked.rank == 1) & (ranked.probability >= 0.9) & ranked.sure)
    mine = {asked[ranked.query[row]]: companies[ranked.company[row]] for row in taken}
    theirs = {name: by_alias[alias(name)] for name in asked if alias(name) in by_alias}
    assert (len(asked), len(theirs)) == (names, exact)
    assert {name: mine.get(name) for name in theirs} == {name: found[0] for name, found in theirs.items()}
    assert 0 < len(mine) - len(theirs) <= 3
