"""The table loan_balance and its later corrections."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from lvshu.sample.arrow import choice, fixed_point, to_units
from lvshu.sample.context import City, spoilt
from lvshu.sample.files import TableWriter
from lvshu.sample.lending import PERSON, LoanBlock

# kind, share of all balances, how many at least in a block
WRONG = (
    ("missing_balance", 0.0008, 6),
    ("negative_balance", 0.0001, 2),
    ("unit_slip", 0.0002, 3),
    ("late_correction", 0.0001, 2),
)


def _spoil(kind: str, cents: np.ndarray) -> np.ndarray:
    """Return balances as they are wrongly delivered, in cents."""
    if kind == "negative_balance":
        return -cents
    if kind == "unit_slip":
        return cents // 10_000
    return cents * 11 // 10 if kind == "late_correction" else cents


def write_balances(
    city: City,
    drawn: LoanBlock,
    keys: pa.Array,
    random: np.random.Generator,
    writer: TableWriter,
    corrections: list[tuple[str, str, str]],
) -> None:
    """Write one block of loan_balance, with balances missing, negative, in 1e4 yuan, or corrected later.

    Args:
        city: the city.
        drawn: loans of the block.
        keys: their codes.
        random: generator of what is wrong.
        writer: of the table.
        corrections: (loan, month, right amount), added to.
    """
    months = [f"{city.year}-{month:02d}" for month in range(1, 13)]
    loan, month = np.nonzero(np.isfinite(drawn.balances))
    cents = to_units(drawn.balances[loan, month], 2)
    little = (cents > 0) & ((drawn.borrower[loan] == PERSON) | (cents < 5_000_000_000))
    drop = np.zeros(len(loan), dtype=bool)
    for kind, rate, least in WRONG:
        chosen = spoilt(random, little, rate, least=least)
        little[chosen] = False
        for at in chosen:
            key, when = keys[int(loan[at])].as_py(), months[month[at]]
            true = f"{cents[at] / 100:.2f}"
            city.dirt.add("loan_balance", f"{key}|{when}", kind, true)
            if kind == "late_correction":
                corrections.append((key, when, true))
        drop[chosen] = kind == "missing_balance"
        cents[chosen] = _spoil(kind, cents[chosen])
    keep = ~drop
    writer.write(
        {
            "loan_id": keys.take(pa.array(loan[keep])),
            "month": choice(months, month[keep]),
            "outstanding_amount": fixed_point(cents[keep], 2, precision=20),
        }
    )


def write_corrections(city: City, corrections: list[tuple[str, str, str]]) -> None:
    """Write loan_balance.corrected.csv from (loan, month, right amount)."""
    keys, months, amounts = zip(*corrections, strict=True)
    with TableWriter(city.inputs / "loan_balance.corrected.csv") as writer:
        cents = np.array([round(float(amount) * 100) for amount in amounts], dtype=np.int64)
        writer.write(
            {
                "loan_id": pa.array(keys),
                "month": pa.array(months),
                "outstanding_amount": fixed_point(cents, 2, precision=20),
            }
        )
        city.wrote("loan_balance.corrected", writer.rows)
