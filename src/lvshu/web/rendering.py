"""Pages written as HTML in one language: templates, filters, files of our own and plotly's script from its wheel."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
from markupsafe import Markup, escape

from lvshu import __version__
from lvshu.core.city_time import city_moment
from lvshu.core.errors import Problem, Where
from lvshu.publish import plots
from lvshu.publish.display import LEGEND
from lvshu.publish.headlines import mark_label, mark_sign
from lvshu.publish.model import Panel
from lvshu.publish.payload import script_json
from lvshu.publish.report import own_file as publication_file
from lvshu.publish.texts import Text
from lvshu.web.context import Context
from lvshu.web.security.cells import is_closed
from lvshu.web.sparks import interval_mark, month_bars, parts_bar
from lvshu.web.view import PageView
from lvshu.web.words import glossary, word

NO_RUN = "store.no_run"
STACKED = frozenset(
    {"changed", "changed-inputs", "changed-packs", "examples", "queue", "runs", "users", "signed"}
)
"""Panels whose rows stand as cards on a phone: few rows, read one by one."""
TAGS = {"zh": "zh-Hans", "en": "en"}
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
NAVIGATION = (
    ("/", "nav.home"),
    ("/loop", "nav.loop"),
    ("/sectors", "nav.sectors"),
    ("/finance", "nav.finance"),
    ("/statistics", "nav.statistics"),
    ("/what-if", "nav.what_if"),
    ("/data", "nav.data"),
    ("/reviews", "nav.reviews"),
)


@cache
def environment(language: str) -> jinja2.Environment:
    """Return what makes pages of the templates in one language."""
    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def told(text: object) -> str:
        return text.of(language) if isinstance(text, Text) else str(text)

    def said(key: str, **values: object) -> str:
        return word(key, **values).of(language)

    filters: dict[str, Callable[..., object]] = {
        "t": told,
        "apart": lambda text: _number_apart(told(text)),
        "plain": _plain,
        "figure": _is_figure,
        "moment": city_moment,
        "named": lambda parts: [(told(name), share) for name, share in parts],
    }
    made.filters.update(filters)
    made.globals.update(
        {
            "w": said,
            "Text": Text,
            "asset": asset_address,
            "mark_sign": mark_sign,
            "mark_label": mark_label,
            "interval_mark": interval_mark,
            "parts_bar": parts_bar,
            "month_bars": month_bars,
            "may_open": lambda table, person: person.sees_records or not is_closed(table),
            "navigation": NAVIGATION,
            "stacked_panels": STACKED,
            "version": __version__,
            "legend": [(sign, Text(zh, en)) for sign, zh, en in LEGEND],
        }
    )
    return made


def _template(name: str) -> str:
    return resources.files("lvshu.web").joinpath("templates", name).read_text(encoding="utf-8")


def _is_figure(text: str) -> bool:
    """Return whether a text is a number alone, which no line may break."""
    return any(sign.isdigit() for sign in text) and not text.strip("0123456789,.-−+%")


def _plain(value: object) -> str:
    return "" if value is None else str(value)


def _number_apart(text: str) -> Markup:
    """Return a headline's figure with its number set apart from its unit."""
    first = next((place for place, sign in enumerate(text) if sign.isdigit() or sign in "-<…*"), 0)
    last = first
    while last < len(text) and (text[last].isdigit() or text[last] in "-<…*.,%"):
        last += 1
    return Markup('<span class="unit">{}</span><b>{}</b><span class="unit">{}</span>').format(
        text[:first], text[first:last], text[last:]
    )


def page_html(
    context: Context,
    view: PageView,
    *,
    run: dict[str, Any] | None,
    synthetic: bool,
    title: Text,
    citation: Text,
    part: str = "",
) -> str:
    """Return a page as HTML; `part` names a template for a part of a page, without its frame."""
    template = environment(context.language).get_template(part or view.template)
    return template.render(
        page=view,
        context=context,
        language=context.language,
        tag=TAGS[context.language],
        other="en" if context.language == "zh" else "zh",
        link=context.link,
        here=context.here,
        person=context.person,
        run=run,
        newer=newer_than(context, run),
        synthetic=synthetic,
        book_title=title,
        citation=citation,
        glossary=glossary(),
        charts=Markup(
            script_json(chart_data(view.panels, context, citation, synthetic) | _elsewhere(view, context))
        ),
        has_charts=any(panel.chart for panel in view.panels) or bool(view.data.get("draws")),
        **view.data,
    )


