"""Recognising the files of an inputs folder: which table, or which layout, each of them is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lvshu.contract import TableContract
from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import sha256_of_file
from lvshu.intake import layout as layouts
from lvshu.intake.delimited import read_sample
from lvshu.intake.encoding import scan_text
from lvshu.intake.heading import count_matches, heading_keys, names_of
from lvshu.intake.heading_guess import likely_heading, proposal
from lvshu.intake.inherited import inherited_mapping
from lvshu.intake.likely_table import Likely, likely_tables
from lvshu.intake.litter import is_litter
from lvshu.intake.mapping import SUFFIX, FileMapping, read_mapping
from lvshu.intake.report import Discovery, InputFile
from lvshu.intake.sources import ENDINGS, Source
from lvshu.intake.text import NOTHING, fold, heading_key, nearest
from lvshu.intake.wide import WideForm, months_of, wide_form
from lvshu.intake.workbook import visible_sheets

LAYOUT_LIMIT = 64 << 20
"""A file larger than this, in bytes, is not looked at as a layout: published tables are small."""
MOST_LIKELY = 3
Contracts = Mapping[str, TableContract]
TEMPLATE_SHEETS = frozenset({"说明 Guide", "取值 Values"})
FORMS_COVER = "封面 Cover"
"""Sheet on which a workbook of platforms' forms states who and when (lvshu.statistics.forms)."""
_CORRECTED = re.compile(r"[._\-]corrected(?=[._\-]|$)|更正|修正", re.IGNORECASE)
_BOUNDARY = re.compile(r"^(?:$|[._\-\s(\[【（]|\d|[^\x00-\x7f])")


@dataclass(frozen=True)
class _Found:
    source: Source
    tables: tuple[str, ...]
    layout: str


def discover(inputs: Path | Sequence[Path], contracts: Contracts) -> Discovery:
    """Return the input files, each recognised as a table or a layout, in reading order.

    A file belongs to the table (or, for a workbook, each sheet does) that its mapping file names; else to
    the table whose name, Chinese or English name begins its name (loan.2023-01.csv, 贷款台账_7月.xlsx);
    else to the only table whose required columns its heading names; else to the layout that recognises it.
    Files are read in the order of their names, deliveries of corrections last. A file whose content was
    already seen is not read again.

    Args:
        inputs: the folder, or the files themselves.
        contracts: the input tables there are, by name.
    """
    paths = [inputs] if isinstance(inputs, Path) and inputs.is_file() else inputs
    listed = sorted(paths.iterdir(), key=lambda path: path.name) if isinstance(paths, Path) else list(paths)
    records = {name: one for name, one in contracts.items() if one.kind == "input"}
    problems: list[Problem] = []
    found: list[InputFile] = []
    for path in listed:
        if path.name.endswith(SUFFIX) or path.is_dir():
            continue
        if is_litter(path):
            problems += [] if path.name.startswith(".") else [_litter(path)]
            continue
        try:
            files, noticed = _inspect(path, records)
        except InputError as error:
            problems += error.problems
            continue
        found += files
        problems += noticed
    found, clashing = _without_namesakes(found)
    problems += clashing
    kept, repeated = _without_repeats(found)
    problems += repeated + _stray_mappings(listed)
    return Discovery(tuple(kept), tuple(problems))


def _litter(path: Path) -> Problem:
    return Problem("intake.litter", Where(path.name), {"file": path.name}, "notice")


