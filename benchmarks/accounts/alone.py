"""What only lvshu runs: 14 364 sectors (342 cities of 42 sectors), and the curve of cost."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.accounts.table import WANTED, write_table
from benchmarks.harness import HOME, run_side

PLACE = HOME / "accounts"


def large(output: Path) -> dict[str, Any]:
    """Return seconds and peak memory of 14 364 sectors: a few indicators from a file and from CSR, and everything."""
    regions, sectors, stressors = WANTED[14364]
    lines = [
        f"accounts (14364): {regions} cities x {sectors} sectors, {stressors} stressors, density 20 %, lvshu alone"
    ]
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as place:
        source = Path(place)
        write_table(source, regions, sectors, stressors, split=False)
        for mode in ("few-mapped", "few-csr", "full"):
            script = PLACE / "large.py"
            measured = run_side(sys.executable, script, source, Path(mode), 1, pin_threads=True)
            found[mode] = measured
            lines.append(f"  {mode:<11} cpu {measured['cpu_seconds']:.1f} s  wall {measured['wall_seconds']:.1f} s  "
                         f"peak {measured['peak_memory_mb']:.0f} MB  {measured['what']}")  # fmt: skip
    return {"name": "accounts", "size": "14364", "runs": found, "text": "\n".join(lines)}


def curve(output: Path) -> dict[str, Any]:
    """Return the cost by sectors, stressors and density, and write it as cost.html and cost.csv."""
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        measured = run_side(sys.executable, PLACE / "cost.py", Path(place), output, 1, pin_threads=True)
    lines = [
        f"accounts (curve): {len(measured['rows'])} measurements in {output / 'cost.csv'}, {output / 'cost.html'}"
    ]
    lines += [
        f"  n {row['sectors']:>5}  k {row['rows']:>4}  density {row['density']:.2f}  {row['storage']:<6} "
        f"{row['way']:<12} {row['cpu_seconds']:8.3f} s" for row in measured["rows"]
    ]  # fmt: skip
    return {"name": "accounts", "size": "curve", **measured, "text": "\n".join(lines)}
