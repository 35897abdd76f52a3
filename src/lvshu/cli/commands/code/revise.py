"""lvshu code revise: codes of GB/T 4754-2011 brought to 2017."""

from __future__ import annotations

import csv
from collections import Counter
from contextlib import nullcontext, suppress
from dataclasses import asdict
from pathlib import Path

from lvshu.catalog.pack_library import PackLibrary
from lvshu.cli.commands.code.common import CODE_HEADS, TEXT_HEADS, of_scope
from lvshu.cli.console import Output
from lvshu.core.errors import InputError
from lvshu.statistics.coding.hierarchy import Hierarchy
from lvshu.statistics.coding.knowledge import title_entries, titles, whole_table
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
    table = whole_table(file, [heads, (text,) if text else TEXT_HEADS])
    codes = [cell.strip() for cell in table.cells(heads)]
    words = [""] * len(codes)
    with suppress(InputError) if not text else nullcontext():
        words = [
            of_scope(one, library) if scope else one for one in table.cells((text,) if text else TEXT_HEADS)
        ]
    hierarchy = Hierarchy.of_pack(library)
    coder = load(model) if model is not None else without_labels(
        title_entries(hierarchy, titles(library)), hierarchy, words, terms_of(library).spelling
    )  # fmt: skip
    found = revised(codes, library, words, coder)
    if to is not None:
        with to.open("w", encoding="utf-8-sig", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow(
                [*map(safe, table.heads), "row", "code_2011", "code_2017", "options", "by", "probability"]
            )
            for (row, own), one in zip(table.rows, found, strict=True):
                cells = (one.old, one.new, " ".join(one.options), one.by, _shown(one.probability, 4))
                writer.writerow([*map(safe, own), row, *map(safe, cells)])
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
