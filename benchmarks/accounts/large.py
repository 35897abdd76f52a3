"""One way to solve a table of 14 364 sectors, in a process of its own: `large.py SOURCE few-mapped|few-csr|full 1`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array, vstack

from benchmarks.accounts.measure import peak_memory_mb
from benchmarks.accounts.ours import full
from lvshu.accounts.methods.kernel import Kernel
from lvshu.accounts.methods.kernel.storage import total_output

FEW = 10


def few(source: Path, *, is_sparse: bool) -> str:
    """Multipliers of ten indicators, by iteration. Returns what was done."""
    use = np.load(source / "use.npy", mmap_mode="r")
    stored = use
    if is_sparse:
        parts = []
        for start in range(0, len(use), 1000):
            parts.append(csr_array(use[start : start + 1000]))
            use._mmap.madvise(4)  # MADV_DONTNEED: what was read is let go
        stored = vstack(parts, format="csr")
        del parts
    output = total_output(stored, np.load(source / "demand.npy"))
    flows = np.load(source / "stressors.npy", mmap_mode="r")[:FEW] / output
    kernel = Kernel(stored, output, np.load(source / "regions.npy"))
    kernel.multipliers(flows)
    solved = kernel.last
    return (
        f"{FEW} indicators by {solved.route.way}, {solved.iterations} sweeps, residual {solved.residual:.1e}"
    )


def everything(source: Path) -> str:
    """M, D_cba, D_pba, D_exp by sector and D_imp by region. Returns what was done."""
    kernel, intensity, accounts, _ = full(source)
    return (f"{len(intensity)} stressors, all accounts by {kernel.record[0].route.way}, residual "
            f"{max(solved.residual for solved in kernel.record):.1e}, identity {accounts.identity:.1e}")  # fmt: skip


WAYS: dict[str, Callable[[Path], str]] = {
    "few-mapped": lambda source: few(source, is_sparse=False),
    "few-csr": lambda source: few(source, is_sparse=True),
    "full": everything,
}


def main() -> None:
    """Run one way and print its measures."""
    source, mode = Path(sys.argv[1]), sys.argv[2]
    wall, cpu = time.perf_counter(), time.process_time()
    what = WAYS[mode](source)
    print(json.dumps({
        "what": what, "wall_seconds": time.perf_counter() - wall, "cpu_seconds": time.process_time() - cpu,
        "peak_memory_mb": peak_memory_mb(),
    }))  # fmt: skip


if __name__ == "__main__":
    main()
