"""What `lvshu match` says, in Chinese and English."""

from __future__ import annotations

MATCH_TEXTS: dict[str, tuple[str, str]] = {
    "match": (
        "识别借款人：识别到多少、谁还不知道、复核表的写出与收回、按复核意见校准。",
        "Who the borrowers are: how far they are identified, who is unknown, review files out and back, calibration "
        "by the reviews.",
    ),
    "match.status": (
        "识别的进度：按状态、依据、层级的笔数与余额，含“未知”；最大的未知与待复核名称；所用权重。",
        "How far: loans and balances by status, means and level, the unknown included; the largest unknown or waiting "
        "names; the weights in use.",
    ),
    "match.queue": (
        "写出复核表（csv 或 xlsx）：全部待复核的，可加抽查。",
        "Write the review file (csv or xlsx): all that wait, with a sample of the others if asked.",
    ),
    "match.take": (
        "收回复核表：逐行检查，错处一次说完；意见只增不改，下次 lvshu run 采用。",
        "Take review files back: each row is checked, all faults told at once; answers are only added to; the next "
        "lvshu run uses them.",
    ),
    "match.fit": (
        "用复核意见拟合权重与概率，说明查准率、查全率及其标准误；较好时写入工作区的包，下次运行采用。",
        "Fit weights and probabilities to the reviews, with precision, recall and their standard errors; kept as packs "
        "of the workspace where better: the next run uses them.",
    ),
    "match.groups": (
        "按最终控制人的敞口（集中度）。",
        "Exposures by ultimate parent (concentration).",
    ),
    "match.option.workspace": (
        "工作区文件夹（默认当前文件夹）。",
        "The workspace's folder (the present one by default).",
    ),
    "match.option.institution": ("只看一家机构。", "One institution alone."),
    "match.option.top": ("最多列几个。", "At most so many."),
    "match.option.file": ("写到哪个文件（.csv 或 .xlsx）。", "The file to write (.csv or .xlsx)."),
    "match.option.files": ("填好的复核表。", "Review files that came back."),
    "match.option.sample": (
        "另从已自动接受的与没有找到的名称中各抽几个，用来估计查准率与查全率。",
        "Draw so many names of those taken without a look, and of those not found, to tell precision and recall.",
    ),
    "match.option.dry_run": ("只拟合与说明，不写入。", "Fit and tell; write nothing."),
    "match.option.force": ("即使不比随包权重好也写入。", "Keep the fit even where it is no better."),
    "match.option.forget": (
        "撤下先前的拟合，改用随包权重（先前的留在 packs/.earlier）。",
        "Set an earlier fit aside and use the packaged weights (it stays in packs/.earlier).",
    ),
    "match.word.status": ("状态", "Status"),
    "match.word.matched_by": ("依据", "By"),
    "match.word.level": ("层级", "Level"),
    "match.word.reason": ("原因", "Reason"),
    "match.word.loans": ("笔数", "Loans"),
    "match.word.loan_share": ("笔数占比", "of loans"),
    "match.word.outstanding": ("年末余额（元）", "Year-end balance (CNY)"),
    "match.word.outstanding_share": ("余额占比", "of balances"),
    "match.word.total": ("合计", "Total"),
    "match.word.name": ("名称", "Name"),
    "match.word.code": ("代码", "Code"),
    "match.word.code_kind": ("代码是什么", "Kind of code"),
    "match.word.candidate": ("首选候选", "First candidate"),
    "match.word.probability": ("概率", "Probability"),
    "match.word.institution": ("机构", "Institution"),
    "match.word.parent": ("最终控制人", "Ultimate parent"),
    "match.word.entities": ("主体数", "Entities"),
    "match.word.loan_amount": ("贷款（元）", "Loans (CNY)"),
    "match.word.long": ("多头（元）", "Long (CNY)"),
    "match.word.short": ("空头（元）", "Short (CNY)"),
    "match.word.share": ("占比", "Share"),
    "match.largest": (
        "最大的未知与待复核名称（年末余额由大到小）",
        "The largest names that are unknown or wait for review",
    ),
    "match.weights": (
        "权重：{weights}；校准：{calibration}。{note}",
        "Weights: {weights}; calibration: {calibration}. {note}",
    ),
    "match.origin.package": ("随包", "packaged"),
    "match.origin.user": ("本工作区", "of the workspace"),
    "match.answers": (
        "已收复核意见 {answers} 条，涉及 {names} 个名称",
        "{answers:# answer|# answers} on file, about {names:# name|# names}",
    ),
    "match.queued": (
        "已写 {path}：{rows} 行，{names} 个名称（待复核 {waiting}/{all_waiting}，抽查已接受 {accepted}/{all_accepted}，"
        "抽查未找到 {unfound}/{all_unfound}）；先前已有意见的 {answered} 个未列入",
        "Wrote {path}: {rows:# row|# rows}, {names:# name|# names} (waiting {waiting} of {all_waiting}, taken "
        "without a look {accepted} "
        "of {all_accepted}, not found {unfound} of {all_unfound}); {answered} with an earlier answer are left out",
    ),
    "match.taken": (
        "已收 {answers} 条意见：接受 {accept}，否决 {reject}，另指 {other}，查无 {none}；{names} 个名称就此确定",
        "{answers:# answer|# answers} taken: accept {accept}, reject {reject}, other {other}, none {none}; "
        "{names:# name|# names} settled",
    ),
    "match.same": ("此前已收，未重复：{files}", "Taken before, not again: {files}"),
    "match.next": (
        "写入 inputs/{file}；下次 lvshu run 采用。",
        "Written to inputs/{file}; the next lvshu run uses it.",
    ),
    "match.fit.names": (
        "由名称决定的对象：待复核 {waiting}（有意见 {judged_waiting}），自动接受 {accepted}（有意见 "
        "{judged_accepted}），未找到 {unfound}（有意见 {judged_unfound}）；意见不全而未用的 {partly} 个",
        "Names that decide: waiting {waiting} ({judged_waiting} answered), taken without a look {accepted} "
        "({judged_accepted} answered), not found {unfound} ({judged_unfound} answered); {partly} left out as answered "
        "in part",
    ),
    "match.fit.measure": ("指标", "Measure"),
    "match.fit.before": ("随包权重", "Packaged weights"),
    "match.fit.after": ("拟合后（留出检验）", "Fitted (on names left out)"),
    "match.fit.precision": ("查准率（名称）", "Precision (names)"),
    "match.fit.recall": ("查全率（名称）", "Recall (names)"),
    "match.fit.precision_by_amount": ("查准率（余额）", "Precision (balances)"),
    "match.fit.loss": ("平均对数损失", "Mean log loss"),
    "match.fit.calibration_error": ("校准误差", "Calibration error"),
    "match.fit.estimate": (
        "{value:.3f}（标准误 {error}；95% 区间 {low:.3f}–{high:.3f}；{judged} 个名称）",
        "{value:.3f} (standard error {error}; 95 % interval {low:.3f} to {high:.3f}; {judged:# name|# names})",
    ),
    "match.fit.unknown": ("无从得知（有一类名称没有意见）", "not known (a kind of names has no answer)"),
    "match.fit.no_none": (
        "没有一个有候选的名称被答为“都不是”：无从得知这有多常见，截距照旧，概率不另校准。",
        "No name with candidates was answered as none of them: how often that is so cannot be told; the intercept "
        "stays and probabilities are not calibrated apart.",
    ),
    "match.fit.gain": (
        "拟合使平均对数损失减少 {gain:.4f}（标准误 {error:.4f}）",
        "The fit lowers the mean log loss by {gain:.4f} (standard error {error:.4f})",
    ),
    "match.fit.blind": (
        "这些类别没有意见：{kinds}；查全率（没有“自动接受”的意见时还有查准率）因此无从得知。请用 "
        "lvshu match queue --sample 抽查。",
        "These kinds of names have no answer: {kinds}; recall is therefore not known (nor precision, where none "
        "that is taken was answered). Draw a sample with lvshu match queue --sample.",
    ),
    "match.fit.assumption": (
        "估计以各类中有意见的名称是随机抽取为前提；抽样误差之外的（如复核本身的错）不含。",
        "The estimates take the answered names of each kind as drawn at random; errors other than those of sampling "
        "(such as mistaken reviews) are not in them.",
    ),
    "match.fit.scripts": ("拟合了这些文字的权重：{scripts}", "Weights were fitted for: {scripts}"),
    "match.fit.calibrated": (
        "概率已按保序回归校准。",
        "Probabilities were calibrated by isotonic regression.",
    ),
    "match.fit.uncalibrated": (
        "有意见的名称少于 {enough} 个，概率未另行校准（lvshu 约定）。",
        "Fewer than {enough:# name was|# names were} answered: probabilities are not calibrated apart (lvshu's "
        "convention).",
    ),
    "match.fit.kept": (
        "已写入 {packs}；下次 lvshu run 采用。",
        "Written to {packs}; the next lvshu run uses it.",
    ),
    "match.fit.not_kept": (
        "不比随包权重好，未写入（--force 仍可写入）。",
        "No better than the packaged weights: not kept (--force keeps it).",
    ),
    "match.fit.dry": ("未写入（--dry-run）。", "Nothing was written (--dry-run)."),
    "match.fit.forgotten": ("已撤下：{packs}", "Set aside: {packs}"),
    "match.fit.nothing": ("工作区没有先前的拟合。", "The workspace has no earlier fit."),
    "match.kind.waiting": ("待复核", "waiting"),
    "match.kind.accepted": ("自动接受", "taken without a look"),
    "match.kind.unfound": ("未找到", "not found"),
}
