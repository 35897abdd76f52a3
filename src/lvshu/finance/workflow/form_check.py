"""Checks a form that came back and turns it into figures in the units of the input tables; all faults at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from lvshu.core.errors import Problem, Where
from lvshu.core.money import half_away
from lvshu.core.origin import sha256_of_file
from lvshu.core.period import day_of
from lvshu.core.units import convert, factor, find_unit, meant, of_other_gases, unit
from lvshu.finance.workflow.fields import (
    ANY,
    FREE_ROWS,
    LISTED,
    MAIN,
    Figures,
    FormField,
    FormFields,
    last_key,
)
from lvshu.finance.workflow.form_read import FormRow, Parsed
from lvshu.intake.text import NOTHING

LARGEST = Decimal(10) ** 15
NONE = "none"
"""The code that says that there is no process emission."""
ASSETS = ("total_assets_begin", "total_assets_end")
APART = 1000
"""Assets of begin and end this many times apart are told, the same three orders of magnitude as in suspected_unit."""
MOST_BYTES = 20 * 1024 * 1024
"""Attachments: 20 MB each, three at most (the bank's requirement specification of June 2026)."""
_COMMAS = (("zh", "、"), ("en", ", "))
Content = dict[str, Any]


@dataclass
class _Check:
    parsed: Parsed
    fields: FormFields
    last: Figures
    problems: list[Problem]
    content: Content
    unproven: list[Mapping[str, str]] = field(default_factory=list)

    def tell(
        self, code: str, row: FormRow, severity: str = "error", *, place: str = "place", **values: object
    ) -> None:
        self.problems.append(Problem(f"finance.{code}", getattr(row, place), values, severity))


def check_form(
    parsed: Parsed, fields: FormFields, last: Figures, folder: Path
) -> tuple[Content, list[Problem]]:
    """Return what a form says, as plain data by section, and everything that is wrong with it.

    Args:
        parsed: the form as it was read.
        fields: the fields of the form.
        last: last year's figures by field.
        folder: where its attachments are looked for.

    Returns:
        Figures as decimal texts: money in CNY, processes and products in t, emissions in tCO2e, energy in the unit of
        its row.
    """
    check = _Check(parsed, fields, last, list(parsed.problems), {section: {} for section in MAIN})
    check.content |= {section: [] for section in LISTED} | {"attachments": [], "evidence": {}}
    for section in MAIN:
        rows = parsed.of(section)
        for one in fields.of(section):
            if one.code in rows:
                _field(check, one, rows[one.code])
    for section in LISTED:
        _items(check, section)
    _no_process(check)
    _assets(check)
    _report(check)
    _attachments(check, folder)
    _whole_form(check)
    return check.content, check.problems


def _whole_form(check: _Check) -> None:
    """Tell what concerns the form as a whole, with the client whose form it is."""
    where, client = Where(file=check.parsed.file), _client(check.parsed)
    if check.unproven:
        fields = {lang: comma.join(str(name[lang]) for name in check.unproven) for lang, comma in _COMMAS}
        values = {"fields": fields, "client": client}
        check.problems.append(Problem("finance.desk_form_evidence_wanted", where, values, "notice"))
    content = check.content
    tried = any(not row.blank for row in check.parsed.rows if row.section in ("energy", "product", "report"))
    if not tried and not (content["energy"] or content["product"] or content["report"].get("source")):
        check.problems.append(Problem("finance.desk_form_no_activity", where, {"client": client}, "warning"))


def _client(parsed: Parsed) -> str:
    """Return the client of a form as people know it: its name and credit code."""
    words = (parsed.identity.get("name", ""), parsed.identity.get("uscc", ""))
    return " ".join(word for word in words if word) or parsed.file


def _field(check: _Check, one: FormField, row: FormRow) -> None:
    if row.blank:
        if one.required:
            check.tell("desk_form_required", row, field=one.name)
        return
    if one.kind == "number":
        figure = _number(check, one, row)
        if figure is None:
            return
        amount, symbol = figure
        converted = (
            convert(amount, symbol, "CNY") if one.section == "finance" else convert(amount, symbol, one.unit)
        )
        places = 2 if one.section == "finance" else 6
        check.content[one.section][one.code] = f"{half_away(converted, places):f}"
        _evidence(check, one, row, one.name)
        _compare(check, one, row, one.code, figure, one.name)
    elif one.kind == "choice":
        chosen = one.choice(row.value)
        if chosen is None:
            check.tell("desk_form_choice", row, field=one.name, value=row.value, choices=list(one.choices))
        else:
            check.content[one.section][one.code] = chosen
    elif one.kind == "date":
        day = day_of(row.value)
        if day is None:
            check.tell("desk_form_date", row, field=one.name, value=row.value)
        else:
            check.content[one.section][one.code] = day.isoformat()
    else:
        check.content[one.section][one.code] = row.value


def _number(check: _Check, one: FormField, row: FormRow, dimension: str = "") -> tuple[Decimal, str] | None:
    """Return the figure of a row and the symbol of its unit; None, with the fault told, where it has none."""
    name = one.name if one.code != ANY else {"zh": row.code or row.item, "en": row.code or row.item}
    amount = _decimal(row.value)
    if amount is None:
        check.tell("desk_form_not_a_number", row, field=name, value=row.value)
    elif amount < 0 and not one.signed:
        check.tell("desk_form_negative", row, field=name, value=row.value)
        amount = None
    elif abs(amount) >= LARGEST:
        check.tell("desk_form_too_large", row, field=name, value=row.value)
        amount = None
    known = find_unit(row.unit) if row.unit else None
    wanted = dimension or (unit(one.unit).dimension if one.unit else "")
    asked = one.unit or "–"
    if known is None:
        code = "desk_form_unknown_unit" if row.unit else "desk_form_no_unit"
        check.tell(code, row, place="unit_place", field=name, unit=row.unit, asked=asked)
        return None
    known = unit(meant(known.symbol, one.unit)) if one.unit and not dimension else known
    other = of_other_gases(known.symbol, one.unit) if one.unit and not dimension else None
    if other:
        check.tell(
            "desk_form_co2_alone", row, "warning", place="unit_place", field=name, unit=row.unit, asked=asked
        )
        check.content[one.section]["gases"] = "co2"
        known = unit(other)
    if wanted and known.dimension != wanted:
        check.tell("desk_form_wrong_unit", row, place="unit_place", field=name, unit=row.unit, asked=asked)
        return None
    return None if amount is None else (amount, known.symbol)


def _decimal(text: str) -> Decimal | None:
    try:
        found = Decimal(text.replace(",", "").replace(" ", ""))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _evidence(check: _Check, one: FormField, row: FormRow, name: Mapping[str, str]) -> None:
    if row.evidence:
        check.content["evidence"][row.code] = row.evidence
    elif one.section == "report":
        return
    elif one.evidence == "required" and _decimal(row.value):
        check.tell("desk_form_evidence", row, place="evidence_place", field=name)
    elif one.evidence == "wanted":
        check.unproven.append(name)


def _compare(
    check: _Check,
    one: FormField,
    row: FormRow,
    code: str,
    figure: tuple[Decimal, str],
    name: Mapping[str, str],
) -> None:
    before = check.last.get(code)
    if one.times is None or before is None:
        return
    here, there = find_unit(figure[1]), find_unit(before[1])
    if here is None or there is None or here.dimension != there.dimension:
        return
    now, then = figure[0], before[0] * factor(before[1], figure[1])
    if now == 0 or then == 0:
        if now != then:
            check.tell("desk_form_from_zero", row, "warning", field=name, now=now, before=then, unit=row.unit)
        return
    if (now < 0) != (then < 0):
        check.tell("desk_form_sign", row, "warning", field=name, now=now, before=then, unit=row.unit)
        return
    times = max(now / then, then / now)
    if times >= one.times:
        shown, many = half_away(then, 6).normalize(), half_away(times, 1)
        check.tell(
            "desk_form_jump",
            row,
            "warning",
            field=name,
            now=now,
            before=f"{shown:f}",
            unit=row.unit,
            times=many,
        )


def _items(check: _Check, section: str) -> None:
    fixed = {one.code: one for one in check.fields.of(section) if one.code != ANY}
    free = check.fields.free(section)
    seen: set[str] = set()
    count = 0
    for row in (row for row in check.parsed.rows if row.section == section and not row.blank):
        one = fixed.get(row.code)
        code: str | None = row.code
        if one is None:
            count += 1
            code = check.fields.item(section, row.code or row.item)
            one = fixed.get(code or "", free)
        if code is None and section == "product" and row.factor:
            code = row.code or row.item  # a product that the pack does not name, with a factor of its own
        if one is None or code is None:
            word = row.code or row.item
            near = check.fields.near(section, word) or NOTHING
            check.tell(f"desk_form_unknown_{section}", row, word=word, near=near)
            continue
        if code in seen:
            check.tell("desk_form_twice", row, word=code)
            continue
        seen.add(code)
        _item(check, one, row, section, code)
    if count > FREE_ROWS:
        values = {"sheet": section, "count": count, "most": FREE_ROWS}
        check.problems.append(Problem("finance.desk_form_too_many", Where(file=check.parsed.file), values))


def _item(check: _Check, one: FormField, row: FormRow, section: str, code: str) -> None:
    items = check.fields.items[section]
    fuel, _, kind = code.partition(":")
    known = items.get(fuel)
    name = one.name if one.code != ANY or known is None else {"zh": known.zh, "en": known.en}
    dimension = known.dimension if known and not one.unit else ""
    figure = _number(check, one, row, dimension)
    if figure is None:
        return
    amount, symbol = figure
    entry: dict[str, Any] = {"code": fuel, "quantity": f"{half_away(amount, 6):f}", "unit": symbol}
    if section != "energy":
        entry |= {"quantity": f"{half_away(convert(amount, symbol, 't'), 6):f}", "unit": "t"}
    if kind:
        entry["source_kind"] = kind
    if section == "product":
        entry |= _own_factor(check, row, code)
    check.content[section].append(entry)
    _evidence(check, one, row, name)
    _compare(check, one, row, last_key(section, code), figure, name)


def _own_factor(check: _Check, row: FormRow, code: str) -> dict[str, str]:
    """Return the factor that a row of a product brings, with its source; both are needed."""
    if not row.factor:
        return {}
    given = _decimal(row.factor)
    if given is None or given < 0:
        check.tell("desk_form_factor", row, word=code, value=row.factor)
        return {}
    if not row.factor_source:
        check.tell("desk_form_factor_source", row, word=code, value=row.factor)
        return {}
    return {"factor": f"{half_away(given, 6):f}", "factor_source": row.factor_source}


def _assets(check: _Check) -> None:
    """Tell total assets of zero, and assets of begin and end whose size differs as units do."""
    rows, finance = check.parsed.of("finance"), check.content["finance"]
    figures = {name: Decimal(finance[name]) for name in ASSETS if name in finance}
    for name, figure in figures.items():
        if figure == 0:
            check.tell("desk_form_zero_assets", rows[name], "warning")
    if len(figures) == len(ASSETS) and all(figures.values()):
        begin, end = (figures[name] for name in ASSETS)
        if max(end / begin, begin / end) >= APART:
            row = rows[ASSETS[1]]
            check.tell("desk_form_assets_apart", row, "warning", begin=f"{begin:f}", end=f"{end:f}")


def _no_process(check: _Check) -> None:
    """Refuse a statement that there is no process emission beside processes, or with a quantity."""
    given = check.content["process"]
    none = [entry for entry in given if entry["code"] == NONE]
    if none and (len(given) > 1 or Decimal(none[0]["quantity"])):
        row = next(row for row in check.parsed.rows if row.section == "process" and not row.blank)
        check.tell("desk_form_process_none", row, processes=[entry["code"] for entry in given])


def _report(check: _Check) -> None:
    rows = check.parsed.of("report")
    report, evidence = check.content["report"], check.content["evidence"]
    figures = [code for code in ("scope1", "scope2", "total") if code in report]
    filled = [code for code in ("scope1", "scope2", "total") if code in rows and not rows[code].blank]
    source = report.get("source", "")
    source_given = "source" in rows and not rows["source"].blank
    if source and not filled and "source" in rows:
        check.tell("desk_form_report_empty", rows["source"], source=source)
    if figures and not source_given:
        names = {one.code: one.name for one in check.fields.of("report")}
        told = {lang: sep.join(names[code][lang] for code in figures) for lang, sep in _COMMAS}
        check.tell("desk_form_report_source", rows[figures[0]], figures=told)
    if source == "verified" and not report.get("verifier"):
        check.tell("desk_form_verifier", rows.get("verifier", rows["source"]), source=source)
    if "total" not in filled and ("scope1" in filled) != ("scope2" in filled) and len(figures) == 1:
        given, lacking = ("scope1", "scope2") if "scope1" in report else ("scope2", "scope1")
        names = {one.code: one.name for one in check.fields.of("report")}
        check.tell("desk_form_one_scope", rows[given], "warning", given=names[given], lacking=names[lacking])
    if source in ("verified", "cems") and figures and not any(code in evidence for code in figures):
        check.tell("desk_form_report_evidence", rows[figures[0]], place="evidence_place", source=source)
    if all(code in report for code in ("scope1", "scope2", "total")):
        parts = Decimal(report["scope1"]) + Decimal(report["scope2"])
        whole = Decimal(report["total"])
        if abs(whole - parts) > whole / 100 + 1:
            check.tell("desk_form_total", rows["total"], "warning", total=whole, parts=parts)


def _attachments(check: _Check, folder: Path) -> None:
    for row in check.parsed.of("attachment").values():
        if row.blank:
            continue
        name = Path(row.value).name
        path = folder / name
        if not path.is_file():
            check.tell("desk_form_attachment_absent", row, "warning", name=name)
            check.content["attachments"].append({"name": name})
            continue
        size = path.stat().st_size
        if size > MOST_BYTES:
            check.tell("desk_form_attachment_size", row, name=name, size=f"{size / 1024 / 1024:.1f}")
            continue
        check.content["attachments"].append({"name": name, "bytes": size, "sha256": sha256_of_file(path)})


def flat(content: Mapping[str, Any]) -> dict[str, str]:
    """Return what a form says as one text a field: the form in which two versions are compared."""
    found: dict[str, str] = {}
    for section in (*MAIN, "evidence"):
        found |= {f"{section}.{code}": str(text) for code, text in dict(content.get(section) or {}).items()}
    for section in LISTED:
        for entry in content.get(section) or ():
            kind = f":{entry['source_kind']}" if entry.get("source_kind") else ""
            own = f" × {entry['factor']} tCO2/t ({entry['factor_source']})" if entry.get("factor") else ""
            found[f"{section}.{entry['code']}{kind}"] = f"{entry['quantity']} {entry['unit']}{own}"
    for entry in content.get("attachments") or ():
        found[f"attachment.{entry['name']}"] = str(entry.get("sha256", "–"))
    return found


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the fields in which two versions differ: field, before, after; "" where a version has none."""
    old, new = flat(before), flat(after)
    return [
        {"field": name, "before": old.get(name, ""), "after": new.get(name, "")}
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]
