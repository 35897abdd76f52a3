"""What `lvshu desk` says, in Chinese and English."""

from __future__ import annotations

DESK_TEXTS: dict[str, tuple[str, str]] = {
    "desk": (
        "银行核算台：候选清单、正式名单、收集表、状态、更正、企业卡片。用户与角色由命令自报并记入记录，不验证身份；"
        "身份验证随网页服务提供。",
        "The bank desk: candidate list, formal list, collection forms, states, corrections, cards. User and role "
        "are stated with the command and logged, not verified; authentication comes with the web server.",
    ),
    "desk.candidates": (
        "候选清单：范围内的客户，以及每一条排除理由；与台账核对。",
        "The candidate list: clients in scope, every reason for exclusion, checked against the ledger.",
    ),
    "desk.lock": (
        "把候选清单锁定为正式名单（总行）。",
        "Lock the candidate list into the formal list (head office).",
    ),
    "desk.forms": (
        "发收集表：每个客户一份工作簿。",
        "Issue collection forms: a workbook for each client.",
    ),
    "desk.take": (
        "收表：读回、检查，各版都留；有错的不用，错处一次说完。",
        "Take forms back: read, checked, all versions kept; those with errors are not used, and all are told.",
    ),
    "desk.move": (
        "改客户的状态：复核、退回、确认、锁定。",
        "Move clients from state to state: check, send back, confirm, lock.",
    ),
    "desk.status": (
        "进度：按分行和状态的客户数与金额。",
        "Progress: clients and amounts by branch and state.",
    ),
    "desk.correct": (
        "更正锁定的名单（总行）：加入、移出、改主办分行，须写理由。",
        "Correct a locked list (head office): add, remove, change the lead branch, with a reason.",
    ),
    "desk.corrections": (
        "全部更正：改了什么、为何、由谁、在哪次运行之前与之后。",
        "All corrections: what changed, why, by whom, before and after which run.",
    ),
    "desk.loans": (
        "逐笔列出贷款：范围、余额、归因排放，以及台账中本行自己的列。",
        "Loan by loan: scope, balances, financed emission, and the columns of the ledger that are the bank's own.",
    ),
    "desk.card": (
        "一个企业的卡片：历年碳账户及其各版、各分行贷款、各方法各范围的排放、状态、各版数据、历史。",
        "One enterprise's card: carbon account over the years and its versions, loans by branch, emissions by method "
        "and scope, state, forms, history.",
    ),
    "desk.carry": (
        "把上年账本的归因与企业碳账户带入本年工作区，写明出自哪次运行；同比变化的分解由此而来。",
        "Bring last year's attributions and carbon accounts into this year's workspace, with the run they are of: the "
        "split of the year's change rests on them.",
    ),
    "desk.option.source": (
        "上年的工作区；不写则在本工作区中找上年的运行。",
        "Last year's workspace; without it, a run of last year in this one.",
    ),
    "desk.option.run_id": (
        "取哪次运行；不写则取上年最近的一次。",
        "The run to take; the newest of last year without it.",
    ),
    "desk.option.workspace": (
        "工作区文件夹（默认当前文件夹）。",
        "The workspace's folder (the present one by default).",
    ),
    "desk.option.client": (
        "客户：统一社会信用代码、代码/项目编号，或全名。",
        "The client: credit code, code/project, or whole name.",
    ),
    "desk.option.clients": (
        "客户：统一社会信用代码、代码/项目编号，或名单上的全名。",
        "Clients: credit code, code/project, or whole name on the list.",
    ),
    "desk.option.files": ("交回的工作簿或其文件夹。", "Workbooks that came back, or their folder."),
    "desk.option.user": ("操作人姓名（记入记录）。", "Who acts (kept in the log)."),
    "desk.option.role": (
        "角色：head_office 总行、branch 分行、account_manager 客户经理。",
        "Role: head_office, branch or account_manager.",
    ),
    "desk.option.branch": ("分行代码。", "Code of the branch."),
    "desk.option.list_id": (
        "名单编号；只有一份时可不写。",
        "The list; may be left out where there is only one.",
    ),
    "desk.option.method": (
        "核算方法；默认取设置中的第一个。",
        "Accounting method; the first of the settings by default.",
    ),
    "desk.option.institution": (
        "机构代码；只有一家时可不写。",
        "The institution; may be left out where there is only one.",
    ),
    "desk.option.note": ("说明或理由。", "Note or reason."),
    "desk.option.reason": ("理由。", "Why."),
    "desk.option.folder": (
        "放到哪个文件夹（默认工作区的 desk/forms）。",
        "Folder to put them in (desk/forms of the workspace by default).",
    ),
    "desk.option.to_state": ("新状态。", "The new state."),
    "desk.option.from_state": (
        "不写客户时：本人处于此状态的全部客户。",
        "Instead of clients: all of the actor's clients in this state.",
    ),
    "desk.option.add": ("加入名单。", "Add to the list."),
    "desk.option.remove": ("移出名单。", "Take off the list."),
    "desk.option.lead_branch": ("改主办分行为。", "The new lead branch."),
    "desk.option.each": ("逐个客户列出。", "List each client."),
    "desk.option.top": ("最多列几行。", "At most so many rows."),
    "desk.code": ("代码", "Code"),
    "desk.client": ("客户", "Client"),
    "desk.name": ("名称", "Name"),
    "desk.branch": ("分行", "Branch"),
    "desk.lead": ("主办分行", "Lead branch"),
    "desk.state": ("状态", "State"),
    "desk.clients": ("客户数", "Clients"),
    "desk.count": ("笔数", "Loans"),
    "desk.loan": ("借据号", "Loan"),
    "desk.exposure": ("核算余额（元）", "Exposure (CNY)"),
    "desk.outstanding": ("年末余额（元）", "Year-end balance (CNY)"),
    "desk.returned": ("已交", "Returned"),
    "desk.calculated": ("已核算", "Calculated"),
    "desk.reason": ("理由", "Reason"),
    "desk.scope": ("范围", "Scope"),
    "desk.industry": ("行业组", "Industry group"),
    "desk.excluded": ("排除与未知的理由", "Reasons for exclusion, and what is unknown"),
    "desk.quarantined": (
        "台账 {loans_in_ledger} 行 = {loans_in_book} 笔读入 + {loans_quarantined} 行隔离；"
        "隔离的不在名单里，也不在任何数字里：在 rejects/loan.csv（及 loan.2.csv 等）中更正后重新运行",
        "{loans_in_ledger:# row|# rows} in the ledger = {loans_in_book:# loan|# loans} read + "
        "{loans_quarantined:# row|# rows} in quarantine; "
        "these are on no list and in no figure: correct them in rejects/loan.csv (loan.2.csv and so on) and run again",
    ),
    "desk.quarantined_unnamed": (
        "另有 {count} 行隔离的台账看不出属于哪家机构",
        "{count:# further row|# further rows} of the ledger in quarantine {count:does|do} not say whose they are",
    ),
    "desk.reconciled": (
        "读入的 {loans_in_book} 笔 = 范围内 {loans_in} + 范围外 {loans_out} + 未知 {loans_unknown}；"
        "差 {loans_difference} 笔，年末余额差 {outstanding_difference} 元",
        "{loans_in_book:# loan|# loans} read = {loans_in} in scope + {loans_out} out + {loans_unknown} unknown; "
        "difference {loans_difference:# loan|# loans}, CNY {outstanding_difference} of year-end balances",
    ),
    "desk.locked": (
        "已锁定名单 {list}：{count} 个客户，取自运行 {run}，校验和 {hash}",
        "Locked list {list}: {count:# client|# clients}, from run {run}, hash {hash}",
    ),
    "desk.unverified": (
        "记为 {user}（{role}）；身份由命令自报，未经验证。",
        "Recorded as {user} ({role}); identity is as stated, not verified.",
    ),
    "desk.issued": ("已发 {count} 份收集表，在 {folder}", "Issued {count:# form|# forms}, in {folder}"),
    "desk.moved": ("{count} 个客户改为“{state}”", "{count:# client is|# clients are} now “{state}”"),
    "desk.inputs": (
        "输入文件已更新：{files}。下次 lvshu run 采用。",
        "Input files updated: {files}. The next lvshu run uses them.",
    ),
    "desk.result": ("结果", "Result"),
    "desk.version": ("版次", "Version"),
    "desk.file": ("文件", "File"),
    "desk.accepted": ("接受", "accepted"),
    "desk.refused": ("未采用", "refused"),
    "desk.skipped": ("已跳过", "skipped"),
    "desk.same": ("此前已收", "taken before"),
    "desk.unknown": ("未收", "not taken"),
    "desk.field": ("字段", "Field"),
    "desk.before": ("改动前", "Before"),
    "desk.after": ("改动后", "After"),
    "desk.when": ("时间", "When"),
    "desk.user": ("用户", "User"),
    "desk.role": ("角色", "Role"),
    "desk.kind": ("类别", "Kind"),
    "desk.from": ("原状态", "From"),
    "desk.to": ("新状态", "To"),
    "desk.note": ("说明", "Note"),
    "desk.run_before": ("之前的运行", "Run before"),
    "desk.run_after": ("之后的运行", "Run after"),
    "desk.corrected": (
        "已记录更正 {number}：{kind} {client}",
        "Correction {number} recorded: {kind} {client}",
    ),
    "desk.list": (
        "名单 {list}：由 {user} 于 {at} 锁定，取自运行 {run}",
        "List {list}: locked by {user} on {at}, from run {run}",
    ),
    "desk.waiting": (
        "{count} 份交回的表有错，等待补正",
        "{count:# returned form has|# returned forms have} errors and {count:waits for a better one|"
        "wait for better ones}",
    ),
    "desk.total": ("合计", "Total"),
    "desk.differences": ("与上一版的差别", "Differences from the version before"),
    "desk.method": ("方法", "Method"),
    "desk.calculation": ("计算方式", "Calculation"),
    "desk.score": ("质量得分", "Quality score"),
    "desk.emission": ("排放（吨）", "Emission (tCO2e)"),
    "desk.financed": ("归因排放（吨）", "Financed emission (tCO2e)"),
    "desk.scope1": ("范围一", "Scope 1"),
    "desk.scope2": ("范围二", "Scope 2"),
    "desk.scope3": ("范围三", "Scope 3"),
    "desk.loans_by_branch": ("各分行贷款", "Loans by branch"),
    "desk.entity": ("企业与项目的排放", "Emission of the enterprise and its projects"),
    "desk.states": ("状态", "State"),
    "desk.versions": ("交回的各版", "Versions that came back"),
    "desk.history": ("历史", "History"),
    "desk.other_codes": (
        "同名的其他统一社会信用代码：{codes}。是否同一客户请核对，未合并。",
        "Other credit codes with this name: {codes}. Check whether they are one client; they are not merged.",
    ),
    "desk.accounts": ("企业碳账户，历年", "Carbon account over the years"),
    "desk.account_versions": ("账户的各版（各次运行）", "Versions of the account, by run"),
    "desk.year": ("年度", "Year"),
    "desk.basis": ("依据", "Basis"),
    "desk.share": ("承担比例", "Share carried"),
    "desk.source_run": ("来源运行", "Source run"),
    "desk.run": ("运行", "Run"),
    "desk.changed": ("改变的项", "Changed"),
    "desk.attachment": ("附件", "Attachment"),
    "desk.attachment_absent": ("收表时没有找到", "not there when it was taken"),
    "desk.of_institution": (
        '只含机构 {institution} 的贷款与名单（--institution "*" 为全部机构）',
        'Loans and lists of institution {institution} alone (--institution "*" for all)',
    ),
    "desk.nothing": ("没有。", "None."),
    "desk.carried": (
        "{table}：{rows} 行，取自 {year} 年的运行 {run}",
        "{table}: {rows:# row|# rows}, of run {run} of {year}",
    ),
}
