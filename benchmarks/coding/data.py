"""The data sets of the coding benchmark; they are not part of the repository."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np

LEVELS = (5, 4, 3, 2)
# OECD's ICT sector (2007) by ISIC Rev. 4 groups, which UK SIC 2007 shares at three digits; 465 and 951 included
ICT = ("261", "262", "263", "264", "268", "465", "582", "611", "612", "613", "619", "620", "631", "951")


def shared() -> Path:
    """Return the folder of the data sets (LVSHU_SHARED_DATA/statistics)."""
    place = Path(os.environ.get("LVSHU_SHARED_DATA", "")) / "statistics"
    if not (place / "ons_uksic2007_index.csv").is_file():
        raise SystemExit("set LVSHU_SHARED_DATA to the folder whose statistics/ has ons_uksic2007_index.csv")
    return place


def british_index() -> tuple[np.ndarray, np.ndarray]:
    """Return the 15,957 phrases of the ONS index and their five-digit codes."""
    with (shared() / "ons_uksic2007_index.csv").open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    return np.array([row["activity"] for row in rows]), np.array([row["sic2007"] for row in rows])


def reference_split(texts: int) -> np.ndarray:
    """Return which phrases are for training, the reference's split: 12,831 of them, 3,126 for the test."""
    return np.asarray(np.random.default_rng(42).random(texts) < 0.8)


def accuracy(said: np.ndarray, true: np.ndarray) -> dict[str, float]:
    """Return the share of right codes by level when the best class's first digits are the answer."""
    return {str(n): float((said.astype(f"U{n}") == true.astype(f"U{n}")).mean()) for n in LEVELS}
