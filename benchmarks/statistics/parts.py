"""Running one side: the whole work repeated, and the CPU seconds of each of its parts."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import repeat

Steps = list[tuple[str, Callable[[dict[str, Any]], None]]]


def main(prepare: Callable[[Path], dict[str, Any]], steps: Steps) -> None:
    """Read the input, repeat the steps, save what they put under `found`, print the measures."""
    source, target, repetitions = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    given = prepare(source)
    seconds: dict[str, list[float]] = {name: [] for name, _ in steps}

    def once() -> None:
        given["found"] = []
        for name, step in steps:
            before = time.process_time()
            step(given)
            seconds[name].append(time.process_time() - before)

    measured = repeat(once, repetitions)
    target.mkdir(parents=True, exist_ok=True)
    np.save(target / "found.npy", np.array(given["found"], dtype=float))
    print(json.dumps({**measured, "parts": {name: min(times[1:]) for name, times in seconds.items()}}))
