"""Steps on material flows: the account by material, the list of main resources, and the balance that closes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.book.circularity_figures import account_of
from lvshu.accounts.book.circulation_inputs import PROCESSED, Flows, flows_of
from lvshu.accounts.book.numbers import plain
from lvshu.accounts.methods.circulation.material_flow import physical_balance
from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext

Array = NDArray[np.float64]

SCOPE_ZH = "含各输入自报的相对标准误，相互独立；没有自报的输入视为已知。不含口径与漏统。"
SCOPE_EN = (
    "Covers the relative standard errors that the inputs state, taken as independent; inputs that state none "
    "are taken as known. Not definitions or what is not recorded."
)

# code, side, zh, en
LINES = (
    ("direct_input", "input", "直接物质投入", "Direct material input"),
    ("balancing_input", "input", "输入平衡项（燃烧、呼吸用氧等）", "Balancing items, input (oxygen and so on)"),
    ("exports", "output", "出口", "Exports"),
    ("outflow", "output", "调出", "Outflow to the rest of the country"),
    ("emission_to_air", "output", "排向大气", "Emissions to air"),
    ("emission_to_water", "output", "排向水体", "Emissions to water"),
    ("dissipative_use", "output", "耗散使用", "Dissipative use"),
    ("uncontrolled_waste", "output", "未受控废物", "Uncontrolled waste"),
    ("balancing_output", "output", "输出平衡项（水汽等）", "Balancing items, output (water vapour and so on)"),
    ("net_additions", "balance", "存量净增（余项）", "Net additions to stock (what closes the balance)"),
    ("stock_addition_measured", "balance", "存量净增（实测）", "Net additions to stock, measured"),
    ("difference", "balance", "余项与实测之差", "Difference of the two"),
)  # fmt: skip


def read_here(context: StepContext, table: str) -> list[dict[str, Any]]:
    """Return the records of an input table that are of the run's year and area (an empty area is the run's)."""
    area = context.settings.area.replace("'", "''")
    where = f"year = {context.settings.year} AND coalesce(area_code, '{area}') = '{area}'"
    rows: list[dict[str, Any]] = context.read(table, where=where).to_pylist()
    return rows


def load_flows(context: StepContext) -> Flows | None:
    """Return the run's material flows; None where there is no record of its year and area."""
    rows = read_here(context, "material_flow")
    return flows_of(rows) if rows else None


def make_balance(context: StepContext) -> None:
    """Make material_balance, and tell where its closure is the whole of the stock account."""
    flows = load_flows(context)
    if flows is None:
        tell_no_records(context, "material_flow")
        return
    lines = balance_lines(flows)
    drawn = None
    if flows.uncertain:
        drawn = balance_lines(flows.drawn(context.settings.replicates, context.generator("material_flow")))
    columns: dict[str, list[Any]] = {name: [] for name in (
        "line_code", "position", "side", "line_zh", "line_en", "quantity", "standard_error")}  # fmt: skip
    for position, (code, side, zh, en) in enumerate(LINES, start=1):
        if code not in lines:
            continue
        error = None if drawn is None else float(np.std(drawn[code], ddof=1))
        for column, part in zip(
            columns.values(), (code, position, side, zh, en, float(lines[code]), error), strict=True
        ):
            column.append(part)
    context.write("material_balance", columns)
    _tell_balance(context, flows, lines)
    account = account_of(flows)
    _write_uncertainty(context, "direct_material_input", account.direct_input, flows, "direct_input")
    _write_uncertainty(context, "domestic_material_consumption", account.consumption, flows, "consumption")


def _write_uncertainty(context: StepContext, code: str, value: Array, flows: Flows, attribute: str) -> None:
    if not flows.uncertain:
        return
    drawn = account_of(flows.drawn(context.settings.replicates, context.generator("material_flow")))
    context.write_uncertainty(
        code, value=float(value.sum()), unit="t", method="monte_carlo", scope_zh=SCOPE_ZH, scope_en=SCOPE_EN,
        replicates=np.asarray(getattr(drawn, attribute).sum(axis=0)),
    )  # fmt: skip


def balance_lines(flows: Flows) -> dict[str, Array]:
    """Return the lines of the physical balance, scalar or shape (r,), unit t; lines that nobody told are left out."""
    account = account_of(flows)
    measured = flows.total("stock_addition_measured") if "stock_addition_measured" in flows.told else None
    balance = physical_balance(
        account.direct_input.sum(axis=0), flows.total("export", "outflow"), flows.total(*PROCESSED),
        flows.total("balancing_input"), flows.total("balancing_output"), measured_additions=measured,
    )  # fmt: skip
    lines = {"direct_input": np.asarray(account.direct_input.sum(axis=0)), "exports": flows.total("export"),
             "outflow": flows.total("outflow")}  # fmt: skip
    for code in ("balancing_input", *PROCESSED, "balancing_output"):
        if code in flows.told:
            lines[code] = flows.total(code)
    lines["net_additions"] = balance.net_additions
    if measured is not None:
        lines |= {"stock_addition_measured": measured, "difference": balance.difference}
    return lines


def _tell_balance(context: StepContext, flows: Flows, lines: dict[str, Array]) -> None:
    if not flows.told & set(PROCESSED):
        amount = float(lines["net_additions"])
        context.find(Problem("accounts.material_no_output", values={"amount": plain(amount)}, severity="warning"),
                     table="material_balance", key="net_additions", amount=amount, unit="t")  # fmt: skip
    if "difference" in lines and abs(float(lines["difference"])) > 0.5:
        amount = float(lines["difference"])
        values = {"derived": plain(round(float(lines["net_additions"]))), "amount": plain(round(amount)),
                  "measured": plain(round(float(lines["stock_addition_measured"])))}  # fmt: skip
        context.find(Problem("accounts.material_not_closed", values=values, severity="notice"),
                     table="material_balance", key="difference", amount=amount, unit="t")  # fmt: skip
    negative = [
        code for code, used in zip(flows.materials, account_of(flows).consumption, strict=True) if used < 0.0
    ]
    if negative:
        context.find(Problem("accounts.material_consumption_negative", values={"materials": negative},
                             severity="warning"), table="material_account")  # fmt: skip


def tell_no_records(context: StepContext, table: str) -> None:
    """Tell that an input has records, but none of the run's year and area."""
    values = {"table": table, "year": context.settings.year, "area": context.settings.area}
    context.find(Problem("accounts.no_record_here", values=values, severity="warning"), table=table)
