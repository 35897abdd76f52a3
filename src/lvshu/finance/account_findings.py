"""Tells what the account of the other asset classes lacks, and which figures look like slips."""

from __future__ import annotations

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext

MISSING = {
    "no_amount": ("没有年末金额", "no amount at year-end", "补年末金额或余额", "supply the amount or the balance"),
    "no_value": ("没有归因分母", "no denominator", "补发放时价值、购买力平价国内生产总值或汇率",
                 "supply the value at origination, the PPP-adjusted GDP or the exchange rate"),
    "no_emission": ("没有排放数据或因子", "no emission data or factor", "补能耗、标识、面积、里程或因子表、国家账户",
                    "supply energy, label, area, distance, the table of factors or the national account"),
    "unknown_issuer": ("发行人不在企业名录", "the issuer is not in the register", "补统一社会信用代码或企业名录",
                       "complete the credit code or the register"),
}  # fmt: skip

WITHOUT_DATA = Query(
    "asset_class_emission",
    """
    SELECT asset_class, status, count(*) AS positions, sum(outstanding_amount) AS amount
    FROM asset_class_emission
    WHERE status <> 'estimated'
    GROUP BY asset_class, status
    ORDER BY asset_class, status
    """,
)


def make(context: StepContext) -> None:
    """Write the findings."""
    _without_data(context)


def _without_data(context: StepContext) -> None:
    for row in context.sql(WITHOUT_DATA).to_pylist():
        zh, en, remedy_zh, remedy_en = MISSING[row["status"]]
        values = {
            "asset_class": row["asset_class"], "positions": row["positions"],
            "amount": "-" if row["amount"] is None else f"{row['amount']:,.2f}",
            "status": {"zh": zh, "en": en}, "remedy": {"zh": remedy_zh, "en": remedy_en},
        }  # fmt: skip
        context.find(
            Problem("finance.asset_without_data", values=values, severity="warning"),
            table="asset_class_emission", key=f"{row['asset_class']} | {row['status']}",
            amount=None if row["amount"] is None else float(row["amount"]), unit="CNY",
        )  # fmt: skip
