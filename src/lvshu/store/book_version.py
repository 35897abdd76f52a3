"""Whether a book was made by this version of the program: its tables have the columns that must be there now."""

from __future__ import annotations

from lvshu.contract import all_contracts
from lvshu.core.errors import Problem, StoreError, Where
from lvshu.store.book import Book
from lvshu.store.older_columns import absent_columns, may_be_absent

_SHOWN = 5


def differing_columns(book: Book) -> tuple[str, ...]:
    """Return the columns, as table.column, that a table of a book should have now and has not.

    Columns that may be absent are not among them: `Book.open` reads them as empty.
    """
    contracts = all_contracts()
    return tuple(
        f"{table}.{name}"
        for table, names in absent_columns(book.engine).items()
        for name in names
        if not may_be_absent(contracts[table], contracts[table].column(name))
    )


def demand_this_version(book: Book) -> None:
    """Do nothing for a book that this version can read.

    Raises:
        StoreError: store.other_version (tables of the book lack columns: it was made by another version).
    """
    from lvshu import __version__

    missing = differing_columns(book)
    if missing:
        made_by = str(book.run.get("version") or "?")
        versions = {"zh": f"账本 {made_by}，现在 {__version__}", "en": f"book {made_by}, now {__version__}"}
        if made_by == __version__:
            versions = {
                "zh": f"版本号同为 {__version__}，表的定义在其间改过",
                "en": f"both are numbered {__version__}, and the tables were changed in between",
            }
        values = {
            "versions": versions,
            "columns": list(missing[:_SHOWN]),
            "count": len(missing),
        }
        raise StoreError(Problem("store.other_version", Where(file=str(book.path)), values))
