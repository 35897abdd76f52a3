"""What `lvshu series` says, in Chinese and English."""

from __future__ import annotations

SERIES_TEXTS: dict[str, tuple[str, str]] = {
    "series": (
        "时间序列：季节调整、时间分解、基准化、调和、现时预测。",
        "Time series: seasonal adjustment, disaggregation, benchmarking, reconciliation, nowcasts.",
    ),
    "series.adjust": (
        "季节调整：月度、季度用 X-13ARIMA-SEATS（含春节与工作日变量），周度、日度用 STL。",
        "Adjust seasonally: months and quarters by X-13ARIMA-SEATS, weeks and days by STL.",
    ),
    "series.disaggregate": (
        "用指标把年度、季度数分解为季度、月度数（Chow-Lin、Fernández、Litterman）。",
        "Break years or quarters down by indicators (Chow-Lin, Fernández, Litterman).",
    ),
    "series.benchmark": (
        "让高频序列与年度基准一致，保持其走势（Denton、Denton-Cholette）。",
        "Move a series to its benchmarks and keep its movement (Denton, Denton-Cholette).",
    ),
    "series.reconcile": (
        "让多条序列同时满足分项合计与年度基准，不可靠的多移动。",
        "Make many series meet totals and benchmarks at once; the least reliable move most.",
    ),
    "series.vintage": (
        "版本库：加入某日已知的数，或列出各版本；只增不改。",
        "A store of vintages: add what is known on a day, or list them; it only grows.",
    ),
    "series.nowcast": (
        "用月度与季度序列预测当前季度，说明为什么变了。",
        "Nowcast the present quarter from monthly and quarterly series, and tell why it changed.",
    ),
    "series.backtest": (
        "伪实时回测：与自回归、桥方程比较误差。",
        "Backtest in pseudo real time against an autoregression and bridge equations.",
    ),
    "series.option.source": (
        "csv、xlsx 或 parquet：第一列时期，其余每列一条序列。",
        "csv, xlsx or parquet: periods first, then a series a column.",
    ),
    "series.option.sources": (
        "一个或多个文件，或一个版本库文件夹。",
        "Files, or the folder of a store of vintages.",
    ),
    "series.option.known": (
        "当日已知的数的文件；不给则只列出已有版本。",
        "Files of what is known on the day; left out, the vintages are listed.",
    ),
    "series.option.store": ("版本库的文件夹。", "Folder of the store."),
    "series.option.low": (
        "低频序列（年度或季度）的文件。",
        "File of the long-period series (years or quarters).",
    ),
    "series.option.high": ("高频指标或初值的文件。", "File of the indicators or the preliminary series."),
    "series.option.sheet": ("工作表名称。", "Name of the sheet."),
    "series.option.series": ("只用这些列，可多次给出。", "These columns only; may be repeated."),
    "series.option.way": (
        "x11、seats（月度、季度），stl、mstl（周度、日度）。",
        "x11 or seats (months, quarters), stl or mstl (weeks, days).",
    ),
    "series.option.transform": ("取对数：auto、log、none。", "Logarithms: auto, log or none."),
    "series.option.model": (
        '模型，如 "(0 1 1)(0 1 1)"；不给则自动选择。',
        'The model, such as "(0 1 1)(0 1 1)"; chosen automatically without it.',
    ),
    "series.option.spring_festival": (
        "加春节变量（节前、节中、节后）。",
        "Add regressors for Spring Festival (before, during, after).",
    ),
    "series.option.windows": (
        "春节窗口天数，如 before=14,during=7,after=14。",
        "Days of the windows, such as before=14,during=7,after=14.",
    ),
    "series.option.working_days": (
        "加工作日变量，按国务院放假安排（日度、周度：放假与调休日）。",
        "Add a working-day regressor by the official holidays (days off and made up, for weeks and days).",
    ),
    "series.option.trading_days": ("检验星期影响（AICC）。", "Test for effects of weekdays (AICC)."),
    "series.option.outliers": ("搜索异常值。", "Search for outliers."),
    "series.option.accept_default": (
        "自动选模型时，航线模型的残差通过 Ljung-Box 检验即采用，不再搜索（快几十倍）。",
        "In an automatic selection, take the airline model where its residuals pass Ljung-Box, without a search.",
    ),
    "series.option.policy": (
        "修订政策：concurrent、reviewed（年度复核）、partial_concurrent、fixed、current。",
        "Revision policy: concurrent, reviewed (the yearly review), partial_concurrent, fixed or current.",
    ),
    "series.option.held": (
        "上次用 --keep 保存的模型与因子。",
        "Models and factors that --keep saved last time.",
    ),
    "series.option.keep": (
        "把模型与因子保存到这个 json 文件。",
        "Save models and factors to this json file.",
    ),
    "series.option.history": ("计算修订历史。", "Compute the history of revisions."),
    "series.option.spans": ("计算滑动区间。", "Compute sliding spans."),
    "series.option.total": (
        "合计序列：其余列是它的分项，直接与间接调整对照。",
        "The total: other columns are its parts; direct against indirect.",
    ),
    "series.option.journal": (
        "记录文件：中断后继续，做过的不重做。",
        "A journal: resume after a stop, nothing done twice.",
    ),
    "series.option.workers": ("进程数，0 为全部处理器。", "Processes; 0 for all processors."),
    "series.option.workspace": ("工作区，用其中自己的资料包。", "Workspace, for packs of its own."),
    "series.option.regression": ("分解方法。", "Method."),
    "series.option.conversion": (
        "流量 sum、均值 average、期初 first、期末 last。",
        "sum for flows, average, first or last.",
    ),
    "series.option.intercept": ("是否含截距。", "With an intercept or not."),
    "series.option.rho": ("fixed 方法的自回归系数。", "Autoregressive parameter of the fixed methods."),
    "series.option.truncate": ("负的自回归系数置为 0。", "Set a negative parameter to 0."),
    "series.option.kind": (
        "没有指标时的高频：month 或 quarter。",
        "Short periods where there is no indicator: month or quarter.",
    ),
    "series.option.variant": ("denton-cholette 或 denton。", "denton-cholette or denton."),
    "series.option.criterion": ("proportional（比例）或 additive（差额）。", "proportional or additive."),
    "series.option.order": ("差分阶数 0、1、2。", "Order of differences: 0, 1 or 2."),
    "series.option.totals": ("各期合计的文件。", "File of the total in each period."),
    "series.option.variances": (
        "方差的文件，列名与序列相同；0 为不许移动。",
        "File of variances, columns as the series; 0 may not move.",
    ),
    "series.option.movement": ("保持走势而不是水平。", "Keep movements rather than levels."),
    "series.option.day": ("日期，如 2025-07-31。", "The day, such as 2025-07-31."),
    "series.option.since": (
        "与这一天的版本比较，说明为什么变了（需要版本库）。",
        "Tell why it changed since the vintage of this day (needs a store).",
    ),
    "series.option.target": ("目标序列。", "The target."),
    "series.option.transformations": (
        "变换，如 gdp=pca；不给为原值。",
        "Transformations, such as gdp=pca; as it is without.",
    ),
    "series.option.ahead": ("预测到几期之后。", "Periods to nowcast."),
    "series.option.lags": (
        "发布滞后的月数，如 gdp=2；不给为 1。",
        "Months of delay, such as gdp=2; 1 without.",
    ),
    "series.option.quarters": ("回测的季度数。", "Quarters to test."),
    "series.option.iterations": ("估计的最多迭代次数。", "Most iterations of the estimation."),
    "series.option.to": (
        "写到文件（csv、json、xlsx、parquet、html），可多次给出。",
        "Write to a file (csv, json, xlsx, parquet, html); may be repeated.",
    ),
    "series.option.top": ("屏幕上显示最后几期。", "Last periods to show."),
    "series.period": ("时期", "Period"),
    "series.vintage.day": ("日期", "Day"),
    "series.vintage.rows": ("数", "Figures"),
    "series.vintage.revised": ("修订", "Revised"),
    "series.vintage.added": ("新增", "Added"),
    "series.vintage.withdrawn": ("撤回", "Withdrawn"),
    "series.change": (
        "{before:.4g} → {after:.4g}：修订 {revisions:+.4g}，新发布 {news:+.4g}",
        "{before:.4g} → {after:.4g}: revisions {revisions:+.4g}, news {news:+.4g}",
    ),
    "series.news.series": ("序列", "Series"),
    "series.news.month": ("月份", "Month"),
    "series.news.expected": ("预期", "Expected"),
    "series.news.actual": ("实际", "Actual"),
    "series.news.impact": ("影响", "Impact"),
}
