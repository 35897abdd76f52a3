"""lvshu's side of the linkage benchmark."""

from __future__ import annotations

from pathlib import Path

from benchmarks.harness import script_main
from benchmarks.records.run_ours import MODEL
from benchmarks.records.synthetic import read, save
from lvshu.linkage.link import link


def work(records: object) -> tuple[object, object]:
    """Link the records and return the pairs that are taken."""
    taken = link(records, MODEL, pairs_a_record=4).accepted(0.5)  # type: ignore[arg-type]
    taken.groups()
    return taken.left, taken.right


def prepare(folder: Path) -> object:
    """Return the records that were made."""
    return read(folder)


if __name__ == "__main__":
    script_main(prepare, work, save)
