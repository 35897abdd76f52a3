"""The frame of coded totals: the units of the linked register, where the register's list alone has too few or too many.

Rows of the list that wait in quarantine are units all the same; a unit that other bureaus delivered is one too; and two
rows of the list may be one unit.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.core.errors import Problem
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext
from lvshu.intake.quarantine import UNRESOLVED_EXCEPT
from lvshu.linkage.enterprises import valid_code
from lvshu.linkage.false_links import false_links
from lvshu.statistics.coding.audit import GROUPS
from lvshu.statistics.coding.derived import OUTSIDE
from lvshu.statistics.coding.linked import LinkedCodes, PartOf, tell_unknown
from lvshu.statistics.places import prefix_of

Array = NDArray[np.float64]
FRAME_READS = (
    "register_unit",
    "register_member",
    "link_pair",
    "enterprise_extract",
    "quarantine",
    "input_column",
    "link_quality",
)
"""What the frame is made of beside the list: all may be empty."""
CODES_AT_ONCE = 1_000
_WHOLE_NUMBER = re.compile(r"\d+(\.0+)?")
_TRUE = frozenset({"true", "1", "yes", "是", "y", "t"})

DOUBLES = Query(
    "enterprise",
    """
-- step: joined
    SELECT
      register.uscc,
      row_number() OVER (PARTITION BY member.unit_id ORDER BY register.registered_on, register.uscc) AS place
    FROM register_member AS member
    JOIN enterprise AS register ON concat('register|', register.uscc) = member.record_key
    WHERE member.kind = 'enterprise'
-- step: suspected
    SELECT
      CASE WHEN one_unit.source_count = 1 THEN one.uscc ELSE two.uscc END AS uscc, pair.probability AS chance
    FROM link_pair AS pair
    JOIN enterprise AS one ON concat('register|', one.uscc) = pair.left_key
    JOIN enterprise AS two ON concat('register|', two.uscc) = pair.right_key
    JOIN register_member AS one_member ON one_member.kind = 'enterprise' AND one_member.record_key = pair.left_key
    JOIN register_member AS two_member ON two_member.kind = 'enterprise' AND two_member.record_key = pair.right_key
    JOIN register_unit AS one_unit ON one_unit.kind = 'enterprise' AND one_unit.unit_id = one_member.unit_id
    JOIN register_unit AS two_unit ON two_unit.kind = 'enterprise' AND two_unit.unit_id = two_member.unit_id
    WHERE pair.kind = 'enterprise' AND pair.in_review AND NOT pair.linked AND pair.decided_by = 'names'
      AND one.business_scope = two.business_scope AND one.employee_count = two.employee_count
      AND least(one_unit.source_count, two_unit.source_count) = 1
      AND greatest(one_unit.source_count, two_unit.source_count) > 1
-- step: doubled
    SELECT uscc, max(chance) AS chance
    FROM (
      SELECT uscc, CAST(1 AS DOUBLE) AS chance FROM joined WHERE place > 1
      UNION ALL
      SELECT uscc, CAST(chance AS DOUBLE) AS chance FROM suspected
    ) AS both_kinds
    GROUP BY uscc
-- step: result
    SELECT
      register.uscc, doubled.chance,
      register.industry_code IS NOT NULL OR assigned.linked_class IS NOT NULL AS given,
      coalesce(register.overseas, false) AS overseas,
      coalesce(register.industry_code, assigned.industry_code) AS class_code,
      coalesce(register.industry_code, assigned.linked_class, coded.machine_code) AS machine_code,
      register.registered_on AS born_on, register.employee_count AS persons
    FROM doubled
    JOIN enterprise AS register ON register.uscc = doubled.uscc
    LEFT JOIN activity_code AS coded ON coded.uscc = register.uscc
    LEFT JOIN assigned_industry AS assigned ON assigned.uscc = register.uscc
    ORDER BY register.uscc
    """,
)
UNLISTED = Query(
    "register_unit",
    """
-- step: listed
    SELECT DISTINCT member.unit_id
    FROM register_member AS member
    JOIN enterprise AS register ON concat('register|', register.uscc) = member.record_key
    WHERE member.kind = 'enterprise'
