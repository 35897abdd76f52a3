"""The machine-readable twin of a filing: its figures, tables and gaps as JSON, unrounded, with units and traces."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from lvshu.publish.display import Absence
from lvshu.publish.filings.model import FigureLine, Filing, FilingSection, FilingTable, GapLine
from lvshu.publish.texts import Text

SCHEMA = "lvshu-filing/1"


def write_twin(filing: Filing, path: Path) -> Path:
    """Write a filing as JSON and return its path.

    Raises:
        OSError: the file cannot be written.
    """
    path.write_text(json.dumps(as_data(filing), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path


def as_data(filing: Filing) -> dict[str, Any]:
    """Return a filing as plain data; numbers of figures and tables are texts of exact decimals."""
    return {
        "schema": SCHEMA,
        "report": filing.report,
        "title": _both(filing.title),
        "institution": filing.institution,
        "institution_name": _both(filing.institution_name),
        "year": filing.year,
        "area": _both(filing.area),
        "synthetic": filing.synthetic,
        "outline": {
            "document": filing.document,
            "completeness": filing.completeness,
            "note": _both(filing.note),
        },
        "run": {"id": filing.run, "version": filing.version, "made_on": filing.made_on},
        "citation": _both(filing.citation),
        "sections": [_section(section) for section in filing.sections],
        "gaps": [_gap(gap) for gap in filing.gaps],
        "methods": [_plain(card) for card in filing.methods],
        "packs": [_plain(pack) for pack in filing.packs],
    }


def _section(section: FilingSection) -> dict[str, Any]:
    return {
        "code": section.code,
        "number": section.number,
        "title": _both(section.title),
        "clause": section.clause,
        "texts": [_both(text) for text in section.texts],
        "figures": [_figure(line) for line in section.figures],
        "tables": [_table(table) for table in section.tables],
        "gaps": [gap.element for gap in section.gaps],
    }


def _figure(line: FigureLine) -> dict[str, Any]:
    return {
        "code": line.code,
        "basis": line.basis,
        "name": _both(line.name),
        "value": line.value,
        "unit": line.unit,
        "low": line.low,
        "high": line.high,
        "shown": {language: shown.value for language, shown in line.shown.items()},
        "interval": _both(line.interval),
        "method": line.method,
        "explain": line.explain,
    }


def _table(table: FilingTable) -> dict[str, Any]:
    columns = table.table.columns
    return {
        "view": table.view,
        "title": _both(table.title),
        "source": list(table.table.source),
        "method": table.method,
        "note": _both(table.table.note),
        "columns": [
            {"key": column.key, "label": _both(column.label), "unit": column.unit} for column in columns
        ],
        "rows": [{column.key: _cell(row.get(column.key)) for column in columns} for row in table.table.rows],
        "totals": sorted(table.table.totals),
    }


def _gap(gap: GapLine) -> dict[str, Any]:
    return {
        "item": gap.item,
        "element": gap.element,
        "name": _both(gap.name),
        "requirement": _both(gap.requirement),
        "reason": gap.reason,
        "why": _both(gap.why),
        "provide": _both(gap.provide),
    }


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _cell(cell: Any) -> Any:
    if isinstance(cell, Text):
        return _both(cell)
    if isinstance(cell, Absence):
        return {"absent": cell.name.lower()}
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return cell


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return _both(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value
