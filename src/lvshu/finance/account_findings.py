"""Tells what the account of the other asset classes lacks, and which figures look like slips."""

from __future__ import annotations

from lvshu.contract import load
from lvshu.core.errors import Problem, Where
from lvshu.engine.query import Query
from lvshu.engine.step import StepContext

MISSING = {
    "no_amount": ("没有年末金额", "no amount at year-end", "补年末金额或余额", "supply the amount or the balance"),
    "no_value": ("没有归因分母", "no denominator", "补发放时价值、购买力平价国内生产总值或汇率",
                 "supply the value at origination, the PPP-adjusted GDP or the exchange rate"),
    "no_emission": ("没有排放数据或因子", "no emission data or factor", "补能耗、标识、面积、里程或因子表、国家账户",
                    "supply energy, label, area, distance, the table of factors or the national account"),
    "unknown_issuer": ("发行人不在企业名录", "the issuer is not in the register", "补统一社会信用代码或企业名录",
                       "complete the credit code or the register"),
    "short": ("是空头，不归因也不与多头相抵", "short: nothing is attributed, nothing netted",
              "无需补；如金额误为负数则更正", "nothing to supply; correct the amount if it should not be negative"),
}  # fmt: skip

WITHOUT_DATA = Query(
    "asset_class_emission",
    """
    SELECT asset_class, status, count(*) AS positions, sum(outstanding_amount) AS amount
    FROM asset_class_emission
    WHERE status <> 'estimated'
    GROUP BY asset_class, status
    ORDER BY asset_class, status
    """,
)


PRESENT = Query("pcaf_portfolio", "SELECT DISTINCT asset_class FROM pcaf_portfolio ORDER BY asset_class")

SLIPS = Query(
    "suspected_unit",
    """
    SELECT kind, record_id, compared_with, value, reference, times, power, records
    FROM suspected_unit
    ORDER BY records DESC, kind, record_id, compared_with
    LIMIT :most
    """,
)

RETIRED = Query(
    "loan",
    """
    SELECT stated.code, sum(stated.records) AS records
    FROM (
      SELECT purpose_industry_code AS code, count(*) AS records FROM loan GROUP BY purpose_industry_code
      UNION ALL
      SELECT industry_code AS code, count(*) AS records FROM enterprise GROUP BY industry_code
      UNION ALL
      SELECT industry_code AS code, count(*) AS records FROM project GROUP BY industry_code
    ) AS stated
    LEFT JOIN pack_gbt4754_2017 AS known ON known.code = stated.code
    WHERE stated.code IS NOT NULL AND known.code IS NULL
    GROUP BY stated.code
    ORDER BY stated.code
    """,
)
ONE_SCOPE = Query(
    "entity_emission",
    """
    SELECT count(*) AS reports, min(uscc) AS first_code, sum(coalesce(scope1, scope2)) AS emission
    FROM entity_emission
    WHERE year = :year AND total IS NULL AND (scope1 IS NULL OR scope2 IS NULL)
    """,
)
SUCCESSORS = Query(
    "pack_gbt4754_2011_map",
    "SELECT code_2017, name_2017, name_2011 FROM pack_gbt4754_2011_map WHERE code_2011 = :code ORDER BY code_2017",
)

MOST = 50
COMPARED = {
    "contract": ("合同金额", "contract amounts"), "other_branches": ("同机构其他分支", "the other branches"),
    "economic": ("收入法估算", "the estimate by revenue"), "energy": ("能源法估算", "the estimate by energy"),
    "previous_year": ("上年报告", "last year's report"), "quantity_before": ("上年数量", "last year's quantity"),
    "revenue_in_coal": ("全部收入用于买煤的排放", "what all of the revenue spent on coal would emit"),
    "assets_in_coal": ("全部资产用于买煤的排放", "what all of the assets spent on coal would emit"),
    "peers_by_revenue": ("按本账本同小类客户的单位收入排放（中位数）推算的排放",
                         "what the book’s clients of its class emit per revenue (median)"),
    "peers_by_assets": ("按本账本同小类客户的单位资产排放（中位数）推算的排放",
                        "what the book’s clients of its class emit per assets (median)"),
    "peers_by_size": ("本账本同小类客户的排放（中位数）", "the emission of the book’s clients of its class (median)"),
    "sector_by_assets": ("按行业大类因子与资产推算的排放", "what the factor of its division and its assets give"),
    "assets_begin": ("年初资产总计", "total assets at the begin of the year"),
    "assets_before": ("上年末资产总计", "total assets at the end of last year"),
    "revenue_before": ("上年主营业务收入", "last year's revenue"),
    "energy_alone": ("其全部能源的排放", "the emission of all its energy"),
    "revenue_to_assets": ("主营业务收入对资产总计之比为", "main business revenue to total assets"),
    "claims_to_assets": ("所有者权益与债务合计对资产总计之比为", "equity plus debt to total assets"),
    "class_assets": ("资产总计对本账本同小类客户的中位数之比为", "total assets to the median of its class in the book"),
    "class_revenue": ("主营业务收入对本账本同小类客户的中位数之比为",
                      "main business revenue to the median of its class in the book"),
    "client_loans": ("资产总计对其在本账本的贷款之比为", "total assets to its loans in the book"),
    "project_loans": ("其在本账本的贷款", "its loans in the book"),
    "other_projects": ("本账本项目总投资的中位数", "the median investment of the book’s projects"),
}  # fmt: skip
LIKELY = {
    3: ("千：吨写成千克、千元写成元之类", "a thousand: kg for t, or yuan for thousand yuan"),
    4: ("万：元与万元、吨与万吨之类", "ten thousand: yuan and 万元, tonne and 万吨"),
}  # fmt: skip


