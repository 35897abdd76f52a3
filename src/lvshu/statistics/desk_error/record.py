"""Writes what is known of a headline: parts of its error, naive and total interval, replicates, its own row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.engine.step import StepContext
from lvshu.statistics.methods.survey import Estimate
from lvshu.statistics.total_error import TotalError

Array = NDArray[np.float64]

PARTS = {
    "sampling": ("抽样", "sampling"),
    "linkage": ("链接", "linkage"),
    "coding": ("编码", "coding"),
    "imputation": ("估补", "imputation"),
    "coverage": ("覆盖", "coverage"),
    "model": ("模型", "model"),
    "bias": ("剩余偏差", "bias left"),
}
ESTIMATED, NONE, NOT_KNOWN = "estimated", "none", "not_known"
NAIVE, TOTAL = "naive", "total"


@dataclass(frozen=True)
class Standing:
    """What is known of one source of error: status, how it was found or why there is none, on how many records."""

    status: str
    zh: str
    en: str
    evidence: int | None = None


@dataclass(frozen=True)
class Interval:
    """An estimate with the ends of its interval, in one unit; None where not quantified."""

    value: float
    standard_error: float | None
    low: float | None
    high: float | None
    replicates: int = 0

    @classmethod
    def normal(cls, found: Estimate) -> Interval:
        """Return the normal 95 % interval of an estimate."""
        return cls(found.value, found.standard_error, found.low, found.high)


@dataclass(frozen=True)
class Told:
    """A headline with its error, ready to be written: in `unit`.

    parts: variance by source, unit squared, of those estimated; bias: what is left in the headline, in the unit.
    """

    indicator: str
    unit: str
    naive: Interval
    total: Interval
    parts: Mapping[str, float]
    bias: float
    replicates: Array
    standings: Mapping[str, Standing]
    aside: tuple[str, str] = ("", "")
    method: str = "total_error"


def told(
    indicator: str, unit: str, naive: Interval, found: TotalError, standings: Mapping[str, Standing],
    *, published: float, aside: tuple[str, str] = ("", ""),
) -> Told:  # fmt: skip
    """Return a headline with the error of a joint bootstrap.

    Where the bootstrap's estimate is not what is published, the difference is the bias left, of known sign: it enters
    the mean squared error, and the interval is that of the corrected estimate, with the published one inside. Where
    sampling alone is known, the interval is the naive one.

    Args:
        indicator: code of the headline.
        unit: of all figures.
        naive: the interval without anything but sampling.
        found: the joint bootstrap of the corrected estimate.
        standings: what is known of each part of `PARTS`.
        published: the headline's value.
        aside: what else to say of the scope, in Chinese and English.
    """
    if set(found.parts) == {"sampling"} and found.value == published:
        size = naive.standard_error
        parts = {"sampling": found.mse if size is None else size**2}
        return Told(
            indicator, unit, naive, naive, parts, 0.0, found.replicates, standings, aside, "linearisation"
        )
    bias = found.value - published
    mse = sum(found.parts.values()) + bias**2
    total = Interval(
        published, float(np.sqrt(mse)), min(found.low, published), max(found.high, published),
        found.replicates.size,
    )  # fmt: skip
    return Told(indicator, unit, naive, total, found.parts, bias, found.replicates, standings, aside)


CONTRADICTED = "contradicted"
"""Method of a headline whose sources contradict each other: no interval of it is said to cover."""
CONTRADICTION = Standing(
    NOT_KNOWN,
    "平台登记的人少于由调查推算应在其中的人，超出抽样误差：据登记的数差多少，不知道",
    "the platforms' register holds fewer persons than it should by the survey, beyond sampling error: how far what "
    "rests on both is off is not known",
)
USE_SURVEY = (
    "登记少于由调查推算应在其中的人，不给区间；在查明之前用只凭调查的数（flexible_employment_survey）",
    "the register holds fewer persons than it should by the survey and no interval is given; until that is settled use "
    "the figure by the survey alone (flexible_employment_survey)",
)
IF_RIGHT = (
    "登记多于调查推算，区间只在登记都是本地从业者、调查漏了他们时成立；只凭调查的数不依据登记（flexible_employment_survey）",
    "the register holds more persons than the survey expects: the interval holds only if all of them work here and the "
    "survey misses them; the figure by the survey alone does not rest on it (flexible_employment_survey)",
)


def contradicted(one: Told) -> Told:
    """Return a headline without error and interval, since what it rests on contradicts itself."""
    bare = Interval(one.total.value, None, None, None)
    standings = {
        name: CONTRADICTION if standing.status == ESTIMATED else standing
        for name, standing in {**one.standings, "bias": CONTRADICTION}.items()
    }
    return replace(
        one, naive=replace(one.naive, low=None, high=None), total=bare, parts={}, bias=0.0, replicates=np.zeros(0),
        standings=standings, aside=USE_SURVEY, method=CONTRADICTED,
    )  # fmt: skip


def write(context: StepContext, one: Told, *, headline: bool = True) -> None:
    """Add a headline's rows to `total_error`, `total_error_interval`, `total_error_replicate`, maybe `uncertainty`.

    Args:
        context: of the step.
        one: the headline with its error.
        headline: whether its row of `uncertainty` is written here, not by the step that estimates it.
    """
    _write_parts(context, one)
    total = one.total if shares(one) else _unquantified(one.total)
    for kind, interval in ((NAIVE, one.naive), (TOTAL, total)):
        row = {
            "indicator": one.indicator, "kind": kind, "value": interval.value,
            "standard_error": interval.standard_error, "low": interval.low, "high": interval.high,
            "replicates": interval.replicates, "unit": one.unit,
        }  # fmt: skip
        context.write("total_error_interval", {name: [cell] for name, cell in row.items()})
    count = int(one.replicates.size)
    if count:
        context.write(
            "total_error_replicate",
            {
                "indicator": [one.indicator] * count,
                "replicate": list(range(1, count + 1)),
                "value": one.replicates.tolist(),
                "unit": [one.unit] * count,
            },
        )
    if not headline:
        return
    zh, en = scope(one)
    context.write_uncertainty(
        one.indicator, value=total.value, unit=one.unit, standard_error=total.standard_error,
        low=total.low, high=total.high, replicates=one.replicates if count else None,
        method=one.method, scope_zh=zh, scope_en=en,
    )  # fmt: skip


def _unquantified(found: Interval) -> Interval:
    """Return an interval without an error where no part is known; bounds that lie apart are facts and stay."""
    ends = (None, None) if found.low == found.high else (found.low, found.high)
    return Interval(found.value, None, *ends, found.replicates)


def shares(one: Told) -> dict[str, float]:
    """Return the share of each estimated part in the mean squared error, in per cent; the squared bias among them."""
    squares = {**one.parts, **({"bias": one.bias**2} if one.standings["bias"].status == ESTIMATED else {})}
    whole = sum(squares.values())
    return {name: 100 * part / whole if whole > 0 else 0.0 for name, part in squares.items()}


def scope(one: Told) -> tuple[str, str]:
    """Return what the error covers and what not, in Chinese and English."""
    known = shares(one)
    open_ = [name for name, standing in one.standings.items() if standing.status == NOT_KNOWN]
    zh = "均方误差的构成：" + "、".join(f"{PARTS[name][0]}{part:.0f}%" for name, part in known.items())
    en = "parts of the mean squared error: " + ", ".join(
        f"{PARTS[name][1]} {part:.0f}%" for name, part in known.items()
    )
    if not known:
        zh, en = "误差的各部分都没有可估计的", "no part of the error can be estimated"
    if open_:
        zh += "；没有依据、未含：" + "、".join(PARTS[name][0] for name in open_)
        en += "; without evidence and not covered: " + ", ".join(PARTS[name][1] for name in open_)
    more_zh, more_en = one.aside
    return (zh + ("；" + more_zh if more_zh else ""), en + ("; " + more_en if more_en else ""))


def _write_parts(context: StepContext, one: Told) -> None:
    known = shares(one)
    rows: list[dict[str, Any]] = []
    for name in PARTS:
        standing = one.standings[name]
        size = None
        if name in known:
            size = one.bias if name == "bias" else float(np.sqrt(one.parts[name]))
        rows.append(
            {
                "indicator": one.indicator, "part": name, "status": standing.status, "size": size,
                "share": known.get(name), "evidence": standing.evidence, "unit": one.unit,
                "reason_zh": standing.zh, "reason_en": standing.en,
            }
        )  # fmt: skip
    if known:
        zh, en = (
            "已估计各部分之和；标为“不知道”的不在内",
            "sum of the parts that were estimated; those marked “not known” are not in it",
        )
    else:
        zh, en = "没有一部分有依据可估计", "nothing tells how large any part is"
    rows.append(
        {
            "indicator": one.indicator, "part": TOTAL, "status": ESTIMATED if known else NOT_KNOWN,
            "size": one.total.standard_error if known else None, "share": 100.0 if known else None,
            "evidence": None, "unit": one.unit, "reason_zh": zh, "reason_en": en,
        }
    )  # fmt: skip
    context.write("total_error", {name: [row[name] for row in rows] for name in rows[0]})
