"""The clerical queue: units whose code is not sure, and a random audit, written as csv or xlsx and read back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from pathlib import Path
from typing import Any

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.city_time import city_today
from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import sha256_of_text
from lvshu.core.period import day_of
from lvshu.core.spreadsheet import harmless
from lvshu.intake.text import fold, heading_key, plain_number
from lvshu.statistics.another_row import of_another_row
from lvshu.statistics.coding.drawing import draw_audit
from lvshu.statistics.coding.knowledge import titles, whole_table
from lvshu.statistics.coding.mark import MARK, changed_rows, mark_of
from lvshu.statistics.coding.moved import Row, moved_strata
from lvshu.statistics.coding.register import CANDIDATES, VERSION
from lvshu.statistics.keys import CODES, MAJORS
from lvshu.store.book import Book
from lvshu.store.disk import write_durably
from lvshu.store.workspace import Workspace

REVIEW, AUDIT = "review", "audit"
KINDS = {"review": REVIEW, "复核": REVIEW, "audit": AUDIT, "抽查": AUDIT}
"""What a row is, as people may have put it."""
COLUMNS = {
    "kind": ("种类", "Kind"), "uscc": ("统一社会信用代码", "Credit code"), "stratum": ("层", "Stratum"),
    "stratum_units": ("层内单位数", "Units of the stratum"), "business_scope": ("经营范围", "Business scope"),
    "main_words": ("决定文字", "Words that decided"), "candidates": ("候选", "Candidates"),
    "industry_code": ("核定行业代码", "Industry code found"), "reviewer": ("复核人", "Reviewer"),
    "reviewed_on": ("复核日期", "Reviewed on"),
    "audit_month": ("抽样月份", "Month of the frame"), "draw": ("抽样批次", "Draw"),
    "stratum_drawn": ("层内抽取数", "Drawn in the stratum"), "frame_units": ("抽样框单位数", "Units of the frame"),
    "model_version": ("模型版本", "Version of the model"), "coded_code": ("抽样时机器编码", "Code of the machine"),
    "employee_count": ("从业人员", "Persons"), "linked_code": ("链接单位的代码", "Code of the linked unit"),
    MARK: ("校验码", "Mark"),
}  # fmt: skip
DRAWN = (
    "audit_month",
    "draw",
    "stratum_drawn",
    "frame_units",
    "model_version",
    "coded_code",
    "employee_count",
)
"""Columns of an audit that say what was drawn; a file of one's own may leave them out."""
COUNTS = ("stratum_units", "stratum_drawn", "frame_units", "employee_count")
"""Columns of whole numbers."""
OF_DRAW = ("audit_month", "frame_units", "model_version")
OF_STRATUM = ("stratum_units", "stratum_drawn")
REVIEW_FILE, AUDIT_FILE = "coding_review.taken.csv", "coding_audit.taken.csv"
SHOWN = 500
"""Characters of a business scope that the file shows."""
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_NUMBER = re.compile(r"\d+(\.\d+)?([eE]\+?\d+)?")
SIGNIFICANT_LEAST = 3
"""Digits that a number must still show before units are named that it may have been."""


@dataclass(frozen=True)
class Queue:
    """A queue that was written: the file, and units for review and audit in it."""

    path: Path
    reviews: int
    audits: int


@dataclass(frozen=True)
class Taken:
    """What became of a queue that came back: answers taken, rows left open, the input files of the next run, and class
    codes whose leading zero a spreadsheet had dropped.

    Audits go to a table of their own and never into what is learned or taken as a code: an estimate corrected by
    units that the model has seen would be biased.
    """

    reviews: int
    audits: int
    open_rows: int
    files: tuple[str, ...]
    restored: int = 0


