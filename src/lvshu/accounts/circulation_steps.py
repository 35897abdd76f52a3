"""The steps on circulation and circularity: material flows, recovery, freight, indicators, targets, the loop."""

from __future__ import annotations

from collections.abc import Mapping

from lvshu.accounts.book.circularity import make_indicators, make_targets
from lvshu.accounts.book.freight import make_freight, make_shore_power
from lvshu.accounts.book.loop import make_loop
from lvshu.accounts.book.materials import make_balance
from lvshu.accounts.book.recycling import make_recovery
from lvshu.engine.query import query
from lvshu.engine.settings import Settings
from lvshu.engine.step import Step

_WING = "lvshu.accounts"
_FUEL_PACKS = ("energy_fuels", "fuel_factors_p", "fuel_factors_g", "coal_equivalent", "grid_factors", "areas")


def _here(settings: Settings) -> Mapping[str, object]:
    return {"year": settings.year, "area": settings.area}


CIRCULATION_STEPS: tuple[Step, ...] = (
    Step("accounts.material_account", ("material_account",), query(_WING, "material_account"), reads=("material_flow",),
         method="accounts.material_flow", parameters=_here),
    Step("accounts.material_balance", ("material_balance",), make_balance, reads=("material_flow",),
         method="accounts.material_balance"),
    Step("accounts.main_resource_use", ("main_resource_use",), query(_WING, "main_resource_use"),
         reads=("material_account",), packs=("main_resources",), method="accounts.main_resource_productivity"),
    Step("accounts.recovery", ("recovery_account", "circulation_break", "recovery_gain"), make_recovery,
         reads=("recovered_material",), reads_if_there=("io_cell", "sector_multiplier"),
         packs=("recycling_savings", "io_sector_bridge"), method="accounts.circulation_break"),
    Step("accounts.circularity", ("circularity_indicator", "circularity_component"), make_indicators,
         reads_if_there=("material_flow", "recovered_material", "circularity_statistic", "main_resource_use",
                         "sector_account", "io_cell", "use_by_origin"),
         packs=("io_sector_bridge",), method="accounts.circularity"),
    Step("accounts.circularity_target", ("circularity_target",), make_targets, reads=("circularity_indicator",),
         reads_if_there=("circularity_statistic",), packs=("circular_targets_national", "shanghai_targets"),
         method="accounts.circularity_target"),
    Step("accounts.freight", ("freight_account", "freight_shift"), make_freight, reads=("freight",),
         packs=(*_FUEL_PACKS, "freight_factors"), method="accounts.freight"),
    Step("accounts.shore_power", ("shore_power_account",), make_shore_power, reads=("shore_power",), packs=_FUEL_PACKS,
         method="accounts.shore_power"),
    Step("accounts.loop", ("loop_flow",), make_loop,
         reads_if_there=("material_flow", "recovered_material", "sector_account", "use_by_origin", "emission_flow",
                         "footprint", "energy_use"),
         method="accounts.loop"),
    Step("accounts.loop_check", ("loop_check",), query(_WING, "loop_check"), reads=("loop_flow",),
         method="accounts.loop"),
)  # fmt: skip
