"""The runs of a workspace: each a folder of its own; one of them is current; a killed one is a partial folder."""

from __future__ import annotations

import difflib
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lvshu.core.errors import Problem, StoreError, Where
from lvshu.store.disk import sync_file, sync_folder, write_durably

BOOK_FILE = "book.duckdb"
PARTIAL = ".partial-"
CURRENT = "current"
_STAMP = "%Y%m%d-%H%M%S"
_EXAMPLE = "20070101-000000"
_RUN_ID = re.compile(r"^\d{8}-\d{6}-")


@dataclass(frozen=True)
class Runs:
    """The folder runs/ of a workspace.

    runs/<id>/book.duckdb is a whole run; runs/.partial-<id>/ one that is being written or was killed; the file
    runs/current holds the id of the run that readers see.
    """

    folder: Path

    def ids(self) -> tuple[str, ...]:
        """Return the ids of the whole runs, oldest first."""
        if not self.folder.is_dir():
            return ()
        whole = (path.parent.name for path in self.folder.glob(f"[!.]*/{BOOK_FILE}"))
        return tuple(sorted(name for name in whole if _RUN_ID.match(name)))

    def current(self) -> str | None:
        """Return the id of the current run, or None when there is none yet."""
        try:
            found = (self.folder / CURRENT).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None
        return found if found and (self.folder / found / BOOK_FILE).is_file() else None

    def path(self, run_id: str | None = None) -> Path:
        """Return the folder of a run; of the current one when none is named.

        Raises:
            StoreError: no such run, or no run yet.
        """
        if run_id is None or run_id == CURRENT:
            run_id = self.current()
            if run_id is None:
                raise StoreError(Problem("store.no_run", Where(file=str(self.folder))))
        found = [name for name in self.ids() if name == run_id] or [
            name for name in self.ids() if name.startswith(run_id) or name.endswith(run_id)
        ]
        if len(found) != 1:
            near = difflib.get_close_matches(run_id, self.ids(), n=3, cutoff=0.3)
            values = {"run": run_id, "known": near or list(self.ids()[-5:])}
            raise StoreError(Problem("store.unknown_run", Where(file=str(self.folder)), values))
        return self.folder / found[0]

    def book_path(self, run_id: str | None = None) -> Path:
        """Return the book's file of a run.

        Raises:
            StoreError: no such run, or no run yet.
        """
        return self.path(run_id) / BOOK_FILE

    def before(self, run_id: str) -> str | None:
        """Return the id of the run before another, or None."""
        earlier = [name for name in self.ids() if name < run_id]
        return earlier[-1] if earlier else None

    def partials(self) -> tuple[Path, ...]:
        """Return the folders of killed runs, oldest first. Ask only while holding the lock."""
        found = (path for path in self.folder.glob(f"{PARTIAL}*") if path.is_dir())
        return tuple(sorted(path for path in found if _RUN_ID.match(path.name.removeprefix(PARTIAL))))

    def new_id(self, plan: str, started: datetime) -> str:
        """Return an id for a new run: its start in UTC and the first digits of its plan's hash.

        Ids sort in the order of the runs: where the clock has gone back, a second after the last run is used.
        """
        moment = started.astimezone(UTC).replace(microsecond=0)
        for taken in (*self.ids(), *(path.name.removeprefix(PARTIAL) for path in self.partials())):
            stamp = datetime.strptime(taken[: len(_EXAMPLE)], _STAMP).replace(tzinfo=UTC)
            moment = max(moment, stamp + timedelta(seconds=1))
        return f"{moment:{_STAMP}}-{plan[:6]}"

    def begin(self, run_id: str) -> tuple[Path, str | None]:
        """Return (the partial folder of a new run, id of the killed run that it goes on with or None).

        The newest killed run is taken over whole; older ones are removed. Call only while holding the lock.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        place = self.folder / f"{PARTIAL}{run_id}"
        left = [path for path in self.partials() if (path / BOOK_FILE).is_file()]
        for path in self.partials():
            if not left or path != left[-1]:
                shutil.rmtree(path)
        if not left:
            place.mkdir()
            return place, None
        if left[-1] != place:
            left[-1].rename(place)
        return place, left[-1].name.removeprefix(PARTIAL)

    def publish(self, partial: Path) -> Path:
        """Return the folder of a run that has become whole and current, each in one atomic step."""
        for path in partial.rglob("*"):
            if path.is_file():
                sync_file(path)
        sync_folder(partial)
        run_id = partial.name.removeprefix(PARTIAL)
        whole = self.folder / run_id
        partial.rename(whole)
        sync_folder(self.folder)
        self.make_current(run_id)
        return whole

    def make_current(self, run_id: str) -> None:
        """Let readers see this run from now on."""
        write_durably(self.folder / CURRENT, run_id + "\n")

    def recover(self) -> str | None:
        """Finish the switch of a run that was killed between becoming whole and becoming current.

        Returns:
            The id of that run, or None when there was none.
        """
        ids, current = self.ids(), self.current()
        if ids and (current is None or ids[-1] > current):
            self.make_current(ids[-1])
            return ids[-1]
        return None
