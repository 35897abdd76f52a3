"""Steps on energy and emissions beyond the inventory: targets, quick estimate, city tables, reconciliation."""

from __future__ import annotations

from lvshu.accounts.book.city_inventory import make_gpc, trace_inflows
from lvshu.accounts.book.dual_control import make_scorecard
from lvshu.accounts.book.other_emissions import make_gases
from lvshu.accounts.book.quick_estimate import make_quick_estimate
from lvshu.accounts.book.reconciliation import reconcile_sectors
from lvshu.engine.step import Step

_BALANCE_PACKS = (
    "energy_balance_items",
    "energy_fuels",
    "fuel_factors_p",
    "fuel_factors_g",
    "coal_equivalent",
)
_GAS_PACKS = ("ipcc_combustion_gases", "gwp")

ENERGY_STEPS: tuple[Step, ...] = (
    Step("accounts.combustion_gas", ("combustion_gas",), make_gases, reads=("energy_balance_cell",),
         packs=(*_BALANCE_PACKS, *_GAS_PACKS), method="accounts.combustion_gases"),
    Step("accounts.city_emission", ("energy_inflow_emission", "city_emission"), trace_inflows,
         reads=("energy_balance_cell",), reads_if_there=("energy_inflow", "carbon_account"),
         packs=(*_BALANCE_PACKS, "grid_factors", "areas", "ipcc_uncertainty"), method="accounts.city_emission"),
    Step("accounts.gpc_inventory", ("gpc_inventory",), make_gpc, reads=("energy_balance_cell",),
         reads_if_there=("city_source_emission",),
         packs=(*_BALANCE_PACKS, *_GAS_PACKS, "grid_factors", "areas", "ipcc_uncertainty", "gpc_reference",
                "gpc_balance_map"),
         method="accounts.gpc_inventory"),
    Step("accounts.reconciliation", ("emission_bottom_up", "emission_reconciliation"), reconcile_sectors,
         reads=("io_cell", "emission_allocation", "carbon_inventory_replicate", "enterprise"),
         reads_if_there=("energy_return", "entity_emission"), packs=(*_BALANCE_PACKS, "io_sector_bridge"),
         method="accounts.reconciliation"),
    Step("accounts.dual_control", ("dual_control_ledger", "dual_control_scorecard"), make_scorecard,
         reads=("dual_control_year",),
         reads_if_there=("dual_control_target", "energy_use", "carbon_inventory"),
         packs=("dual_control_rules", "areas"), method="accounts.dual_control"),
    Step("accounts.quick_estimate", ("quick_estimate",), make_quick_estimate, reads=("energy_month",),
         reads_if_there=("carbon_inventory", "carbon_inventory_replicate"), packs=("quick_factors",),
         method="accounts.quick_estimate"),
)  # fmt: skip
