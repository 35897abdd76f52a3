"""Compare two books: what changed in the headlines, and which inputs, packs, code or settings made it change."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lvshu.contract import TableContract, all_contracts
from lvshu.core.text import LANGUAGES
from lvshu.engine.duckdb import quote, text_literal
from lvshu.pipeline.lineage import Lineage, StepRecord
from lvshu.pipeline.task import step_label
from lvshu.store.book import Book

OTHER = "other"
SAMPLE_ROWS = 20
Keyed = dict[tuple[str, ...], Any]


@dataclass(frozen=True)
class Comparison:
    """What differs between an older and a newer book, as plain data.

    settings: [{key, old, new}]; about: the same for version, engine and python.
    inputs: [{table, file, change: added|removed|changed, old, new}] by SHA-256.
    packs: [{pack, change, old, new}]; code: names of steps whose code changed; code_labels: what these make, {zh, en}.
    records: [{table, added, removed, changed, sample: [{key, column, old, new}], added_sample, removed_sample}] for
    tables with a key; the latter two: [{key: {column: value}, values: {column: value}}], what is missing left out.
    headlines: [{code, label_zh, label_en, unit, old, new, difference, status_old, status_new, reason_old, reason_new,
    causes}]; reason: {zh, en} of a figure that is not there, None where it is or the book does not list the headline.
    """

    old_run: str
    new_run: str
    about: list[dict[str, Any]]
    settings: list[dict[str, Any]]
    inputs: list[dict[str, Any]]
    packs: list[dict[str, Any]]
    code: list[str]
    code_labels: dict[str, dict[str, str]]
    records: list[dict[str, Any]]
    headlines: list[dict[str, Any]]

    @property
    def same(self) -> bool:
        """Return whether no headline and nothing behind them differs."""
        parts = (self.about, self.settings, self.inputs, self.packs, self.code, self.records)
        return not any(parts) and all(one["difference"] in (None, 0) for one in self.headlines)

    def as_json(self) -> dict[str, Any]:
        """Return the comparison as plain data."""
        return {**asdict(self), "same": self.same}


def compare(old: Book, new: Book) -> Comparison:
    """Return what differs between two books and why."""
    causes = causes_between(old, new)
    return Comparison(
        old_run=old.run["run_id"],
        new_run=new.run["run_id"],
        about=causes.about,
        settings=causes.settings,
        inputs=causes.inputs,
        packs=causes.packs,
        code=causes.code,
        code_labels={name: causes.label(name) for name in causes.code},
        records=_records(old, new, sorted({one["table"] for one in causes.inputs})),
        headlines=_headlines(old, new, causes),
    )


def causes_between(old: Book, new: Book) -> Causes:
    """Return which settings, inputs, packs and code differ between two books, without their records."""
    settings = _differences(json.loads(old.run["settings"]), json.loads(new.run["settings"]))
    about = _differences(
        *({name: book.run[name] for name in ("version", "engine", "python")} for book in (old, new))
    )
    engines = {str(book.run["engine"]).partition(" ")[0] for book in (old, new)}
    lineage = Lineage(new)
    code = _code(Lineage(old), lineage, bool(settings) or len(engines) > 1)
    return Causes(lineage, settings, about, _inputs(old, new), _packs(old, new), code)


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"key": key, "old": old.get(key), "new": new.get(key)}
        for key in sorted({*old, *new})
        if old.get(key) != new.get(key)
    ]


def _changes(old: Keyed, new: Keyed, names: tuple[str, ...]) -> list[dict[str, Any]]:
    found = []
    for key in sorted({*old, *new}):
        if old.get(key) != new.get(key):
            change = "added" if key not in old else "removed" if key not in new else "changed"
            named = dict(zip(names, key, strict=True))
            found.append({**named, "change": change, "old": old.get(key), "new": new.get(key)})
    return found


def _inputs(old: Book, new: Book) -> list[dict[str, Any]]:
    sides: list[Keyed] = [
        {
            (row["table_name"], row["file"], row["sheet"] or ""): row["sha256"]
            for row in book.rows("input_file")
        }
        for book in (old, new)
    ]
    return _changes(sides[0], sides[1], ("table", "file", "sheet"))


def _packs(old: Book, new: Book) -> list[dict[str, Any]]:
    sides: list[Keyed] = [
        {(row["pack"],): row["sha256"] for row in book.rows("pack_used")} for book in (old, new)
    ]
    return _changes(sides[0], sides[1], ("pack",))


def _code(old: Lineage, new: Lineage, texts_differ: bool) -> list[str]:
    """Return the steps whose code differs. A query's text holds settings and dialect: where those differ, it must."""
    found = []
    for name, step in new.steps.items():
        before = old.steps.get(name)
        if name.startswith("intake.") or (before is not None and before.code == step.code):
            continue
        is_query = not (step.code or "").startswith("-- Python")
        if before is None or not (texts_differ and is_query):
            found.append(name)
    return found + [name for name in old.steps if name not in new.steps]


