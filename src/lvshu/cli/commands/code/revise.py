"""lvshu code revise: codes of GB/T 4754-2011 brought to 2017."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from lvshu.catalog.pack_library import PackLibrary
from lvshu.cli.commands.code.common import CODE_HEADS, TEXT_HEADS, of_scope
from lvshu.cli.console import Output
from lvshu.core.errors import InputError
from lvshu.statistics.coding.hierarchy import Hierarchy
from lvshu.statistics.coding.knowledge import read_table, title_entries, titles
from lvshu.statistics.coding.queue import safe
from lvshu.statistics.coding.revision import revised
from lvshu.statistics.coding.store import load
from lvshu.statistics.coding.texts import terms_of
from lvshu.statistics.coding.training import without_labels


def execute(
    *, language: str, as_json: bool, file: Path, model: Path | None, to: Path | None, code: str, text: str, scope: bool,
    top: int,
) -> int:  # fmt: skip
    """Bring codes over, write and show them. Returns the exit code."""
    output, library = Output(language, as_json), PackLibrary.load(None)
    heads = (code.strip().lower(),) if code else CODE_HEADS
    try:
        rows = read_table(file, (heads, (text.strip().lower(),) if text else TEXT_HEADS))
    except InputError as error:
        if text or error.code != "coding.file_columns":
            raise
        rows = [(row, (cells[0], "")) for row, cells in read_table(file, (heads,))]
    codes = [cells[0].strip() for _, cells in rows]
    words = [of_scope(cells[1], library) if scope else cells[1] for _, cells in rows]
    hierarchy = Hierarchy.of_pack(library)
    coder = load(model) if model is not None else without_labels(
        title_entries(hierarchy, titles(library)), hierarchy, words, terms_of(library).spelling
    )  # fmt: skip
    found = revised(codes, library, words, coder)
    if to is not None:
        with to.open("w", encoding="utf-8-sig", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow(("row", "code_2011", "code_2017", "options", "by", "probability"))
            for (row, _), one in zip(rows, found, strict=True):
                cells = (one.old, one.new, " ".join(one.options), one.by, _shown(one.probability, 4))
                writer.writerow([row, *map(safe, cells)])
    counts = dict(Counter(one.by for one in found))
    output.json({"ok": True, "counts": counts, "file": to, "codes": [asdict(one) for one in found[:top]]})
    output.table(
        [output.text(f"code.word.{name}") for name in ("old", "code", "options", "by", "probability")],
        [
            (one.old, one.new, " ".join(one.options), output.text(f"code.by.{one.by}"), _shown(one.probability, 2))
            for one in found[:top]
        ],
        right=(4,),
    )  # fmt: skip
    output.say("  ".join(f"{output.text(f'code.by.{name}')}: {count}" for name, count in counts.items()))
    return 0


def _shown(probability: float | None, decimals: int) -> str:
    return "" if probability is None else f"{probability:.{decimals}f}"