BEYOND = {
    "revenue_in_coal": "finance.emission_beyond_revenue", "assets_in_coal": "finance.emission_beyond_assets",
}  # fmt: skip

COLUMNS = frozenset(
    {"revenue_to_assets", "claims_to_assets", "class_assets", "class_revenue", "client_loans"}
)
"""Comparisons within a statement, told in words of their own."""
AGAINST_LOANS = frozenset({"client_loans", "project_loans"})
"""A loan is a part of what it is held against: the power is that of the slip and of the usual part together."""

NAMES = {
    "enterprise": Query("enterprise", "SELECT uscc AS code, name FROM enterprise ORDER BY uscc"),
    "project": Query("project", "SELECT project_id AS code, name FROM project ORDER BY project_id"),
}
SOURCES = {"statement": ("enterprise_finance", "uscc"), "energy_return": ("energy_return", "uscc"),
           "project_investment": ("project", "project_id")}  # fmt: skip

PLACE = """
    SELECT given.{key} AS code, file.file, min(given.source_row) AS source_row
    FROM {table} AS given
    JOIN input_file AS file ON file.file_number = given.source_file AND file.table_name = '{table}'
    {when}
    GROUP BY given.{key}, file.file
    ORDER BY given.{key}, file.file
    """

DOMINANT = Query(
    "attributed_emission",
    """
    SELECT of_one.method, of_one.subject_id, coalesce(firm.name, of_one.subject_id) AS name,
      of_one.emission, of_all.emission AS total,
      ratio(of_one.emission, of_all.emission) AS share, ratio(of_one.exposure, of_all.exposure) AS exposure_share
    FROM (
      SELECT method, subject_id, sum(emission) AS emission, sum(exposure) AS exposure
      FROM attributed_emission
      WHERE emission IS NOT NULL
      GROUP BY method, subject_id
    ) AS of_one
    JOIN (
      SELECT method, sum(emission) AS emission, sum(exposure) AS exposure, count(DISTINCT subject_id) AS subjects
      FROM attributed_emission
      WHERE emission IS NOT NULL
      GROUP BY method
    ) AS of_all ON of_all.method = of_one.method
    LEFT JOIN enterprise AS firm ON firm.uscc = of_one.subject_id
    WHERE of_all.subjects > 2 AND 2 * of_one.emission > of_all.emission
    ORDER BY of_one.method
    """,
)


def make(context: StepContext) -> None:
    """Write the findings."""
    _without_data(context)
    _absent(context)
    _slips(context)
    _retired(context)
    _one_scope(context)
    _dominant(context)


def _class_names() -> dict[str, dict[str, str]]:
    """Return what asset classes are called, in both languages, by their code."""
    names = load("financed_emission_class").column("asset_class")
    return {
        code: {"zh": zh, "en": en}
        for code, zh, en in zip(names.allowed, names.allowed_zh, names.allowed_en, strict=True)
    }


def _absent(context: StepContext) -> None:
    """Tell which of PCAF's classes the account has no position of, once it has any of another."""
    there = {str(row["asset_class"]) for row in context.sql(PRESENT).to_pylist()}
    called = _class_names()
    absent = [one for one in load("pcaf_portfolio").column("asset_class").allowed if one not in there]
    if there and absent:
        classes = [called[one] for one in absent]
        context.find(
            Problem("finance.asset_class_absent", values={"count": len(absent), "classes": classes},
                    severity="notice"),
            table="pcaf_portfolio",
        )  # fmt: skip


def _one_scope(context: StepContext) -> None:
    row = context.sql(ONE_SCOPE, year=context.settings.year).to_pylist()[0]
    if row["reports"]:
        values = {"reports": row["reports"], "first": row["first_code"]}
        amount = None if row["emission"] is None else float(row["emission"])
        context.find(
            Problem("finance.report_of_one_scope", values=values, severity="warning"),
            table="entity_emission", key=row["first_code"], amount=amount, unit="tCO2e",
        )  # fmt: skip


