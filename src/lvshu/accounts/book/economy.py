"""Steps on the input-output table: does it close, and where do its products come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.book.numbers import plain
from lvshu.accounts.book.table import (
    BALANCING_ITEM,
    OWN_FINAL_USE,
    SENT_OUT,
    InputOutputTable,
    choose_table,
    load_table,
    tables_given,
)
from lvshu.accounts.methods.leontief import LeontiefModel, input_coefficients, leontief_model
from lvshu.accounts.methods.origin import UseByOrigin, split_by_origin
from lvshu.core.errors import Problem
from lvshu.engine.query import query
from lvshu.engine.step import StepContext

Array = NDArray[np.float64]

ROUNDING = 1e-6
SMALLEST_MONEY = Decimal("0.01")
ORIGINS = ("local", "rest_of_country", "abroad")


@dataclass(frozen=True)
class Economy:
    """The table split by origin, ready for the Leontief model; n sectors, c kinds of final use.

    Attributes:
        table: the table it was made from.
        intermediate_use: origin -> (n, n), yuan.
        final_use: origin -> (n, c), yuan, columns as `final_kinds`.
        final_kinds: kinds of final use; the last is the balancing item (local only).
        transit: (n,), yuan: what came in and left again.
    """

    table: InputOutputTable
    intermediate_use: Mapping[str, Array]
    final_use: Mapping[str, Array]
    final_kinds: tuple[str, ...]
    transit: Array

    def local_model(self) -> LeontiefModel:
        """Return the Leontief model of local products."""
        return leontief_model(
            input_coefficients(self.intermediate_use["local"], self.table.output, self.table.sector_names)
        )

    def technology_model(self) -> LeontiefModel:
        """Return the Leontief model of products of all origins: the region's technology."""
        return leontief_model(
            input_coefficients(self.table.total_intermediate_use, self.table.output, self.table.sector_names)
        )


def economy_of(table: InputOutputTable, *, imports_in_exports: bool = False) -> Economy:
    """Return the economy with each use split by origin.

    A table that already tells domestic from imported products is taken as it is; a competitive one is split by the
    proportional import assumption. What the local rows lack or exceed to the stated output (the error column and
    imbalances) becomes the balancing item: named, never spread.
    """
    kinds = (*table.final_kinds, BALANCING_ITEM)
    if "domestic" in table.intermediate_use:
        zero = np.zeros_like(table.final_use["domestic"])
        use = {"local": table.intermediate_use["domestic"], "abroad": table.intermediate_use["import"],
               "rest_of_country": np.zeros_like(table.intermediate_use["import"])}  # fmt: skip
        final = {
            "local": table.final_use["domestic"],
            "abroad": table.final_use["import"],
            "rest_of_country": zero,
        }
        transit = np.zeros(len(table.sectors))
    else:
        split = _split(table, imports_in_exports)
        n = len(table.sectors)
        parts = {"local": split.local, "rest_of_country": split.rest_of_country, "abroad": split.abroad}
        use = {origin: part[:, :n] for origin, part in parts.items()}
        final = {origin: part[:, n:] for origin, part in parts.items()}
        transit = split.transit
    residual = table.output - use["local"].sum(axis=1) - final["local"].sum(axis=1)
    final = {
        origin: np.hstack([part, (residual if origin == "local" else np.zeros_like(residual))[:, None]])
        for origin, part in final.items()
    }
    return Economy(table, use, final, kinds, transit)


def _split(table: InputOutputTable, imports_in_exports: bool) -> UseByOrigin:
    final = table.final_use["total"]
    own = [place for place, kind in enumerate(table.final_kinds) if kind in OWN_FINAL_USE]
    out = [place for place, kind in enumerate(table.final_kinds) if kind in SENT_OUT]
    return split_by_origin(
        np.hstack([table.intermediate_use["total"], final[:, own]]), final[:, out], table.imports, table.inflows,
        imports_in_exports=imports_in_exports,
    )  # fmt: skip


def load_economy(context: StepContext) -> Economy:
    """Return the economy as the table use_by_origin of this run states it, exactly."""
    table = load_table(context)
    kinds = (*table.final_kinds, BALANCING_ITEM)
    place = {code: index for index, code in enumerate(table.codes)}
    n = len(place)
    use = {origin: np.zeros((n, n)) for origin in ORIGINS}
    final = {origin: np.zeros((n, len(kinds))) for origin in ORIGINS}
    columns = ["origin", "row_code", "column_code", "column_kind", "value"]
    for row in context.read("use_by_origin", columns=columns).to_pylist():
        i, value = place[row["row_code"]], float(row["value"])
        if row["column_kind"] == "sector":
            use[row["origin"]][i, place[row["column_code"]]] = value
        else:
            final[row["origin"]][i, kinds.index(row["column_kind"])] = value
    local = final["local"]
    local[:, -1] = table.output - use["local"].sum(axis=1) - local[:, :-1].sum(axis=1)
    return Economy(table, use, final, kinds, np.zeros(n))


def check_table(context: StepContext) -> None:
    """Make io_balance_check, and a finding for every imbalance that is larger than rounding."""
    choice = choose_table(context)
    for other, _ in tables_given(context):
        if other != choice:
            values = {"used": choice.table_code, "other": other.table_code}
            context.find(
                Problem("accounts.table_not_used", values=values, severity="notice"), table="io_cell"
            )
    if choice.year != context.settings.year:
        years = {"table_year": choice.year, "year": context.settings.year}
        context.find(
            Problem("accounts.table_of_other_year", values=years, severity="warning"), table="io_cell"
        )
    context.make(query("lvshu.accounts", "io_balance_check"), table_code=choice.table_code, year=choice.year,
                 area=choice.area_code)  # fmt: skip
    checks = context.read("io_balance_check", order=["check_code", "origin", "code"]).to_pylist()
    _tell_imbalances(
        context, [row for row in checks if row["check_code"] != "error_column" and row["difference"]]
    )
    errors = [row for row in checks if row["check_code"] == "error_column"]
    if errors:
        _tell_error_column(context, errors)


