"""Findings about positions: no rate, short positions, funds that cannot be looked through."""

from __future__ import annotations

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext

WITHOUT_RATE = Query(
    "position_value",
    """
    SELECT currency, month, count(*) AS positions, sum(amount) AS amount
    FROM position_value
    WHERE rate_status = 'missing'
    GROUP BY currency, month
    ORDER BY currency, month
    """,
)

SIDES = Query(
    "position_value",
    """
    SELECT side, count(*) AS positions, CAST(coalesce(sum(amount_cny), 0) AS DECIMAL(20,2)) AS amount
    FROM position_value
    GROUP BY side
    ORDER BY side
    """,
)

REST = Query(
    "look_through",
    """
    SELECT look_through.holding_id AS kind, given.fund_id, CAST(sum(look_through.amount_cny) AS DECIMAL(20,2)) AS amount
    FROM look_through
    JOIN "position" AS given ON given.position_id = look_through.position_id
    WHERE look_through.holding_id IN ('none', 'residual', 'overweight')
    GROUP BY look_through.holding_id, given.fund_id
    ORDER BY kind, fund_id
    """,
)

WEIGHT = Query(
    "fund_holding",
    "SELECT fund_id, sum(weight_percent) AS weight FROM fund_holding GROUP BY fund_id ORDER BY fund_id",
)


def make(context: StepContext) -> None:
    """Write the findings about positions."""
    _rates(context)
    _shorts(context)
    _funds(context)


def _rates(context: StepContext) -> None:
    for row in context.sql(WITHOUT_RATE).to_pylist():
        values = {**row, "amount": f"{row['amount']:,.2f}"}
        context.find(
            Problem("finance.no_exchange_rate", values=values, severity="error"),
            table="position_value", key=f"{row['currency']} | {row['month']}", amount=float(row["positions"]), unit="1",
        )  # fmt: skip


def _shorts(context: StepContext) -> None:
    sides = {row["side"]: row for row in context.sql(SIDES).to_pylist()}
    if "short" not in sides:
        return
    short, long = sides["short"]["amount"], sides["long"]["amount"] if "long" in sides else 0
    values = {
        "positions": sides["short"]["positions"], "short": f"{short:,}", "long": f"{long:,}",
        "net": f"{short + long:,}",
    }  # fmt: skip
    context.find(
        Problem("finance.short_positions", values=values, severity="notice"),
        table="position_value", key="short", amount=float(short), unit="CNY",
    )  # fmt: skip


def _funds(context: StepContext) -> None:
    weights = {row["fund_id"]: row["weight"] for row in context.sql(WEIGHT).to_pylist()}
    rows = context.sql(REST).to_pylist()
    without = [row for row in rows if row["kind"] == "none"]
    if without:
        amount = sum(row["amount"] for row in without)
        values = {"funds": len(without), "amount": f"{amount:,}"}
        context.find(
            Problem("finance.fund_unknown", values=values, severity="warning"),
            table="look_through", key=without[0]["fund_id"], amount=float(amount), unit="CNY",
        )  # fmt: skip
    for row in rows:
        if row["kind"] == "none":
            continue
        code = "finance.fund_residual" if row["kind"] == "residual" else "finance.fund_overweight"
        values = {
            "fund": row["fund_id"],
            "share": f"{weights[row['fund_id']]:.2f}",
            "amount": f"{row['amount']:,}",
        }
        context.find(
            Problem(code, values=values, severity="warning"),
            table="look_through", key=row["fund_id"], amount=float(row["amount"]), unit="CNY",
        )  # fmt: skip
