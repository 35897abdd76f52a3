"""The steps of the accounts wing, from the input-output table and the energy balance to what each use causes."""

from __future__ import annotations

from lvshu.accounts.book.carbon import buy_electricity, check_balance, make_inventory
from lvshu.accounts.book.digital import make_digital_emission
from lvshu.accounts.book.economy import check_table, split_uses
from lvshu.accounts.book.footprints import make_footprints
from lvshu.accounts.book.intensity import compare, make_intensities
from lvshu.accounts.book.sectors import allocate, make_accounts, make_multipliers
from lvshu.accounts.circulation_steps import CIRCULATION_STEPS
from lvshu.accounts.energy_steps import ENERGY_STEPS
from lvshu.engine.query import query
from lvshu.engine.step import Step

_WING = "lvshu.accounts"
_ENERGY_PACKS = (
    "energy_balance_items",
    "energy_fuels",
    "fuel_factors_p",
    "fuel_factors_g",
    "coal_equivalent",
)

STEPS: tuple[Step, ...] = (
    Step("accounts.io_balance", ("io_balance_check",), check_table, reads=("io_cell",), packs=("io_sector_bridge",),
         method="accounts.io_balance"),
    Step("accounts.use_by_origin", ("use_by_origin",), split_uses, reads=("io_cell",), packs=("io_sector_bridge",),
         method="accounts.use_by_origin"),
    Step("accounts.energy_balance", ("energy_balance_check",), check_balance, reads=("energy_balance_cell",),
         packs=_ENERGY_PACKS, method="accounts.energy_balance"),
    Step("accounts.carbon_inventory", ("carbon_inventory", "carbon_inventory_replicate", "carbon_gap"), make_inventory,
         reads=("energy_balance_cell",), packs=(*_ENERGY_PACKS, "ipcc_uncertainty"),
         method="accounts.sectoral_inventory"),
    Step("accounts.purchased_electricity", ("purchased_electricity",), buy_electricity, reads=("energy_balance_cell",),
         packs=(*_ENERGY_PACKS, "grid_factors", "areas"), method="accounts.purchased_electricity"),
    Step("accounts.sector_allocation", ("emission_allocation", "energy_use"), allocate,
         reads=("io_cell", "energy_balance_cell", "carbon_inventory"), reads_if_there=("sector_energy",),
         packs=(*_ENERGY_PACKS, "io_sector_bridge", "coke_use_2020"), method="accounts.sector_allocation"),
    Step("accounts.sector_account", ("sector_account",), make_accounts, reads=("io_cell",),
         reads_if_there=("emission_allocation", "energy_use", "carbon_inventory_replicate"),
         packs=("io_sector_bridge", "grid_factors", "areas"), method="accounts.sector_account"),
    Step("accounts.sector_multiplier", ("sector_multiplier",), make_multipliers, reads=("io_cell", "use_by_origin"),
         reads_if_there=("emission_allocation", "carbon_inventory_replicate"), packs=("io_sector_bridge",),
         method="accounts.leontief"),
    Step("accounts.footprint", ("footprint", "emission_flow", "carbon_account"), make_footprints,
         reads=("io_cell", "use_by_origin", "emission_allocation", "carbon_inventory_replicate"),
         reads_if_there=("purchased_electricity",), packs=("io_sector_bridge",), method="accounts.footprint"),
    Step("accounts.sphere_account", ("sphere_account",), query(_WING, "sphere_account"), reads=("sector_account",),
         reads_if_there=("use_by_origin", "footprint", "energy_use"), method="accounts.sphere_account"),
    Step("accounts.sector_intensity", ("sector_intensity", "sector_intensity_replicate"), make_intensities,
         reads=("io_cell", "sector_account", "emission_allocation", "carbon_inventory_replicate"),
         packs=("io_sector_bridge",), method="accounts.sector_intensity"),
    Step("accounts.digital_emission", ("digital_emission", "digital_emission_replicate"), make_digital_emission,
         reads=("digital_division", "digital_division_replicate", "sector_intensity", "sector_intensity_replicate",
                "sector_account"),
         reads_if_there=("total_error_replicate",), method="accounts.digital_emission"),
    Step("accounts.published_comparison", ("published_comparison",), compare, reads=("published_total",),
         reads_if_there=("sector_account", "energy_use", "carbon_inventory"), method="accounts.published_comparison"),
    *ENERGY_STEPS,
    *CIRCULATION_STEPS,
)  # fmt: skip
