"""Log in, log out, users and the log.

This module does not postpone annotations: FastAPI reads them.
"""

from http import HTTPStatus
from typing import Annotated
from urllib.parse import parse_qs, urlencode, urlsplit

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from lvshu.core.errors import InputError
from lvshu.web.actions.token import acting
from lvshu.web.answers import html_answer, status_of
from lvshu.web.context import COOKIE, LANGUAGES, PageQuery, context_of
from lvshu.web.routes import ERRORS
from lvshu.web.state.log import record
from lvshu.web.state.users import NOBODY, log_in, log_out
from lvshu.web.view import PageView
from lvshu.web.words import word

router = APIRouter(tags=["account"])


def next_query(target: str) -> str:
    """Return the query of the login page that leads back to an address of ours."""
    return urlencode({"next": target[:1000]})


def safe_target(target: str) -> str:
    """Return an address of this server; the home page where another is asked for."""
    parts = urlsplit(target)
    is_ours = target.startswith("/") and not target.startswith("//") and not parts.scheme and not parts.netloc
    return target if is_ours and "\\" not in target and "\n" not in target and "\r" not in target else "/"


def in_language(target: str, asked: str | None) -> tuple[str, str | None]:
    """Return where to go and the language: as asked for on the login page itself, else as the address says."""
    parts = urlsplit(target)
    query = parse_qs(parts.query)
    told = query.get("lang", [""])[0]
    if asked and told and told != asked:
        query["lang"] = [asked]
        return parts._replace(query=urlencode(query, doseq=True)).geturl(), asked
    return target, asked or (told if told in LANGUAGES else None)


class LoginQuery(PageQuery):
    """Where to go after the login."""

    next: str = "/"


@router.get(
    "/login",
    operation_id="login_page",
    responses={200: {"content": {"text/html": {}}}, **ERRORS},
    response_class=Response,
)
def login_page(request: Request, query: Annotated[LoginQuery, Query()]) -> Response:
    """Return the page with the login form."""
    target, language = in_language(safe_target(query.next), query.lang)
    context = context_of(request, query.model_copy(update={"lang": language}))
    view = PageView(
        "login",
        word("login.title"),
        template="login.html.j2",
        data={"target": target, "problems": ()},
    )
    return html_answer(context, view, needs_book=False)


@router.post(
    "/login",
    operation_id="login",
    status_code=303,
    response_class=Response,
    responses={303: {"description": "logged in"}, **ERRORS},
)
def login(
    request: Request,
    name: Annotated[str, Form(max_length=64)],
    password: Annotated[str, Form(max_length=256)],
    target: Annotated[str, Form(max_length=1000)] = "/",
    lang: Annotated[str, Form(max_length=2)] = "",
) -> Response:
    """Open a session, or say that name or password is wrong."""
    context = context_of(request, PageQuery(lang=lang if lang in ("zh", "en") else None))  # type: ignore[arg-type]
    workbench = context.workbench
    try:
        token = log_in(workbench.database, name, password, context.remote)
    except InputError as error:
        record(workbench.database, NOBODY, "refused", name, remote=context.remote)
        data = {"target": safe_target(target), "problems": error.problems}
        view = PageView("login", word("login.title"), template="login.html.j2", data=data)
        answer = html_answer(context, view, needs_book=False, status=status_of(error))
        if error.code == "web.address_waits":
            answer.headers["retry-after"] = str(error.problems[0].values["seconds"])
        return answer
    person = workbench.person(token)
    record(workbench.database, person, "login", name, remote=context.remote)
    answer = RedirectResponse(safe_target(target), HTTPStatus.SEE_OTHER)
    answer.set_cookie(
        COOKIE,
        token,
        httponly=True,
        samesite="strict",
        secure=workbench.options.secure_cookies,
        path="/",
        max_age=int(workbench.options.session_hours * 3600),
    )
    return answer


@router.post(
    "/logout",
    operation_id="logout",
    status_code=303,
    response_class=Response,
    responses={303: {"description": "logged out"}, **ERRORS},
)
def logout(request: Request, csrf: Annotated[str, Form(max_length=100)] = "") -> Response:
    """End the session."""
    context = acting(request, csrf, "look")
    token = request.cookies.get(COOKIE)
    if token:
        log_out(context.workbench.database, token)
        record(
            context.workbench.database, context.person, "logout", context.person.name, remote=context.remote
        )
    answer = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    answer.delete_cookie(COOKIE, path="/")
    return answer
