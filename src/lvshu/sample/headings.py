"""Column headings as a bureau's or a bank's workbook has them: the Chinese names of the table contracts."""

from __future__ import annotations

from collections.abc import Sequence

from lvshu.contract import all_contracts

TEN_THOUSAND_YUAN = "（万元）"


def headings(table: str, fields: Sequence[str], *, ten_thousand_yuan: bool = False) -> list[str]:
    """Return the Chinese heading of each field; the field's own name where the contract does not have it.

    Args:
        table: name of the table.
        fields: names of its columns, in the order of the file.
        ten_thousand_yuan: whether money columns stand in 1e4 yuan, which their headings then say.
    """
    contract = all_contracts().get(table)
    columns = {column.name: column for column in contract.columns} if contract else {}
    result = []
    for field in fields:
        column = columns.get(field)
        money = ten_thousand_yuan and column is not None and column.type == "money"
        result.append((column.zh if column else field) + (TEN_THOUSAND_YUAN if money else ""))
    return result
