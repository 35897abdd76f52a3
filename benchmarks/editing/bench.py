"""Error localisation beside Banff, on linear rules; and two million records edited by 50 rules, lvshu alone."""

from __future__ import annotations

import json
import resource
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.editing.book import NAMES, linear_rules, records, rule_file
from benchmarks.harness import Benchmark

COUNT = {"small": 60}
SPOILED = 0.1
WHOLE = 2_000_000


def make_input(size: str, folder: Path) -> dict[str, Any]:
    """Write filed records and the rules in both languages; return their dimensions."""
    _, filed = records(COUNT[size], SPOILED)
    filed = np.round(filed * 100)  # whole cents: Banff takes the last bit of a sum for an error
    np.save(folder / "filed.npy", filed)
    (folder / "rules.json").write_text(json.dumps(rule_file(conditional=False)), encoding="utf-8")
    texts = [
        check.replace(" * turnover", "*turnover").replace(" * costs", "*costs") for _, check in linear_rules()
    ]
    texts += [f"{name} >= 0" for name in NAMES if name != "profit"]
    texts += ["profit >= -1000000000000"]  # Banff asks that every variable be bounded
    (folder / "banff.json").write_text(
        json.dumps({"names": NAMES, "edits": "; ".join(texts) + ";"}), encoding="utf-8"
    )
    return {"records": len(filed), "rules": len(texts), "share with errors": SPOILED}


def agree(ours: Path, rival: Path) -> float:
    """Return the largest difference of the weights of the chosen sets, over the records that Banff did not give up."""
    mine, theirs = np.load(ours / "weight.npy"), np.load(rival / "weight.npy")
    return float(np.nanmax(np.abs(mine - theirs)))


def alone(count: int) -> dict[str, Any]:
    """Return what it takes to edit so many records by 50 rules, and how near to the truth the result is."""
    from lvshu.statistics.editing.evaluate import compiled
    from lvshu.statistics.editing.process import Choices, edit
    from lvshu.statistics.editing.rules import rules_of

    true, filed = records(count, 0.02)
    rules = rules_of(rule_file(conditional=True))
    start = time.process_time()
    made = edit(rules, range(count), filed, Choices(size=0, match=(0, 3)))  # type: ignore[arg-type]
    seconds = time.process_time() - start
    failing = compiled(rules, severity="error").test(made.records).failed.any(axis=1)
    found = {
        "records": count, "rules": len(rules.rules), "cpu_seconds": seconds,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "failing_before": int(made.before.failed.any(axis=1).sum()), "failing_after": int(failing.sum()),
        "unsolved": int(made.unsolved.sum()), "changes": len(made.changes), "patterns": made.located.groups,
        "solved_alone": made.located.alone,
        "wrong_values": int((np.abs(filed - true) > 0.005).sum()),
        "restored": int(((np.abs(filed - true) > 0.005) & (np.abs(made.records - true) <= 0.011)).sum()),
        "turnover_off_before": float(abs(filed[:, 0].sum() / true[:, 0].sum() - 1)),
        "turnover_off_after": float(abs(made.records[:, 0].sum() / true[:, 0].sum() - 1)),
    }  # fmt: skip
    found["text"] = "\n".join(f"  {key}: {value}" for key, value in found.items())
    return found


BENCHMARK = Benchmark(
    name="editing",
    what="for every record the values to change so that all linear rules can hold, of least weight",
    rival="Banff 3.1.3 (errorloc)",
    requirements=("banff==3.1.3", "numpy<3"),
    make_input=make_input,
    agree=agree,
    tolerance=1e-6,
    repetitions=1,
    pin_threads=True,
    sizes=("small",),
    alone={"tenth": lambda folder: alone(WHOLE // 10), "whole": lambda folder: alone(WHOLE)},
)
