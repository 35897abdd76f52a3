"""Further ways in which pages divide the loan book, each as a SELECT of loan and code, where the run has its tables."""

from __future__ import annotations

from lvshu.engine.duckdb import text_literal
from lvshu.publish.reader import Reader
from lvshu.web.security.loan_book import View

PCAF = "pcaf_2022"
OF_SCOPE = ("unknown_borrower", "unknown_industry")
OF_BALANCE = ("no_balance", "after_year")
FALLBACK = "calculation_method = 'fallback' AND emission_by_statement IS NULL"
OF_EMISSION = {
    "attribution_above_one": "attribution_factor > 1",
    "statement_contradicted": "emission_by_statement IS NOT NULL",
    "not_estimated": "calculation_method = 'none'",
    "one_end_of_assets": "denominator_basis IN ('total_assets_begin_only', 'total_assets_end_only')",
    "project_without_data": "account_type = 'project_as_non_project' AND calculation_method NOT IN "
    "('fallback', 'none') AND emission_by_statement IS NULL",
    "turnover_of_all": "denominator_basis = 'turnover_of_all'",
}
"""Gaps that are conditions on attributed emissions, as the query `finance_gap` states them."""
FLOW_CLASS = (
    "CASE WHEN l.green_label IS NOT NULL AND c.carbon_class = 'transition' THEN 'transition' "
    "WHEN l.green_label IS NOT NULL THEN 'low_carbon' WHEN g.group_code IS NOT NULL THEN 'high_carbon' "
    "ELSE 'other' END"
)
"""As the query `capital_flow` places a loan."""


def further_ways(reader: Reader) -> dict[View, str]:
    """Return the ways by view: what the loans are divided by, and the accounting method where it matters."""
    ways = _of_emissions(reader) | _of_gaps(reader)
    has = reader.book.has
    if has("loan_match"):
        ways[("match", "")] = "SELECT loan_id, concat(status, '/', matched_by) AS code FROM loan_match"
    if has("loan_subject") and has("industry_group") and has("pack_capital_flow_classes"):
        ways[("flow", "")] = (
            f"SELECT l.loan_id, {FLOW_CLASS} AS code FROM loan l JOIN loan_subject s ON s.loan_id = l.loan_id "
            "LEFT JOIN industry_group g ON g.class_code = s.sector_code AND g.method = '*' "
            "LEFT JOIN pack_capital_flow_classes c ON c.catalogue = l.green_catalogue"
        )
        ways[("division", "")] = (
            "SELECT loan_id, coalesce(substr(sector_code, 1, 2), 'unknown') AS code FROM loan_subject"
        )
    if has("transition_standing"):
        ways[("transition", "")] = (
            "SELECT l.loan_id, concat(t.industry, '/', string_agg(DISTINCT t.standing, '+' ORDER BY t.standing)) "
            "AS code FROM loan l JOIN transition_standing t ON t.uscc = l.uscc GROUP BY l.loan_id, t.industry"
        )
    for row in reader.rows("label_reconciliation"):
        theme, basis = row["theme"], row["basis"]
        ways[(f"label:{theme}/{basis}", "")] = (
            f"SELECT loan_id, verdict AS code FROM label_check WHERE theme = {text_literal(theme)} "
            f"AND basis = {text_literal(basis)}"
        )
    return ways


def _of_emissions(reader: Reader) -> dict[View, str]:
    """Return how each method estimates, which loans it adds or leaves out, the asset classes of PCAF."""
    if not reader.book.has("attributed_emission"):
        return {}
    methods = list(reader.settings.finance_methods)
    base = text_literal(methods[0])
    covered = "SELECT DISTINCT loan_id, 'yes' AS code FROM attributed_emission WHERE method = "
    ways: dict[View, str] = {}
    for method in methods:
        own = text_literal(method)
        ways[("calculation", method)] = (
            f"SELECT loan_id, calculation_method AS code FROM attributed_emission WHERE method = {own}"
        )
        ways[("counted", method)] = f"{covered}{own} AND emission IS NOT NULL"
        if method != methods[0]:
            ways[("added", method)] = (
                f"{covered}{own} AND loan_id NOT IN (SELECT loan_id FROM attributed_emission WHERE method = {base})"
            )
            ways[("removed", method)] = (
                f"{covered}{base} AND loan_id NOT IN (SELECT loan_id FROM attributed_emission WHERE method = {own})"
            )
    if PCAF in methods and reader.book.has("loan_subject"):
        ways[("pcaf", PCAF)] = (
            "SELECT a.loan_id, s.asset_class AS code FROM attributed_emission a "
            f"JOIN loan_subject s ON s.loan_id = a.loan_id WHERE a.method = {text_literal(PCAF)}"
        )
    return ways


def _of_gaps(reader: Reader) -> dict[View, str]:
    """Return the loans of each gap in the data, by the code of the gap, with the method of its row."""
    ways: dict[View, str] = {}
    for row in reader.rows("finance_gap"):
        code, method = row["code"], row["method"]
        own = text_literal(method)
        select = "SELECT DISTINCT loan_id, 'yes' AS code FROM"
        if code in OF_SCOPE:
            sql = f"{select} loan_scope WHERE method = {own} AND reason = {text_literal(code)}"
        elif code in OF_BALANCE or code == "balance_filled":
            status = "filled" if code == "balance_filled" else code
            sql = f"{select} loan_average_balance WHERE balance_status = {text_literal(status)}"
        elif code == "balance_before_disbursement":
            sql = f"{select} loan_average_balance WHERE months_before_disbursement > 0"
        elif code == "project_unknown":
            sql = f"{select} loan_subject WHERE business_type = 'project' AND subject_kind = 'entity'"
        elif code in OF_EMISSION:
            sql = f"{select} attributed_emission WHERE method = {own} AND {OF_EMISSION[code]}"
        elif code in ("no_entity_estimate", "no_denominator"):
            joined = (
                "SELECT e.loan_id FROM attributed_emission e LEFT JOIN entity_emission_choice c ON c.method = e.method "
                "AND c.subject_kind = e.subject_kind AND c.subject_id = e.subject_id "
                f"WHERE e.method = {own} AND e.{FALLBACK.replace('AND ', 'AND e.')} AND c.method IS "
                + ("NULL" if code == "no_entity_estimate" else "NOT NULL")
            )
            sql = f"{select} ({joined})"
        else:  # told record by record only: what stands behind it is about single clients
            continue
        ways[(f"gap:{code}", method)] = sql
    return ways
