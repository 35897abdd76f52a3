"""Writing the sample city: a workspace of synthetic records whose truth is known."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.errors import ConfigError, Problem, Where
from lvshu.sample.circulation import write_circulation
from lvshu.sample.coding_tables import write_coding_audit
from lvshu.sample.context import AREA, City, Progress, build_city
from lvshu.sample.disclosure_tables import write_disclosures
from lvshu.sample.energy_tables import write_energy_tables
from lvshu.sample.extract_tables import write_extracts
from lvshu.sample.files import write_rows
from lvshu.sample.green_finance import write_green_finance
from lvshu.sample.lending_tables import write_lending
from lvshu.sample.macro import fuel_unit, write_energy_balance, write_io_table
from lvshu.sample.monthly_tables import write_monthly_indicators
from lvshu.sample.people_tables import WORK_PLATFORMS, WorkTruth, write_people
from lvshu.sample.platform_tables import choose_platforms, platform_codes, write_platform_returns
from lvshu.sample.register_tables import write_enterprises, write_finances
from lvshu.sample.report_tables import draw_projects, write_projects, write_reports
from lvshu.sample.settlement_tables import write_settlements
from lvshu.sample.survey_tables import digital_truth, write_business_survey
from lvshu.sample.truth import describe, write_truth
from lvshu.store.config import FILE_NAME, config_text

NAME_ZH = "样本市（合成数据）"
NAME_EN = "Sample City (synthetic)"
SCALE = 1_000
SEED = 20_210_913
YEAR = 2023
MARK = "sample city of lvshu"
HEAD = f"# {MARK}: 合成数据，不含任何真实的个人、企业或贷款 · synthetic, no real person, firm or loan\n"
FOLDERS = ("packs", "rejects", "runs")


@dataclass(frozen=True)
class CitySummary:
    """What write_city wrote: rows by table, records that are wrong on purpose by kind, and the size in bytes."""

    folder: Path
    scale: int
    seed: int
    year: int
    rows: Mapping[str, int]
    dirt: Mapping[str, int]
    size: int


def write_city(
    folder: Path,
    *,
    scale: int = SCALE,
    seed: int = SEED,
    year: int = YEAR,
    on_progress: Progress | None = None,
    packs: PackLibrary | None = None,
) -> CitySummary:
    """Write a workspace with the sample city and return what was written.

    Totals of money and energy follow published figures of Shanghai (pack sample_anchors) at every scale; the numbers
    of units, residents, loans and work records are those of the 1:1 city over the scale. The same seed, scale and
    year give the same bytes.

    Args:
        folder: the workspace; made when absent. One that already holds a sample city is written anew.
        scale: 1000 for one in a thousand (seconds), down to 1 for the whole city (3.4 million units, 25 million
            residents, 10 million loans, 100 million work records); large tables are Parquet from 10 down.
        seed: of all random numbers.
        year: reporting year; only 2023 has its published figures.
        on_progress: called with (table, rows) after each table.
        packs: library of packs; the packaged one when left out.

    Returns:
        Rows by table, what is wrong on purpose, and bytes on disk.

    Raises:
        ConfigError: sample.scale (below 1), sample.year (no figures), sample.folder_in_use (other inputs there).
    """
    if scale < 1:
        raise ConfigError(Problem("sample.scale", values={"scale": scale}))
    if year != YEAR:
        raise ConfigError(Problem("sample.year", values={"year": year, "known": YEAR}))
    _prepare(folder, scale=scale, year=year, seed=seed)
    library = packs if packs is not None else PackLibrary.load()
    city = build_city(folder, scale=scale, seed=seed, year=year, on_progress=on_progress, packs=library)
    write_truth(city, _write_tables(city, seed=seed))
    size = sum(
        path.stat().st_size for path in folder.rglob("*") if path.is_file() and "runs" not in path.parts
    )
    return CitySummary(folder, scale, seed, year, dict(city.rows), city.dirt.count(), size)


def _write_tables(city: City, *, seed: int) -> dict[str, Any]:
    """Write the input tables and return the truth about them."""
    _write_macro(city)
    write_circulation(city)
    write_energy_tables(city)
    broken = write_enterprises(city)
    write_coding_audit(city, broken)
    write_finances(city)
    lent = write_lending(city, broken)
    projects = draw_projects(city, lent.has_project, lent.owed)
    write_projects(city, projects)
    write_green_finance(city, projects)
    write_reports(city, projects)
    write_disclosures(city)
    write_business_survey(city)
    platforms = choose_platforms(city)
    transactions = write_platform_returns(city, platforms)
    write_settlements(city, platforms)
    work = write_people(city, platform_codes(city, platforms[:WORK_PLATFORMS]))
    write_monthly_indicators(city, _monthly_levels(city, work))
    write_extracts(city)
    return describe(
        city, exposure=lent.exposure, projects=projects, work=work, platforms=transactions, seed=seed
    )


def _monthly_levels(city: City, work: WorkTruth) -> dict[str, float]:
    """Return the mean monthly level of the monthly indicators in the city's year: what the other tables add up to."""
    whole = cast("dict[str, float]", digital_truth(city)["whole_classes"])
    returned = cast("list[float]", city.truth["platform_transactions_by_month"])
    return {
        "platform_transactions": sum(returned) / 12,
        "digital_value_added": sum(whole.values()) / 12,
        "flexible_employment": float(work.flexible),
    }


def _prepare(folder: Path, *, scale: int, year: int, seed: int) -> None:
    inputs = folder / "inputs"
    used = inputs.is_dir() and any(inputs.iterdir())
    config = folder / FILE_NAME
    ours = config.is_file() and MARK in config.read_text(encoding="utf-8", errors="replace")
    if used and not ours:
        raise ConfigError(Problem("sample.folder_in_use", Where(file=str(inputs)), {"folder": folder}))
    for old in (inputs, folder / "truth"):
        if old.is_dir():
            shutil.rmtree(old)
    for part in ("inputs", *FOLDERS):
        (folder / part).mkdir(parents=True, exist_ok=True)
    text = config_text(
        name=f"{NAME_ZH}1:{scale}",
        area=AREA,
        area_zh=NAME_ZH,
        area_en=NAME_EN,
        year=year,
        synthetic=True,
        seed=seed,
    )
    config.write_text(HEAD + text, encoding="utf-8")


def _write_macro(city: City) -> None:
    macro, inputs = city.macro, city.inputs
    city.wrote("io_table", write_io_table(macro, inputs / "io_table.xlsx", area_zh=NAME_ZH, year=city.year))
    city.wrote(
        "energy_balance",
        write_energy_balance(macro, inputs / "energy_balance.csv", area_zh=NAME_ZH, year=city.year),
    )
    rows = [
        [city.year, sector, fuel, f"{quantity:.3f}", fuel_unit(fuel)]
        for sector, use, fuel, quantity in macro.sector_energy
        if use == "final"
    ]
    header = ("year", "sector_code", "fuel_code", "quantity", "unit")
    city.wrote("sector_energy", write_rows(inputs / "sector_energy.csv", header, rows))
    anchor = city.packs["sample_anchors"].one(code=f"gdp_{city.year}")
    source = f"{anchor['issuer']}：{anchor['document']}"
    total = [["gross_domestic_product", city.year, anchor["value"], anchor["unit"], source]]
    written = write_rows(inputs / "published_total.csv", ("code", "year", "value", "unit", "source"), total)
    city.wrote("published_total", written)