def write_queue(
    workspace: Workspace, path: Path, *, audit: int = 0, month: str = "", language: str = "zh"
) -> Queue:
    """Return the queue that was written: every unit without a sure class, and a random audit of the uncoded ones.

    Units whose class another source states of the linked unit come last, with that class; where the machine's likeliest
    is the same nothing is left to decide, and they are not in it.

    Args:
        workspace: with a run.
        path: csv or xlsx; must not exist.
        audit: units to draw from all resident units without a code, of their own or of a linked record (`draw_audit`).
        month: of the frame, YYYY-MM; left out, the last of the book's year.
        language: of the headings.

    Raises:
        InputError: coding.queue_there, coding.queue_ending, coding.queue_month, coding.queue_nothing,
            coding.queue_no_frame.
    """
    if path.exists():
        raise InputError(Problem("coding.queue_there", Where(file=str(path))))
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise InputError(Problem("coding.queue_ending", Where(file=str(path))))
    if month and not _MONTH.fullmatch(month):
        raise InputError(Problem("coding.queue_month", values={"month": month[:20]}))
    with workspace.book() as book:
        coded = book.rows("activity_code", order=["uscc"]) if book.has("activity_code") else []
        if not coded:
            raise InputError(Problem("coding.queue_nothing"))
        listed = book.rows("activity_candidate", order=["uscc", "candidate_rank"])
        wanted = {row["uscc"] for row in coded}
        columns = ["uscc", "business_scope", "employee_count", "overseas"]
        units = {
            row["uscc"]: row
            for row in book.rows("enterprise", columns=columns, order=["uscc"])
            if row["uscc"] in wanted
        }
        linked = _linked(book)
        card = book.rows("coding_model", columns=["item", "content"]) if book.has("coding_model") else []
        seed, month = book.settings.seed, month or f"{book.settings.year}-12"
    names = titles(workspace.library)
    options: dict[str, list[str]] = {}
    for row in listed:
        text = f"{row['code']} {names.get(row['code'], '')} {row['probability']:.2f}"
        options.setdefault(row["uscc"], []).append(text)
    frame = _frame(coded, units, linked)
    if audit > 0 and not frame and linked:
        raise InputError(Problem("coding.queue_no_frame", values={"units": len(linked.keys() & wanted)}))
    sizes = {key: float(row["employee_count"] or 0) for key, row in units.items()}
    drawn = draw_audit(frame, sizes, digital_codes(workspace.library), audit, seed)
    about = {
        "audit_month": month, "frame_units": len(frame),
        "model_version": next((row["content"] for row in card if row["item"] == VERSION), ""),
        "draw": "d" + sha256_of_text(month, str(audit), *(f"{row['uscc']} {row['best_code']}" for row in frame))[:9],
    }  # fmt: skip
    rows = [
        _row(AUDIT, row, units, options) | about | {
            "stratum": one.stratum, "stratum_units": one.units, "stratum_drawn": one.drawn,
            "coded_code": row["machine_code"] or "", "employee_count": int(sizes.get(row["uscc"], 0.0)),
        }
        for row in coded if (one := drawn.get(row["uscc"])) is not None
    ]  # fmt: skip
    rows += [
        _row(REVIEW, row, units, options)
        | {"linked_code": f"{code} {names.get(code, '')}" if (code := linked.get(row["uscc"])) else ""}
        for row in _open([row for row in coded if row["uscc"] not in drawn], linked)
    ]
    if not rows:
        raise InputError(Problem("coding.queue_nothing"))
    for row in rows:
        row[MARK] = mark_of(row) if row["kind"] == AUDIT else ""
    place = 0 if language == "zh" else 1
    _write(
        path, [COLUMNS[name][place] for name in COLUMNS], [[row[name] for name in COLUMNS] for row in rows]
    )
    return Queue(path, len(rows) - len(drawn), len(drawn))


