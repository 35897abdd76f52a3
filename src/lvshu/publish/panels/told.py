"""What a finding tells those who may not see records: the message with its values, or the message without them.

A value is told where its kind is known to be about areas, sectors, fuels, periods, packs and the like; amounts and
counts are told of the city's own accounts alone. Every other value (names, codes and numbers of firms, loans and
persons, their amounts, how many there are, examples) is left out: the figures behind it stand on the pages, where
those about few units are withheld, and a finding that repeats one would give it away.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from string import Formatter

from lvshu.core.text import LANGUAGES, message, messages
from lvshu.publish.reader import names_records
from lvshu.publish.texts import Text, contract_of, same

PARTS = ("what", "why", "fix")


def _kinds(names: str) -> frozenset[str]:
    return frozenset(names.split())


ANYWHERE = _kinds(
    """area areas asked bases basis catalogue currency divisions factor_year fuel fuels indicator indicators line lines
    method methods month months pack packs period periods state table_year tables target_year unit use wanted year
    years"""
)
"""Kinds of values that are about no unit, whatever the message."""
BY_WING: Mapping[str, frozenset[str]] = {
    "accounts": _kinds(
        """after all allocated amount balance base_year before carrier check code column columns computed count derived
        difference due emission energy expected explained final found gap gas given inventory item label material
        materials measured name net origin origins other percent place product published quantity quotient rate ratios
        read_as reduction ref refs report rest rows sector sectors sets share source stated stream streams table text
        total units unplaced used whole"""
    ),
    "packs": _kinds("code codes column date day document from known name start step steps table to value"),
    "pipeline": _kinds("headline inputs label step steps table"),
    "statistics": _kinds(
        """cells classes codes date definition errors factor figure first from has_from has_to high k
        last least low measure minimum n of p percent plain policy range revision series smallest stated subject table
        to windows"""
    ),
    "coding": frozenset({"least"}),
    "finance": frozenset({"classes", "count", "intensity_year", "parameter", "purposes", "setting"}),
}
"""Kinds of values that the messages of a wing may tell beyond those."""
ABOUT_UNITS = frozenset(
    {
        "accounts.bottom_up_exceeds",
        "accounts.enterprises_without_sector",
        "accounts.reconciled",
        "accounts.reports_beside_returns",
        "accounts.return_without_factor",
        "finance.desk_form_too_many",
        "finance.desk_nobody_waits",
        "finance.desk_unknown_client",
        "statistics.edit_selected",
        "statistics.january_exempt",
        "statistics.register_outside_survey",
        "statistics.register_short_of_survey",
        "statistics.register_two_codes",
        "statistics.review_two_answers",
    }
)
"""Messages that speak of firms, loans or persons though their values are of an open kind."""
WHOLE = frozenset({"intake.unit_converted", "statistics.return_missing"})
"""Messages on tables of records whose values are headings, units and counts of all platforms alone."""
CREDIT_CODE = re.compile(r"(?<![0-9A-Z])[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}(?![0-9A-Z])")
"""GB 32100-2015: who a finding names by code is not shown to everyone, whatever table it speaks of."""
_BLANK = re.compile(r"\{[a-z_0-9]+(?::[^{}|]*\|(?P<other>[^{}]*)|:[^{}|]*)?\}")


@cache
def values_of(code: str) -> frozenset[str]:
    """Return the names of the values that a message holds, in either language; none of an unknown message."""
    entry = messages().get(code, {})
    texts = [str(entry.get(language, {}).get(part, "")) for language in LANGUAGES for part in PARTS]
    return frozenset(name for text in texts for _, name, _, _ in Formatter().parse(text) if name)


def is_told(code: str, table: str = "") -> bool:
    """Return whether a finding is told with its values to those who may not see records.

    Args:
        code: of the message.
        table: that the finding is about; empty: none.
    """
    if code in WHOLE:
        return True
    if code not in messages() or code in ABOUT_UNITS or names_records(table):
        return False
    return values_of(code) <= ANYWHERE | BY_WING.get(code.partition(".")[0], frozenset())


def names_nobody(*texts: str) -> bool:
    """Return whether no credit code stands in any of the texts."""
    return not any(CREDIT_CODE.search(text) for text in texts)


def general_text(code: str, part: str, table: str, column: str | None) -> Text:
    """Return a message without the record's own values: safe to publish."""
    if code not in messages():
        return same(code)
    contract = contract_of(table)
    values: dict[str, object] = {"table": table}
    if contract is not None and column in contract.column_names:
        one = contract.column(str(column))
        values |= {
            "column": one.name,
            "label": {"zh": one.zh, "en": one.en},
            "meaning": {"zh": one.meaning_zh, "en": one.meaning_en},
            "minimum": one.minimum,
            "maximum": one.maximum,
            "allowed": list(one.allowed),
            "codes": one.codes,
            "unit": one.unit,
        }
    return Text(*(_BLANK.sub(_left_out, message(code, part, language, values)) for language in LANGUAGES))


def _left_out(blank: re.Match[str]) -> str:
    """Return what stands for a value that is not told: forms that follow a number stand in the plural."""
    return "…" if blank["other"] is None else blank["other"].replace("#", "…")
