"""The steps of the register: linking, units, events, quality."""

from __future__ import annotations

from lvshu.engine.query import query
from lvshu.engine.step import Step
from lvshu.statistics.register import events, linking, quality
from lvshu.statistics.register.keys import PACKAGE

METHOD = "statistics.register"
INPUTS = ("enterprise", "enterprise_extract", "person_extract")
NAMES = ("name_parts", "traditional_characters", "areas")

REGISTER_STEPS: tuple[Step, ...] = (
    Step(
        name="statistics.register_link", makes=("register_member", "link_pair", "link_block", "link_sample"),
        action=linking.make,
        reads_if_there=(*INPUTS, "register_member_previous", "link_review"), packs=NAMES, method="statistics.linkage",
    ),
    Step(
        name="statistics.register_unit", makes=("register_unit",), action=query(PACKAGE, "register_unit"),
        reads=("register_member",), reads_if_there=(*INPUTS, "unit_event"), method=METHOD,
    ),
    Step(
        name="statistics.register_event", makes=("register_event",), action=events.make, reads=("register_unit",),
        reads_if_there=("register_member", "register_member_previous", "unit_event", *INPUTS), method=METHOD,
    ),
    Step(
        name="statistics.link_quality", makes=("link_quality", "link_error_cell"), action=quality.make,
        reads=("register_member",),
        reads_if_there=(
            "link_pair", "register_member_previous", "link_review", "link_sample", "link_error_cell_previous",
            "enterprise_extract", "person_extract",
        ),
        method="statistics.linkage_error",
    ),
)  # fmt: skip
