"""What `lvshu estimate` says, in Chinese and English."""

from __future__ import annotations

ESTIMATE_TEXTS: dict[str, tuple[str, str]] = {
    "estimate": (
        "用自己的表做推算，附误差：抽样调查、校准、人数推算、小区域。",
        "Estimates with their errors from tables of your own: surveys, calibration, how many people, small areas.",
    ),
    "estimate.survey": (
        "抽样推算：总量、均值、比率、分位数、构成，可分组；分层、整群、多阶段与有限总体；可先校准。",
        "Survey estimates: totals, means, ratios, quantiles, shares, by groups; strata, clusters, stages and finite "
        "populations; calibrated first if asked.",
    ),
    "estimate.calibrate": (
        "把权数校准到已知总量，写出新权数；达不到的总量会指出是哪一个、差多少。",
        "Calibrate weights to known totals and write them; a total that cannot be met is named with its gap.",
    ),
    "estimate.population": (
        "由几份重叠的名单推算总人数：对数线性模型、模型搜索、区间，可修正匹配差错，分层相加。",
        "How many there are from lists that overlap: log-linear models, search, intervals, linkage error corrected, "
        "strata summed.",
    ),
    "estimate.integrate": (
        "登记与样本结合：用知道“谁在登记里”的样本补全登记的总量（Kim–Tam），并给出登记的有效样本量（孟晓犁）。",
        "A register completed by a sample that knows who is in it (Kim and Tam), with what the register is worth as a "
        "simple random sample (Meng).",
    ),
    "estimate.nonprobability": (
        "变量只在没有抽样设计的来源里（平台、网上登记、网络问卷）：用一份只有协变量的概率样本把它推到总体；"
        "质量插补、逆倾向加权与双重稳健并列给出，附误差。",
        "A variable that only a source without a design has (platforms, web registers, opt-in panels), carried to the "
        "population by a sample that has the covariates: mass imputation, inverse propensity and doubly robust side "
        "by side, with errors.",
    ),
    "estimate.areas": (
        "小区域（如各区）估计：Fay-Herriot，可取对数或反正弦，可与公布总数一致。",
        "Small areas such as districts: Fay-Herriot, on logarithms or arcsines if asked, benchmarked to a published "
        "figure.",
    ),
    "estimate.option.source": ("csv、xlsx 或 parquet 表。", "A csv, xlsx or parquet table."),
    "estimate.option.beside": (
        "没有抽样设计的来源（csv、xlsx 或 parquet），有变量与同样的协变量。",
        "The source without a design (csv, xlsx or parquet), with the variable and the same covariates.",
    ),
    "estimate.option.classes": (
        "类别协变量列（两表都有），可多次给出。",
        "Covariate that is a class, in both tables; may be repeated.",
    ),
    "estimate.option.donors": ("最近供体个数。", "How many nearest donors."),
    "estimate.option.sheet": ("工作表名。", "Name of the sheet."),
    "estimate.option.statistic": (
        "mean 均值、total 总量、ratio 比率、quantile 分位数、share 各类占比。",
        "mean, total, ratio, quantile, or share of each class.",
    ),
    "estimate.option.value": ("变量列，可多次给出。", "Column of the variable; may be repeated."),
    "estimate.option.denominator": ("比率的分母列。", "Column of the ratio's denominator."),
    "estimate.option.by": ("分组列。", "Column to group by."),
    "estimate.option.weight": (
        "权数列；不给则每条记录为 1。",
        "Column of weights; one for each record without it.",
    ),
    "estimate.option.strata": (
        "层列；多阶段依次给出。",
        "Column of strata; one for each stage, in order.",
    ),
    "estimate.option.cluster": (
        "群（抽样单位）列；多阶段依次给出。",
        "Column of clusters; one for each stage, in order.",
    ),
    "estimate.option.population": (
        "层内抽样单位总数列（或抽样比）；多阶段依次给出。",
        "Column of the stratum's sampling units (or sampled shares); one for each stage, in order.",
    ),
    "estimate.option.lonely": (
        "层内只有一个样本单位时：error 报错，adjust、average、certainty。",
        "A stratum with one sampled unit: error, adjust, average or certainty.",
    ),
    "estimate.option.missing": (
        "缺失值：error 报错，omit 只用已答者。",
        "Missing values: error, or omit to use those that answered.",
    ),
    "estimate.option.controls": (
        "已知总量表：列 variable、label（数值变量留空）、total，可加 standard_error、importance。",
        "Known totals: columns variable, label (empty for a numeric variable), total, and if wanted standard_error "
        "and importance.",
    ),
    "estimate.option.distance": (
        "校准距离：linear、raking、logit、exponential、hellinger、entropy。",
        "Calibration distance: linear, raking, logit, exponential, hellinger or entropy.",
    ),
    "estimate.option.bounds": (
        "权数调整的上下界，如 0.5,2。",
        "Bounds on the change of a weight, such as 0.5,2.",
    ),
    "estimate.option.ridge": (
        "岭校准：总量按 importance 列只近似满足。",
        "Ridge: totals hold only nearly, by their column importance.",
    ),
    "estimate.option.errors": (
        "误差：linearised 线性化，jackknife 刀切，bootstrap 自助。",
        "Errors: linearised, jackknife or bootstrap.",
    ),
    "estimate.option.key": ("写入新权数表的标识列。", "Column of the key that goes with the new weights."),
    "estimate.option.lists": (
        "名单列（0/1），可多次给出。",
        "Column of a list (0 or 1); repeat for each list.",
    ),
    "estimate.option.count": ("人数列（与 --list 同用）。", "Column of counts (with --list)."),
    "estimate.option.unit": (
        "人员标识列（每行一人在一份名单上）。",
        "Column of the person (a row for each person and list).",
    ),
    "estimate.option.list_column": (
        "名单名列（与 --unit 同用）。",
        "Column of the list's name (with --unit).",
    ),
    "estimate.option.stratum": ("分层列，各层推算后相加。", "Column of strata, estimated apart and added."),
    "estimate.option.criterion": (
        "模型搜索：bic、aic、test，或 none（独立或用 --term）。",
        "Search for the model: bic, aic, test, or none (independent lists, or --term).",
    ),
    "estimate.option.terms": (
        "交互项，如 甲,乙，可多次给出（与 --criterion none 同用）。",
        "A term such as a,b; may be repeated (with --criterion none).",
    ),
    "estimate.option.found": (
        "匹配查全率（同一人两条记录被连上的概率）。",
        "Chance that two records of a person are linked.",
    ),
    "estimate.option.found_error": ("查全率的标准误。", "Standard error of that chance."),
    "estimate.option.false": (
        "另一份名单上没有的人被误连的概率（不是链接中错的占比）。",
        "Chance that a record whose person is not on the other list is linked (not the share of links that are false).",
    ),
    "estimate.option.false_error": ("误连率的标准误。", "Standard error of the false-link rate."),
    "estimate.option.links_from": (
        "工作区：匹配差错取自最近一次运行的名录（名单名须是来源名）。",
        "A workspace: linkage error from the register of its last run (lists are named as its sources).",
    ),
    "estimate.option.replicates": ("重复抽样次数；0 为不做。", "Replicates; 0 for none."),
    "estimate.option.seed": ("随机数种子。", "Seed of the draws."),
    "estimate.option.area": ("区域列。", "Column of the area."),
    "estimate.option.direct": ("直接估计列。", "Column of the direct estimate."),
    "estimate.option.variance": ("直接估计的方差列。", "Column of the direct estimate's variance."),
    "estimate.option.effective": ("有效样本量列（arcsin）。", "Column of effective sample sizes (arcsin)."),
    "estimate.option.covariates": ("协变量列，可多次给出。", "Column of a covariate; may be repeated."),
    "estimate.option.method": ("reml、ml 或 moments。", "reml, ml or moments."),
    "estimate.option.scale": ("none、log 或 arcsin。", "none, log or arcsin."),
    "estimate.option.share": (
        "各区占全市的份额列（校准到公布数）。",
        "Column of the areas' shares of the whole (to benchmark).",
    ),
    "estimate.option.published": ("全市公布数。", "Published figure of the whole."),
    "estimate.option.published_error": ("全市公布数的标准误。", "Standard error of the published figure."),
    "estimate.option.benchmark": ("ratio、difference 或 mse。", "ratio, difference or mse."),
    "estimate.option.inside": (
        "样本单位是否在登记中的列（0/1）。",
        "Column that says whether a sampled unit is in the register (0 or 1).",
    ),
    "estimate.option.of": ("总体单位数。", "Units of the population."),
    "estimate.option.source_size": ("登记的单位数。", "Units of the register."),
    "estimate.option.source_total": ("变量在登记中的总量。", "Total of the variable in the register."),
    "estimate.option.source_value": (
        "登记对这些样本单位的记载列（与样本自己的值不同时）。",
        "Column of what the register says of the sampled units, where it differs from their own value.",
    ),
    "estimate.option.level": ("置信水平。", "Confidence level."),
    "estimate.option.to": (
        "写到文件（.csv .xlsx .json .parquet），可多次给出。",
        "Write to a file (.csv .xlsx .json .parquet); may be repeated.",
    ),
    "estimate.option.top": ("屏幕上显示多少行。", "Rows shown on the screen."),
    "estimate.more": (
        "……另有 {count} 行，用 --to 写出全部",
        "… {count:# more row|# more rows}; --to writes them all",
    ),
    "estimate.method": ("方法", "Method"),
    "estimate.settings": ("设置与诊断", "Settings and diagnostics"),
}
