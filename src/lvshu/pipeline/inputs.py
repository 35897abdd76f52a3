"""The reading of the inputs as tasks: one for each input table, known by the hashes of its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import TableContract, all_contracts, load
from lvshu.core.errors import Problem
from lvshu.core.origin import sha256_of_text
from lvshu.engine.duckdb import DuckDB, quote, text_literal
from lvshu.engine.settings import Settings
from lvshu.intake import check_references, discover, load_table
from lvshu.intake.layout import LAYOUT_MODULES
from lvshu.intake.numbering import list_of, numbered_tables, tables_named
from lvshu.intake.report import InputFile
from lvshu.pipeline.identity import pack_hash, source_hash
from lvshu.pipeline.task import BY_TABLE, Task

REFERENCES = "intake.references"


@dataclass(frozen=True)
class Inputs:
    """What was found in the inputs folder.

    files: input table -> its files, in reading order.
    problems: files that cannot be read or that nothing recognises.
    """

    files: Mapping[str, tuple[InputFile, ...]]
    problems: tuple[Problem, ...]

    @property
    def bytes(self) -> int:
        """Return the size of all files, in bytes."""
        sizes = {one.path: one.size for files in self.files.values() for one in files}
        return sum(sizes.values())


def input_contracts() -> dict[str, TableContract]:
    """Return the contracts of the input tables, by name."""
    return {name: contract for name, contract in all_contracts().items() if contract.kind == "input"}


def find_inputs(folder: Path) -> Inputs:
    """Return what a folder of inputs holds. Nothing is loaded yet."""
    contracts = input_contracts()
    discovery = discover(folder, contracts)
    return Inputs({table: discovery.of(table) for table in contracts}, discovery.problems)


@cache
def intake_hash() -> str:
    """Return the hash of all code that reads inputs, the layout readers included."""
    return sha256_of_text(*(source_hash(name) for name in ("lvshu.intake", *LAYOUT_MODULES.values())))


def input_tasks(
    inputs: Inputs, *, settings: Settings, library: PackLibrary, profiles: Mapping[tuple[str, str], float]
) -> list[Task]:
    """Return one task for each input table and one for the references between them.

    Args:
        inputs: what was found.
        settings: a layout that does not state its year and area takes them from here.
        library: packs that give the allowed codes.
        profiles: (table, column) -> median power of ten of the values in the last run, to notice slips of unit.
    """
    contracts = input_contracts()
    first = numbered_tables(contracts)
    tasks: list[Task] = []
    for name in (*first, *(one for one in contracts if one not in first)):
        named = tuple(f"intake.{one}" for one in tables_named(contracts[name], contracts))
        behind = tuple(task.content_id for task in tasks if task.name in named)
        tasks.append(
            _table_task(contracts[name], inputs.files.get(name, ()), settings, library, profiles, behind)
        )
    ids = [task.content_id for task in tasks]
    tasks.append(
        Task(
            name=REFERENCES,
            content_id=sha256_of_text(REFERENCES, intake_hash(), *ids),
            makes=(),
            action=partial(_references, contracts),
            reads=tuple(contracts),
            owned={"finding": f"step = {text_literal(REFERENCES)}"},
            code="-- Python: lvshu.intake:check_references",
        )
    )
    return tasks


def _references(contracts: Mapping[str, TableContract], engine: DuckDB) -> None:
    check_references(engine, contracts)


def _table_task(
    contract: TableContract,
    files: Sequence[InputFile],
    settings: Settings,
    library: PackLibrary,
    profiles: Mapping[tuple[str, str], float],
    behind: Sequence[str] = (),
) -> Task:
    """Return the task of a table; `behind` are the ids of the tasks whose tables its rows name by number."""
    name = f"intake.{contract.name}"
    packs = tuple(sorted({column.codes for column in contract.columns if column.codes}))
    content_id = sha256_of_text(
        name,
        repr(contract),
        intake_hash(),
        settings.area,
        str(settings.year),
        settings.loan_keys if contract.numbered_within else "",
        *(f"{pack}={pack_hash(library, pack)}" for pack in packs),
        *(one.fingerprint for one in files),
        *(behind if files else ()),
    )

    def act(engine: DuckDB) -> None:
        if files:
            load_table(engine, contract, files, settings=settings, packs=library, previous=profiles)
        else:
            engine.create(contract)
            engine.execute(f"ALTER TABLE {quote(contract.name)} ADD COLUMN source_file INTEGER")
            engine.execute(f"ALTER TABLE {quote(contract.name)} ADD COLUMN source_row BIGINT")
            if list_of(contract):
                engine.create(load(list_of(contract)))

    owned = {table: f"table_name = {text_literal(contract.name)}" for table in BY_TABLE}
    owned["finding"] = f"step = {text_literal(name)}"
    listed = "\n".join(f"-- {one.label}  SHA-256 {one.sha256}" for one in files) or "-- no file"
    return Task(
        name=name,
        content_id=content_id,
        makes=(contract.name, *((list_of(contract),) if list_of(contract) else ())),
        action=act,
        owned={table: condition for table, condition in owned.items() if table in all_contracts()},
        packs=packs,
        code=f"-- Python: lvshu.intake:load_table\n{listed}",
        settings_read={"area", "year"},
    )
