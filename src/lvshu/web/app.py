"""The application: pages with their twins, actions, assets, and what answers when something goes wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from lvshu import __version__
from lvshu.core.errors import LvshuError, Problem
from lvshu.web.actions import account, files, report, reviews, runs, uploads
from lvshu.web.answers import LoginNeeded, refusal, status_of, wants_json
from lvshu.web.options import WebOptions
from lvshu.web.pages import PAGES
from lvshu.web.reasons import reason_of
from lvshu.web.routes import add_page
from lvshu.web.security.guard import Guard
from lvshu.web.workbench import Workbench


def create_app(options: WebOptions) -> FastAPI:
    """Return the application of a workspace.

    Raises:
        ConfigError: no workspace in the folder, or wrong settings.
        StoreError: the database of what people write cannot be opened, or there is no user where a login is needed.
    """
    workbench = Workbench(options)

    @asynccontextmanager
    async def living(_: FastAPI) -> AsyncIterator[None]:
        yield
        workbench.close()

    app = FastAPI(
        title="绿枢 lvshu workbench",
        version=__version__,
        summary="The book as pages; every page has a .json, .csv and .xlsx twin",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        lifespan=living,
    )
    app.state.workbench = workbench
    for page in PAGES:
        add_page(app.router, page)
    for module in (account, files, report, reviews, runs, uploads):
        app.router.routes.extend(module.router.routes)  # include_router builds them anew at the first request
    _answer_errors(app)
    app.add_middleware(Guard, options=options)
    return app


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(LvshuError)
    def told(request: Request, error: Exception) -> Response:
        problem = error if isinstance(error, LvshuError) else LvshuError()
        return refusal(request, status_of(problem), problem.problems)

    @app.exception_handler(LoginNeeded)
    def to_login(request: Request, error: Exception) -> Response:
        if wants_json(request):
            return refusal(request, HTTPStatus.UNAUTHORIZED, (Problem("web.login_needed"),))
        query = f"?{request.url.query}" if request.url.query else ""
        target = RedirectResponse("/login", HTTPStatus.SEE_OTHER)
        target.headers["location"] = "/login?" + account.next_query(request.scope["path"] + query)
        return target

    @app.exception_handler(RequestValidationError)
    def wrong_query(request: Request, error: Exception) -> Response:
        faults = error.errors() if isinstance(error, RequestValidationError) else []
        problems = [
            Problem("web.parameter", values={"name": str(one["loc"][-1])[:80], "reason": reason_of(one)})
            for one in faults[:10]
        ]
        return refusal(request, HTTPStatus.UNPROCESSABLE_ENTITY, problems)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        codes = {404: "web.no_such_page", 405: "web.method"}
        problem = Problem(
            codes.get(status, "web.http"), values={"path": request.scope["path"][:200], "status": status}
        )
        answer = refusal(request, status, (problem,))
        if isinstance(error, HTTPException) and error.headers:
            answer.headers.update(error.headers)
        return answer

    @app.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> Response:
        values = {"kind": type(error).__name__, "reason": str(error)[:300]}
        return refusal(request, HTTPStatus.INTERNAL_SERVER_ERROR, (Problem("web.unexpected", values=values),))
