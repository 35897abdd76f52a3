"""The report: one self-contained HTML page in two languages, readable without a network or a server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from lvshu.core.city_time import city_day
from lvshu.core.text import LANGUAGES
from lvshu.publish.display import LEGEND
from lvshu.publish.headlines import WINGS, lines_of, mark_label, mark_sign
from lvshu.publish.model import Panel, Section
from lvshu.publish.origins import citation, origin_of_headline, used_methods
from lvshu.publish.panels import accounts, finance, making, statistics
from lvshu.publish.payload import page_data, script_json
from lvshu.publish.reader import BookLike, Reader
from lvshu.publish.texts import Text, code_label, ui

FILE_NAME = "report.html"
_TAGS = {"zh": "zh-Hans", "en": "en"}


def write_report(book: BookLike, folder: Path, *, language: str = "zh") -> Path:
    """Write the report of a book into a folder and return its path.

    Args:
        book: an open book.
        folder: where report.html is written.
        language: the language shown first (zh or en); the page switches at a click.

    Raises:
        OSError: the file cannot be written.
    """
    path = folder / FILE_NAME
    path.write_text(render_report(book, language=language), encoding="utf-8")
    return path


def render_report(book: BookLike, *, language: str = "zh") -> str:
    """Return the report of a book as the text of an HTML page."""
    reader = Reader(book)
    sections = chapters(reader)
    panels = [panel for section in sections for panel in section.panels]
    title = ui("title", area=reader.area, year=reader.settings.year)
    cite = citation(reader)
    data = page_data(panels, cite, f"lvshu-{reader.settings.area}-{reader.settings.year}")
    template = environment().get_template("report.html.j2")
    return template.render(
        language=language,
        tag=_TAGS[language],
        title=title,
        area=reader.area,
        settings=reader.settings,
        run=reader.run,
        synthetic=reader.settings.synthetic,
        wings=_headlines(reader),
        sections=sections,
        methods=used_methods(reader),
        citation=cite,
        legend=[(sign, Text(zh, en)) for sign, zh, en in LEGEND],
        marks=[
            (mark_sign(mark), mark_label(mark)) for mark in ("interval", "point", "partial", "not_covered")
        ],
        style=Markup(own_file("style.css")),
        script=Markup(own_file("script.js")),
        plotly=Markup(plotly_script()),
        data=Markup(script_json(data)),
    )


def chapters(reader: Reader) -> tuple[Section, ...]:
    """Return the chapters of the report, in order."""
    made = {"accounts": accounts.section, "finance": finance.section, "statistics": statistics.section}
    wings = tuple(made[wing](reader) for wing in wings_in_order(reader))
    empty = [panel for section in wings for panel in section.panels if panel.empty is not None]
    return (
        *wings,
        making.coverage_section(reader, empty),
        making.findings_section(reader),
        making.data_section(reader),
        making.packs_section(reader),
    )


def wings_in_order(reader: Reader) -> tuple[str, ...]:
    """Return the wings, those that the book covers first: by whether any headline of theirs has a value."""
    covered = {row["wing"] for row in reader.rows("headline") if row["value"] is not None}
    return tuple(sorted(WINGS, key=lambda wing: (wing not in covered, WINGS.index(wing))))


def _headlines(reader: Reader) -> list[dict[str, Any]]:
    """Return the headline cards by wing, each with both languages and where it comes from."""
    rows = {row["code"]: row for row in reader.rows("headline")}
    lines = {language: lines_of(reader, language) for language in LANGUAGES}
    cards: dict[str, list[dict[str, Any]]] = {}
    for zh, en in zip(lines["zh"], lines["en"], strict=True):
        cards.setdefault(zh.wing, []).append(
            {
                "code": zh.code,
                "label": Text(zh.label, en.label),
                "sentence": Text(zh.sentence, en.sentence),
                "value": Text(zh.value_text, en.value_text),
                "interval": Text(zh.interval_text, en.interval_text),
                "mark": zh.mark,
                "sign": mark_sign(zh.mark),
                "mark_label": mark_label(zh.mark),
                "reason": Text(zh.reason, en.reason),
                "origin": origin_of_headline(reader, rows[zh.code]),
            }
        )
    order = [wing for wing in wings_in_order(reader) if wing in cards] + [
        wing for wing in cards if wing not in WINGS
    ]
    return [{"wing": wing, "label": code_label("wing", wing), "cards": cards[wing]} for wing in order]


def spans(text: object) -> Markup:
    """Return a text in both languages as two elements, of which the page shows one; escaped."""
    if not isinstance(text, Text):
        return Markup(escape(text))
    if text.zh == text.en:
        return Markup(escape(text.zh))
    return Markup('<span lang="zh-Hans">{}</span><span lang="en">{}</span>').format(text.zh, text.en)


def figure_spans(text: Text) -> Markup:
    """Return a headline's figure with its number set apart from its unit."""
    return Markup('<span lang="zh-Hans">{}</span><span lang="en">{}</span>').format(
        *(_number_apart(text.of(language)) for language in LANGUAGES)
    )


def _number_apart(text: str) -> Markup:
    first = next((place for place, sign in enumerate(text) if sign.isdigit() or sign in "-<…*"), 0)
    last = first
    while last < len(text) and (text[last].isdigit() or text[last] in "-<…*.,%"):
        last += 1
    return Markup('<span class="unit">{}</span><b>{}</b><span class="unit">{}</span>').format(
        text[:first], text[first:last], text[last:]
    )


@cache
def environment() -> jinja2.Environment:
    """Return what makes pages of the templates, with the filters for texts in both languages."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(own_file),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: Mapping[str, Callable[..., object]] = {"both": spans, "figure": figure_spans, "day": city_day}
    environment.filters.update(filters)
    environment.globals.update({"ui": ui, "Panel": Panel, "attribute": _attribute})
    return environment


def _attribute(text: Text) -> Markup:
    """Return a text as attributes that the script moves into aria-label or title."""
    return Markup('data-zh="{}" data-en="{}"').format(text.zh, text.en)


def own_file(name: str) -> str:
    """Return the text of a file of the templates' folder."""
    return resources.files("lvshu.publish").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def plotly_script() -> str:
    """Return plotly's own minified script from its wheel, so that it can stand in a script element."""
    from plotly.offline import get_plotlyjs

    script: str = get_plotlyjs()
    return script.replace("</script", "<\\/script")


def panels_of(sections: Sequence[Section]) -> list[Panel]:
    """Return the panels of chapters, in order."""
    return [panel for section in sections for panel in section.panels]
