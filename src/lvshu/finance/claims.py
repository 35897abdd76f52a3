"""The ledger of benefits: each claim against the calculation, and what is claimed more than once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

import numpy as np

from lvshu.core.errors import MethodError, Problem
from lvshu.core.units import convert, meant
from lvshu.finance.methods.benefit_claims import claimed_beyond, suspected_factor

Key = tuple[str, int, str]
ONCE, TWICE, ABOVE, NOT_COMPUTED, LISTED = "once", "twice", "above", "not_computed", "listed_twice"
ABOVE_SHARE, UNKNOWN, NOT_COMPARABLE = "above_share", "unknown_indicator", "not_comparable"
ROUNDING = 1e-6  # of the calculation: differences below it are rounding of what was typed


@dataclass(frozen=True)
class Bounds:
    """Between which ratios a slip of unit is suspected, dimensionless."""

    low: float
    high: float


@dataclass(frozen=True)
class Shares:
    """How much of a project's investment is financed, dimensionless.

    of_one: (project, year, channel, claimant) -> share of the claimant's own loans or bonds.
    of_all: (project, year, channel) -> share of all loans or of all bonds.
    """

    of_one: Mapping[tuple[str, int, str, str], float] = field(default_factory=dict)
    of_all: Mapping[tuple[str, int, str], float] = field(default_factory=dict)

    def of(self, project: str, year: int, channel: str, claimant: str) -> float | None:
        """Return the claimant's own share, else that of all financing by the title; None where neither is known."""
        own = self.of_one.get((project, year, channel, claimant))
        return self.of_all.get((project, year, channel)) if own is None else own


@dataclass(frozen=True)
class Ledger:
    """What the claims come to: rows of benefit_claim_check and of benefit_ledger."""

    checks: tuple[dict[str, Any], ...]
    benefits: tuple[dict[str, Any], ...]


def check_claims(
    claims: Sequence[Mapping[str, Any]],
    computed: Mapping[Key, float],
    units: Mapping[str, str],
    bounds: Bounds,
    shares: Shares | None = None,
) -> Ledger:
    """Return every claim checked, and every benefit with what all titles claim of it.

    A claim of an indicator that is none of the pack is kept as unknown. Where its unit is that of one indicator alone
    (tCO2e, tce) it is added to the claims of that one: a benefit under another name is still the same benefit.

    Args:
        claims: records of the table benefit_claim.
        computed: (project, year, indicator) -> benefit, in the indicator's unit.
        units: indicator -> unit.
        bounds: of suspected slips.
        shares: of loans and bonds; a claim beyond its share is told. None: no claim is compared with a share.
    """
    checks = [_check(claim, computed, units, bounds, shares or Shares()) for claim in claims]
    grouped: dict[Key, list[dict[str, Any]]] = defaultdict(list)
    for check in checks:
        grouped[(check["project_id"], check["year"], check["counted_as"])].append(check)
    benefits = [_benefit(key, grouped[key], computed.get(key), units) for key in sorted(grouped)]
    return Ledger(tuple(checks), tuple(benefits))


def _check(
    claim: Mapping[str, Any],
    computed: Mapping[Key, float],
    units: Mapping[str, str],
    bounds: Bounds,
    shares: Shares,
) -> dict[str, Any]:
    indicator, project, year = str(claim["indicator"]), str(claim["project_id"]), int(claim["year"])
    counted_as = indicator if indicator in units else _by_unit(str(claim["unit"]), units) or indicator
    unit = units.get(counted_as, str(claim["unit"]))
    amount = _in_unit(claim["quantity"], _stated(str(claim["unit"]), unit), unit)
    known = computed.get((project, year, counted_as), float("nan"))
    share = shares.of(project, year, str(claim["channel"]), str(claim["claimant"]).strip())
    part = None if share is None or np.isnan(known) else known * share
    row: dict[str, Any] = {
        name: claim[name] for name in ("claim_id", "project_id", "year", "channel", "claimant")
    }
    row |= {"indicator": indicator, "unit": unit, "computed": None if np.isnan(known) else known,
            "quantity": amount, "times": None, "suspected_factor": None, "counted_as": counted_as,
            "share": share, "own_part": part}  # fmt: skip
    if amount is None:
        return row | {"status": "unit_refused"}
    if indicator not in units:
        return row | {"status": UNKNOWN, "times": amount / known if known and not np.isnan(known) else None}
    if np.isnan(known):
        return row | {"status": NOT_COMPUTED}
    slip = float(suspected_factor(np.array([amount]), np.array([known]), bounds.low, bounds.high)[0])
    row["times"] = amount / known if known else None
    row["suspected_factor"] = None if np.isnan(slip) else slip
    if not np.isnan(slip):
        return row | {"status": "unit_slip"}
    if amount > known + abs(known) * ROUNDING:
        return row | {"status": ABOVE}
    beyond = part is not None and amount > part + abs(known) * ROUNDING
    return row | {"status": ABOVE_SHARE if beyond else "within"}


