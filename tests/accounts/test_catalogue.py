"""Headlines, method cards and messages of the wing name things that exist."""

from __future__ import annotations

import re

import pytest

from lvshu.accounts.steps import STEPS
from lvshu.contract import load
from lvshu.core.text import messages, read_catalogue
from lvshu.engine import dialect

HEADLINES = [
    headline
    for name, content in read_catalogue("headlines").items()
    if name.startswith("accounts")
    for headline in content["headline"]
]
CARDS = {
    code: card
    for name, content in read_catalogue("methods").items()
    if name.startswith("accounts")
    for code, card in content.items()
}


@pytest.mark.parametrize("headline", HEADLINES, ids=[headline["code"] for headline in HEADLINES])
def test_headline(headline: dict[str, str]) -> None:
    contract = load(headline["table"])
    column = contract.column(headline["value"])
    assert column.type in ("quantity", "money")
    where = headline["where"] or "TRUE"
    tree = dialect.parse(f"SELECT sum({headline['value']}) FROM {headline['table']} WHERE {where}")
    names = {node.name for node in tree.find_all(dialect.exp.Column)}
    assert names <= set(contract.column_names)
    assert headline["method"] in CARDS
    assert "{value}" in headline["sentence_zh"]
    assert "{value}" in headline["sentence_en"]


def test_every_step_has_a_card_and_every_table_a_contract() -> None:
    for step in STEPS:
        assert step.method in CARDS
        for table in step.makes:
            assert load(table).kind == "book"
        for table in (*step.reads, *step.reads_if_there):
            load(table)


@pytest.mark.parametrize("code", [code for code in messages() if code.startswith("accounts.")])
def test_messages_are_whole_in_both_languages(code: str) -> None:
    entry = messages()[code]
    found = {}
    for language in ("zh", "en"):
        parts = [entry[language][part] for part in ("what", "why", "fix")]
        assert all(parts)
        found[language] = set(re.findall(r"{(\w+)[:}]", " ".join(parts)))
    assert found["zh"] == found["en"]
