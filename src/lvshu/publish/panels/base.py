"""How a panel is made: from its table when that has rows, else with the reason why it has none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from lvshu.publish.display import exact, quantity_text
from lvshu.publish.model import Panel
from lvshu.publish.reader import Reader, why_missing
from lvshu.publish.texts import Text, input_label, joined, same, ui
from lvshu.publish.translated import translated

EMISSION = "1e4 tCO2"
FINANCED = "1e4 tCO2e"
MONEY = "1e8 CNY"
AREAS = "areas"
TOTAL = "total"

Builder = Callable[[Reader], Panel]
Row = dict[str, Any]


def panel_or_reason(
    reader: Reader,
    identifier: str,
    *,
    table: str,
    needs: Sequence[str],
    build: Builder,
    half: bool = False,
    useful: Callable[[Row], bool] | None = None,
) -> Panel:
    """Return the panel that `build` makes of a table, or an empty panel that says why.

    Args:
        reader: the book.
        identifier: id of the panel; its title is the text panel.<id>.
        table: the table of the book that it shows.
        needs: input tables without which there is nothing to show.
        build: makes the panel.
        half: takes half the page's width when it is empty.
        useful: which rows count; a table without a useful row is empty.
    """
    rows = reader.rows(table)
    if any(useful is None or useful(row) for row in rows):
        return replace(build(reader), method=reader.method_of(table))
    subject = ui(f"panel.{identifier}")
    reason = reader.why_empty(table, needs, subject)
    return Panel(identifier, subject, empty=reason, half=half, missing=reader.missing(needs))


def reasons_together(panels: Sequence[Panel]) -> tuple[Panel, ...]:
    """Return panels with those that lack the same inputs told as one, at the place of the first of them."""
    alike: dict[tuple[str, ...], list[Panel]] = {}
    for panel in panels:
        if panel.missing:
            alike.setdefault(panel.missing, []).append(panel)
    kept: list[Panel] = []
    for panel in panels:
        group = alike.get(panel.missing, [panel])
        if panel is not group[0]:
            continue
        kept.append(panel if len(group) == 1 else _told_as_one(group))
    return tuple(kept)


def _told_as_one(group: Sequence[Panel]) -> Panel:
    titles = Text(
        *(
            "”“".join(panel.title.of(language) for panel in group)
            if language == "zh"
            else "”, “".join(panel.title.of(language) for panel in group)
            for language in ("zh", "en")
        )
    )
    first = group[0]
    reason = why_missing(first.missing, titles)
    title = ui("panel.without", inputs=joined([input_label(name) for name in first.missing]))
    return Panel(first.id, title, empty=reason, missing=first.missing, told=tuple(group))


def each_by_itself(panels: Sequence[Panel]) -> tuple[Panel, ...]:
    """Return panels with those that were told as one apart again."""
    return tuple(one for panel in panels for one in panel.told or (panel,))


def amount(value: object, unit: str, display_unit: str) -> Text:
    """Return a figure with its unit in both languages, for a sentence."""
    figure = exact(value)  # type: ignore[arg-type]
    zh, en = (quantity_text(figure, unit, language, display_unit=display_unit) for language in ("zh", "en"))
    return Text(zh, en)


def short_amount(value: Decimal | None, unit: str, display_unit: str) -> Text:
    """Return a figure for a sentence with four significant digits; where there is none, words that say so."""
    if value is None:
        return ui("word.no_figure")
    if value:
        place = value.adjusted() - 3
        value = value.quantize(Decimal(1).scaleb(place)) if place < 0 else round(value, -place)
    return amount(value, unit, display_unit)


def summed(rows: Sequence[Row], key: str) -> Decimal | None:
    """Return the exact sum of a column over rows; None where no row has a figure."""
    there = [exact(row[key]) for row in rows if row[key] is not None]
    return sum(there, Decimal(0)) if there else None


def grouped(rows: Sequence[Row], *keys: str) -> dict[tuple[Any, ...], list[Row]]:
    """Return rows by the values of some columns, groups in order of first appearance."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[key] for key in keys), []).append(row)
    return found


def share(part: Decimal | None, whole: Decimal | None) -> Text:
    """Return a part of a whole as a percentage for a sentence; where there is none, words that say so."""
    if part is None or not whole:
        return ui("word.no_figure")
    percent = f"{float(part / whole) * 100:.1f}%"
    return Text(percent, percent)


def named(zh: object, en: object, code: object) -> Text:
    """Return a name in both languages; where one is missing the other, else the code, stands for it."""
    first, second = str(zh or ""), str(en or "")
    fallback = first or second or str(code)
    if first == second or not (first and second):
        return translated(fallback)  # a text of the user's may state itself in both languages
    return Text(first, second)


def first_few(names: Sequence[Text], count: int) -> Text:
    """Return the first names of a list as one text."""
    return joined(list(names[:count]))


def area_name(reader: Reader, code: str) -> Text:
    """Return the name of an administrative area by its code; of the code "total" that of all together.

    The area of the book is called as the book calls it: a made-up city may stand under the code of a real one. Its
    parts then bear no name of the real one's, but are called districts by their codes, unless the user's own table of
    areas names them.
    """
    if code == TOTAL:
        return ui("row.all")
    if code == reader.settings.area:
        return reader.area
    for row in reader.pack_rows(AREAS, area_code=code):
        is_elsewhere = row.get("parent") == reader.settings.area and _is_renamed(reader)
        return ui("area.part", code=code) if is_elsewhere else named(row["name_zh"], row["name_en"], code)
    return same(code)


def _is_renamed(reader: Reader) -> bool:
    """Return whether the book's area bears another name than the packaged table of areas gives its code."""
    if reader.packs.get(AREAS, {}).get("user_supplied"):
        return False
    known = reader.pack_rows(AREAS, area_code=reader.settings.area)
    own = reader.settings.area_zh
    return bool(known) and own not in (known[0]["area_code"], known[0]["name_zh"], known[0]["short_zh"])
