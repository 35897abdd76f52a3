"""The one runner of all benchmarks."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.harness import HOME, Benchmark, compare


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
    for name, ratio in result["ratio"].get("parts", {}).items():
        here, there = result["ours"]["parts"][name], result["rival"]["parts"][name]
        lines.append(f"  {name}: {there:.3f} s against {here:.4f} s of CPU, {ratio:.1f}x")
    if "over_lu_bound" in result["ours"]:
        bound, over = result["ours"]["lu_bound"], result["ours"]["over_lu_bound"]
        lines.append(
            f"  LAPACK alone (one LU and the solves): {bound:.2f} s; all of lvshu's work: {over:.2f} times that"
        )
    agree = result["agree"]
    word = "agree" if agree["within_tolerance"] else "DO NOT AGREE"
    lines.append(f"  results {word}: largest relative difference {agree['largest_relative_difference']:.2e}")
    return "\n".join(lines)


def main() -> int:
    """Run one benchmark; return 1 where the results do not agree."""
    parser = argparse.ArgumentParser(prog="start.py bench", description="rival and lvshu on the same input")
    parser.add_argument("name", choices=names())
    parser.add_argument("--size", default="small", help="small, full, or what the benchmark offers besides")
    parser.add_argument("--output", type=Path, default=Path(), help="folder for what a benchmark draws")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    module = importlib.import_module(f"benchmarks.{options.name.replace('-', '_')}.bench")
    benchmark: Benchmark = module.BENCHMARK
    sizes = (*benchmark.sizes, *benchmark.alone)
    if options.size not in sizes:
        parser.error(f"--size of {options.name} is one of {', '.join(sizes)}")
    if options.size in benchmark.alone:
        alone = benchmark.alone[options.size](options.output)
        sys.stdout.write(
            (json.dumps(alone, ensure_ascii=False) if options.json else str(alone["text"])) + "\n"
        )
        return 0
    with tempfile.TemporaryDirectory() as folder:
        result = compare(benchmark, options.size, Path(folder) / "run")
    sys.stdout.write((json.dumps(result, ensure_ascii=False) if options.json else show(result)) + "\n")
    return 0 if result["agree"]["within_tolerance"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
