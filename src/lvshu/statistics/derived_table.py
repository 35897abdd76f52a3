"""Derived classifications as data: what packs and the user's own table say of the industry classes they are made of.

A class that counts in part only is never full: without a coefficient it gives a range, from nothing to all of it.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import Problem
from lvshu.engine.step import StepContext
from lvshu.intake.quarantine import UNRESOLVED_EXCEPT
from lvshu.statistics.coding.derived import ELDERLY, TECHNOLOGY, WITHOUT_TABLE
from lvshu.statistics.keys import CLASSES, CODES, COEFFICIENTS, TOTAL

Array = NDArray[np.float64]

INDUSTRIES = "gbt4754_2017"
DIGITAL = "digital_economy"
OFFICIAL, PARTLY_CHECKED, OWN, NO_TABLE = "official", "partly_checked", "own", "not_established"
KNOWN_NAMES = {
    "数字经济": DIGITAL, "数字经济核心产业": DIGITAL, "高技术产业": "high_technology", "养老产业": "elderly_care",
    "三新": "three_new", "新产业新业态新商业模式": "three_new", "战略性新兴产业": "strategic_emerging",
}  # fmt: skip
SLACK = 1e-9


@dataclass(frozen=True)
class Listed:
    """One line of a classification: a derived class and an industry class in it; coefficient None: not known."""

    class_code: str
    industry: str
    is_partial: bool
    coefficient: float | None


@dataclass(frozen=True)
class Node:
    """A derived class: its code, the one above it (empty at the top), names; whether its codes are established."""

    code: str
    parent: str
    name_zh: str
    name_en: str
    is_established: bool = True


@dataclass
class Derived:
    """A derived classification. An industry class taken whole counts in one class, the first that lists it."""

    code: str
    basis: str
    nodes: dict[str, Node]
    listed: list[Listed]
    whole: dict[str, str] = field(init=False)
    partial: dict[str, list[Listed]] = field(init=False)

    def __post_init__(self) -> None:
        """Tell the whole classes from the partial ones; one that is whole anywhere is partial nowhere."""
        self.whole, self.partial = {}, defaultdict(list)
        for one in sorted(self.listed, key=lambda one: (one.industry, one.class_code)):
            if not one.is_partial:
                self.whole.setdefault(one.industry, one.class_code)
        for one in self.listed:
            if one.is_partial and one.industry not in self.whole:
                self.partial[one.industry].append(one)

    def inside(self, code: str, top: str) -> bool:
        """Return whether a derived class is another or below it."""
        while code and code != top:
            code = self.nodes[code].parent
        return code == top

    def depth(self, code: str) -> int:
        """Return how many classes are above one, a count."""
        parent = self.nodes[code].parent
        return 1 + self.depth(parent) if parent else 0

    def is_established(self, top: str) -> bool:
        """Return whether the industry classes of a class and of all below it are known."""
        return all(node.is_established for node in self.nodes.values() if self.inside(node.code, top))

    def full(self, industries: Iterable[str], top: str) -> Array:
        """Return 1 for industry classes taken whole below a derived class, shape (industries,)."""
        return np.array([
            float(one in self.whole and self.inside(self.whole[one], top)) for one in industries
        ])  # fmt: skip

    def least(self, industries: Iterable[str], top: str) -> Array:
        """Return the part of partial classes that is known to count, shape (industries,), 0 to 1."""
        return np.array([self._known(one, top) for one in industries])

    def most(self, industries: Iterable[str], top: str) -> Array:
        """Return the part of partial classes that may count at most, shape (industries,), 0 to 1."""
        return np.array([self._known(one, top) + self._rest(one, top) for one in industries])

    def open(self, industries: Iterable[str], top: str) -> Array:
        """Return 1 for partial classes below a derived class without a coefficient, shape (industries,)."""
        return np.array([float(self._rest(one, top) > 0) for one in industries])

    def has(self, industry: str, top: str) -> bool:
        """Return whether an industry class counts below a derived class, whole or in part."""
        if industry in self.whole:
            return self.inside(self.whole[industry], top)
        return any(self.inside(one.class_code, top) for one in self.partial.get(industry, ()))

    def _known(self, industry: str, top: str) -> float:
        found = self.partial.get(industry, ())
        return sum(
            one.coefficient
            for one in found
            if one.coefficient is not None and self.inside(one.class_code, top)
        )

    def _rest(self, industry: str, top: str) -> float:
        found = self.partial.get(industry, [])
        if not any(one.coefficient is None and self.inside(one.class_code, top) for one in found):
            return 0.0
        return max(1.0 - sum(one.coefficient or 0.0 for one in found), 0.0)


def classifications(context: StepContext, *, tell: bool = True) -> list[Derived]:
    """Return the classifications of packs and of the user's table; what is wrong in the latter is told and left out.

    A table of the user stands in place of the pack of the same name.

    Args:
        context: of the step, with `derived_class` and the packs of classifications.
        tell: whether what is wrong is told; by the step that makes the account.
    """

    def say(problem: Problem, code: str) -> None:
        if tell:
            context.find(problem, table="derived_class", key=code)

    found = {one.code: one for one in (_digital(context.packs), *_catalogues(context.packs))}
    own: dict[str, list[dict[str, Any]]] = defaultdict(list)
    against: dict[str, list[str]] = defaultdict(list)
    for row in context.read(
        "derived_class", order=("classification", "class_code", "industry_code")
    ).to_pylist():
        name = str(row["classification"]).strip()
        code = KNOWN_NAMES.get(name, name)
        own[code].append(starred(row))
        if row["partial"] is False and own[code][-1]["partial"]:
            against[code].append(f"{row['class_code']}/{str(row['industry_code']).strip()}")
    for code, lines in against.items():
        values = {"name": code, "count": len(lines), "rows": ", ".join(lines)}
        say(Problem("derived.star_against_column", values=values, severity="warning"), code)
    industries = {str(row["code"]) for row in context.packs[INDUSTRIES].rows if len(str(row["code"])) == 4}
    lost = _kept_out(context)
    for code in {KNOWN_NAMES.get(name, name) for name in lost if name} - set(own):
        own[code] = []
    for code, rows in own.items():
        problems = faults(code, rows, industries)
        numbers = sorted({*lost.get(code, ()), *lost.get("", ())})
        if numbers:
            values = {"name": code, "count": len(numbers), "rows": numbers[:20]}
            problems.append(Problem("derived.rows_kept_out", values=values))
        for problem in problems:
            say(problem, code)
        if not problems:
            if code in found:
                told = Problem("derived.own_table_used", values={"name": code}, severity="notice")
                say(told, code)
            found[code] = _own(code, rows)
            added = sorted(
                {str(row["parent_code"]) for row in rows if row["parent_code"]}
                - {str(row["class_code"]) for row in rows}
            )
            if added:
                told = Problem(
                    "derived.parent_added",
                    values={"name": code, "count": len(added), "classes": ", ".join(added)},
                    severity="notice",
                )
                say(told, code)
    for code, (title, translation) in WITHOUT_TABLE.items():
        if code not in found:
            found[code] = Derived(code, NO_TABLE, {TOTAL: Node(TOTAL, "", title, translation, False)}, [])
            if tell:
                told = Problem("derived.no_table", values={"name": title, "code": code}, severity="notice")
                context.find(told, table="derived_account", key=code)
    return [found[code] for code in sorted(found)]


def _kept_out(context: StepContext) -> dict[str, list[int]]:
    """Return the rows of users' tables that wait in quarantine, by classification; "" where they name none.

    A row that only names a class (no industry class) takes nothing away from a sum and is not among them.
    """
    where = "table_name = 'derived_class'"
    found: dict[str, list[int]] = defaultdict(list)
    headings = {
        (row["file"], row["sheet"], row["header"]): row["column_name"]
        for row in context.read("input_column", where=where).to_pylist()
    }
    columns = ("file", "sheet", "row_number", "code", "raw_record")
    for row in context.read("quarantine", columns=columns, where=where).to_pylist():
        if row["code"] in UNRESOLVED_EXCEPT:
            continue
        raw = json.loads(row["raw_record"] or "{}")
        cells = {
            headings.get((row["file"], row["sheet"], name)): str(cell or "").strip()
            for name, cell in raw.items()
        }
        if cells.get("industry_code") or not cells.get("class_code"):
            name = cells.get("classification", "")
            found[KNOWN_NAMES.get(name, name)].append(int(row["row_number"] or 0))
    return found


def starred(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of the user's table with the star of its industry class read as "in part"."""
    industry = str(row["industry_code"]).strip()
    plain = industry.rstrip("*＊ ")
    return {**row, "industry_code": plain, "partial": bool(row["partial"]) or plain != industry}


