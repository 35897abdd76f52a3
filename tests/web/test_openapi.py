"""The OpenAPI document, fuzzed: whatever is asked, the answer is one the document names, and never a fault of ours."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.routing import Route

from lvshu.web.pages import PAGES

schemathesis = pytest.importorskip(
    "schemathesis", reason="schemathesis is not installed: pip install 'lvshu[dev]'"
)

EXAMPLES = 2
LEFT_OUT = "/report.pdf|/runs/start|/runs/progress$|/assets"  # with tests of their own; a run or a PDF a case is slow


@pytest.mark.filterwarnings("ignore")
def test_every_operation_keeps_its_word(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document).exclude(path_regex=LEFT_OUT)
    faults: list[str] = []
    operations = [found.ok() for found in schema.get_all_operations()]
    for operation in operations:
        _ask(client, operation, faults)
    assert len(operations) > 60
    assert not faults, "\n".join(faults[:20])


def _ask(client: TestClient, operation: Any, faults: list[str]) -> None:
    """Ask an operation a few things made up after its own schema."""

    path = str(operation.path)

    @settings(
        max_examples=1 if path.endswith((".csv", ".xlsx")) else EXAMPLES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    @given(case=operation.as_strategy(), accept=st.sampled_from(["application/json", "text/html"]))
    def asked(case: Any, accept: str) -> None:
        faults.extend(_fault(client, case, operation, accept))

    asked()


def _fault(client: TestClient, case: Any, operation: Any, accept: str) -> list[str]:
    """Return what is wrong with the answer to one made-up request."""
    body = {"data": case.body} if isinstance(case.body, dict) else {}
    headers = {name: str(value) for name, value in (case.headers or {}).items() if str(value).isascii()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answer = client.request(
            case.method,
            case.formatted_path,
            params=case.query or {},
            headers={**headers, "accept": accept},
            follow_redirects=False,
            **body,
        )
    known = {int(code) for code in operation.definition.raw["responses"] if code.isdigit()} | {405, 413, 429}
    place = f"{case.method} {case.formatted_path} {case.query}: {answer.status_code}"
    if answer.status_code not in known or answer.status_code == 500:
        return [f"{place} {answer.text[:200]}"]
    if answer.status_code >= 400 and answer.headers["content-type"].startswith("application/json"):
        told = answer.json()
        if told["ok"] is not False or not told["errors"][0]["zh"]["what"]:
            return [f"{place}: no error in both languages"]
    return []


def test_every_page_is_in_the_document(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for page in PAGES:
        base = "/home" if page.path == "/" else page.path
        assert {page.path, f"{base}.json", f"{base}.csv", f"{base}.xlsx"} <= set(paths)
    operations = [operation for one in paths.values() for operation in one.values()]
    named = [operation["operationId"] for operation in operations]
    assert len(named) == len(set(named))
    assert [
        one["operationId"] for one in operations if not (one.get("summary") or one.get("description"))
    ] == []


def test_every_address_is_built_before_the_first_request(client: TestClient) -> None:
    """A router that is included is built again by the first request, whose visitor waits (and by two at once)."""
    app = client.app
    assert isinstance(app, FastAPI)
    assert {type(route) for route in app.routes} <= {APIRoute, Route}
    assert len(app.routes) > 4 * len(PAGES)
