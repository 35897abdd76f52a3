"""Texts that spreadsheet programs would run as formulas, written so that they are only shown, and read back."""

from __future__ import annotations

import re

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What the first character of a cell makes of a text: a formula, or, full-width, one in some programs.

Source: OWASP Application Security Verification Standard 5.0, 1.2.10 (=, +, -, @, tab; a NUL before them is looked
through); ends of lines and full-width signs beyond it.
"""
MARK = "'"
"""The sign by which spreadsheet programs know a text."""
PLAIN_NUMBER = r"[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]*)?([eE][+-]?[0-9]+)?%?"
"""A number as a cell of a file may hold it, which runs nothing: one expression for Python and for SQL."""
_NUMBER = re.compile(PLAIN_NUMBER)


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: with a mark before it where it would.

    Plain numbers ("-5.2", "+3%") and a sign alone ("-") stay as they are: they run nothing.
    """
    shown = text.lstrip(" \0\u00a0\u3000")
    if not shown.startswith(FORMULA_SIGNS) or len(shown) == 1 or _NUMBER.fullmatch(shown):
        return text
    return MARK + text


def restored(text: str) -> str:
    """Return a text without the mark that `harmless` put before it."""
    return text[1:] if text[:1] == MARK and harmless(text[1:]) != text[1:] else text
