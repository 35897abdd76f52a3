"""Sizes that only lvshu runs, and the names of the sample city."""

from __future__ import annotations

import json
import re
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.matching.fit import measures, roman_words, words_of
from benchmarks.matching.romanised import RomanWriter, roman_names
from benchmarks.matching.synthetic import Maker, Names
from lvshu.catalog.pack_library import PackLibrary
from lvshu.engine.duckdb import DuckDB
from lvshu.linkage.names.matcher import Matcher
from lvshu.linkage.names.scoring import Weights
from lvshu.sample import write_city
from lvshu.sample.names import FORMS, WORDS

ACCEPT, MARGIN, SEED = 0.9, 0.3, 32
SCALE = 200


def _matched(names: Names, *, spelt: bool = True) -> dict[str, Any]:
    """Return seconds, peak memory and quality of the matching of names; their making is not counted in seconds.

    Args:
        names: companies, names looked for and the truth.
        spelt: whether names in pinyin and English are compared with Chinese ones.
    """
    library = PackLibrary.load()
    words, weights = words_of(library), Weights.of(library["name_match_weights"].rows)
    before, cpu = time.perf_counter(), time.process_time()
    roman = roman_words(library, words) if spelt else None
    matcher = Matcher.of(names.companies, words, weights, roman=roman)
    ranked = matcher.rank(names.queries)
    told: dict[str, Any] = {
        "companies": len(names.companies),
        "names": len(names.queries),
        "wall_seconds": time.perf_counter() - before,
        "cpu_seconds": time.process_time() - cpu,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    taken = measures(ranked, names.truth, accept=ACCEPT, margin=MARGIN)
    return told | taken | {"candidates_per_name": len(ranked.query) / max(len(names.queries), 1)}


def large(folder: Path, count: int) -> dict[str, Any]:
    """Return the matching of so many different names to as many companies."""
    told = _matched(Maker.of(PackLibrary.load(), SEED).names(count, count))
    return {**told, "text": json.dumps(told)}


def pinyin(folder: Path, count: int) -> dict[str, Any]:
    """Return the matching of so many names in pinyin and English to as many companies with Chinese names."""
    names = roman_names(Maker.of(PackLibrary.load(), SEED), count, count)
    told = _matched(names)
    return {**told, "as_written": _matched(names, spelt=False), "text": json.dumps(told)}


def spelt_city(names: Names) -> Names:
    """Return the names of the sample city's loans in pinyin and English: those of the register where the loan's
    enterprise
    is in it, else the loan's own where it is made like the sample's names. Parts are told by the sample's own words."""
    writer = RomanWriter(np.random.default_rng(SEED))
    trades = sorted((word for listed in WORDS.values() for word in listed), key=len, reverse=True)
    shape = re.compile(f"上海(样.+?)({'|'.join(trades)})({'|'.join(map(re.escape, FORMS))})")
    texts: dict[str, int] = {}
    for own, place in zip(names.queries, names.truth.tolist(), strict=True):
        parts = shape.fullmatch(names.companies[place] if place >= 0 else own)
        if parts is not None:
            texts.setdefault(writer.written("上海", *parts.groups()), place)
    return Names(names.companies, list(texts), np.array(list(texts.values())))


def pinyin_city(folder: Path) -> dict[str, Any]:
    """Return the matching of the sample city's loans by their names alone, each written in pinyin or English."""
    names = spelt_city(city_names(SCALE))
    told = {**_matched(names), "in_register": int((names.truth >= 0).sum()), "scale": SCALE}
    return {**told, "as_written": _matched(names, spelt=False), "text": json.dumps(told)}


def city_names(scale: int) -> Names:
    """Return the register of the sample city and the names of its loans, the codes of the loans as the truth."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "city"
        write_city(folder, scale=scale)
        inputs = folder / "inputs"
        files = {path.stem: path for path in inputs.rglob("*") if path.suffix in (".csv", ".parquet")}
        with DuckDB(scratch=Path(place) / "scratch") as engine:
            register = engine.fetch(
                f"SELECT DISTINCT uscc, name FROM '{files['enterprise']}' ORDER BY uscc, name"
            )
            loans = engine.fetch(
                f"SELECT DISTINCT uscc, borrower_name FROM '{files['loan']}' "
                "WHERE borrower_type <> 'individual' ORDER BY uscc, borrower_name"
            )
    row_of = {code: row for row, code in enumerate(register["uscc"].to_pylist())}
    truth = np.array([row_of.get(code, -1) for code in loans["uscc"].to_pylist()])
    return Names(register["name"].to_pylist(), loans["borrower_name"].to_pylist(), truth)


def sample_city(folder: Path) -> dict[str, Any]:
    """Return the matching of the sample city's loans by their names alone; names.json is left in the folder."""
    names = city_names(SCALE)
    content = {"companies": names.companies, "queries": names.queries, "truth": names.truth.tolist()}
    (folder / "names.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    told = {**_matched(names), "in_register": int((names.truth >= 0).sum()), "scale": SCALE}
    return {**told, "text": json.dumps(told)}
