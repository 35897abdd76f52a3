"""Every method is told in Chinese and in English: formula and clause in words of the reader's own."""

from __future__ import annotations

import re

from lvshu.pipeline.cards import method_cards
from lvshu.publish.origins import method_card

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