@dataclass(frozen=True)
class Causes:
    """What changed, to be matched with what a headline rests on."""

    lineage: Lineage
    settings: list[dict[str, Any]]
    about: list[dict[str, Any]]
    inputs: list[dict[str, Any]]
    packs: list[dict[str, Any]]
    code: list[str]

    def label(self, step: str) -> dict[str, str]:
        """Return what a step makes, or looks at, in both languages; its name where the newer book has no such step."""
        one = self.lineage.steps.get(step)
        if one is None:
            return {"zh": step, "en": step}
        return {language: step_label(tuple(one.makes), tuple(one.reads), language) for language in LANGUAGES}

    def behind(self, table: str) -> list[dict[str, str]]:
        """Return the causes among what a table rests on: kind (input, pack, code, setting, about) and name.

        A setting is a cause only where a step on the way read it.
        """
        tables = set(self.lineage.upstream(table))
        steps = self.lineage.steps_behind(table)
        packs = {pack for step in steps for pack in step.packs}
        names = {step.name for step in steps}
        found = [("input", f"{one['table']}: {one['file']}") for one in self.inputs if one["table"] in tables]
        found += [("pack", one["pack"]) for one in self.packs if one["pack"] in packs]
        found += [("code", name) for name in self.code if name in names]
        found += [("setting", one["key"]) for one in self.settings if _read_by(steps, one["key"])]
        found += [("about", one["key"]) for one in self.about]
        return [{"kind": kind, "name": name} for kind, name in found]


def _read_by(steps: Sequence[StepRecord], setting: str) -> bool:
    """Return whether one of the steps read a setting; a step that does not tell (of an older book) may have."""
    return any(
        step.settings is None or setting in step.settings for step in steps if step.status != "skipped"
    )


def _headlines(old: Book, new: Book, causes: Causes) -> list[dict[str, Any]]:
    sides = [{row["code"]: row for row in book.rows("headline", order=["position"])} for book in (old, new)]
    found = []
    for code in dict.fromkeys([*sides[1], *sides[0]]):
        before, after = sides[0].get(code), sides[1].get(code)
        shown = after or before or {}
        was, now = before["value"] if before else None, after["value"] if after else None
        difference = now - was if now is not None and was is not None else None
        changed = was != now
        found.append(
            {
                **{name: shown[name] for name in ("code", "label_zh", "label_en", "unit", "display_unit")},
                "old": was,
                "new": now,
                "difference": difference,
                "changed": changed,
                "status_old": before["status"] if before else None,
                "status_new": after["status"] if after else None,
                "reason_old": reason_of(before),
                "reason_new": reason_of(after),
                "causes": causes.behind(shown["table_name"]) if changed else [],
            }
        )
    return found


