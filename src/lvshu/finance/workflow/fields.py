"""The fields of the collection form, as the pack desk_form_fields states them; and last year's figures beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.units import find_unit, registry
from lvshu.finance.workflow.records import client_id, parts_of
from lvshu.intake.text import heading_key
from lvshu.store.book import Book

FIELDS, FUELS, PRODUCTS = "desk_form_fields", "energy_fuels", "product_factors"
ANY = "*"
MAIN = ("contact", "finance", "report", "process", "attachment")
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


@dataclass(frozen=True)
class Item:
    """A fuel or a product that the free rows may name."""

    code: str
    zh: str
    en: str
    dimension: str


@dataclass(frozen=True)
class FormFields:
    """All fields of the form, and the fuels and products that may be named."""

    fields: tuple[FormField, ...]
    fuels: Mapping[str, Item]
    products: Mapping[str, Item]
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
        """Return the code of the fuel or product that a word means, or None."""
        return self.spellings.get(f"{section} {heading_key(word)}")


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
    fuels, products = {}, {}
    for row in library[FUELS].rows:
        if row["state"] == "total":
            continue
        code = str(row["fuel_code"])
        published = find_unit(str(row["published_unit"]))
        fuels[code] = Item(
            code, str(row["name_zh"]), str(row["name_en"]), published.dimension if published else ""
        )
        words = (code, str(row["name_zh"]), str(row["name_en"]), *str(row["aliases"] or "").split("|"))
        spellings |= {f"energy {heading_key(word)}": code for word in words if word}
    for row in library[PRODUCTS].rows:
        code = str(row["product_code"])
        products[code] = Item(code, str(row["name_zh"]), str(row["name_en"]), "mass")
        words = (code, str(row["name_zh"]), str(row["name_en"]))
        spellings |= {f"product {heading_key(word)}": code for word in words}
    return FormFields(fields, fuels, products, spellings)


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
    for row in book.rows("product_return", where=before):
        own = found.setdefault(client_id(row["uscc"], row["project_id"]), {})
        own[f"product {row['product_code']}"] = (row["quantity"], "t")
    return found
