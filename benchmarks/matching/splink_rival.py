"""Plain Splink on the same names: Jaro-Winkler levels of the name, its first characters, its last ones.

`python -m benchmarks.matching.splink_rival FOLDER` reads names.json there (written by `--size sample-city`) and prints
seconds, recall and precision. It wants splink and pandas in its own environment.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on


def table(names: list[str], side: str) -> pd.DataFrame:
    """Return names as Splink wants them, with two parts that a user would make of them."""
    found = pd.DataFrame({"unique_id": [f"{side}{row}" for row in range(len(names))], "name": names})
    found["start"] = found["name"].str.slice(0, 5)
    found["middle"] = found["name"].str.slice(4, 8)
    return found


def main() -> None:
    """Link, and print what came of it."""
    given = json.loads((Path(sys.argv[1]) / "names.json").read_text(encoding="utf-8"))
    truth = np.array(given["truth"])
    tables = [table(given["queries"], "q"), table(given["companies"], "c")]
    before, cpu = time.perf_counter(), time.process_time()
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[cl.JaroWinklerAtThresholds("name", [0.98, 0.95, 0.9, 0.8])],
        blocking_rules_to_generate_predictions=[block_on("start"), block_on("middle")],
        probability_two_random_records_match=1 / len(given["companies"]),
    )
    engine = DuckDBAPI()
    linker = Linker([engine.register(one) for one in tables], settings)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("start"))
    found = linker.inference.predict(threshold_match_probability=0.01).as_pandas_dataframe()
    seconds, used = time.perf_counter() - before, time.process_time() - cpu
    left = found["unique_id_l"].str.startswith("q")
    query = np.where(left, found["unique_id_l"], found["unique_id_r"])
    company = np.where(left, found["unique_id_r"], found["unique_id_l"])
    pairs = pd.DataFrame({"query": query, "company": company, "probability": found["match_probability"]})
    best = pairs.sort_values(
        ["query", "probability", "company"], ascending=[True, False, True]
    ).drop_duplicates("query")
    rows = best["query"].str.slice(1).astype(int).to_numpy()
    right = truth[rows] == best["company"].str.slice(1).astype(int).to_numpy()
    for least in (0.5, 0.9, 0.99):
        taken = best["probability"].to_numpy() >= least
        told = {
            "least": least, "wall_seconds": seconds, "cpu_seconds": used, "pairs": len(found),
            "precision": float(right[taken].mean()) if taken.any() else None,
            "recall": float(right[taken].sum() / (truth >= 0).sum()),
        }  # fmt: skip
        sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
