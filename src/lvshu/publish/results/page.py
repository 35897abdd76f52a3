"""Results as one page that opens in a browser without a network: chart, table, unit, method, origin."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from lvshu import __version__
from lvshu.accounts.ledger.result import Result
from lvshu.core.city_time import city_today
from lvshu.core.origin import Origin
from lvshu.publish.display import LEGEND
from lvshu.publish.model import Panel
from lvshu.publish.origins import method_card
from lvshu.publish.payload import page_data, script_json
from lvshu.publish.report import environment, own_file, plotly_script
from lvshu.publish.results.view import bars_of, sankey_of, view_of
from lvshu.publish.texts import NO_TEXT, Text, code_label, ui

_TAGS = {"zh": "zh-Hans", "en": "en"}


def panel_of(result: Result, *, place: int = 0) -> Panel:
    """Return a result as a panel: flows as a Sankey diagram, else bars."""
    title = Text(*result.title)
    view = view_of(result)
    chart, told = sankey_of(result, title) if result.is_flow else (bars_of(result, view, title), NO_TEXT)
    notes = [Text(zh, en) for zh, en in result.notes]
    notes += [note for note in (told, view.note) if note]
    note = Text(
        "；".join(one.zh.rstrip("。") for one in notes), "; ".join(one.en.rstrip(".") for one in notes)
    )
    return Panel(f"{result.name}-{place}" if place else result.name, title, NO_TEXT, chart, view,
                 method=result.method, note=note)  # fmt: skip


def write_page(results: Sequence[Result], path: Path, *, title: Text, language: str = "zh") -> Path:
    """Write results as one HTML page and return its path.

    Args:
        results: in the order in which they are shown.
        path: the file to write.
        title: of the page.
        language: shown first (zh or en); the page switches at a click.

    Raises:
        OSError: the file cannot be written.
    """
    path.write_text(render_page(results, title=title, language=language), encoding="utf-8")
    return path


def render_page(results: Sequence[Result], *, title: Text, language: str) -> str:
    """Return the page as text."""
    panels = [panel_of(result, place=place) for place, result in enumerate(results)]
    origins = list(dict.fromkeys(origin for result in results for origin in result.origin))
    methods = list(dict.fromkeys(result.method for result in results))
    return render_panels(panels, origins, methods, title=title, language=language, name=results[0].name)


def render_panels(
    panels: Sequence[Panel],
    origins: Sequence[Origin],
    methods: Sequence[str],
    *,
    title: Text,
    language: str,
    name: str,
) -> str:
    """Return panels as the text of a page, with the cards of their methods and where they come from."""
    cite = ui("result.citation", title=title, version=__version__, date=city_today().isoformat())
    cards = [card for card in map(method_card, methods) if card]
    return (
        environment()
        .get_template("result.html.j2")
        .render(
            language=language,
            tag=_TAGS[language],
            title=title,
            version=__version__,
            panels=panels,
            methods=cards,
            origins=[_facts(origin) for origin in origins],
            citation=cite,
            legend=[(sign, Text(zh, en)) for sign, zh, en in LEGEND],
            style=Markup(own_file("style.css")),
            script=Markup(own_file("script.js")),
            plotly=Markup(plotly_script()),
            data=Markup(script_json(page_data(panels, cite, f"lvshu-{name}"))),
        )
    )


def _facts(origin: Origin) -> list[tuple[Text, str]]:
    """Return what is known of a source, part by part."""
    return [(code_label("origin_part", name), text) for name, text in origin.as_dict().items() if text]
