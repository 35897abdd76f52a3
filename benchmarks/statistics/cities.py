"""Whole books of sample cities, seed by seed: how often the naive and the total interval hold the true figure.

    python -m benchmarks.statistics.cities --seeds 1-20 [--scale 1:1000] [--output results.json]

Each seed draws another city, other registers, samples, names, dirt and audits; a run of it makes the intervals.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb

Truth = Mapping[str, Any]

TABLES = ("total_error_interval", "financed_emission_interval")


def _indicator(code: str) -> Callable[[Truth], float]:
    return lambda truth: float(truth["indicators"][code]["value"])


def _financed(method: str, rule: str) -> Callable[[Truth], float]:
    return lambda truth: float(truth["finance"]["financed_emission"][method][rule]["emission"])


def _flexible_share(truth: Truth) -> float:
    return 100 * float(truth["work"]["flexible"]) / float(truth["work"]["employed"])


def _core_share(truth: Truth) -> float:
    indicators = truth["indicators"]
    return (
        100 * float(indicators["digital_core_value_added_whole"]["value"]) / float(indicators["gdp"]["value"])
    )


TRUE: dict[str, Callable[[Truth], float]] = {
    "flexible_employment_survey": _indicator("flexible_employment"),
    "flexible_employment": _indicator("flexible_employment"),
    "flexible_employment_share": _flexible_share,
    "platform_workers": _indicator("platform_workers"),
    "platform_transactions": _indicator("platform_transactions"),
    "platform_value_added_by_seller": _indicator("platform_value_added_by_seller"),
    "digital_core_value_added_whole": _indicator("digital_core_value_added_whole"),
    "digital_core_share": _core_share,
    "digital_units_share": _indicator("digital_units_share"),
    "digital_persons_share": _indicator("digital_persons_share"),
    "financed_emission_bank_2026": _financed("bank_2026", "over_12_months"),
    "financed_emission_trial_2021": _financed("trial_2021", "over_12_months"),
    "financed_emission_pcaf_2022": _financed("pcaf_2022", "year_end"),
}
"""Which truth an interval is about."""


def of_city(seed: int, scale: str) -> list[dict[str, Any]]:
    """Return the intervals of one city with the truth, one row an indicator and kind.

    Raises:
        subprocess.CalledProcessError: where the city cannot be written or its run fails.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "city"
        lvshu = (sys.executable, "-m", "lvshu", "--lang", "en")
        for words in (
            ("new", str(folder), "--sample", "--scale", scale, "--seed", str(seed)),
            ("run", str(folder), "--accept-problems", "--no-open"),
        ):
            subprocess.run((*lvshu, *words), check=True, capture_output=True)
        truth = json.loads((folder / "truth" / "truth.json").read_text(encoding="utf-8"))
        [book] = folder.glob("runs/*/book.duckdb")
        found = []
        with duckdb.connect(str(book), read_only=True) as connection:
            for table in TABLES:
                query = f"SELECT indicator, kind, value, standard_error, low, high FROM {table}"
                found += connection.execute(query).fetchall()
    rows = []
    for indicator, kind, value, error, low, high in found:
        if indicator in TRUE and low is not None:
            true = TRUE[indicator](truth)
            rows.append({
                "seed": seed, "indicator": indicator, "kind": kind, "value": value, "standard_error": error,
                "low": low, "high": high, "true": true, "covers": low <= true <= high,
            })  # fmt: skip
    return rows


def told(rows: list[dict[str, Any]]) -> str:
    """Return coverage, mean error relative to the truth and to the stated standard error, by indicator and kind."""
    lines = ["indicator                        kind   cities covered  bias %  RMSE %  stated %"]
    for key in sorted({(row["indicator"], row["kind"]) for row in rows}):
        own = [row for row in rows if (row["indicator"], row["kind"]) == key]
        away = [row["value"] / row["true"] - 1 for row in own]
        stated = [row["standard_error"] / row["true"] for row in own if row["standard_error"] is not None]
        root = math.sqrt(sum(one**2 for one in away) / len(away))
        said = math.sqrt(sum(one**2 for one in stated) / len(stated)) if stated else math.nan
        lines.append(
            f"{key[0]:<32} {key[1]:<6} {len(own):>6} {sum(row['covers'] for row in own):>7} "
            f"{100 * sum(away) / len(away):>7.2f} {100 * root:>7.2f} {100 * said:>9.2f}"
        )
    return "\n".join(lines)


def main() -> int:
    """Run the cities and print how often their intervals hold the truth."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.statistics.cities", description=__doc__)
    parser.add_argument("--seeds", default="1-20", help="first and last seed, such as 1-20")
    parser.add_argument("--scale", default="1:1000")
    parser.add_argument("--output", type=Path, help="a file for all rows, written after each city")
    options = parser.parse_args()
    first, _, last = options.seeds.partition("-")
    rows: list[dict[str, Any]] = []
    for seed in range(int(first), int(last or first) + 1):
        rows += of_city(seed, options.scale)
        if options.output:
            options.output.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(told(rows) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
