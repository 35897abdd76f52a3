"""What `lvshu disclose` says, in Chinese and English."""

from __future__ import annotations

DISCLOSE_TEXTS: dict[str, tuple[str, str]] = {
    "disclose": (
        "发布前的保密处理：哪些单元不能公布、还要隐去哪些、别人能推到什么范围、与此前发布是否会相减推出。",
        "Confidentiality before publication: which cells may not be shown, which others must be hidden with them, "
        "what a reader can still work out, and whether earlier releases give a cell away.",
    ),
    "disclose.protect": (
        "按规则找出不安全的单元，以最小代价再隐去其他单元，逐格审核后写出可公布的表。",
        "Find unsafe cells by the rules, hide further cells at least cost, audit every cell, write the table that may "
        "be shown.",
    ),
    "disclose.audit": (
        "审核一张已隐去部分单元的表（数值为真值，status 列写 suppressed 的是隐去的）："
        "每个隐去的单元能被推到什么范围。",
        "Audit a table with hidden cells (true values, and a column status that says suppressed): the range a reader "
        "can work out for each.",
    ),
    "disclose.attack": (
        "把一次运行公布的全部统计表合起来攻击：每个须保密的数，读者能推到什么区间，经由哪些公开的数。",
        "Attack all statistical tables that a run published at once: what range a reader is left for each figure that "
        "must stay in doubt, and through which public figures.",
    ),
    "disclose.option.folder": (
        "工作区的文件夹（默认当前）。",
        "The workspace\u2019s folder (the present one by default).",
    ),
    "disclose.attack.magnitude": ("量", "Magnitude"),
    "disclose.attack.verdict": ("结论", "Verdict"),
    "disclose.attack.figures": ("个数", "Figures"),
    "disclose.attack.cell": ("格", "Cell"),
    "disclose.attack.value": ("真值", "Value"),
    "disclose.attack.low": ("可推下限", "Low"),
    "disclose.attack.high": ("可推上限", "High"),
    "disclose.attack.need_below": ("下方所需", "Need below"),
    "disclose.attack.need_above": ("上方所需", "Need above"),
    "disclose.attack.through": ("经由", "Through"),
    "disclose.attack.safe": ("安全", "safe"),
    "disclose.attack.given_away": ("泄露", "given away"),
    "disclose.attack.public": ("已公布", "public"),
    "disclose.attack.unsolved": ("未算出", "unsolved"),
    "disclose.attack_good": (
        "{count} 个须保密的数，合起来也推不出。",
        "{count:# figure|# figures} must stay in doubt, and all tables together leave {count:it|them} in doubt.",
    ),
    "disclose.attack_bad": (
        "{count} 个须保密的数被合起来推出，或推到太窄的范围。",
        "{count:# figure|# figures} that must stay in doubt {count:is|are} given away, or left too narrow a range.",
    ),
    "disclose.round": (
        "可加取整：每个单元取基数的倍数，合计仍等于分项之和。",
        "Controlled rounding: every cell a multiple of the base, and the parts still add up.",
    ),
    "disclose.noise": (
        "差分隐私（OpenDP）：给计数或合计加噪声，使人几乎看不出某个单位在不在数据中；所花的ε记入台账，超过预算的拒绝。",
        "Differential privacy (OpenDP): counts or sums with noise, so that whether any contributor is in the data can "
        "hardly be told; the epsilon spent is entered in a ledger, and what is beyond the budget is refused.",
    ),
    "disclose.option.epsilon": (
        "这次发布花多少ε，越小越保密、噪声越大。由本单位规定，没有默认值。",
        "How much epsilon this release spends: less is more private and noisier. The bureau's own; no default.",
    ),
    "disclose.option.most_cells": (
        "一个单位最多计入几个最内层单元；多出的不计。由本单位规定，没有默认值。",
        "In how many innermost cells one contributor counts at most; it is left out of the rest. The bureau's own; no "
        "default.",
    ),
    "disclose.option.low": (
        "一个单位在一个单元中的数的下限，小于它的取它（合计时必给）。",
        "Least figure of a contributor in a cell; smaller ones are raised to it (needed for sums).",
    ),
    "disclose.option.high": (
        "一个单位在一个单元中的数的上限，大于它的取它（合计时必给）；小数位数即结果的小数位数。",
        "Greatest figure of a contributor in a cell; larger ones are cut to it (needed for sums). Its decimals are "
        "those of the result.",
    ),
    "disclose.option.ledger": (
        "隐私预算的台账（JSON）；关于同一批单位的发布记在同一本。",
        "The ledger of the privacy budget (JSON); releases about the same contributors belong in one.",
    ),
    "disclose.option.budget": (
        "台账的总预算ε，新台账必给；以后不给或给同一个数。",
        "Budget of epsilon of the whole ledger, needed for a new one; later none, or the same.",
    ),
    "disclose.noise_title": ("加噪声的表", "Table with noise"),
    "disclose.column.deviation": ("噪声的标准差", "Standard deviation of the noise"),
    "disclose.noise_spent": (
        "这次花 ε = {epsilon}；台账共花 {spent}，预算 {budget}。",
        "This release spends epsilon = {epsilon}; the ledger has spent {spent} of {budget}.",
    ),
    "disclose.noise_cut": (
        "{count} 个单位超出界限，多出的没有计入（这个数没有保护，不得公布）。",
        "{count:# contributor was|# contributors were} beyond the bounds and were cut to them (this number is "
        "not protected: do not "
        "publish it).",
    ),
    "disclose.option.source": ("csv、xlsx 或 parquet 文件。", "A csv, xlsx or parquet file."),
    "disclose.option.sheet": ("工作表（默认第一张）。", "The sheet (the first by default)."),
    "disclose.option.dimensions": (
        "表的一个维度（列名）；可重复。",
        "A column that is a dimension; may be repeated.",
    ),
    "disclose.option.value": (
        "数值列；省略则数记录（频数表）。",
        "The column of values; records are counted when left out (a table of counts).",
    ),
    "disclose.option.contributor": (
        "单位列（谁的数）；省略则每条记录是一个单位。不与 --count 同用。",
        "The column that says whose figure it is; each record is a contributor of its own when left out. Not with "
        "--count.",
    ),
    "disclose.option.count": (
        "文件一行是一个单元时，其单位数的列。",
        "Where a row is a cell: the column with its number of contributors.",
    ),
    "disclose.option.largest": (
        "文件一行是一个单元时，最大、次大单位数值的列，依次重复。",
        "Where a row is a cell: columns with the largest, the second largest contribution, in this order.",
    ),
    "disclose.option.contributions": (
        "文件一行是一个单元时，各单位的记录（同样的维度列和数值列，--contributor 写单位列）：安全与否按它判断，"
        "须与表的数相加一致。",
        "Where a row is a cell: the records behind it (the same columns of dimensions and values, --contributor for "
        "whose they are). Cells are judged by them; they must add up to the table.",
    ),
    "disclose.option.keep": (
        "须公布的单元：维度=代码,维度=代码；没有写的维度取合计。可重复。做不到的拒绝，并说明因为什么。",
        "A cell that must stay shown: dimension=code,dimension=code; dimensions left out are their totals. May be "
        "repeated. What is impossible is refused, with the reason.",
    ),
    "disclose.option.weights": (
        "尽量公布的单元：文件有各维度的列和 weight 列（隐去它的代价的倍数，没有写的为 1）。",
        "Cells to show if possible: a file with the columns of dimensions and a column weight (by what hiding the cell "
        "costs more; 1 where not named).",
    ),
    "disclose.wishes_kept": (
        "希望公布的 {count} 个单元都公布。",
        "{count:# cell|# cells} that must stay shown {count:is|are} shown.",
    ),
    "disclose.weights_told": (
        "加了权的 {count} 个单元中，{hidden} 个仍须隐去。",
        "Of {count:# cell|# cells} with more weight {hidden:# is|# are} hidden all the same.",
    ),
    "disclose.option.levels": (
        "维度的层次：维度=文件，文件有代码和上级两列，直接加到合计的上级留空；可重复。",
        "Levels of a dimension: dimension=file, with a column of codes and one of their parents, empty for those that "
        "add up to the total itself; may be repeated.",
    ),
    "disclose.option.minimum_count": (
        "最少单位数：不足即不安全。阈值由本单位规定，没有默认值。",
        "Fewer contributors are unsafe. The threshold is the bureau's own; there is no default.",
    ),
    "disclose.option.p_percent": (
        "p% 规则：次大单位能把最大单位估到 p% 以内即不安全。",
        "p % rule: unsafe when the second largest can estimate the largest to within p %.",
    ),
    "disclose.option.dominance": (
        "(n,k) 规则，写 n,k：最大的 n 个单位占 k% 以上即不安全。",
        "(n,k) rule, as n,k: unsafe when the n largest hold more than k %.",
    ),
    "disclose.option.range_percent": (
        "因单位数不足而隐去的金额，上下至少要有其百分之几的不确定；不给则只保证推不出准确值。",
        "How far, in % of its value, an amount hidden for its count must stay in doubt; without it only that it cannot "
        "be known exactly.",
    ),
    "disclose.exact_only": (
        "单位数规则只保证金额推不出准确值；要更宽，用 --range-percent。",
        "For amounts the count rule only makes sure that they cannot be known exactly; for more, give --range-percent.",
    ),
    "disclose.option.cost": (
        "尽量保留什么：cells 单元个数，value 金额，logarithm 介于两者之间。",
        "What is kept as far as possible: cells their number, value the amount, logarithm between the two.",
    ),
    "disclose.option.earlier": (
        "此前发布的表（protect 写出的公布文件，维度可以不同）；会相减推出隐去单元的，拒绝。可重复。",
        "Tables published before (as protect writes them, with the same dimensions or others); what they give away is "
        "refused. May be repeated.",
    ),
    "disclose.option.last": (
        "同一张表上期的公布文件：尽量沿用其隐去格局。",
        "The same table as published last time: its pattern is kept as far as it protects.",
    ),
    "disclose.option.seconds": (
        "求最小代价用的秒数；到时改用逐格方法，并说明离最小还差多少。",
        "Seconds for the least-cost search; then cells are hidden one after the other and the gap is told.",
    ),
    "disclose.option.base": ("基数。", "The base."),
    "disclose.option.to": (
        "写到文件（.csv、.xlsx、.json）；可重复。",
        "Write to a file (.csv, .xlsx, .json); may be repeated.",
    ),
    "disclose.option.internal": (
        "内部文件：真值、状态、所需保护与可推范围。不可公布。",
        "The internal file: true values, status, protection needed and ranges. Not to be published.",
    ),
    "disclose.option.top": ("屏幕上最多列几行。", "At most so many rows on the screen."),
    "disclose.title": ("公布表", "Table to publish"),
    "disclose.summary": (
        "{cells} 个单元：公布 {shown}，不安全而隐去 {primary}，为保护而再隐去 {secondary}。",
        "{cells:# cell|# cells}: {shown} shown, {primary} hidden since unsafe, {secondary} hidden to protect them.",
    ),
    "disclose.optimal": ("代价已证明最小。", "The cost is proven least."),
    "disclose.gap": (
        "未证明最小：代价 {cost}，不会低于 {bound}。",
        "Not proven least: the cost is {cost}, and none can be below {bound}.",
    ),
    "disclose.audit_good": ("审核：不安全的单元都推不出来。", "Audit: no unsafe cell can be worked out."),
    "disclose.audit_bad": (
        "审核：{count} 个不安全的单元能被推出或范围过窄。",
        "Audit: {count:# unsafe cell|# unsafe cells} can be worked out, or nearly.",
    ),
    "disclose.rounded": (
        "偏离合计 {distance}；有的单元超出相邻倍数 {steps} 个基数。",
        "Moved by {distance} in all; cells went up to {steps:# multiple|# multiples} beyond their neighbours.",
    ),
    "disclose.column.value": ("数值", "Value"),
    "disclose.column.status": ("状态", "Status"),
    "disclose.column.low": ("可推下限", "Lowest possible"),
    "disclose.column.high": ("可推上限", "Highest possible"),
    "disclose.column.need": ("所需保护", "Protection needed"),
    "disclose.column.rounded": ("取整后", "Rounded"),
    "disclose.written": ("已写 {path}", "Written: {path}"),
    "disclose.status.shown": ("公布", "shown"),
    "disclose.status.primary": ("隐去（不安全）", "hidden (unsafe)"),
    "disclose.status.secondary": ("隐去（保护）", "hidden (protecting)"),
    "disclose.status.suppressed": ("隐去", "suppressed"),
}
