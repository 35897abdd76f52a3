"""A small ledger contract, a pack of codes, and a workspace to load files into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import TableContract
from lvshu.contract.table import parse
from lvshu.core.errors import Problem
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.settings import Settings
from lvshu.intake import IntakeReport, load_inputs

CARD = """
id = "{id}"
kind = "classification"
zh = "测试行业分类"
en = "test industries"
issuer = "x"
document_number = "x"
clause = "x"
licence = "x"
source = "x"
completeness = "complete"
published = "2017-01-01"
effective_from = "2017-01-01"
effective_to = ""
key = [{key}]
[absent]
effective_to = "open"
"""
COLUMN = '[[column]]\nname = "{0}"\ntype = "code"\nzh = "{0}"\nen = "{0}"\n'


def column(name: str, kind: str, zh: str, en: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "zh": zh, "en": en, "meaning_zh": zh, "meaning_en": en, **more}


def ledger_contract() -> TableContract:
    """A loan ledger by month: every type and check that a contract can state."""
    return parse(
        {
            "table": {
                "name": "ledger", "kind": "input", "zh": "台账", "en": "Ledger", "meaning_zh": "台账",
                "meaning_en": "ledger", "key": ["loan_id", "month"],
            },
            "column": [
                column("loan_id", "code", "贷款编号", "Loan", required=True),
                column("month", "month", "月份", "Month", required=True),
                column("borrower", "text", "借款人", "Borrower name"),
                column("uscc", "code", "信用代码", "Credit code", check="uscc", foreign_key="firm.uscc"),
                column(
                    "balance", "money", "余额", "Balance", unit="CNY", required=True, minimum="0", aliases=["贷款余额"]
                ),
                column("tonnes", "quantity", "产量", "Output", unit="t"),
                column("rate", "ratio", "利率", "Interest rate", unit="1"),
                column("staff", "integer", "人数", "Staff"),
                column("paid_on", "date", "发放日期", "Paid on"),
                column("ends_on", "date", "到期日期", "Ends on"),
                column("overseas", "boolean", "是否境外", "Overseas"),
                column("kind", "code", "类型", "Kind", allowed=["large", "small"], allowed_zh=["大型", "小型"]),
                column("industry", "code", "行业代码", "Industry", codes="gbt4754_2017"),
            ],
            "rule": [
                {
                    "name": "paid_before_end", "sql": "paid_on IS NULL OR ends_on IS NULL OR paid_on <= ends_on",
                    "zh": {"what": "贷款 {loan_id} 先到期后发放", "fix": "核对日期。"},
                    "en": {"what": "Loan {loan_id} ends before it is paid", "fix": "Check the dates."},
                },
                {
                    "name": "staff_seen", "severity": "warning", "sql": "staff IS NULL OR staff > 0",
                    "zh": {"what": "人数为零", "fix": "核对。"}, "en": {"what": "No staff", "fix": "Check."},
                },
            ],
        },
        room="test",
    )  # fmt: skip


def firm_contract() -> TableContract:
    return parse(
        {
            "table": {
                "name": "firm", "kind": "input", "zh": "企业", "en": "Firm", "meaning_zh": "企业",
                "meaning_en": "firm", "key": ["uscc"],
            },
            "column": [
                column("uscc", "code", "信用代码", "Credit code", check="uscc", required=True),
                column("name", "text", "名称", "Name", required=True),
            ],
        },
        room="test",
    )  # fmt: skip


def write_pack(folder: Path, pack_id: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    card = CARD.format(id=pack_id, key=", ".join(f'"{name}"' for name in header))
    (folder / f"{pack_id}.toml").write_text(
        card + "".join(COLUMN.format(name) for name in header), encoding="utf-8"
    )
    lines = [",".join(header), *(",".join(row) for row in rows)]
    (folder / f"{pack_id}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


@dataclass
class Place:
    """An inputs folder, and the book that its files are loaded into."""

    inputs: Path
    engine: DuckDB
    packs: PackLibrary
    contracts: Mapping[str, TableContract]
    settings: Settings = field(
        default_factory=lambda: Settings(area="310000", area_zh="上海市", area_en="Shanghai", year=2025)
    )

    def put(self, name: str, text: str | bytes, encoding: str = "utf-8") -> Path:
        path = self.inputs / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    def load(self, **more: Any) -> IntakeReport:
        report = load_inputs(
            self.engine, self.contracts, self.inputs, settings=self.settings, packs=self.packs, **more
        )
        for table in report.tables:
            for one in table.files:
                assert one.rows_read == one.rows_kept + one.rows_quarantined
            assert self.engine.count(table.table) == table.rows_kept
        for problem in report.problems:
            for language in ("zh", "en"):
                text = problem.text(language)
                assert "{" not in text.replace('"{', ""), text
                assert problem.what(language) and problem.why(language) and problem.fix(language), (
                    problem.code
                )
        return report

    def rows(self, columns: str, table: str = "ledger") -> list[tuple[Any, ...]]:
        return self.engine.execute(f"SELECT {columns} FROM {table} ORDER BY source_file, source_row")

    def refused(self) -> list[tuple[Any, ...]]:
        return self.engine.execute(
            "SELECT file, row_number, column_name, value, code FROM quarantine ORDER BY ALL"
        )


def codes(report: IntakeReport, severity: str | None = None) -> list[str]:
    """Return the codes of what is told; not that headings name no unit, which tests of other things leave open."""
    told = [one for one in report.problems if severity in (None, one.severity)]
    return [one.code for one in told if one.code != "intake.unit_assumed"]


def problem(report: IntakeReport, code: str) -> Problem:
    return next(one for one in report.problems if one.code == code or one.values.get("cause") == code)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    folder = tmp_path / "packs"
    write_pack(folder, "gbt4754_2017", ["code"], [["0111"], ["3011"], ["3012"], ["C"]])
    write_pack(
        folder,
        "gbt4754_2011_map",
        ["code_2011", "code_2017", "relation"],
        [["3999", "3011", "split"], ["3999", "3012", "split"], ["0111", "0111", "code_reused"]],
    )
    (tmp_path / "inputs").mkdir()
    with DuckDB() as engine:
        yield Place(
            tmp_path / "inputs",
            engine,
            PackLibrary.load(folder),
            {"ledger": ledger_contract(), "firm": firm_contract()},
        )
