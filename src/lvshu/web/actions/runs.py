"""Start a run, follow it, stop it, sign for it; keep a scenario.

This module does not postpone annotations: FastAPI reads them.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from lvshu.core.errors import InputError, Problem
from lvshu.web.actions.token import acting
from lvshu.web.context import PageQuery, context_of
from lvshu.web.pages.what_if import WhatIfQuery
from lvshu.web.routes import ERRORS, demand
from lvshu.web.state import tables
from lvshu.web.state.database import now_text
from lvshu.web.state.log import record

router = APIRouter(tags=["runs"])
TOLD_EVERY = 0.4
LONGEST_STREAM = 6 * 3600.0
SEEN = {303: {"description": "back to the page"}, 409: {"description": "a run goes on"}, **ERRORS}
Token = Annotated[str, Form(max_length=100)]
Language = Annotated[Literal["zh", "en"], Form()]


@router.post(
    "/runs/start", operation_id="start_run", status_code=303, response_class=Response, responses=SEEN
)
def start(
    request: Request, csrf: Token = "", lang: Language = "zh", again: Annotated[bool, Form()] = False
) -> Response:
    """Start a run of the workspace, in a process of its own."""
    context = acting(request, csrf, "run")
    job = context.workbench.jobs.start(by=context.person.name, language=lang, again=again)
    record(
        context.workbench.database,
        context.person,
        "run",
        f"job {job.number}",
        remote=context.remote,
        detail={"again": again},
    )
    return RedirectResponse(f"/runs?lang={lang}", HTTPStatus.SEE_OTHER)


@router.post(
    "/runs/cancel", operation_id="cancel_run", status_code=303, response_class=Response, responses=SEEN
)
def cancel(request: Request, csrf: Token = "", lang: Language = "zh") -> Response:
    """Stop the run that goes on; finished steps are kept, and the next run goes on from them."""
    context = acting(request, csrf, "run")
    stopped = context.workbench.jobs.cancel(context.person.name)
    record(
        context.workbench.database,
        context.person,
        "cancel",
        "run",
        remote=context.remote,
        detail={"stopped": stopped},
    )
    return RedirectResponse(f"/runs?lang={lang}", HTTPStatus.SEE_OTHER)


class Since(PageQuery):
    """From which event on."""

    since: int = 0


def _state(request: Request, since: int, whole: bool) -> dict[str, Any]:
    job = request.app.state.workbench.jobs.job
    if job is None:
        return {"ok": True, "job": None, "state": "none", "events": []}
    return {"ok": True, **job.snapshot(max(0, since), whole=whole)}


@router.get(
    "/runs/progress.json",
    operation_id="run_progress",
    responses={200: {"content": {"application/json": {}}}, **ERRORS},
    response_class=Response,
)
def progress(request: Request, query: Annotated[Since, Query()]) -> Response:
    """Return how far the run is that was started here, with its events from a number on."""
    context = context_of(request, query)
    demand(context, "look")
    return JSONResponse(_state(request, query.since, context.person.sees_records))


@router.get(
    "/runs/progress",
    operation_id="run_progress_stream",
    responses={200: {"content": {"text/event-stream": {}}}, **ERRORS},
    response_class=Response,
)
async def stream(request: Request, query: Annotated[Since, Query()]) -> Response:
    """Return the progress of the run as server-sent events; ends with the run, or at once where none goes on."""
    context = context_of(request, query)
    demand(context, "look")

    async def events() -> AsyncIterator[str]:
        since, waited = max(0, query.since), 0.0
        while waited < LONGEST_STREAM and not await request.is_disconnected():
            state = _state(request, since, context.person.sees_records)
            since = state.get("next", since)
            yield f"data: {json.dumps(state, ensure_ascii=False)}\n\n"
            if state["state"] != "running":
                return
            await asyncio.sleep(TOLD_EVERY)
            waited += TOLD_EVERY

    return StreamingResponse(events(), media_type="text/event-stream")


@router.post(
    "/runs/sign-off", operation_id="sign_off", status_code=303, response_class=Response, responses=SEEN
)
def sign_off(
    request: Request,
    run: Annotated[str, Form(max_length=80)],
    statement: Annotated[Literal["approved", "rejected"], Form()],
    note: Annotated[str, Form(max_length=2000)] = "",
    csrf: Token = "",
    lang: Language = "zh",
) -> Response:
    """Sign for a run, or refuse to; statements are only added to."""
    context = acting(request, csrf, "review")
    workbench = context.workbench
    if run not in workbench.workspace.runs.ids():
        raise InputError(
            Problem("web.no_such_thing", values={"kind": {"zh": "运行", "en": "run"}, "name": run})
        )
    row = {
        "run_id": run,
        "statement": statement,
        "note": note,
        "user_name": context.person.name,
        "role": context.person.role,
        "at": now_text(),
    }
    workbench.database.add(tables.sign_off, row)
    record(
        workbench.database,
        context.person,
        "sign_off",
        run,
        remote=context.remote,
        detail={"statement": statement},
    )
    return RedirectResponse(f"/runs?lang={lang}", HTTPStatus.SEE_OTHER)


@router.post(
    "/what-if/keep", operation_id="keep_scenario", status_code=303, response_class=Response, responses=SEEN
)
def keep_scenario(
    request: Request,
    title: Annotated[str, Form(min_length=1, max_length=120)],
    query: Annotated[str, Form(max_length=2000)] = "",
    csrf: Token = "",
    lang: Language = "zh",
) -> Response:
    """Keep a scenario under a name: its levers as they stand in the address."""
    context = acting(request, csrf, "run")
    known = set(WhatIfQuery.model_fields) - {"lang", "run", "panel", "fragment"}
    given = dict(parse_qsl(query))
    levers = WhatIfQuery.model_validate({name: value for name, value in given.items() if name in known})
    workbench = context.workbench
    earlier = given.get("run", "") if given.get("run") in workbench.workspace.runs.ids() else ""
    kept = urlencode(levers.model_dump(exclude_defaults=True))
    row = {
        "title": title,
        "query": kept,
        "run_id": earlier or workbench.shelf.current() or "",
        "user_name": context.person.name,
        "at": now_text(),
    }
    workbench.database.add(tables.scenario, row)
    record(workbench.database, context.person, "scenario", title, remote=context.remote)
    place = f"/what-if?{kept}{'&' if kept else ''}lang={lang}" + (f"&run={earlier}" if earlier else "")
    return RedirectResponse(place, HTTPStatus.SEE_OTHER)
