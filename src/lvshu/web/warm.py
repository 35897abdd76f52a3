"""Makes the pages that are asked for first before anybody asks, so that the first page is quick."""

from __future__ import annotations

import logging

from lvshu.core.errors import LvshuError
from lvshu.web.context import Context
from lvshu.web.pages import home
from lvshu.web.pages.chapters import WINGS, chapter
from lvshu.web.rendering import assets
from lvshu.web.workbench import Workbench


def warm(workbench: Workbench) -> None:
    """Make the headlines and chapters of the current book; nothing where there is none yet."""
    if workbench.shelf.current() is None:
        return
    context = Context(workbench, "zh", workbench.owner, "", "/")
    try:
        context.made("cards", home.cards)
        for wing in (*WINGS, "coverage", "findings"):
            chapter(context, wing)
        assets()["plotly.min.js"].packed()
    except LvshuError as error:  # whoever asks for the page is told; the server goes on
        logging.getLogger(__name__).warning("%s", error)