def _dominant(context: StepContext) -> None:
    for row in context.sql(DOMINANT).to_pylist():
        values = {
            "method": row["method"], "subject": row["subject_id"], "name": row["name"],
            "emission": f"{row['emission']:,.0f}",
            "total": f"{row['total']:,.0f}", "share": f"{100 * row['share']:.1f}",
            "exposure_share": "-" if row["exposure_share"] is None else f"{100 * row['exposure_share']:.1f}",
        }  # fmt: skip
        context.find(
            Problem("finance.one_subject_dominates", values=values, severity="warning"),
            table="attributed_emission", key=row["subject_id"], amount=float(row["emission"]), unit="tCO2e",
        )  # fmt: skip


def _slips(context: StepContext) -> None:
    rows = context.sql(SLIPS, most=MOST).to_pylist()
    records = {
        kind: _records(context, kind) for kind in sorted({row["kind"] for row in rows} & SOURCES.keys())
    }
    for row in rows:
        kind, with_what = row["kind"], row["compared_with"]
        size = 4 if with_what in AGAINST_LOANS else abs(row["power"])
        compared, likely = COMPARED[with_what], LIKELY.get(size, ("–", "–"))
        record = records.get(kind, {}).get(row["record_id"], row["record_id"])
        values = {
            "record": record, "records": row["records"], "value": _shown(row["value"]),
            "reference": _shown(row["reference"]), "times": f"{row['times']:,.4g}", "power": row["power"],
            "compared": {"zh": compared[0], "en": compared[1]}, "likely": {"zh": likely[0], "en": likely[1]},
        }  # fmt: skip
        code = f"finance.suspected_{'columns' if with_what in COLUMNS else kind}"
        if kind == "reported_emission":
            code = BEYOND.get(with_what, code)
        money = kind in ("branch_balance", "loan_balance", "statement", "project_investment")
        unit = "t" if with_what == "quantity_before" else "CNY" if money else "tCO2e"
        context.find(
            Problem(code, values=values, severity="warning"),
            table="suspected_unit", key=f"{row['record_id']} | {with_what}", amount=row["value"], unit=unit,
        )  # fmt: skip


def _records(context: StepContext, kind: str) -> dict[str, dict[str, str]]:
    """Return the records of a kind by code, as people find them: name, code, and file and row where known."""
    table, key = SOURCES[kind]
    about = "project" if kind == "project_investment" else "enterprise"
    found = {
        row["code"]: f"{row['name'] or ''} {row['code']}".strip()
        for row in context.sql(NAMES[about]).to_pylist()
    }
    places: dict[str, Where] = {}
    if "source_file" in context.engine.columns(table) and context.engine.has("input_file"):
        when = "" if about == "project" else "WHERE given.year = :year"
        given = {} if about == "project" else {"year": context.settings.year}
        places = {
            row["code"]: Where(file=row["file"], row=row["source_row"])
            for row in context.sql(
                Query(table, PLACE.format(table=table, key=key, when=when)), **given
            ).to_pylist()
        }
    return {
        code: {"zh": f"{name}（{places[code].text('zh')}）", "en": f"{name} ({places[code].text('en')})"}
        if code in places
        else {"zh": name, "en": name}
        for code, name in found.items()
    }


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100_000 else f"{value:,.6g}"


def _retired(context: StepContext) -> None:
    for row in context.sql(RETIRED).to_pylist():
        found = context.sql(SUCCESSORS, code=row["code"]).to_pylist()
        listed = ", ".join(f"{one['code_2017']} {one['name_2017']}" for one in found)
        values = {
            "code": row["code"], "records": row["records"], "successors": listed or "-",
            "name": found[0]["name_2011"] if found else "-",
        }  # fmt: skip
        code = "finance.retired_industry_code" if found else "finance.unknown_industry_code"
        context.find(
            Problem(code, values=values, severity="warning"),
            table="loan", key=row["code"], amount=float(row["records"]), unit="1",
        )  # fmt: skip


def _without_data(context: StepContext) -> None:
    called = _class_names()
    for row in context.sql(WITHOUT_DATA).to_pylist():
        zh, en, remedy_zh, remedy_en = MISSING[row["status"]]
        values = {
            "asset_class": called[row["asset_class"]], "positions": row["positions"],
            "amount": "-" if row["amount"] is None else f"{row['amount']:,.2f}",
            "status": {"zh": zh, "en": en}, "remedy": {"zh": remedy_zh, "en": remedy_en},
        }  # fmt: skip
        context.find(
            Problem("finance.asset_without_data", values=values, severity="warning"),
            table="asset_class_emission", key=f"{row['asset_class']} | {row['status']}",
            amount=None if row["amount"] is None else float(row["amount"]), unit="CNY",
        )  # fmt: skip
