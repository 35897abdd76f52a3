"""What `lvshu register` says, in Chinese and English."""

from __future__ import annotations

REGISTER_TEXTS: dict[str, tuple[str, str]] = {
    "register": (
        "单位名录：多来源记录的链接、人工复核、误差估计、任一日的名录。",
        "The register of units: records of many sources linked, clerical review, estimated error, the register as at "
        "any day.",
    ),
    "register.link": (
        "运行账本（已知的直接沿用）并说明链接结果。",
        "Run the book (what is known is taken over) and say what was linked.",
    ),
    "register.status": (
        "链接的现状：记录、单位、依据、待复核。",
        "How far: records, units, grounds, pairs to review.",
    ),
    "register.queue": (
        "写出复核表（csv 或 xlsx）：把握不大的对，以及用来估计误差的样本。",
        "Write the review file (csv or xlsx): uncertain pairs, and the sample that error is estimated from.",
    ),
    "register.take": (
        "收回复核表：错处一次说完；下次运行采用。",
        "Take review files back: all faults told at once; the next run uses them.",
    ),
    "register.rates": (
        "按来源的查准率、查全率、误链率、漏链率，带标准误与 95% 区间。",
        "Precision, recall, false-link and missed-link rates by source, with standard errors and 95 % intervals.",
    ),
    "register.as-at": ("某一日存续的单位。", "The units that lived on a day."),
    "register.hash": (
        "把 csv 中的明文标识换成加盐散列（姓名另加布隆过滤器），在交付之前用。",
        "Replace clear identifiers of a csv by salted hashes (names by Bloom filters too); for use before delivery.",
    ),
    "register.option.workspace": (
        "工作区文件夹（默认当前文件夹）。",
        "The workspace's folder (the present one by default).",
    ),
    "register.option.kind": (
        "enterprise（企业）或 person（个人）；不填为全部。",
        "enterprise or person; all when left out.",
    ),
    "register.option.file": ("文件（.csv 或 .xlsx）。", "The file (.csv or .xlsx)."),
    "register.option.files": ("填好的复核表。", "Review files that came back."),
    "register.option.no_sample": (
        "只写把握不大的，不要样本。",
        "Uncertain pairs only, without the sample.",
    ),
    "register.option.day": ("哪一日，如 2023-12-31。", "The day, such as 2023-12-31."),
    "register.option.known_on": ("只按到这一日为止名录所知。", "Only what the register knew by this day."),
    "register.option.top": ("最多列几个。", "At most so many."),
    "register.option.columns": ("要散列的列，逗号分隔。", "Columns to hash, separated by commas."),
    "register.option.names": (
        "姓名列：散列并另加布隆过滤器。",
        "Columns of names: hashed, with a Bloom filter beside.",
    ),
    "register.option.salt_file": (
        "盐所在的文件，至少 16 个字符。",
        "File that holds the salt, 16 characters at least.",
    ),
    "register.option.to": ("写到哪个文件（不能已存在）。", "The file to write (must not exist)."),
    "register.queued": (
        "已写入 {path}：待复核 {waiting} 对，分层样本 {pair} 对，与分块无关的样本 {record} 对。",
        "Written to {path}: {waiting:# uncertain pair|# uncertain pairs}, a sample of {pair} by class, and "
        "{record} drawn apart from "
        "blocking.",
    ),
    "register.taken": (
        "收到 {answers} 条意见：同一单位 {same}，不是 {apart}，看不出 {unsure}。",
        "{answers:# answer|# answers} taken: {same} one unit, {apart} not, {unsure} cannot be told.",
    ),
    "register.changed": (
        "其中 {changed} 条与先前的意见不同，以后者为准。",
        "{changed} of them change an earlier answer; the later counts.",
    ),
    "register.next": (
        "记在 inputs/{file}；下次 lvshu run 采用。",
        "Kept in inputs/{file}; the next lvshu run uses it.",
    ),
    "register.nobody": (
        "其中 {values} 个值是“无”“不详”、短横或同一字符重复，不指任何人，留空。",
        "{values:# value was|# values were} words for missing, dashes or one character repeated: they name "
        "nobody, left empty.",
    ),
    "register.clear_left": (
        "{path} 中的这些列仍有明文标识：{columns}。请把它们也列入 --columns（姓名列入 --names）重新散列，"
        "或删去这些列，再交付。",
        "{path} still holds identifiers in clear in: {columns}. Name these columns too in --columns (names of persons "
        "in --names) and hash again, or take them out, before you deliver the file.",
    ),
    "register.undrawn": (
        "其中 {undrawn} 条不在现在账本的样本里（改了“抽取方式”，或出自较早的名录）：意见照用，不用来估计误链率。",
        "{undrawn} of them are not in the sample of the present book (the column of draws was changed, or they are of "
        "an earlier register): they count as answers, not for error rates.",
    ),
    "register.yes": ("是", "yes"),
    "register.no": ("否", "no"),
    "register.word.blocking_covered": ("含分块漏失", "Covers blocking"),
    "register.model_only": (
        "没有人工样本：以上只是模型概率的期望，没有标准误，也不含分块漏失。用 lvshu register queue 抽样复核。",
        "No clerical sample: these are what the model's probabilities expect, without standard errors and without what "
        "blocking loses. Draw one with lvshu register queue.",
    ),
    "register.withheld_now": (
        "{kind}：新比较的 {pairs} 对（按来源：{sources}）中，链接没有一对判定过，以前各次交付判定过 {judged} 对。"
        "判定其中一些之前，不说整个名录的误差率：用 lvshu register queue 取样本，take 收回，再运行。",
        "{kind}: of {pairs:# pair|# pairs} compared anew (by source: {sources}) nobody judged a link; {judged} of "
        "earlier deliveries were judged. Rates of the whole register are withheld until some of these are judged: "
        "lvshu register queue, take, and run again.",
    ),
    "register.withheld_earlier": (
        "{kind}：以前的交付有 {pairs} 对（按来源：{sources}），链接没有一对判定过，其余判定过 {judged} 对。"
        "判定其中一些之前，不说整个名录的误差率：在比较它们的那本账里判定样本，再运行，用那次的 link_error_cell。",
        "{kind}: of {pairs:# pair|# pairs} of earlier deliveries (by source: {sources}) nobody judged a link; {judged} "
        "of the others were judged. Rates of the whole register are withheld until some of these are judged: in the "
        "book that compared them judge the sample, run again, and give the link_error_cell of that run.",
    ),
    "register.no_blocking": (
        "没有判定与分块无关的样本：查全率只在比较过的对之内。",
        "The sample drawn apart from blocking was not judged: recall is among compared pairs only.",
    ),
    "register.lived": ("{day} 存续的{kind}单位：{units}", "Units ({kind}) that lived on {day}: {units}"),
    "register.hashed": (
        "已写入 {path}：{rows} 行，散列了 {columns}。请删去明文文件。",
        "Written to {path}: {rows:# row|# rows}, hashed {columns}. Delete the clear file.",
    ),
    "register.kind.enterprise": ("企业", "enterprise"),
    "register.kind.person": ("个人", "person"),
    "register.measure.precision": ("查准率", "precision"),
    "register.measure.recall": ("查全率", "recall"),
    "register.measure.false_link_rate": ("误链率", "false-link rate"),
    "register.measure.missed_link_rate": ("漏链率", "missed-link rate"),
    "register.word.scope": ("所说的对", "Pairs"),
    "register.scope.all": ("来源之内与之间", "within and between sources"),
    "register.scope.within": ("来源之内", "within the source"),
    "register.scope.between": ("来源之间", "between sources"),
    "register.basis.clerical": ("人工样本", "clerical sample"),
    "register.basis.whole": ("整个名录的人工样本", "clerical samples, whole register"),
    "register.basis.model": ("模型概率", "model"),
    "register.word.kind": ("种类", "Kind"),
    "register.word.records": ("记录", "Records"),
    "register.word.units": ("单位", "Units"),
    "register.word.code": ("凭代码", "By code"),
    "register.by_name": ("凭全名", "By full name"),
    "register.word.probability": ("凭概率", "By probability"),
    "register.word.review": ("凭复核", "By review"),
    "register.word.previous": ("沿用上期", "As before"),
    "register.word.alone": ("独自成单位", "Alone"),
    "register.word.to_review": ("待复核的对", "Pairs to review"),
    "register.word.source": ("来源", "Source"),
    "register.word.measure": ("指标", "Measure"),
    "register.word.basis": ("根据", "Basis"),
    "register.word.value": ("值", "Value"),
    "register.word.standard_error": ("标准误", "Standard error"),
    "register.word.interval": ("95% 区间", "95 % interval"),
    "register.word.judged": ("判定数", "Judged"),
    "register.word.unit_id": ("单位号", "Unit"),
    "register.word.uscc": ("统一社会信用代码", "Credit code"),
    "register.word.name": ("名称", "Name"),
    "register.word.district_code": ("区", "District"),
    "register.word.industry_code": ("行业", "Class"),
    "register.word.born_on": ("设立日", "Born on"),
    "register.word.ended_on": ("终止日", "Ended on"),
}
