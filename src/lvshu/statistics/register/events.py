"""The step that tells births, ends, mergers and splits, declared and by records; changes of linkage apart."""

from __future__ import annotations

from typing import Any

from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext
from lvshu.statistics.register.keys import ENTERPRISE, KINDS, REGISTER, record_key, source_of

NOBODY = "-"


def make(context: StepContext) -> None:
    """Fill `register_event`."""
    rows: list[dict[str, Any]] = []
    units = context.read("register_unit", order=["kind", "unit_id"]).to_pylist()
    members = context.read(
        "register_member", columns=["kind", "record_key", "unit_id", "code", "valid_from"],
        order=["kind", "record_key"],
    ).to_pylist()  # fmt: skip
    previous = context.read("register_member_previous", order=["kind", "record_key"]).to_pylist()
    for kind in KINDS:
        own = [row for row in units if row["kind"] == kind]
        before = {row["record_key"]: row["unit_id"] for row in previous if row["kind"] == kind}
        now = {row["record_key"]: row for row in members if row["kind"] == kind}
        if own:
            rows += _by_records(kind, own, before)
            rows += _unseen(kind, own, now, _deliveries(context, kind))
            rows += _by_linkage(kind, before, now)
        if own and kind == ENTERPRISE:
            _tell_ends(context, own, now)
        if own:
            _tell_numbers(context, kind)
    rows = _declared(context, members, units) + rows
    known: dict[tuple[str, str, str, str], dict[str, Any]] = {}
    for row in rows:
        known.setdefault((row["kind"], row["event"], row["unit_id"], row["other_unit_id"]), row)
    listed = [known[key] for key in sorted(known)]
    if listed:
        context.write("register_event", {name: [row[name] for row in listed] for name in listed[0]})


def _row(kind: str, event: str, unit: str, other: str, on: object, cause: str) -> dict[str, Any]:
    return {
        "kind": kind, "event": event, "unit_id": unit, "other_unit_id": other, "on_date": on, "cause": cause,
    }  # fmt: skip


def _by_records(kind: str, units: list[dict[str, Any]], before: dict[str, str]) -> list[dict[str, Any]]:
    """Return births and ends: of the first register every unit's birth is its registration, not an event of the run."""
    known = set(before.values())
    rows = [
        _row(kind, "end", row["unit_id"], NOBODY, row["ended_on"], "records")
        for row in units
        if row["ended_on"]
    ]
    if known:
        rows += [
            _row(kind, "birth", row["unit_id"], NOBODY, row["born_on"], "records")
            for row in units
            if row["unit_id"] not in known
        ]
    return rows


def _tell_numbers(context: StepContext, kind: str) -> None:
    """Tell a source whose newest delivery writes its record numbers without the zeros that they began with before."""
    table = context.read(f"{kind}_extract", columns=["source", "record_id", "delivered_on"]).to_pylist()
    by_source: dict[str, dict[Any, set[str]]] = {}
    for row in table:
        by_source.setdefault(row["source"], {}).setdefault(row["delivered_on"], set()).add(row["record_id"])
    for source, deliveries in sorted(by_source.items()):
        *earlier, newest = [deliveries[day] for day in sorted(deliveries)]
        known = set().union(*earlier)
        short = {one.lstrip("0") for one in known if one.startswith("0")}
        lost = sorted(one for one in newest - known if one in short)
        if lost and len(lost) > len(newest & known):
            values = {"source": source, "records": len(lost), "record": lost[0]}
            problem = Problem("statistics.register_numbers_shortened", values=values, severity="warning")
            context.find(problem, table=f"{kind}_extract", key=source, amount=float(len(lost)), unit="1")


def _tell_ends(context: StepContext, units: list[dict[str, Any]], now: dict[str, dict[str, Any]]) -> None:
    """Tell units that ended by a source while the list of enterprises holds them, or another source still does."""
    stated = _stated_ends(context)
    ended = {row["unit_id"] for row in units if row["ended_on"]}
    listed = sorted(
        row["unit_id"] for key, row in now.items() if source_of(key) == REGISTER and row["unit_id"] in ended
    )
    open_ = sorted({now[key]["unit_id"] for key in stated if key in now} - ended)
    for code, found in (
        ("statistics.register_listed_ended", listed),
        ("statistics.register_end_open", open_),
    ):
        if found:
            values = {"units": len(found), "unit": found[0]}
            problem = Problem(code, values=values, severity="warning")
            context.find(problem, table="register_unit", amount=float(len(found)), unit="1")


