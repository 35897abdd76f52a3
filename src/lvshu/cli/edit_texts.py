"""What `lvshu edit` says, in Chinese and English."""

from __future__ import annotations

EDIT_TEXTS: dict[str, tuple[str, str]] = {
    "edit": (
        "审核与修正：检查规则、按规则改动记录、查看与撤销改动、人工决定。",
        "Editing: test rules, edit records by them, look at changes and take them back, decide.",
    ),
    "edit.rules": (
        "检查规则文件：写法、互相矛盾的规则、多余的规则；给出 --data 时还核对列名。",
        "Test a rule file: its writing, rules that contradict each other, needless ones; with --data the columns too.",
    ),
    "edit.run": (
        "按规则审核一个文件（csv 或 xlsx）：改动最少的值使规则成立，另写一份修改记录。",
        "Edit a file (csv or xlsx) by rules: the fewest values are changed so that all hold; a log is kept.",
    ),
    "edit.undo": (
        "用修改记录撤销改动，逐格恢复原样；可只撤某条规则、某条记录或某一列。",
        "Take changes back with their log, cell by cell; of one rule, record or column alone if asked.",
    ),
    "edit.show": (
        "最近一次运行的审核：每条规则的结果、改动、可疑值、应先核对的报表。",
        "The editing of the latest run: results of each rule, changes, suspicious values, returns to look at first.",
    ),
    "edit.keep": (
        "保留填报值：下次运行不再改这个值（即撤销这次改动）。",
        "Keep a value as filed: the next run will not change it (this takes a change back).",
    ),
    "edit.set": ("把一个值改为核实的数（元）。", "Set a value to what was verified (in yuan)."),
    "edit.withdraw": ("撤回对一个值的决定。", "Take a decision about a value back."),
    "edit.option.workspace": (
        "工作区文件夹（默认当前文件夹）。",
        "The workspace's folder (the present one by default).",
    ),
    "edit.option.file": ("记录文件（csv 或 xlsx）。", "The file of records (csv or xlsx)."),
    "edit.option.rules_file": ("规则文件（TOML）。", "The rule file (TOML)."),
    "edit.option.rules": ("规则文件（TOML）。", "The rule file (TOML)."),
    "edit.option.log": ("修改记录（csv）。", "The log of changes (csv)."),
    "edit.option.data": ("用来核对列名的数据文件。", "A file of records whose columns are compared."),
    "edit.option.key": (
        "记录主键所在的列；不写则以行号为主键。",
        "The column of the record's key; the row's number without it.",
    ),
    "edit.option.to": ("写到哪个文件（csv）。", "The file to write (csv)."),
    "edit.option.rule": ("只撤这条规则引起的。", "Only what this rule caused."),
    "edit.option.only_record": ("只撤这条记录的。", "Only this record."),
    "edit.option.only_variable": ("只撤这一列的。", "Only this column."),
    "edit.option.keep_missing": ("缺失的值不估补。", "Leave missing values missing."),
    "edit.option.no_donors": ("不取其他记录的值。", "Take no values of other records."),
    "edit.option.record": (
        "记录，照表 edit_change 的 record_key。",
        "The record, as record_key of edit_change names it.",
    ),
    "edit.option.variable": ("变量，照表 edit_change。", "The variable, as edit_change names it."),
    "edit.option.value": ("核实的数，单位元。", "The verified amount, in yuan."),
    "edit.option.user": ("谁决定的。", "Who decides."),
    "edit.option.note": ("为什么。", "Why."),
    "edit.option.top": ("最多列几个。", "At most so many."),
    "edit.word.rule": ("规则", "Rule"),
    "edit.word.text": ("内容", "What it says"),
    "edit.word.severity": ("级别", "Severity"),
    "edit.word.records": ("审核记录", "Records"),
    "edit.word.before": ("改前不符", "Failing before"),
    "edit.word.after": ("改后不符", "Failing after"),
    "edit.word.changed": ("因此改动", "Changed for it"),
    "edit.word.amount": ("改动金额（元）", "Amount (CNY)"),
    "edit.word.record": ("记录", "Record"),
    "edit.word.variable": ("变量", "Variable"),
    "edit.word.filed": ("填报", "Filed"),
    "edit.word.edited": ("改后", "Edited"),
    "edit.word.method": ("方法", "Method"),
    "edit.word.solutions": ("改法数", "Ways"),
    "edit.word.influence": ("对总量影响", "Influence"),
    "edit.word.detector": ("检测", "Detector"),
    "edit.word.value": ("值", "Value"),
    "edit.word.expected": ("预期", "Expected"),
    "edit.word.score": ("可疑程度", "Score"),
    "edit.word.rank": ("名次", "Rank"),
    "edit.word.left": ("核对至此的剩余影响", "Left after it"),
    "edit.word.follows": ("由这些规则推得", "Follows from"),
    "edit.agree": (
        "{rules} 条规则、{variables} 个变量，互不矛盾",
        "{rules:# rule|# rules} over {variables:# variable|# variables}; they do not contradict each other",
    ),
    "edit.needless": ("多余的规则（删去不改变结果）", "Needless rules (nothing changes without them)"),
    "edit.done": (
        "已改 {values} 个值（{records} 条记录，其中 {several} 条有不止一种同样轻的改法），写入 {path}；修改记录 {log}",
        "{values:# value|# values} of {records:# record|# records} changed ({several:# record|# records} had "
        "more than one equally light way), written "
        "to {path}; log {log}",
    ),
    "edit.unsolved": (
        "{count} 条记录无法改到满足全部规则，照原样保留：{records}",
        "{count:# record|# records} cannot be made to obey all rules and "
        "{count:stays as it was|stay as they were}: {records}",
    ),
    "edit.without_basis": (
        "{count} 条记录有缺失值照样空着：规则、往期与其他记录都说明不了：{records}",
        "In {count:# record|# records} missing values stay missing: neither rules nor other records say what "
        "they are: {records}",
    ),
    "edit.undone": (
        "已撤销 {count} 处改动，写入 {path}",
        "{count:# change|# changes} taken back, written to {path}",
    ),
    "edit.undone_before": (
        "另有 {count} 处已经是填报的值（此前已撤销），不必再撤",
        "{count:# more cell holds|# more cells hold} what was filed already: taken back before",
    ),
    "edit.changes": ("改动", "Changes"),
    "edit.suspicious": ("可疑值（未改动）", "Suspicious values (not changed)"),
    "edit.selection": ("按影响应先核对的报表", "Returns to look at first, by influence"),
    "edit.results": ("规则结果", "Results of rules"),
    "edit.none": ("最近一次运行没有可审核的数据", "The latest run had nothing to edit"),
    "edit.decided": (
        "已记下第 {number} 号决定；下次 lvshu run 采用",
        "Decision {number} is on file; the next lvshu run uses it",
    ),
    "forms": (
        "平台报表（U201—U210）：写出可填的工作簿、即时审核、收表、月结与审计线索。",
        "Returns of platforms (U201 to U210): workbooks to fill in, checks, taking, month-end and its trail.",
    ),
    "forms.template": (
        "写出报表工作簿；给出平台与月份时预填名称、代码、地区与上月数。",
        "Write the workbook of forms; with platform and month the name, code, regions and last month are filled in.",
    ),
    "forms.check": (
        "审核填好的工作簿：读数、必填、七条表间关系、三条合计关系、疑似单位错，一次说完。",
        "Check filled-in workbooks: figures, what is due, the seven rules between forms, three sums, slips of unit; "
        "all at once.",
    ),
    "forms.take": (
        "收表：没有错误才收；记下谁、何时、哪个文件、改了哪些值。",
        "Take forms without errors; who, when, which file and what changed go on the trail.",
    ),
    "forms.move": (
        "改变状态：returned 退回平台、accepted 通过、locked 月结锁定。",
        "Change the state: returned to the platform, accepted, or locked at month-end.",
    ),
    "forms.trail": (
        "报表流转与改动的记录。",
        "The trail of the forms: steps and changed amounts.",
    ),
    "forms.option.workspace": (
        "工作区文件夹；给出时与先前收到的报表比对。",
        "The workspace's folder; forms taken before are compared.",
    ),
    "forms.option.place": (
        "工作区文件夹（默认当前文件夹）。",
        "The workspace's folder (the present one by default).",
    ),
    "forms.option.file": ("写到哪个文件（.xlsx）。", "The file to write (.xlsx)."),
    "forms.option.files": ("填好的工作簿。", "Filled-in workbooks."),
    "forms.option.platform": ("平台统一社会信用代码。", "The platform's credit code."),
    "forms.option.month": ("报告月，如 2024-02。", "Month of the report, such as 2024-02."),
    "forms.option.moved_platform": ("平台统一社会信用代码。", "The platform's credit code."),
    "forms.option.moved_month": ("报告月，如 2024-02。", "Month of the report, such as 2024-02."),
    "forms.option.to_state": (
        "returned、accepted 或 locked。",
        "returned, accepted or locked.",
    ),
    "forms.option.user": ("谁办理的。", "Who acts."),
    "forms.option.note": ("理由。", "Reason."),
    "forms.word.platform": ("平台", "Platform"),
    "forms.word.month": ("月份", "Month"),
    "forms.word.from": ("由", "From"),
    "forms.word.to": ("到", "To"),
    "forms.word.at": ("时间", "When"),
    "forms.word.user": ("谁", "Who"),
    "forms.word.file": ("文件", "File"),
    "forms.word.changed": ("改动值", "Values changed"),
    "forms.word.note": ("说明", "Note"),
    "forms.word.cell": ("单元格", "Cell"),
    "forms.word.old": ("原报（元）", "Before (CNY)"),
    "forms.word.new": ("现报（元）", "Now (CNY)"),
    "forms.written": (
        "已写 {path}：{forms} 张表，预填 {amounts} 个数，上月数 {last} 个",
        "Wrote {path}: {forms:# form|# forms}, {amounts:# amount|# amounts} filled in, {last} of last month "
        "beside them",
    ),
    "forms.good": (
        "{file}：{platform} {month}，{values} 个数，{rules} 条关系全部符合",
        "{file}: {platform} {month}, {values:# amount|# amounts}, all of {rules:# rule holds|# rules hold}",
    ),
    "forms.bad": (
        "{file}：{errors} 处错误，{warnings} 处警告",
        "{file}: {errors:# error|# errors}, {warnings:# warning|# warnings}",
    ),
    "forms.taken": (
        "{file}：已收，{values} 个数，其中 {changed} 个与先前不同（第 {event} 步）",
        "{file}: taken, {values:# amount|# amounts}, {changed} of them new or different (step {event})",
    ),
    "forms.same": ("{file}：此前已收，未重复", "{file}: taken before, not again"),
    "forms.not_taken": ("{file}：有错误，没有收", "{file}: has errors and was not taken"),
    "forms.moved": (
        "平台 {platform} {month}：由“{before}”改为“{after}”",
        "Platform {platform}, {month}: from “{before}” to “{after}”",
    ),
    "forms.steps": ("流转", "Steps"),
    "forms.changes": ("改动的金额（最近的在前）", "Changed amounts (the latest first)"),
}
