"""Bring a file, map it, try it, take the rejects back, take it in.

This module does not postpone annotations: FastAPI reads them.
"""

import json
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from fastapi.responses import RedirectResponse, Response
from pydantic import Field

from lvshu.core.errors import InputError
from lvshu.statistics.forms.ledger import RETURNS
from lvshu.web import upload_forms, uploads
from lvshu.web.actions.token import acting
from lvshu.web.answers import CSV, wants_json
from lvshu.web.context import Context, PageQuery, context_of
from lvshu.web.routes import ERRORS, demand
from lvshu.web.state import tables
from lvshu.web.state.database import now_text
from lvshu.web.state.log import record
from lvshu.web.upload_corrections import corrected_name, corrects
from lvshu.web.upload_draft import Draft, begin_again, drafted, read_draft
from lvshu.web.upload_encoding import Encoding, state_encoding
from lvshu.web.upload_memory import forget, remember, remembered
from lvshu.web.upload_same import same_content, told_same

router = APIRouter(tags=["uploads"])
SEEN = {303: {"description": "on to the next page"}, 413: {"description": "too large"}, **ERRORS}
Token = Annotated[str, Form(max_length=100)]
Language = Annotated[Literal["zh", "en"], Form()]
Upload = Annotated[str, Form(max_length=24)]


def _to(context: Context, token: str, lang: str, table: str = "") -> Response:
    more = f"&table={table}" if table else ""
    return RedirectResponse(f"/data/upload?token={token}{more}&lang={lang}", HTTPStatus.SEE_OTHER)


@router.post("/data/upload", operation_id="upload", status_code=303, response_class=Response, responses=SEEN)
def upload(
    request: Request, file: Annotated[UploadFile, File()], csrf: Token = "", lang: Language = "zh"
) -> Response:
    """Take a file in, apart from the inputs."""
    context = acting(request, csrf, "run")
    workbench = context.workbench
    made = uploads.receive(
        workbench.workspace,
        file.filename or "",
        file.file,
        by=context.person.name,
        most=workbench.options.upload_bytes,
    )
    record(
        workbench.database,
        context.person,
        "upload",
        made.name,
        remote=context.remote,
        detail={"token": made.token, "sha256": made.sha256, "bytes": made.bytes},
    )
    return _to(context, made.token, lang)


@router.post(
    "/data/upload/try", operation_id="try_upload", status_code=303, response_class=Response, responses=SEEN
)
def try_upload(
    request: Request,
    token: Upload,
    table: Annotated[str, Form(max_length=64)] = "",
    sheet: Annotated[str, Form(max_length=100)] = "",
    header_row: Annotated[int, Form(ge=0, le=10_000)] = 0,
    shown_row: Annotated[int, Form(ge=0, le=10_000)] = 0,
    heading: Annotated[list[str], Form(max_length=500)] = [],  # noqa: B006  (FastAPI copies defaults)
    column: Annotated[list[str], Form(max_length=500)] = [],  # noqa: B006
    unit: Annotated[list[str], Form(max_length=500)] = [],  # noqa: B006
    constant_column: Annotated[list[str], Form(max_length=200)] = [],  # noqa: B006
    constant: Annotated[list[str], Form(max_length=200)] = [],  # noqa: B006
    value_column: Annotated[list[str], Form(max_length=200)] = [],  # noqa: B006
    value: Annotated[list[str], Form(max_length=200)] = [],  # noqa: B006
    value_to: Annotated[list[str], Form(max_length=200)] = [],  # noqa: B006
    value_why: Annotated[list[str], Form(max_length=200)] = [],  # noqa: B006
    csrf: Token = "",
    lang: Language = "zh",
) -> Response:
    """Read a file as it is mapped, without touching the inputs; what is wrong with the mapping is told by field."""
    context = acting(request, csrf, "run")
    workspace = context.workbench.workspace
    _, path = uploads.open_upload(workspace, token)
    if not (heading and table):
        uploads.trial(workspace, token, language=lang)
        return _to(context, token, lang, table)
    if shown_row and header_row != shown_row:  # other headings: what was chosen belongs to the row before
        begin_again(path, Draft(table=table, header_row=header_row, sheet=sheet))
        return _to(context, token, lang, table)
    draft = drafted(
        table,
        header_row,
        list(zip(heading, column, unit, strict=False)),
        list(zip(value_column, value, value_to, value_why, strict=False)),
        list(zip(constant_column, constant, strict=False)),
        sheet=sheet,
    )
    wrong = uploads.state_mapping(workspace, token, draft, language=lang)
    if wrong and wants_json(request):
        raise InputError(*wrong.values())
    return _to(context, token, lang, table)


@router.post(
    "/data/upload/encoding",
    operation_id="state_encoding",
    status_code=303,
    response_class=Response,
    responses=SEEN,
)
def choose_encoding(
    request: Request,
    token: Upload,
    encoding: Annotated[Encoding, Form()] = "",
    csrf: Token = "",
    lang: Language = "zh",
) -> Response:
    """Read a text file in another encoding than the one that was found, or as it is found again."""
    context = acting(request, csrf, "run")
    state_encoding(context.workbench.workspace, token, encoding)
    return _to(context, token, lang)


