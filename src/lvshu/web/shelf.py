"""Books that are open for readers: the current one and a few others, each read once and kept as long as it is used."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from lvshu.core.errors import Problem, StoreError, Where
from lvshu.publish.reader import Reader
from lvshu.store.book import Book
from lvshu.store.workspace import Workspace

KEPT = 3
Result = TypeVar("Result")


class OpenBook:
    """One run's book with its reader. Its connection serves one thread at a time; what was made of it is kept."""

    def __init__(self, run_id: str, book: Book) -> None:
        self.run_id = run_id
        self.book = book
        self.reader = Reader(book)
        self.lock = threading.RLock()
        self.is_closed = False
        self._made: OrderedDict[object, Any] = OrderedDict()

    def made(self, key: object, make: Callable[[Reader], Result], *, keep: int = 512) -> Result:
        """Return what `make` made of this book under a key; made once, as a book never changes."""
        with self.lock:
            if key in self._made:
                known: Result = self._made[key]
                return known
            found = make(self.reader)
            self._made[key] = found
            while len(self._made) > keep:
                self._made.popitem(last=False)
            return found


class Shelf:
    """The open books of a workspace, newest use last. Readers never wait for a run and never hold one up."""

    def __init__(self, workspace: Workspace, *, threads: int | None = None) -> None:
        self.workspace = workspace
        self._threads = threads
        self._lock = threading.Lock()
        self._open: OrderedDict[str, OpenBook] = OrderedDict()

    def current(self) -> str | None:
        """Return the id of the run that readers see, or None."""
        return self.workspace.runs.current()

    def book(self, run_id: str | None = None) -> OpenBook:
        """Return the open book of a run; of the current one when none is named.

        Raises:
            StoreError: no such run, or no run yet.
        """
        found = run_id or self.current()
        if found is None:
            raise StoreError(Problem("store.no_run", Where(file=str(self.workspace.runs.folder))))
        if run_id and found not in self.workspace.runs.ids():
            found = self.workspace.runs.path(found).name
        with self._lock:
            if found in self._open:
                self._open.move_to_end(found)
                return self._open[found]
            book = Book.open(self.workspace.runs.book_path(found), threads=self._threads)
            self._open[found] = OpenBook(found, book)
            self._shorten()
            return self._open[found]

    def _shorten(self) -> None:
        """Close the books used longest ago that nobody reads just now."""
        for run_id in list(self._open)[:-KEPT]:
            old = self._open[run_id]
            if old.lock.acquire(blocking=False):
                try:
                    old.is_closed = True
                    old.book.close()
                finally:
                    old.lock.release()
                del self._open[run_id]

    @contextmanager
    def reading(self, run_id: str | None = None) -> Iterator[Reader]:
        """Give the reader of a run's book to one thread.

        Raises:
            StoreError: no such run, or no run yet.
        """
        while True:
            one = self.book(run_id)
            with one.lock:
                if not one.is_closed:  # else it was put away between the two lines above
                    yield one.reader
                    return

    def made(self, run_id: str | None, key: object, make: Callable[[Reader], Result]) -> Result:
        """Return what `make` made of a run's book, kept under a key as long as the book is open."""
        while True:
            one = self.book(run_id)
            with one.lock:
                if not one.is_closed:
                    return one.made(key, make)

    def close(self) -> None:
        """Close every book."""
        with self._lock:
            for one in self._open.values():
                with one.lock:
                    one.is_closed = True
                    one.book.close()
            self._open.clear()
