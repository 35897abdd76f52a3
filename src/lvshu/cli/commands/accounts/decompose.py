"""lvshu accounts decompose: what drives the change between two years."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lvshu.accounts.ask.decomposition import decompose, index_decomposition, kaya_decomposition
from lvshu.cli.commands.accounts.common import accounts_of, deliver, noted
from lvshu.cli.console import Output
from lvshu.core.errors import ConfigError, Problem


def execute(
    *,
    language: str,
    as_json: bool,
    source: Path,
    second: Path | None,
    stressor: Sequence[str] | None,
    method: str,
    detail: str,
    to: Sequence[Path] | None,
    top: int,
    **reading: Any,
) -> int:
    """Print the terms of a change. Returns the exit code."""
    if method == "lmdi":
        results = list(index_decomposition(source))
    elif method == "kaya":
        results = [kaya_decomposition(source)]
    elif second is None:
        raise ConfigError(Problem("accounts.second_table_missing", values={"method": method}))
    else:
        output = Output(language, as_json)
        old, new = (accounts_of(one, output=output, **reading) for one in (source, second))
        results = noted([decompose(old, new, stressor, way=method, detail=detail)], old, new)
    deliver(Output(language, as_json), results, to=to or (), top=top)
    return 0
