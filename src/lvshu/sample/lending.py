"""Who borrows how much: loans, their terms and month-end balances, drawn loan by loan in blocks.

The year-end balances of all loans add up to the published balance of loans.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lvshu.sample.borrowing import ENDED, FALLING, LATE, Lending
from lvshu.sample.streams import Streams, blocks
from lvshu.sample.units import SMALL, Register

BANKS = tuple(f"样本银行{mark}" for mark in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥")
BANK_WEIGHTS = 1 / (np.arange(len(BANKS)) + 2.0)
PRODUCTS = (
    "project_loan",
    "fixed_asset_loan",
    "working_capital_loan",
    "bill_discount",
    "trade_discount",
    "factoring",
    "other",
)
PROJECT_LOAN, FIXED_ASSET, WORKING_CAPITAL, BILL, TRADE, FACTORING, OTHER = range(7)
KINDS = ("non_project", "project", "project_as_non_project")
CLASSES = (
    "business_loan",
    "project_finance",
    "listed_equity_bond",
    "commercial_real_estate",
    "mortgage",
    "motor_vehicle",
    "sovereign",
)
UNKNOWN = -2  # borrower whose code is not in the register
PERSON = -1


@dataclass(frozen=True)
class LoanBlock:
    """A block of loans. Money in yuan; arrays of shape (rows,); balances of shape (rows, 12), NaN before it exists.

    borrower: row of the register, PERSON or UNKNOWN. Days count from 1970-01-01.
    """

    start: int
    borrower: np.ndarray
    bank: np.ndarray
    branch: np.ndarray
    product: np.ndarray
    kind: np.ndarray
    asset_class: np.ndarray
    contract: np.ndarray
    disbursed: np.ndarray
    matures: np.ndarray
    approved: np.ndarray
    purpose: np.ndarray
    green: np.ndarray
    foreign: np.ndarray
    balances: np.ndarray

    def __len__(self) -> int:
        return len(self.borrower)


def loan_blocks(lending: Lending) -> list[tuple[int, int, int]]:
    """Return the (block, start, stop) ranges of the loans."""
    return list(blocks(lending.loans))


def draw_loans(
    block: int, start: int, stop: int, lending: Lending, register: Register, streams: Streams, greens: int
) -> LoanBlock:
    """Return one block of loans with their twelve month-end balances.

    Args:
        block: number of the block.
        start: number of its first loan.
        stop: number after its last loan.
        lending: what each unit owes.
        register: units.
        streams: random numbers.
        greens: how many green labels there are to choose from.
    """
    random = streams.generator("loan", block)
    rows = stop - start
    number = np.arange(start, stop)
    borrower = _borrowers(number, lending)
    timing = _timing(random, rows, lending.year, borrower)
    owed = _owed(block, number, borrower, lending, streams)
    minor = (borrower == PERSON) | (number - lending.first[np.maximum(borrower, 0)] > 0)
    late = (random.random(rows) < LATE) & minor
    ended = (random.random(rows) < ENDED) & minor & ~late
    timing = _special_dates(timing, late, ended, random, lending.year)
    balances = _balances(owed, timing, late, ended, random, lending.year)
    product = _products(random, borrower, rows)
    green = _green(random, register, borrower, product, greens)
    known = np.maximum(borrower, 0)
    project = (product == PROJECT_LOAN) & (borrower >= 0)
    kind = np.where(project, np.where(random.random(rows) < 0.8, 1, 2), 0)
    person_class = np.where(random.random(rows) < 0.8, 4, 5)
    contract = np.maximum(np.nan_to_num(balances).max(axis=1), owed) * (1 + 0.5 * random.random(rows))
    return LoanBlock(
        start=start,
        borrower=borrower,
        bank=random.choice(len(BANKS), rows, p=BANK_WEIGHTS / BANK_WEIGHTS.sum()),
        branch=_branches(random, register, known),
        product=product,
        kind=kind,
        asset_class=np.where(borrower == PERSON, person_class, np.where(kind == 1, 1, 0)),
        contract=np.round(contract + 50, -2),
        disbursed=timing["disbursed"],
        matures=timing["matures"],
        approved=timing["disbursed"] - random.integers(5, 120, rows),
        purpose=_purposes(random, register, borrower),
        green=green,
        foreign=(random.random(rows) < 0.05) & (borrower != PERSON),
        balances=balances,
    )


def _borrowers(number: np.ndarray, lending: Lending) -> np.ndarray:
    borrower = np.searchsorted(lending.first, number, side="right") - 1
    borrower = np.where(number < lending.business, borrower, UNKNOWN)
    return np.where(number >= lending.business + lending.unknown, PERSON, borrower)


def _branches(random: np.random.Generator, register: Register, known: np.ndarray) -> np.ndarray:
    anywhere = random.integers(0, len(register.districts), len(known))
    return np.where(random.random(len(known)) < 0.7, register.district[known], anywhere)


def _purposes(random: np.random.Generator, register: Register, borrower: np.ndarray) -> np.ndarray:
    """Return the industry that each loan pays for: the borrower's own, for 5 % of smaller borrowers another."""
    known = np.maximum(borrower, 0)
    other = random.integers(0, len(register.classes), len(known))
    elsewhere = (random.random(len(known)) < 0.05) & (register.size[known] >= SMALL)
    purpose = np.where(elsewhere, other, register.industry[known])
    return np.where(borrower == PERSON, -1, purpose)


