"""What of finance is withheld, kept in the run's folder: worked out once a run, not at every start of a server.

The file says which figures are withheld, never their values. It counts as absent where it was made by other code, with
another least number, or of another book. A folder that may not be written keeps nothing.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from lvshu import __version__
from lvshu.core.origin import sha256_of_text
from lvshu.web.security.loan_views import LoanFigures
from lvshu.web.security.panel_figures import Figure
from lvshu.web.security.withheld_view import FinanceView

START, END = "withheld-", ".json"
CODE = (".py", ".sql")


@cache
def _code() -> str:
    """Return the digest of all our code: whatever of it changes, what was kept no longer counts."""
    files = sorted(Path(str(resources.files("lvshu"))).rglob("*"))
    return sha256_of_text(
        __version__, *(one.read_text(encoding="utf-8") for one in files if one.suffix in CODE)
    )


def mark_of(book: Any, least: int) -> str:
    """Return what tells whether a kept view is of this book, this code and this least number."""
    run = book.run
    return sha256_of_text(_code(), str(least), str(run.get("run_id")), str(run.get("settings")))


def folder_of(book: Any) -> Path | None:
    """Return the folder of a book's run; None of a book that is no file."""
    path = getattr(book, "path", None)
    return path.parent if isinstance(path, Path) and path.is_file() else None


def wanted(folder: Path) -> tuple[int, ...]:
    """Return the least numbers for which earlier runs beside a run's folder keep a view: those it is served with."""
    names = {one.name.removeprefix(START).removesuffix(END) for one in folder.parent.glob(f"*/{START}*{END}")}
    return tuple(sorted(int(name) for name in names if name.isdigit()))


def load(book: Any, least: int) -> FinanceView | None:
    """Return what was kept of a book; None where nothing was that still holds."""
    folder = folder_of(book)
    if folder is None:
        return None
    try:
        told = json.loads((folder / f"{START}{least}{END}").read_text(encoding="utf-8"))
        return _view(told["view"]) if told["mark"] == mark_of(book, least) else None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        logging.getLogger(__name__).warning("%s", error)
        return None


def store(folder: Path, mark: str, least: int, view: FinanceView) -> None:
    """Keep a view in a run's folder, whole or not at all."""
    path = folder / f"{START}{least}{END}"
    partial = path.with_suffix(f".{os.getpid()}.partial")
    try:
        partial.write_text(json.dumps({"mark": mark, "view": _plain(view)}), encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        logging.getLogger(__name__).warning("%s", error)
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def _plain(view: FinanceView) -> dict[str, Any]:
    figures = view.figures
    return {
        "hidden": {measure: _ordered(one) for measure, one in figures.hidden.items()},
        "means": sorted(figures.means),
        "views": sorted(figures.views),
        "told": {panel: [measure, figure] for panel, (measure, figure) in figures.findings.items()},
        "rows": {panel: sorted(cells) for panel, cells in view.rows.items()},
        "findings": sorted(view.findings),
        "headlines": sorted(view.headlines),
        "methods": view.methods,
    }


def _ordered(figures: frozenset[Figure]) -> list[Figure]:
    return sorted(figures, key=repr)


def _figure(keys: Sequence[Sequence[str | None]]) -> Figure:
    return tuple((str(way), str(method), code) for way, method, code in keys)


def _view(told: dict[str, Any]) -> FinanceView:
    figures = LoanFigures(
        {measure: frozenset(map(_figure, found)) for measure, found in told["hidden"].items()},
        frozenset(told["means"]),
        frozenset((str(way), str(method)) for way, method in told["views"]),
        {panel: (str(measure), _figure(keys)) for panel, (measure, keys) in told["told"].items()},
    )
    return FinanceView(
        figures,
        {panel: {(str(row), str(column)) for row, column in cells} for panel, cells in told["rows"].items()},
        frozenset(told["findings"]),
        frozenset(told["headlines"]),
        tuple(told["methods"]),
    )
