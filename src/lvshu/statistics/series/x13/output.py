"""What X-13ARIMA-SEATS leaves behind: its diagnostics file (.udg), saved tables, and the messages it writes."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[EeDd][-+]?\d+)?")
_TAG = re.compile(r"<[^>]*>")
_KIND = re.compile(r"\b(ERROR|WARNING|NOTE):")


@dataclass(frozen=True)
class Message:
    """One message of the program: ERROR, WARNING or NOTE, and its text on one line."""

    kind: str
    text: str


@dataclass(frozen=True)
class SavedTable:
    """A saved table: dates as the program writes them (YYYYMM), names of columns, values (rows, columns)."""

    dates: tuple[str, ...]
    columns: tuple[str, ...]
    values: Array


@dataclass(frozen=True)
class Coefficient:
    """An estimated coefficient: its group and name, value, standard error (NaN where it is fixed)."""

    group: str
    name: str
    value: float
    standard_error: float


def diagnostics(text: str) -> dict[str, str]:
    """Return the diagnostics file as names and texts. A name that comes twice keeps its last text.

    Source: X-13ARIMA-SEATS Reference Manual, section 2.6 (the diagnostics summary file).
    """
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, rest = line.partition(": ")
        if not colon:
            name, colon, rest = line.partition(":")
        if colon and name.strip():
            found[name.strip()] = rest.strip()
    return found


def figures(text: str | None) -> list[float]:
    """Return the numbers in a text, in order; an exponent of Fortran's (D) is understood."""
    return [float(one.replace("D", "E").replace("d", "e")) for one in _NUMBER.findall(text or "")]


def figure(found: dict[str, str], name: str, place: int = 0) -> float:
    """Return one number of a diagnostic; NaN where it is not there."""
    told = figures(found.get(name))
    return told[place] if len(told) > place else float("nan")


def saved_table(text: str) -> SavedTable:
    """Return a saved table: two heading lines, then one line a period, tabs between.

    Raises:
        ValueError: it has no such lines, or a number the program could not write (asterisks).

    Source: X-13ARIMA-SEATS Reference Manual, section 2.7.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2 or not lines[1].startswith("-"):
        raise ValueError("not a saved table")
    heads = lines[0].split("\t")
    rows = [line.split("\t") for line in lines[2:]]
    values = np.array([[float(cell) for cell in row[1:]] for row in rows], dtype=float)
    return SavedTable(
        tuple(row[0].strip() for row in rows), tuple(head.strip() for head in heads[1:]), values
    )


def messages(text: str) -> list[Message]:
    """Return the messages of an error file, which is a page of HTML."""
    body = re.sub(r"<(head|style|script)\b.*?</\1>", " ", text, flags=re.IGNORECASE | re.DOTALL)
    plain = html.unescape(_TAG.sub(" ", body)).replace("\xa0", " ")
    parts = _KIND.split(plain)
    found = []
    for kind, rest in zip(parts[1::2], parts[2::2], strict=True):
        told = " ".join(re.split(r"\n\s*\n", rest.strip("\n"), maxsplit=1)[0].split())
        found.append(Message(kind, told))
    return found


_REGRESSION = re.compile(r"^([^$]+)\$([^$]+)$")
_TERM = re.compile(r"^(AR|MA)\$(Nonseasonal|Seasonal)\$(\d+)\$(\d+)$")
_OTHERS = ("seats$", "ftest$", "chitest$", "variance$", "almostoutlier$")
_THREE = re.compile(r"^\s*[-+]\d\S*E[-+]\d+\s+[-+]\d\S*E[-+]\d+\s+[-+]\d\S*E[-+]\d+")


def coefficients(found: dict[str, str]) -> list[Coefficient]:
    """Return the estimated coefficients: regressors, AR and MA terms, in the order of the file."""
    made = []
    for name, text in found.items():
        term = _TERM.match(name)
        regressor = None if term else _REGRESSION.match(name)
        if not (term or (regressor and not name.startswith(_OTHERS))):
            continue
        if not _THREE.match(text):
            continue
        value, error = figures(text)[:2]
        error = error if error > 0 else float("nan")
        if term:
            made.append(Coefficient(term[1], f"{term[2]} {int(term[4])}", value, error))
        elif regressor:
            made.append(Coefficient(regressor[1], regressor[2], value, error))
    return made
