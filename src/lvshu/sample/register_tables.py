"""The tables enterprise and enterprise_finance, with what is wrong in them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lvshu.sample.arrow import choice, dates, money, plain, text_from_bytes
from lvshu.sample.context import AREA, City, spoilt
from lvshu.sample.files import TableWriter, write_rows
from lvshu.sample.names import unit_names
from lvshu.sample.scopes import business_scopes
from lvshu.sample.streams import blocks
from lvshu.sample.uncoded import uncoded
from lvshu.sample.units import SELF_EMPLOYED, SIZES, SMALL
from lvshu.sample.uscc import ALPHABET, make_uscc

EXCEL_EPOCH = 25_569  # serial of 1970-01-01 in Excel's 1900 system
UNKNOWN_CODE = "9999"
DUPLICATE_SERIAL = 11_000_003  # serials of second registrations begin here, past those of the units


def old_codes(city: City) -> tuple[str, ...]:
    """Return codes of GB/T 4754-2011 that the 2017 edition no longer has."""
    current = set(city.register.classes)
    listed = (str(row["code_2011"]) for row in city.packs["gbt4754_2011_map"].rows)
    return tuple(code for code in listed if code not in current and len(code) == 4)


def write_enterprises(city: City) -> np.ndarray:
    """Write the table enterprise and return which units have a wrong code there, boolean, shape (units,)."""
    register = city.register
    broken = np.zeros(len(register), dtype=bool)
    old = old_codes(city)
    without = uncoded(city)
    with city.large("enterprise") as writer:
        for block, start, stop in blocks(len(register)):
            rows = np.arange(start, stop)
            random = city.streams.generator("dirt.enterprise", block)
            columns, wrong = _enterprise_block(city, rows, random, old, without)
            broken[rows[wrong]] = True
            writer.write(columns)
            writer.write(_duplicates(city, rows, random))
        city.wrote("enterprise", writer.rows)
    return broken


def _enterprise_block(
    city: City, rows: np.ndarray, random: np.random.Generator, old: tuple[str, ...], without: np.ndarray
) -> tuple[dict[str, pa.Array], np.ndarray]:
    register = city.register
    little = register.size[rows] >= SMALL
    codes = register.uscc(rows)
    wrong = spoilt(random, little, 0.002, least=2)
    for row in wrong:
        true = bytes(codes[row]).decode()
        codes[row, 17] = ord(ALPHABET[(ALPHABET.index(chr(codes[row, 17])) + 7) % 31])
        city.dirt.add("enterprise", bytes(codes[row]).decode(), "invalid_uscc", true)
    keys = text_from_bytes(codes)
    industry = choice(register.classes, register.industry[rows])
    industry = plain(industry)
    clean = little & ~np.isin(np.arange(len(rows)), wrong)
    for kind, rate, values in (
        ("old_industry_code", 0.004, old),
        ("unknown_industry_code", 0.001, (UNKNOWN_CODE,)),
    ):
        chosen = spoilt(random, clean, rate, least=2)
        clean[chosen] = False
        new = [values[number % len(values)] for number in random.integers(0, 1_000_000, len(chosen))]
        _note(city, "enterprise", keys, chosen, kind, industry)
        industry = _replace(industry, chosen, new)
    spoilt_codes = pc.not_equal(industry, plain(choice(register.classes, register.industry[rows])))
    industry = pc.if_else(
        pc.and_not(pa.array(without[rows]), spoilt_codes), pa.scalar(None, pa.string()), industry
    )
    registered = dates(register.registered_on[rows]).cast(pa.string())
    for kind, rate in (("date_as_serial", 0.002), ("date_as_text", 0.002)):
        chosen = spoilt(random, clean, rate, least=2)
        clean[chosen] = False
        _note(city, "enterprise", keys, chosen, kind, registered)
        registered = _replace(
            registered, chosen, [_odd_date(kind, registered[int(at)].as_py()) for at in chosen]
        )
    return {
        "uscc": keys,
        "name": unit_names(rows, register),
        "area_code": choice([AREA, "990000"], register.overseas[rows].astype(np.int64)),
        "district_code": choice(register.districts, register.district[rows]),
        "industry_code": industry,
        "size_class": choice(SIZES, register.size[rows]),
        "overseas": choice(["false", "true"], register.overseas[rows].astype(np.int64)),
        "registered_on": registered,
        "business_scope": business_scopes(rows, register),
        "employee_count": pa.array(register.employees[rows]),
    }, wrong


def _odd_date(kind: str, text: str) -> str:
    day = np.datetime64(text)
    if kind == "date_as_serial":
        return str(int(day.astype("datetime64[D]").astype(np.int64)) + EXCEL_EPOCH)
    year, month, number = text.split("-")
    return f"{year}年{int(month)}月{int(number)}日"


def _note(city: City, table: str, keys: pa.Array, rows: np.ndarray, kind: str, true: pa.Array) -> None:
    for row in rows:
        city.dirt.add(table, keys[int(row)].as_py(), kind, true[int(row)].as_py())


def _replace(column: pa.Array, rows: np.ndarray, values: list[str]) -> pa.Array:
    mask = np.zeros(len(column), dtype=bool)
    mask[rows] = True
    return pc.replace_with_mask(column, pa.array(mask), pa.array(values, column.type))


def _duplicates(city: City, rows: np.ndarray, random: np.random.Generator) -> dict[str, pa.Array]:
    """Return second registrations: the same unit under another code, its name misspelt, a later date."""
    register = city.register
    chosen = rows[spoilt(random, (register.size[rows] >= SMALL) & ~register.overseas[rows], 0.003, least=3)]
    areas = np.array([int(code) for code in register.districts])[register.district[chosen]]
    category = np.where(register.size[chosen] == SELF_EMPLOYED, 2, 1)
    codes = text_from_bytes(make_uscc(DUPLICATE_SERIAL + chosen, areas, category))
    first = text_from_bytes(register.uscc(chosen))
    for code, true in zip(codes.to_pylist(), first.to_pylist(), strict=True):
        city.dirt.add("enterprise", code, "duplicate_unit", true)
    return {
        "uscc": codes,
        "name": unit_names(chosen, register, misspelt=True),
        "area_code": choice([AREA], np.zeros(len(chosen), dtype=np.int64)),
        "district_code": choice(register.districts, register.district[chosen]),
        "industry_code": plain(choice(register.classes, register.industry[chosen])),
        "size_class": choice(SIZES, register.size[chosen]),
        "overseas": choice(["false"], np.zeros(len(chosen), dtype=np.int64)),
        "registered_on": dates(register.registered_on[chosen] + 400).cast(pa.string()),
        "business_scope": business_scopes(chosen, register),
        "employee_count": pa.array(register.employees[chosen]),
    }


def write_finances(city: City) -> None:
    """Write enterprise_finance: amounts of a few units in 1e4 yuan by mistake, two corrected later, some blanks."""
    register = city.register
    slipped_rows: list[int] = []
    with city.large("enterprise_finance") as writer:
        for block, start, stop in blocks(len(register)):
            rows = np.arange(start, stop)
            rows = rows[~register.overseas[rows]]
            random = city.streams.generator("dirt.enterprise_finance", block)
            keys = text_from_bytes(register.uscc(rows))
            slip = spoilt(random, register.size[rows] >= SMALL, 0.001, least=2)
            for row in slip:
                city.dirt.add(
                    "enterprise_finance", f"{keys[int(row)].as_py()}|{city.year}", "unit_slip",
                    f"{register.revenue[rows[row]]:.2f}",
                )  # fmt: skip
            slipped_rows += [int(rows[row]) for row in slip]
            factor = np.ones(len(rows))
            factor[slip] = 1e-4
            writer.write(_finance_columns(city, rows, keys, factor, random))
        city.wrote("enterprise_finance", writer.rows)
    _write_overseas(city)
    _write_corrections(city, slipped_rows)


def _write_overseas(city: City) -> None:
    """Write a second delivery, of overseas units, whose amounts are all in 1e4 yuan though no header says so."""
    rows = np.flatnonzero(city.register.overseas)
    keys = text_from_bytes(city.register.uscc(rows))
    name = "enterprise_finance.overseas"
    random = city.streams.generator(name)
    with TableWriter(city.inputs / f"{name}.csv") as writer:
        writer.write(_finance_columns(city, rows, keys, np.full(len(rows), 1e-4), random))
        city.wrote(name, writer.rows)
    city.dirt.add("enterprise_finance", f"{name}.csv", "unit_slip_file", "1e4 CNY")


MONEY_COLUMNS = {
    "main_business_revenue": "revenue",
    "total_assets_begin": "assets_begin",
    "total_assets_end": "assets_end",
    "total_equity": "equity",
    "total_debt": "debt",
    "enterprise_value_including_cash": "enterprise_value",
    "value_added": "value_added",
}


def _finance_columns(
    city: City, rows: np.ndarray, keys: pa.Array, factor: np.ndarray, random: np.random.Generator
) -> dict[str, pa.Array]:
    register = city.register
    columns: dict[str, pa.Array] = {"uscc": keys, "year": pa.array(np.full(len(rows), city.year))}
    for name, attribute in MONEY_COLUMNS.items():
        values = getattr(register, attribute)[rows]
        missing = (
            values == 0 if name == "enterprise_value_including_cash" else np.zeros(len(rows), dtype=bool)
        )
        if name in ("total_assets_begin", "value_added"):
            missing = missing | ((random.random(len(rows)) < 0.01) & (register.size[rows] >= SMALL))
        columns[name] = money(values * factor, missing)
    return columns


def _write_corrections(city: City, slipped: list[int]) -> None:
    """Write enterprise_finance.corrected.csv: the right amounts of every second unit whose amounts slipped."""
    register = city.register
    chosen = np.array(slipped[::2], dtype=np.int64)
    keys = text_from_bytes(register.uscc(chosen)).to_pylist()
    rows = []
    for key, row in zip(keys, chosen, strict=True):
        values = [getattr(register, attribute)[row] for attribute in MONEY_COLUMNS.values()]
        rows.append([key, city.year, *(f"{value:.2f}" if value else None for value in values)])
        city.dirt.add(
            "enterprise_finance", f"{key}|{city.year}", "late_correction", f"{register.revenue[row]:.2f}"
        )
    header = ("uscc", "year", *MONEY_COLUMNS)
    city.wrote(
        "enterprise_finance.corrected",
        write_rows(city.inputs / "enterprise_finance.corrected.csv", header, rows),
    )
