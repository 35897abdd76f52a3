"""Documents derived from contracts: one page per table, and their index. Never edited by hand."""

from __future__ import annotations

from collections.abc import Mapping

from lvshu.contract.table import Column, TableContract
from lvshu.core.units import registry

HEADER = "<!-- Derived from the table's contract by tools/make_docs.py. Edit the contract, not this page. -->"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _unit(column: Column) -> str:
    if column.unit.startswith("column:"):
        return f"见列 / in column `{column.unit.removeprefix('column:')}`"
    if not column.unit:
        return ""
    one = registry()[column.unit]
    return f"{one.zh} / {one.en}"


def _checks(column: Column) -> str:
    parts = []
    if column.required:
        parts.append("必填 / required")
    elif column.required_column:
        parts.append("须有此列，值可空 / the column is required, its values may be blank")
    if column.check:
        parts.append(f"`{column.check}`")
    if column.wrong_kept:
        parts.append("有误不拒收 / wrong values are no reason to refuse")
    if column.codes:
        parts.append(f"代码取自 / codes of `{column.codes}`")
    if column.foreign_key:
        where = f"（`{column.foreign_key_where}`）" if column.foreign_key_where else ""
        parts.append(f"指向 / refers to `{column.foreign_key}`{where}")
    if column.minimum:
        parts.append(f"≥ {column.minimum}")
    if column.maximum:
        parts.append(f"≤ {column.maximum}")
    if column.allowed:
        parts.append("取值 / one of " + ", ".join(f"`{value}`" for value in column.allowed))
    return "; ".join(parts)


def page(contract: TableContract) -> str:
    """Return the page of one table in Markdown, Chinese and English side by side."""
    within = contract.numbered_within
    numbered = f"（在 `{within}` 内编号 / numbered within `{within}`）" if within else ""
    lines = [
        HEADER,
        f"# `{contract.name}` — {contract.zh} / {contract.en}",
        "",
        contract.meaning_zh,
        "",
        contract.meaning_en,
        "",
        f"- 类别 / kind: **{contract.kind}** · 所属 / room: **{contract.room}**",
        f"- 主键 / key: {', '.join(f'`{name}`' for name in contract.key) or '—'}{numbered}",
    ]
    if contract.confidential or contract.kind == "input":
        lines.append("- 保密：默认不导出 / confidential: not exported unless asked for by name")
    lines += [
        "",
        "| 列 / column | 类型 / type | 单位 / unit | 含义 | meaning | 检查 / checks | 其他表头 / other headers |",
        "|---|---|---|---|---|---|---|",
    ]
    for column in contract.columns:
        cells = (
            f"`{column.name}`<br>{column.zh}<br>{column.en}",
            column.type,
            _unit(column),
            column.meaning_zh,
            column.meaning_en,
            _checks(column),
            ", ".join(column.other_headings),
        )
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    if contract.rules:
        lines += [
            "",
            "| 规则 / rule | 级别 / severity | 条件 / condition | 何事 | what |",
            "|---|---|---|---|---|",
        ]
        for rule in contract.rules:
            entries = (f"`{rule.name}`", rule.severity, f"`{rule.sql}`", rule.zh["what"], rule.en["what"])
            lines.append("| " + " | ".join(_cell(entry) for entry in entries) + " |")
    return "\n".join(lines) + "\n"


def index(contracts: Mapping[str, TableContract]) -> str:
    """Return the index page of all tables, input tables first, by room."""
    lines = [HEADER, "# 表 / Tables", ""]
    for kind, title in (("input", "输入表 / Input tables"), ("book", "账册的表 / Tables of the book")):
        lines += [f"## {title}", "", "| 表 / table | 名称 | name | 所属 / room |", "|---|---|---|---|"]
        chosen = [contract for contract in contracts.values() if contract.kind == kind]
        for contract in sorted(chosen, key=lambda one: (one.room, one.name)):
            lines.append(
                f"| [`{contract.name}`]({contract.name}.md) | {contract.zh} | {contract.en} | {contract.room} |"
            )
        lines.append("")
    return "\n".join(lines)


def pages(contracts: Mapping[str, TableContract]) -> dict[str, str]:
    """Return every page by its file name."""
    made = {f"{name}.md": page(contract) for name, contract in sorted(contracts.items())}
    return {"README.md": index(contracts), **made}
