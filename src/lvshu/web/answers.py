"""How answers and refusals are written: pages and their twins, problems as a page or as JSON of one shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from lvshu.core.errors import (
    ConfigError,
    ContractError,
    InputError,
    LvshuError,
    MethodError,
    PackError,
    Problem,
    StoreError,
)
from lvshu.publish.origins import citation
from lvshu.publish.reader import Reader
from lvshu.publish.texts import Text, same, ui
from lvshu.web.context import COOKIE, Context, language_of
from lvshu.web.rendering import error_html, newer_than, page_html, public
from lvshu.web.twins import page_csv, page_json, page_workbook
from lvshu.web.view import PageView
from lvshu.web.words import word

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
TWINS = ("json", "csv", "xlsx")
NO_CHOICE = frozenset({"lang", "run", "token", "panel", "page", "all", "fragment"})
"""Parts of an address that say nothing of what is told: its language, run, place in a list or upload."""
NOT_FOUND = frozenset(
    {
        "store.no_table",
        "store.no_column",
        "store.unknown_run",
        "store.no_run",
        "pipeline.unknown_target",
        "pipeline.one_run_only",
        "web.no_such_page",
        "web.no_such_thing",
        "web.nothing_to_explain",
        "web.no_such_number",
    }
)
STATUSES = {
    "web.may_not": HTTPStatus.FORBIDDEN,
    "web.earlier_run": HTTPStatus.FORBIDDEN,
    "web.token": HTTPStatus.FORBIDDEN,
    "web.wrong_login": HTTPStatus.UNAUTHORIZED,
    "web.too_many_tries": HTTPStatus.TOO_MANY_REQUESTS,
    "web.address_waits": HTTPStatus.TOO_MANY_REQUESTS,
    "web.run_goes_on": HTTPStatus.CONFLICT,
    "web.answered_meanwhile": HTTPStatus.CONFLICT,
    "web.withdrawn_already": HTTPStatus.CONFLICT,
    "web.answer_changed": HTTPStatus.CONFLICT,
    "web.not_yours": HTTPStatus.FORBIDDEN,
    "store.locked": HTTPStatus.CONFLICT,
    "web.parameter": HTTPStatus.UNPROCESSABLE_ENTITY,
    "web.too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}
_KINDS: tuple[tuple[type[LvshuError], HTTPStatus], ...] = (
    (InputError, HTTPStatus.BAD_REQUEST),
    (ContractError, HTTPStatus.BAD_REQUEST),
    (MethodError, HTTPStatus.BAD_REQUEST),
    (PackError, HTTPStatus.BAD_REQUEST),
    (ConfigError, HTTPStatus.BAD_REQUEST),
    (StoreError, HTTPStatus.SERVICE_UNAVAILABLE),
)


class LoginNeeded(Exception):  # noqa: N818
    """Nobody is logged in, and nobody may look without a login."""


def status_of(error: LvshuError) -> int:
    """Return the HTTP status that an error answers with."""
    if error.code in NOT_FOUND:
        return HTTPStatus.NOT_FOUND
    known = STATUSES.get(error.code)
    if known is not None:
        return known
    return next(
        (status for kind, status in _KINDS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR
    )


def book_title(reader: Reader) -> Text:
    """Return the title of the book."""
    return ui("title", area=reader.area, year=reader.settings.year)


def _about(context: Context, needs_book: bool) -> tuple[dict[str, Any], bool, Text, Text] | None:
    """Return (row of the run, synthetic, title, citation); None before the first run where a page needs none."""

    def made(reader: Reader) -> tuple[dict[str, Any], bool, Text, Text]:
        return reader.run, reader.settings.synthetic, book_title(reader), citation(reader)

    if not needs_book and not context.run and context.workbench.shelf.current() is None:
        return None
    run, synthetic, title, cite = context.made("about", made)
    return run, synthetic, title, of_view(context, dated(context, run, cite))


def of_view(context: Context, cite: Text) -> Text:
    """Return how to cite what is seen: with the address, where it holds a scenario, a filter or another choice."""
    chosen = {name: value for name, value in context.query.items() if name not in NO_CHOICE}
    if not chosen:
        return cite
    path = context.path
    for form in TWINS:
        path = path.removesuffix(f".{form}")
    return cite + same(f" · {path}?{urlencode(chosen, doseq=True)}")


def dated(context: Context, run: Mapping[str, Any], cite: Text) -> Text:
    """Return how to cite a run; where it is an earlier one, with words that say so and name the current one."""
    newer = newer_than(context, run)
    return cite + word("earlier.cited", run=newer) if newer else cite


def html_answer(
    context: Context, view: PageView, *, needs_book: bool = True, part: str = "", status: int = 200
) -> Response:
    """Return a page as HTML."""
    run, synthetic, title, cite = _about(context, needs_book) or ({}, False, word("app.name"), Text("", ""))
    text = page_html(
        context, view, run=run or None, synthetic=synthetic, title=title, citation=cite, part=part
    )
    return HTMLResponse(text, status_code=status, headers={"Content-Language": context.language})


def of_panel(view: PageView, panel: str) -> PageView:
    """Return a page with one of its panels alone.

    Raises:
        InputError: the page has no such panel.
    """
    known = [one.id for one in view.panels]
    if panel not in known:
        values = {"name": "panel", "value": panel, "known": known}
        raise InputError(Problem("web.no_such_choice", values=values))
    return replace(view, panels=tuple(one for one in view.panels if one.id == panel))


def panel_alone(view: PageView, panel: str) -> PageView:
    """Return a page for a browser with one of its panels alone, which says so and leads to the whole.

    Raises:
        InputError: the page has no such panel.
    """
    return replace(of_panel(view, panel), template="page.html.j2", data={**view.data, "alone": panel})


def twin_answer(
    context: Context, view: PageView, form: str, *, panel: str = "", needs_book: bool = True
) -> Response:
    """Return a page as json, csv or xlsx; of one panel alone where the address asks for it.

    Raises:
        InputError: the page has no such panel.
    """
    if panel:
        view = of_panel(view, panel)
    run, _, _, cite = _about(context, needs_book) or ({}, False, Text("", ""), Text("", ""))
    if form == "json":
        return JSONResponse(page_json(view, run, cite))
    name = f"lvshu-{view.id}" + (f"-{panel}" if panel else "") + f"-{context.language}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{_ascii(name)}"'}
    if form == "csv":
        described = context.here(path=context.path.removesuffix(".csv") + ".json")
        headers["Link"] = f'<{described}>; rel="describedby"; type="application/json"'
        return Response(page_csv(view, context.language, cite, panel=panel), media_type=CSV, headers=headers)

    def made(reader: Reader) -> bytes:
        return page_workbook(view, reader, context.language, cite)

    with context.workbench.shelf.reading(context.run or None) as reader:
        content = made(reader)
    return Response(content, media_type=XLSX, headers=headers)


def _ascii(name: str) -> str:
    return "".join(sign if sign.isascii() and (sign.isalnum() or sign in "._-") else "-" for sign in name)


def _language_before(request: Request) -> str:
    """Return the language of our own page that a form was sent from; empty where that is not told."""
    query = urlsplit(request.headers.get("referer", "")).query
    return parse_qs(query).get("lang", [""])[0]


def wants_json(request: Request) -> bool:
    """Return whether an error is to be told as JSON: of a twin, of an action, or where JSON is asked for."""
    path = request.scope["path"]
    accepts = request.headers.get("accept", "")
    return (
        path.endswith((".json", ".csv", ".xlsx"))
        or "application/json" in accepts
        or "text/html" not in accepts
    )


def refusal(request: Request, status: int, problems: Sequence[Problem]) -> Response:
    """Return what went wrong, as a page or as JSON; the same shape everywhere."""
    if wants_json(request):
        content = {"ok": False, "errors": [problem.as_json() for problem in public(tuple(problems))]}
        return JSONResponse(content, status_code=status)
    workbench = request.app.state.workbench
    path, query = _asked(request)
    context = Context(
        workbench,
        language_of(request, request.query_params.get("lang") or _language_before(request)),
        workbench.person(request.cookies.get(COOKIE)),
        request.state.nonce,
        request.scope["path"],
    )
    return HTMLResponse(error_html(context, status, tuple(problems), path, query), status_code=status)


def _asked(request: Request) -> tuple[str, list[tuple[str, str]]]:
    """Return the address that the other language is to be asked for: this one, or the page that a form stood on."""
    if request.method in ("GET", "HEAD"):
        return request.scope["path"], request.query_params.multi_items()
    before = urlsplit(request.headers.get("referer", ""))
    own = before.netloc and before.netloc == request.headers.get("host")
    return (before.path or "/", parse_qsl(before.query)) if own else ("/", [])
