"""Names of loans to names of companies: lvshu against r2dii's rule (alias, then Jaro-Winkler) on the same names."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.harness import Benchmark
from benchmarks.matching.large import large, pinyin, pinyin_city, sample_city
from benchmarks.matching.synthetic import Maker, Names
from lvshu.catalog.pack_library import PackLibrary

COUNT = {"small": 2_000, "full": 10_000}
SEED = 31


def write_names(names: Names, folder: Path) -> None:
    """Write companies, names looked for and the truth."""
    content = {"companies": names.companies, "queries": names.queries, "truth": names.truth.tolist()}
    (folder / "names.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def make_input(size: str, folder: Path) -> dict[str, Any]:
    """Write as many companies as names, 30 % of which belong to none, and return the dimensions."""
    names = Maker.of(PackLibrary.load(), SEED).names(COUNT[size], COUNT[size])
    write_names(names, folder)
    return {"companies": len(names.companies), "names": len(names.queries)}


def agree(ours: Path, rival: Path) -> float:
    """Return by how much the rival's recall is ahead where its precision is at least lvshu's, 0 where it is not."""
    first, second = (
        json.loads((side / "measures.json").read_text(encoding="utf-8")) for side in (ours, rival)
    )
    as_precise = [one["recall"] for one in second["at"].values() if one["precision"] >= first["precision"]]
    sys.stderr.write(json.dumps({"lvshu": first, "rival": second}) + "\n")
    return max(0.0, max(as_precise, default=0.0) - first["recall"])


BENCHMARK = Benchmark(
    name="matching",
    what="one company or none for every name; the figure of agreement is how far the rival is ahead in recall where "
    "it is as precise",
    rival="alias + Jaro-Winkler, best at least 0.8 (r2dii.match's rule)",
    requirements=("rapidfuzz==3.14.3", "Unidecode==1.4.0", "numpy"),
    make_input=make_input,
    agree=agree,
    tolerance=0.0,
    repetitions=1,
    alone={
        "100000": lambda folder: large(folder, 100_000),
        "1000000": lambda folder: large(folder, 1_000_000),
        "sample-city": sample_city,
        "pinyin": lambda folder: pinyin(folder, 20_000),
        "pinyin-city": pinyin_city,
    },
)
