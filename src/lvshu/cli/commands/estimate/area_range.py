"""Benchmarked areas that cannot be: rates beyond 0 and 1, logarithms of what is not positive, signs turned round."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lvshu.core.errors import InputError, Problem, Where

SHOWN = 5
"""Areas named in a message."""


def within_scale(
    before: Any, benchmarked: Any, areas: Sequence[str], published: float, scale: str, source: Path
) -> None:
    """Refuse benchmarked estimates that their own scale rules out.

    Args:
        before: shape (m,), estimates before benchmarking, in one unit.
        benchmarked: shape (m,), estimates afterwards, in that unit.
        areas: shape (m,), names.
        published: figure of the whole, in that unit.
        scale: "none", "log" or "arcsin".
        source: the file, for messages.

    Raises:
        InputError: estimate.benchmark_no_rate where an arcsine's rate leaves 0 to 1; estimate.benchmark_sign where an
            estimate has another sign than before, or a logarithm's is not above zero.

    Source: none; the range of each transformation.
    """
    old, new = np.asarray(before, dtype=float), np.asarray(benchmarked, dtype=float)
    if scale == "arcsin":
        beyond, code = (new < 0.0) | (new > 1.0), "estimate.benchmark_no_rate"
    elif scale == "log":
        beyond, code = new <= 0.0, "estimate.benchmark_sign"
    else:
        # A difference may carry a single area past zero; all of them turned round is another quantity or unit.
        turned = bool(np.all(new * old < 0.0))
        beyond, code = np.full(new.size, turned), "estimate.benchmark_sign"
    found = np.flatnonzero(beyond)
    if not found.size:
        return
    told = ", ".join(f"{areas[at]} {new[at]:.4g}" for at in found[:SHOWN].tolist())
    values = {
        "count": int(found.size),
        "areas": told + (", …" if found.size > SHOWN else ""),
        "published": f"{published:g}",
    }
    raise InputError(Problem(code, Where(source.name), values))