def _inspect(path: Path, contracts: Contracts) -> tuple[list[InputFile], list[Problem]]:
    """Return the input files that one path holds, and what was noticed.

    Raises:
        InputError: the file cannot be read, or no table recognises it.
    """
    if path.suffix.lower() not in ENDINGS:
        return [], [Problem("intake.ending", Where(path.name), {"endings": sorted(ENDINGS)}, "warning")]
    mapping = read_mapping(path)
    if _CORRECTED.search(path.stem) and path.stat().st_size:
        mapping = inherited_mapping(path, mapping)
    _check_mapping_names(mapping, contracts)
    sources, digest, size, told = _sources(path, mapping, contracts)
    found: list[_Found] = []
    left: list[Source] = []
    for source in sources:
        one = _recognise(source, mapping, contracts, alone=len(sources) == 1)
        if one is None:
            left.append(source)
        else:
            found.append(_with_wide(one, mapping, contracts))
    found, also_left = _only_named(found, path, contracts)
    if not found and is_forms_workbook([source.sheet for source in sources]):
        raise InputError(Problem("intake.forms_workbook", Where(path.name), {"file": path.name}))
    if not found:
        raise InputError(_unrecognised(left or sources, mapping, contracts))
    notices = [
        Problem("intake.sheet_ignored", Where(path.name, source.sheet), {"sheet": source.sheet}, "notice")
        for source in left + also_left
        if source.sheet not in TEMPLATE_SHEETS and any(any(row) for row in source.head().rows)
    ]
    return [_input_file(one, mapping, digest, size) for one in found], [*told, *notices]


def is_forms_workbook(sheets: Iterable[str]) -> bool:
    """Return whether the sheets of a workbook are those of platforms' forms: its cover is among them."""
    return heading_key(FORMS_COVER) in {heading_key(sheet) for sheet in sheets}


def _check_mapping_names(mapping: FileMapping, contracts: Contracts) -> None:
    where = Where(file=mapping.file)
    for name, known in ((mapping.table, list(contracts)), (mapping.layout, list(layouts.LAYOUT_MODULES))):
        if name and name not in known:
            values = {"name": name, "known": known, "nearest": nearest(name, known) or NOTHING}
            raise InputError(Problem("intake.mapping_no_table", where, values))


def _sources(
    path: Path, mapping: FileMapping, contracts: Contracts
) -> tuple[list[Source], str, int, tuple[Problem, ...]]:
    """Return the sheets of a file, its hash and size, and what is told of its characters."""
    source = Source(path)
    size = path.stat().st_size
    if size == 0:
        raise InputError(Problem("intake.empty_file", Where(file=path.name)))
    if source.kind == "text":
        scan = scan_text(path, encoding=mapping.encoding or None)
        delimiter = mapping.delimiter or _delimiter(path, scan.encoding, mapping, contracts)
        return [Source(path, "", scan.encoding, delimiter)], scan.sha256, scan.size, scan.problems
    digest = sha256_of_file(path)
    if source.kind == "parquet":
        return [source], digest, size, ()
    sheets = visible_sheets(path)
    if mapping.sheet:
        sheets = (mapping.sheet,)
    return [Source(path, sheet) for sheet in sheets], digest, size, ()


def _delimiter(path: Path, encoding: str, mapping: FileMapping, contracts: Contracts) -> str:
    """Return the delimiter under which the head names most columns of one table, then the most regular one."""

    def named(records: Sequence[Sequence[str]]) -> int:
        return max(heading_scores(records, contracts, mapping).values(), default=0)

    return read_sample(path, encoding=encoding, judge=named).delimiter


def named_table(stem: str, contracts: Contracts) -> str | None:
    """Return the table whose name, in any language, begins a file's stem or a sheet's name (longest wins)."""
    folded = fold(stem).casefold()
    best: tuple[str, str | None] = ("", None)
    for name, contract in contracts.items():
        for word in (name, contract.zh, contract.en, *contract.aliases):
            key = fold(word).casefold()
            if len(key) > len(best[0]) and folded.startswith(key) and _BOUNDARY.match(folded[len(key) :]):
                best = (key, name)
    return best[1]