def _stated(given: str, wanted: str) -> str:
    """Return the unit of a claim; tonnes without a word for what are those of an indicator that can only be CO2."""
    try:
        return meant(given, wanted)
    except MethodError:
        return given


def _by_unit(unit: str, units: Mapping[str, str]) -> str | None:
    """Return the one indicator that a unit can be of; None where several or none are measured in it."""
    fitting = [code for code, wanted in units.items() if _in_unit(Decimal(1), unit, wanted) is not None]
    return fitting[0] if len(fitting) == 1 else None


def near_names(given: str, names: Mapping[str, Sequence[str]], most: int = 3) -> list[str]:
    """Return the codes and names of the indicators that a name is most like, nearest first.

    Args:
        given: the name that is not known.
        names: code -> its names.
        most: how many.
    """
    likeness = {
        code: max(SequenceMatcher(None, given, name).ratio() for name in (code, *known))
        for code, known in names.items()
    }
    ordered = sorted(likeness, key=lambda code: (-likeness[code], code))[:most]
    return [f"{code} {names[code][0]}" if names[code] else code for code in ordered]


def _in_unit(quantity: Decimal, unit: str, wanted: str) -> float | None:
    """Return a claim in the indicator's unit; carbon dioxide counts as its equivalent. None for another dimension."""
    for target in (wanted, "tCO2") if wanted == "tCO2e" else (wanted,):
        try:
            return float(convert(quantity, unit, target))
        except MethodError:
            continue
    return None


def _benefit(
    key: Key, checks: Sequence[Mapping[str, Any]], known: float | None, units: Mapping[str, str]
) -> dict[str, Any]:
    counted = [check for check in checks if check["status"] not in ("unit_slip", "unit_refused")]
    claimed = float(sum(check["quantity"] for check in counted))
    channels = len({check["channel"] for check in counted})
    excess = None
    if known is not None:
        beyond = float(claimed_beyond(np.array([claimed]), np.array([known]))[0])
        excess = beyond if beyond > abs(known) * ROUNDING else 0.0
        if excess:
            status = TWICE if len(counted) > 1 else ABOVE
        else:  # what is not counted may be a claim on the same benefit: only a full count says that it is claimed once
            status = ONCE if len(counted) == len(checks) else NOT_COMPARABLE
    else:
        status = LISTED if channels > 1 else NOT_COMPUTED
    return {
        "project_id": key[0], "year": key[1], "indicator": key[2], "computed": known, "claimed": claimed,
        "excess": excess, "unit": units.get(key[2], str(checks[0]["unit"])), "claims": len(checks),
        "channels": channels, "claim_ids": ", ".join(sorted(str(check["claim_id"]) for check in checks)),
        "status": status,
    }  # fmt: skip


def refuse_over_attribution(shares: Sequence[Mapping[str, Any]]) -> None:
    """Refuse shares of a project that come to more than the whole project.

    Args:
        shares: project_id, institution_id (or claim_id) and share of the project's investment, dimensionless.

    Raises:
        MethodError: finance.benefit_over_attributed, one problem for each project, naming it and its claims.
    """
    together: dict[str, Decimal] = defaultdict(Decimal)
    named: dict[str, list[str]] = defaultdict(list)
    for row in shares:
        share = Decimal(str(row["share"]))
        together[str(row["project_id"])] += share
        who = row.get("claim_id") or row.get("institution_id")
        named[str(row["project_id"])].append(f"{who} {100 * share:.2f} %")
    problems = [
        Problem("finance.benefit_over_attributed", values={
            "project": project, "share": f"{100 * share:.2f}", "claims": sorted(named[project]),
        })
        for project, share in sorted(together.items()) if share > 1
    ]  # fmt: skip
    if problems:
        raise MethodError(*problems)
