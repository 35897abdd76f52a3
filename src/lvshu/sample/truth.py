"""The truth of the sample city: truth.json, the list of what is wrong, and every unit's true emission."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np

from lvshu.sample.arrow import choice, money, quantity, text_from_bytes
from lvshu.sample.context import City
from lvshu.sample.exposure import Exposure
from lvshu.sample.files import TableWriter
from lvshu.sample.lending import BANKS
from lvshu.sample.people_tables import WorkTruth
from lvshu.sample.report_tables import Projects
from lvshu.sample.streams import blocks
from lvshu.sample.survey_tables import digital_truth
from lvshu.sample.truth_finance import as_plain, financed_emissions
from lvshu.sample.units import SIZES


def describe(
    city: City,
    *,
    exposure: Exposure,
    projects: Projects,
    work: WorkTruth,
    platforms: dict[str, object],
    seed: int,
) -> dict[str, Any]:
    """Return the whole truth as plain data.

    Args:
        city: the city, written.
        exposure: true balances.
        projects: projects and their part of emission.
        work: true numbers of workers.
        platforms: true transactions, in yuan.
        seed: seed of the city.
    """
    finance = as_plain(financed_emissions(city, exposure, projects))
    digital = digital_truth(city)

    truth: dict[str, Any] = {
        "format": 1,
        "synthetic": True,
        "seed": seed,
        "scale": city.plan.scale,
        "year": city.year,
        "rows": city.rows,
        "dirt": city.dirt.count(),
        "accounts": _accounts(city),
        "finance": {
            "financed_emission": finance,
            "balance_at_year_end_yuan": exposure.year_end_total,
            "green_balance_at_year_end_yuan": exposure.year_end_green,
            "balance_of_bank_yuan": dict(zip(BANKS, exposure.year_end_of_bank.tolist(), strict=True)),
            "loans": exposure.loans,
            "loans_after_year": exposure.loans_after_year,
            "projects": len(projects.unit),
        },
        "digital_economy": digital,
        "platform_transactions_yuan": platforms,
        "work": asdict(work),
        **city.truth,
    }
    truth["indicators"] = _indicators(truth)
    return truth


def _accounts(city: City) -> dict[str, object]:
    """Return the true totals of the accounts and of the units, in yuan and tCO2."""
    inside = ~city.register.overseas
    return {
        "value_added_yuan": float(city.register.value_added[inside].sum()),
        "gross_domestic_product_yuan": city.macro.gdp,
        "output_yuan": float(city.macro.output.sum()) * 1e4,
        "scope1_of_units_tco2": float(city.emission.scope1[inside].sum()),
        "scope2_of_units_tco2": float(city.emission.scope2[inside].sum()),
        "direct_emission_of_sectors_tco2": {
            sector.code: float(value)
            for sector, value in zip(city.macro.sectors, city.emission.sector_direct, strict=True)
        },
        "grid_factor_tco2_per_mwh": city.emission.grid_factor,
    }


def _indicators(truth: dict[str, Any]) -> dict[str, dict[str, object]]:
    """Return true values by the code of the headline they belong to."""
    finance, work = truth["finance"], truth["work"]
    digital = truth["digital_economy"]["whole_classes"]
    values: dict[str, tuple[float, str]] = {
        "gdp": (truth["accounts"]["gross_domestic_product_yuan"], "CNY"),
        "total_output": (truth["accounts"]["output_yuan"], "CNY"),
        "green_loan_balance": (finance["green_balance_at_year_end_yuan"], "CNY"),
        "digital_core_value_added_whole": (sum(digital.values()), "CNY"),
        "platform_transactions": (truth["platform_transactions_yuan"]["total"], "CNY"),
        "flexible_employment": (work["flexible"], "person"),
        "platform_workers": (work["platform_in_month"], "person"),
    }
    fees = truth["platform_fees_yuan"]
    values["platform_output_by_seller"] = (fees["seller"], "CNY")
    values["platform_output_by_buyer"] = (fees["buyer"], "CNY")
    values["platform_value_added_by_seller"] = (fees["seller"] * fees["value_added_rate"], "CNY")
    coding = truth["coding"]
    values["digital_units_share"] = (100 * coding["digital_units"] / coding["units"], "%")
    values["digital_persons_share"] = (100 * coding["digital_persons"] / coding["persons"], "%")
    circular = truth["circularity"]
    values["domestic_material_consumption"] = (circular["domestic_material_consumption_t"], "t")
    values["circular_material_use_rate"] = (circular["circular_material_use_rate_percent"], "%")
    values["circulation_loss"] = (circular["circulation_loss_t"], "t")
    for method, rules in finance["financed_emission"].items():
        values[f"financed_emission_{method}"] = (next(iter(rules.values()))["emission"], "tCO2e")
    return {code: {"value": value, "unit": unit} for code, (value, unit) in values.items()}


def write_truth(city: City, truth: dict[str, Any]) -> None:
    """Write truth/truth.json, truth/dirt.csv and truth/unit (true figures of every unit)."""
    folder = city.folder / "truth"
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(truth, ensure_ascii=False, indent=1, default=_plain, allow_nan=False)
    (folder / "truth.json").write_text(text + "\n", encoding="utf-8")
    city.dirt.write(folder / "dirt.csv")
    register, emission = city.register, city.emission
    with TableWriter(folder / f"unit.{city.plan.large_format}") as writer:
        for _, start, stop in blocks(len(register)):
            rows = np.arange(start, stop)
            writer.write(
                {
                    "uscc": text_from_bytes(register.uscc(rows)),
                    "industry_code": choice(register.classes, register.industry[rows]),
                    "size_class": choice(SIZES, register.size[rows]),
                    "main_business_revenue": money(register.revenue[rows]),
                    "value_added": money(register.value_added[rows]),
                    "scope1": quantity(emission.scope1[rows]),
                    "scope2": quantity(emission.scope2[rows]),
                }
            )


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else str(value)
