"""The fields of the collection form, as the pack desk_form_fields states them; and last year's figures beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import load
from lvshu.core.units import find_unit, registry
from lvshu.finance.workflow.records import client_id, parts_of
from lvshu.intake.cells import allowed_words
from lvshu.intake.pack_words import words_of
from lvshu.intake.text import heading_key, nearest
from lvshu.store.book import Book

FIELDS, FUELS, PRODUCTS, PROCESSES = "desk_form_fields", "energy_fuels", "product_factors", "process_factors"
REPORTS = "entity_emission"
ANY = "*"
OTHER = "other"
"""A process with a factor of the enterprise's own: through the input table, where factor and source have columns."""
MAIN = ("contact", "finance", "report", "attachment")
LISTED = ("energy", "process", "product")
"""The sections that name fuels, processes and products row by row, each on a sheet of its own."""
FREE_ROWS = 20
IDENTITY = ("form_id", "list_id", "uscc", "project_id", "year", "name")
Figures = Mapping[str, tuple[Decimal, str]]
"""By field: a figure and the symbol of its unit."""


@dataclass(frozen=True)
class FormField:
    """One field of the form.

    Attributes:
        code: name of the field; in the energy section fuel, or fuel:source of electricity.
        unit: symbol in which it is asked; another of the same dimension is converted.
        evidence: none, wanted (told when missing) or required (refused when missing).
        times: told when the figure is so many times last year's, or last year's so many times it; None: not compared.
    """

    section: str
    code: str
    kind: str
    unit: str
    choices: tuple[str, ...]
    required: bool
    evidence: str
    signed: bool
    times: Decimal | None
    zh: str
    en: str
    hint_zh: str
    hint_en: str

    @property
    def name(self) -> dict[str, str]:
        """Return its name in both languages."""
        return {"zh": self.zh, "en": self.en}

    def choice(self, text: str) -> str | None:
        """Return the choice that a text means, by the words of the input column of the same name; None for none."""
        if text in self.choices:
            return text
        words: dict[str, str] = {heading_key(one): one for one in self.choices}
        if self.section == "report" and self.code in load(REPORTS).column_names:
            words = {**allowed_words(load(REPORTS).column(self.code)), **words}
        found = words.get(heading_key(text))
        return found if found in self.choices else None


@dataclass(frozen=True)
class Item:
    """A fuel, a process or a product that the free rows may name."""

    code: str
    zh: str
    en: str
    dimension: str


@dataclass(frozen=True)
class FormFields:
    """All fields of the form, and by section the fuels, processes and products that may be named, by code."""

    fields: tuple[FormField, ...]
    items: Mapping[str, Mapping[str, Item]]
    spellings: Mapping[str, str]

    def asked_of(self, client: str) -> FormFields:
        """Return the fields that a client is asked: a project is not asked for the finances of its enterprise."""
        if parts_of(client)[1] is None:
            return self
        return replace(self, fields=tuple(one for one in self.fields if one.section != "finance"))

    def of(self, *sections: str) -> tuple[FormField, ...]:
        """Return the fields of sections, in order."""
        return tuple(field for field in self.fields if field.section in sections)

    def free(self, section: str) -> FormField | None:
        """Return the field that stands for the free rows of a section, or None."""
        return next((field for field in self.of(section) if field.code == ANY), None)

    def item(self, section: str, word: str) -> str | None:
        """Return the code of the fuel, process or product that a word means, or None."""
        return self.spellings.get(f"{section} {heading_key(word)}")

    def near(self, section: str, word: str) -> list[str]:
        """Return the fuels, processes or products whose names come near a word, each with its code."""
        known = {one.code: one for one in self.items[section].values()}
        names = {name: one.code for one in known.values() for name in (one.zh, one.en, one.code)}
        asked = heading_key(word)
        holding = [code for name, code in names.items() if asked and asked in heading_key(name)]
        close = [names[name] for name in nearest(word, names, count=3)]
        return [f"{known[code].zh} {code}" for code in dict.fromkeys((*holding, *close))][:3]