-- step: delivered
    SELECT DISTINCT member.unit_id
    FROM register_member AS member
    JOIN enterprise_extract AS extract ON concat(extract.source, '|', extract.record_id) = member.record_key
    WHERE member.kind = 'enterprise'
-- step: result
    SELECT
      unit.uscc, unit.name, unit.district_code, unit.industry_code, unit.born_on,
      delivered.unit_id IS NOT NULL AS is_delivered,
      (unit.ended_on IS NULL OR extract(YEAR FROM unit.ended_on) > :year)
        AND (unit.born_on IS NULL OR extract(YEAR FROM unit.born_on) <= :year) AS is_alive
    FROM register_unit AS unit
    LEFT JOIN delivered ON delivered.unit_id = unit.unit_id
    LEFT JOIN listed ON listed.unit_id = unit.unit_id
    LEFT JOIN enterprise AS register ON register.uscc = unit.uscc
    WHERE unit.kind = 'enterprise' AND unit.uscc IS NOT NULL AND listed.unit_id IS NULL AND register.uscc IS NULL
    ORDER BY unit.uscc
    """,
)
LINKED = Query(
    "enterprise",
    """
    SELECT
      assigned.industry_code AS class_code, register.employee_count AS persons, register.registered_on AS born_on
    FROM enterprise AS register
    JOIN assigned_industry AS assigned ON assigned.uscc = register.uscc
    WHERE register.industry_code IS NULL AND NOT coalesce(register.overseas, false)
      AND assigned.assigned_by = 'linked' AND assigned.linked_class IS NOT NULL
    ORDER BY register.uscc
    """,
)
WITHOUT_PERSONS = Query(
    "enterprise",
    "SELECT count(*) AS units FROM enterprise WHERE employee_count IS NULL AND NOT coalesce(overseas, false)",
)


@dataclass(frozen=True)
class Unsure:
    """A unit of which it is not known whether, or in which group, it counts.

    chance: of each group, shape (groups,); what is missing to one is that it does not count. persons: their number;
    born: month, YYYY-MM, empty where not known.
    """

    chance: Array
    persons: float
    born: str

    def size(self, measure: str) -> float:
        """Return what it counts, in units or persons."""
        return 1.0 if measure == "units" else self.persons


@dataclass(frozen=True)
class LinkedUnits:
    """Units of the list whose class is that of a linked record, which may be another unit's.

    codes: their classes; persons: their number, born: month, YYYY-MM, empty where not known, shape (units,); standing:
    class -> group.
    """

    codes: LinkedCodes
    persons: Array
    born: NDArray[np.str_]
    standing: Mapping[str, str]

    def size(self, measure: str) -> Array:
        """Return what each counts, in units or persons, shape (units,)."""
        return np.ones(len(self.persons)) if measure == "units" else self.persons

    def total(self, measure: str) -> Array:
        """Return what they count in each group, shape (groups,), in units or persons."""
        group = np.array([self._group(code) for code in self.codes.classes], dtype=np.int64)
        return np.bincount(
            group[self.codes.of_unit], weights=self.size(measure), minlength=len(GROUPS)
        ).astype(float)

    def square(self, measure: str, month: str, contrast: Array) -> float:
        """Return the mean squared error of Σ_g contrast_g t_g that false links make, in the square of the measure.

        Args:
            measure: "units" or "persons".
            month: YYYY-MM; empty for the year's end.
            contrast: shape (groups,), dimensionless.
        """
        size = self.size(measure)
        own = self.codes.scaled(np.where(self.born <= month, size, 0.0) if month else size)
        correction, error = own.moments(self._part(contrast))
        return correction**2 + float(np.nan_to_num(error)) ** 2

    def draws(self, measure: str) -> Array:
        """Return what false links move the groups by, drawn, shape (replicates, groups), in units or persons."""
        own = self.codes.scaled(self.size(measure))
        return np.column_stack([own.error(self._part(one)).replicates for one in np.eye(len(GROUPS))])

    def _part(self, contrast: Array) -> PartOf:
        return lambda codes: contrast[np.array([self._group(code) for code in codes], dtype=np.int64)]

    def _group(self, code: str) -> int:
        return GROUPS.index(self.standing.get(code, OUTSIDE))


@dataclass(frozen=True)
class Frame:
    """What the linked register adds to the rows of the list, or takes from them.

    Attributes:
        cells: like those of the list, with units and persons that may be negative.
        unsure: units whose count is an expectation, which stands in `cells` or in `spread`.
        linked: units of the list that have their class by a link; they are counted with those of the list.
    """

    cells: Sequence[Mapping[str, Any]] = ()
    unsure: Sequence[Unsure] = field(default_factory=tuple)
    linked: LinkedUnits | None = None

    def linked_total(self, measure: str) -> Array:
        """Return what units with the class of a linked record count in each group, shape (groups,), in the measure."""
        return np.zeros(len(GROUPS)) if self.linked is None else self.linked.total(measure)

    def missing_group(self, measure: str, month: str) -> Array:
        """Return what units of unknown group are expected to add to each, shape (groups,), in units or persons."""
        found = np.zeros(len(GROUPS))
        for one in self._of(month):
            if one.chance.sum() > 0:
                found += one.size(measure) * one.chance
        return found

    def variance(self, measure: str, month: str, contrast: Array) -> float:
        """Return the mean squared error of Σ_g contrast_g t_g by unsure units and false links, in the measure's square.

        Args:
            measure: "units" or "persons".
            month: YYYY-MM; empty for the year's end.
            contrast: shape (groups,), dimensionless.

        Source: variance of independent multinomial counts, Johnson, Kotz, Balakrishnan (1997), Discrete Multivariate
            Distributions, chapter 35.
        """
        total = 0.0
        for one in self._of(month):
            chance = np.abs(one.chance)
            mean = float(chance @ contrast)
            total += one.size(measure) ** 2 * max(0.0, float(chance @ contrast**2) - mean**2)
        if self.linked is not None:
            total += self.linked.square(measure, month, contrast)
        return total

    def draws(self, measure: str, count: int, random: np.random.Generator) -> Array:
        """Return draws of what the groups deviate by from their expectation, shape (count, groups), in the measure."""
        found = np.zeros((count, len(GROUPS)))
        for one in self._of(""):
            chance = np.abs(one.chance)
            whole = np.append(chance, max(0.0, 1.0 - chance.sum()))
            drawn = random.multinomial(1, whole / whole.sum(), size=count)[:, : len(GROUPS)]
            found += one.size(measure) * np.sign(one.chance.sum()) * (drawn - chance)
        if self.linked is not None:
            found += self.linked.draws(measure)
        return found

    def _of(self, month: str) -> Iterable[Unsure]:
        return (one for one in self.unsure if not month or one.born <= month)


def frame_of(context: StepContext, standing: Mapping[str, str]) -> Frame:
    """Return what the linked register changes in the frame, and tell it.

    - Rows of the list that the register joined into one unit (by a review, or by a probability from
      `register_accept_codes`) count once, the one registered first. A row that waits for a reviewer counts with one
      less its probability where all but the name and the code are alike (scope, persons) and no other source knows its
      code while another knows the other's: that a code of its own stands for a firm of its own is then what is doubted.
    - Units that other sources delivered with a valid code and that are not in the list, alive at the year's end and of
      the area, count; their class is the sources' own. Persons are those of their row in quarantine.
    - A row in quarantine with a valid code that no source knows counts too; one of a unit that the register knows to
      be of another area, or not alive at the year's end, does not.

    A unit whose class nobody states falls to the groups as the list's units with a code do. Units of the list whose
    class is that of a linked record count with those of the list; that links may be false is in the frame's error.

    Args:
        context: of a step that reads FRAME_READS.
        standing: class -> group, whole and starred classes of the core.
    """
    doubles = context.sql(DOUBLES).to_pylist()
    cells = [_double(row) for row in doubles]
    unsure = [
        Unsure(
            -row["chance"] * _one_hot(standing, row["class_code"]), float(row["persons"] or 0), _month(row["born_on"])
        )
        for row in doubles
        if row["chance"] < 1 and not row["overseas"]
    ]  # fmt: skip
    prefix = prefix_of(context.settings)
    unlisted, gone = [], []
    for row in context.sql(UNLISTED, year=context.settings.year).to_pylist():
        if not row["is_alive"] or not (row["district_code"] or row["uscc"][2:8]).startswith(prefix):
            gone.append(row)
        elif row["is_delivered"]:
            unlisted.append(row)
    held, unread = _quarantined(context, unlisted, gone)
    shares = _shares(context, standing)
    unstated = int(context.sql(WITHOUT_PERSONS)["units"][0].as_py())
    for row in held:
        persons = row["persons"]
        unstated += persons is None
        if row["industry_code"]:
            cells.append(_cell(row["industry_code"], row["born_on"], 1.0, float(persons or 0)))
        else:
            unsure.append(Unsure(shares, float(persons or 0), _month(row["born_on"])))
    _tell(context, doubles, held, unread, unstated)
    return Frame(cells, unsure, _linked(context, standing))


def _linked(context: StepContext, standing: Mapping[str, str]) -> LinkedUnits | None:
    rows = context.sql(LINKED).to_pylist()
    if not rows:
        return None
    codes = LinkedCodes.of(
        [row["class_code"] for row in rows], np.ones(len(rows)), false_links(context), context.settings.replicates,
        context.generator("linked_units"),
    )  # fmt: skip
    tell_unknown(context, codes)
    persons = np.array([float(row["persons"] or 0) for row in rows])
    return LinkedUnits(codes, persons, np.array([_month(row["born_on"]) for row in rows]), standing)


def _double(row: Mapping[str, Any]) -> dict[str, Any]:
    made = _cell(
        row["class_code"],
        row["born_on"],
        -float(row["chance"]),
        -float(row["chance"]) * float(row["persons"] or 0),
    )
    return {**made, "given": row["given"], "machine_code": row["machine_code"], "overseas": row["overseas"]}


def _cell(code: str | None, born: date | None, units: float, persons: float) -> dict[str, Any]:
    return {
        "given": True, "overseas": False, "class_code": code, "machine_code": code,
        "born_year": born and born.year, "born_month": born and born.month, "units": units, "persons": persons,
        "persons_squared": 0.0,
    }  # fmt: skip


def _month(born: date | None) -> str:
    return f"{born:%Y-%m}" if born else ""


def _one_hot(standing: Mapping[str, str], code: str | None) -> Array:
    found = np.zeros(len(GROUPS))
    found[GROUPS.index(standing.get(code or "", OUTSIDE))] = 1.0
    return found


def _shares(context: StepContext, standing: Mapping[str, str]) -> Array:
    """Return the share of each group among the list's units with a code, shape (groups,), dimensionless."""
    source = (
        "SELECT industry_code AS code, count(*) AS units FROM enterprise "
        "WHERE industry_code IS NOT NULL AND NOT coalesce(overseas, false) "
        "GROUP BY industry_code ORDER BY industry_code"
    )
    found = np.zeros(len(GROUPS))
    for row in context.sql(Query("enterprise", source)).to_pylist():
        found += row["units"] * _one_hot(standing, row["code"])
    return found / found.sum() if found.sum() else _one_hot({}, None)