def _recognise(source: Source, mapping: FileMapping, contracts: Contracts, *, alone: bool) -> _Found | None:
    if mapping.table:
        return _Found(source, (mapping.table,), "")
    if mapping.layout:
        return _Found(source, layouts.layout(mapping.layout).makes, mapping.layout)
    if source.sheet in TEMPLATE_SHEETS:
        return None
    head = source.head()
    named = (named_table(source.sheet, contracts) if source.sheet else None) or named_table(
        source.path.stem, contracts
    )
    scores = heading_scores(head.rows, contracts, mapping)
    fitting = [
        name
        for name, score in scores.items()
        if score == max(scores.values()) and score >= max(2, _required(contracts[name]))
    ]
    if (
        named
        and scores.get(named, 0) >= min(2, len(contracts[named].columns))
        and (named in fitting or not fitting or scores[named] == max(scores.values()))
    ):
        return _Found(source, (named,), "")
    if len(fitting) == 1:
        return _Found(source, (fitting[0],), "")
    reader = layouts.recognise(source.grid()) if source.path.stat().st_size <= LAYOUT_LIMIT else None
    if reader is not None:
        return _Found(source, reader.makes, reader.name)
    return _Found(source, (named,), "") if named and (alone or scores.get(named)) else None


def _required(contract: TableContract) -> int:
    return sum(1 for column in contract.columns if column.required)


def heading_scores(
    rows: Iterable[Sequence[object]], contracts: Contracts, mapping: FileMapping
) -> dict[str, int]:
    """Return, for each table, how many of its columns the best row of a file's head names (0 left out)."""
    texts = [[str(cell) if cell is not None else "" for cell in row] for row in rows]
    keys = {key for row in texts for text in row if text for key in heading_keys(text)}
    scores = {}
    for name, contract in contracts.items():
        known = names_of(contract)
        if not mapping.columns and keys.isdisjoint(known):
            continue
        form = wide_form(contract)
        scores[name] = max((_named_by(row, known, mapping, form) for row in texts), default=0)
    return {name: score for name, score in scores.items() if score}


def _named_by(
    row: Sequence[str], known: Mapping[str, str], mapping: FileMapping, form: WideForm | None
) -> int:
    """Return how many columns of a contract a row of headings names; months side by side name month and value."""
    found = count_matches(row, known, mapping)
    if form is None or not found or not months_of(row, known, form, mapping):
        return found
    named = {known.get(key) for text in row if text for key in heading_keys(text)}
    return found + 2 if set(form.stays) <= named else found


def _with_wide(found: _Found, mapping: FileMapping, contracts: Contracts) -> _Found:
    """Return a recognised file with the wide table that stands in it too: balances beside the ledger's columns."""
    if found.layout or len(found.tables) != 1:
        return found
    own = contracts[found.tables[0]]
    if wide_form(own) is not None:
        return found
    texts = [[str(cell) if cell is not None else "" for cell in row] for row in found.source.head().rows]
    for name, contract in contracts.items():
        form = wide_form(contract)
        if form is None:
            continue
        known = names_of(contract)
        theirs = FileMapping(columns={key: one for key, one in mapping.columns.items() if one in form.stays})
        keys = {heading_key(key): one for key, one in theirs.columns.items()}
        for row in texts:
            named = {known.get(key) or keys.get(key) for text in row if text for key in heading_keys(text)}
            if set(form.stays) <= named and months_of(row, known, form, mapping):
                return _Found(found.source, (*found.tables, name), "")
    return found


def _only_named(found: list[_Found], path: Path, contracts: Contracts) -> tuple[list[_Found], list[Source]]:
    """Of several sheets of a workbook named after one table, keep the one whose heading fits best."""
    named = named_table(path.stem, contracts)
    rivals = [
        one for one in found if one.tables == (named,) and named_table(one.source.sheet, contracts) != named
    ]
    if named is None or len(rivals) < 2:
        return found, []
    fit = {
        one.source.sheet: heading_scores(
            one.source.head().rows, {named: contracts[named]}, FileMapping()
        ).get(named, 0)
        for one in rivals
    }
    best = max(fit.values())
    dropped = [one for one in rivals if fit[one.source.sheet] < best]
    return [one for one in found if one not in dropped], [one.source for one in dropped]


def _input_file(found: _Found, mapping: FileMapping, digest: str, size: int) -> InputFile:
    source = found.source
    return InputFile(
        path=source.path,
        sheet=source.sheet,
        tables=found.tables,
        layout=found.layout,
        sha256=digest,
        size=size,
        encoding=source.encoding,
        delimiter=source.sample().delimiter if source.kind == "text" else "",
        corrects=bool(_CORRECTED.search(source.path.stem)),
        mapping=mapping,
    )


