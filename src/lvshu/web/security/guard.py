"""What every request passes first: a known Host, a bounded body, a changing request from our own page; safe headers."""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request

from lvshu.core.errors import Problem
from lvshu.web.answers import refusal
from lvshu.web.options import WebOptions, too_large

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

SMALL_BODY = 1 << 20
ENDLESS = frozenset({"/runs/progress"})
"""Answers that go on as long as a run does."""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
UPLOAD_PATHS = ("/data/upload",)
TOO_LARGE = 413
READ_AWAY = 4
"""How many times the bound is read and thrown away: a browser shows no answer while it still sends."""


def policy(nonce: str) -> str:
    """Return the Content-Security-Policy of a page: our own files, scripts with the page's nonce, nothing else.

    Styles may stand inline: plotly writes its own style sheet and sets style attributes.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce}'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "object-src 'none'",
        )
    )


class Guard:
    """Stands before the application: refuses what is not for us, and puts headers on what we answer."""

    def __init__(self, app: App, options: WebOptions) -> None:
        self.app = app
        self.options = options
        self.names = options.host_names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce
        problem = self._problem(scope, headers)
        if problem is not None and problem[0] == TOO_LARGE and "app" in scope:
            await _read_away(receive, READ_AWAY * self._bound(scope))
            answer = refusal(Request(scope), problem[0], problem[1:])
            await answer(scope, receive, _with_headers(send, nonce, scope["path"]))
            return
        if problem is not None:
            await _refuse(send, *problem, nonce)
            return
        if scope["method"] == "HEAD" and scope["path"] not in ENDLESS:  # as GET, without the body
            scope, send = {**scope, "method": "GET"}, _without_body(send)
        bound = self._bound(scope)
        await self.app(scope, _bounded(receive, bound), _with_headers(send, nonce, scope["path"]))

    def _problem(self, scope: Scope, headers: dict[str, str]) -> tuple[int, Problem] | None:
        host = _name_of(headers.get("host", ""))
        if host not in self.names:
            return 421, Problem("web.host", values={"host": host[:100], "known": sorted(self.names)})
        if scope["method"] not in SAFE_METHODS and not self._is_own(headers):
            return 403, Problem("web.other_origin")
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self._bound(scope):
            return TOO_LARGE, too_large(self._bound(scope), int(length) if length.isdigit() else None)
        return None

    def _is_own(self, headers: dict[str, str]) -> bool:
        """Return whether a changing request comes from a page of ours, as far as the browser tells."""
        site = headers.get("sec-fetch-site")
        if site is not None and site not in ("same-origin", "none"):
            return False
        origin = headers.get("origin")
        return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()

    def _bound(self, scope: Scope) -> int:
        return self.options.upload_bytes if scope["path"] in UPLOAD_PATHS else SMALL_BODY


def _without_body(send: Send) -> Send:
    async def sent(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return sent


def _name_of(host: str) -> str:
    host = host.strip().lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if host.count(":") == 1 else host


def _bounded(receive: Receive, most: int) -> Receive:
    """Return a receiver that ends a body which turns out longer than it may be."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        found = await receive()
        if found["type"] == "http.request":
            seen += len(found.get("body", b""))
            if seen > most:
                return {"type": "http.disconnect"}
        return found

    return bounded


def _with_headers(send: Send, nonce: str, path: str) -> Send:
    own = [
        (b"content-security-policy", policy(nonce).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"same-origin"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=()"),
    ]

    async def sending(found: Message) -> None:
        if found["type"] == "http.response.start":
            given = list(found.get("headers", []))
            if not any(name.lower() == b"cache-control" for name, _ in given):
                given.append((b"cache-control", b"no-store"))
            found = {**found, "headers": given + own}
        await send(found)

    return sending


async def _read_away(receive: Receive, most: int) -> None:
    """Read what a client still sends, up to a bound, and keep nothing of it."""
    seen = 0
    while seen <= most:
        found = await receive()
        seen += len(found.get("body", b""))
        if found["type"] != "http.request" or not found.get("more_body", False):
            return


async def _refuse(send: Send, status: int, problem: Problem, nonce: str) -> None:
    body = json.dumps({"ok": False, "errors": [problem.as_json()]}, ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    sending = _with_headers(send, nonce, "")
    await sending({"type": "http.response.start", "status": status, "headers": headers})
    await sending({"type": "http.response.body", "body": body})