def _frame(
    coded: Sequence[Mapping[str, Any]], units: Mapping[str, Mapping[str, Any]], linked: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return what an audit is drawn from: resident units that rest on the machine's code, as it stands for them."""
    return [
        {**row, "best_code": row["machine_code"]}
        for row in coded
        if not units.get(row["uscc"], {}).get("overseas") and row["uscc"] not in linked
    ]


def _open(coded: Sequence[Mapping[str, Any]], linked: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """Return the units that a reviewer has something to decide of, those with a linked code last."""
    open_ = [
        row for row in coded
        if row["decision"] not in ("coded", "reviewed")
        and (row["uscc"] not in linked or linked[row["uscc"]] != row["best_code"])
    ]  # fmt: skip
    return sorted(open_, key=lambda row: row["uscc"] in linked)


def _linked(book: Book) -> dict[str, str]:
    """Return the classes of units whose class is that of a linked record: no total rests on their machine codes."""
    if not book.has("assigned_industry"):
        return {}
    rows = book.rows("assigned_industry", columns=["uscc", "linked_class"], where="linked_class IS NOT NULL")
    return {row["uscc"]: row["linked_class"] for row in rows}


def digital_codes(library: PackLibrary) -> frozenset[str]:
    """Return the classes of the core digital economy, starred ones included."""
    return frozenset(str(row["gbt4754_code"]) for row in library[CODES].rows if str(row["major"]) in MAJORS)


def _row(
    kind: str, coded: Mapping[str, Any], units: Mapping[str, Mapping[str, Any]], options: Mapping[str, list[str]]
) -> dict[str, Any]:  # fmt: skip
    key = coded["uscc"]
    scope = str(units.get(key, {}).get("business_scope") or "")
    return dict.fromkeys(COLUMNS, "") | {
        "kind": kind, "uscc": key, "business_scope": scope[:SHOWN], "main_words": coded["main_words"] or "",
        "candidates": "；".join(options.get(key, [])[:CANDIDATES]),
    }  # fmt: skip


def _write(path: Path, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as handle:
            csv.writer(handle).writerows([heads, *([safe(cell) for cell in row] for row in rows)])
        return
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet("queue")
        for number, row in enumerate([heads, *rows]):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, str(cell))
        sheet.freeze_panes(1, 2)


def safe(cell: Any) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return harmless(str(cell).replace("\0", ""))


def take_queue(workspace: Workspace, paths: Sequence[Path]) -> Taken:
    """Return what became of queues that came back; their answers become input files of the next run, or none does.

    Args:
        workspace: whose classification the codes are checked against.
        paths: csv or xlsx files; rows without a code stay open.

    Raises:
        InputError: everything that is wrong with any row.
    """
    classes = {str(row["code"]) for row in workspace.library["gbt4754_2017"].rows if row["level"] == "class"}
    with workspace.book() as book:
        known = {row["uscc"] for row in book.rows("activity_code", columns=["uscc"])}
        scopes = {
            row["uscc"]: [str(row["business_scope"] or "")[:SHOWN]]
            for row in book.rows("enterprise", columns=["uscc", "business_scope"])
            if row["uscc"] in known
        }
    names = titles(workspace.library)
    answers: dict[tuple[str, ...], dict[str, str]] = {}
    first: dict[str, dict[str, str]] = {}
    problems: list[Problem] = []
    open_rows = restored = 0
    drawn: list[tuple[Where, dict[str, str]]] = []
    told: list[tuple[Where, dict[str, str]]] = []
    for path in paths:
        for number, cells in _read(path):
            if cells["kind"] == AUDIT:
                drawn.append((Where(file=path.name, row=number, column=COLUMNS["stratum"][0]), cells))
            if not cells["industry_code"]:
                open_rows += 1
                continue
            cells["industry_code"] = _code(cells["industry_code"], names)
            if cells["uscc"] not in known and fold(cells["uscc"]).upper() in known:
                cells["uscc"] = fold(cells["uscc"]).upper()
            if cells["industry_code"] not in classes and f"0{cells['industry_code']}" in classes:
                cells["industry_code"] = f"0{cells['industry_code']}"
                restored += 1
            problems += _checked(cells, Where(file=path.name, row=number), classes, known, first)
            told.append((Where(file=path.name, row=number, column=COLUMNS["business_scope"][0]), cells))
            first.setdefault(cells["uscc"], cells)
            # a unit may be in several draws, and for review besides: each keeps its answer
            answers[tuple(cells.get(name, "") for name in ("uscc", "kind", "draw", "audit_month"))] = cells
    changed, unmarked = changed_rows(drawn)
    problems += _of_other_units(told, scopes)
    problems += [*changed, *_several_values(unmarked), *moved_strata(unmarked)]
    if problems:
        raise InputError(*problems)
    if not answers:
        raise InputError(Problem("coding.queue_unanswered", values={"rows": open_rows}))
    written = [
        name
        for name, kind, fields in (
            (REVIEW_FILE, REVIEW, ("uscc", "industry_code", "reviewer", "reviewed_on")),
            (AUDIT_FILE, AUDIT, ("uscc", "stratum", "stratum_units", "industry_code", "reviewed_on", *DRAWN)),
        )
        if _keep(workspace.inputs / name, [one for one in answers.values() if one["kind"] == kind], fields)
    ]
    audits = sum(one["kind"] == AUDIT for one in answers.values())
    return Taken(len(answers) - audits, audits, open_rows, tuple(written), restored)


def _of_other_units(rows: Sequence[Row], scopes: Mapping[str, Sequence[str]]) -> list[Problem]:
    """Return a problem for each answer whose row shows the business scope of another unit."""
    shown = [((cells["uscc"],), cells.get("business_scope", "")) for _, cells in rows]
    return [
        Problem("coding.queue_of_other_unit", rows[place][0],
                {"unit": rows[place][1]["uscc"][:40], "found": str(shown[place][1])[:80]})
        for place in of_another_row(shown, scopes)
    ]  # fmt: skip


def _several_values(rows: Sequence[Row]) -> list[Problem]:
    """Return a problem for each thing that rows say differently of one draw or one stratum of it."""
    seen: dict[tuple[str, ...], tuple[dict[str, None], Where]] = {}
    for where, cells in rows:
        draw, stratum = cells.get("draw", ""), cells["stratum"]
        for key in [(draw, name) for name in OF_DRAW if draw] + [
            (draw, stratum, name) for name in OF_STRATUM
        ]:
            found = seen.setdefault(key, ({}, Where(where.file, where.sheet, where.row, COLUMNS[key[-1]][0])))
            found[0][cells.get(key[-1], "")] = None
    return [
        Problem("coding.queue_draw", place, {"draw": key[0], "column": COLUMNS[key[-1]][0], "found": "、".join(told)})
        for key, (told, place) in seen.items() if len(told) > 1
    ]  # fmt: skip


def _checked(
    cells: Mapping[str, str], where: Where, classes: set[str], known: set[str], before: Mapping[str, Mapping[str, str]]
) -> list[Problem]:  # fmt: skip
    found = []

    def wrong(code: str, column: str, **values: object) -> None:
        place = Where(file=where.file, row=where.row, column=COLUMNS[column][0])
        found.append(Problem(code, place, values))

    if cells["uscc"] not in known:
        meant = _before_a_spreadsheet(cells["uscc"], known)
        if meant:
            wrong("coding.queue_mangled", "uscc", unit=cells["uscc"][:40], meant=meant)
        else:
            wrong("coding.queue_unknown_unit", "uscc", unit=cells["uscc"][:40])
    if cells["industry_code"] not in classes:
        wrong("coding.label_outside", "industry_code", label=cells["industry_code"][:40])
    if cells["kind"] not in (REVIEW, AUDIT):
        wrong("coding.queue_kind", "kind", kind=cells["kind"][:40])
    if cells["kind"] == AUDIT and not (cells["stratum"] and cells["stratum_units"].isdigit()):
        wrong("coding.queue_stratum", "stratum")
    if cells.get("audit_month") and not _MONTH.fullmatch(cells["audit_month"]):
        wrong("coding.queue_month", "audit_month", month=cells["audit_month"][:20])
    if not cells["reviewer"]:
        wrong("coding.queue_reviewer", "reviewer")
    day = _day(cells["reviewed_on"])
    if day is None:
        wrong("coding.queue_day", "reviewed_on", found=cells["reviewed_on"][:40])
    elif day > city_today().isoformat():
        wrong("coding.queue_future", "reviewed_on", found=day)
    other = before.get(cells["uscc"])
    if other is not None and other["industry_code"] != cells["industry_code"]:
        wrong(
            "coding.queue_twice", "industry_code", first=other["industry_code"], second=cells["industry_code"]
        )
    return found


def _read(path: Path) -> list[tuple[int, dict[str, str]]]:
    table = whole_table(path, [(*both, name) for name, both in COLUMNS.items()])
    heads = {heading_key(head): name for name, both in COLUMNS.items() for head in (*both, name)}
    known = [(heads[key], head) for head in table.heads if (key := heading_key(head)) in heads]
    twice = sorted({name for name, _ in known if sum(name == other for other, _ in known) > 1})
    if twice:
        shown = "、".join(head for name, head in known if name in twice)
        raise InputError(
            Problem("coding.queue_column_twice", Where(file=path.name, row=table.top), {"columns": shown})
        )
    places = {heads[key]: at for at, head in enumerate(table.heads) if (key := heading_key(head)) in heads}
    missing = [COLUMNS[name] for name in ("kind", "uscc", "industry_code", "reviewer", "reviewed_on", "stratum",
                                          "stratum_units") if name not in places]  # fmt: skip
    if missing:
        columns = {"zh": "、".join(zh for zh, _ in missing), "en": ", ".join(en for _, en in missing)}
        values = {"columns": columns, "found": ", ".join(table.heads)[:200] or "–"}
        raise InputError(Problem("coding.queue_columns", Where(file=path.name, row=table.top), values))
    rows = [
        (number, {name: fold(cells[at]).removeprefix("'") for name, at in places.items()})
        for number, cells in table.rows
    ]
    for _, cells in rows:
        cells["kind"] = KINDS.get(cells["kind"].casefold(), cells["kind"])
        if cells.get("audit_month"):
            cells["audit_month"] = _month(cells["audit_month"])
        for name in COUNTS:
            if cells.get(name):
                cells[name] = re.sub(r"\.0+$", "", plain_number(cells[name]))
    return rows


def _code(text: str, names: Mapping[str, str]) -> str:
    """Return a class code without what people leave at it: “.0” of a number, its title as the candidates show it."""
    found = re.fullmatch(r"(\d{3,4})(?:\.0+)?(?:\s+(\S.*?))?(?:\s+[01]\.\d+)?", text)
    if found is None:
        return text
    told, title = (found[2] or "").replace(" ", ""), names.get(found[1].zfill(4), "").replace(" ", "")
    return found[1] if told in ("", title) else text


def _month(text: str) -> str:
    """Return a month as YYYY-MM however a spreadsheet has rewritten it; the text itself where it is none."""
    found = re.match(r"(\d{4})\D(\d{1,2})(\D|$)", text)
    if found:
        return f"{found[1]}-{int(found[2]):02d}"
    try:
        return f"{datetime.strptime(text, '%b-%y'):%Y-%m}"
    except ValueError:
        return text


def _before_a_spreadsheet(text: str, known: set[str]) -> list[str]:
    """Return the units whose code a spreadsheet shows as this number: 9.1E+17, or with its last digits zero."""
    if not _NUMBER.fullmatch(text):
        return []
    told = Decimal(text)
    places = len(told.normalize().as_tuple().digits)
    return sorted(
        code
        for code in known
        if code.isascii() and code.isdigit() and code != text
        and (told == Decimal(code) or (places >= SIGNIFICANT_LEAST and _rounded(code, places) == told))
    )[:3]  # fmt: skip


def _rounded(code: str, places: int) -> Decimal:
    return Context(prec=places, rounding=ROUND_HALF_UP).plus(Decimal(code))


def _day(text: str) -> str | None:
    found = day_of(text)
    return None if found is None else found.isoformat()


def _keep(path: Path, answers: Sequence[Mapping[str, str]], fields: Sequence[str]) -> bool:
    """Write answers under those that the file holds; a new answer of a unit, in its draw, replaces its old one."""
    if not answers:
        return False
    heads = ["audited_on" if name == "reviewed_on" and "stratum" in fields else name for name in fields]
    kept: dict[tuple[str, str, str], dict[str, str]] = {}

    def key(row: Mapping[str, str]) -> tuple[str, str, str]:
        return row["uscc"], row.get("draw") or "", row.get("audit_month") or ""

    if path.is_file():
        kept = {key(row): row for row in csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))}
    for one in answers:
        row = {
            head: _day(one[name]) or "" if name == "reviewed_on" else one.get(name, "")
            for head, name in zip(heads, fields, strict=True)
        }
        kept[key(row)] = row
    text = io.StringIO()
    writer = csv.DictWriter(text, heads, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(kept[place] for place in sorted(kept))
    write_durably(path, text.getvalue())
    return True


def kept_reviews(workspace: Workspace) -> list[dict[str, str]]:
    """Return the answers of reviewers that the next run will use: uscc, industry_code, reviewer, reviewed_on."""
    path = workspace.inputs / REVIEW_FILE
    if not path.is_file():
        return []
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def keep_review(
    workspace: Workspace, *, uscc: str, industry_code: str, reviewer: str, reviewed_on: date
) -> str:
    """Return the input file that one answer was put into; it takes the place of an earlier answer on the unit.

    Args:
        workspace: whose next run uses the answer.
        uscc: a unit that waits in the last run (the caller has looked).
        industry_code: class of GB/T 4754-2017 that a person found.
        reviewer: who.
        reviewed_on: when.

    Raises:
        InputError: coding.label_outside, coding.queue_reviewer.
    """
    classes = {str(row["code"]) for row in workspace.library["gbt4754_2017"].rows if row["level"] == "class"}
    cells = {
        "uscc": uscc, "industry_code": industry_code, "reviewer": reviewer, "kind": REVIEW,
        "reviewed_on": reviewed_on.isoformat(), "stratum": "", "stratum_units": "",
    }  # fmt: skip
    problems = _checked(cells, Where(), classes, {uscc}, {})
    if problems:
        raise InputError(*problems)
    workspace.inputs.mkdir(parents=True, exist_ok=True)
    _keep(workspace.inputs / REVIEW_FILE, [cells], ("uscc", "industry_code", "reviewer", "reviewed_on"))
    return REVIEW_FILE