def _elsewhere(view: PageView, context: Context) -> dict[str, Any]:
    """Return where panels of sister pages stand: a link to one that stood here before leads on to it."""
    places = view.data.get("elsewhere", {})
    return {"elsewhere": {name: context.link(*place) for name, place in places.items()}} if places else {}


def newer_than(context: Context, run: Mapping[str, Any] | None) -> str | None:
    """Return the run that is current where a page shows an earlier one; else None."""
    current = context.workbench.shelf.current()
    return current if run and run.get("run_id") != current else None


def public(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Return problems as the page tells them: before the first run without the place on the disk."""
    return tuple(replace(one, where=Where()) if one.code == NO_RUN else one for one in problems)


def error_html(
    context: Context,
    status: int,
    problems: tuple[Problem, ...],
    path: str = "/",
    asked: Sequence[tuple[str, str]] = (),
) -> str:
    """Return the page that tells what went wrong, where, why it matters and how to mend it.

    path, asked: the address, as it was asked for: the other language keeps it, wrong as it may be.
    """

    def here(*, language: str = "", **_: object) -> str:
        kept = [(name, value) for name, value in asked if name != "lang"]
        return f"{path}?{urlencode([('lang', language or context.language), *kept])}"

    problems = public(problems)
    no_book = any(problem.code == NO_RUN for problem in problems)
    title = "start.title" if no_book else f"error.{status}" if status in (401, 403, 404) else "error.other"
    view = PageView(id="error", title=word(title))
    return (
        environment(context.language)
        .get_template("error.html.j2")
        .render(
            page=view,
            context=context,
            language=context.language,
            tag=TAGS[context.language],
            other="en" if context.language == "zh" else "zh",
            link=context.link,
            here=here,
            person=context.person,
            run=None,
            synthetic=False,
            book_title=word("app.name"),
            citation=Text("", ""),
            glossary=glossary(),
            charts=Markup("{}"),
            has_charts=False,
            status=status,
            problems=problems,
            no_book=no_book,
            newer=None,
        )
    )


def chart_data(
    panels: tuple[Panel, ...], context: Context, citation: Text, synthetic: bool
) -> dict[str, Any]:
    """Return what the page's script needs of the charts, in one language."""
    drawn = {
        panel.id: {
            **panel.chart.of(context.language),
            "height": panel.chart.height,
            "title": panel.title.of(context.language),
        }
        for panel in panels
        if panel.chart is not None
    }
    words = {
        key: word(f"script.{key}").of(context.language)
        for key in ("failed", "loading", "lost", "cancelled", "done", "close")
    }
    words |= {
        phase: word(f"runs.phase.{phase}").of(context.language)
        for phase in ("preparing", "steps", "stopping")
    }
    return {
        "template": plots.TEMPLATE,
        "charts": drawn,
        "citation": citation.of(context.language),
        "words": words | {"watermark": word("script.watermark").of(context.language) if synthetic else ""},
        "csrf": context.person.csrf,
    }


# -- files -------------------------------------------------------------------------------------------


class Asset:
    """A file that pages ask for, with its compressed form and the digest in its address."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        self.content = content
        self.digest = hashlib.sha256(content).hexdigest()[:16]
        self.media_type = _TYPES[Path(name).suffix]
        self._packed: bytes | None = None

    def packed(self) -> bytes:
        """Return the content, compressed by gzip; made when first asked for."""
        if self._packed is None:
            self._packed = gzip.compress(self.content, 6)
        return self._packed


@cache
def assets() -> dict[str, Asset]:
    """Return the files by their names: our own, the publications' style, and plotly's script from its wheel."""
    found = {"style.css": publication_file("style.css").encode()}
    for entry in resources.files("lvshu.web").joinpath("assets").iterdir():
        if Path(entry.name).suffix in _TYPES:
            found[entry.name] = entry.read_bytes()
    place = find_spec("plotly")
    if place is not None and place.submodule_search_locations:
        folder = Path(next(iter(place.submodule_search_locations)))
        found["plotly.min.js"] = (folder / "package_data" / "plotly.min.js").read_bytes()
    return {name: Asset(name, content) for name, content in found.items()}


def asset_address(name: str) -> str:
    """Return the address of a file; it changes with the file, so that browsers may keep it for good."""
    return f"/assets/{name}?v={assets()[name].digest}"


def escaped(text: object) -> Markup:
    """Return a text as markup."""
    return escape(text)