@router.post(
    "/data/upload/refuse",
    operation_id="refuse_mapping",
    status_code=303,
    response_class=Response,
    responses=SEEN,
)
def refuse_mapping(request: Request, token: Upload, csrf: Token = "", lang: Language = "zh") -> Response:
    """Read a file without the mapping that is remembered for its headings."""
    context = acting(request, csrf, "run")
    _, path = uploads.open_upload(context.workbench.workspace, token)
    begin_again(path, Draft(refused=True))
    return _to(context, token, lang)


@router.post(
    "/data/upload/forget",
    operation_id="forget_mapping",
    status_code=303,
    response_class=Response,
    responses=SEEN,
)
def forget_mapping(request: Request, token: Upload, csrf: Token = "", lang: Language = "zh") -> Response:
    """Forget the mappings that are remembered for the headings of a file, and read it without them."""
    context = acting(request, csrf, "run")
    workbench = context.workbench
    _, path = uploads.open_upload(workbench.workspace, token)
    for rows in uploads.heads_of(path).values():
        found = remembered(workbench.database, rows)
        if found is not None:
            count = forget(workbench.database, found[0].headings)
            detail = {"forgotten": count, "mapping": json.loads(found[0].draft.as_json())}
            record(
                workbench.database,
                context.person,
                "upload",
                found[0].file,
                remote=context.remote,
                detail=detail,
            )
    begin_again(path, Draft(refused=True))
    return _to(context, token, lang)


@router.post(
    "/data/upload/take", operation_id="take_upload", status_code=303, response_class=Response, responses=SEEN
)
def take_upload(
    request: Request,
    token: Upload,
    same: Annotated[Literal["", "replace"], Form()] = "",
    csrf: Token = "",
    lang: Language = "zh",
) -> Response:
    """Put a file that was tried among the inputs; the next run reads it."""
    context = acting(request, csrf, "run")
    workbench = context.workbench
    about, path = uploads.open_upload(workbench.workspace, token)
    there = same_content(workbench.workspace, workbench.database, about.sha256, about.bytes)
    if there is not None and same != "replace":
        raise InputError(told_same(there, about.name))
    before = "" if there is None else uploads.mapping_of(there.path)
    about, target = uploads.take(workbench.workspace, token, instead=there.path.name if there else "")
    text, draft = uploads.mapping_of(path), read_draft(path.parent)
    if text and draft is not None and draft.table and corrects(workbench.workspace, path.parent) is None:
        headings = uploads.headings_of(path, draft)
        remember(workbench.database, headings, draft, file=target.name, by=context.person.name)
    report = uploads.last_trial(workbench.workspace, token) or {"tables": []}
    counts = {
        key: sum(one[key] for one in report["tables"])
        for key in ("rows_read", "rows_kept", "rows_quarantined")
    }
    row = {
        "file": about.name,
        "kept_as": target.name,
        "sha256": about.sha256,
        "bytes": about.bytes,
        "table_name": report["tables"][0]["table"],
        "mapping": text,
        **counts,
        "user_name": context.person.name,
        "at": now_text(),
    }
    workbench.database.add(tables.upload, row)
    record(
        workbench.database,
        context.person,
        "upload",
        target.name,
        remote=context.remote,
        detail={"taken": True, **counts, **({"mapping_before": before} if there else {})},
    )
    return _to(context, token, lang)


@router.post(
    "/data/upload/take-forms",
    operation_id="take_forms",
    status_code=303,
    response_class=Response,
    responses=SEEN,
)
def take_forms(
    request: Request,
    token: Upload,
    note: Annotated[str, Form(max_length=200)] = "",
    csrf: Token = "",
    lang: Language = "zh",
) -> Response:
    """Take a workbook of platforms' forms into the inputs, with its trail; one with errors is refused whole."""
    context = acting(request, csrf, "run")
    workbench = context.workbench
    about, made = upload_forms.take(workbench.workspace, token, user=context.person.name, note=note)
    amounts = len(made.checked.returned.amounts)
    row = {
        "file": about.name,
        "kept_as": RETURNS,
        "sha256": about.sha256,
        "bytes": about.bytes,
        "table_name": "platform_return",
        "mapping": "",
        "rows_read": amounts,
        "rows_kept": amounts,
        "rows_quarantined": 0,
        "user_name": context.person.name,
        "at": now_text(),
    }
    workbench.database.add(tables.upload, row)
    detail = {"taken": not made.same, "event": made.event.get("event_id", ""), "changes": len(made.changes)}
    record(workbench.database, context.person, "upload", RETURNS, remote=context.remote, detail=detail)
    return _to(context, token, lang)


class RejectsQuery(PageQuery):
    """Which rejects file."""

    token: str = Field(max_length=24, pattern=r"^[0-9a-f]*$")
    name: str = Field(max_length=120)


@router.get(
    "/data/upload/rejects",
    operation_id="rejects",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}, **ERRORS},
)
def rejects(request: Request, query: Annotated[RejectsQuery, Query()]) -> Response:
    """Return the rows of an upload that have to be corrected, with reasons, ready to be fed back."""
    context = context_of(request, query)
    demand(context, "run")
    path = uploads.rejects_file(context.workbench.workspace, query.token, query.name)
    headers = {"Content-Disposition": f'attachment; filename="{corrected_name(path.name)}"'}
    return Response(path.read_bytes(), media_type=CSV, headers=headers)
