"""Words of the filings, in both languages."""

from __future__ import annotations

from lvshu.publish.texts import Text

REPORTS = {
    "jrt0227": Text(
        "环境信息披露报告（JR/T 0227-2021）", "Environmental information report (JR/T 0227-2021)"
    ),
    "bank_guide": Text("投融资碳核算报告（2026年银行指南）", "Financed-emission report (bank guide 2026)"),
    "pcaf": Text("PCAF 融资排放披露", "PCAF disclosure of financed emissions"),
    "issb_s2": Text("ISSB S2 气候指标", "ISSB S2 climate metrics"),
    "evaluation": Text("绿色金融评价测算", "Green-finance evaluation, own reckoning"),
}
WORDS = {
    "all": Text("本账本全部机构", "All institutions of the book"),
    "year": Text("{year}年度", "Year {year}"),
    "synthetic": Text(
        "合成数据：不含任何真实机构、企业或贷款，不得用于披露",
        "SYNTHETIC DATA: no real institution, firm or loan; not to be filed",
    ),
    "draft": Text(
        "草稿：由账本自动预填，提交前须由机构复核",
        "Draft, filled from the book; to be reviewed by the institution before filing",
    ),
    "floor_area": Text("建筑面积", "Floor area"),
    "divisions": Text("行业大类数", "Divisions"),
    "with_scope3": Text("有范围三的余额占比", "Outstanding with scope 3"),
    "number": Text("笔数", "Number"),
    "parts_apart": Text(
        "据公开介绍计算，原文未取得；不与融资排放相加",
        "After public descriptions, the text was not obtained; never to be added to financed emissions",
    ),
    "about": Text("关于本报告", "About this report"),
    "run": Text("运行 {run}，lvshu {version}，{date}", "Run {run}, lvshu {version}, {date}"),
    "outline": Text("提纲依据：{document}（{state}）", "Outline after: {document} ({state})"),
    "figure": Text("指标", "Figure"),
    "value": Text("数值", "Value"),
    "interval": Text("95%区间，或为何没有", "95 % interval, or why none"),
    "method": Text("方法", "Method"),
    "trace": Text("追溯", "Trace"),
    "to_write": Text("【待机构撰写】{provide}", "[To be written by the institution] {provide}"),
    "gap_here": Text("缺口：{why}。补法：{provide}", "Gap: {why}. To close it: {provide}"),
    "gaps": Text("附录一 缺口清单", "Annex 1 Gaps"),
    "no_gaps": Text("没有缺口。", "There are no gaps."),
    "item": Text("条目", "Item"),
    "missing": Text("缺什么", "Missing"),
    "requirement": Text("要求", "Requirement"),
    "why": Text("为什么", "Why"),
    "provide": Text("请提供", "To provide"),
    "methods": Text("附录二 方法卡", "Annex 2 Method cards"),
    "formula": Text("公式", "Formula"),
    "clause": Text("条款", "Clause"),
    "source": Text("出处", "Source"),
    "limits": Text("局限", "Limits"),
    "packs": Text("附录三 参数包", "Annex 3 Packs"),
    "pack": Text("参数包", "Pack"),
    "document": Text("文件", "Document"),
    "state": Text("完整程度", "Completeness"),
    "legend": Text(
        "… 缺失；0 为零；*** 不予公布；– 不适用", "… missing; 0 is zero; *** suppressed; – not applicable"
    ),
    "table": Text("表", "Table"),
    "unit": Text("单位", "Unit"),
    "line": Text("项目", "Line"),
    "total": Text("总量", "Total"),
    "per_head": Text("人均", "Per head"),
    "no_per_head": Text("人均空缺：{reason}", "Per head is empty: {reason}"),
    "small": Text(
        "不足 {least} 户的行业并入“其他”，以免看出单个客户",
        "Industries of fewer than {least} clients stand under “others”, so that no single client shows",
    ),
    "others": Text("其他（合并）", "Others (together)"),
    "unknown": Text("无行业或未知", "No industry, or not known"),
    "share": Text("占比", "Share"),
    "division": Text("行业大类", "Division"),
    "intensity": Text("单位敞口排放", "Emission per exposure"),
    "score": Text("质量分", "Score"),
    "what_if": Text("假设：{changes}", "What if: {changes}"),
    "before": Text("现在", "Now"),
    "after": Text("假设后", "After"),
    "no_score": Text(
        "不打分：评分公式与纵向、横向的分配没有取得；权重{state}",
        "No score: the formula and the split between own history and peers were not obtained; weights {state}",
    ),
    "unverified": Text("未见原文核实", "not verified against the text"),
    "note": Text("说明", "Note"),
    "few_peers": Text(
        "；同业不足 {least} 家，不列同业平均与市场占比，以免看出他行",
        "; with fewer than {least} peers their mean and the market share are not shown, so that no other bank shows",
    ),
    "peers": Text(
        "指标按本表 evaluation_indicator 中的全部机构计算",
        "Computed over all institutions of evaluation_indicator",
    ),
    "elsewhere": Text(
        "房产、车辆等类别在贷款方法之外，已另按 PCAF 该类方法计算并计入按资产类别的各表",
        "Properties, vehicles and the like are outside the loan method; they are computed by their own PCAF method and "
        "are in the tables by asset class",
    ),
    "of_a_part": Text("（部分）", " (partial)"),
    "gaps_overlap": Text(
        "逐项登记，一笔贷款可有几项缺口，剔除的贷款也在内；剔除原因表只记每笔的首个原因：{parts}。",
        "A loan may have several gaps, and loans left out are counted too; the table of exclusions has the first "
        "reason of each loan alone: {parts}.",
    ),
    "gap_part": Text(
        "“{gap}”此处 {here} 笔，以此为剔除原因的 {there} 笔",
        "“{gap}” {here} here, {there} left out for that reason",
    ),
    "gap_effect": Text(
        "“影响”是依规则处理使总额多出的吨数；负数是估计少计的吨数。",
        "“Effect” is what the total has more because of the rule; negative: what it is estimated to lack.",
    ),
    "whole_book": Text("全账本口径，不分机构", "For the whole book, not by institution"),
    "of_suspects": Text(
        "（含存疑数据，照原样采用，见缺口）", " (suspected figures are in it as they are, see the gaps)"
    ),
    "of_one_client": Text(
        "（一户占一半以上，见缺口）", " (one client makes more than half of it, see the gaps)"
    ),
    "of_unread": Text(
        "（不完整：台账与余额有{rows}行在隔离区）",
        " (incomplete: {rows:# row|# rows} of ledger and balances in quarantine)",
    ),
    "own_gaps": Text("仅本机构逐笔登记的缺口", "Gaps recorded loan by loan, of this institution alone"),
}


def word(key: str, **values: object) -> Text:
    """Return a word of the filings, its placeholders filled."""
    return WORDS[key].filled(**values) if values else WORDS[key]
