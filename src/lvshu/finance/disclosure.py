"""The figures that reports use, each a sum over a table of the book or a ratio of two, with interval and trace."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lvshu.core.money import half_away
from lvshu.engine.query import Query
from lvshu.engine.settings import Settings
from lvshu.engine.step import StepContext

FIGURES = "disclosure_figures"
ALL = "*"
NO_BASIS = "-"
ALL_CLASSES = "financed_emission_pcaf_all"  # the interval of all asset classes together
Row = Mapping[str, Any]
Sums = Mapping[str, tuple[Decimal | None, ...]]

NO_INTERVAL = (
    "未给出区间：区间只对全部机构的贷款总额算过，不能分到一家机构、一个范围，也不能移到含其他资产类别的总额",
    "no interval: it was computed for the loans of all institutions together, not for one institution or scope, "
    "nor for a total with other asset classes",
)
OF_DEFINITION = ("账面加总，无抽样误差", "a sum of the books, without sampling error")
OWN, NOTHING = "own_operation_account", "CAST(NULL AS DECIMAL(24,6))"
EACH = 5
"""How many sums each figure asks for."""
OF_FACTORS = (
    "只含燃料因子与密度的范围；电力、热力、差旅的误差未知",
    "covers the ranges of fuel factors and densities only; errors of electricity, heat and travel are not known",
)
OF_A_PART = (
    "不完整：有的行没有数据或没有因子，本数只含其余部分，见经营活动各行",
    "incomplete: lines without data or without a factor are not in it; see the lines of own operations",
)
BY_METHOD = (
    "未给出区间：所用因子与方法的误差未知",
    "no interval: the errors of factors and method are not known",
)


@dataclass(frozen=True)
class Wanted:
    """One figure of one accounting method: the rule of the pack with its basis filled in."""

    rule: Row
    basis: str
    condition: str
    divisor_condition: str

    @property
    def expressions(self) -> tuple[str, ...]:
        """Return the sums it needs, as SQL: dividend, divisor, the ends of its interval where rows have them, parts."""
        first = _sum(str(self.rule["column_name"]), self.condition)
        second = _sum(str(self.rule["divisor"]), self.divisor_condition) if self.rule["divisor"] else NOTHING
        if self.rule["table_name"] != OWN:
            return first, second, NOTHING, NOTHING, NOTHING
        parts = _sum("1", f"{self.condition} AND status = 'partial'")
        if self.rule["divisor"]:
            return first, second, NOTHING, NOTHING, parts
        return first, second, _sum("low", self.condition), _sum("high", self.condition), parts


@dataclass
class Intervals:
    """The intervals that the book states, by indicator."""

    rows: dict[str, Row] = field(default_factory=dict)

    def of(self, wanted: Wanted, institution: str, total: Decimal | None) -> tuple[Any, Any, str, str]:
        """Return (low, high, what it covers in Chinese, in English)."""
        named = str(wanted.rule["interval_of"] or "").replace("{basis}", wanted.basis)
        also = ALL_CLASSES if named and wanted.basis == "pcaf_2022" else ""
        for row in (self.rows[name] for name in (named, also) if name in self.rows):
            if institution != ALL or total is None or not _is_of(row, total):
                continue
            return row["low"], row["high"], str(row["scope_zh"]), str(row["scope_en"])
        if wanted.rule["by_method"] is True and str(wanted.rule["table_name"]).startswith(
            "financed_emission"
        ):
            return None, None, *NO_INTERVAL
        summed = wanted.rule["table_name"] in (
            "capital_by_carbon_class",
            "loan_coverage",
            "undrawn_commitment",
        )
        return None, None, *(OF_DEFINITION if summed else BY_METHOD)


def _is_of(row: Row, total: Decimal) -> bool:
    """Return whether an interval was computed for just this total: another scope's interval is never borrowed."""
    stated = float(row["value"])
    return row["low"] is not None and abs(stated - float(total)) <= 1e-6 * max(1.0, abs(stated))


