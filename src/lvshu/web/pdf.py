"""The report as a PDF, by typst: headlines with intervals, findings with their tables, what is not covered, sources.

A Chinese report needs a font with Chinese signs on the machine; where there is none, that is told, and no page of
empty boxes is made.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

from lvshu.core.errors import ConfigError, Problem
from lvshu.publish.model import Column, Panel, TableView
from lvshu.publish.texts import Text, joined
from lvshu.web.drawing import SIZE, svg_of, width_of
from lvshu.web.words import word

CHINESE_FONTS = (
    "Noto Serif CJK SC", "Source Han Serif SC", "Noto Sans CJK SC", "Source Han Sans SC", "Songti SC", "SimSun",
    "PingFang SC", "Microsoft YaHei", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "AR PL UMing CN",
)  # fmt: skip
LATIN_FONT = "Libertinus Serif"  # comes with typst
MOST_ROWS = 24
MOST_COLUMNS, MOST_OF_NUMBERS = 7, 9
"""Columns that a page is wide enough for: of any table, and of one with numbers beside its names."""
LINE, CELL = 174.0 / 25.4 * 72 / 7.5 * SIZE, 12.0
"""Room of a line, and of what stands beside a cell's text, in the measure of `width_of`; tables have 7.5 points."""
LEAST_NAME, WIDEST_NAME, LEAST_FIGURE = 90.0, 180.0, 44.0
"""Room of a column of names at least and at most, and of a column of figures at least, in that measure."""
PERIODS = ("month", "quarter", "period", "year")
"""Keys of the first column of a table of periods; their rows stand oldest first."""
_BLANK = re.compile(r"@([a-z-]+)@")
_SPECIAL = re.compile(r"([\\#$*_`<>@\[\]~=/+\-'\"])")


@cache
def fonts_here() -> frozenset[str]:
    """Return the names of the fonts that typst finds on this machine."""
    import typst

    return frozenset(typst.Fonts(include_system_fonts=True, include_embedded_fonts=True).families())


def font_for(language: str) -> str:
    """Return the font of a report.

    Raises:
        ConfigError: the report is in Chinese, and no font with Chinese signs is on this machine.
    """
    found = next((name for name in CHINESE_FONTS if name in fonts_here()), "")
    if language == "zh" and not found:
        raise ConfigError(Problem("web.no_chinese_font", values={"known": list(CHINESE_FONTS[:4])}))
    return found


def report_pdf(
    language: str,
    *,
    title: Text,
    cards: Sequence[dict[str, Any]],
    chapters: Sequence[tuple[Text, Sequence[Panel]]],
    citation: Text,
    synthetic: bool,
    run: dict[str, Any],
) -> bytes:
    """Return the report as a PDF.

    Args:
        language: zh or en.
        title: of the book.
        cards: headlines, as the home page has them.
        chapters: their titles with their panels.
        citation: how to cite.
        synthetic: whether every page says that the records are invented.
        run: row of the table `run`.

    Raises:
        ConfigError: no font with Chinese signs.
    """
    import typst

    parts = [_head(language, title, citation, synthetic, run), _headlines(language, cards)]
    for name, panels in chapters:
        parts.append(f"\n= {plain(name.of(language))}\n")
        parts += [_panel(panel, language) for panel in panels]
    made = typst.compile("\n".join(parts).encode())
    if not isinstance(made, bytes):
        raise TypeError("typst made several files of one report")
    return made


def plain(text: str) -> str:
    """Return a text in which typst sees no markup."""
    return _SPECIAL.sub(r"\\\1", text).replace("\n", " ")


def _head(language: str, title: Text, citation: Text, synthetic: bool, run: dict[str, Any]) -> str:
    chinese = font_for(language)
    shown = plain(title.of(language))
    warning = (
        f'#block(fill: rgb("#FBF1DA"), inset: 8pt, width: 100%)[{plain(word("synthetic").of(language))}]'
    )
    values = {
        "title-text": title.of(language).replace('"', "").replace("\\", ""),
        "title": shown,
        "mark": plain(word("sheet.watermark").of(language)) if synthetic else "",
        "fonts": ", ".join(f'"{name}"' for name in (LATIN_FONT, chinese) if name) + ",",
        "language": language,
        "warning": warning if synthetic else "",
        "contents": plain(word("contents").of(language)),
        "citation": f"{plain(citation.of(language))} · {plain(str(run.get('engine') or ''))}",
    }
    text = resources.files("lvshu.web").joinpath("templates", "report.typ").read_text(encoding="utf-8")
    return _BLANK.sub(lambda found: values[found[1]], text)