def day(year: int, month: int = 1, first: int = 1) -> int:
    """Return days since 1970-01-01."""
    return int(np.datetime64(f"{year:04d}-{month:02d}-{first:02d}").astype("datetime64[D]").astype(np.int64))


def month_ends(year: int) -> np.ndarray:
    """Return the year's twelve month ends as days since 1970-01-01, shape (12,)."""
    months = np.arange(np.datetime64(f"{year}-02"), np.datetime64(f"{year + 1}-02"))
    return np.asarray(months.astype("datetime64[D]").astype(np.int64) - 1)


def _timing(random: np.random.Generator, rows: int, year: int, borrower: np.ndarray) -> dict[str, np.ndarray]:
    age = np.where(borrower == PERSON, random.integers(30, 3_600, rows), random.integers(5, 1_460, rows))
    left = np.where(borrower == PERSON, random.integers(200, 8_000, rows), random.integers(20, 2_200, rows))
    close = day(year + 1) - 1
    return {"disbursed": close - age, "matures": close + left}


def _special_dates(
    timing: dict[str, np.ndarray], late: np.ndarray, ended: np.ndarray, random: np.random.Generator, year: int
) -> dict[str, np.ndarray]:
    rows = len(late)
    after = day(year + 1) + random.integers(0, 60, rows)
    end = day(year) + random.integers(31, 360, rows)
    begin = end - random.integers(60, 1_500, rows)
    disbursed = np.where(late, after, np.where(ended, begin, timing["disbursed"]))
    matures = np.where(ended, end, np.maximum(timing["matures"], disbursed + 30))
    return {"disbursed": disbursed, "matures": matures}


def _owed(
    block: int, number: np.ndarray, borrower: np.ndarray, lending: Lending, streams: Streams
) -> np.ndarray:
    """Return the balance at the year's end, whole yuan: each unit's debt in parts that fall off geometrically."""
    known = np.maximum(borrower, 0)
    count = lending.first[known + 1] - lending.first[known]
    place = number - lending.first[known]
    ratio = FALLING
    part = ratio**place * (1 - ratio) / (1 - ratio ** np.maximum(count, 1))
    owed = lending.owed[known] * part
    person = streams.generator("loan.person", block).lognormal(0.0, 0.6, len(number))
    owed = np.where(borrower == PERSON, lending.person_total * person / lending.person_weight, owed)
    return np.asarray(
        np.round(np.where(borrower == UNKNOWN, lending.unknown_total / lending.unknown, owed), 2)
    )


def _balances(
    owed: np.ndarray,
    timing: dict[str, np.ndarray],
    late: np.ndarray,
    ended: np.ndarray,
    random: np.random.Generator,
    year: int,
) -> np.ndarray:
    ends = month_ends(year)
    rows = len(owed)
    slope = np.where(random.random(rows) < 0.5, 0.0, 0.03 * random.random(rows))
    balances = owed[:, None] * (1 + slope[:, None] * np.arange(11, -1, -1)[None, :])
    exists = timing["disbursed"][:, None] <= ends[None, :]
    repaid = ended[:, None] & (timing["matures"][:, None] <= ends[None, :])
    balances = np.where(repaid, 0.0, np.round(balances, 2))
    return np.where(exists & ~late[:, None], balances, np.nan)


def _products(random: np.random.Generator, borrower: np.ndarray, rows: int) -> np.ndarray:
    shares = np.array([0.14, 0.17, 0.50, 0.08, 0.05, 0.06])
    product = np.searchsorted(np.cumsum(shares), random.random(rows), side="right")
    product = np.where(
        (borrower < 0) & (product == PROJECT_LOAN), FIXED_ASSET, np.minimum(product, FACTORING)
    )
    return np.where(borrower == PERSON, OTHER, product)


def _green(
    random: np.random.Generator, register: Register, borrower: np.ndarray, product: np.ndarray, greens: int
) -> np.ndarray:
    """Return the green label of each loan, -1 for none; labelled are about 9.2 % of the balance (sample_anchors)."""
    rows = len(borrower)
    chance = np.where(product <= FIXED_ASSET, 0.34, 0.04)
    chosen = random.integers(0, greens, rows)
    return np.where((borrower >= 0) & (random.random(rows) < chance), chosen, -1)
