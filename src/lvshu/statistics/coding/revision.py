"""Codes of GB/T 4754-2011 brought to 2017: by the concordance, and by the text where one class became several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lvshu.catalog.pack_library import PackLibrary
from lvshu.statistics.coding.coder import Coder
from lvshu.statistics.coding.training import Settings

CONCORDANCE = "gbt4754_2011_map"
ACCURACY = Settings().accuracy
"""The same certainty as a code of a text needs."""
ONE, TEXT, OPEN, ENDED, UNKNOWN = "concordance", "text", "open", "ended", "unknown"


@dataclass(frozen=True)
class Revised:
    """A code of 2011 in 2017.

    Attributes:
        old: code of 2011.
        new: code of 2017; "" where it is not known which.
        options: every code of 2017 that the concordance gives.
        by: what decided: the concordance (one code), the text among several, open, ended, unknown (no code of 2011).
        probability: of the likeliest code among the options by the text; 0 without a text; None for one option: the
            concordance is by titles, and how often it is right was not measured.
    """

    old: str
    new: str
    options: tuple[str, ...]
    by: str
    probability: float | None


def revised(
    codes: Sequence[str], library: PackLibrary, texts: Sequence[str | None] = (), coder: Coder | None = None,
    accuracy: float = ACCURACY,
) -> list[Revised]:  # fmt: skip
    """Return each code of 2011 in the edition of 2017. Where a class was split, the text chooses or it stays open.

    Args:
        codes: of GB/T 4754-2011, four digits.
        library: with the concordance, whose basis is told on its card.
        texts: one a code, or none.
        coder: of GB/T 4754-2017.
        accuracy: probability among the options that the likeliest must reach.
    """
    options: dict[str, list[str]] = {}
    for row in library[CONCORDANCE].rows:
        kept = options.setdefault(str(row["code_2011"]), [])
        if row["code_2017"] and row["code_2017"] not in kept:
            kept.append(str(row["code_2017"]))
    split = [number for number, code in enumerate(codes) if len(options.get(code, ())) > 1]
    chosen = _by_text(coder, [texts[number] for number in split], [options[codes[n]] for n in split]) if (
        coder is not None and texts
    ) else {}  # fmt: skip
    said = {number: chosen[place] for place, number in enumerate(split) if place in chosen}
    found = []
    for number, code in enumerate(codes):
        listed = tuple(options.get(code, ()))
        if code not in options:
            found.append(Revised(code, "", (), UNKNOWN, 0.0))
        elif not listed:
            found.append(Revised(code, "", (), ENDED, 0.0))
        elif len(listed) == 1:
            found.append(Revised(code, listed[0], listed, ONE, None))
        elif number in said and said[number][1] >= accuracy:
            found.append(Revised(code, said[number][0], listed, TEXT, said[number][1]))
        else:
            found.append(Revised(code, "", listed, OPEN, said.get(number, ("", 0.0))[1]))
    return found


def _by_text(
    coder: Coder, texts: Sequence[str | None], options: Sequence[Sequence[str]]
) -> dict[int, tuple[str, float]]:
    """Return the likeliest option of each text with its probability among the options; none for an empty text."""
    words = coder.prepared(texts)
    probability = coder.probabilities(words)
    found = {}
    for row, (text, listed) in enumerate(zip(words, options, strict=True)):
        numbers = [int(one) for one in coder.hierarchy.numbers(listed)]
        shares = [float(probability[row, one]) if one >= 0 else 0.0 for one in numbers]
        if text and sum(shares) > 0:
            best = max(range(len(listed)), key=lambda at: shares[at])
            found[row] = (listed[best], shares[best] / sum(shares))
    return found
