"""lvshu code texts: codes for the texts of a file."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from lvshu.catalog.pack_library import PackLibrary
from lvshu.cli.commands.code.common import TEXT_HEADS, hierarchy_of, texts_in
from lvshu.cli.console import Output
from lvshu.core.errors import ConfigError, Problem, Where
from lvshu.intake.text import heading_key
from lvshu.statistics.coding.coder import DECISIONS, Coder, answer_listed
from lvshu.statistics.coding.derived import derived_table, standings
from lvshu.statistics.coding.evidence import NAMES, deciding_words, lexicon_of, shortened
from lvshu.statistics.coding.hierarchy import INDUSTRIES, Hierarchy
from lvshu.statistics.coding.knowledge import (
    LABELS,
    WholeTable,
    read_knowledge,
    read_table,
    title_entries,
    titles,
    whole_table,
)
from lvshu.statistics.coding.methods.drift import mean_shift
from lvshu.statistics.coding.monitor import ALARM
from lvshu.statistics.coding.queue import safe
from lvshu.statistics.coding.store import load
from lvshu.statistics.coding.texts import LONGEST, terms_of
from lvshu.statistics.coding.training import without_labels

SHOWN, LISTED = 40, 200
"""Characters of a text in the table on the screen, and beside the answers in the file."""
OWN = "coded_"
"""Stands before the heading of an answer where the user's file has that heading already."""


def execute(
    *, language: str, as_json: bool, file: Path, model: Path | None, to: Path | None, text: str, levels: str,
    scope: bool, knowledge: Path | None, by_class: bool, top: int,
) -> int:  # fmt: skip
    """Code, write and show. Returns the exit code."""
    output, library = Output(language, as_json), PackLibrary.load(None)
    table = whole_table(file, [(text,) if text else TEXT_HEADS])
    given = texts_in(table, text, scope=scope, library=library)
    coder = load(model) if model is not None else _of_words(library, knowledge, levels, given)
    rows = coded(coder, given, library, guarantee="by_class" if by_class else "overall")
    if to is not None:
        _write(to, table, rows)
    count = Counter(row["decision"] for row in rows)
    counts = {name: count[name] for name in DECISIONS}
    told = _told(coder, given, rows, file.name)
    output.json(
        {"ok": True, "calibrated": coder.calibrated, "counts": counts, "file": to, "rows": rows[:top],
         "problems": told}
    )  # fmt: skip
    if not coder.calibrated:
        output.say(output.text("code.uncalibrated"), style="yellow")
    _show(output, rows[:top])
    output.say(output.text("code.counted", texts=len(rows), **counts))
    if to is not None:
        output.say(output.text("code.written", file=to), style="dim")
    output.problems(told)
    return 0


def _told(coder: Coder, given: list[tuple[int, str]], rows: list[dict[str, Any]], file: str) -> list[Problem]:
    """Return what the user should know of the file as a whole: unlike texts, texts that were cut."""
    unlike = _unlike(coder, rows, file)
    told = [] if unlike is None else [unlike]
    long = [len(words) for _, words in given if len(words) > LONGEST]
    if long:
        values = {"texts": len(long), "longest": LONGEST, "most": max(long)}
        told.append(Problem("coding.text_cut", Where(file=file), values, severity="warning"))
    return told


def _unlike(coder: Coder, rows: list[dict[str, Any]], file: str) -> Problem | None:
    """Return that the texts of a file are unlike those of calibration as a whole, by the sign that drift goes by."""
    if not coder.calibrated or coder.baseline.get("known") is None:
        return None
    known = np.array([row["known"] for row in rows if row["known"] is not None])
    shift = mean_shift((*coder.baseline["known"], int(coder.baseline["texts"])), known)
    if not shift < -ALARM:
        return None
    values = {"texts": len(known), "unlike": sum(row["unlike"] for row in rows), "shift": round(-shift, 1)}
    return Problem("coding.texts_unlike", Where(file=file), values, severity="warning")


def _write(to: Path, table: WholeTable, rows: list[dict[str, Any]]) -> None:
    """Write the answers behind the user's own columns, which stay in their order and under their headings."""
    taken = {heading_key(head) for head in table.heads}
    with to.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(
            [
                *map(safe, table.heads),
                *(OWN + name if heading_key(name) in taken else name for name in rows[0]),
            ]
        )
        for (_, cells), row in zip(table.rows, rows, strict=True):
            writer.writerow(
                [*map(safe, cells), *(safe("" if cell is None else cell) for cell in row.values())]
            )


