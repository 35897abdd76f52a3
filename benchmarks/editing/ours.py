"""lvshu's side: records of one pattern are one problem."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.harness import script_main
from lvshu.statistics.editing.evaluate import compiled
from lvshu.statistics.editing.locate import Localiser, Located
from lvshu.statistics.editing.rules import rules_of


def prepare(folder: Path) -> Any:
    """Return the records and the rules."""
    return np.load(folder / "filed.npy"), json.loads((folder / "rules.json").read_text("utf-8"))


def work(given: Any) -> Located:
    """Return the values to change."""
    records, content = given
    return Localiser(compiled(rules_of(content))).locate(records)


def save(found: Located, folder: Path) -> None:
    """Write the weights."""
    np.save(folder / "weight.npy", found.weight)


if __name__ == "__main__":
    script_main(prepare, work, save)