def _headlines(language: str, cards: Sequence[dict[str, Any]]) -> str:
    lines = [f"\n= {plain(word('headlines').of(language))}\n"]
    for card in cards:
        label, value, interval, reason = (
            plain(card[name].of(language)) for name in ("label", "value", "interval", "reason")
        )
        lines.append(f"- {card['sign']} *{label}*: {value} #note[{interval} {reason}]")
    return "\n".join(lines)


def _panel(panel: Panel, language: str) -> str:
    lines = [f"\n== {plain(panel.title.of(language))}\n"]
    if panel.empty is not None:
        return "\n".join([*lines, f"#note[{plain(panel.empty.of(language))}]"])
    if panel.finding:
        shown = plain(panel.finding.of(language))
        followed = panel.chart is not None or panel.table is not None
        lines.append(f"#block(sticky: true)[{shown}]\n" if followed else shown + "\n")
    if panel.chart is not None:
        lines.append(_chart(panel, language))
    if panel.table is not None:
        lines.append(_table(panel.table, language))
    if panel.note:
        lines.append(f"\n#note[{plain(panel.note.of(language))}]\n")
    return "\n".join(lines)


def _chart(panel: Panel, language: str) -> str:
    """Return a panel's chart as a picture; nothing where it is of a kind that only a page draws."""
    fonts = ", ".join(name for name in (font_for(language), LATIN_FONT) if name)
    drawn = None if panel.chart is None else svg_of(panel.chart.of(language), fonts)
    if drawn is None or panel.chart is None:
        return ""
    told = _quoted(panel.chart.words.of(language))
    return f'#image(bytes("{_quoted(drawn)}"), format: "svg", width: 100%, alt: "{told}")\n'


def _quoted(text: str) -> str:
    """Return a text as it stands between the quotation marks of typst."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _widths(view: TableView, columns: Sequence[Column], language: str) -> list[str]:
    """Return how wide the columns are: names take what figures leave; where that is too little, all take shares.

    Shares follow the longest cell; heads then go over lines.
    """
    names = [place for place, one in enumerate(columns) if one.kind == "text" and not one.code]
    rows = view.shown()[:MOST_ROWS]
    cells = [
        max((width_of(row[place].of(language)) for row in rows), default=0.0) for place in range(len(columns))
    ]
    heads = [max(width_of(one.label.of(language)), width_of(one.unit_text.of(language))) for one in columns]
    figures = sum(
        max(pair) + CELL for place, pair in enumerate(zip(cells, heads, strict=True)) if place not in names
    )
    if not names or LINE - figures >= len(names) * LEAST_NAME:
        return ["1fr" if place in names else "auto" for place in range(len(columns))]
    shares = [
        min(max(one, LEAST_NAME), WIDEST_NAME) if place in names else one + CELL
        for place, one in enumerate(cells)
    ]
    return [f"{max(one, LEAST_FIGURE):.0f}fr" for one in shares]


def _table(view: TableView, language: str) -> str:
    are_numbers = all(column.kind == "number" for column in view.columns[1:])
    columns = view.columns[: MOST_OF_NUMBERS if are_numbers else MOST_COLUMNS]
    widths = ", ".join(_widths(view, columns, language))
    aligned = ", ".join("right" if column.kind == "number" else "left" for column in columns)
    heads = "".join(
        f"[*{plain(column.label.of(language))}*"
        + (f" \\ {plain(column.unit_text.of(language))}" if column.unit_text else "")
        + "],"
        for column in columns
    )
    newest = columns[0].key in PERIODS and not view.totals
    rows = view.shown()[-MOST_ROWS:] if newest else view.shown()[:MOST_ROWS]
    cells = "".join("".join(f"[{plain(text.of(language))}]," for text in row[: len(columns)]) for row in rows)
    left = len(view.rows) - MOST_ROWS
    told = word("left_out_earlier" if newest else "left_out", rows=left).of(language)
    more = f"\n#note[{plain(told)}]" if left > 0 else ""
    if len(columns) < len(view.columns):
        names = joined([column.label for column in view.columns[len(columns) :]])
        more += f"\n#note[{plain(word('columns_left_out', names=names).of(language))}]"
    shape = f"columns: ({widths},), align: ({aligned},), table.header({heads})"
    return f"#text(size: 7.5pt)[#table({shape}, {cells})]{more}"