def _stated_ends(context: StepContext) -> set[str]:
    """Return the records whose latest delivery states an end."""
    columns = ["source", "record_id", "delivered_on", "ceased_on"]
    table = context.read("enterprise_extract", columns=columns, order=["source", "record_id", "delivered_on"])
    latest = {record_key(row["source"], row["record_id"]): row["ceased_on"] for row in table.to_pylist()}
    return {key for key, day in latest.items() if day}


def _deliveries(context: StepContext, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return source -> day of its latest delivery, and record -> day of its own latest one."""
    table = context.read(f"{kind}_extract", columns=["source", "record_id", "delivered_on"]).to_pylist()
    latest: dict[str, Any] = {}
    own: dict[str, Any] = {}
    for row in table:
        key, day = record_key(row["source"], row["record_id"]), row["delivered_on"]
        latest[row["source"]] = max(latest.get(row["source"], day), day)
        own[key] = max(own.get(key, day), day)
    return latest, own


def _unseen(
    kind: str, units: list[dict[str, Any]], now: dict[str, dict[str, Any]],
    deliveries: tuple[dict[str, Any], dict[str, Any]],
) -> list[dict[str, Any]]:  # fmt: skip
    """Return units of which no source's latest delivery holds a record, though nothing says that they ended."""
    latest, own = deliveries
    seen: set[str] = set()
    missed: dict[str, Any] = {}
    for key, row in now.items():
        source = source_of(key)
        day = latest.get(source)
        if source == REGISTER or day is None or own.get(key) == day:
            seen.add(row["unit_id"])
        else:
            missed[row["unit_id"]] = max(missed.get(row["unit_id"], day), day)
    return [
        _row(kind, "unseen", row["unit_id"], NOBODY, missed[row["unit_id"]], "records")
        for row in units
        if row["unit_id"] in missed and row["unit_id"] not in seen and not row["ended_on"]
    ]


def _by_linkage(kind: str, before: dict[str, str], now: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return units that linkage has joined or parted since the register before."""
    joined: dict[tuple[str, str], Any] = {}
    parted: dict[tuple[str, str], Any] = {}
    kept = {before[key] for key in before if key in now and now[key]["unit_id"] == before[key]}
    for key, unit in before.items():
        if key not in now or now[key]["unit_id"] == unit:
            continue
        fresh = now[key]["unit_id"]
        pair, where = ((unit, fresh), parted) if unit in kept else ((unit, fresh), joined)
        where[pair] = max(where.get(pair, now[key]["valid_from"]), now[key]["valid_from"])
    rows = [_row(kind, "joined", one, other, day, "linkage") for (one, other), day in sorted(joined.items())]
    return rows + [
        _row(kind, "parted", one, other, day, "linkage") for (one, other), day in sorted(parted.items())
    ]


def _declared(
    context: StepContext, members: list[dict[str, Any]], units: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the events that were declared, by the units of the codes; codes that no unit has are told."""
    unit = {row["code"]: row["unit_id"] for row in members if row["kind"] == ENTERPRISE and row["code"]}
    born = {row["unit_id"]: row["born_on"] for row in units if row["kind"] == ENTERPRISE}
    rows, unknown = [], []
    order = ["on_date", "event", "from_code", "to_code"]
    listed = context.read("unit_event", order=order).to_pylist()
    merged = {(one["from_code"], one["to_code"]) for one in listed if one["event"] == "merger"}
    circle = sorted({min(pair) + " / " + max(pair) for pair in merged if pair[::-1] in merged})
    early: list[str] = []
    for one in listed:
        if one["event"] == "merger" and (one["to_code"], one["from_code"]) in merged:
            continue
        codes = (one["from_code"], one["to_code"])
        if any(code not in unit for code in codes):
            unknown += [code for code in codes if code not in unit]
            continue
        start, stop = unit[codes[0]], unit[codes[1]]
        if one["event"] != "split" and one["on_date"] < born.get(start, one["on_date"]):
            early.append(one["from_code"])
            continue
        event = "end" if one["event"] == "closure" else one["event"]
        rows.append(
            _row(ENTERPRISE, event, start, NOBODY if event == "end" else stop, one["on_date"], "declared")
        )
        if event == "merger":
            rows.append(_row(ENTERPRISE, "end", start, NOBODY, one["on_date"], "declared"))
    for code, told in (("statistics.register_event_early", sorted(set(early))),
                       ("statistics.register_event_circle", circle)):  # fmt: skip
        if told:
            values = {"codes": told[:20], "count": len(told)}
            context.find(Problem(code, values=values, severity="warning"), table="unit_event")
    if unknown:
        values = {"codes": sorted(set(unknown))[:20], "count": len(set(unknown))}
        context.find(
            Problem("statistics.register_event_unknown", values=values, severity="warning"),
            table="unit_event",
        )
    return rows
