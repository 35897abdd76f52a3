"""How often 95 % intervals of precision and recall hold the truth: `python -m benchmarks.records.coverage 2000`."""

from __future__ import annotations

import json
import sys

from tests.linkage.test_clerical import covered


def main() -> None:
    """Print the shares of repeated clerical samples whose intervals cover."""
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    precision, recall = covered(samples, 3)
    sys.stdout.write(json.dumps({"samples": samples, "precision": precision, "recall": recall}) + "\n")


if __name__ == "__main__":
    main()
