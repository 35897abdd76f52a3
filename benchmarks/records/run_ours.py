"""lvshu on the same records, by the same five rules with the finer keys that its blocks may be split by.

`python -m benchmarks.records.run_ours COUNT even|skewed` prints seconds, peak memory, precision and recall.
"""

from __future__ import annotations

import json
import resource
import sys
import time

from benchmarks.records.synthetic import measures, persons
from lvshu.linkage.link import link
from lvshu.linkage.model import DATE, NAME, TYPO, BlockKey, Comparison, LinkModel

MODEL = LinkModel(
    "persons",
    comparisons=(
        Comparison("given_name", NAME, rare=True), Comparison("surname", NAME, rare=True),
        Comparison("date_of_birth", DATE), Comparison("postcode", TYPO, bounds=(1,)),
        Comparison("street", NAME), Comparison("phone", TYPO),
    ),
    keys=(
        BlockKey("surname and birth", "surname || '|' || date_of_birth", compared=("surname", "date_of_birth")),
        BlockKey("given name and birth", "given_name || '|' || date_of_birth",
                 compared=("given_name", "date_of_birth")),
        BlockKey("surname and postcode", "surname || '|' || postcode",
                 split=("substr(date_of_birth, 1, 4)", "substr(street, 1, 2)"), compared=("surname", "postcode")),
        BlockKey("given name and postcode", "given_name || '|' || postcode",
                 split=("substr(date_of_birth, 1, 4)", "substr(street, 1, 2)"), compared=("given_name", "postcode")),
        BlockKey("phone", "phone", compared=("phone",)),
    ),
    training=("surname and birth", "given name and postcode"),
)  # fmt: skip


def main() -> None:
    """Link and print what came of it."""
    count, skewed = int(sys.argv[1]), sys.argv[2] == "skewed"
    made = persons(count, skewed=skewed)
    wall, cpu = time.perf_counter(), time.process_time()
    links = link(made.records, MODEL, pairs_a_record=4)
    taken = links.accepted(0.5)
    taken.groups()
    told = {
        "program": "lvshu", "count": count, "skewed": skewed, "cpu_seconds": time.process_time() - cpu,
        "wall_seconds": time.perf_counter() - wall,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "blocks": [(one.key, one.pairs_whole, one.pairs, one.limit, one.dropped_records) for one in links.blocks],
    }  # fmt: skip
    sys.stdout.write(json.dumps(told | measures(made.person, taken.left, taken.right)) + "\n")


if __name__ == "__main__":
    main()
