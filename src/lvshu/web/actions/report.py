"""The report of a run: as a PDF, or the page of one file that the run wrote.

This module does not postpone annotations: FastAPI reads them.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from lvshu.publish.origins import citation
from lvshu.publish.reader import Reader
from lvshu.web.answers import book_title, dated
from lvshu.web.context import PageQuery, context_of
from lvshu.web.pages import home
from lvshu.web.pages.ahead import fans, nowcasts
from lvshu.web.pages.chapters import WINGS, chapter
from lvshu.web.pdf import report_pdf
from lvshu.web.routes import ERRORS, demand
from lvshu.web.security.cells import protected_cards, protected_panels

router = APIRouter(tags=["report"])


@router.get(
    "/report.pdf",
    operation_id="report_pdf",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}}, **ERRORS},
)
def report(request: Request, query: Annotated[PageQuery, Query()]) -> Response:
    """Return the book's report as a PDF, in the language asked for."""
    context = context_of(request, query)
    demand(context, "look")
    cards = protected_cards(context, context.made("cards", home.cards))
    open_book = context.person.sees_records
    names = (*WINGS, "coverage", "findings", "packs")
    ahead = (*context.made("nowcasts", nowcasts), *context.made("fans", fans))
    more = {"statistics": tuple(panel for panel in ahead if panel.empty is None)}
    chapters = [
        (section.title, panels if open_book else protected_panels(context, panels))
        for section, panels in (
            (one, (*one.panels, *more.get(one.id, ()))) for one in (chapter(context, name) for name in names)
        )
    ]

    def made(reader: Reader) -> bytes:
        return report_pdf(
            context.language,
            title=book_title(reader),
            cards=cards,
            chapters=chapters,
            citation=dated(context, reader.run, citation(reader)),
            synthetic=reader.settings.synthetic,
            run=reader.run,
        )

    content = context.made(("pdf", context.language, open_book, context.workbench.shelf.current()), made)
    name = f"lvshu-report-{context.language}.pdf"
    return Response(
        content, media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )
