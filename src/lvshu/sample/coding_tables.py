"""The audit of units that nobody has coded yet, and the truth about them."""

from __future__ import annotations

import numpy as np

from lvshu.sample.arrow import text_from_bytes
from lvshu.sample.context import City
from lvshu.sample.files import write_rows
from lvshu.sample.survey_tables import OTHER_MAJOR, unit_majors
from lvshu.sample.uncoded import uncoded
from lvshu.sample.units import SIZES

AUDITED = 240
AUDIT_FIELDS = ("uscc", "stratum", "stratum_units", "industry_code", "audited_on")


def write_coding_audit(city: City, broken: np.ndarray) -> None:
    """Write coding_audit: a simple random sample of uncoded units by size, each with its true class.

    Args:
        city: being written.
        broken: units with a wrong credit code in the register, which nobody can find there.
    """
    register = city.register
    frame = uncoded(city) & ~broken
    rows: list[list[object]] = []
    random = city.streams.generator("coding_audit")
    wanted = max(min(AUDITED, int(frame.sum()) // 2), int(frame.sum()) // 100)
    keys = {}
    for size in sorted(set(register.size[frame].tolist())):
        members = np.flatnonzero(frame & (register.size == size))
        count = min(len(members), max(2, round(wanted * len(members) / frame.sum())))
        chosen = np.sort(random.choice(members, count, replace=False))
        keys[SIZES[size]] = [len(members), count]
        codes = register.industry_codes()[chosen].tolist()
        for uscc, code in zip(text_from_bytes(register.uscc(chosen)).to_pylist(), codes, strict=True):
            rows.append([uscc, SIZES[size], len(members), code, f"{city.year}-12-15"])
    city.wrote("coding_audit", write_rows(city.inputs / "coding_audit.csv", AUDIT_FIELDS, rows))
    city.truth["coding"] = {"audited": keys, **coding_truth(city)}


def coding_truth(city: City) -> dict[str, object]:
    """Return true numbers of units and persons in whole classes of the core digital economy, and of all."""
    major, partial = unit_majors(city)
    inside, open_ = ~city.register.overseas, uncoded(city)
    digital = inside & (major != OTHER_MAJOR) & ~partial
    people = city.register.employees
    return {
        "units": int(inside.sum()),
        "units_uncoded": int(open_.sum()),
        "digital_units": int(digital.sum()),
        "digital_units_uncoded": int((digital & open_).sum()),
        "persons": int(people[inside].sum()),
        "digital_persons": int(people[digital].sum()),
    }
