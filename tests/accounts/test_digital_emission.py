"""The emission of the core digital economy: the statistics' replicates meet those of the accounts one by one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from lvshu.accounts.book.digital import make_digital_emission
from lvshu.accounts.steps import STEPS
from lvshu.catalog.pack_library import PackLibrary
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.step import StepContext
from tests.statistics.book import SETTINGS, by, fill, rows_of, run
from tests.statistics.test_digital import SURVEY

COUNT = 400
STEP = next(step for step in STEPS if step.name == "accounts.digital_emission")
VALUE = {"39": 4e9, "65": 6e9, "99": 1e9}  # 99: no sector holds it
RATE = {"39": (2e-5, ["S1"]), "65": (5e-6, ["S2", "S3"])}
SECTORS = {"S1": (10e9, 4e9), "S2": (6e9, 2e9), "S3": (4e9, 3e9)}  # output, value added


def _book(
    engine: DuckDB, total: np.ndarray | None, *, spread: float = 0.1, rate_spread: float = 0.05
) -> dict[str, Any]:
    draw = np.random.default_rng(3)
    values = {one: value * (1 + spread * draw.standard_normal(COUNT)) for one, value in VALUE.items()}
    rates = {one: rate * (1 + rate_spread * draw.standard_normal(COUNT)) for one, (rate, _) in RATE.items()}
    fill(engine, "digital_division", [
        {"gbt4754_division": one, "value_added": Decimal(f"{value:.2f}"), "standard_error": Decimal("1.00")}
        for one, value in VALUE.items()
    ])  # fmt: skip
    fill(engine, "digital_division_replicate", [
        {"gbt4754_division": one, "replicate": at + 1, "value_added": float(each)}
        for one, drawn in values.items() for at, each in enumerate(drawn)
    ])  # fmt: skip
    fill(engine, "sector_account", [
        {"sector_code": code, "name_zh": code, "output": Decimal(str(output)), "value_added": Decimal(str(added)),
         "intermediate_input": Decimal(str(output - added))}
        for code, (output, added) in SECTORS.items()
    ])  # fmt: skip
    fill(engine, "sector_intensity", [
        {"gbt4754_division": one, "scope": "scope1", "intensity_revenue": rate, "standard_error": 0.0, "year": 2023,
         "sector_codes": ";".join(codes), "source": "test"}
        for one, (rate, codes) in RATE.items()
    ])  # fmt: skip
    fill(engine, "sector_intensity_replicate", [
        {"gbt4754_division": one, "scope": "scope1", "replicate": at + 1, "intensity_revenue": float(each)}
        for one, drawn in rates.items() for at, each in enumerate(drawn)
    ])  # fmt: skip
    fill(engine, "total_error_replicate", [] if total is None else [
        {"indicator": "digital_core_value_added_whole", "replicate": at + 1, "value": float(each), "unit": "CNY"}
        for at, each in enumerate(total)
    ])  # fmt: skip
    for table in ("finding", "uncertainty", *STEP.makes):
        fill(engine, table, ())
    make_digital_emission(
        StepContext(step=STEP, settings=SETTINGS, packs=PackLibrary.load(None), engine=engine)
    )
    [row] = rows_of(engine, "digital_emission")
    drawn = [
        each["value"] if "value" in each else each["emission"]
        for each in rows_of(engine, "digital_emission_replicate")
    ]
    return {**row, "drawn": np.array(drawn), "values": values, "rates": rates}


def test_each_replicate_of_the_statistics_meets_one_of_the_accounts(engine: DuckDB) -> None:
    found = _book(engine, None)
    per_value = {"39": 10 / 4, "65": 10 / 5}
    wanted = sum(VALUE[one] * RATE[one][0] * per_value[one] for one in RATE)
    assert float(found["emission"]) == pytest.approx(wanted)
    drawn = sum(found["values"][one] * found["rates"][one] * per_value[one] for one in RATE)
    assert np.allclose(np.sort(found["drawn"]), np.sort(drawn))
    assert float(found["standard_error"]) == pytest.approx(drawn.std(ddof=1))
    both = float(found["statistics_error"]) ** 2 + float(found["accounts_error"]) ** 2
    assert float(found["standard_error"]) ** 2 == pytest.approx(both, rel=0.2)
    assert float(found["statistics_error"]) > float(found["accounts_error"]) > 0
    assert float(found["left_out"]) == VALUE["99"]
    [told] = rows_of(engine, "finding")
    assert (told["code"], told["amount"]) == ("accounts.digital_without_sector", VALUE["99"])


def test_the_total_error_of_the_statistics_comes_through(engine: DuckDB) -> None:
    """Machine codes add to the error of the core: the emission's error grows with the total-error replicates."""
    plain = float(_book(engine, None, spread=0.02, rate_spread=0.0)["standard_error"])
    total = sum(VALUE.values()) * (1 + 0.15 * np.random.default_rng(4).standard_normal(COUNT))
    found = _book(engine, total, spread=0.02, rate_spread=0.0)
    assert float(found["standard_error"]) / float(found["emission"]) == pytest.approx(0.15, rel=0.15)
    assert float(found["standard_error"]) > 4 * plain
    assert float(found["accounts_error"]) == pytest.approx(0.0, abs=1e-6)


def test_divisions_are_the_same_draws_as_the_core(engine: DuckDB) -> None:
    run(engine, {"business_survey": SURVEY})
    by_division = by(engine, "digital_division", "gbt4754_division")
    account = by(engine, "digital_economy_account", "code")["core"]
    whole = sum(row["value_added"] for row in by_division.values())
    assert float(whole) == pytest.approx(float(account["value_added_full"]))
    core = {
        row["replicate"]: float(row["value_added"])
        for row in rows_of(engine, "digital_core_replicate", "definition_code = 'whole'")
    }
    sums: dict[int, float] = {}
    for row in rows_of(engine, "digital_division_replicate"):
        sums[row["replicate"]] = sums.get(row["replicate"], 0.0) + float(row["value_added"])
    assert [sums[at] for at in sorted(core)] == pytest.approx([core[at] for at in sorted(core)])
