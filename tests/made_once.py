"""What is dear to make and only read is made once, though several workers run the tests."""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

try:
    import fcntl
except ImportError:  # Windows: every worker makes its own
    fcntl = None  # type: ignore[assignment]

Result = TypeVar("Result")


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Result]) -> Result:
    """Return what `make` returned, called by the first worker that asks; the others wait for it and read it.

    Args:
        factory: of temporary folders; workers of one run have a parent in common.
        name: of the folder that `make` is given, which does not exist yet. Nobody may change it afterwards.
        make: returns something that can be pickled.
    """
    place = factory.getbasetemp()
    if fcntl is None or "PYTEST_XDIST_WORKER" not in os.environ:
        return make(place / name)
    place = place.parent
    kept = place / f"{name}.pickle"
    with (place / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            shutil.rmtree(place / name, ignore_errors=True)
            found = make(place / name)
            kept.with_suffix(".new").write_bytes(pickle.dumps(found))
            kept.with_suffix(".new").rename(kept)
        result: Result = pickle.loads(kept.read_bytes())
        return result
