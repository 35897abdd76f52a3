"""`python -m lvshu`."""

from __future__ import annotations

from lvshu.cli.main import run

run()
