"""The indicators of circularity from material flows, streams of waste and GDP, each with the figures that make it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvshu.accounts.book.circulation_inputs import PROCESSED, Flows, Streams
from lvshu.accounts.methods.circulation import circularity as method
from lvshu.accounts.methods.circulation.material_flow import MaterialAccount, material_account, productivity
from lvshu.core.errors import MethodError, Problem

Array = NDArray[np.float64]

PERCENT = 100.0


@dataclass(frozen=True)
class Component:
    """One figure that an indicator is made of: role is numerator or denominator, sign +1 or -1."""

    code: str
    role: str
    sign: int
    value: Array
    unit: str


@dataclass(frozen=True)
class Indicator:
    """An indicator, scalar or shape (r,), in its unit, with its components and what a reader has to know."""

    code: str
    value: Array
    unit: str
    components: tuple[Component, ...]


# code: (zh, en, note zh, note en)
NAMES: dict[str, tuple[str, str, str, str]] = {
    "resource_productivity": ("资源产出率（GDP/本地物质消耗）", "Resource productivity (GDP / DMC)",
        "不变价地区生产总值除以本地物质消耗。", "GDP at constant prices by domestic material consumption."),
    "main_resource_productivity": ("主要资源产出率", "Productivity of main resources",
        "不变价地区生产总值除以主要资源实物消费量；资源清单未与官方附件核对。",
        "GDP at constant prices by the use of main resources; the list was not compared with the official annex."),
    "circular_material_use": ("循环材料使用量", "Circular use of materials",
        "U = 本地再生量（含运入）- 运入再生量 + 运出再生量。",
        "U = recycled here - brought in + sent out to be recycled."),
    "circular_material_use_rate": ("循环材料使用率", "Circular material use rate",
        "U /（本地物质消耗 + U），欧盟统计局方法。", "U / (DMC + U), method of Eurostat."),
    "recycling_input_rate": ("再生原料投入率", "Recycling input rate",
        "再生原料 /（直接物质投入 + 再生原料）；运入的再生量未扣工艺损失，因此略偏高。",
        "Secondary material / (direct material input + secondary material); what is brought in to be recycled is "
        "counted before the loss of recycling, which is slightly too high."),
    "input_cycling_rate": ("社会经济输入循环率", "Socio-economic cycling rate, input",
        "再生原料 /（本地物质消耗 + 再生原料）。", "Secondary material / (DMC + secondary material)."),
    "output_cycling_rate": ("社会经济输出循环率", "Socio-economic cycling rate, output",
        "本地废弃物再用作原料的量 /（废弃物产生量 + 其他排放）。",
        "Own waste used again / (waste generated + other output to nature)."),
    "main_waste_recycling_rate": ("主要废弃物循环利用率", "Recycling rate of main wastes",
        "按给出的权重加权；没有权重时按数量加权（官方权重未能核实）。",
        "By the weights given; without any, every tonne counts alike (the official weights could not be verified)."),
    "renewable_recovery_rate": ("再生资源回收率", "Recovery rate of renewable resources",
        "回收量 / 产生量。", "Collected / generated."),
    "industrial_solid_waste_use_rate": ("一般工业固体废物综合利用率", "Use of industrial solid waste",
        "（本地利用量 + 运出再生量）/ 产生量。", "(Used here + sent out to be recycled) / generated."),
    "straw_use_rate": ("农作物秸秆综合利用率", "Use of crop straw",
        "（本地利用量 + 运出再生量）/ 产生量。", "(Used here + sent out to be recycled) / generated."),
    "construction_waste_use_rate": ("建筑垃圾综合利用率", "Use of construction waste",
        "（本地利用量 + 运出再生量）/ 产生量。", "(Used here + sent out to be recycled) / generated."),
    "finn_cycling_index": ("芬恩循环指数", "Finn's cycling index",
        "投入产出表中本地产品流再次流经同一部门的份额；货币计量。",
        "Share of the flows of local products that pass through their sector again; in money."),
}  # fmt: skip
COMPONENTS = {
    "gdp_constant": ("不变价地区生产总值", "GDP at constant prices"),
    "domestic_consumption": ("本地物质消耗", "Domestic material consumption"),
    "main_resource_use": ("主要资源消费量", "Use of main resources"),
    "direct_input": ("直接物质投入", "Direct material input"),
    "recycled_here": ("本地再生量", "Recycled here"),
    "brought_in": ("运入再生量", "Brought in to be recycled"),
    "sent_out": ("运出再生量", "Sent out to be recycled"),
    "circular_use": ("循环材料使用量", "Circular use of materials"),
    "secondary_material": ("再生原料", "Secondary material"),
    "secondary_input": ("再生原料（分母）", "Secondary material (in the denominator)"),
    "used": ("再生利用量", "Used again here"),
    "used_again": ("利用量（含运出再生）", "Used again (here or elsewhere)"),
    "generated": ("产生量", "Generated"),
    "collected": ("回收量", "Collected"),
    "processed_output": ("排向自然的其他物质", "Other output to nature"),
}
KIND_RATES = {"industrial": "industrial_solid_waste_use_rate", "straw": "straw_use_rate",
              "construction": "construction_waste_use_rate"}  # fmt: skip


def ratio_indicator(
    code: str, over: Sequence[Component], under: Sequence[Component], *, percent: bool = True
) -> Indicator:
    """Return the ratio of two signed sums, in percent or in the units' quotient.

    Raises:
        MethodError: accounts.indicator_no_base, when the denominator is not positive.
    """
    top, bottom = (
        sum((part.sign * part.value for part in parts), np.float64(0.0)) for parts in (over, under)
    )
    if np.any(np.asarray(bottom) <= 0.0):
        values = {"indicator": {"zh": NAMES[code][0], "en": NAMES[code][1]}, "amount": float(np.min(bottom))}
        raise MethodError(Problem("accounts.indicator_no_base", values=values))
    unit = "%" if percent else f"{over[0].unit}/{under[0].unit}"
    return Indicator(code, np.asarray(top / bottom) * (PERCENT if percent else 1.0), unit, (*over, *under))


def _over(code: str, value: Array, unit: str = "t", sign: int = 1) -> Component:
    return Component(code, "numerator", sign, np.asarray(value), unit)


def _under(code: str, value: Array, unit: str = "t", sign: int = 1) -> Component:
    return Component(code, "denominator", sign, np.asarray(value), unit)


def indicators_of(
    flows: Flows | None, streams: Streams | None, product: Array | None, main_resources: frozenset[str]
) -> tuple[list[Indicator], list[Problem]]:
    """Return every indicator that the figures allow, and why others are not there.

    Args:
        flows: material flows, or None.
        streams: streams of waste, or None.
        product: GDP at constant prices, scalar or shape (r,), unit CNY; None where it is not known.
        main_resources: codes of the materials on the list of main resources.
    """
    found: list[Indicator] = []
    problems: list[Problem] = []

    def add(make: Callable[[], Indicator]) -> None:
        try:
            found.append(make())
        except MethodError as error:
            problems.extend(
                Problem(one.code, one.where, one.values, severity="warning") for one in error.problems
            )

    if flows is not None:
        _from_flows(flows, product, main_resources, add)
    if streams is not None:
        _from_streams(streams, add)
    if flows is not None and streams is not None:
        _from_both(flows, streams, add)
    order = list(NAMES)
    return sorted(found, key=lambda one: order.index(one.code)), problems


Adder = Callable[[Callable[[], Indicator]], None]


def _from_flows(flows: Flows, product: Array | None, main_resources: frozenset[str], add: Adder) -> None:
    if product is None:
        return
    used = account_of(flows).consumption

    def of(code: str, name: str, amount: Array) -> Indicator:
        value = productivity(product, amount)
        return Indicator(code, value, "CNY/t", (_over("gdp_constant", product, "CNY"), _under(name, amount)))

    add(lambda: of("resource_productivity", "domestic_consumption", np.asarray(used.sum(axis=0))))
    listed = np.array([one in main_resources for one in flows.materials])
    if listed.any():
        add(
            lambda: of(
                "main_resource_productivity", "main_resource_use", np.asarray(used[listed].sum(axis=0))
            )
        )


def account_of(flows: Flows) -> MaterialAccount:
    """Return the material flow account of flows, by material."""
    return material_account(*(flows.of(one) for one in ("domestic_extraction", "import", "export", "inflow",
                                                        "outflow")))  # fmt: skip


def _from_streams(streams: Streams, add: Adder) -> None:
    used = streams.of("used") + streams.of("sent_out")
    generated = streams.of("generated")

    def waste() -> Indicator:
        value = method.waste_cycling_rate(used, generated, weights=streams.weight) * PERCENT
        parts = (_over("used_again", used.sum(axis=0)), _under("generated", generated.sum(axis=0)))
        return Indicator("main_waste_recycling_rate", value, "%", parts)

    add(waste)
    renewable = streams.of_kind("renewable")
    if renewable.any():
        add(lambda: ratio_indicator(
            "renewable_recovery_rate",
            [_over("collected", streams.of("collected")[renewable].sum(axis=0))],
            [_under("generated", generated[renewable].sum(axis=0))],
        ))  # fmt: skip
    for kind, code in KIND_RATES.items():
        member = streams.of_kind(kind)
        if member.any():
            _add_kind(code, member, streams, add)


def _add_kind(code: str, member: NDArray[np.bool_], streams: Streams, add: Adder) -> None:
    add(lambda: ratio_indicator(
        code,
        [_over(name, streams.of(name)[member].sum(axis=0)) for name in ("used", "sent_out")],
        [_under("generated", streams.of("generated")[member].sum(axis=0))],
    ))  # fmt: skip


def _from_both(flows: Flows, streams: Streams, add: Adder) -> None:
    account = account_of(flows)
    consumption = np.asarray(account.consumption.sum(axis=0))
    brought, sent = streams.total("brought_in"), streams.total("sent_out")
    recycled = np.asarray(streams.total("recycled") + brought)
    circular = method.circular_use(recycled, brought, sent)
    parts = [_over("recycled_here", recycled), _over("brought_in", brought, sign=-1), _over("sent_out", sent)]
    secondary = np.asarray(streams.total("used") + brought)
    add(lambda: Indicator("circular_material_use", circular, "t", tuple(parts)))
    add(lambda: ratio_indicator(
        "circular_material_use_rate", parts,
        [_under("domestic_consumption", consumption), _under("circular_use", circular)],
    ))  # fmt: skip
    add(lambda: ratio_indicator(
        "recycling_input_rate", [_over("secondary_material", secondary)],
        [_under("direct_input", account.direct_input.sum(axis=0)), _under("secondary_input", secondary)],
    ))  # fmt: skip
    add(lambda: ratio_indicator(
        "input_cycling_rate", [_over("secondary_material", secondary)],
        [_under("domestic_consumption", consumption), _under("secondary_input", secondary)],
    ))  # fmt: skip
    if flows.told & set(PROCESSED):
        add(lambda: ratio_indicator(
            "output_cycling_rate", [_over("used", streams.total("used"))],
            [_under("generated", streams.total("generated")), _under("processed_output", flows.total(*PROCESSED))],
        ))  # fmt: skip
