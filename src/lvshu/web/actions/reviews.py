"""Decide on a case that waits, or take a decision back.

This module does not postpone annotations: FastAPI reads them.
"""

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from lvshu.core.errors import InputError, Problem
from lvshu.web.actions.token import acting
from lvshu.web.answers import html_answer, status_of, wants_json
from lvshu.web.context import Context
from lvshu.web.pages.reviews import PAGE, ReviewQuery, build
from lvshu.web.queues import Decision, decide, now_text
from lvshu.web.queues.withdrawal import withdraw
from lvshu.web.routes import ERRORS
from lvshu.web.security.cells import protected
from lvshu.web.state.log import record

router = APIRouter(tags=["reviews"])


@router.post(
    "/reviews/decide",
    operation_id="decide",
    status_code=303,
    response_class=Response,
    responses={303: {"description": "on to the next case"}, **ERRORS},
)
def decide_on(
    request: Request,
    subject: Annotated[str, Form(min_length=1, max_length=400)],
    decision: Annotated[str, Form(min_length=1, max_length=16)],
    run: Annotated[str, Form(max_length=80)],
    queue: Annotated[Literal["names", "links", "sample", "codes", "labels"], Form()] = "names",
    chosen: Annotated[str, Form(max_length=60)] = "",
    note: Annotated[str, Form(max_length=500)] = "",
    seen: Annotated[str | None, Form(max_length=40)] = None,
    csrf: Annotated[str, Form(max_length=100)] = "",
    lang: Annotated[Literal["zh", "en"], Form()] = "zh",
) -> Response:
    """Keep a decision on a case; it is written back for the next run."""
    query = ReviewQuery(queue=queue, subject=subject, lang=lang)
    context = acting(request, csrf, "review", query)
    workbench = context.workbench
    if run not in workbench.workspace.runs.ids():
        raise InputError(
            Problem("web.no_such_thing", values={"kind": {"zh": "运行", "en": "run"}, "name": run})
        )
    made = Decision(decision, chosen.strip(), note, context.person.name, run, now_text())
    try:
        decide(workbench, queue, subject, made, seen=seen)
    except InputError as error:
        if wants_json(request) or error.code == "web.no_such_thing":
            raise
        return _refused(context, query, made, error)
    detail = {"queue": queue, "decision": decision, "chosen": made.chosen, "run": run}
    record(workbench.database, context.person, "decide", subject, remote=context.remote, detail=detail)
    return RedirectResponse(f"/reviews?{urlencode({'queue': queue, 'lang': lang})}", HTTPStatus.SEE_OTHER)


def _refused(context: Context, query: ReviewQuery, made: Decision, error: InputError) -> Response:
    """Return the case once more, with what was typed and why it was refused beside it."""
    there = replace(
        context,
        path=PAGE.path,
        query=query.model_dump(exclude_defaults=True),
        asked=query.model_dump(),
    )
    view = protected(there, build(there, query))
    refused = {"problem": error.problems[0], "chosen": made.chosen, "note": made.note}
    view = replace(view, data={**view.data, "refused": refused})
    return html_answer(there, view, status=status_of(error))


@router.post(
    "/reviews/withdraw",
    operation_id="withdraw",
    status_code=303,
    response_class=Response,
    responses={303: {"description": "back to the case"}, **ERRORS},
)
def withdraw_decision(
    request: Request,
    decision: Annotated[int, Form(ge=1)],
    note: Annotated[str, Form(max_length=500)] = "",
    csrf: Annotated[str, Form(max_length=100)] = "",
    lang: Annotated[Literal["zh", "en"], Form()] = "zh",
) -> Response:
    """Take a decision back; the log keeps both, and the next run reads what stands without it."""
    context = acting(request, csrf, "review")
    found = withdraw(context.workbench, decision, context.person, note)
    detail = {"queue": found["queue"], "decision": decision, "by": found["user_name"]}
    record(
        context.workbench.database,
        context.person,
        "withdraw",
        found["subject"],
        remote=context.remote,
        detail=detail,
    )
    query = {"queue": found["queue"], "subject": found["subject"], "lang": lang}
    return RedirectResponse(f"/reviews?{urlencode(query)}", HTTPStatus.SEE_OTHER)
