"""Files that pages ask for: our own style and script, plotly's script from its wheel.

This module does not postpone annotations: FastAPI reads them.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from lvshu.core.errors import InputError, Problem
from lvshu.web.rendering import assets
from lvshu.web.routes import ERRORS

router = APIRouter(tags=["files"])
_FOR_GOOD = "public, max-age=31536000, immutable"


@router.get(
    "/assets/{name}",
    operation_id="asset",
    response_class=Response,
    responses={200: {"content": {"text/css": {}, "text/javascript": {}, "image/svg+xml": {}}}, **ERRORS},
)
def asset(request: Request, name: Annotated[str, Path(max_length=64)]) -> Response:
    """Return a file of the pages."""
    found = assets().get(name)
    if found is None:
        raise InputError(Problem("web.no_such_page", values={"path": f"/assets/{name}"}))
    headers = {"Cache-Control": _FOR_GOOD, "ETag": f'"{found.digest}"', "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", "") and len(found.content) > 1000:
        return Response(
            found.packed(), media_type=found.media_type, headers={**headers, "Content-Encoding": "gzip"}
        )
    return Response(found.content, media_type=found.media_type, headers=headers)


@router.get("/favicon.ico", include_in_schema=False)
def favicon(request: Request) -> Response:
    """Return the sign of the workbench."""
    return asset(request, "icon.svg")
