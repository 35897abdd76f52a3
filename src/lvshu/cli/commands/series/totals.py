"""A total adjusted directly beside the sum of its adjusted parts, and the parts made to add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lvshu.cli.commands.series.common import COLUMNS, NAMED
from lvshu.core.errors import InputError, Problem
from lvshu.publish.results.series import SeriesResult
from lvshu.statistics.series.time_series import TimeSeries
from lvshu.statistics.series.x13.aggregate import Adjusted, compare, consistent
from lvshu.statistics.series.x13.batch import Done


def directly(
    total: str, series: Sequence[TimeSeries], done: Mapping[str, Done], results: Sequence[SeriesResult]
) -> tuple[list[SeriesResult], dict[str, Any]]:
    """Return results with the indirect total and the consistent parts, and how the two compare.

    Raises:
        InputError: statistics.series_not_there where the total or a part was not adjusted; as `check_parts`.
    """
    raw = {one.name: one for one in series}
    absent = [name for name in (total, *raw) if name not in done]
    if absent:
        values = {"series": absent[0], "known": ", ".join(list(done)[:NAMED])}
        raise InputError(Problem("statistics.series_not_there", values=values))
    adjusted = {
        name: Adjusted(raw[name], np.array(one.record["parts"]["adjusted"])) for name, one in done.items()
    }
    parts = [name for name in adjusted if name != total]
    found = compare(adjusted[total], [adjusted[name] for name in parts])
    even = dict(zip(parts, consistent(adjusted[total], [adjusted[name] for name in parts]), strict=True))
    told = {
        "largest_difference_percent": float(np.abs(found.difference).max()),
        "mean_difference_percent": float(np.abs(found.difference).mean()),
        "roughness": {"direct": found.roughness[0], "indirect": found.roughness[1]},
        "qs": {"direct": list(found.qs[0]), "indirect": list(found.qs[1])},
        "smoother": found.smoother,
    }
    made = []
    for one in results:
        code = "indirect" if one.name == total else "consistent"
        columns = {**one.columns, code: found.indirect if one.name == total else even[one.name]}
        made.append(replace(one, columns=columns, names={**one.names, code: COLUMNS[code]}))
    return made, told
