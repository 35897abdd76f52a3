"""Supply and use tables of the book as arrays, checked against each other before any model is made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import MethodError, Problem
from lvshu.core.text import normalise

Array = NDArray[np.float64]

FINAL_KINDS = ("household_rural", "household_urban", "household", "government", "consumption", "fixed_capital",
               "inventory", "capital_formation", "export", "outflow")  # fmt: skip
VALUATION = ("trade_margin", "transport_margin", "margin", "net_tax", "tax", "subsidy")
KIND_NAMES = {"product": {"zh": "产品", "en": "products"}, "industry": {"zh": "产业", "en": "industries"}}
TOTAL_VALUE_ADDED = "TVA"
ROUNDING = 1e-6


@dataclass(frozen=True)
class PublishedTables:
    """A supply table and a use table of one area and year, in yuan; c products, i industries, k final uses, w rows.

    Attributes:
        products, industries, final_kinds, row_codes: labels of the axes.
        product_names, industry_names: names of the products and of the industries.
        supply: shape (c, i), at basic prices, of domestic industries.
        use: shape (c, i), at the prices of the use table.
        final_use: shape (c, k).
        rows: value added of industries by its parts, or its total where no parts are stated, shape (w, i).
        imports, inflows: shape (c,).
        valuation: margins and taxes of products by kind, (c,) each; a subsidy is negative.
        price_basis: prices of the use table: basic, purchaser, producer or unstated.
        problems: warnings: products and industries out of balance, a supply table that no product technology can
            be made of.
    """

    products: tuple[str, ...]
    product_names: tuple[str, ...]
    industries: tuple[str, ...]
    industry_names: tuple[str, ...]
    final_kinds: tuple[str, ...]
    row_codes: tuple[str, ...]
    supply: Array
    use: Array
    final_use: Array
    rows: Array
    imports: Array
    inflows: Array
    valuation: Mapping[str, Array]
    price_basis: str
    problems: tuple[Problem, ...]


def build_supply_use(records: Iterable[Mapping[str, Any]]) -> PublishedTables:
    """Return the tables that records of supply_use_cell of one area and year make.

    Products and industries are matched by code, or by name where the two tables use other codes.

    Raises:
        MethodError: accounts.su_part_missing, accounts.su_labels_differ.
    """
    given = list(records)
    parts = {part: [row for row in given if row["part"] == part] for part in ("supply", "use")}
    missing = [part for part, rows in parts.items() if not rows]
    if missing:
        raise MethodError(Problem("accounts.su_part_missing", values={"parts": missing}))
    products = _labels(parts["supply"], "row", "product")
    industries = _labels(parts["supply"], "column", "industry")
    wrong, places = [], {}
    for axis, kind, ours in (("row", "product", products), ("column", "industry", industries)):
        theirs = _labels(parts["use"], axis, kind)
        places[kind], only = _matched(ours, theirs)
        if only != ([], []):
            wrong.append(Problem("accounts.su_labels_differ", values={
                "kind": KIND_NAMES[kind], "supply": only[0][:10], "use": only[1][:10]}))  # fmt: skip
    if wrong:
        raise MethodError(*wrong)
    return _assembled(parts, products, industries, places)


def _labels(rows: Sequence[Mapping[str, Any]], axis: str, kind: str) -> dict[str, str]:
    return {str(row[f"{axis}_code"]): str(row[f"{axis}_name"]) for row in rows if row[f"{axis}_kind"] == kind}


def _matched(
    ours: Mapping[str, str], theirs: Mapping[str, str]
) -> tuple[dict[str, int], tuple[list[str], list[str]]]:
    """Place of each code of either table, and the names that only one of them has."""
    places = {code: number for number, code in enumerate(ours)}
    if set(ours) == set(theirs):
        return places, ([], [])
    by_name = {normalise(name).replace(" ", ""): places[code] for code, name in ours.items()}
    named = {code: by_name.get(normalise(name).replace(" ", "")) for code, name in theirs.items()}
    found = {code: place for code, place in named.items() if place is not None}
    used = set(found.values())
    only = (
        [name for number, name in enumerate(ours.values()) if number not in used],
        [theirs[code] for code, place in named.items() if place is None],
    )
    return {**places, **found}, only


def _assembled(
    parts: Mapping[str, list[Mapping[str, Any]]], products: Mapping[str, str], industries: Mapping[str, str],
    places: Mapping[str, Mapping[str, int]],
) -> PublishedTables:  # fmt: skip
    down, across = places["product"], places["industry"]
    c, i = len(products), len(industries)
    final_kinds = tuple(
        kind for kind in FINAL_KINDS if any(row["column_kind"] == kind for row in parts["use"])
    )
    added = _value_added(parts["use"])
    row_codes = tuple(dict.fromkeys(str(row["row_code"]) for row in added))
    supply, use = np.zeros((c, i)), np.zeros((c, i))
    final, rows = np.zeros((c, len(final_kinds))), np.zeros((len(row_codes), i))
    columns = {kind: np.zeros(c) for kind in ("import", "inflow", *VALUATION)}
    for part, matrix in (("supply", supply), ("use", use)):
        for row in parts[part]:
            value, kind = float(row["value"]), row["column_kind"]
            if row["row_kind"] == "product":
                place = down[row["row_code"]]
                if kind == "industry":
                    matrix[place, across[row["column_code"]]] = value
                elif part == "use" and kind in final_kinds:
                    final[place, final_kinds.index(kind)] += value
                elif part == "supply" and kind in columns:
                    columns[kind][place] = -abs(value) if kind == "subsidy" else value
    for row in added:
        rows[row_codes.index(row["row_code"]), across[row["column_code"]]] = float(row["value"])
    basis = str(parts["use"][0].get("price_basis") or "unstated")
    valuation = {kind: columns[kind] for kind in VALUATION if columns[kind].any()}
    names = tuple(products.values())
    problems = (*_balance(supply, use, final, rows, columns, names, tuple(industries.values()), basis),
                *_technology(supply))  # fmt: skip
    return PublishedTables(tuple(products), names, tuple(industries), tuple(industries.values()), final_kinds,
                           row_codes, supply, use, final, rows, columns["import"], columns["inflow"], valuation, basis,
                           problems)  # fmt: skip


def _value_added(use: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The cells of the parts of value added of industries, or of its total where the table states no parts."""
    cells = [row for row in use if row["column_kind"] == "industry"]
    parts = [row for row in cells if row["row_kind"] == "value_added"]
    return parts or [row for row in cells if row["row_code"] == TOTAL_VALUE_ADDED]