def _without_namesakes(found: Sequence[InputFile]) -> tuple[list[InputFile], list[Problem]]:
    """Files of one name from several folders could not be told apart in the quarantine."""
    places: dict[str, Path] = {}
    kept, problems = [], []
    for one in found:
        if places.setdefault(one.name, one.path) == one.path:
            kept.append(one)
        else:
            problems.append(Problem("intake.same_name", Where(one.name), {"first": str(places[one.name])}))
    return kept, problems


def _without_repeats(found: Sequence[InputFile]) -> tuple[list[InputFile], list[Problem]]:
    ordered = sorted(found, key=lambda one: (one.corrects, one.name, one.sheet))
    seen: dict[tuple[str, str, tuple[str, ...]], InputFile] = {}
    problems = []
    for one in ordered:
        first = seen.setdefault((one.sha256, one.sheet, one.tables), one)
        if first is not one:
            values = {"first": first.name, "sha256": one.sha256[:12]}
            problems.append(Problem("intake.same_content", Where(one.name), values, "notice"))
    return list(seen.values()), problems


def _stray_mappings(paths: Iterable[Path]) -> list[Problem]:
    names = [path.name for path in paths]
    stems = {Path(name).stem for name in names if not name.endswith(SUFFIX)}
    return [
        Problem("intake.mapping_stray", Where(name), {"stem": name.removesuffix(SUFFIX)}, "warning")
        for name in names
        if name.endswith(SUFFIX) and name.removesuffix(SUFFIX) not in stems
    ]


def _unrecognised(sources: Sequence[Source], mapping: FileMapping, contracts: Contracts) -> Problem:
    """Return the problem of a file that no table recognises, with the tables that come nearest."""
    path = sources[0].path if sources else Path(mapping.file)
    best: dict[str, Likely] = {}
    for source in sources:
        for one in likely_tables(source.head().rows, (path.stem, source.sheet), contracts, mapping):
            if one.table not in best or one.evidence > best[one.table].evidence:
                best[one.table] = one
    likely = sorted(best.values(), key=lambda one: (-one.evidence, -one.words, one.table))[:MOST_LIKELY]
    suggestions = [_suggestion(one, contracts[one.table]) for one in likely]
    rows: Sequence[Sequence[object]] = next((found for one in sources if (found := one.head().rows)), [])
    place = likely_heading(rows)
    headings: Sequence[object] = [] if place is None else rows[place]
    missing = _missing_of(likely[0].table, headings, contracts) if likely and not likely[0].layout else []
    return Problem(
        "intake.unrecognised_file",
        Where(file=path.name),
        {
            "nearest": suggestions or NOTHING,
            "missing": missing or NOTHING,
            "headings": [fold(str(cell)) for cell in headings if cell is not None][:12] or NOTHING,
            "mapping": f"{path.stem}{SUFFIX}",
            "row": proposal(rows, 0, f"{path.stem}{SUFFIX}"),
        },
    )


def _suggestion(one: Likely, contract: TableContract) -> dict[str, str]:
    """Return a table that a file may be meant for, in words."""
    if one.layout:
        return {
            "zh": f"{contract.zh}（{one.table}，公布表的版式 {one.layout}）",
            "en": f"{contract.en} ({one.table}, published in the layout {one.layout})",
        }
    whole = len(contract.columns)
    return {
        "zh": f"{contract.zh}（{one.table}，认出{one.named}/{whole}列）",
        "en": f"{contract.en} ({one.table}, {one.named} of {whole} columns)",
    }


def _missing_of(table: str, headings: Iterable[object], contracts: Contracts) -> list[str]:
    known = names_of(contracts[table])
    present = {known.get(heading_key(str(cell))) for cell in headings if cell is not None}
    return [
        column.name
        for column in contracts[table].columns
        if column.in_every_file and column.name not in present
    ]