def _of_words(
    library: PackLibrary, knowledge: Path | None, levels: str, given: list[tuple[int, str]]
) -> Coder:
    """Return a coder of GB/T 4754-2017's titles with a knowledge base, or of another classification's own words."""
    unlabelled = [words for _, words in given[:20_000]]
    pack = str(knowledge or "")
    if knowledge is not None and not knowledge.is_file() and Hierarchy.is_pack(library, pack):
        own = Hierarchy.of_pack(library, pack)
        entries = title_entries(own, titles(library, pack))
        return without_labels(entries, own, unlabelled, terms_of(library).spelling)
    names = {} if levels else titles(library)
    if levels and knowledge is None:
        raise ConfigError(Problem("coding.name_knowledge"))
    labels = [cells[0] for _, cells in read_table(knowledge, (LABELS,))] if levels and knowledge else []
    hierarchy = hierarchy_of(levels, labels, library)
    entries = (
        title_entries(hierarchy, names) if knowledge is None else read_knowledge(knowledge, hierarchy, names)
    )
    return without_labels(entries, hierarchy, unlabelled, terms_of(library).spelling)


def coded(
    coder: Coder, given: list[tuple[int, str]], library: PackLibrary, *, guarantee: str
) -> list[dict[str, Any]]:
    """Return one row a text: the answer, the likeliest class, its set, and where the class stands elsewhere."""
    words = [text for _, text in given]
    found, listed = answer_listed(coder, words, guarantee=guarantee, most=10)
    industries = coder.hierarchy.name == INDUSTRIES
    own = coder.hierarchy.name
    names = titles(library, own) if Hierarchy.is_pack(library, own) else {}
    table = derived_table(library) if industries else {}
    decided = deciding_words(coder, words, found.best.tolist(), lexicon_of(library[NAMES].rows))
    rows = []
    for at, (number, text) in enumerate(given):
        level, best = int(found.level[at]), int(found.best[at])
        probability = float(found.probability[at])
        row: dict[str, Any] = {
            "row": number, "words": shortened(text, LISTED), "decided_by": decided[at],
            "decision": str(found.decision[at]),
            "code": str(found.code[at]) or None, "level": coder.hierarchy.levels[level] if level >= 0 else None,
            "title": names.get(str(found.code[at])),
            # without calibration a score is no probability of being right
            "probability": round(probability, 4) if coder.calibrated and probability == probability else None,
            "best_code": coder.hierarchy.classes[best] if best >= 0 else None,
            "best_title": names.get(coder.hierarchy.classes[best]) if best >= 0 else None,
            "set_size": int(found.set_size[at]) if found.set_size[at] >= 0 else None,
            "candidates": "; ".join(f"{code} {share:.2f}" for code, share in listed[at]),
        }  # fmt: skip
        if coder.model is not None:
            row |= {
                "known": round(float(found.known[at]), 4) if best >= 0 else None,
                "unlike": bool(found.unlike[at]),
            }
        if coder.model is None and best >= 0 and not _touched(coder, text, best):
            row |= {"best_code": None, "best_title": None, "candidates": ""}
        if industries:
            row |= (
                standings(coder.hierarchy.classes[best], table)
                if row["best_code"] is not None
                else dict.fromkeys(standings("", table))
            )
        rows.append(row)
    return rows


def _touched(coder: Coder, text: str, best: int) -> bool:
    """Return whether a suggestion without labels rests on more than single characters."""
    return coder.index is not None and coder.index.touches(coder.prepared([text])[0], best)


def _show(output: Output, rows: list[dict[str, Any]]) -> None:
    names = ("row", "decided_by", "decision", "code", "title", "probability", "set_size")
    output.table(
        [output.text(f"code.word.{name}") for name in names],
        [
            (row["row"], shortened(row["decided_by"] or row["words"], SHOWN),
             output.text(f"code.decision.{row['decision']}"), row["code"] or f"({row['best_code'] or ''})",
             row["title"] or row["best_title"],
             output.text("code.unlike") if row["probability"] is None and row.get("unlike") else row["probability"],
             row["set_size"])
            for row in rows
        ],
        right=(0, 5, 6),
    )  # fmt: skip
