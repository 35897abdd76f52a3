"""Business scopes of the sample's units: a licence's words, not the titles', and words that mislead.

The true main activity is the unit's class. Most scopes name it first; some begin with ancillary activities, some with
another activity, some name it behind a licence, some never say it.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lvshu.sample.units import Register

KINDS = ("plain", "several", "ancillary_first", "licensed", "other_first", "vague")
SHARES = (38, 24, 16, 10, 7, 5)
"""Per cent of units by kind: the sample's design, not statistics."""
WORDINGS = 4
_KIND_OF = np.repeat(np.arange(len(KINDS)), SHARES)
_ANCILLARY = (
    "技术服务、技术开发、技术咨询、技术交流、技术转让、技术推广；",
    "货物进出口；技术进出口；",
    "企业管理咨询；信息咨询服务（不含许可类信息咨询服务）；",
    "会议及展览服务；市场营销策划；",
)
_VAGUE = ("企业管理；商务服务", "综合经营", "从事本行业相关业务", "企业管理咨询；信息咨询服务", "贸易")
_ENDINGS = (
    "。",
    "；技术服务、技术开发、技术咨询。",
    "；货物进出口；技术进出口。",
    "。（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）",
    "；企业管理咨询；信息咨询服务（不含许可类信息咨询服务）。",
)
_LICENCE = (
    "（依法须经批准的项目，经相关部门批准后方可开展经营活动，具体经营项目以相关部门批准文件或许可证件为准）"
)
_SWAPS = (
    ("制造", ("研发、生产", "生产", "加工制造")), ("批发", ("销售", "批发业务", "经销")),
    ("零售", ("销售", "门店零售", "零售业务")), ("服务", ("服务", "业务", "相关服务")),
    ("加工", ("加工", "生产加工", "加工业务")), ("开采", ("采掘", "开采", "开发开采")),
)  # fmt: skip


def wordings(name: str) -> tuple[str, ...]:
    """Return ways of saying a class's title: as it stands, with other verbs, its first part only, without fillers."""
    bare = re.sub(r"其他|未列明|（[^）]*）|\([^)]*\)", "", name) or name
    found = [name]
    for place in range(2):
        said = bare
        for old, new in _SWAPS:
            said = said.replace(old, new[(place + len(name)) % len(new)])
        found.append(said.removesuffix("业") or name)
    first = re.split(r"[、和及]|以及", bare)[0]
    verb = next((old for old, _ in _SWAPS if bare.endswith(old)), "")
    found.append(first if first.endswith(verb) else first + verb)
    return tuple(found)


def scope_kinds(rows: np.ndarray) -> np.ndarray:
    """Return the kind of each unit's scope, a position in KINDS, shape (rows,)."""
    return np.asarray(_KIND_OF[_mixed(rows, 1) % len(_KIND_OF)])


def business_scopes(rows: np.ndarray, register: Register) -> pa.Array:
    """Return the business scope of each unit.

    Args:
        rows: rows of the register, shape (rows,).
        register: units.
    """
    said = pa.array([words for name in register.class_names for words in wordings(name)])
    classes = len(register.class_names)
    own = register.industry[rows].astype(np.int64)
    far = (own * 37 + _mixed(rows, 2)) % classes
    main, other = (
        said.take(pa.array(place * WORDINGS + _mixed(rows, seed) % WORDINGS))
        for place, seed in ((own, 3), (far, 4))
    )
    ancillary = pa.array(_ANCILLARY).take(pa.array(_mixed(rows, 5) % len(_ANCILLARY)))
    ending = pa.array(_ENDINGS).take(pa.array(_mixed(rows, 6) % len(_ENDINGS)))
    vague = pa.array(_VAGUE).take(pa.array(_mixed(rows, 7) % len(_VAGUE)))
    general, licence = pa.scalar("一般项目："), pa.scalar("许可项目：")
    forms = (
        _joined(general, main, ending),
        _joined(general, main, pa.scalar("；"), other, ending),
        _joined(general, ancillary, main, ending),
        _joined(licence, main, pa.scalar(_LICENCE), pa.scalar("一般项目："), other, ending),
        _joined(general, other, pa.scalar("；"), main, ending),
        _joined(general, vague, ending),
    )
    return pc.choose(pa.array(scope_kinds(rows)), *forms)


def _joined(*parts: pa.Array | pa.Scalar) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


def _mixed(rows: np.ndarray, seed: int) -> np.ndarray:
    value = rows.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(
        seed * 0x632BE59BD9B4E019 % 2**64
    )
    value = (value ^ (value >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return np.asarray((value >> np.uint64(33)).astype(np.int64))
