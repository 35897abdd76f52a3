"""Makes the pages that are asked for first before anybody asks, so that the first page is quick."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from lvshu.contract import all_contracts
from lvshu.core.errors import LvshuError
from lvshu.pipeline.headlines import definitions
from lvshu.web.context import LANGUAGES, Context, PageQuery
from lvshu.web.pages import corrections, data, home, ledger, what_if
from lvshu.web.pages.chapters import WINGS, chapter
from lvshu.web.queues import QUEUES, cases_of
from lvshu.web.rendering import assets, environment
from lvshu.web.security.finance_view import finance_view
from lvshu.web.workbench import Workbench

LET_THE_FIRST_PAGE_PASS = 2.0


def prepare() -> None:
    """Read what every page needs: contracts, headlines, templates. Called before anybody can ask."""
    all_contracts()
    definitions()
    for language in LANGUAGES:
        for name in ("base.html.j2", "parts.html.j2", "page.html.j2", "home.html.j2"):
            environment(language).get_template(name)


def first_page(workbench: Workbench) -> None:
    """Make what the first page shows, before anybody can ask; nothing where there is no run yet.

    What a viewer may see of finance takes seconds to work out where no earlier server or run kept it.
    """
    if workbench.options.needs_login:
        _made(workbench, lambda _: finance_view(workbench, ""))
    _made(workbench, lambda context: home.build(context, PageQuery()))


def warm(workbench: Workbench) -> None:
    """Make the chapters and queues of the current book; nothing where there is none yet."""
    time.sleep(LET_THE_FIRST_PAGE_PASS)

    def made(context: Context) -> None:
        for wing in (*WINGS, "coverage", "findings"):
            chapter(context, wing)
        data.inputs(context, PageQuery())  # the findings in full, for who may see records
        corrections.build(context, corrections.CorrectionsQuery())
        for queue in QUEUES:
            cases_of(workbench, "", queue)
        ledger.build(context, ledger.LedgerQuery())
        what_if.build(context, what_if.WhatIfQuery())
        assets()["plotly.min.js"].packed()

    _made(workbench, made)


def _made(workbench: Workbench, make: Callable[[Context], object]) -> None:
    if workbench.shelf.current() is None:
        return
    try:
        make(Context(workbench, "zh", workbench.owner, "", "/"))
    except LvshuError as error:  # whoever asks for the page is told; the server goes on
        logging.getLogger(__name__).warning("%s", error)
