"""Platform returns edited: each platform's forms of a month are one record under the rules of the pack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import numpy as np

from lvshu.core.errors import Problem
from lvshu.core.money import to_decimal
from lvshu.statistics.editing.changes import DEDUCED, Change
from lvshu.statistics.editing.evaluate import failing_rules
from lvshu.statistics.editing.literals import RuleSet
from lvshu.statistics.editing.process import Choices, Edited, edit, told_undecided
from lvshu.statistics.editing.rules import rules_of

KEY = ("platform_uscc", "form", "month", "item_code", "region_code", "category_code", "trade_kind")
TOTAL_CELL = "U201|transactions|total|total|total"
TOTAL_WEIGHT = 1.5
"""The total is changed later than a part: several forms and sums lean on it (lvshu's convention)."""
KEEP, SET, WITHDRAW = "keep_filed", "set", "withdraw"
DECIDED = "decided"
TABLE_NAME = "platform_return"
PLACE = 0.01
OF_RULES = {"U202": ("ride_hailing", "vehicle_rental", "designated_driving")}
"""Items that the rules between forms speak of, where they are not the form's transactions (pack platform_rules)."""

Cells = dict[str, float]
Record = tuple[str, str]


def cell_of(row: Mapping[str, Any]) -> str:
    """Return the name of a cell: form, item, region, category and kind of trade, joined by |."""
    return "|".join(
        str(row[name]) for name in ("form", "item_code", "region_code", "category_code", "trade_kind")
    )


def records_of(rows: Iterable[Mapping[str, Any]]) -> dict[Record, Cells]:
    """Return the cells of each platform and month, in yuan."""
    found: dict[Record, Cells] = {}
    for row in rows:
        found.setdefault((row["platform_uscc"], row["month"]), {})[cell_of(row)] = float(row["amount"])
    return found


def decisions_of(
    rows: Iterable[Mapping[str, Any]], table: str
) -> dict[tuple[str, str], tuple[str, float | None]]:
    """Return by record and variable what people decided last: keep the filed value, or set another.

    Args:
        rows: of the table edit_decision.
        table: whose decisions are wanted.
    """
    found: dict[tuple[str, str], tuple[str, float | None]] = {}
    for row in sorted(rows, key=lambda one: int(one["decision_id"])):
        if row["table_name"] != table:
            continue
        place = (row["record_key"], row["variable"])
        if row["decision"] == WITHDRAW:
            found.pop(place, None)
        else:
            found[place] = (row["decision"], None if row["value"] is None else float(row["value"]))
    return found


def rules_for(
    cells: Sequence[str], pack: Iterable[Mapping[str, Any]], *, fixed: frozenset[str] = frozenset()
) -> RuleSet:
    """Return the rules of the pack that a return with these cells must obey, as a rule set over the cells.

    Args:
        cells: names of the cells that the return states.
        pack: rows of platform_rules.
        fixed: cells that people decided on and that must not be changed.

    Raises:
        InputError: a cell's name holds a backtick or a line end.
    """
    parts: dict[str, list[str]] = {}
    for cell in cells:
        form, item, region, category, kind = cell.split("|")
        where = {
            "total": (region, category, kind) == ("total",) * 3,
            "regions_sum_to_total": region != "total" and (category, kind) == ("total", "total"),
            "categories_sum_to_total": category != "total" and (region, kind) == ("total", "total"),
            "own_and_third_party_sum_to_total": kind != "total" and (region, category) == ("total", "total"),
        }
        for part, here in where.items():
            if here and item in OF_RULES.get(form, ("transactions",)):
                parts.setdefault(f"{form}/{part}", []).append(cell)
    rules: list[dict[str, Any]] = []
    for row in pack:
        part = "total" if row["test"] == "total_not_above" else row["test"]
        left, right = parts.get(f"{row['form']}/{part}", []), parts.get(f"{row['against']}/total", [])
        if not left or not right:
            continue
        op = "<=" if row["test"] == "total_not_above" else "="
        check = f"{_sum(left)} {op} {_sum(right)}"
        tolerance = 0.0 if op == "<=" else PLACE * len(left)
        rules.append(
            {"name": row["rule"], "check": check, "tolerance": tolerance, "severity": row["severity"],
             "zh": row["text_zh"], "en": row["text_en"]}
        )  # fmt: skip
    variables: dict[str, dict[str, Any]] = {}
    for cell in cells:
        weight = float("inf") if cell in fixed else TOTAL_WEIGHT if cell == TOTAL_CELL else 1.0
        variables[cell] = {"minimum": 0, "weight": weight}
    return rules_of({"precision": PLACE, "variables": variables, "rule": rules}, file="platform_rules")


def _sum(cells: Sequence[str]) -> str:
    return " + ".join(f"`{cell}`" for cell in cells)


def absent_of(records: Mapping[Record, Cells]) -> dict[Record, frozenset[str]]:
    """Return the cells that a platform states in every other month and not in this one: refused, or not delivered.

    They are missing, not zero: a sum in which they stand tells nothing against the cells that are there.
    """
    months: dict[str, list[Record]] = {}
    for record in records:
        months.setdefault(record[0], []).append(record)
    found = {}
    for own in months.values():
        for record in own:
            others = [set(records[one]) for one in own if one != record]
            usual = set.intersection(*others) if others else set()
            found[record] = frozenset(usual - set(records[record]))
    return found


def expected_of(records: Mapping[Record, Cells]) -> dict[Record, Cells]:
    """Return what each cell would be by the platform's own shares in its other months, in yuan.

    A cell's share is its median share of the U201 total over the other months; the total that a month stands for is
    the median over its cells of cell / share, so that one wrong cell, or a wrong total, does not carry over.
    A platform with one month alone has nothing to expect.
    """
    months: dict[str, list[Record]] = {}
    for record in records:
        months.setdefault(record[0], []).append(record)
    found: dict[Record, Cells] = {}
    for own in months.values():
        for record in own:
            others = [records[one] for one in own if one != record]
            found[record] = _expected(records[record], others)
    return found


def _expected(cells: Cells, others: Sequence[Cells]) -> Cells:
    shares: dict[str, float] = {}
    for cell in cells:
        ratios = [
            one[cell] / one[TOTAL_CELL] for one in others if cell in one and one.get(TOTAL_CELL, 0.0) > 0
        ]
        if ratios:
            shares[cell] = float(np.median(ratios))
    implied = [cells[cell] / share for cell, share in shares.items() if share > 0]
    if not implied:
        return {}
    total = float(np.median(implied))
    return {cell: share * total for cell, share in shares.items()}


@dataclass
class EditedReturns:
    """What editing made of the returns.

    Attributes:
        values: (platform, month) -> cell -> value after editing, in yuan.
        changes: (record, change), in order; `change.record` is platform|month.
        tested: rule -> [records, failing before, failing after].
        severity: rule -> error or warning.
        several: records with more than one optimal set.
        unsolved: records that still break a rule, apart from undecided ones.
        undecided: records whose error several ways mend equally well, with what is told of them.
    """

    values: dict[Record, Cells] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    tested: dict[str, list[int]] = field(default_factory=dict)
    severity: dict[str, str] = field(default_factory=dict)
    several: list[Record] = field(default_factory=list)
    unsolved: list[Record] = field(default_factory=list)
    undecided: list[tuple[Record, Problem]] = field(default_factory=list)


def edit_returns(
    records: Mapping[Record, Cells], pack: Sequence[Mapping[str, Any]],
    decided: Mapping[tuple[str, str], tuple[str, float | None]] | None = None,
) -> EditedReturns:  # fmt: skip
    """Return the returns edited so that they obey the rules of the pack.

    Returns that state the same cells are edited together. What people decided stands before any rule.

    Args:
        records: as `records_of` gives them.
        pack: rows of platform_rules.
        decided: as `decisions_of` gives them.

    Raises:
        MethodError: the rules contradict each other.
    """
    decided = decided or {}
    absent = absent_of(records)
    expected = expected_of(records)
    groups: dict[tuple[tuple[str, ...], frozenset[str]], list[Record]] = {}
    given: dict[Record, Cells] = {}
    made = EditedReturns()
    for record, cells in sorted(records.items()):
        key = "|".join(record)
        own = dict(cells)
        fixed = frozenset(cell for cell in cells if (key, cell) in decided)
        for cell in sorted(fixed):
            kind, value = decided[(key, cell)]
            if kind == SET and value is not None and value != own[cell]:
                number = len(made.changes) + 1
                made.changes.append(Change(number, key, cell, own[cell], value, DECIDED, DECIDED, 0))
                own[cell] = value
        given[record] = own
        groups.setdefault((tuple(sorted({*cells, *absent[record]})), fixed), []).append(record)
    for (names, fixed), members in sorted(groups.items(), key=lambda one: one[1][0]):
        rules = rules_for(names, pack, fixed=fixed)
        matrix = np.array([[given[record].get(cell, np.nan) for cell in names] for record in members])
        hoped = np.array(
            [[expected.get(record, {}).get(cell, np.nan) for cell in names] for record in members]
        )
        done = edit(
            rules, ["|".join(record) for record in members], matrix, Choices(expected=hoped, donors=False)
        )
        _gather(made, rules, names, members, done, absent)
        told = told_undecided(done, ["|".join(record) for record in members], matrix)
        made.undecided += [(members[row], problem) for row, problem in zip(done.undecided, told, strict=True)]
    return made


def _gather(
    made: EditedReturns, rules: RuleSet, names: Sequence[str], members: Sequence[Record], done: Edited,
    absent: Mapping[Record, frozenset[str]],
) -> None:  # fmt: skip
    """Put what one group of returns became beside the others; of absent cells only what follows from the rules."""
    place = {"|".join(record): record for record in members}
    kept = {record: {cell for cell in names if cell not in absent[record]} for record in members}
    before = failing_rules(done.all_rules, done.before)
    after = failing_rules(done.all_rules, done.after)
    for column, rule in enumerate(done.all_rules.chosen):
        name = "not_negative" if rule.name.endswith(".minimum") else rule.name
        counts = made.tested.setdefault(name, [0, 0, 0])
        made.severity[name] = rule.severity
        if name != "not_negative" or column == 0:
            counts[0] += len(members)
        counts[1] += int(before[:, column].sum())
        counts[2] += int(after[:, column].sum())
    for change in done.changes:
        if change.variable in absent[place[change.record]]:
            if change.method != DEDUCED:
                continue
            kept[place[change.record]].add(change.variable)
        reasons = dict.fromkeys(
            "not_negative" if r.endswith(".minimum") else r for r in change.rule.split("+")
        )
        made.changes.append(replace(change, number=len(made.changes) + 1, rule="+".join(reasons)))
    for row, record in enumerate(members):
        values = zip(names, done.records[row].tolist(), strict=True)
        made.values[record] = {cell: value for cell, value in values if cell in kept[record]}
        if done.located.solutions[row] > 1:
            made.several.append(record)
        if done.unsolved[row] and row not in done.undecided:
            made.unsolved.append(record)


def edited_rows(rows: Iterable[Mapping[str, Any]], made: EditedReturns) -> list[dict[str, Any]]:
    """Return the rows of platform_return_edited: all rows filed, with the value after editing beside the filed one.

    Cells that were not filed and follow from the rules are rows without a filed amount.
    """
    how = {(change.record, change.variable): change.method for change in made.changes}
    found, there = [], set()
    for row in rows:
        there.add(("|".join((row["platform_uscc"], row["month"])), cell_of(row)))
        record, cell = (row["platform_uscc"], row["month"]), cell_of(row)
        method = how.get(("|".join(record), cell))
        amount: Decimal = row["amount"] if method is None else to_decimal(made.values[record][cell], 2)
        found.append(
            {
                **{name: row[name] for name in KEY},
                "amount": amount,
                "filed_amount": row["amount"],
                "method": method,
            }
        )
    for (key, cell), method in how.items():
        if (key, cell) not in there:
            platform, month = key.split("|")
            form, *parts = cell.split("|")
            amount = to_decimal(made.values[(platform, month)][cell], 2)
            named = dict(zip(KEY, (platform, form, month, *parts), strict=True))
            found.append({**named, "amount": amount, "filed_amount": None, "method": method})
    return found