def _balance(
    supply: Array, use: Array, final: Array, rows: Array, columns: Mapping[str, Array], products: Sequence[str],
    industries: Sequence[str], basis: str,
) -> list[Problem]:  # fmt: skip
    supplied = supply.sum(axis=1) + columns["import"] + columns["inflow"]
    if basis != "basic":
        supplied = supplied + sum(columns[kind] for kind in VALUATION)
    told = _gaps(supplied, use.sum(axis=1) + final.sum(axis=1), products, "accounts.su_products_unbalanced")
    if len(rows):
        told += _gaps(supply.sum(axis=0), use.sum(axis=0) + rows.sum(axis=0), industries,
                      "accounts.su_industries_unbalanced")  # fmt: skip
    return told


def _gaps(supplied: Array, used: Array, names: Sequence[str], code: str) -> list[Problem]:
    gap = supplied - used
    wrong = np.flatnonzero(
        np.abs(gap) > ROUNDING * np.maximum(np.maximum(np.abs(supplied), np.abs(used)), 1.0)
    )
    if not wrong.size:
        return []
    worst = int(wrong[np.argmax(np.abs(gap[wrong]))])
    values = {"count": int(wrong.size), "name": names[worst], "supply": round(float(supplied[worst]), 2),
              "use": round(float(used[worst]), 2), "gap": round(float(gap[worst]), 2)}  # fmt: skip
    return [Problem(code, values=values, severity="warning")]


def _technology(supply: Array) -> list[Problem]:
    """Whether a product technology can be made of the supply table: square, and of full rank."""
    core = supply[np.abs(supply).sum(axis=1) > 0.0][:, np.abs(supply).sum(axis=0) > 0.0]
    if core.shape[0] != core.shape[1]:
        values = {"products": core.shape[0], "industries": core.shape[1]}
        return [Problem("accounts.su_not_square", values=values, severity="notice")]
    scale = np.abs(core).sum(axis=0)
    rank = int(np.linalg.matrix_rank(core / scale)) if core.size else 0
    if rank < len(core):
        return [Problem("accounts.su_singular", values={"rank": rank, "size": len(core)}, severity="warning")]
    return []
