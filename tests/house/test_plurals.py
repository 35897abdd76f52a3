"""English says “1 row” and “2 rows”: the rule of plural forms, and that every text with a count has both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from lvshu.cli.texts import TEXTS
from lvshu.core.text import message, messages
from lvshu.core.wording import filled
from lvshu.publish.texts import catalogue
from lvshu.web.words import own_words


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (1, "1 row is"), ("1", "1 row is"), (2, "2 rows are"), (0, "0 rows are"), ("1,000", "1,000 rows are"),
        (1.0, "1.0 rows are"), ("…", "… rows are"),
    ],
)  # fmt: skip
def test_the_first_form_is_for_one(value: object, wanted: str) -> None:
    assert filled("{rows:# row is|# rows are}", {"rows": value}) == wanted


def test_what_has_no_value_stays_until_it_has_one() -> None:
    template = "{file}: {rows:# row|# rows}, {rows:it|they}, {share:.1f} %"
    once = filled(template, {"share": 2.25})
    assert once == "{file}: {rows:# row|# rows}, {rows:it|they}, 2.2 %"
    assert filled(once, {"file": "a.csv", "rows": 1}) == "a.csv: 1 row, it, 2.2 %"
    assert filled("{{kept}} {x}", {"x": "{y}"}) == "{kept} {y}"


def test_a_message_of_one_row_and_of_two() -> None:
    one, two = (
        message("statistics.return_missing", "what", "en", {"platforms": n, "returns": n}) for n in (1, 2)
    )
    assert "1 platform left out 1 monthly return; it was imputed" in one
    assert "2 platforms left out 2 monthly returns; these were imputed" in two
    one, two = (
        message("statistics.constraints_conflict", "what", "en", {"count": n, "constraints": "x"})
        for n in (1, 2)
    )
    assert one.startswith("1 set of constraints contradicts itself,")
    assert two.startswith("2 sets of constraints contradict themselves,")


# -- every text with a count ---------------------------------------------------------------------------------------

_NO_NOUN = """
is has was this its as less across thus us does address basis series gas loss process access business analysis
status always sometimes towards besides versus says stands gives needs lies comes exists differs contradicts begins
ends wants owes reports means uses holds asks takes belongs makes leaves knows shows fits states sums falls works
follows gets lacks sits runs adds yields covers meets matches reads serves allows loses goes exceeds jumps occurs
equals feeds sends keeps breaks misses passes minus plus divides carries stays still causes emits saves sells moves
"""
NO_NOUN = frozenset(_NO_NOUN.split())
"""Words in -s that may follow a placeholder without being the plural of what it counts: verbs and singulars."""
_BREAKS = """
of in and or to is has was the for that with by at from but a an than as on into until after before not no it its
are have were do does both all over between through several two if which who whose when where while
"""
BREAKS = frozenset(_BREAKS.split())
NAMES = (
    "cli register.clear_left",
    "accounts.supply_use_totals.what",
    "accounts.hybrid_sectors.what",
    "editing.rule_unknown.what",
)
"""Texts in which the placeholder is a name, not a number, and the word in -s no plural of it."""
IRREGULAR = frozenset(
    ["strata", "criteria", "people", "children", "maxima", "minima", "matrices", "vertices"]
)
"""Plurals that another ending tells."""
_FOLLOWED = re.compile(r"\{(\w+)\}((?: [A-Za-z][\w-]*){1,4})")


def _english() -> Iterator[tuple[str, str]]:
    for code, entry in messages().items():
        yield from ((f"{code}.{part}", text) for part, text in entry["en"].items())
    yield from ((f"cli {key}", text[1]) for key, text in TEXTS.items())
    for source in (catalogue(), own_words()):
        yield from _walk(source, "")


def _walk(part: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "en" and isinstance(value, str):
                yield path, value
            else:
                yield from _walk(value, f"{path}/{key}")
    elif isinstance(part, list):
        for value in part:
            yield from _walk(value, path)


def _uncounted(text: str) -> list[str]:
    """Return the placeholders of a text that are followed by a plural noun and have no form for one."""
    found = []
    for match in _FOLLOWED.finditer(text):
        for word in match[2].split()[:3]:
            if word in BREAKS:
                break
            if word in IRREGULAR or (re.search(r"[a-z]s$", word) and word not in NO_NOUN):
                found.append(match[0])
                break
    return found


def test_the_search_finds_what_it_is_for() -> None:
    assert (
        _uncounted("{count} rows were read")
        and _uncounted("{n} empty cells of {table}")
        and _uncounted("{n} strata")
    )
    assert not _uncounted("{count:# row was|# rows were} read") and not _uncounted("{name} has no rows")


def test_every_count_has_a_form_for_one() -> None:
    """Write {count:# row is|# rows are}, not {count} rows are; a word in -s that is no noun goes into NO_NOUN."""
    bare = [
        f"{code}: {', '.join(found)}"
        for code, text in _english()
        if code not in NAMES and (found := _uncounted(text))
    ]
    assert not bare, "\n".join(bare)