def _quarantined(
    context: StepContext, unlisted: Sequence[dict[str, Any]], gone: Sequence[dict[str, Any]]
) -> tuple[list[dict[str, Any]], int]:
    """Return the units that are not in the list, those in quarantine among them, and how many rows tell no unit.

    A row is of an unlisted unit by its code, or by name and district where one unit alone bears them. A row of a unit
    that is gone (of another area, or not alive at the year's end), by its code or, without a valid one, by its name,
    tells a unit that does not count.
    """
    held = {row["uscc"]: {**row, "persons": None} for row in unlisted}
    named, gone_named = _by_name(unlisted), _by_name(gone)
    rows = [
        row for row in _rows_in_quarantine(context) if row.get("overseas", "").strip().lower() not in _TRUE
    ]
    listed = _listed(context, [_plain(row.get("uscc", "")).upper() for row in rows])
    left_out = listed | {row["uscc"] for row in gone}
    unread, seen = 0, set()
    for row in rows:
        code = _plain(row.get("uscc", "")).upper()
        name = _plain(row.get("name")), row.get("district_code", "").strip()
        bearers = named.get(name, ())
        if code not in held and code not in left_out and len(bearers) == 1:
            code = bearers[0]
        if code in seen or code in left_out:
            continue
        if code not in held:
            if valid_code(code) is None:
                unread += not name[0] or bool(bearers) or name not in gone_named
                continue
            own = row.get("industry_code", "").strip() if "industry_code" not in row["_faults"] else ""
            held[code] = {"uscc": code, "industry_code": own or None, "born_on": None, "persons": None}
        seen.add(code)
        persons = row.get("employee_count", "").replace(",", "").strip()
        if "employee_count" not in row["_faults"] and _WHOLE_NUMBER.fullmatch(persons):
            held[code]["persons"] = int(float(persons))
    return [held[code] for code in sorted(held)], unread


