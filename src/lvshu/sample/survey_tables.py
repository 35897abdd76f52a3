"""The table business_survey, a take-all part and a stratified sample of units, and the truth of the digital economy."""

from __future__ import annotations

import numpy as np

from lvshu.sample.arrow import text_from_bytes
from lvshu.sample.context import City
from lvshu.sample.files import write_rows, write_sheet
from lvshu.sample.headings import headings
from lvshu.sample.streams import blocks
from lvshu.sample.uncoded import uncoded
from lvshu.sample.units import MEDIUM, SIZES

LARGEST_SHEET = 60_000
RESPONSE = 0.96
OTHER_MAJOR = "00"


def digital_majors(city: City) -> dict[str, tuple[str, bool]]:
    """Return GB/T 4754 code -> (major of the core digital economy 01 to 04, only in part)."""
    listed: dict[str, tuple[str, bool]] = {}
    for row in city.packs["digital_economy_2021_codes"].rows:
        code, major = str(row["gbt4754_code"]), str(row["major"])
        if major in ("01", "02", "03", "04"):
            known = listed.get(code)
            partial = str(row["partial"]).lower() == "true" or (known is not None and known[0] != major)
            listed[code] = (known[0] if known else major, bool(partial))
    return listed


def unit_majors(city: City) -> tuple[np.ndarray, np.ndarray]:
    """Return each unit's digital major (00 when none), text, and whether its class counts only in part."""
    majors = digital_majors(city)
    major = np.array([majors.get(code, (OTHER_MAJOR, False))[0] for code in city.register.classes])
    partial = np.array([majors.get(code, (OTHER_MAJOR, False))[1] for code in city.register.classes])
    return major[city.register.industry], partial[city.register.industry]


def digital_truth(city: City) -> dict[str, object]:
    """Return true value added of the core digital economy, yuan: whole classes by major, and partial classes."""
    major, partial = unit_majors(city)
    inside = ~city.register.overseas
    added = np.where(inside, city.register.value_added, 0.0)
    names = ("01", "02", "03", "04")
    return {
        "whole_classes": {name: float(added[(major == name) & ~partial].sum()) for name in names},
        "partial_classes": {name: float(added[(major == name) & partial].sum()) for name in names},
        "note": "the part of a partial class that is digital is not published; neither is it in this truth",
    }


def write_business_survey(city: City) -> None:
    """Write business_survey: large and medium units all, others by digital major and size; weights for response."""
    register = city.register
    major, _ = unit_majors(city)
    inside = ~register.overseas
    uniform = _uniform(city, "business_survey")
    answers = _uniform(city, "business_survey.response") < RESPONSE
    rows: list[list[object]] = []
    strata = np.char.add(np.char.add(major, "-"), np.array(SIZES)[register.size])
    designed = city.plan.survey_enterprises
    frame = inside & (register.size > MEDIUM)
    importance = neyman_shares(register.value_added, strata, frame)
    summary: dict[str, list[int]] = {}
    for stratum in sorted(set(strata[inside].tolist())):
        members = np.flatnonzero(inside & (strata == stratum))
        take_all = bool(register.size[members[0]] <= MEDIUM)
        wanted = len(members) if take_all else max(6, round(designed * importance.get(stratum, 0.0)))
        chosen = members[np.argsort(uniform[members], kind="stable")[: min(wanted, len(members))]]
        answered = np.sort(chosen[answers[chosen]] if len(chosen) > 8 else chosen)
        weight = len(members) / len(answered)
        summary[stratum] = [len(members), len(answered)]
        rows += _rows(city, answered, stratum, take_all, weight)
    city.truth["business_survey_strata"] = summary
    if len(rows) <= LARGEST_SHEET:
        header = headings("business_survey", _FIELDS, ten_thousand_yuan=True)
        notes = ["样本市企业调查（合成数据）", *[None] * (len(header) - 1)]
        body = [[_cell(row, place) for place in range(len(_FIELDS))] for row in rows]
        write_sheet(city.inputs / "business_survey.xlsx", "企业调查", [notes, header, *body])
    else:
        write_rows(city.inputs / "business_survey.csv", _FIELDS, rows)
    city.wrote("business_survey", len(rows))


_FIELDS = (
    "uscc",
    "year",
    "stratum",
    "take_all",
    "weight",
    "value_added",
    "revenue",
    "industry_code",
    "district_code",
)


def _cell(row: list[object], place: int) -> object:
    value = row[place]
    if _FIELDS[place] in ("value_added", "revenue"):
        return round(float(str(value)) / 1e4, 6)
    return ("是" if value == "true" else "否") if _FIELDS[place] == "take_all" else value


def _rows(city: City, rows: np.ndarray, stratum: str, take_all: bool, weight: float) -> list[list[object]]:
    register = city.register
    keys = text_from_bytes(register.uscc(rows)).to_pylist()
    without = uncoded(city)[rows]
    known = register.industry_codes()[rows].tolist() if len(rows) else []
    codes = [None if one else code for code, one in zip(known, without.tolist(), strict=True)]
    return [
        [
            key,
            city.year,
            stratum,
            "true" if take_all else "false",
            round(weight, 6),
            f"{register.value_added[row]:.2f}",
            f"{register.revenue[row]:.2f}",
            code,
            register.districts[register.district[row]],
        ]
        for key, row, code in zip(keys, rows.tolist(), codes, strict=True)
    ]


def neyman_shares(value_added: np.ndarray, strata: np.ndarray, frame: np.ndarray) -> dict[str, float]:
    """Return each sampled stratum's part of the sample: units times spread of value added (Neyman), digital doubled."""
    weight = {}
    for stratum in sorted(set(strata[frame].tolist())):
        inside = frame & (strata == stratum)
        digital = 1.0 if stratum.startswith(OTHER_MAJOR) else 3.0
        weight[stratum] = float(inside.sum() * value_added[inside].std()) * digital
    total = sum(weight.values())
    return {stratum: value / total for stratum, value in weight.items()}


def _uniform(city: City, name: str) -> np.ndarray:
    units = len(city.register)
    values = np.empty(units)
    for block, start, stop in blocks(units):
        values[start:stop] = city.streams.generator(name, block).random(stop - start)
    return values