def load_fields(library: PackLibrary) -> FormFields:
    """Return the fields of the form by the packs of a workspace."""
    rows = sorted(library[FIELDS].rows, key=lambda row: int(str(row["position"])))
    fields = tuple(
        FormField(
            section=str(row["section"]), code=str(row["code"]), kind=str(row["kind"]), unit=str(row["unit"] or ""),
            choices=tuple(str(row["choices"]).split("|")) if row["choices"] else (), required=bool(row["required"]),
            evidence=str(row["evidence"]), signed=bool(row["signed"]),
            times=row["told_from_times"] if isinstance(row["told_from_times"], Decimal) else None,
            zh=str(row["zh"]), en=str(row["en"]), hint_zh=str(row["hint_zh"] or ""), hint_en=str(row["hint_en"] or ""),
        )
        for row in rows
    )  # fmt: skip
    spellings: dict[str, str] = {}
    items: dict[str, dict[str, Item]] = {section: {} for section in LISTED}
    for row in library[FUELS].rows:
        if row["state"] == "total":
            continue
        code = str(row["fuel_code"])
        published = find_unit(str(row["published_unit"]))
        items["energy"][code] = Item(
            code, str(row["name_zh"]), str(row["name_en"]), published.dimension if published else ""
        )
        words = (code, str(row["name_zh"]), str(row["name_en"]), *str(row["aliases"] or "").split("|"))
        spellings |= {f"energy {heading_key(word)}": code for word in words if word}
    for section, pack in (("process", PROCESSES), ("product", PRODUCTS)):
        for row in library[pack].rows:
            code = str(row[f"{section}_code"])
            if code == OTHER:
                continue
            items[section][code] = Item(code, str(row["name_zh"]), str(row["name_en"]), "mass")
        words_known = words_of(library[pack].rows, f"{section}_code")
        spellings |= {
            f"{section} {heading_key(word)}": code for word, code in words_known.items() if code != OTHER
        }
    return FormFields(fields, items, spellings)


def last_key(section: str, code: str) -> str:
    """Return under which name last year's figure of a row is kept."""
    return f"{section} {code}" if section in ("process", "product") else code


def units_of(dimension: str) -> tuple[str, ...]:
    """Return the symbols of the units of a dimension, in the registry's order."""
    return tuple(symbol for symbol, one in registry().items() if one.dimension == dimension)


def last_years(book: Book | None, year: int) -> dict[str, dict[str, tuple[Decimal, str]]]:
    """Return last year's figures from a book, by client and field code; empty where there is no book.

    Beside total assets at the beginning stands last year's end, to which it should be equal.
    """
    found: dict[str, dict[str, tuple[Decimal, str]]] = {}
    if book is None:
        return found
    before = f"year = {year - 1}"
    for row in book.rows("enterprise_finance", where=before):
        own = found.setdefault(client_id(row["uscc"], None), {})
        for code in ("main_business_revenue", "total_assets_end", "total_equity", "total_debt"):
            if row[code] is not None:
                own[code] = (row[code], "CNY")
        if "total_assets_end" in own:
            own["total_assets_begin"] = own["total_assets_end"]
    for row in book.rows("entity_emission", where=before, order=["-source"]):
        own = found.setdefault(client_id(row["uscc"], row["project_id"]), {})
        own |= {
            code: (row[code], "tCO2e")
            for code in ("scope1", "scope2", "scope3", "total")
            if row[code] is not None
        }
    for row in book.rows("energy_return", where=before):
        kind = f":{row['source_kind'] or 'grid'}" if row["fuel_code"] == "electricity" else ""
        own = found.setdefault(client_id(row["uscc"], row["project_id"]), {})
        own[row["fuel_code"] + kind] = (row["quantity"], row["unit"])
    for section in ("process", "product"):
        for row in book.rows(f"{section}_return", where=before):
            own = found.setdefault(client_id(row["uscc"], row["project_id"]), {})
            own[last_key(section, row[f"{section}_code"])] = (row["quantity"], "t")
    return found
