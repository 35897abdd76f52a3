"""Published Chinese input-output tables of one region, as a system: the layouts of the national and provincial bureaus.

Source: 国家统计局 and provincial bureaus, 投入产出表; the layouts that lvshu.intake reads.
"""

from __future__ import annotations

import re
from pathlib import Path

from lvshu.accounts.ledger.system import InputOutputSystem
from lvshu.accounts.readers.assemble import ReadOptions
from lvshu.accounts.sources.published import grids_of, read_published
from lvshu.core.errors import InputError, Problem, Where
from lvshu.intake.layout import layout
from lvshu.intake.workbook import ENDINGS

LARGEST = 64 * 1024 * 1024


class ChinaTable:
    """The reader of published Chinese tables of one region."""

    name = "china_io"
    title = ("中国国家与省级投入产出表（公布版式）", "Chinese national and provincial tables as published")
    needs = (
        "csv 或工作簿，公布版式；标题没有年份、表上没有单位时写明 year、unit",
        "a csv or workbook in the published layout; year and unit where title and sheet do not say",
    )

    def recognises(self, path: Path) -> bool:
        """Return whether a sheet has rows and columns of a Chinese input-output table."""
        if (
            not path.is_file()
            or path.suffix.lower() not in ENDINGS | {".csv"}
            or path.stat().st_size > LARGEST
        ):
            return False
        reader = layout("input_output")
        try:
            return any(reader.recognises(grid) for grid in grids_of(path))
        except InputError:
            return False

    def read(self, path: Path, options: ReadOptions) -> InputOutputSystem:
        """Return the system of local products; what comes from elsewhere is kept beside it.

        Raises:
            InputError: no year is known, or all that is wrong with the table.
        """
        found = re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", path.stem)
        year = options.year or (int(found[0]) if found else None)
        if year is None:
            titles = " ".join(
                grid.text(row, 0) for grid in grids_of(path) for row in range(min(4, grid.height))
            )
            stated = re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", titles)
            if stated is None:
                where = Where(file=path.name)
                raise InputError(Problem("accounts.reader_no_year", where, {"year": "–", "years": ["–"]}))
            year = int(stated[0])
        return read_published(path, year=year, unit=options.unit)


FORMAT = ChinaTable()