def faults(code: str, rows: list[dict[str, Any]], industries: set[str]) -> list[Problem]:
    """Return all that is wrong in a user's classification, one problem a kind, each with all its rows.

    Args:
        code: of the classification.
        rows: of `derived_class`, stars read.
        industries: known four-digit codes of GB/T 4754-2017.
    """
    if code == DIGITAL:
        return [Problem("derived.digital_is_a_pack", values={"name": code}, severity="error")]
    whole: dict[str, set[str]] = defaultdict(set)
    partial: dict[str, set[str]] = defaultdict(set)
    sums: dict[str, float] = defaultdict(float)
    wrong: dict[str, list[str]] = defaultdict(list)
    names: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in rows:
        industry, where = str(row["industry_code"]), f"{row['class_code']}/{row['industry_code']}"
        names[str(row["class_code"])].add((str(row["class_name"]), str(row["parent_code"] or "")))
        (partial if row["partial"] else whole)[industry].add(str(row["class_code"]))
        given = row["coefficient"]
        if industry not in industries:
            wrong["unknown_industry"].append(where)
        if given is not None and not 0 <= float(given) <= 1:
            wrong["coefficient_range"].append(f"{where} ({float(given):g})")
        elif given is not None and row["partial"]:
            sums[industry] += float(given)
        if given is not None and not row["partial"] and float(given) != 1:
            wrong["whole_with_coefficient"].append(f"{where} ({float(given):g})")
        if given is not None and row["partial"] and not str(row["source"] or "").strip():
            wrong["coefficient_source"].append(where)
    wrong["whole_twice"] = [f"{one} ({', '.join(sorted(at))})" for one, at in whole.items() if len(at) > 1]
    wrong["whole_and_partial"] = sorted(set(whole) & set(partial))
    wrong["above_one"] = [f"{one} ({total:.6g})" for one, total in sums.items() if total > 1 + SLACK]
    wrong["two_names"] = sorted(one for one, said in names.items() if len(said) > 1)
    parents = {one: next(iter(said))[1] for one, said in names.items()}
    wrong["circle"] = sorted(one for one in parents if _circles(one, parents))
    spelt = {one.casefold(): one for one in names}
    wrong["parent_spelt"] = sorted(
        f"{one} ({spelt[one.casefold()]})"
        for one in set(parents.values()) - set(names) - {""}
        if one.casefold() in spelt
    )
    wrong["reserved"] = [TOTAL] if TOTAL in names or TOTAL in parents.values() else []
    return [
        Problem(
            f"derived.{kind}",
            values={"name": code, "count": len(at), "rows": "; ".join(at)},
            severity="error",
        )
        for kind, at in wrong.items()
        if at
    ]


