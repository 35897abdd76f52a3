"""The ledger of a privacy budget: what was spent on which release; nothing is released beyond it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from lvshu.core.errors import ConfigError, Problem, StoreError, Where
from lvshu.store.disk import write_durably
from lvshu.store.lock import WorkspaceLock


def spend(
    path: Path, epsilon: float, what: Mapping[str, Any], budget: float | None
) -> tuple[Decimal, Decimal]:
    """Write a release into the ledger before it is shown, and return what is spent by now and the budget.

    Releases about the same persons or firms belong in one ledger, whatever files they come from: their epsilons add up
    (sequential composition). What was entered counts even when its file is then not written.

    Args:
        path: of the ledger, a JSON file; made when it is not there.
        epsilon: of this release.
        what: the release: source, dimensions, mechanism.
        budget: of the whole ledger; needed for a new one, else the same as before or None.

    Raises:
        ConfigError: disclosure.budget_needed; disclosure.budget_differs; disclosure.budget_spent.
        StoreError: disclosure.ledger_broken; the ledger is in use.
    """
    with WorkspaceLock(path.with_name(f"{path.name}.lock")):
        ledger = _read(path)
        whole = _whole(path, ledger, budget)
        spent = sum((Decimal(str(one["epsilon"])) for one in ledger["releases"]), Decimal(0))
        asked = Decimal(repr(float(epsilon)))
        if spent + asked > whole:
            values = {"asked": f"{asked:f}", "left": f"{whole - spent:f}", "budget": f"{whole:f}"}
            raise ConfigError(Problem("disclosure.budget_spent", Where(file=str(path)), values))
        entry = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "epsilon": f"{asked:f}", **what}
        ledger = {"budget": f"{whole:f}", "releases": [*ledger["releases"], entry]}
        write_durably(path, json.dumps(ledger, ensure_ascii=False, indent=2) + "\n")
        return spent + asked, whole


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {"budget": None, "releases": []}
    try:
        ledger = json.loads(path.read_text(encoding="utf-8"))
        _ = Decimal(ledger["budget"]), [Decimal(one["epsilon"]) for one in ledger["releases"]]
    except (OSError, ValueError, KeyError, TypeError, InvalidOperation) as error:
        problem = Problem("disclosure.ledger_broken", Where(file=str(path)), {"reason": str(error)})
        raise StoreError(problem) from error
    return dict(ledger)


def _whole(path: Path, ledger: Mapping[str, Any], budget: float | None) -> Decimal:
    if ledger["budget"] is None:
        if budget is None or not 0 < budget < float("inf"):
            raise ConfigError(Problem("disclosure.budget_needed", Where(file=str(path))))
        return Decimal(repr(float(budget)))
    whole = Decimal(ledger["budget"])
    if budget is not None and Decimal(repr(float(budget))) != whole:
        values = {"given": f"{budget:g}", "budget": f"{whole:f}"}
        raise ConfigError(Problem("disclosure.budget_differs", Where(file=str(path)), values))
    return whole
