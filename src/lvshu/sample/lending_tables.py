"""The tables loan, loan_balance and project, with what is wrong in them and the true exposure of every borrower."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lvshu.sample.arrow import choice, dates, money, numbered, text_from_bytes
from lvshu.sample.balance_table import write_balances, write_corrections
from lvshu.sample.borrowing import plan_lending
from lvshu.sample.context import City, spoilt
from lvshu.sample.exposure import Exposure
from lvshu.sample.labels import CATALOGUE, LabelWriter
from lvshu.sample.lending import (
    BANKS,
    CLASSES,
    KINDS,
    PERSON,
    PRODUCTS,
    UNKNOWN,
    LoanBlock,
    draw_loans,
    loan_blocks,
    month_ends,
)
from lvshu.sample.names import unit_names
from lvshu.sample.units import MEDIUM, SELF_EMPLOYED
from lvshu.sample.uscc import make_uscc

PURPOSES = (
    "用于固定资产投资建设项目",
    "用于购置生产设备及厂房改造",
    "日常经营周转，采购原材料",
    "票据贴现，用于支付货款",
    "国际贸易结算项下贴现",
    "应收账款保理融资",
    "其他经营或消费用途",
)
UNKNOWN_SERIAL = 21_000_011  # serials of borrowers that no register has begin here


def green_codes(city: City) -> tuple[str, ...]:
    """Return the finest codes of the green bond catalogue of 2021."""
    codes = [str(row["code"]) for row in city.packs[CATALOGUE].rows]
    return tuple(code for code in codes if not any(other.startswith(f"{code}.") for other in codes))


@dataclass(frozen=True)
class Written:
    """What the loans leave for others: true exposures, units with a project, what each unit owes (yuan)."""

    exposure: Exposure
    has_project: np.ndarray
    owed: np.ndarray


def write_lending(city: City, broken: np.ndarray) -> Written:
    """Write loan and loan_balance.

    Args:
        city: the city.
        broken: units whose code is wrong in the register; their loans point to a borrower that is not there.
    """
    balance = city.anchors["loans_2023"] * 1e8
    lending = plan_lending(city.plan, city.register, city.streams, balance)
    greens = green_codes(city)
    exposure = Exposure(len(city.register), len(BANKS))
    has_project = np.zeros(len(city.register), dtype=bool)
    ends = month_ends(city.year)
    corrections: list[tuple[str, str, str]] = []
    with (
        city.large("loan") as loans,
        city.large("loan_balance") as balances,
        LabelWriter(city, greens, PURPOSES) as labels,
    ):
        for block, start, stop in loan_blocks(lending):
            drawn = draw_loans(block, start, stop, lending, city.register, city.streams, len(greens))
            exposure.add(drawn, ends, city.register.size <= MEDIUM)
            has_project[drawn.borrower[(drawn.kind > 0) & (drawn.borrower >= 0)]] = True
            random = city.streams.generator("dirt.loan", block)
            keys = numbered("L", np.arange(start, stop), 10)
            loans.write(_loan_columns(city, drawn, keys, labels, broken, random, ends))
            write_balances(city, drawn, keys, random, balances, corrections)
        city.wrote("loan", loans.rows)
        city.wrote("loan_balance", balances.rows)
    write_corrections(city, corrections)
    return Written(exposure, has_project, lending.owed)


def project_ids(rows: np.ndarray) -> pa.Array:
    """Return the project codes of units (each borrower has one project at most)."""
    return numbered("P", rows, 8)


def _borrower_codes(city: City, drawn: LoanBlock) -> pa.Array:
    known = np.maximum(drawn.borrower, 0)
    codes = city.register.uscc(known)
    unknown = np.flatnonzero(drawn.borrower == UNKNOWN)
    if len(unknown):
        area = np.full(len(unknown), 310115)
        codes[unknown] = make_uscc(
            UNKNOWN_SERIAL + drawn.start + unknown, area, np.ones(len(unknown), dtype=int)
        )
    return pc.if_else(
        pa.array(drawn.borrower == PERSON), pa.scalar(None, pa.string()), text_from_bytes(codes)
    )


def _borrower_names(city: City, drawn: LoanBlock, wrong: np.ndarray) -> pa.Array:
    """Return the borrowers' names as the bank has them, those of the given rows misspelt."""
    known = np.maximum(drawn.borrower, 0)
    names = unit_names(known, city.register)
    mask = np.isin(np.arange(len(known)), wrong)
    names = pc.if_else(pa.array(mask), unit_names(known, city.register, misspelt=True), names)
    names = pc.if_else(pa.array(drawn.borrower == PERSON), pa.scalar("个人借款人"), names)
    return pc.if_else(pa.array(drawn.borrower == UNKNOWN), pa.scalar("上海样无登记企业有限公司"), names)


