"""Splink as its documents show it, on the same records."""

from __future__ import annotations

from pathlib import Path

from benchmarks.harness import script_main
from benchmarks.records.run_rival import linked
from benchmarks.records.synthetic import read, save


def prepare(folder: Path) -> object:
    """Return the records that were made."""
    return read(folder)


if __name__ == "__main__":
    script_main(prepare, linked, save)
