"""Attacks everything that a run publishes at once: what a reader of all tables can work out of hidden figures.

Every public table, twin, total, error and earlier release that speaks of a magnitude is written as constraints on
its hidden figures (`disclosure.linked`); what must stay in doubt follows from the records and the rules. A figure that
is left less doubt than the rules ask is a finding of the severity error, and the run's exit code says so.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lvshu.core.errors import Problem
from lvshu.engine.step import Step, StepContext
from lvshu.statistics import audited_derived, audited_digital, audited_people, audited_platforms
from lvshu.statistics.coding.derived import ELDERLY, TECHNOLOGY
from lvshu.statistics.derived_table import INDUSTRIES
from lvshu.statistics.disclosure.linked import SAFE, Published, Reached
from lvshu.statistics.keys import CLASSES, CODES, COEFFICIENTS
from lvshu.statistics.protection import PACK

TABLE = "disclosure_audit"
Writer = Callable[[StepContext], list[Published]]
WRITERS: tuple[Writer, ...] = (
    audited_digital.published_with_months,
    audited_derived.published,
    audited_platforms.published,
    audited_people.published,
)
"""Who writes down what is public of each desk, and what of it must stay in doubt."""
MOST = 10


def make(context: StepContext) -> None:
    """Fill `disclosure_audit` and tell what is given away."""
    magnitudes = [one for writer in WRITERS for one in writer(context)]
    rows = []
    for one in magnitudes:
        found = one.reached()
        rows += [_row(one, each) for each in found]
        _tell(context, one, [each for each in found if each.verdict != SAFE])
    if rows:
        context.write(TABLE, {name: [row[name] for row in rows] for name in rows[0]})


def _row(public: Published, one: Reached) -> dict[str, object]:
    """Return a figure's row; of a sum of squares the roots stand in it, in the unit of what was squared."""
    asked = one.asked

    def told(value: float) -> float | None:
        if not np.isfinite(value):
            return None
        return public.root_of * float(np.sqrt(max(value, 0.0))) if public.root_of else value

    value, low, high = (
        told(each) for each in (asked.value, asked.value - asked.lower, asked.value + asked.upper)
    )
    return {
        "magnitude": public.magnitude, "cell": asked.name, "value": value, "low": told(one.low),
        "high": told(one.high), "need_below": (value or 0.0) - (low or 0.0),
        "need_above": (high or 0.0) - (value or 0.0),
        "verdict": one.verdict, "through": "; ".join(one.through), "unit": public.unit,
    }  # fmt: skip


def _tell(context: StepContext, public: Published, weak: list[Reached]) -> None:
    if public.clashes:
        told = {"magnitude": public.magnitude, "figures": "; ".join(public.clashes[:MOST])}
        context.find(Problem("disclosure.tables_clash", values=told, severity="warning"), table=TABLE)
    if not weak:
        return
    named = [
        f"{one.asked.name} ({one.verdict}" + (f": {'; '.join(one.through[:3])})" if one.through else ")")
        for one in weak[:MOST]
    ]
    values: dict[str, object] = {
        "magnitude": public.magnitude,
        "count": len(weak),
        "cells": " | ".join(named),
    }
    problem = Problem("disclosure.book_gives_away", values=values, severity="error")
    context.find(problem, table=TABLE, key=public.magnitude, amount=float(len(weak)), unit="1")


AUDIT_STEPS = (
    Step(
        name="statistics.disclosure_audit", makes=("disclosure_audit",), action=make,
        reads_if_there=(
            "digital_economy_account_public", "digital_economy_district", "digital_economy_share",
            "digital_economy_constant", "digital_economy_revision", "digital_economy_price", "digital_survey_class",
            "digital_economy_district_previous", "digital_economy_account_previous", "business_survey", "enterprise",
            "activity_code", "assigned_industry", "register_unit", "enterprise_group", "platform_flow_public",
            "platform_economy_public",
            "ecommerce_share_public", "ecommerce_share", "platform_settlement", "platform_flow_public_previous",
            "platform_economy_public_previous", "ecommerce_share_public_previous", "platform_transaction_public",
            "platform_transaction_public_previous", "platform_month", "platform_imputation", "platform_return_edited",
            "flexible_employment", "flexible_employment_month", "flexible_employment_district",
            "flexible_employment_district_previous",
            "flexible_register", "flexible_register_public", "labour_survey_cluster", "platform_worker",
            "platform_work_record", "total_error_interval", "uncertainty", "quarantine", "derived_account",
            "derived_account_public", "derived_cell", "derived_class", "input_column", "digital_economy_district_model",
            "digital_core_month", "digital_core_nowcast", "platform_worker_public", "platform_worker_public_previous",
        ),
        packs=(CLASSES, CODES, COEFFICIENTS, TECHNOLOGY, ELDERLY, INDUSTRIES, PACK),
        method="statistics.disclosure_audit",
    ),
)  # fmt: skip
