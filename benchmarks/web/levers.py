"""How long a scenario takes, by the number of sectors: python -m benchmarks.web.levers [--sectors 42 9800]."""

from __future__ import annotations

import argparse
import statistics
import sys
import time

import numpy as np

from lvshu.web.scenario import Economy, Levers, answer


def economy(sectors: int) -> Economy:
    """Return an invented economy of that many sectors, productive by construction."""
    draw = np.random.default_rng(20210913)
    output = draw.uniform(1e9, 1e11, sectors)
    use = draw.random((sectors, sectors), dtype=np.float32).astype(np.float64)
    use *= 0.55 * output / use.sum(axis=0)
    final = np.maximum(output - use.sum(axis=1), 1e6)
    shares = np.array([0.35, 0.1, 0.25, 0.15, 0.15])
    demand = final[:, None] * shares
    return Economy.of(
        intermediate_use=use,
        codes=tuple(str(place) for place in range(sectors)),
        categories=("household_urban", "government", "fixed_capital", "export", "outflow"),
        final_demand=demand,
        output=use.sum(axis=1) + demand.sum(axis=1),
        value_added=0.45 * output,
        emission=draw.uniform(0.0, 1e6, sectors),
        own_emission=np.zeros(5),
        electricity_emission=draw.uniform(0.0, 1e5, sectors),
        energy=draw.uniform(0.0, 1e5, sectors),
        power=(sectors // 2,),
        saving_forgone=1e6,
    )


def main() -> int:
    """Measure. Returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sectors", type=int, nargs="+", default=[42, 153, 9800])
    for sectors in parser.parse_args().sectors:
        begun, cpu = time.perf_counter(), time.process_time()
        made = economy(sectors)
        ready, ready_cpu = time.perf_counter() - begun, time.process_time() - cpu
        walls, cpus = [], []
        for number in range(7):
            levers = Levers({"household": number - 3.0}, power=10.0 * number, price=100.0)
            begun, cpu = time.perf_counter(), time.process_time()
            answer(made, levers)
            walls.append(time.perf_counter() - begun)
            cpus.append(time.process_time() - cpu)
        print(
            f"{sectors} sectors: ready in {ready:.2f} s ({ready_cpu:.2f} s CPU, once); an answer takes "
            f"{1000 * statistics.median(walls):.1f} ms ({1000 * statistics.median(cpus):.1f} ms CPU)"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