def _circles(code: str, parents: Mapping[str, str]) -> bool:
    seen: set[str] = set()
    while code and code not in seen:
        seen.add(code)
        code = parents.get(code, "")
    return bool(code)


def _own(code: str, rows: list[dict[str, Any]]) -> Derived:
    nodes = {TOTAL: Node(TOTAL, "", str(rows[0]["classification"]).strip(), "")}
    for row in rows:
        own = str(row["class_code"])
        nodes[own] = Node(own, str(row["parent_code"] or TOTAL), str(row["class_name"]), "")
    for above in {node.parent for node in nodes.values()} - set(nodes) - {""}:
        nodes[above] = Node(above, TOTAL, above, "")
    listed = [
        Listed(
            str(row["class_code"]), str(row["industry_code"]), bool(row["partial"]),
            None if row["coefficient"] is None or not row["partial"] else float(row["coefficient"]),
        )
        for row in rows
    ]  # fmt: skip
    return Derived(code, OWN, nodes, listed)


def _digital(packs: PackLibrary) -> Derived:
    """Return the core digital economy; coefficients above one in all are scaled to one, as its desk does."""
    given = {
        (str(row["digital_code"]), str(row["gbt4754_code"])): row["coefficient"]
        for row in packs[COEFFICIENTS].rows
    }
    sums: Counter[str] = Counter()
    core = {str(row["code"]): row for row in packs[CLASSES].rows if row["core"]}
    for (minor, industry), value in given.items():
        if minor in core and value is not None:
            sums[industry] += float(str(value))  # type: ignore[assignment]
    nodes = {TOTAL: Node(TOTAL, "", "数字经济核心产业", "Core digital economy")}
    for code, row in core.items():
        parent = str(row["parent"] or TOTAL)
        nodes[code] = Node(code, parent, str(row["name_zh"]), str(row["name_en"] or ""))
    listed = []
    for row in packs[CODES].rows:
        minor, industry = str(row["digital_code"]), str(row["gbt4754_code"])
        value = given.get((minor, industry))
        scale = max(float(sums[industry]), 1.0) if sums[industry] > 1 + SLACK else 1.0
        coefficient = None if value is None else float(str(value)) / scale
        if minor in core:
            listed.append(Listed(minor, industry, bool(row["partial"]), coefficient))
    return Derived(DIGITAL, OFFICIAL, nodes, listed)


def _catalogues(packs: PackLibrary) -> Iterable[Derived]:
    titles = {
        "high_technology": (TECHNOLOGY, "高技术产业", "High-technology industries"),
        "elderly_care": (ELDERLY, "养老产业", "Elderly-care industries"),
    }
    for name, (pack, zh, en) in titles.items():
        rows = packs[pack].rows
        above = {str(row["parent"]) for row in rows if row["parent"]}
        nodes = {TOTAL: Node(TOTAL, "", zh, en)}
        listed = []
        for row in rows:
            code = str(row["code"])
            columns = {False: str(row.get("gbt4754_code") or ""), True: str(row.get("starred_code") or "")}
            known = code in above or any(columns.values())
            parent = str(row["parent"] or TOTAL)
            nodes[code] = Node(code, parent, str(row["name_zh"]), str(row["name_en"] or ""), known)
            for is_partial, text in columns.items():
                listed += [Listed(code, one, is_partial, None) for one in text.split(";") if one]
        yield Derived(name, PARTLY_CHECKED, nodes, listed)
