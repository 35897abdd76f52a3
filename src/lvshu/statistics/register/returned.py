"""Review files as they come back: read whole, whatever spreadsheets and people made of them, each fault at its row."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.period import day_of
from lvshu.intake.text import fold
from lvshu.intake.tidy import Field, TidyTable, read_tidy
from lvshu.statistics.another_row import of_another_row
from lvshu.statistics.register.keys import KINDS
from lvshu.statistics.register.sheet import ALSO, COLUMNS, KIND_WORDS, OPEN, WORDS

KEPT = ("kind", "left_key", "right_key", "decision", "reviewer", "reviewed_on", "draw", "note")
SAME, APART, UNSURE = DECISIONS = ("same", "apart", "unsure")
WAITING = "waiting"
NEEDED = ("decision", "left_key", "right_key")
"""Columns without which no row says anything."""
TOLD = ("left_name", "right_name", "left_uscc", "right_uscc", "left_address", "right_address")
"""Columns by which a reviewer knows the records of a pair."""
_HEADS = {name: f"{zh} / {en}" for name, zh, en in COLUMNS}
_FIELDS = tuple(
    Field(name, (zh, en, *ALSO.get(name, ())), optional=name not in NEEDED, blank=True)
    for name, zh, en in COLUMNS
)
_MARKS = "'’‘`＇"
"""What spreadsheets put before a text, so that it stays one."""
_STOPS = " .。!！"


def read_answers(
    path: Path, known: set[tuple[str, str]], drawn: set[tuple[str, str, str, str]], *, today: date,
    problems: list[Problem],
) -> list[dict[str, str]]:  # fmt: skip
    """Return the answers of a review file by the columns of `KEPT`, with their place under `_at` and what the file
    shows of both records under the names of `TOLD`.

    Rows without a decision are left out. Left and right stand as the register wrote them, whichever way round they
    came back; an answer whose draw is blank counts for the sample that its pair was drawn in.

    Args:
        path: csv, xlsx or another table that `read_tidy` reads.
        known: kind and key of the records of the register.
        drawn: kind, left key, right key and draw of the pairs of the sample.
        today: no answer may be of a later day.
        problems: what is wrong is added here.
    """
    if not path.is_file():
        problems.append(Problem("statistics.review_absent", Where(file=str(path))))
        return []
    try:
        table = read_tidy(path, _FIELDS)
    except InputError as error:
        problems += error.problems
        return []
    keys = {fold(key): key for _, key in known}
    draws: dict[tuple[str, str, str], str] = {}
    for kind, left, right, draw in drawn:
        draws[kind, left, right] = draw
    return [
        _answer(record, f"{path.name}:{place}", path.name, place, keys, known, draws, today, problems)
        for record, place in _answered(table)
    ]


def _answered(table: TidyTable) -> list[tuple[Mapping[str, Any], int]]:
    return [
        (record, place)
        for record, place in zip(table.records, table.rows, strict=True)
        if _plain(record["decision"])
    ]


def _plain(cell: object) -> str:
    """Return a cell without the marks that spreadsheets put before texts."""
    return str(cell or "").strip().lstrip(_MARKS).strip()


def _answer(
    record: Mapping[str, Any], at: str, file: str, place: int, keys: Mapping[str, str],
    known: set[tuple[str, str]], draws: Mapping[tuple[str, str, str], str], today: date, problems: list[Problem],
) -> dict[str, str]:  # fmt: skip
    where = {name: Where(file=file, row=place, column=_HEADS[name]) for name in (*OPEN, *NEEDED)}
    plain = {name: _plain(record[name]) for name in KEPT}
    said = plain["decision"].strip(_STOPS).casefold()
    plain["decision"] = WORDS.get(said, said)
    if plain["decision"] not in DECISIONS:
        problems.append(Problem("statistics.review_decision", where["decision"], {"found": said[:40]}))
    for name in ("left_key", "right_key"):
        plain[name] = keys.get(fold(plain[name]), plain[name])
    plain["kind"] = _kind_of(plain, known)
    _turn(plain, draws)
    dated, day = plain["reviewed_on"], day_of(plain["reviewed_on"])
    if not plain["reviewer"] or not dated:
        lacking = "reviewed_on" if plain["reviewer"] else "reviewer"
        problems.append(Problem("statistics.review_unsigned", where[lacking]))
    if dated and day is None:
        problems.append(Problem("statistics.review_day", where["reviewed_on"], {"found": dated[:40]}))
    elif day is not None and day > today:
        values = {"found": day.isoformat()}
        problems.append(Problem("statistics.review_future", where["reviewed_on"], values))
    lost = [name for name in ("left_key", "right_key") if not plain[name]]
    ends = {(plain["kind"], plain["left_key"]), (plain["kind"], plain["right_key"])}
    if lost:
        problems.append(
            Problem("statistics.review_no_key", where[lost[0]], {"columns": [_HEADS[one] for one in lost]})
        )
    elif len(ends) < 2 or not ends <= known:
        values = {"left": plain["left_key"], "right": plain["right_key"]}
        problems.append(Problem("statistics.review_unknown_pair", where["left_key"], values))
    told = {name: _plain(record[name]) for name in TOLD}
    return {**plain, **told, "reviewed_on": day.isoformat() if day else "", "_at": at}


def _turn(plain: dict[str, str], draws: Mapping[tuple[str, str, str], str]) -> None:
    """Put left and right as the sample has them, and the draw that was left blank."""
    kind, left, right = plain["kind"], plain["left_key"], plain["right_key"]
    if (kind, left, right) not in draws and (kind, right, left) in draws:
        left, right = right, left
        plain["left_key"], plain["right_key"] = left, right
    if plain["draw"].casefold() == WAITING:
        plain["draw"] = ""
    elif not plain["draw"]:
        plain["draw"] = draws.get((kind, left, right), "")
    plain["draw"] = plain["draw"].casefold()


def _kind_of(row: Mapping[str, str], known: set[tuple[str, str]]) -> str:
    """Return the kind of unit of an answer: as stated in either language, or that of its records where it is blank."""
    said = row["kind"].casefold()
    if said:
        return KIND_WORDS.get(said, said)
    keys = {row["left_key"], row["right_key"]}
    fits = [kind for kind in KINDS if all((kind, key) in known for key in keys)]
    return fits[0] if len(fits) == 1 else ""


def of_other_pairs(
    rows: Sequence[Mapping[str, str]],
    own: Mapping[str, Mapping[str, Collection[object]]],
    problems: list[Problem],
) -> None:
    """Add to the problems each answer whose row shows the name, code or address of records of other rows.

    Args:
        rows: answers as `read_answers` gives them, of all files.
        own: name, uscc or address -> key of a record -> what it bears, in every delivery.
        problems: what is wrong is added here.
    """
    known = set().union(*own.values())
    checked = [row for row in rows if {row["left_key"], row["right_key"]} <= known]
    for column in TOLD:
        bearers = own.get(column.partition("_")[2], {})
        shown = [((row["left_key"], row["right_key"]), row[column]) for row in checked]
        for place in of_another_row(shown, bearers):
            row = checked[place]
            file, _, number = row["_at"].rpartition(":")
            where = Where(file=file, row=int(number), column=_HEADS[column])
            values = {"found": row[column][:80], "left": row["left_key"], "right": row["right_key"]}
            problems.append(Problem("statistics.review_of_other_pair", where, values))


def against_each_other(rows: Sequence[Mapping[str, str]], problems: list[Problem]) -> None:
    """Add to the problems each pair that has two answers which differ, whichever way round its records stand.

    Args:
        rows: answers as `read_answers` gives them, of all files.
        problems: what is wrong is added here.
    """
    first: dict[tuple[str, str, str], Mapping[str, str]] = {}
    for row in rows:
        if not (row["left_key"] and row["right_key"]):
            continue
        one, two = sorted((row["left_key"], row["right_key"]))
        before = first.setdefault((row["kind"], one, two), row)
        if before["decision"] != row["decision"]:
            values = {
                "left": row["left_key"],
                "right": row["right_key"],
                "first": before["_at"],
                "second": row["_at"],
            }
            file, _, place = row["_at"].rpartition(":")
            problems.append(
                Problem("statistics.review_two_answers", Where(file=file, row=int(place)), values)
            )
