"""Average balances: both rules, missing apart from zero, and SQL against an independent loop on random ledgers."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lvshu.engine.duckdb import DuckDB
from lvshu.finance.methods.balance import fill_missing, monthly_average

from .book import LOAN, YEAR, months, one, rows, run

ONLY = ("finance.loan_average_balance",)


def _average(engine: DuckDB, loans: list[dict], balances: list) -> DuckDB:  # type: ignore[type-arg]
    return run(engine, {"loan": loans, "loan_balance": balances}, only=ONLY)


def test_a_one_month_loan_is_not_twelve_times_overstated(engine: DuckDB) -> None:
    _average(
        engine,
        [{"loan_id": "L1", **LOAN, "disbursed_on": date(YEAR, 12, 3)}],
        months("L1", 12_000_000, first=12),
    )
    found = one(engine, "loan_average_balance", "loan_id = 'L1'")
    assert found["over_12_months"] == Decimal(1_000_000)
    assert found["over_tenure"] == Decimal(12_000_000)
    assert found["months_in_book"] == 1
    assert found["year_begin_balance"] == 0


def test_a_loan_after_the_year_is_excluded_not_averaged_by_one(engine: DuckDB) -> None:
    _average(
        engine, [{"loan_id": "L1", **LOAN, "disbursed_on": date(YEAR + 1, 2, 3)}], months("L1", 5, first=12)
    )
    found = one(engine, "loan_average_balance", "loan_id = 'L1'")
    assert found["balance_status"] == "after_year"
    assert (found["over_12_months"], found["over_tenure"], found["year_end_balance"]) == (None, None, None)


def test_missing_is_not_zero(engine: DuckDB) -> None:
    full = [100.0] * 12
    gap = [100.0, 100.0, None, None] + [160.0] * 8
    repaid = [100.0, 100.0, 0.0, 0.0] + [160.0] * 8
    head = [None, None] + [120.0] * 10
    ledger = {"full": full, "gap": gap, "repaid": repaid, "head": head, "nothing": [None] * 12}
    _average(
        engine,
        [{"loan_id": name, **LOAN} for name in ledger],
        [row for name, amounts in ledger.items() for row in months(name, amounts)],
    )
    found = {row["loan_id"]: row for row in rows(engine, "loan_average_balance")}
    assert {name: row["balance_sum"] for name, row in found.items()} == {
        "full": 1200, "gap": 1680, "repaid": 1480, "head": 1440, "nothing": None,
    }  # fmt: skip
    assert {name: row["balance_status"] for name, row in found.items()} == {
        "full": "complete", "gap": "filled", "repaid": "complete", "head": "filled", "nothing": "no_balance",
    }  # fmt: skip
    assert found["gap"]["months_missing"] == 2
    assert found["full"]["year_begin_balance"] is None


def test_a_missing_year_end_is_filled_and_said_so(engine: DuckDB) -> None:
    before = [{"loan_id": "L1", "month": f"{YEAR - 1}-12", "outstanding_amount": Decimal(90)}]
    _average(engine, [{"loan_id": "L1", **LOAN}], before + months("L1", [None] + [70.0] * 10))
    found = one(engine, "loan_average_balance", "loan_id = 'L1'")
    assert (found["year_end_balance"], found["year_end_filled"]) == (Decimal(70), True)
    assert found["balance_sum"] == 90 + 11 * 70
    assert found["year_begin_balance"] == 90


def test_after_maturity_nothing_is_expected(engine: DuckDB) -> None:
    loan = {"loan_id": "L1", **LOAN, "matures_on": date(YEAR, 7, 15)}
    _average(engine, [loan], months("L1", [60.0] * 6))
    found = one(engine, "loan_average_balance", "loan_id = 'L1'")
    assert (found["balance_sum"], found["months_missing"], found["year_end_balance"]) == (360, 0, 0)


def test_balances_before_disbursement_are_counted_apart(engine: DuckDB) -> None:
    loan = {"loan_id": "L1", **LOAN, "disbursed_on": date(YEAR, 4, 1)}
    _average(engine, [loan], months("L1", 10.0))
    found = one(engine, "loan_average_balance", "loan_id = 'L1'")
    assert (found["months_before_disbursement"], found["balance_sum"], found["over_tenure"]) == (3, 90, 10)


_amount = st.one_of(st.none(), st.integers(0, 10**9).map(lambda cents: Decimal(cents) / 100))
_ledger = st.lists(
    st.tuples(
        st.dates(date(YEAR - 2, 1, 1), date(YEAR + 1, 3, 1)),
        st.one_of(st.none(), st.integers(0, 900)),
        _amount,
        st.lists(_amount, min_size=12, max_size=12),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


def _by_hand(
    begin: date, end: date | None, before: Decimal | None, ends: list[Decimal | None]
) -> Decimal | None:
    """Return the sum of month-ends by a plain loop written apart from the query."""
    if begin.year > YEAR:
        return None
    first = begin.month if begin.year == YEAR else 1
    last = 12 if end is None or end.year > YEAR else (0 if end.year < YEAR else end.month - 1)
    known = {month: value for month, value in enumerate(ends, 1) if month >= first and value is not None}
    if begin.year < YEAR and before is not None:
        known[0] = before
    wanted = range(first, last + 1)
    if len(wanted) and not any(month >= first for month in known if month):
        return None
    total = Decimal(0)
    for month in range(first, 13):
        if month in known:
            total += known[month]
        elif month <= last:
            earlier = [there for there in known if there < month]
            total += known[max(earlier)] if earlier else known[min(known)]
    return total


@given(ledger=_ledger)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_query_agrees_with_a_plain_loop_and_with_the_method(engine: DuckDB, ledger: list) -> None:  # type: ignore[type-arg]
    loans, balances, expected = [], [], {}
    for number, (begin, days, before, ends) in enumerate(ledger):
        end = None if days is None else date.fromordinal(begin.toordinal() + days)
        name = f"L{number}"
        loans.append({"loan_id": name, **LOAN, "disbursed_on": begin, "matures_on": end})
        balances += [
            {"loan_id": name, "month": f"{YEAR}-{month:02d}", "outstanding_amount": value}
            for month, value in enumerate(ends, 1)
            if value is not None
        ]
        if before is not None:
            balances.append({"loan_id": name, "month": f"{YEAR - 1}-12", "outstanding_amount": before})
        expected[name] = _by_hand(begin, end, before, ends)
    _average(engine, loans, balances)
    found = {row["loan_id"]: row for row in rows(engine, "loan_average_balance")}
    assert {name: row["balance_sum"] for name, row in found.items()} == expected
    for name, row in found.items():
        if expected[name] is not None:
            exact = (expected[name] / 12).quantize(Decimal("0.01"), ROUND_HALF_UP)
            assert abs(row["over_12_months"] - exact) <= Decimal("0.01")
    _same_as_the_method(ledger, found)


def _same_as_the_method(ledger: list, found: dict) -> None:  # type: ignore[type-arg]
    nan = float("nan")
    first, last, before, ends = [], [], [], []
    for begin, days, previous, amounts in ledger:
        end = None if days is None else date.fromordinal(begin.toordinal() + days)
        first.append(13 if begin.year > YEAR else begin.month if begin.year == YEAR else 1)
        last.append(12 if end is None or end.year > YEAR else 0 if end.year < YEAR else end.month - 1)
        before.append(nan if previous is None or begin.year >= YEAR else float(previous))
        ends.append([nan if value is None else float(value) for value in amounts])
    filled = fill_missing(np.array(ends), np.array(before), np.array(first), np.array(last))
    for rule in ("over_12_months", "over_tenure"):
        average = monthly_average(filled, np.array(first), rule)  # type: ignore[arg-type]
        for number, value in enumerate(average):
            stated = found[f"L{number}"][rule]
            assert (stated is None) == bool(np.isnan(value))
            if stated is not None:
                assert abs(float(stated) - value) <= 0.0051


def test_averages_round_half_away_from_zero_to_the_cent(engine: DuckDB) -> None:
    """Quotients that end in exactly half a cent, where a binary quotient falls short of it."""
    loans = [
        {"loan_id": "year", **LOAN, "disbursed_on": date(YEAR - 1, 3, 1)},
        {"loan_id": "two", **LOAN, "disbursed_on": date(YEAR, 11, 3)},
        {"loan_id": "short", **LOAN, "disbursed_on": date(YEAR - 1, 3, 1)},
    ]
    year = [Decimal("306844536.90")] + [Decimal(0)] * 11
    short = [-Decimal("306844536.90")] + [Decimal(0)] * 11
    two = [Decimal("159503574.47"), Decimal(0)]
    balances = [
        {"loan_id": name, "month": f"{YEAR}-{month:02d}", "outstanding_amount": amount}
        for name, first, amounts in (("year", 1, year), ("short", 1, short), ("two", 11, two))
        for month, amount in enumerate(amounts, first)
    ]
    _average(engine, loans, balances)
    found = {row["loan_id"]: row for row in rows(engine, "loan_average_balance")}
    assert found["year"]["over_12_months"] == Decimal("25570378.08")
    assert found["short"]["over_12_months"] == Decimal("-25570378.08")
    assert found["two"]["over_tenure"] == Decimal("79751787.24")


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(-(10**12), 10**13), min_size=1, max_size=30), st.integers(1, 12))
def test_every_average_is_exact(tmp_path_factory, cents: list[int], first: int) -> None:  # type: ignore[no-untyped-def]
    with DuckDB(scratch=tmp_path_factory.mktemp("scratch")) as engine:
        loans = [
            {"loan_id": f"L{n}", **LOAN, "disbursed_on": date(YEAR, first, 1)} for n in range(len(cents))
        ]
        balances = [
            {"loan_id": f"L{n}", "month": f"{YEAR}-{month:02d}",
             "outstanding_amount": Decimal(amount if month == 12 else 0) / 100}
            for n, amount in enumerate(cents) for month in range(first, 13)
        ]  # fmt: skip
        _average(engine, loans, balances)
        found = {row["loan_id"]: row for row in rows(engine, "loan_average_balance")}
        for n, amount in enumerate(cents):
            for name, months_of in (("over_12_months", 12), ("over_tenure", 13 - first)):
                exact = (Decimal(amount) / 100 / months_of).quantize(Decimal("0.01"), ROUND_HALF_UP)
                assert found[f"L{n}"][name] == exact


def test_balances_after_maturity_are_told_with_their_amount(engine: DuckDB) -> None:
    ends = {
        "overdue": date(YEAR, 9, 30), "within_days": date(YEAR, 12, 31), "ended": date(YEAR, 12, 15),
        "long_ago": date(YEAR - 1, 3, 1), "running": date(YEAR + 3, 1, 1),
    }  # fmt: skip
    loans = [{"loan_id": name, **LOAN, "matures_on": day} for name, day in ends.items()]
    held = [row for name in ends for row in months(name, 40.0)]
    run(engine, {"loan": loans, "loan_balance": held}, only=(*ONLY, "finance.finance_gap"))
    gap = one(engine, "finance_gap", "code = 'balance_after_maturity'")
    assert (gap["loans"], gap["outstanding_amount"], gap["method"]) == (3, 120, "*")