def _by_name(units: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], list[str]]:
    """Return the codes of units by plain name and district."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in units:
        found.setdefault((_plain(row["name"]), row["district_code"] or ""), []).append(row["uscc"])
    return found


def _listed(context: StepContext, codes: Iterable[str]) -> set[str]:
    """Return which of some codes are in the list."""
    wanted = sorted({code for code in codes if valid_code(code)})
    found: set[str] = set()
    for start in range(0, len(wanted), CODES_AT_ONCE):
        part = ", ".join(f"'{code}'" for code in wanted[start : start + CODES_AT_ONCE])
        rows = context.read("enterprise", columns=["uscc"], where=f"uscc IN ({part})")
        found.update(rows["uscc"].to_pylist())
    return found


def _plain(text: str | None) -> str:
    return "".join(unicodedata.normalize("NFKC", text or "").split())


def _rows_in_quarantine(context: StepContext) -> list[dict[str, Any]]:
    """Return rows of the list that wait for a correction, cells as they stood by column; `_faults`: faulty columns.

    Cells whose heading states another unit than the column's are left out.
    """
    where = "table_name = 'enterprise'"
    headings = {
        (row["file"], row["sheet"], row["header"]): row["column_name"]
        for row in context.read("input_column", where=where).to_pylist()
        if row["unit_from"] in (None, row["unit_to"])
    }
    found: dict[tuple[object, ...], dict[str, Any]] = {}
    columns = ("file", "sheet", "row_number", "column_name", "code", "raw_record")
    for row in context.read("quarantine", columns=columns, where=where).to_pylist():
        if row["code"] in UNRESOLVED_EXCEPT:
            continue
        key = row["file"], row["sheet"], row["row_number"]
        if key not in found:
            raw = json.loads(row["raw_record"] or "{}")
            cells = {
                headings.get((row["file"], row["sheet"], name)): str(cell or "") for name, cell in raw.items()
            }
            found[key] = {**{name: cell for name, cell in cells.items() if name}, "_faults": set()}
        found[key]["_faults"].add(row["column_name"])
    return list(found.values())


def _tell(
    context: StepContext, doubles: Sequence[Mapping[str, Any]], held: Sequence[Mapping[str, Any]], unread: int,
    unstated: int,
) -> None:  # fmt: skip
    waiting = [row for row in doubles if row["chance"] < 1]
    counts = {
        "coding.frame_unlisted": (len(held), {"units": len(held)}),
        "coding.frame_doubles": (len(doubles), {"rows": len(doubles), "waiting": len(waiting)}),
        "coding.frame_unread": (unread, {"rows": unread}),
        "coding.frame_persons_unstated": (unstated, {"units": unstated}),
    }
    for code, (count, values) in counts.items():
        if count:
            severity = "notice" if code in ("coding.frame_unlisted", "coding.frame_doubles") else "warning"
            context.find(Problem(code, values=values, severity=severity),
                         table="coded_total", amount=float(count), unit="1")  # fmt: skip
