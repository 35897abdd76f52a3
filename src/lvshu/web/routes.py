"""Routes of pages: each page with its three twins, and who may see it.

This module does not postpone annotations: FastAPI reads the query model of each page from them.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from lvshu.core.errors import InputError, Problem
from lvshu.web.answers import CSV, XLSX, LoginNeeded, html_answer, panel_alone, twin_answer
from lvshu.web.context import Context, PageQuery, context_of
from lvshu.web.not_understood import notices, refuse_unknown
from lvshu.web.pages.explain import word_of_right
from lvshu.web.pages.page import Page
from lvshu.web.security.cells import protected

ERROR = {"description": "what went wrong, in both languages", "content": {"application/json": {}}}
ERRORS: dict[int | str, dict[str, Any]] = {
    400: ERROR,
    401: ERROR,
    403: ERROR,
    404: ERROR,
    422: ERROR,
    503: ERROR,
}


def demand(context: Context, needs: str) -> None:
    """Make sure that whoever asks may.

    Two runs may differ by one record, and so may their totals: who may not see records sees the current run alone.

    Raises:
        LoginNeeded: nobody is logged in.
        InputError: the role is another, or does not see earlier runs.
    """
    person = context.person
    if not person.role:
        raise LoginNeeded
    if context.run and not person.sees_records and context.run != context.workbench.shelf.current():
        raise InputError(Problem("web.earlier_run"))
    if not person.has(needs):
        raise InputError(Problem("web.may_not", values={"right": word_of_right(needs)}))


def add_page(router: APIRouter, page: Page) -> None:
    """Add a page and its twins to the router."""
    model = page.query

    def html(request: Request, query: Annotated[model, Query()]) -> Response:  # type: ignore[valid-type]
        context = context_of(request, query)
        demand(context, page.needs)
        if getattr(query, "all", False):  # for downloads; a page shows a page of rows
            query = query.model_copy(update={"all": False})  # type: ignore[attr-defined]
        view = protected(context, page.build(context, query))
        part = page.fragment if getattr(query, "fragment", False) else ""
        panel = getattr(query, "panel", "")
        if panel and not part:
            view = panel_alone(view, panel)
        told = notices(request.query_params.multi_items(), model)
        if told and not part:
            view = replace(view, data={**view.data, "not_understood": told})
        return html_answer(context, view, needs_book=page.needs_book, part=part)

    router.add_api_route(
        page.path,
        html,
        name=page.name,
        operation_id=page.name,
        tags=["pages"],
        responses={200: {"content": {"text/html": {}}}, **ERRORS},
        response_class=Response,
        summary=(page.build.__doc__ or page.name).splitlines()[0],
    )
    base = "/home" if page.path == "/" else page.path
    for form, media in (("json", "application/json"), ("csv", CSV), ("xlsx", XLSX)):
        router.add_api_route(
            f"{base}.{form}",
            _twin(page, form, model),
            name=f"{page.name}_{form}",
            operation_id=f"{page.name}_{form}",
            tags=["twins"],
            responses={200: {"content": {media.split(";")[0]: {}}}, **ERRORS},
            response_class=Response,
            summary=f"The same as {form.upper()}",
        )


def _twin(page: Page, form: str, model: type[PageQuery]) -> Callable[..., Response]:
    def twin(
        request: Request,
        query: Annotated[model, Query()],  # type: ignore[valid-type]
    ) -> Response:
        context = context_of(request, query)
        demand(context, page.needs)
        refuse_unknown(request.query_params.multi_items(), model)
        view = protected(context, page.build(context, query))
        return twin_answer(context, view, form, panel=getattr(query, "panel", ""), needs_book=page.needs_book)

    return twin
