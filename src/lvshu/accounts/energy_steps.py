"""Steps on energy and emissions beyond the inventory: targets, quick estimate, city tables, reconciliation."""

from __future__ import annotations

from lvshu.accounts.dual_control import make_scorecard
from lvshu.accounts.quick_estimate import make_quick_estimate
from lvshu.engine.step import Step

ENERGY_STEPS: tuple[Step, ...] = (
    Step("accounts.dual_control", ("dual_control_ledger", "dual_control_scorecard"), make_scorecard,
         reads=("dual_control_year",), reads_if_there=("dual_control_target",), packs=("dual_control_rules", "areas"),
         method="accounts.dual_control"),
    Step("accounts.quick_estimate", ("quick_estimate",), make_quick_estimate, reads=("energy_month",),
         reads_if_there=("carbon_inventory", "carbon_inventory_replicate"), packs=("quick_factors",),
         method="accounts.quick_estimate"),
)  # fmt: skip
