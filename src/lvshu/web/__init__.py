"""The workbench: the book as pages in a browser, in Chinese and English, offline, with every number explained."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lvshu.web.app import create_app
    from lvshu.web.options import WebOptions

_PLACES = {"create_app": "app", "WebOptions": "options"}

__all__ = ["WebOptions", "create_app"]


def __getattr__(name: str) -> Any:
    """Return a public name, its module (and its libraries) imported when it is first asked for."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
