"""Readers of published multi-regional databases: `read_system(path)` makes an InputOutputSystem of any of them."""

from __future__ import annotations

from lvshu.accounts.readers.assemble import ReadOptions
from lvshu.accounts.readers.own_format import load_system, save_system
from lvshu.accounts.readers.registry import Format, formats, read_system, recognise

__all__ = ["Format", "ReadOptions", "formats", "load_system", "read_system", "recognise", "save_system"]
