"""The steps of text coding: codes for units without one, and totals corrected for wrong codes."""

from __future__ import annotations

from lvshu.engine.step import Step
from lvshu.statistics.coding import assigned, audit, handed_on, register, totals
from lvshu.statistics.coding.frame import FRAME_READS
from lvshu.statistics.coding.texts import CHARACTERS, TERMS
from lvshu.statistics.keys import CODES
from lvshu.statistics.protection import PACK as DISCLOSURE

CODING_STEPS = (
    Step(
        name="statistics.activity_code",
        makes=("activity_code", "activity_candidate", "coding_model"), action=register.make,
        reads=("enterprise",), reads_if_there=("coding_review", "unit_activity"),
        packs=("gbt4754_2017", TERMS, CHARACTERS, CODES), method="statistics.text_coding",
    ),
    Step(
        name="statistics.assigned_industry", makes=("assigned_industry",), action=assigned.make,
        reads_if_there=("activity_code", "register_unit", "enterprise"), packs=("gbt4754_2017",),
        method="statistics.text_coding",
    ),
    Step(
        name="statistics.coding_error", makes=("coding_error_sample", "coding_error_rate"), action=audit.make,
        reads=("coding_audit", "enterprise"), reads_if_there=("activity_code", "assigned_industry"), packs=(CODES,),
        method="statistics.coded_total",
    ),
    Step(
        name="statistics.coded_total", makes=("coded_total", "coded_total_month", "coded_total_replicate"),
        action=totals.make, reads=("enterprise",),
        reads_if_there=("activity_code", "coding_model", "coding_error_sample", "assigned_industry", *FRAME_READS),
        packs=(CODES, DISCLOSURE), method="statistics.coded_total",
    ),
    Step(
        name="statistics.industry_code_replicate", makes=("industry_code_replicate",), action=handed_on.make,
        reads=("coding_error_sample",), reads_if_there=("activity_code",), method="statistics.code_handed_on",
    ),
)  # fmt: skip