def reason_of(row: Mapping[str, Any] | None) -> dict[str, str] | None:
    """Return why a headline has no figure, in both languages; None where it has one or there is no such headline."""
    if row is None or row["value"] is not None or not row["reason_zh"]:
        return None
    return {"zh": row["reason_zh"], "en": row["reason_en"] or row["reason_zh"]}


def _records(old: Book, new: Book, tables: list[str]) -> list[dict[str, Any]]:
    contracts = all_contracts()
    found = []
    new.engine.execute(f"ATTACH {text_literal(str(old.path))} AS {OTHER} (READ_ONLY)")
    try:
        for table in tables:
            if old.has(table) and new.has(table) and contracts[table].key:
                changes = _record_changes(new, contracts[table])
                if changes["added"] or changes["removed"] or changes["changed"]:
                    found.append(changes)
    finally:
        new.engine.execute(f"DETACH {OTHER}")
    return found


def _record_changes(new: Book, contract: TableContract) -> dict[str, Any]:
    table = quote(contract.name)
    keys = [quote(name) for name in contract.key]
    match = " AND ".join(f"a.{key} IS NOT DISTINCT FROM b.{key}" for key in keys)
    values = [name for name in contract.column_names if name not in contract.key]
    differs = " OR ".join(f"a.{quote(name)} IS DISTINCT FROM b.{quote(name)}" for name in values) or "FALSE"

    def count(sql: str) -> int:
        return int(new.engine.execute(sql, table=contract.name)[0][0])

    old_table = f"{OTHER}.{table}"
    is_new = f"FROM {table} b WHERE NOT EXISTS (SELECT 1 FROM {old_table} a WHERE {match})"
    is_gone = f"FROM {old_table} a WHERE NOT EXISTS (SELECT 1 FROM {table} b WHERE {match})"
    joined = f"FROM {old_table} a JOIN {table} b ON {match} WHERE {differs}"
    shown = ", ".join(
        [f"b.{key}" for key in keys]
        + [
            f"a.{quote(name)} AS {quote('old ' + name)}, b.{quote(name)} AS {quote('new ' + name)}"
            for name in values
        ]
    )
    order = ", ".join(f"b.{key}" for key in keys)
    rows = new.engine.fetch(f"SELECT {shown} {joined} ORDER BY {order} LIMIT {SAMPLE_ROWS}").to_pylist()
    return {
        "table": contract.name,
        "zh": contract.zh,
        "en": contract.en,
        "added": count(f"SELECT count(*) {is_new}"),
        "removed": count(f"SELECT count(*) {is_gone}"),
        "added_sample": _whole_rows(new, contract, "b", is_new),
        "removed_sample": _whole_rows(new, contract, "a", is_gone),
        "changed": count(f"SELECT count(*) {joined}"),
        "sample": [
            _cell_change(row, contract.key, name)
            for row in rows
            for name in values
            if row[f"old {name}"] != row[f"new {name}"]
        ],
    }


def _whole_rows(book: Book, contract: TableContract, side: str, where: str) -> list[dict[str, Any]]:
    """Return the first rows that one of two books alone has, by their key: what of them is there."""
    names = contract.column_names
    shown = ", ".join(f"{side}.{quote(name)}" for name in names)
    order = ", ".join(f"{side}.{quote(name)}" for name in contract.key)
    rows = book.engine.fetch(f"SELECT {shown} {where} ORDER BY {order} LIMIT {SAMPLE_ROWS}").to_pylist()
    return [
        {
            "key": {name: row[name] for name in contract.key},
            "values": {
                name: row[name] for name in names if name not in contract.key and row[name] is not None
            },
        }
        for row in rows
    ]


def _cell_change(row: Mapping[str, Any], key: tuple[str, ...], name: str) -> dict[str, Any]:
    return {
        "key": {part: row[part] for part in key},
        "column": name,
        "old": row[f"old {name}"],
        "new": row[f"new {name}"],
    }