def _tell_imbalances(context: StepContext, rows: list[dict[str, Any]]) -> None:
    small: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        size = max(abs(row["stated"]), abs(row["computed"]))
        if abs(row["difference"]) <= max(size * Decimal(str(ROUNDING)), SMALLEST_MONEY):
            small.setdefault(row["check_code"], []).append(row)
            continue
        values = {"check": _CHECKS[row["check_code"]], "name": row["name_zh"], "code": row["code"],
                  "stated": plain(row["stated"]), "computed": plain(row["computed"]),
                  "difference": plain(row["difference"])}  # fmt: skip
        context.find(Problem("accounts.io_imbalance", values=values, severity="warning"), table="io_balance_check",
                     key=f"{row['check_code']}/{row['code']}", amount=float(row["difference"]), unit="CNY")  # fmt: skip
    for check, group in small.items():
        largest = max(group, key=lambda row: abs(row["difference"]))
        values = {"check": _CHECKS[check], "count": len(group), "name": largest["name_zh"],
                  "difference": plain(largest["difference"])}  # fmt: skip
        context.find(Problem("accounts.io_rounding", values=values, severity="notice"), table="io_balance_check",
                     key=check, amount=float(largest["difference"]), unit="CNY")  # fmt: skip


def _tell_error_column(context: StepContext, rows: list[dict[str, Any]]) -> None:
    largest = max(rows, key=lambda row: abs(row["difference"]))
    total = sum((row["difference"] for row in rows), Decimal(0))
    values = {"count": len(rows), "total": plain(total), "name": largest["name_zh"],
              "difference": plain(largest["difference"])}  # fmt: skip
    context.find(Problem("accounts.io_error_column", values=values, severity="notice"), table="io_balance_check",
                 key="error_column", amount=float(total), unit="CNY")  # fmt: skip


_CHECKS = {
    "row_balance": {"zh": "行平衡", "en": "row balance"},
    "column_balance": {"zh": "列平衡", "en": "column balance"},
    "output_and_input": {"zh": "总产出与总投入", "en": "output against input"},
    "row_total": {"zh": "行合计", "en": "row total"},
    "column_total": {"zh": "列合计", "en": "column total"},
}


def split_uses(context: StepContext) -> None:
    """Make use_by_origin, and findings on sectors without output and on products that pass through."""
    table = load_table(context)
    economy = economy_of(table, imports_in_exports=context.settings.imports_in_exports)
    for index, sector in enumerate(table.sectors):
        if table.output[index] == 0.0:
            values = {"name": sector.name_zh, "code": sector.code}
            context.find(Problem("accounts.zero_output", values=values, severity="warning"), table="io_cell",
                         key=sector.code)  # fmt: skip
        if economy.transit[index] > ROUNDING * abs(table.imports[index] + table.inflows[index]):
            told = {
                "name": {"zh": sector.name_zh, "en": sector.name_en or sector.name_zh},
                "code": sector.code,
                "amount": plain(float(economy.transit[index])),
            }
            context.find(Problem("accounts.transit", values=told, severity="warning"), table="use_by_origin",
                         key=sector.code, amount=float(economy.transit[index]), unit="CNY")  # fmt: skip
    context.write("use_by_origin", _use_columns(economy))


def _use_columns(economy: Economy) -> dict[str, list[object]]:
    sectors = economy.table.sectors
    names = ("origin", "row_code", "row_name", "column_code", "column_name", "column_kind", "value")
    columns: dict[str, list[object]] = {name: [] for name in names}
    for origin in ORIGINS:
        for i, product in enumerate(sectors):
            uses = [(user.code, user.name_zh, "sector", economy.intermediate_use[origin][i, j])
                    for j, user in enumerate(sectors)]  # fmt: skip
            uses += [(kind, FINAL_NAMES[kind]["zh"], kind, economy.final_use[origin][i, j])
                     for j, kind in enumerate(economy.final_kinds)]  # fmt: skip
            for code, name, kind, value in uses:
                if value != 0.0:
                    record = (origin, product.code, product.name_zh, code, name, kind, float(value))
                    for column, part in zip(names, record, strict=True):
                        columns[column].append(part)
    return columns


FINAL_NAMES = {
    "household_rural": {"zh": "农村居民消费", "en": "Rural households"},
    "household_urban": {"zh": "城镇居民消费", "en": "Urban households"},
    "household": {"zh": "居民消费", "en": "Households"},
    "government": {"zh": "政府消费", "en": "Government"},
    "consumption": {
        "zh": "最终消费（未分居民与政府）",
        "en": "Final consumption (households and government)",
    },
    "fixed_capital": {"zh": "固定资本形成", "en": "Fixed capital formation"},
    "inventory": {"zh": "存货增加", "en": "Changes in inventories"},
    "capital_formation": {"zh": "资本形成", "en": "Capital formation"},
    "export": {"zh": "出口", "en": "Exports"},
    "outflow": {"zh": "国内省外流出", "en": "Outflow to the rest of the country"},
    BALANCING_ITEM: {"zh": "误差与未平衡项", "en": "Error item and imbalances"},
}
