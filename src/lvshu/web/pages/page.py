"""What a page is: its path, what its address may hold, who may see it, and the function that makes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lvshu.web.context import Context, PageQuery
from lvshu.web.view import PageView


@dataclass(frozen=True)
class Page:
    """A page.

    Attributes:
        path: of the page; its twins stand at path.json, path.csv, path.xlsx.
        name: of the operation, in OpenAPI.
        build: makes the page of a request.
        query: what its address may hold.
        needs: the right that it asks for: "look", "records", "review", "administer".
        fragment: template of its inner part, for pages whose address may ask for that alone.
        needs_book: whether there is nothing to show before the first run.
    """

    path: str
    name: str
    build: Callable[[Context, Any], PageView]
    query: type[PageQuery] = PageQuery
    needs: str = "look"
    needs_book: bool = True
    fragment: str = "fragment.html.j2"
