"""Splink as its own documents show it: five rules that a user would write, six comparisons, its defaults.

`python -m benchmarks.records.run_rival COUNT even|skewed` prints seconds, peak memory, precision and recall.
"""

from __future__ import annotations

import json
import resource
import sys
import time

import numpy as np
import pyarrow as pa
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from benchmarks.records.synthetic import measures, persons


def linked(records: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of the pairs that Splink links at probability 0.5, by the settings of its documents."""
    count = records.num_rows
    table = records.append_column("unique_id", [list(range(count))])
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("given_name", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("surname", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("date_of_birth", [1]),
            cl.DamerauLevenshteinAtThresholds("postcode", [1]),
            cl.JaroWinklerAtThresholds("street", [0.92, 0.8]),
            cl.DamerauLevenshteinAtThresholds("phone", [1, 2]),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("surname", "date_of_birth"), block_on("given_name", "date_of_birth"),
            block_on("surname", "postcode"), block_on("given_name", "postcode"), block_on("phone"),
        ],
        probability_two_random_records_match=2 / (3 * count),
    )  # fmt: skip
    linker = Linker(DuckDBAPI().register(table), settings, log_level=None)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6 + 1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("surname", "date_of_birth"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("given_name", "postcode"))
    found = linker.inference.predict(threshold_match_probability=0.01)
    linker.clustering.cluster_pairwise_predictions_at_threshold(found, threshold_match_probability=0.5)
    pairs = found.as_duckdbpyrelation().filter("match_probability >= 0.5").to_arrow_table()
    left, right = (pairs[f"unique_id_{side}"].to_numpy() for side in "lr")
    return left, right


def main() -> None:
    """Link and print what came of it."""
    count, skewed = int(sys.argv[1]), sys.argv[2] == "skewed"
    made = persons(count, skewed=skewed)
    wall, cpu = time.perf_counter(), time.process_time()
    left, right = linked(made.records)
    told = {
        "program": "splink", "count": count, "skewed": skewed, "cpu_seconds": time.process_time() - cpu,
        "wall_seconds": time.perf_counter() - wall,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip
    sys.stdout.write(json.dumps(told | measures(made.person, left, right)) + "\n")


if __name__ == "__main__":
    main()
