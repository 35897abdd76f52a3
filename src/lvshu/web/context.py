"""One request: who asks, in which language, about which run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar
from urllib.parse import urlencode

from fastapi import Request
from pydantic import BaseModel, Field

from lvshu.publish.reader import Reader
from lvshu.web.security.address import FORWARDED_FOR, client_address
from lvshu.web.state.users import Person
from lvshu.web.workbench import Workbench

COOKIE = "lvshu_session"
LANGUAGES = ("zh", "en")
Result = TypeVar("Result")


class PageQuery(BaseModel):
    """What the address of every page may hold."""

    lang: Literal["zh", "en"] | None = Field(
        default=None, description="zh or en; else as the browser prefers"
    )
    panel: str = Field(default="", max_length=80, pattern=r"^[\w.-]*$", description="only this panel")
    run: str = Field(
        default="",
        max_length=80,
        pattern=r"^[A-Za-z0-9.-]*$",
        description="id of a run; empty: the current one",
    )


class RowsQuery(PageQuery):
    """An address of rows that are shown a page at a time."""

    page: int = Field(default=1, ge=1, le=1_000_000)
    all: bool = Field(default=False, description="JSON, CSV, XLSX: all rows, not only those of this page")


MOST_ROWS = 100_000
"""Rows that one download may hold."""


@dataclass(frozen=True)
class Context:
    """What pages are made from.

    Attributes:
        workbench: the server's own things.
        language: zh or en.
        person: who asks.
        nonce: of the page's scripts.
        path: of the request.
        query: what the address holds, without what is as it is by default.
        run: id of the run asked for; "" for the current one.
        remote: address that asks.
        asked: what the address holds, whole.
    """

    workbench: Workbench
    language: str
    person: Person
    nonce: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    run: str = ""
    remote: str = ""
    asked: Mapping[str, Any] = field(default_factory=dict)

    def made(self, key: object, make: Callable[[Reader], Result]) -> Result:
        """Return what `make` made of the book of this request's run, kept under a key."""
        return self.workbench.made(self.run, key, make)

    def link(self, path: str, query: Mapping[str, object] | None = None, *, language: str = "") -> str:
        """Return an address inside the workbench that keeps language and run."""
        given: dict[str, object] = {
            "lang": language or self.language,
            **({"run": self.run} if self.run else {}),
        }
        given |= {
            name: value
            for name, value in (query or {}).items()
            if value is not None and value is not False and value != "" and value != []
        }
        return f"{path}?{urlencode(given, doseq=True)}"

    def here(self, *, language: str = "", path: str = "", **changed: object) -> str:
        """Return the present address with some of its query changed."""
        kept = {name: value for name, value in self.query.items() if name not in ("lang", "run")}
        return self.link(path or self.path, {**kept, **changed}, language=language)


def language_of(request: Request, asked: str | None) -> str:
    """Return the language of an answer: as asked for in the address, else as the browser prefers, else Chinese."""
    if asked in LANGUAGES:
        return asked or "zh"
    preferred = request.headers.get("accept-language", "").lower()
    for part in preferred.split(","):
        name = part.split(";")[0].strip()
        if name[:2] in LANGUAGES:
            return name[:2]
    return "zh"


def context_of(request: Request, query: PageQuery) -> Context:
    """Return the context of a request."""
    workbench: Workbench = request.app.state.workbench
    given = query.model_dump(exclude_defaults=True)
    return Context(
        workbench=workbench,
        language=language_of(request, query.lang),
        person=workbench.person(request.cookies.get(COOKIE)),
        nonce=request.state.nonce,
        path=request.scope["path"],
        query=given,
        run=query.run,
        asked=query.model_dump(),
        remote=client_address(
            request.client.host if request.client else "",
            ",".join(request.headers.getlist(FORWARDED_FOR)),
            workbench.options.proxy_networks,
        ),
    )
