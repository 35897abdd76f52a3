"""Tables of anybody's own: a long or a wide table of flows, and long tables of stressors.

Long: a record for each flow (from region, from sector, to region, to sector or category, value, unit). Wide: a matrix
with names on the left and on top. Stressors: records of stressor, region, sector, value, unit. As csv, xlsx or
parquet: one file, the sheets of one workbook, or the files of one folder. Final uses, primary inputs, output and totals
are known by their Chinese or English names; nothing else is guessed, and the unit has to be stated.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lvshu.accounts.ledger.system import Extension, InputOutputSystem
from lvshu.accounts.readers.assemble import Parts, ReadOptions, assemble, told
from lvshu.accounts.readers.generic_cells import heading, read_records, sources_of, unreadable
from lvshu.accounts.readers.generic_long import Flows, extensions, flows
from lvshu.accounts.readers.generic_names import (
    FLOW_FIELDS,
    FLOW_NEEDED,
    STRESSOR_FIELDS,
    STRESSOR_NEEDED,
    role_of,
)
from lvshu.accounts.readers.generic_wide import frame_of, wide
from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import Origin
from lvshu.intake.sources import ENDINGS, Source


@dataclass(frozen=True)
class _Sorted:
    """Which sheets are what: long tables of flows, wide ones, stressors, and those that are none of these."""

    long: list[Source]
    wide: list[Source]
    stressors: list[Source]
    others: list[Source]


class Generic:
    """The reader of long and wide tables."""

    name = "generic"
    title = ("自备的长表或矩阵", "A long table or matrix of one's own")
    needs = (
        "csv、xlsx 或 parquet：长表（来源地区、来源部门、使用地区、使用部门、数值、单位），或左侧与上方有名称的矩阵；"
        "排放等另用长表",
        "csv, xlsx or parquet: a long table (from region, from sector, to region, to sector, value, unit), or a matrix "
        "with names on the left and on top; stressors in a long table of their own",
    )

    def recognises(self, path: Path) -> bool:
        """Return whether there is one table of flows that can be told by its headings or names."""
        if path.is_file() and path.suffix.lower() not in ENDINGS:
            return False
        if path.is_dir() and not any(one.suffix.lower() in ENDINGS for one in path.iterdir()):
            return False
        try:
            found = _sort(path)
        except InputError:
            return False
        return len(found.long) == 1 or (not found.long and len(found.wide) == 1)

    def read(self, path: Path, options: ReadOptions) -> InputOutputSystem:
        """Return the system.

        Raises:
            InputError: all that is wrong, each with file, row and column.
        """
        try:
            found = _sort(path)
        except InputError as error:
            raise InputError(*unreadable(path, error)) from error
        table = _the_table(found, path)
        problems: list[Problem] = []
        notes: list[tuple[str, str]] = []
        read = _flows(table, table in found.long, options, problems, notes)
        carried = _extensions(found.stressors, read, options, problems) if read is not None else {}
        if read is None or not read.industries or not read.final:
            if read is not None and not read.final:
                problems.append(
                    Problem("accounts.generic_no_final_use", Where(table.path.name, table.sheet or None))
                )
            raise InputError(*(problems or [Problem("accounts.reader_no_rows", Where(table.path.name))]))
        if problems:
            raise InputError(*problems)
        if read.left_out:
            notes.append(told("left_out", names=read.left_out))
        if found.others:
            notes.append(told("left_out", names=[one.sheet or one.path.name for one in found.others]))
        parts = Parts(
            name=path.stem, year=options.year, where=Where(table.path.name, table.sheet or None),
            rows=read.industries, columns=read.industries, final=read.final, intermediate_use=read.use,
            final_demand=read.demand, money_unit=read.unit, output=read.output, value_added=read.value_added,
            extensions=carried, origin=Origin(title=path.stem), notes=notes,
        )  # fmt: skip
        return assemble(parts, options, problems)


def _sort(path: Path) -> _Sorted:
    found = _Sorted([], [], [], [])
    for source in sources_of(path):
        if heading(source, FLOW_FIELDS, FLOW_NEEDED) is not None:
            found.long.append(source)
        elif heading(source, STRESSOR_FIELDS, STRESSOR_NEEDED) is not None:
            found.stressors.append(source)
        elif _is_wide(source):
            found.wide.append(source)
        else:
            found.others.append(source)
    return found


def _is_wide(source: Source) -> bool:
    """Whether the head of a sheet is that of a matrix with a final use or output among the names on top."""
    head = source.head()
    frame = frame_of(head)
    if frame is None:
        return False
    names = [head.text(frame.top - 1, column) for column in range(frame.left, head.width)]
    return any(role_of(name) in ("final", "output") for name in names)


def _the_table(found: _Sorted, path: Path) -> Source:
    """The one table of flows.

    Raises:
        InputError: accounts.generic_no_table, accounts.generic_several_tables.
    """
    tables = found.long or found.wide
    if len(tables) == 1:
        return tables[0]
    names = [
        f"{one.path.name}/{one.sheet}" if one.sheet else one.path.name for one in [*found.long, *found.wide]
    ]
    if names:
        raise InputError(Problem("accounts.generic_several_tables", Where(file=path.name), {"found": names}))
    seen = [one.sheet or one.path.name for one in [*found.stressors, *found.others]]
    raise InputError(Problem("accounts.generic_no_table", Where(file=path.name), {"seen": seen or ["–"]}))


def _flows(
    table: Source, is_long: bool, options: ReadOptions, problems: list[Problem], notes: list[tuple[str, str]]
) -> Flows | None:
    if is_long:
        found = heading(table, FLOW_FIELDS, FLOW_NEEDED)
        records = read_records(table, *found, problems) if found is not None else None
        return None if records is None else flows(records, options.unit, problems)
    grid = table.grid()
    frame = frame_of(grid)
    if frame is None:
        return None
    read, blanks = wide(grid, frame, options.unit, problems)
    if blanks:
        notes.append(told("blanks", table=table.sheet or table.path.name, count=blanks))
    return read


def _extensions(
    sources: list[Source], read: Flows, options: ReadOptions, problems: list[Problem]
) -> dict[str, Extension]:
    carried: dict[str, Extension] = {}
    for source in sources:
        found = heading(source, STRESSOR_FIELDS, STRESSOR_NEEDED)
        records = read_records(source, *found, problems) if found is not None else None
        if records is None:
            continue
        for name, one in extensions(
            records, source.sheet or source.path.stem, read.industries, read.final, problems
        ).items():
            if name in carried:
                values = {"label": name, "first": 1}
                problems.append(
                    Problem("accounts.generic_twice", Where(source.path.name, source.sheet or None), values)
                )
            elif options.wants(name):
                carried[name] = one
    return carried


FORMAT = Generic()
