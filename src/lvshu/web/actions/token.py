"""The token that every change must carry: a page of another origin cannot know it."""

from __future__ import annotations

import secrets

from fastapi import Request

from lvshu.core.errors import InputError, Problem
from lvshu.web.context import Context, PageQuery, context_of
from lvshu.web.routes import demand


def acting(request: Request, token: str, right: str, query: PageQuery | None = None) -> Context:
    """Return the context of a change that somebody may make.

    Raises:
        LoginNeeded: nobody is logged in.
        InputError: the role is another, or the token is wrong.
    """
    context = context_of(request, query or PageQuery())
    demand(context, right)
    given = token or request.headers.get("x-csrf-token", "")
    if not secrets.compare_digest(given.encode(), context.person.csrf.encode()):
        raise InputError(Problem("web.token"))
    return context