def _loan_columns(
    city: City,
    drawn: LoanBlock,
    keys: pa.Array,
    labels: LabelWriter,
    broken: np.ndarray,
    random: np.random.Generator,
    ends: np.ndarray,
) -> dict[str, pa.Array]:
    known = np.maximum(drawn.borrower, 0)
    person = drawn.borrower == PERSON
    wrong = spoilt(random, drawn.borrower >= 0, 0.01, least=5)
    _note_loans(city, drawn, keys, wrong, broken, ends)
    self_employed = (city.register.size[known] == SELF_EMPLOYED) & (drawn.borrower >= 0)
    banks = city.register.districts
    branch = drawn.bank * len(banks) + drawn.branch
    codes = [f"SB{bank + 1:02d}{district[-2:]}" for bank in range(len(BANKS)) for district in banks]
    places = [f"{bank}{place}支行" for bank in BANKS for place in district_names(city)]
    disbursed = dates(drawn.disbursed).cast(pa.string())
    return {
        "loan_id": keys,
        "institution_id": choice([f"SB{bank + 1:02d}" for bank in range(len(BANKS))], drawn.bank),
        "institution_name": choice(BANKS, drawn.bank),
        "branch_code": choice(codes, branch),
        "branch_name": choice(places, branch),
        "uscc": _borrower_codes(city, drawn),
        "borrower_name": _borrower_names(city, drawn, wrong),
        "borrower_type": choice(
            ["enterprise", "self_employed", "individual"], np.where(person, 2, np.where(self_employed, 1, 0))
        ),
        "project_id": pc.if_else(pa.array(drawn.kind > 0), project_ids(known), pa.scalar(None, pa.string())),
        "business_type": choice(KINDS, drawn.kind),
        "product_type": choice(PRODUCTS, drawn.product),
        "asset_class": choice(CLASSES, drawn.asset_class),
        "purpose_industry_code": choice(city.register.classes, drawn.purpose),
        "currency": choice(["CNY", "USD"], drawn.foreign.astype(np.int64)),
        "contract_amount": money(drawn.contract),
        "disbursed_on": disbursed,
        "matures_on": dates(drawn.matures).cast(pa.string()),
        "approved_on": dates(drawn.approved).cast(pa.string()),
        **labels.columns(drawn, keys),
    }


def district_names(city: City) -> tuple[str, ...]:
    """Return the districts' names without 区, in the register's order."""
    names = {str(row["area_code"]): str(row["short_zh"]) for row in city.packs["areas"].rows}
    return tuple(names[code] for code in city.register.districts)


def _note_loans(
    city: City, drawn: LoanBlock, keys: pa.Array, misspelt: np.ndarray, broken: np.ndarray, ends: np.ndarray
) -> None:
    for kind, rows in (
        ("misspelt_name", misspelt),
        ("unknown_borrower", np.flatnonzero(drawn.borrower == UNKNOWN)),
        ("unknown_borrower", np.flatnonzero((drawn.borrower >= 0) & broken[np.maximum(drawn.borrower, 0)])),
        ("loan_after_year", np.flatnonzero(drawn.disbursed > ends[-1])),
    ):
        for row in rows:
            city.dirt.add("loan", keys[int(row)].as_py(), kind)
