"""The one runner of all benchmarks."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.harness import HOME, compare


def names() -> list[str]:
    """Return the benchmarks there are: every folder here with a bench.py."""
    return sorted(path.parent.name.replace("_", "-") for path in HOME.glob("*/bench.py"))


def show(result: dict[str, Any]) -> str:
    """Return a result as text."""
    lines = [f"{result['name']} ({result['size']}): {result['what']}"]
    lines.append("  input: " + ", ".join(f"{key} {value}" for key, value in result["input"].items()))
    for side in ("ours", "rival"):
        one = result[side]
        label = "lvshu" if side == "ours" else one["program"]
        lines.append(
            f"  {label:<28} wall {min(one['wall_seconds']):.3f} s  cpu {min(one['cpu_seconds']):.3f} s  "
            f"peak {one['peak_memory_mb']:.0f} MB"
        )
    for measure in ("wall_seconds", "cpu_seconds"):
        ratio = result["ratio"][measure]
        lines.append(
            f"  {measure}: {ratio['median']:.1f}x (minimum {ratio['minimum']:.1f}, maximum {ratio['maximum']:.1f})"
        )
    lines.append(f"  peak memory: {result['ratio']['peak_memory_mb']:.1f}x less")
    agree = result["agree"]
    word = "agree" if agree["within_tolerance"] else "DO NOT AGREE"
    lines.append(f"  results {word}: largest relative difference {agree['largest_relative_difference']:.2e}")
    return "\n".join(lines)


def main() -> int:
    """Run one benchmark; return 1 where the results do not agree."""
    parser = argparse.ArgumentParser(prog="start.py bench", description="rival and lvshu on the same input")
    parser.add_argument("name", choices=names())
    parser.add_argument("--size", choices=("small", "full"), default="small")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    module = importlib.import_module(f"benchmarks.{options.name.replace('-', '_')}.bench")
    with tempfile.TemporaryDirectory() as folder:
        result = compare(module.BENCHMARK, options.size, Path(folder) / "run")
    sys.stdout.write((json.dumps(result, ensure_ascii=False) if options.json else show(result)) + "\n")
    return 0 if result["agree"]["within_tolerance"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
