"""Where a figure comes from: method card, clause, packs, query, input files, rows on the way; and how to cite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lvshu.core.city_time import city_day
from lvshu.publish.display import exact, number_text
from lvshu.publish.panels.base import named
from lvshu.publish.reader import Reader, method_cards
from lvshu.publish.texts import Text, code_label, same, table_label, ui, unit_label
from lvshu.publish.translated import translated

LONG_QUERY = 6000


def method_card(method: str) -> dict[str, Any] | None:
    """Return a method card as shown: names, formula, clause, source, packs, limits; None where there is none."""
    card = method_cards().get(method)
    if card is None:
        return None
    return {
        "id": method,
        "name": named(card.get("zh"), card.get("en"), method),
        "formula": _pair(card, "formula"),
        "clause": _pair(card, "clause"),
        "source": _pair(card, "source"),
        "limits": Text(str(card.get("limits_zh", "")), str(card.get("limits_en", ""))),
        "packs": list(card.get("packs", ())),
    }


def _pair(card: Mapping[str, Any], key: str) -> Text:
    plain = translated(str(card.get(key, "")))
    return Text(str(card.get(f"{key}_zh", plain.zh)), str(card.get(f"{key}_en", plain.en)))


def used_methods(reader: Reader) -> list[dict[str, Any]]:
    """Return the cards of every method that a step or a headline of the book names."""
    named_by = [step.method for step in reader.steps.values() if step.status != "skipped"]
    named_by += [row["method"] for row in reader.rows("headline") if row["value"] is not None]
    cards = (method_card(method) for method in sorted({one for one in named_by if one}))
    return [card for card in cards if card is not None]


def origin_of_headline(reader: Reader, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return where a headline comes from, as the page shows it."""
    table = row["table_name"]
    tables = reader.behind(table)
    return {
        "method": method_card(row["method"] or ""),
        "query": row["query"] or "",
        "packs": [pack_line(reader, pack) for pack in reader.packs_behind(table)],
        "files": [
            {
                "file": one["file"],
                "sheet": one["sheet"] or "",
                "sha256": one["sha256"],
                "rows": f"{one['rows_kept'] or 0:,}",
            }
            for one in reader.files_behind(table)
        ],
        "tables": [
            {
                "name": name,
                "label": table_label(name),
                "rows": f"{reader.count(name):,}",
                "step": reader.maker[name].name if name in reader.maker else "",
            }
            for name in tables
            if not name.startswith("pack_")
        ],
        "uncertainty": _uncertainty(row),
    }


def _uncertainty(row: Mapping[str, Any]) -> Text:
    if row["low"] is None and row["standard_error"] is None:
        return ui("no_uncertainty")
    scope = named(row["uncertainty_scope_zh"], row["uncertainty_scope_en"], "")
    way = code_label("uncertainty_method", row["uncertainty_method"] or "…")
    if row["standard_error"] is None:
        return ui("uncertainty.without_error", way=way, scope=scope)
    error = exact(row["standard_error"])
    text = number_text(error, error.adjusted() - 1) if error else "0"
    size = same(text + "\u00a0") + unit_label(row["unit"])
    return ui("uncertainty.line", way=way, error=size, scope=scope)


def pack_line(reader: Reader, pack: str) -> dict[str, Any]:
    """Return a pack as one line: name, completeness, document, hash."""
    row = reader.packs.get(pack, {})
    document = document_text(row)
    state = row.get("completeness") or ""
    return {
        "pack": pack,
        "name": named(row.get("zh"), row.get("en"), pack),
        "state": state,
        "completeness": code_label("completeness", state),
        "document": document,
        "sha256": (row.get("sha256") or "")[:12],
    }


def document_text(row: Mapping[str, Any]) -> Text:
    """Return which document a pack restates, and which clause of it; empty where neither is stated."""
    parts = [translated(row.get(key)) for key in ("document_number", "clause") if row.get(key)]
    return Text(" ".join(part.zh for part in parts), " ".join(part.en for part in parts))


def citation(reader: Reader) -> Text:
    """Return how to cite the book."""
    run = reader.run
    text = ui(
        "citation",
        title=ui("title", area=reader.area, year=reader.settings.year),
        version=run.get("version") or "…",
        run=run.get("run_id") or "…",
        date=city_day(run.get("finished_at") or run.get("started_at") or "…"),
    )
    return text + ui("citation_synthetic") if reader.settings.synthetic else text
