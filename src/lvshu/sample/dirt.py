"""What is wrong in the city's records on purpose, and the list of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from lvshu.sample.files import write_rows

KINDS = {
    "duplicate_unit": "同一企业以另一代码、写错的名称重复出现",
    "misspelt_name": "台账中的企业名称写错",
    "old_industry_code": "用了GB/T 4754-2011的代码",
    "unknown_industry_code": "不存在的行业代码",
    "invalid_uscc": "统一社会信用代码校验位不符",
    "unknown_borrower": "借款人不在名录中",
    "missing_balance": "缺少某个月末的余额",
    "negative_balance": "余额为负",
    "unit_slip": "以万元填入元的栏",
    "unit_slip_file": "整个文件以万元计，表头写明",
    "late_correction": "事后更正，载于 .corrected 文件",
    "date_as_serial": "日期是Excel序列号",
    "date_as_text": "日期写成“2023年5月6日”",
    "unknown_fuel": "未知的能源品种代码",
    "region_sum": "分地区之和不等于合计",
    "missing_return": "某个月的平台报表没有报来",
    "loan_after_year": "报告年度之后发放的贷款",
    "wrong_hash": "人员标识不是64位十六进制",
    "wrong_person": "调查员写错证件号，人员标识与平台记录对不上",
}


@dataclass
class Dirt:
    """The list of what is wrong: table, key of the row, kind, what the true value is."""

    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def add(self, table: str, key: str, kind: str, true: object = "") -> None:
        """Note one wrong record.

        Args:
            table: name of the table.
            key: key of the row as it stands in the file.
            kind: one of KINDS.
            true: what would have been right.
        """
        self.rows.append((table, key, kind, "" if true is None else str(true)))

    def count(self) -> dict[str, int]:
        """Return how many records of each kind are wrong."""
        counts = dict.fromkeys(KINDS, 0)
        for _, _, kind, _ in self.rows:
            counts[kind] += 1
        return counts

    def write(self, path: Path) -> int:
        """Write truth/dirt.csv and return its number of rows."""
        return write_rows(path, ("table", "key", "kind", "true_value"), sorted(self.rows))
