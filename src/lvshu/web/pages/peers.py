"""Peers: each district beside those that began at a like energy intensity, each sector beside those of its section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from statistics import fmean
from typing import Any

from lvshu.publish import plots
from lvshu.publish.display import Absence
from lvshu.publish.model import Cell, Column, Panel, TableView, in_unit, number_column
from lvshu.publish.panels.base import area_name, named, summed
from lvshu.publish.plots import Series
from lvshu.publish.reader import Reader
from lvshu.publish.texts import NO_TEXT, Text, joined, unit_label
from lvshu.web.context import Context
from lvshu.web.pages.districts import INDICATOR, SCORECARD
from lvshu.web.words import word

PEERS = 3
"""Districts that one is held against. A convention of lvshu, told beside the table."""
INTENSITY = "tCO2/1e4 CNY"

Row = dict[str, Any]


def peer_panels(context: Context) -> tuple[Panel, ...]:
    """Return the panels on peers of districts and of sectors."""
    return context.made("peers", lambda reader: (_districts(reader), _sectors(reader)))


def nearest(levels: Mapping[str, float], code: str) -> list[str]:
    """Return the districts whose levels are nearest to one's, the nearest first, at most PEERS.

    Args:
        levels: district -> energy intensity of the base year, in one unit.
        code: the district; it is not among the answer.
    """
    others = sorted((abs(level - levels[code]), other) for other, level in levels.items() if other != code)
    return [other for _, other in others[:PEERS]]


def _districts(reader: Reader) -> Panel:
    title = word("peers.districts")
    rows = [
        row for row in reader.rows(SCORECARD, indicator=INDICATOR) if not row["area_code"].endswith("0000")
    ]
    last = max((row["year"] for row in rows), default=None)
    found = {
        row["area_code"]: row
        for row in rows
        if row["year"] == last and row["base_level"] is not None and row["reduction"] is not None
    }
    if len(found) < 2:
        needs = ("dual_control_year", "dual_control_target")
        empty = word("peers.too_few") if rows else reader.why_empty(SCORECARD, needs, title)
        return Panel("district_peers", title, empty=empty)
    levels = {code: float(row["base_level"]) for code, row in found.items()}
    shown = [_district(reader, found, code, nearest(levels, code)) for code in sorted(found)]
    shown.sort(key=lambda row: (-row["difference"], str(row["district"])))
    unit = next(iter(found.values()))["unit"]
    columns = (
        Column("district", word("column.district")),
        number_column("base", word("peers.base"), "" if ":" in unit else unit, decimals=4),
        Column("peers", word("peers.with")),
        number_column("reduction", word("districts.reduction"), "%", decimals=2),
        number_column("theirs", word("peers.theirs"), "%", decimals=2),
        number_column("difference", word("peers.difference"), "", decimals=2),
    )
    behind = sum(row["difference"] < 0 for row in shown)
    finding = word(
        "peers.districts_finding", year=last, all=len(shown), behind=behind, best=shown[0]["district"]
    )
    view = TableView(columns, tuple(shown), (SCORECARD,))
    chart = plots.horizontal_bars(
        view, "district", [Series("difference")], finding, counted=word("peers.points")
    )
    base_year = next(iter(found.values()))["base_year"]
    note = word(
        "peers.districts_note", count=min(PEERS, len(found) - 1), year=base_year, unit=unit_label(unit)
    )
    return Panel("district_peers", title, finding, chart, view, note=note, method=reader.method_of(SCORECARD))


def _district(reader: Reader, found: Mapping[str, Row], code: str, peers: Sequence[str]) -> dict[str, Any]:
    own = 100 * float(found[code]["reduction"])
    theirs = 100 * fmean(float(found[one]["reduction"]) for one in peers)
    return {
        "district": area_name(reader, code),
        "base": found[code]["base_level"],
        "peers": joined([area_name(reader, one) for one in peers]),
        "reduction": Decimal(repr(own)),
        "theirs": Decimal(repr(theirs)),
        "difference": Decimal(repr(own - theirs)),
    }


def _sectors(reader: Reader) -> Panel:
    title = word("peers.sectors")
    rows = [
        row for row in reader.rows("sector_account") if row["output"] and row["direct_emission"] is not None
    ]
    if not rows:
        return Panel("sector_peers", title, empty=reader.why_empty("sector_account", ("io_cell",), title))
    sections = _sections(reader)
    groups: dict[str, list[Row]] = {}
    for row in rows:
        section = sections.get(row["sector_code"], "")
        if section:
            groups.setdefault(section, []).append(row)
    names = {row["code"]: row for row in reader.pack_rows("gbt4754_2017", level="section")}
    shown: list[dict[str, Cell]] = []
    for section, group in sorted(groups.items()):
        if len(group) > 1:
            label = Text(f"{section} ", f"{section} ") + named(
                names[section]["name_zh"], names[section]["name_en"], section
            )
            shown += [_sector(row, [one for one in group if one is not row], label) for row in group]
    if not shown:
        return Panel("sector_peers", title, empty=word("peers.no_sections"))
    shown.sort(key=lambda row: -(row["own"] or 0))  # type: ignore[operator]
    columns = (
        Column("sector", word("peers.sector")),
        Column("section", word("peers.section")),
        number_column("own", word("peers.own"), INTENSITY, decimals=4),
        number_column("theirs", word("peers.others"), INTENSITY, decimals=4),
        number_column("times", word("peers.times"), "1", decimals=2),
    )
    alone = len(rows) - len(shown)
    above = sum(row["own"] > row["theirs"] for row in shown)  # type: ignore[operator]
    finding = word("peers.sectors_finding", all=len(shown), above=above, first=shown[0]["sector"])
    view = TableView(columns, tuple(shown), ("sector_account", "sector_intensity"))
    chart = plots.horizontal_bars(view, "sector", [Series("own"), Series("theirs", "--c5")], finding, top=15)
    note = word("peers.sectors_note") + (word("peers.alone", count=alone) if alone else NO_TEXT)
    return Panel(
        "sector_peers", title, finding, chart, view, note=note, method=reader.method_of("sector_account")
    )


def _sections(reader: Reader) -> dict[str, str]:
    """Return the section of GB/T 4754 of each sector; of one whose divisions lie in several, none."""
    of_division = {row["code"]: row["section"] for row in reader.pack_rows("gbt4754_2017", level="division")}
    found: dict[str, set[str]] = {}
    for row in reader.rows("sector_intensity"):
        section = of_division.get(str(row["gbt4754_division"]))
        for sector in str(row["sector_codes"] or "").split(";"):
            if section:
                found.setdefault(sector.strip(), set()).add(section)
    return {sector: next(iter(known)) for sector, known in found.items() if len(known) == 1}


def _sector(row: Row, peers: Sequence[Row], section: Text) -> dict[str, Cell]:
    own = _intensity([row])
    theirs = _intensity(peers)
    return {
        "sector": named(row["name_zh"], row["name_en"], row["sector_code"]),
        "section": section,
        "own": own,
        "theirs": theirs,
        "times": own / theirs if own is not None and theirs else Absence.NOT_APPLICABLE,
    }


def _intensity(rows: Sequence[Row]) -> Decimal | None:
    """Return the direct emission of sectors together per output, in tCO2 per 10 thousand yuan."""
    emission, output = summed(rows, "direct_emission"), in_unit(summed(rows, "output"), "CNY", "1e4 CNY")
    return None if emission is None or not output else emission / output
