"""lvshu series backtest: how far nowcasts in pseudo real time were from what came out, beside simpler methods."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lvshu.cli.commands.series.common import deliver, pairs, whole
from lvshu.cli.commands.series.nowcast import panel_in
from lvshu.cli.console import Output
from lvshu.publish.results.series import SeriesReport, SeriesResult
from lvshu.statistics.series.nowcast.backtest import METHODS, backtest
from lvshu.statistics.series.nowcast.model import Design

NAMES = {
    "factor": ("动态因子", "Dynamic factor"),
    "bridge": ("桥方程", "Bridge equations"),
    "autoregression": ("自回归", "Autoregression"),
    "mean": ("均值", "Mean"),
}


def execute(
    *,
    language: str,
    as_json: bool,
    sources: Sequence[Path],
    target: str,
    transformations: Sequence[str] | None,
    lags: Sequence[str] | None,
    quarters: int,
    iterations: int,
    to: Sequence[Path] | None,
    top: int,
) -> int:
    """Test, show and write the root mean squared errors. Returns the exit code."""
    panel, origins = panel_in(sources, pairs(transformations), None)
    column = panel.column(target)
    late = {name: whole(months) for name, months in pairs(lags).items()}
    months = np.flatnonzero(np.isfinite(panel.values[:, column]))[-quarters:] + panel.first
    found = backtest(
        panel, target, [late.get(name, 1) for name in panel.names], [int(one) for one in months],
        design=Design(iterations=iterations),
    )  # fmt: skip
    rmse, bias = found.rmse(), found.bias()
    one = SeriesResult(
        target, [str(ahead) for ahead in found.ahead], {name: rmse[name] for name in METHODS}, NAMES,
        ("factor", "bridge", "autoregression", "mean"),
        {"quarters": len(found.quarters), "bias": {name: bias[name].tolist() for name in METHODS}},
        (("行：预测时距季度末的月数；数：均方根误差", "Rows: months to the quarter's end; figures: RMSE"),),
    )  # fmt: skip
    title = ("现时预测的回测", "Backtest of nowcasts")
    report = SeriesReport("backtest", title, "statistics.nowcast", tuple(origins), (one,))
    return deliver(Output(language, as_json), report, to=to, top=top)
