"""Districts: a schematic map of tiles, each in its place; targets with path, gap and light; flexible employment."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from lvshu.publish.display import Absence, Value
from lvshu.publish.model import Cell, Chart, Column, Panel, TableView, number_column
from lvshu.publish.panels.base import area_name
from lvshu.publish.panels.statistics import BY_PLACE
from lvshu.publish.plots import chart_of
from lvshu.publish.reader import Reader
from lvshu.publish.texts import NO_TEXT, Text, same, ui, unit_label, value_label
from lvshu.web.context import Context
from lvshu.web.pages.chapters import chapter, chosen
from lvshu.web.words import word

PLACES: dict[str, tuple[int, int]] = {
    "310151": (4, 0), "310114": (1, 1), "310113": (3, 1), "310118": (0, 2), "310107": (1, 2), "310106": (2, 2),
    "310109": (3, 2), "310110": (4, 2), "310115": (5, 3), "310105": (1, 3), "310104": (2, 3), "310101": (3, 3),
    "310117": (1, 4), "310112": (2, 4), "310116": (1, 5), "310120": (3, 5),
}  # fmt: skip
"""Column and row of each district of Shanghai on our own schematic grid; it claims no boundary."""
SIGNS = {"ahead": "▲", "on_path": "●", "behind": "▼"}
SCORECARD, INDICATOR = "dual_control_scorecard", "energy_intensity"


def district_panels(context: Context) -> tuple[Panel, ...]:
    """Return the panels on districts."""
    made = context.made("districts", lambda reader: (_targets(reader), _flexible(reader)))
    more = chosen(chapter(context, "statistics"), ("districts", "districts_model"))
    return (*made, *(panel for panel in more if not panel.missing))  # the panels before tell what is missing


def tiles(codes: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return the column and row of each district; where one has no place of its own, all stand in order of codes."""
    if all(code in PLACES for code in codes):
        return {code: PLACES[code] for code in codes}
    width = max(1, math.ceil(math.sqrt(len(codes))))
    return {code: (place % width, place // width) for place, code in enumerate(sorted(codes))}


def tile_map(
    values: Mapping[str, float | None],
    names: Mapping[str, Text],
    told: Mapping[str, Text],
    words: Text,
    *,
    middle: float | None = None,
) -> Chart:
    """Return a map of tiles.

    Args:
        values: district -> what colours its tile; None leaves it pale.
        names: district -> its name.
        told: district -> the line below its name.
        words: what the map shows.
        middle: value of the middle colour; None: from least to most in one colour.
    """
    places = tiles(list(values))
    width, height = (1 + max(place[side] for place in places.values()) for side in (0, 1))

    def make(language: str) -> dict[str, Any]:
        grid: list[list[float | None]] = [[None] * width for _ in range(height)]
        text = [[""] * width for _ in range(height)]
        for code, (column, row) in places.items():
            grid[row][column] = values[code]
            text[row][column] = f"{_short(names[code].of(language), language)}<br>{told[code].of(language)}"
        scale = (
            [[0, "--bad"], [0.5, "--grid"], [1, "--c1"]]
            if middle is not None
            else [[0, "--accent-pale"], [1, "--c1"]]
        )
        trace: dict[str, Any] = {
            "type": "heatmap",
            "z": grid,
            "text": text,
            "texttemplate": "%{text}",
            "xgap": 2,
            "ygap": 2,
            "colorscale": scale,
            "showscale": False,
            "hoverongaps": False,
            "hovertemplate": "%{text}<extra></extra>",
        }
        if middle is not None:
            far = max((abs(one - middle) for one in values.values() if one is not None), default=1.0) or 1.0
            trace |= {"zmin": middle - far, "zmax": middle + far}
        axis = {"visible": False, "fixedrange": True}
        return {
            "data": [trace],
            "layout": {
                "margin": dict.fromkeys("lrtb", 0),
                "xaxis": axis,
                "yaxis": {**axis, "autorange": "reversed"},
            },
        }

    return chart_of(make, 80 + 76 * height, words)


def _short(name: str, language: str) -> str:
    """Return a district's name as it fits on a tile."""
    if language == "zh":
        return (
            name.removeprefix("辖区").strip().removesuffix("新区").removesuffix("区")
            if len(name) > 2
            else name
        )
    return name.replace(" New Area", "").removeprefix("District ")


def _targets(reader: Reader) -> Panel:
    title = word("districts.targets")
    rows = list(reader.rows(SCORECARD, indicator=INDICATOR))
    if not rows:
        return Panel(
            "district_targets",
            title,
            empty=reader.why_empty(SCORECARD, ("dual_control_year", "dual_control_target"), title),
        )
    last = max(row["year"] for row in rows)
    found = [row for row in rows if row["year"] == last and not row["area_code"].endswith("0000")]
    found.sort(key=lambda row: row["gap"] if row["gap"] is not None else -9.0, reverse=True)
    unit = found[0]["unit"] if found else ""
    shown: list[dict[str, Cell]] = [
        _target_row(reader, row, place) for place, row in enumerate(found, start=1)
    ]
    columns = (
        Column("rank", word("column.rank")),
        Column("district", word("column.district")),
        Column("light", word("districts.light")),
        number_column("level", word("districts.level"), "" if ":" in unit else unit, decimals=4),
        number_column("reduction", word("districts.reduction"), "%", decimals=2),
        number_column("path", word("districts.path"), "%", decimals=2),
        number_column("gap", word("districts.gap"), "%", decimals=2),
        number_column("target", word("districts.target"), "%", decimals=1),
        number_column("forecast", word("districts.forecast"), "%", decimals=2),
        number_column("low", word("column.low"), "%", decimals=2),
        number_column("high", word("column.high"), "%", decimals=2),
    )
    behind = sum(1 for row in found if row["light"] == "behind")
    finding = word("districts.finding", year=last, behind=behind, all=len(found), unit=unit_label(unit))
    names = {row["area_code"]: area_name(reader, row["area_code"]) for row in found}
    values = {row["area_code"]: None if row["gap"] is None else 100 * float(row["gap"]) for row in found}
    told = {
        row["area_code"]: same(
            f"{SIGNS.get(row['light'], '')} {100 * float(row['gap']):+.1f}" if row["gap"] is not None else "…"
        )
        for row in found
    }
    chart = tile_map(values, names, told, finding, middle=0.0)
    view = TableView(columns, tuple(shown), (SCORECARD,))
    return Panel(
        "district_targets",
        title,
        finding,
        chart,
        view,
        note=word("districts.note"),
        method=reader.method_of(SCORECARD),
    )


def _target_row(reader: Reader, row: Mapping[str, Any], rank: int) -> dict[str, Cell]:
    def percent(name: str) -> Value:
        return None if row[name] is None else Decimal(repr(float(row[name]) * 100))

    return {
        "rank": str(rank),
        "district": area_name(reader, row["area_code"]),
        "light": same(SIGNS.get(row["light"], "") + " ") + value_label(SCORECARD, "light", row["light"]),
        "level": row["level"],
        "reduction": percent("reduction"),
        "path": percent("annualised_path"),
        "gap": percent("gap"),
        "target": percent("target"),
        "forecast": percent("forecast"),
        "low": percent("forecast_low"),
        "high": percent("forecast_high"),
    }


def _flexible(reader: Reader) -> Panel:
    title = word("districts.flexible")
    found = reader.rows("flexible_employment_district")
    if not found:
        return Panel(
            "district_flexible",
            title,
            empty=reader.why_empty("flexible_employment_district", ("labour_survey",), title),
        )
    definitions = [row["definition_code"] for row in found]
    chosen_one = max(
        dict.fromkeys(definitions),
        key=lambda one: sum(row["status"] == "shown" for row in found if row["definition_code"] == one),
    )
    labels = {
        row["definition_code"]: Text(row["label_zh"], row["label_en"])
        for row in reader.rows("flexible_employment")
    } | {BY_PLACE: ui("row.by_place")}
    rows = [row for row in found if row["definition_code"] == chosen_one]
    values = {
        row["district_code"]: float(row["persons"])
        if row["status"] == "shown" and row["persons"] is not None
        else None
        for row in rows
    }
    names = {code: area_name(reader, code) for code in values}
    told = {code: same("***" if one is None else f"{one:,.0f}") for code, one in values.items()}
    shown: tuple[dict[str, Cell], ...] = tuple(
        {
            "district": names[row["district_code"]],
            "persons": row["persons"] if row["status"] == "shown" else Absence.SUPPRESSED,
            **{
                end: row[end] if _error_status(row) == "shown" else Absence.SUPPRESSED
                for end in ("low", "high")
            },
        }
        for row in rows
    )
    columns = (
        Column("district", word("column.district")),
        number_column("persons", word("column.persons"), "person", decimals=0),
        number_column("low", word("column.low"), "person", decimals=0),
        number_column("high", word("column.high"), "person", decimals=0),
    )
    finding = word(
        "districts.flexible_finding",
        definition=labels.get(chosen_one, same(chosen_one)),
        hidden=sum(one is None for one in values.values()),
    )
    chart = tile_map(values, names, told, finding)
    return Panel(
        "district_flexible",
        title,
        finding,
        chart,
        TableView(columns, shown, ("flexible_employment_district",)),
        note=word("districts.map") + (word("districts.by_place") if chosen_one == BY_PLACE else NO_TEXT),
    )


def _error_status(row: Mapping[str, Any]) -> str:
    """Return whether a row's interval is shown; books of before have one status for figure and interval."""
    return str(row.get("error_status", row["status"]))
