"""Every method and every pack is told in Chinese and in English."""

from __future__ import annotations

import re

from lvshu.catalog.pack_library import PackLibrary
from lvshu.pipeline.cards import method_cards
from lvshu.publish.origins import method_card
from lvshu.publish.translated import translated

CHINESE = re.compile(r"[\u3400-\u9fff]")
PROSE = re.compile(r"[a-z][a-z’'-]+(?:[ ,;:(]+[a-z][a-z’'-]*){2,}")
"""Three words of small letters in a row. A formula in English words needs formula_zh, a Chinese clause clause_en."""


def test_every_method_is_told_in_both_languages() -> None:
    for method in method_cards():
        card = method_card(method)
        assert card is not None
        for part in ("formula", "clause"):
            text = card[part]
            assert not (PROSE.search(text.zh) and not CHINESE.search(text.zh)), (method, part, text.zh)
            assert not CHINESE.search(text.en), (method, part, text.en)
        for part in ("name", "limits", "source"):
            assert not CHINESE.search(card[part].en), (method, part, card[part].en)


def test_every_pack_tells_its_licence_and_source_in_chinese() -> None:
    """A new English text of a card needs its Chinese in publish/translations.toml, or both halves: 中文 / English."""
    library = PackLibrary.load(None)
    missing = [
        (pack, part, translated(getattr(library[pack].card, part)).zh)
        for pack in library
        for part in ("issuer", "licence", "source", "clause")
        if getattr(library[pack].card, part)
    ]
    assert [one for one in missing if PROSE.search(one[2]) and not CHINESE.search(one[2])] == []
