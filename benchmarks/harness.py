"""Measuring: repetitions in a process of its own, CPU and wall seconds, peak memory, and the agreement."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parent
RIVALS = HOME.parent / ".venv-rivals"


@dataclass(frozen=True)
class Benchmark:
    """One comparison: how its input is made, the two scripts, and how their results are compared.

    Each script is called as `python script.py INPUT_FOLDER OUTPUT_FOLDER REPETITIONS` and prints the JSON of
    `repeat`. `agree(output_ours, output_rival)` returns the largest relative difference. A script may print `parts`
    too, the CPU seconds of each part by its name. With `pin_threads` both sides get one BLAS thread. `alone` holds
    sizes that only lvshu runs: each takes a folder for what it draws and returns a result with a `text`.
    """

    name: str
    what: str
    rival: str
    requirements: tuple[str, ...]
    make_input: Callable[[str, Path], dict[str, Any]]
    agree: Callable[[Path, Path], float]
    tolerance: float
    repetitions: int = 3
    pin_threads: bool = False
    sizes: tuple[str, ...] = ("small", "full")
    alone: Mapping[str, Callable[[Path], dict[str, Any]]] = field(default_factory=dict)


def repeat(work: Callable[[], Any], repetitions: int, *, warm_up: int = 1) -> dict[str, Any]:
    """Return wall and CPU seconds of each repetition and the process's peak memory, after a warm-up."""
    for _ in range(warm_up):
        work()
    wall, cpu = [], []
    for _ in range(repetitions):
        before, cpu_before = time.perf_counter(), time.process_time()
        work()
        wall.append(time.perf_counter() - before)
        cpu.append(time.process_time() - cpu_before)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "wall_seconds": wall,
        "cpu_seconds": cpu,
        "peak_memory_mb": peak / (1 << 20 if sys.platform == "darwin" else 1 << 10),
    }


def script_main(
    prepare: Callable[[Path], Any], work: Callable[[Any], Any], save: Callable[[Any, Path], None]
) -> None:
    """Run one side of a comparison: read the input, repeat the work, save the last result, print the measures."""
    source, target, repetitions = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    given = prepare(source)
    kept: list[Any] = [None]

    def once() -> None:
        kept[0] = work(given)

    measured = repeat(once, repetitions)
    target.mkdir(parents=True, exist_ok=True)
    save(kept[0], target)
    print(json.dumps(measured))


def rival_python(benchmark: Benchmark) -> Path:
    """Return the Python of an environment with the rival's packages, made on first use."""
    folder = RIVALS / benchmark.name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "requirements.txt"
    wanted = "\n".join(benchmark.requirements)
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *benchmark.requirements], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return python


def run_side(
    python: Path | str,
    script: Path,
    source: Path,
    target: Path,
    repetitions: int,
    *,
    pin_threads: bool = False,
) -> dict[str, Any]:
    """Return what one side's script measured.

    Raises:
        subprocess.CalledProcessError: the script failed; its own message is on standard error.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HOME.parent), str(HOME.parent / "src")])}
    environment.pop("OPENBLAS_CORETYPE", None)
    environment.pop("OPENBLAS_L2_SIZE", None)
    if pin_threads:
        environment |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    done = subprocess.run(
        [str(python), str(script), str(source), str(target), str(repetitions)],
        env=environment, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def compare(benchmark: Benchmark, size: str, folder: Path) -> dict[str, Any]:
    """Return both sides' measures, the ratio rival / ours (above 1: ours is faster), and the agreement."""
    source = folder / "input"
    source.mkdir(parents=True)
    described = benchmark.make_input(size, source)
    place = HOME / benchmark.name.replace("-", "_")
    rounds, pinned = benchmark.repetitions, benchmark.pin_threads
    ours = run_side(sys.executable, place / "ours.py", source, folder / "ours", rounds, pin_threads=pinned)
    rival = run_side(
        rival_python(benchmark), place / "rival.py", source, folder / "rival", rounds, pin_threads=pinned
    )
    difference = benchmark.agree(folder / "ours", folder / "rival")
    return {
        "name": benchmark.name,
        "what": benchmark.what,
        "size": size,
        "input": described,
        "ours": ours,
        "rival": {"program": benchmark.rival, **rival},
        "ratio": {
            measure: _ratios(rival[measure], ours[measure]) for measure in ("wall_seconds", "cpu_seconds")
        }
        | {"peak_memory_mb": rival["peak_memory_mb"] / ours["peak_memory_mb"]}
        | {"parts": _part_ratios(rival.get("parts", {}), ours.get("parts", {}))},
        "agree": {
            "within_tolerance": difference <= benchmark.tolerance,
            "largest_relative_difference": difference,
            "tolerance": benchmark.tolerance,
        },
    }


def _part_ratios(rival: dict[str, float], ours: dict[str, float]) -> dict[str, float]:
    return {name: rival[name] / ours[name] for name in ours if name in rival}


def _ratios(rival: list[float], ours: list[float]) -> dict[str, float]:
    every = [there / here for there in rival for here in ours]
    return {"minimum": min(every), "median": statistics.median(every), "maximum": max(every)}
