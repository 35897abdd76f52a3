"""What published derived classes say of the digital economy's account and its districts, which have cells of their own.

A derived class may be a class of the account, or make one with others: its figure, or its error, then tells what the
account hides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lvshu.engine.step import StepContext
from lvshu.statistics.derived_table import classifications
from lvshu.statistics.digital_domain import Moments
from lvshu.statistics.disclosure.linked import Published
from lvshu.statistics.disclosure.structure import Key
from lvshu.statistics.protection import SHOWN

Industries = frozenset[str]
TABLE = "derived_account_public"
FEN = 0.005


@dataclass(frozen=True)
class Told:
    """What is published of a derived class.

    name: classification and class; industries: taken whole; value: in CNY, None where not shown; squares: sum of
    squared contributions in million CNY squared, None where the error is not shown.
    """

    name: str
    industries: Industries
    value: float | None
    squares: float | None


def told_of(
    industries: Mapping[tuple[str, str], Industries], rows: Iterable[Mapping[str, Any]], moments: Moments
) -> list[Told]:
    """Return what the public table of derived classes tells.

    Args:
        industries: taken whole by each derived class, by classification and class.
        rows: of `derived_account_public`.
        moments: of value added in the survey.
    """
    squares = list(zip(moments.codes, moments.second.tolist(), strict=True))
    found = []
    for row in rows:
        own = industries.get((row["classification"], row["class_code"]))
        is_told = row["error_status"] == SHOWN
        if own and (row["full_value"] is not None or is_told):
            found.append(Told(
                f"{row['classification']}/{row['class_code']}", own,
                None if row["full_value"] is None else float(row["full_value"]),
                sum(amount for code, amount in squares if code in own) if is_told else None,
            ))  # fmt: skip
    return found


def published_of(context: StepContext, moments: Moments) -> list[Told]:
    """Return what the run's table of derived classes tells, nothing where there is none.

    Args:
        context: of the step, with `derived_account_public`, `derived_class` and the packs of classifications.
        moments: of value added in the survey.
    """
    rows = context.read(TABLE, order=("classification", "class_code")).to_pylist()
    if not rows:
        return []
    industries = {
        (one.code, code): frozenset(each for each, at in one.whole.items() if one.inside(at, code))
        for one in classifications(context, tell=False)
        for code in one.nodes
    }
    return told_of(industries, rows, moments)


def show_derived(
    found: Published, told: Sequence[Told], cell_of: Mapping[str, Key], name_of: Mapping[Key, str], seen: Industries,
    *, of_error: bool,
) -> None:  # fmt: skip
    """Take in what derived classes say of innermost cells of the account.

    Args:
        found: what is public of the account: figures in CNY, or sums of squares in million CNY squared.
        told: of derived classes.
        cell_of: the innermost cell of each industry class of the core.
        name_of: the name of each innermost cell in `found`.
        seen: industry classes with a sampled unit.
        of_error: whether sums of squares are meant.
    """
    kept = [
        (one, one.industries & seen, value)
        for one in told
        if (value := one.squares if of_error else one.value) is not None
    ]
    kept = [
        (one, own, value) for one, own, value in kept if any(cell_of.get(code) in name_of for code in own)
    ]
    parts: dict[str, dict[tuple[bool, ...], list[str]]] = {}
    for code in sorted(seen & set(cell_of)):
        if cell_of[code] in name_of:
            inside = tuple(code in own for _, own, _ in kept)
            parts.setdefault(name_of[cell_of[code]], {}).setdefault(inside, []).append(code)
    sums: list[dict[str, float]] = [{} for _ in kept]
    for cell, groups in parts.items():
        names = {
            inside: f"{cell}: {'+'.join(codes)}" if len(groups) > 1 else cell
            for inside, codes in groups.items()
        }
        if len(groups) > 1:
            found.adds_up(cell, dict.fromkeys(names.values(), 1.0))
        for inside, name in names.items():
            for number, is_in in enumerate(inside):
                if is_in:
                    sums[number][name] = 1.0
    for (one, own, value), terms in zip(kept, sums, strict=True):
        outside = any(cell_of.get(code) not in name_of for code in own)
        found.adds_up(one.name, {**terms, **({f"{one.name} (other classes)": 1.0} if outside else {})})
        source = f"{TABLE} (standard error)" if of_error else TABLE
        found.show(one.name, value, source, 0.0 if of_error else FEN)
