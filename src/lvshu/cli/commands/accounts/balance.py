"""lvshu accounts balance: does a table balance; and, with margins, the table that meets them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lvshu.accounts.compile.check import balancing_item_left, check_system, closing_of_system, sums_apart
from lvshu.accounts.compile.margins import balance_to, read_margins
from lvshu.accounts.ledger.closing import CHECK_NAMES, Closing, SumCheck
from lvshu.accounts.ledger.regional import RegionalSystem
from lvshu.accounts.ledger.system import InputOutputSystem
from lvshu.accounts.methods.compile.wording import figure
from lvshu.cli.commands.accounts.common import deliver, opened
from lvshu.cli.commands.accounts.convert import save
from lvshu.cli.console import Output
from lvshu.core.errors import Problem

SHOWN_OF_A_KIND = 3
OF_ARRAYS = ("accounts.row_imbalance", "accounts.column_imbalance", "accounts.more_imbalances")
NOT_CLOSED = "accounts.balanced_table_not_closed"
UNREADABLE = ("accounts.table_shape", "accounts.table_not_finite")


def execute(
    *,
    language: str,
    as_json: bool,
    source: Path,
    margins: Path | None,
    folder: Path | None,
    saved: str,
    to: Sequence[Path] | None,
    top: int,
    **reading: Any,
) -> int:
    """Check or balance a table. Returns the exit code: 1 where it has errors, or warnings that nothing mended."""
    output = Output(language, as_json)
    system = opened(source, **reading)
    if margins is None:
        return _told(output, system)
    made, moved = balance_to(system, read_margins(margins, system))
    if folder is not None:
        save(output, made.system, folder, saved)
    deliver(output, [moved], to=to or (), top=top)
    output.problems(made.findings)
    return 1 if any(problem.code == NOT_CLOSED for problem in made.findings) else 0


def _told(output: Output, system: InputOutputSystem) -> int:
    """Print what does not hold, how many sums were checked and the greatest difference. Returns the exit code."""
    problems = list(check_system(system))
    numbers = not any(problem.code in UNREADABLE for problem in problems)
    closing = closing_of_system(system) if numbers else Closing((), system.money_unit)
    if isinstance(system, RegionalSystem) and system.closing is not None:
        # the published table says more than its arrays: every sum that it states, by name
        problems = [*sums_apart(closing), *(problem for problem in problems if problem.code not in OF_ARRAYS)]
    problems += balancing_item_left(system) if numbers else ()
    wrong = [problem for problem in problems if problem.severity in ("error", "warning")]
    output.json({"ok": not wrong, "problems": [problem.as_json() for problem in problems],
                 "checks": _counted(closing)})  # fmt: skip
    kinds: dict[str, list[Problem]] = {}
    for problem in problems:
        kinds.setdefault(problem.code, []).append(problem)
    for kind in kinds.values():
        output.problems(kind[:SHOWN_OF_A_KIND])
        if len(kind) > SHOWN_OF_A_KIND:
            output.say(output.text("more", count=len(kind) - SHOWN_OF_A_KIND), style="dim")
    if len(closing.wrong) > SHOWN_OF_A_KIND:
        _all_of_them(output, closing)
    if closing.greatest is not None:
        worst = closing.greatest
        output.say(output.text(
            "accounts.sums_checked", count=len(closing.checks), wrong=len(closing.wrong),
            difference=figure(worst.difference), unit=closing.unit, name=worst.name,
            check=CHECK_NAMES[worst.check][output.language]))  # fmt: skip
    if not wrong:
        output.say(output.text("accounts.balanced"), style="green")
    return 1 if wrong else 0


def _all_of_them(output: Output, closing: Closing) -> None:
    rows = [
        (CHECK_NAMES[one.check][output.language], one.name, figure(one.stated), figure(one.computed),
         figure(one.difference))
        for one in closing.wrong
    ]  # fmt: skip
    columns = [output.text(f"accounts.sums.{name}") for name in ("check", "name", "stated", "computed")]
    output.table(
        [*columns, f"{output.text('accounts.sums.difference')} ({closing.unit})"], rows, right=(2, 3, 4)
    )


def _counted(closing: Closing) -> dict[str, object]:
    return {
        "count": len(closing.checks), "by_kind": closing.counts, "wrong": len(closing.wrong), "unit": closing.unit,
        "greatest": None if closing.greatest is None else _plain(closing.greatest),
        "differences": [_plain(one) for one in closing.wrong],
    }  # fmt: skip


def _plain(one: SumCheck) -> dict[str, object]:
    return {"check": one.check, "name": one.name, "stated": one.stated, "computed": one.computed,
            "difference": one.difference}  # fmt: skip
