"""Reading whatever a user has: a published table, a database, a saved system, or the book of a workspace."""

from __future__ import annotations

from pathlib import Path

from lvshu.accounts.ledger.system import InputOutputSystem
from lvshu.accounts.readers import read_system, recognise
from lvshu.accounts.readers.registry import is_package, not_recognised
from lvshu.accounts.sources.book import read_book
from lvshu.accounts.sources.extension import with_extension
from lvshu.accounts.sources.published import read_published
from lvshu.core.errors import InputError
from lvshu.core.units import find_unit

WORKSPACE_FILE = "lvshu.toml"
PUBLISHED = "published"
BOOK = "book"


def read(
    path: Path | str,
    *,
    format: str | None = None,  # noqa: A002
    year: int | None = None,
    area: str = "",
    unit: str | None = None,
    emissions: Path | str | None = None,
) -> InputOutputSystem:
    """Return the system that a file or folder holds.

    Args:
        path: a workspace (its current book), a database (zip or folder), a saved system, or a table as published by
            a Chinese statistics bureau (csv, xlsx).
        format: name of a format; None: it is found out.
        year: of the table, where it does not say.
        area: six-digit code of the table's area, where it does not say.
        unit: of its money figures, where it does not say, e.g. "1e4 CNY".
        emissions: a long table (stressor, sector, value, unit) to be added as an extension.

    Raises:
        InputError: the file is not recognised, or all that is wrong with it.
    """
    place = Path(path)
    unit = spelled(unit)
    if format == BOOK or (format is None and (place / WORKSPACE_FILE).is_file()):
        system: InputOutputSystem = read_book(place)
    elif format is None and is_package(place) and recognise(place) is None:
        raise InputError(not_recognised(place))
    elif format == PUBLISHED or (format is None and recognise(place) is None):
        system = read_published(place, year=year or 0, area=area or "000000", unit=unit)
    else:
        system = read_system(place, format=format, year=year, unit=unit)
    if emissions is None:
        return system
    return with_extension(system, Path(emissions))


def spelled(unit: str | None) -> str | None:
    """Return the symbol of a unit that a person spells 万元 or 10k CNY; one that is not known stays as it is."""
    known = find_unit(unit) if unit else None
    return unit if known is None else known.symbol