def make(context: StepContext) -> None:
    """Fill `disclosure_figure` for every institution and for all of them."""
    rules = context.packs[FIGURES].rows
    by_table: dict[str, list[Wanted]] = defaultdict(list)
    for one in wanted_figures(rules, context.settings):
        by_table[str(one.rule["table_name"])].append(one)
    intervals = Intervals({str(row["indicator"]): row for row in context.read("uncertainty").to_pylist()})
    known = (*context.step.reads, *context.step.reads_if_there)
    rows: list[dict[str, Any]] = []
    found = {
        table: _sums(context, table, wanted) if table in known else {} for table, wanted in by_table.items()
    }
    institutions = sorted({name for sums in found.values() for name in sums} | {ALL})
    for table, wanted in by_table.items():
        for institution in institutions:
            values = found[table].get(institution, (None,) * (EACH * len(wanted)))
            for place, one in enumerate(wanted):
                rows.append(_row(one, institution, values[EACH * place : EACH * (place + 1)], intervals))
    names = list(rows[0])
    context.write("disclosure_figure", {name: [row[name] for row in rows] for name in names})


def wanted_figures(rules: Iterable[Row], settings: Settings) -> list[Wanted]:
    """Return the figures of a run: those by method once for each accounting method of the settings."""
    found = []
    for rule in rules:
        for basis in settings.finance_methods if rule["by_method"] is True else (NO_BASIS,):
            found.append(
                Wanted(
                    rule,
                    basis,
                    _filled(rule["condition"], basis, settings),
                    _filled(rule["divisor_condition"], basis, settings),
                )
            )
    return found


def _filled(condition: object, basis: str, settings: Settings) -> str:
    year = settings.year
    text = str(condition or "").replace("{basis}", f"'{basis}'").replace("{year}", str(year))
    return text.replace("{december}", f"'{year}-12'")


def _sum(column: str, condition: str) -> str:
    inner = f"CASE WHEN {condition} THEN {column} END" if condition else column
    return f"CAST(sum({inner}) AS DECIMAL(24,6))"


def _sums(context: StepContext, table: str, wanted: Sequence[Wanted]) -> Sums:
    """Return the sums of a table by institution; * is their own row where the table has it, else the total."""
    pairs = [expression for one in wanted for expression in one.expressions]
    listed = ",\n  ".join(f"{text} AS f{place}" for place, text in enumerate(pairs))
    text = f"SELECT\n  institution_id,\n  {listed}\nFROM {table}\nGROUP BY institution_id\nORDER BY institution_id"
    rows = context.sql(Query("disclosure_figure", text)).to_pylist()
    found = {
        str(row["institution_id"]): tuple(row[f"f{place}"] for place in range(len(pairs))) for row in rows
    }
    if rows and ALL not in found:
        columns = zip(*found.values(), strict=True)
        found[ALL] = tuple(_total(column) for column in columns)
    return found


def _total(values: Iterable[Decimal | None]) -> Decimal | None:
    there = [value for value in values if value is not None]
    return sum(there, Decimal(0)) if there else None


def _row(
    wanted: Wanted, institution: str, sums: Sequence[Decimal | None], intervals: Intervals
) -> dict[str, Any]:
    rule = wanted.rule
    first, second, *ends, parts = sums
    value = first
    if rule["divisor"]:
        value = None if first is None or not second else first / second
    if value is not None:
        value = half_away(value * Decimal(str(rule["scale"])), 6)
    low, high, zh, en = intervals.of(wanted, institution, value)
    if value is not None and parts:
        low, high, (zh, en) = None, None, OF_A_PART
    elif ends[0] is not None and ends[1] is not None:
        (low, high), (zh, en) = ends, OF_FACTORS
    return {
        "institution_id": institution, "figure": rule["code"], "basis": wanted.basis,
        "position": rule["position"], "name_zh": rule["name_zh"], "name_en": rule["name_en"], "value": value,
        "unit": rule["unit"], "display_unit": rule["display_unit"], "low": low, "high": high,
        "interval_zh": zh, "interval_en": en, "method_card": rule["method_card"],
        "table_name": rule["table_name"], "column_name": rule["column_name"],
        "condition": _traced(wanted.condition, rule, institution),
        "status": "missing" if value is None else "partial" if parts else "available",
    }  # fmt: skip


def _traced(condition: str, rule: Row, institution: str) -> str:
    parts = [
        part
        for part in (condition, "" if institution == ALL else f"institution_id = '{institution}'")
        if part
    ]
    return " AND ".join(parts)
