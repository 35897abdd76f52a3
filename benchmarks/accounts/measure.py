"""Measuring of both sides: the CPU and wall seconds of each named part, and the peak memory of the full accounts."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

FULL = "full accounts"
WARMED_BELOW = 2000


class Parts:
    """The parts measured so far; each is run `repetitions` times where that is quick, and once where it is long."""

    def __init__(self, repetitions: int) -> None:
        self.repetitions = repetitions
        self.cpu: dict[str, list[float]] = {}
        self.wall: dict[str, list[float]] = {}
        self.peak_memory_mb = 0.0

    def measure(self, name: str, work: Callable[[], Any]) -> Any:
        """Return what the work returns; keep its seconds. Tables below 2000 sectors are run once before."""
        self.cpu[name], self.wall[name] = [], []
        result: Any = None
        while len(self.cpu[name]) < self.repetitions and sum(self.cpu[name]) < 10.0:
            result = None
            wall, cpu = time.perf_counter(), time.process_time()
            result = work()
            self.wall[name].append(time.perf_counter() - wall)
            self.cpu[name].append(time.process_time() - cpu)
        return result

    def keep_peak(self) -> None:
        """Take the peak memory of the process so far as that of the full accounts."""
        self.peak_memory_mb = peak_memory_mb()

    def tell(self, **more: Any) -> None:
        """Print what was measured as the harness reads it."""
        print(json.dumps({
            "wall_seconds": self.wall[FULL], "cpu_seconds": self.cpu[FULL], "peak_memory_mb": self.peak_memory_mb,
            "parts": {name: min(seconds) for name, seconds in self.cpu.items()}, **more,
        }))  # fmt: skip


def peak_memory_mb() -> float:
    """Return the peak memory of this process; on Linux by VmHWM, as ru_maxrss begins with the parent's peak."""
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def arguments() -> tuple[Path, Path, int]:
    """Return the input folder, the output folder (made), and the repetitions."""
    target = Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    return Path(sys.argv[1]), target, int(sys.argv[3])
