"""The sample city: synthetic records with known truth, whose totals follow published figures of Shanghai."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lvshu.sample.city import CitySummary, write_city
    from lvshu.sample.scoring import LinkScore, Score, load_truth, score, score_links, summary

__all__ = ["CitySummary", "LinkScore", "Score", "load_truth", "score", "score_links", "summary", "write_city"]


def __getattr__(name: str) -> object:
    """Return a public name; numpy and pyarrow are imported only when one is asked for."""
    if name in ("CitySummary", "write_city"):
        from lvshu.sample import city

        return getattr(city, name)
    if name in ("LinkScore", "Score", "load_truth", "score", "score_links", "summary"):
        from lvshu.sample import scoring

        return getattr(scoring, name)
    raise AttributeError(name)
