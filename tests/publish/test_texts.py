"""Every text of the publications is there in both languages."""

from __future__ import annotations

import re
from pathlib import Path

from lvshu.publish.filings.words import WORDS
from lvshu.publish.texts import catalogue, code_label, ui, unit_label, value_label

BLANK = re.compile(r"\{([a-z_]+)[}:]")
HAN = re.compile(r"[\u4e00-\u9fff]")


def test_both_languages_have_the_same_keys_and_blanks() -> None:
    entries = [("ui", key, entry) for key, entry in catalogue()["ui"].items()]
    entries += [
        (domain, key, entry) for domain, codes in catalogue()["code"].items() for key, entry in codes.items()
    ]
    for domain, key, entry in entries:
        assert set(entry) == {"zh", "en"}, (domain, key)
        assert bool(entry["zh"]) == bool(entry["en"]), (domain, key)
        assert set(BLANK.findall(entry["zh"])) == set(BLANK.findall(entry["en"])), (domain, key)
        assert not HAN.search(entry["en"]), f"{domain}.{key} has Chinese characters in its English text"


def test_every_text_that_the_code_asks_for_is_there_and_none_is_left_over(repository: Path) -> None:
    folder = repository / "src" / "lvshu" / "publish"
    sources = "\n".join(
        path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.suffix in (".py", ".j2", ".js")
    )
    asked = set(re.findall(r'\b(?:ui|_word|word)\(\s*"([a-z_.0-9]+)"', sources))
    asked |= set(re.findall(r'"((?:column|workbook|origin|finding|empty)\.[a-z_0-9]+)"', sources))
    known = set(catalogue()["ui"])
    assert not asked - known - set(WORDS), "the filings have words of their own"
    built = {key for key in known if re.match(r"(panel\.|suffix_|origin\.|column\.sheet|quality\.)", key)}
    plain = {key for key in known - asked - built if f'"{key}"' not in sources}
    assert not plain


def test_every_panel_that_is_made_has_a_title(repository: Path) -> None:
    folder = repository / "src" / "lvshu" / "publish" / "panels"
    sources = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    for name in re.findall(r'panel_or_reason\(\s*reader, "([a-z_]+)"', sources):
        assert ui(f"panel.{name}").zh


def test_an_unknown_code_is_shown_as_it_is() -> None:
    assert code_label("sphere", "outer_space").zh == "outer_space"
    assert value_label("loan_coverage", "scope_status", "in").en == "In scope"
    assert unit_label("1").zh == ""
    assert unit_label("1e8 CNY").zh == "亿元"
