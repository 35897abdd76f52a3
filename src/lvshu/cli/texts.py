"""What the command line says, in Chinese and English. Problems have their texts in the message catalogue."""

from __future__ import annotations

from lvshu.cli.accounts_texts import ACCOUNTS_TEXTS
from lvshu.cli.code_texts import CODE_TEXTS
from lvshu.cli.desk_texts import DESK_TEXTS
from lvshu.cli.disclose_texts import DISCLOSE_TEXTS
from lvshu.cli.edit_texts import EDIT_TEXTS
from lvshu.cli.estimate_texts import ESTIMATE_TEXTS
from lvshu.cli.match_texts import MATCH_TEXTS
from lvshu.cli.register_texts import REGISTER_TEXTS
from lvshu.cli.series_texts import SERIES_TEXTS
from lvshu.cli.serve_texts import SERVE_TEXTS
from lvshu.core.wording import filled

OWN: dict[str, tuple[str, str]] = {
    # the program and its commands
    "app": (
        "绿枢：一座城市绿色转型的账本，也是为它融资的银行的账本。\n\n"
        "常用：lvshu new 城市 --sample，然后 lvshu run 城市。",
        "lvshu: one book for a city's green transition, and for the banks that finance it.\n\n"
        "To begin: lvshu new city --sample, then lvshu run city.",
    ),
    "new": (
        "新建工作区，可带样例城市、自己的文件或空白模板。",
        "Make a workspace: with the sample city, your own files, or blank templates.",
    ),
    "run": (
        "运行整个账本：读取、检查、估计、核算、归因、发布。",
        "Run the whole book: read, check, estimate, account, attribute, publish.",
    ),
    "check": (
        "只检查设置、参数包和每一条记录，不运行。",
        "Check settings, packs and every record, without a run.",
    ),
    "explain": (
        "解释一个数字：方法、参数包、查询、输入、记录。",
        "Explain a figure: method, packs, query, inputs, records.",
    ),
    "packs": (
        "列出参数包及其完整程度；给出编号则看详情。",
        "List the packs and how complete they are; name one for its details.",
    ),
    "compare": ("比较两次运行：什么变了，为什么变。", "Compare two runs: what changed, and why."),
    "export": (
        "导出账本的表：带单位行和来源页。",
        "Export tables of the book, with a units row and an origin sheet.",
    ),
    "headlines": ("列出当前账本的指标。", "List the headlines of the current book."),
    "runs": ("列出工作区的所有运行。", "List the runs of a workspace."),
    # options
    "help": ("显示此帮助并退出。", "Show this help and exit."),
    "version": ("显示版本并退出。", "Show the version and exit."),
    "lang": (
        "界面语言：zh 或 en（默认随系统；也可设 LVSHU_LANG）。",
        "Language: zh or en (the system's by default; or set LVSHU_LANG).",
    ),
    "json": ("只输出一个 JSON 对象。", "Print one JSON object and nothing else."),
    "path": ("工作区文件夹。", "The workspace's folder."),
    "workspace": ("工作区文件夹（默认当前文件夹）。", "The workspace's folder (the present one by default)."),
    "new.path": ("新工作区的文件夹。", "Folder of the new workspace."),
    "new.sample": ("写入虚构的样例城市。", "Write the invented sample city into it."),
    "new.scale": ("样例城市的比例，1:1000 到 1:1。", "Scale of the sample city, 1:1000 to 1:1."),
    "new.seed": ("样例城市和抽样的随机种子。", "Seed of the sample city and of all draws."),
    "new.area": (
        "地区的六位代码（GB/T 2260），例如 310000。",
        "Six-digit code of the area (GB/T 2260), such as 310000.",
    ),
    "new.year": ("报告年度。", "Reporting year."),
    "new.name": (
        "工作区的名称；页面与引用的标题按地区和年份。",
        "Name of the workspace; pages and citations are titled by area and year.",
    ),
    "new.input": (
        "要放进 inputs 的文件，可多次给出。",
        "A file to put into inputs; may be given several times.",
    ),
    "new.template": (
        "写出某张输入表的空白模板；all 为全部。",
        "Write a blank template of an input table; all for every one.",
    ),
    "run.engine": (
        "计算引擎：duckdb 或 spark（默认见 lvshu.toml）。",
        "Engine: duckdb or spark (as lvshu.toml says by default).",
    ),
    "run.open": ("运行后在浏览器中打开报告。", "Open the report in a browser afterwards."),
    "run.again": ("全部重新计算，不沿用以前的步骤。", "Make every step anew; take nothing over."),
    "run.accept": ("有错误或警告时也以 0 退出。", "Exit with 0 even if there are errors or warnings."),
    "explain.target": (
        "指标代码、表、表.列，或记录编号（如贷款编号）。",
        "A headline's code, a table, table.column, or a record's id (a loan's id).",
    ),
    "explain.where": (
        "对表：只看符合此 SQL 条件的行。",
        "For a table: only the rows that meet this SQL condition.",
    ),
    "explain.rows": ("每张表显示几条记录。", "How many records to show of each table."),
    "run.id": ("运行编号（默认当前）。", "Id of the run (the current one by default)."),
    "packs.id": ("参数包编号。", "Id of a pack."),
    "packs.rows": ("列出这个包的每一行，用来查代码。", "List the rows of this pack, to look up codes."),
    "packs.find": ("只列含有这段文字的行（任一列）。", "Only rows that hold this text, in any column."),
    "packs.rows_shown": (
        "列出 {shown} 行；符合的 {found} 行，全包 {all} 行。",
        "{shown:# row|# rows} shown; {found} match, {all} in the pack.",
    ),
    "packs.check": (
        "检查所有参数包的内容和相互引用。",
        "Check the content of all packs and their references.",
    ),
    "compare.old": ("较早的运行（默认上一次）。", "The older run (the one before the current by default)."),
    "compare.new": ("较新的运行（默认当前）。", "The newer run (the current one by default)."),
    "export.format": (
        "格式：xlsx、csv、parquet、json、html、sdmx（结构与数据：SDMX-ML 3.0、SDMX-CSV 2.0），"
        "或 quality（由运行记录写成的质量报告）。",
        "Format: xlsx, csv, parquet, json, html, sdmx (structures and data: SDMX-ML 3.0, SDMX-CSV 2.0), or quality "
        "(a quality report written from the run's record).",
    ),
    "export.table": (
        "要导出的表，可多次给出（默认全部非保密表）。",
        "A table to export; may be given several times (all that are not confidential by default).",
    ),
    "export.own": (
        "点名导出的表带上您文件中自己的列（按贷款、企业、项目）。",
        "Tables asked for by name carry the columns of your own files (by loan, enterprise, project).",
    ),
    "export.own_columns": (
        "{table} 带上本行自己的列：{columns}",
        "{table} carries your own columns: {columns}",
    ),
    "export.to": (
        "写到哪个文件夹（默认工作区下的 export）。",
        "Folder to write to (export in the workspace by default).",
    ),
    "export.agency": (
        "SDMX 结构的维护机构代码。",
        "Id of the agency that maintains the SDMX structures.",
    ),
    "export.no_sdmx": (
        "{table} 没有键或没有数值列，不能写成 SDMX，未写出。",
        "{table} has no key or no figure, so it has no SDMX structure and was not written.",
    ),
    "completion.install": ("为当前 shell 安装命令补全。", "Install completion for the current shell."),
    "completion.show": ("显示当前 shell 的补全脚本。", "Show the completion script of the current shell."),
    # words of the help pages
    "word.usage": ("用法：", "Usage:"),
    "word.options": ("选项", "Options"),
    "word.arguments": ("参数", "Arguments"),
    "word.commands": ("命令", "Commands"),
    "word.options_metavar": ("[选项]", "[OPTIONS]"),
    "word.command_metavar": ("命令 [参数]...", "COMMAND [ARGS]..."),
    "word.default": ("[默认：{}]", "[default: {}]"),
    "word.required": ("[必填]", "[required]"),
    # errors
    "error": ("错误", "Error"),
    "warning": ("警告", "Warning"),
    "notice": ("说明", "Notice"),
    "where": ("位置", "Where"),
    "why": ("影响", "Why it matters"),
    "fix": ("办法", "Remedy"),
    "also": ("同样的问题", "The same"),
    "also_rows": ("另有 {count} 行：{rows}", "in {count:# more row|# more rows}: {rows}"),
    "also_row": ("  第{row}行：{what}", "  row {row}: {what}"),
    "more": ("……另有 {count} 项", "… and {count} more"),
    "cancelling": (
        "正在停止（再按一次 Ctrl-C 立即退出；已完成的步骤会保留）……",
        "Stopping (Ctrl-C once more leaves at once; finished steps are kept) …",
    ),
    # new
    "new.area_without_english": (
        "资料包 areas 没有 {area} 的英文名称，英文页面写作“{name}”；可在 {file} 的 area_en 中改写。",
        "The pack `areas` has no English name of {area}: English pages will say “{name}”. Write its name as area_en in "
        "{file}.",
    ),
    "new.made": ("已建立工作区：{path}", "Made the workspace {path}"),
    "new.copied": (
        "放入 inputs：{file}，识别为 {recognised}",
        "Put into inputs: {file}, recognised as {recognised}",
    ),
    "new.copied_unknown": (
        "放入 inputs：{file}，尚未识别（见上）",
        "Put into inputs: {file}, not recognised yet (see above)",
    ),
    "new.template_written": ("已写出模板：{path}", "Wrote the template {path}"),
    "new.sample_written": (
        "已写入样例城市（比例 1:{scale}，种子 {seed}）：记录均为虚构。",
        "Wrote the sample city (scale 1:{scale}, seed {seed}): its records are invented.",
    ),
    "new.next": ("下一步：lvshu run {path}", "Next: lvshu run {path}"),
    "layout": ("版式 {name}", "layout {name}"),
    # run
    "status.started": ("进行中", "running"),
    "status.made": ("已算", "made"),
    "status.taken_over": ("沿用", "taken over"),
    "status.kept": ("接续", "kept"),
    "status.skipped": ("跳过", "skipped"),
    "run.rows": ("{rows} 行", "{rows:# row|# rows}"),
    "run.done": ("运行 {run} 完成，用时 {seconds} 秒：{steps}", "Run {run} finished in {seconds} s: {steps}"),
    "run.unchanged": (
        "输入、方法和设置都没有变，当前账本仍是运行 {run}。",
        "Nothing has changed in inputs, methods or settings; run {run} stays the current book.",
    ),
    "run.resumed": ("接续了中断的运行 {run}。", "Went on with the interrupted run {run}."),
    "run.findings": ("发现：{counts}", "Findings: {counts}"),
    "run.quarantined": (
        "隔离 {rows} 条记录；改正后放回 inputs：{path}",
        "{rows:# record|# records} quarantined; correct them and feed them back: {path}",
    ),
    "run.settled": (
        "另有 {rows} 条隔离的记录已由更正替代、与他条完全相同，或是合计行：无须处理",
        "{rows:# record|# records} in quarantine {rows:is|are} replaced by corrections, copies of others, or "
        "totals: nothing to do",
    ),
    "run.report": ("报告：{path}", "Report: {path}"),
    "run.synthetic": (
        "合成数据：本账本的记录均为虚构。",
        "Synthetic data: the records of this book are invented.",
    ),
    "run.errors": ("需要处理", "To be put right"),
    "run.warnings": (
        "警告（每类一行，取最大的一条；全部见报告“发现”或表 finding）",
        "Warnings (one line a kind, the largest of each; all are in the report under Findings and in table finding)",
    ),
    "run.warning_kind": ("{count}×  {what}", "{count}×  {what}"),
    "run.problems_exit": (
        "账本已发布，但有错误或警告需要处理，所以退出码为 1（--accept-problems 可改为 0）。",
        "The book is published, but there are errors or warnings: the exit code is 1 (--accept-problems makes it 0).",
    ),
    "run.problems_accepted": (
        "账本已发布；其中有需要处理的记录：lvshu check 逐条列出。",
        "The book is published; some of its records need attention: `lvshu check` lists them.",
    ),
    "count.error": ("错误 {count}", "{count:# error|# errors}"),
    "count.warning": ("警告 {count}", "{count:# warning|# warnings}"),
    "count.notice": ("说明 {count}", "{count:# notice|# notices}"),
    # tables
    "headline": ("指标", "Headline"),
    "word.code": ("代码", "Code"),
    "value": ("数值", "Value"),
    "interval": ("区间", "Interval"),
    "unit": ("单位", "Unit"),
    "quality.available": ("完整", "complete"),
    "quality.partial": ("不完整", "partial"),
    "quality.not_covered": ("未覆盖", "not covered"),
    "table": ("表", "Table"),
    "rows": ("行数", "Rows"),
    "files": ("文件", "Files"),
    "read": ("读取", "Read"),
    "kept": ("保留", "Kept"),
    "quarantined": ("隔离", "Quarantined"),
    "row": ("行", "Row"),
    "column": ("列", "Column"),
    "reason": ("原因", "Reason"),
    "step": ("步骤", "Step"),
    "standing": ("状态", "Status"),
    "run_id": ("运行", "Run"),
    "started": ("开始", "Started"),
    "version_column": ("版本", "Version"),
    "current": ("当前", "current"),
    "name": ("名称", "Name"),
    "issuer": ("发布机构", "Issuer"),
    "document": ("文号", "Document"),
    "clause": ("条款", "Clause"),
    "published": ("发布日期", "Published"),
    "in_force": ("有效期", "In force"),
    "licence": ("许可", "Licence"),
    "source": ("来源", "Source"),
    "completeness": ("完整程度", "Completeness"),
    "complete": ("完整", "complete"),
    "partial": ("部分", "partial"),
    "placeholder": ("占位", "placeholder"),
    "note": ("说明", "Note"),
    "origin": ("出处", "Origin"),
    "origin.package": ("随包", "package"),
    "origin.user": ("自备", "your own"),
    "columns": ("列", "Columns"),
    "check.findings": ("发现", "Findings"),
    "check.clean": ("没有发现错误。", "No errors found."),
    "check.no_files": (
        "inputs 里没有可读的文件，没有东西可查：把文件放进去，或用 lvshu new --template 写空白模板。",
        "There is no file in inputs that could be read, so nothing was checked: put files there, or write blank "
        "templates by lvshu new --template.",
    ),
    "set_aside": ("无须处理", "Set aside"),
    "check.set_aside": (
        "{rows} 条记录会搁置（已由更正替代、与他条完全相同，或是合计行）：无须处理。",
        "{rows:# record|# records} would be set aside (replaced by corrections, copies of others, or totals): nothing "
        "to do.",
    ),
    "check.errors": (
        "发现 {errors} 项错误，{rows} 条记录会被隔离。",
        "Errors found: {errors}; records that would be quarantined: {rows}.",
    ),
    "packs.clean": (
        "{count} 个参数包都读得出，相互引用一致。",
        "All {count:# pack|# packs} can be read, and their references agree.",
    ),
    # explain
    "explain.definition": ("定义", "Definition"),
    "explain.method": ("方法", "Method"),
    "explain.formula": ("公式", "Formula"),
    "explain.limits": ("局限", "Limits"),
    "explain.sum": ("表 {table} 的合计", "Sum over the table {table}"),
    "explain.uncertainty": ("不确定性", "Uncertainty"),
    "explain.standard_error": ("标准误", "standard error"),
    "explain.covers": ("涵盖", "covers"),
    "explain.several": (
        "{count} 家机构用了这个编号，以下全部列出：{keys}。只看一家：写出整个编号，或加 --institution",
        "{count:# institution uses|# institutions use} this number; all are shown: {keys}. For one: give its whole "
        "key, or --institution",
    ),
    "explain.tables": ("依据的表（由近及远）", "Tables it rests on, nearest first"),
    "explain.inputs": ("输入文件", "Input files"),
    "explain.packs": ("参数包", "Packs"),
    "explain.findings": ("途中的发现", "Findings on the way"),
    "explain.records": (
        "记录：{table}（共 {count} 行，显示 {shown} 行）",
        "Records: {table} ({shown} of {count:# row|# rows})",
    ),
    "explain.largest_by": ("：{column}最大的", ": the largest by {column}"),
    "explain.by_key": ("：按主键在前的", ": the first by key"),
    "explain.sql": ("{table} 的查询", "Query of {table}"),
    "explain.total": ("合计", "Total"),
    "indicator": ("项目", "Item"),
    # compare
    "compare.title": ("运行 {old} → {new}", "Run {old} → {new}"),
    "compare.same": ("没有差别。", "No differences."),
    "compare.settings": ("设置", "Settings"),
    "compare.about": ("环境", "Surroundings"),
    "compare.inputs": ("输入", "Inputs"),
    "compare.packs": ("参数包", "Packs"),
    "compare.code": ("改动了计算的步骤", "Steps whose code changed"),
    "compare.records": ("改动的记录", "Changed records"),
    "compare.headlines": ("指标的变化", "Changes of headlines"),
    "compare.added": ("新增", "added"),
    "compare.removed": ("删除", "removed"),
    "compare.changed": ("修改", "changed"),
    "compare.no_headline": ("指标没有变化。", "No headline changed."),
    "old": ("原", "Old"),
    "new_value": ("新", "New"),
    "difference": ("差", "Difference"),
    "cause": ("原因", "Because of"),
    "cause.input": ("输入 {name}", "input {name}"),
    "cause.pack": ("参数包 {name}", "pack {name}"),
    "cause.code": ("计算 {name}", "code of {name}"),
    "cause.setting": ("设置 {name}", "setting {name}"),
    "cause.about": ("环境 {name}", "{name}"),
    "key": ("键", "Key"),
    # export
    "export.written": ("已写出：{path}", "Wrote {path}"),
    # reports that a bank files
    "file": (
        "填写银行要提交的报告：Word 文档、机器可读副本、工作簿。",
        "Fill a report that a bank files: Word document, machine-readable twin, workbook.",
    ),
    "file.report": (
        "jrt0227 环境信息披露、bank_guide 投融资碳核算、pcaf、issb_s2、evaluation 绿色金融评价，或 all。",
        "jrt0227 (environmental report), bank_guide (financed emissions), pcaf, issb_s2, "
        "evaluation (green-finance evaluation), or all.",
    ),
    "own.institution": (
        "机构代码：只看这一家自己的账本，不含其他机构的任何内容。",
        "Code of an institution: its own book alone, with nothing of any other's.",
    ),
    "file.institution": (
        "机构代码；不给则为全部机构合计。",
        "Code of the institution; all together without it.",
    ),
    "file.format": (
        "docx、json、xlsx，可多次给出；默认三种。",
        "docx, json or xlsx, may be repeated; all by default.",
    ),
    "file.what_if": (
        "只用于 evaluation：改最近一季的余额再算，如 green_loan_balance=+10%。",
        "For evaluation only: change a balance of the last quarter, such as green_loan_balance=+10%.",
    ),
    "file.to": ("写到哪个文件夹。", "The folder to write to."),
    "file.gaps": (
        "缺口 {gaps} 项，其中必填 {required} 项",
        "{gaps:# gap|# gaps}, {required} of them required",
    ),
}
PARTS = (
    OWN,
    ACCOUNTS_TEXTS,
    CODE_TEXTS,
    DESK_TEXTS,
    DISCLOSE_TEXTS,
    ESTIMATE_TEXTS,
    MATCH_TEXTS,
    EDIT_TEXTS,
    REGISTER_TEXTS,
    SERVE_TEXTS,
    SERIES_TEXTS,
)
TEXTS: dict[str, tuple[str, str]] = {key: text for part in PARTS for key, text in part.items()}


def text(key: str, language: str, **values: object) -> str:
    """Return one text in a language, its placeholders filled in.

    Raises:
        KeyError: there is no such text.
    """
    found = TEXTS[key][0 if language == "zh" else 1]
    return filled(found, values) if values else found
