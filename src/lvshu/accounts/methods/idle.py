"""How a sector is called in messages where the caller knows its name: by name, else by number alone."""

from __future__ import annotations

from collections.abc import Sequence


def sector_named(names: Sequence[str] | None, place: int) -> dict[str, str]:
    """Return how messages call the sector at a place (from 0), in both languages.

    Args:
        names: names of the n sectors, with their codes where they have any; None where nobody knows them.
        place: position of the sector, dimensionless.

    Source: lvshu convention: a message names what it is about.
    """
    number = place + 1
    if names is None:
        return {"zh": f"第 {number} 个部门", "en": f"Sector number {number}"}
    return {
        "zh": f"部门“{names[place]}”（第 {number} 个）",
        "en": f"Sector “{names[place]}” (number {number})",
    }
