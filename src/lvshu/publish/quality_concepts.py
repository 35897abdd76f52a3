"""Which concepts of the European metadata structure (SIMS 2.0) the parts of a quality report answer.

Which part answers which concept is lvshu's reading of the concepts; their numbers and ids stand in the pack
`sims_concepts`. Total error and links have no concept of their own: overall accuracy and processing error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from lvshu.publish.model import Column, TableView
from lvshu.publish.model import Panel as Part
from lvshu.publish.reader import packaged
from lvshu.publish.texts import Text, ui

PACK = "sims_concepts"

ANSWERS: Mapping[str, tuple[str, ...]] = {
    "run": ("META_LAST_UPDATE",),
    "presented": ("DATA_DESCR", "UNIT_MEASURE"),
    "sources": ("SOURCE_TYPE",),
    "quarantine": ("DATA_VALIDATION",),
    "methods": ("DATA_COMP", "DOC_METHOD"),
    "packs": ("CLASS_SYSTEM",),
    "total_error": ("ACCURACY_OVERALL", "SAMPLING_ERR", "NONSAMPLING_ERR"),
    "accuracy": ("ACCURACY_OVERALL", "SAMPLING_ERR"),
    "links": ("PROCESSING_ERR",),
    "imputation": ("DATA_COMP", "NONRESPONSE_ERR"),
    "seasonal": ("SEASONAL_ADJ", "ADJUSTMENT"),
    "coherence": ("COHER_X_DOM", "COHER_INTERNAL"),
    "confidentiality": ("CONF_DATA_TR",),
    "timeliness": ("TIMELINESS", "REF_PERIOD"),
    "missing": ("COMPLETENESS",),
    "findings": ("QUALITY_ASSMNT",),
}
"""Part of the report -> ids of the concepts that it answers, the main one first."""


@lru_cache(maxsize=1)
def concepts() -> Mapping[str, dict[str, Any]]:
    """Return the rows of the pack `sims_concepts` by concept id, in the order of their numbers."""
    return {str(row["concept"]): dict(row) for row in packaged()[PACK].rows}


def concepts_of(part: str) -> list[dict[str, Any]]:
    """Return the concepts that a part answers: number, id and names; [] where it answers none."""
    known = concepts()
    return [
        {
            "number": known[one]["number"],
            "id": one,
            "name": {"zh": known[one]["name_zh"], "en": known[one]["name_en"]},
        }
        for one in ANSWERS.get(part, ())
    ]


def concepts_line(part: str, language: str) -> str:
    """Return the line that names the concepts of a part (SIMS 2.0: S.18.1 SOURCE_TYPE …); "" for none."""
    named = [f"{one['number']} {one['id']} {one['name'][language]}" for one in concepts_of(part)]
    return "SIMS 2.0: " + ("；" if language == "zh" else "; ").join(named) if named else ""


def concepts_part(parts: Sequence[Part]) -> Part:
    """Return the part that lists every concept and where it is answered, or that it is left to the bureau.

    Args:
        parts: of the report; one without a table answers nothing.
    """
    answered = _answered(parts)
    known = concepts()
    above = {str(row["parent"]) for row in known.values() if row["parent"]}
    rows = [
        {
            "number": row["number"],
            "concept": one,
            "item": Text(str(row["name_zh"]), str(row["name_en"])),
            "where": _where(answered.get(one, ())),
        }
        for one, row in known.items()
        if one in answered or one not in above
    ]
    columns = (
        Column("number", ui("quality.column_number"), code=True),
        Column("concept", ui("quality.column_concept"), code=True),
        Column("item", ui("quality.column_concept_name")),
        Column("where", ui("quality.column_where")),
    )
    text = ui("quality.concepts_text", count=len(answered), all=len(rows))
    return Part("concepts", ui("quality.concepts"), text, None, TableView(columns, tuple(rows), (PACK,)))


def _answered(parts: Iterable[Part]) -> dict[str, list[Text]]:
    found: dict[str, list[Text]] = {}
    for part in parts:
        for one in ANSWERS.get(part.id, ()) if part.table is not None else ():
            found.setdefault(one, []).append(part.title)
    return found


def _where(titles: Sequence[Text]) -> Text:
    if not titles:
        return ui("quality.for_the_bureau")
    return Text("、".join(one.zh for one in titles), ", ".join(one.en for one in titles))


__all__ = ["ANSWERS", "concepts", "concepts_line", "concepts_of", "concepts_part"]
