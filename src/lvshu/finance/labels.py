"""Label catalogues as tables: their items, the industries of each, and the items found in purpose texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from lvshu.catalog.pack_library import PackLibrary, Row
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.finance.methods.label_text import Hit, Phrase, build_index, find, speaks_of_making, title_phrases

GREEN = (
    "green_bond_catalogue_2015", "green_industry_catalogue_2019", "green_bond_catalogue_2021",
    "green_finance_catalogue_2025",
)  # fmt: skip
DIGITAL, DIGITAL_CODES = "digital_economy_2021", "digital_economy_2021_codes"
TECHNOLOGY, ELDERLY = "high_technology_industries", "elderly_care_industries_2020"
TERMS, INDUSTRIES = "label_terms", "gbt4754_2017"
PACKS = (*GREEN, DIGITAL, DIGITAL_CODES, TECHNOLOGY, ELDERLY, TERMS, INDUSTRIES)
FINE_ENOUGH = 3  # level from which on a green catalogue has items that a loan can be compared with
DIGITAL_LEVELS = {"major": 1, "medium": 2, "minor": 3}

TEXTS = Query(
    "label_text",
    "SELECT DISTINCT purpose_text FROM loan WHERE purpose_text IS NOT NULL ORDER BY purpose_text",
)


@dataclass(frozen=True)
class Item:
    """An item of a catalogue: theme, catalogue, code, names, level; whether it is the finest, and can be searched."""

    theme: str
    catalogue: str
    code: str
    name_zh: str
    name_en: str
    level: int
    finest: bool
    searchable: bool


def items_of(library: PackLibrary) -> list[Item]:
    """Return the items of every catalogue, in the order of the packs.

    A green catalogue can be searched when it holds items of the third level or finer; the other classifications
    always, for they are compared by industry codes.
    """
    found = []
    for catalogue in GREEN:
        rows = library[catalogue].rows
        searchable = any(int(str(row["level"])) >= FINE_ENOUGH for row in rows)
        found += _items("green", catalogue, rows, searchable=searchable)
    found += _items("digital", DIGITAL, library[DIGITAL].rows)
    found += _items("technology", TECHNOLOGY, library[TECHNOLOGY].rows)
    found += _items("elderly_care", ELDERLY, library[ELDERLY].rows)
    return found


def _items(theme: str, catalogue: str, rows: Iterable[Row], *, searchable: bool = True) -> list[Item]:
    rows = list(rows)
    above = {row["parent"] for row in rows}
    return [
        Item(
            theme=theme,
            catalogue=catalogue,
            code=str(row["code"]),
            name_zh=str(row["name_zh"]),
            name_en=str(row["name_en"] or row["name_zh"]),
            level=DIGITAL_LEVELS.get(str(row["level"])) or int(str(row["level"])),
            finest=row["code"] not in above,
            searchable=searchable,
        )
        for row in rows
    ]


def make_items(context: StepContext) -> None:
    """Fill `label_item` and `label_item_code` from the packs."""
    items = items_of(context.packs)
    context.write(
        "label_item",
        {
            "theme": [item.theme for item in items],
            "catalogue": [item.catalogue for item in items],
            "label_code": [item.code for item in items],
            "name_zh": [item.name_zh for item in items],
            "name_en": [item.name_en for item in items],
            "level": [item.level for item in items],
            "finest": [item.finest for item in items],
            "searchable": [item.searchable for item in items],
        },
    )
    _write_rows(context, "label_item_code", [*_listed_codes(context.packs), *_title_codes(context, items)])


def make_texts(context: StepContext) -> None:
    """Fill `label_text`: the items found in each distinct purpose text."""
    texts = [str(text) for text in context.sql(TEXTS)["purpose_text"].to_pylist()]
    items = items_of(context.packs)
    rows = []
    for chosen, hit in hits_of(context.packs, items, texts):
        rows.append(
            {
                "purpose_text": texts[hit.text], **_named(chosen), "phrase": hit.words, "sentence": hit.sentence,
                "found_by": "term" if hit.is_term else "title", "score": hit.score, "negated": hit.negated,
            }
        )  # fmt: skip
    _write_rows(context, "label_text", rows)


def hits_of(library: PackLibrary, items: list[Item], texts: list[str]) -> list[tuple[Item, Hit]]:
    """Return what is found in each text, catalogue by catalogue.

    Args:
        library: packs, for the listed terms.
        items: items of all catalogues.
        texts: texts to look in.
    """
    found = []
    for catalogue in (*GREEN, DIGITAL, TECHNOLOGY, ELDERLY):
        own = [item for item in items if item.catalogue == catalogue and item.searchable]
        phrases = _phrases(library, catalogue, own)
        if phrases and texts:
            found += [(own[hit.item], hit) for hit in find(build_index(phrases), texts)]
    return found


def _phrases(library: PackLibrary, catalogue: str, own: list[Item]) -> list[Phrase]:
    """Return what to look for: titles of the finest items, and the listed terms of any item."""
    place = {item.code: number for number, item in enumerate(own)}
    finest = [number for number, item in enumerate(own) if item.finest]
    titles = title_phrases([own[number].name_zh for number in finest])
    found = [replace(phrase, item=finest[phrase.item]) for phrase in titles]
    for row in library[TERMS].find(catalogue=catalogue):
        if str(row["code"]) in place:
            number = place[str(row["code"])]
            found.append(Phrase(number, str(row["term"]), True, speaks_of_making(own[number].name_zh)))
    return found


def _listed_codes(library: PackLibrary) -> list[dict[str, Any]]:
    """Return the industry classes that the classifications themselves list."""
    rows = [
        _code("digital", DIGITAL, row["digital_code"], row["gbt4754_code"], partial=bool(row["partial"]))
        for row in library[DIGITAL_CODES].rows
    ]
    for theme, catalogue in (("technology", TECHNOLOGY), ("elderly_care", ELDERLY)):
        for row in library[catalogue].rows:
            for column, partial in (("gbt4754_code", False), ("starred_code", True)):
                rows += [
                    _code(theme, catalogue, row["code"], one, partial=partial)
                    for one in str(row[column] or "").split(";")
                    if one
                ]
    for catalogue in GREEN:
        names = {column.name for column in library[catalogue].card.columns}
        if "gbt4754_code" in names:
            for row in library[catalogue].rows:
                listed = [one for one in str(row["gbt4754_code"] or "").split(";") if len(one) == 4]
                rows += [_code("green", catalogue, row["code"], one, partial=True) for one in listed]
    return rows


def _title_codes(context: StepContext, items: list[Item]) -> list[dict[str, Any]]:
    """Return green items whose title is like an industry's: only a suggestion, always starred."""
    classes = context.packs[INDUSTRIES].find(level="class")
    titles = [str(row["name_zh"]) for row in classes]
    green = [item for item in items if item.theme == "green"]
    return [
        {
            **_named(item), "class_code": str(classes[hit.text]["code"]), "partial": True, "origin": "title",
            "phrase": hit.words, "score": hit.score,
        }
        for item, hit in hits_of(context.packs, green, titles)
    ]  # fmt: skip


def _code(theme: str, catalogue: str, code: object, class_code: object, *, partial: bool) -> dict[str, Any]:
    return {
        "theme": theme, "catalogue": catalogue, "label_code": str(code), "class_code": str(class_code),
        "partial": partial, "origin": "catalogue", "phrase": None, "score": 1.0,
    }  # fmt: skip


def _named(item: Item) -> Mapping[str, str]:
    return {"theme": item.theme, "catalogue": item.catalogue, "label_code": item.code}


def _write_rows(context: StepContext, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        context.write(table, {name: [row[name] for row in rows] for name in rows[0]})
