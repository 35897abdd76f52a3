"""A workspace: a folder with lvshu.toml, inputs/, packs/, rejects/ and runs/."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lvshu.catalog.factors import province_of
from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import ConfigError, Problem, StoreError, Where
from lvshu.engine.settings import Settings
from lvshu.store.book import Book
from lvshu.store.config import FILE_NAME, WorkspaceConfig, config_text, read_config
from lvshu.store.disk import told_when_full, write_durably
from lvshu.store.lock import WorkspaceLock
from lvshu.store.runs import BOOK_FILE, PARTIAL, Runs

AREAS_PACK = "areas"


@dataclass(frozen=True)
class Workspace:
    """A folder that holds one city's records, settings and runs."""

    folder: Path
    config: WorkspaceConfig

    @classmethod
    def open(cls, folder: Path) -> Workspace:
        """Return the workspace in a folder.

        Raises:
            ConfigError: no lvshu.toml there, or a wrong one.
        """
        return cls(folder, read_config(folder / FILE_NAME))

    @classmethod
    def create(
        cls,
        folder: Path,
        *,
        name: str = "",
        area: str,
        year: int,
        synthetic: bool = False,
        seed: int | None = None,
    ) -> Workspace:
        """Return a new, empty workspace, written to a folder.

        Args:
            folder: may exist, but not hold a lvshu.toml.
            name: title of the book; the area's name and the year when empty.
            area: six-digit code of the area, in the pack `areas`.
            year: reporting year.
            synthetic: whether the records are invented.
            seed: seed of all random draws; None: the default.

        Raises:
            StoreError: the folder is a workspace already, or cannot be written.
            ConfigError: the area is unknown.
        """
        place = folder / FILE_NAME
        if place.exists():
            raise StoreError(Problem("store.workspace_exists", Where(file=str(place))))
        area_zh, area_en = area_names(PackLibrary.load(), area, str(place))
        text = config_text(
            name=name or f"{area_zh} {year}",
            area=area,
            area_zh=area_zh,
            area_en=area_en,
            year=year,
            synthetic=synthetic,
            seed=seed,
        )
        with told_when_full(folder.parent):
            try:
                for part in ("inputs", "packs", "rejects", "runs"):
                    (folder / part).mkdir(parents=True, exist_ok=True)
                write_durably(place, text)
            except PermissionError as error:
                raise StoreError(Problem("store.not_writable", Where(file=str(folder)))) from error
        return cls.open(folder)

    @property
    def inputs(self) -> Path:
        """Return the folder of the records."""
        return self.folder / "inputs"

    @property
    def user_packs(self) -> Path:
        """Return the folder of the user's own packs."""
        return self.folder / "packs"

    @property
    def rejects(self) -> Path:
        """Return the folder of the rejects files, to be corrected and fed back."""
        return self.folder / "rejects"

    @property
    def runs(self) -> Runs:
        """Return the runs of the workspace."""
        return Runs(self.folder / "runs")

    @property
    def name(self) -> str:
        """Return the title of the book."""
        return self.config.name or self.folder.resolve().name

    def lock(self) -> WorkspaceLock:
        """Return the lock that a writer must hold."""
        return WorkspaceLock(self.folder / "runs" / ".lock")

    @cached_property
    def library(self) -> PackLibrary:
        """Return the packs: those of the package, with the user's own in their place."""
        return PackLibrary.load(self.user_packs)

    @cached_property
    def settings(self) -> Settings:
        """Return the settings that steps may read, checked against the packs.

        Raises:
            ConfigError: an unknown area, method or factor set (all of them).
        """
        place = str(self.folder / FILE_NAME)
        problems = list(_unknown_choices(self.config, self.library, place))
        if problems:
            raise ConfigError(*problems)
        city = self.config.city
        area_zh, area_en = city.area_zh, city.area_en
        if not (area_zh and area_en):
            area_zh, area_en = area_names(self.library, city.area, place)
        return self.config.settings(area_zh=area_zh, area_en=area_en)

    def book(self, run_id: str | None = None) -> Book:
        """Return the book of a run, opened for reading; the current run when none is named.

        Raises:
            StoreError: no such run, or no run yet.
        """
        return Book.open(self.runs.book_path(run_id))


def area_names(library: PackLibrary, area: str, file: str) -> tuple[str, str]:
    """Return the names (zh, en) of an area; where the pack has no name in a language, its province and the code.

    Raises:
        ConfigError: the pack `areas` does not have the code.
    """
    rows = library[AREAS_PACK].rows
    found = [row for row in rows if row["area_code"] == area]
    province = [row for row in rows if row["area_code"] == province_of(area) and area[2:].isdigit()]
    if not found and province:
        return f"{province[0]['name_zh']}{area}", f"{province[0]['name_en'] or province[0]['name_zh']} {area}"
    if not found:
        codes = [str(row["area_code"]) for row in rows]
        near = difflib.get_close_matches(area, codes, n=3, cutoff=0.6)
        shown = [
            f"{row['area_code']} {row['name_zh']} {row['name_en']}"
            for row in rows
            if row["area_code"] in near
        ]
        values = {"area": area, "near": shown or codes[:5]}
        raise ConfigError(Problem("store.unknown_area", Where(file=file), values))
    name = str(found[0]["name_zh"])
    if found[0]["name_en"] or not province:
        return name, str(found[0]["name_en"] or name)
    return name, f"{province[0]['name_en'] or province[0]['name_zh']} {area}"


def _unknown_choices(config: WorkspaceConfig, library: PackLibrary, file: str) -> list[Problem]:
    chosen = {
        "methods.finance_methods": (
            config.methods.finance_methods,
            _values(library, "finance_methods", "code"),
        ),
        "methods.fuel_factors": ([config.methods.fuel_factors], _packs_of_kind(library, config)),
        "methods.gwp": ([config.methods.gwp], _values(library, "gwp", "report")),
        "methods.avoided_power": (
            [config.methods.avoided_power],
            _values(library, "avoided_power_choices", "choice"),
        ),
    }
    return [
        Problem(
            "store.unknown_choice", Where(file=file), {"key": key, "value": value, "known": sorted(known)}
        )
        for key, (values, known) in chosen.items()
        for value in values
        if value not in known
    ]


def _values(library: PackLibrary, pack: str, column: str) -> set[str]:
    return {str(row[column]) for row in library[pack].rows}


def _packs_of_kind(library: PackLibrary, config: WorkspaceConfig) -> set[str]:
    """The factor sets: the packs of the same kind as the default one."""
    kind = library.card("fuel_factors_p").kind
    return {name for name in library.ids() if library.card(name).kind == kind}


__all__ = ["BOOK_FILE", "PARTIAL", "Workspace", "area_names"]
