"""What `lvshu code` says, in Chinese and English."""

from __future__ import annotations

CODE_TEXTS: dict[str, tuple[str, str]] = {
    "code": (
        "文本编码：把经营范围、岗位、用途等文字编到国民经济行业或别的分类，带概率、保证和复核。",
        "Free texts into classes: business scopes, jobs, purposes; with probabilities, a guarantee and reviews.",
    ),
    "code.train": (
        "用已有代码的文本训练模型，写出模型与模型卡。",
        "Train a model on coded texts; write it with its card.",
    ),
    "code.texts": (
        "给一个文件的文本编码；不给模型时只按国民经济行业的名称检索，仅作建议。",
        "Code the texts of a file; without a model, by the titles of GB/T 4754-2017 alone, as suggestions.",
    ),
    "code.card": (
        "显示模型卡：数据、准确率、校准、覆盖、版本。",
        "Show a model's card: data, accuracy, calibration, coverage.",
    ),
    "code.revise": (
        "把2011年版行业代码换成2017年版；一个变成几个的，由文字来选，没有文字则不定。",
        "Bring industry codes of 2011 to 2017; where one became several the text chooses; without one it stays open.",
    ),
    "code.drift": (
        "一批新文本是否还像校准时的文本。",
        "Whether a batch of new texts still looks like those of calibration.",
    ),
    "code.status": (
        "最近一次运行：没有行业代码的单位编得怎样，改正后的合计。",
        "The last run: units without an industry code, and totals corrected for wrong codes.",
    ),
    "code.queue": (
        "写出复核表（csv 或 xlsx）：不够把握的单位，可加随机抽查。",
        "Write the review file (csv or xlsx): units that are not sure, with a random audit if asked.",
    ),
    "code.take": (
        "收回复核表：错处一次说完；意见成为下次运行的输入。",
        "Take review files back: all faults told at once; the answers become input of the next run.",
    ),
    "code.matrix": (
        "抽查得出的误判率（误判矩阵）；--to 写成 coding_audit，供没有抽查的月份或年份使用。",
        "Error rates from the audit (the matrix); --to writes it as coding_audit, for months or years without one.",
    ),
    "code.option.workspace": (
        "工作区文件夹（默认当前文件夹）。",
        "The workspace's folder (the present one by default).",
    ),
    "code.option.file": ("文件（csv；复核表也可 xlsx）。", "The file (csv; review files xlsx too)."),
    "code.option.files": ("填好的复核表。", "Review files that came back."),
    "code.option.to": (
        "写到哪里：模型的文件夹，或结果的 csv。",
        "Where to write: the model's folder, or a csv of results.",
    ),
    "code.option.model": ("模型的文件夹。", "Folder of the model."),
    "code.option.text": (
        "文本列的列名（默认 text、文本、经营范围）。",
        "Heading of the texts (text by default).",
    ),
    "code.option.code": (
        "代码列的列名（默认 code、label、代码）。",
        "Heading of the codes (code or label by default).",
    ),
    "code.option.levels": (
        "别的分类：各层代码的位数，最细在前，如 5,4,3,2（默认国民经济行业）。",
        "Another classification: characters of each level's codes, finest first, such as 5,4,3,2 "
        "(default: GB/T 4754-2017).",
    ),
    "code.option.scope": (
        "文本是经营范围：先分活动，取主要活动。",
        "Texts are business scopes: cut into activities, the main one is coded.",
    ),
    "code.option.knowledge": (
        "分类说明的 csv，列 label、text；或分类包的编号，如 occupations_2022。",
        "A csv with notes of classes, columns label and text; or the id of a pack, such as occupations_2022.",
    ),
    "code.option.accuracy": (
        "答案至少多大概率正确才给出。",
        "Probability of being right that an answer must reach.",
    ),
    "code.option.error": ("共形集合约定的差错率。", "Error that conformal sets promise at most."),
    "code.option.by_class": ("保证对各门类分别成立。", "The guarantee of each section apart."),
    "code.option.audit": (
        "另随机抽查多少单位，用来改正合计。",
        "Units to audit at random, which correct the totals.",
    ),
    "code.option.month": (
        "抽样框的月份，如 2023-12；matrix 只看这个月。",
        "Month of the frame, like 2023-12; matrix: this month only.",
    ),
    "code.option.top": ("最多显示几行。", "Rows shown at most."),
    "code.word.row": ("行", "Row"),
    "code.word.decided_by": ("决定文字", "Words that decided"),
    "code.word.decision": ("结论", "Decision"),
    "code.word.code": ("代码", "Code"),
    "code.word.title": ("名称", "Title"),
    "code.word.probability": ("正确概率", "Probability"),
    "code.word.set_size": ("集合", "Set"),
    "code.word.old": ("2011年代码", "Code of 2011"),
    "code.word.options": ("可能的新代码", "Options"),
    "code.word.by": ("由什么决定", "Decided by"),
    "code.by.concordance": ("对照表", "concordance"),
    "code.by.text": ("文字", "the text"),
    "code.by.open": ("未定", "open"),
    "code.by.ended": ("已停用", "ended"),
    "code.by.unknown": ("不是2011年代码", "no code of 2011"),
    "code.word.level": ("层级", "Level"),
    "code.word.accuracy": ("准确率", "Accuracy"),
    "code.word.error": ("标准误", "s.e."),
    "code.word.units": ("单位数", "Units"),
    "code.word.estimator": ("估计方法", "Estimator"),
    "code.word.measure": ("指标", "Measure"),
    "code.word.group": ("组", "Group"),
    "code.word.audit": ("抽查", "Audit"),
    "code.published_mark": (
        "● 公布的估计；没有 ● 的，抽查缺层或还没有抽查。空着的标准误：说明不了。",
        "● is published; without one an audit lacks strata or there is none. An empty error cannot be told.",
    ),
    "code.word.month": ("月份", "Month"),
    "code.word.given": ("条件", "Given"),
    "code.word.coded_group": ("编码所属组", "As coded"),
    "code.word.true_group": ("核定所属组", "True"),
    "code.word.rate": ("概率", "Rate"),
    "code.word.audited": ("抽查单位", "Audited"),
    "code.given.coded": ("已知编码", "the code"),
    "code.given.true": ("已知真实", "the truth"),
    "code.no_audit": (
        "账本里没有抽查：lvshu code queue --audit 抽取，填好后 lvshu code take，再 lvshu run。",
        "There is no audit in the book: draw one with lvshu code queue --audit, take it back, and run.",
    ),
    "code.matrix_written": (
        "写出 {file}：抽查的 {units} 个单位；放进别的月份或年份的 inputs 即用其误判率。",
        "Written {file}: {units:# audited unit|# audited units}; in the inputs of another month or year its "
        "error rates are used.",
    ),
    "code.word.total": ("合计", "Total"),
    "code.word.share": ("占比%", "Share %"),
    "code.decision.coded": ("编到最细层", "coded"),
    "code.decision.backed_off": ("退到上层", "a level above"),
    "code.decision.abstained": ("不编", "abstained"),
    "code.decision.no_text": ("没有文字", "no text"),
    "code.decision.unread": ("读不懂：没有认识的词", "not understood: no word that the model knows"),
    "code.decision.reviewed": ("人核定", "found by people"),
    "code.trained": (
        "已训练：{texts} 条文本（无文本 {no_text}、无代码 {no_code} 未用），写入 {folder}",
        "Trained on {texts:# text|# texts} ({no_text} without text and {no_code} without code left out), written "
        "to {folder}",
    ),
    "code.several_codes": (
        "{texts} 种文本各有不止一个代码（共 {rows} 行），最多的是“{most}”：{codes}。模型学到的是其中的比例；请核对。",
        "{texts:# text has|# different texts have} more than one code each ({rows:# row|# rows}); the one with most "
        "rows is “{most}”: {codes}. The model learns their shares; check them.",
    ),
    "code.unlike": ("不给：不像训练文本", "withheld: unlike the texts it learned from"),
    "code.uncalibrated": (
        "没有标注：下列只是建议，没有校准，没有保证。",
        "No labels: these are suggestions, neither calibrated nor promised.",
    ),
    "code.counted": (
        "{texts} 条：编到最细层 {coded}，退到上层 {backed_off}，不编 {abstained}，没有文字 {no_text}，读不懂 {unread}",
        "{texts:# text|# texts}: {coded} coded, {backed_off} a level above, {abstained} abstained, {no_text} "
        "without text, {unread} not understood",
    ),
    "code.written": ("已写入 {file}", "Written to {file}"),
    "code.steady": ("没有看出漂移。", "No drift is seen."),
    "code.untold": ("在比得了的各项里没有看出漂移。", "No drift is seen in what can be compared."),
    "code.drift.shares": (
        "类别分布指数 {value}（不漂移时约 {mean}±{deviation}）",
        "shares of classes moved by {value} (about {mean} ± {deviation} without drift)",
    ),
    "code.drift.few": (
        "类别分布：{texts} 条文本太少，比不了（至少要有两类各期望 5 条）",
        "shares of classes: {texts:# text is|# texts are} too few to compare (two classes with five expected in "
        "each at least)",
    ),
    "code.drift.confidence.few": (
        "平均概率：文本太少，比不了",
        "mean probability: too few texts to compare",
    ),
    "code.drift.known.few": (
        "已知字组比例：文本太少，比不了",
        "share of known n-grams: too few texts to compare",
    ),
    "code.drift.confidence": (
        "平均概率移动 {value:.1f} 个标准误",
        "mean probability moved by {value:.1f} standard errors",
    ),
    "code.drift.known": (
        "已知字组比例移动 {value:.1f} 个标准误",
        "share of known n-grams moved by {value:.1f} standard errors",
    ),
    "code.queued": (
        "写出 {file}：复核 {reviews} 个，抽查 {audits} 个",
        "Written {file}: {reviews} for review, {audits} to audit",
    ),
    "code.taken": (
        "收到复核 {reviews} 个、抽查 {audits} 个，未填 {open} 行；写入 inputs：{files}，下次 lvshu run 采用。",
        "{reviews:# review|# reviews} and {audits:# audit|# audits} taken, {open:# row|# rows} open; written to "
        "inputs: {files}; the next run "
        "uses them.",
    ),
    "code.restored": (
        "其中 {count} 个行业代码开头的0被表格软件去掉，已按四位代码补回。",
        "A spreadsheet had dropped the leading zero of {count:# class code|# class codes}; "
        "{count:it was|they were} read as {count:a code|codes} of four digits.",
    ),
    "code.no_run": ("还没有编码结果：先 lvshu run。", "Nothing is coded yet: lvshu run first."),
}
