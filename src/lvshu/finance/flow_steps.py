"""The steps on where the money goes: periods, flows, the aggregate, the shift of the mix, intensity."""

from __future__ import annotations

from collections.abc import Mapping

from lvshu.core.errors import Problem
from lvshu.engine.query import Query, query
from lvshu.engine.settings import Settings
from lvshu.engine.step import Step, StepContext
from lvshu.finance.capital_flow import add_cells, intensity_rows, period_rows, shift_rows
from lvshu.finance.claim_steps import write_rows

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip


KNOWN_MONTHS = Query("loan_balance", "SELECT DISTINCT month FROM loan_balance ORDER BY month")


def make_periods(context: StepContext) -> None:
    """Make capital_flow_period, and tell which month-ends the ledger lacks altogether."""
    year = context.settings.year
    known = [str(month) for month in context.sql(KNOWN_MONTHS)["month"].to_pylist()]
    write_rows(context, "capital_flow_period", period_rows(year, known))
    wanted = [f"{year - 1}-12", *(f"{year}-{number:02d}" for number in range(1, 13))]
    absent = [month for month in wanted if month not in set(known)]
    if absent:
        context.find(Problem("finance.flow_no_month", values={"months": absent}, severity="warning"),
                     table="capital_flow_period")  # fmt: skip


def make_views(context: StepContext) -> None:
    """Make the aggregate with its suppression, the shift of the mix and the intensities, and tell the gaps."""
    flows = context.read("capital_flow").to_pylist()
    minimum = int(str(context.packs["benefit_factors"].one(code="minimum_institutions")["value"]))
    write_rows(context, "capital_flow_aggregate", add_cells(flows, minimum))
    write_rows(context, "capital_flow_shift", shift_rows(flows))
    known = {
        str(row["gbt4754_division"]): float(row["intensity_revenue"])
        for row in context.read("sector_intensity", where="scope = 'scope1_2'").to_pylist()
        if row["intensity_revenue"] is not None
    }
    write_rows(context, "capital_flow_intensity", intensity_rows(flows, known))
    unknown = sum(row["loans_unknown"] for row in flows if row["period_kind"] == "year")
    if unknown:
        values = {"loans": unknown, "year": context.settings.year}
        context.find(Problem("finance.flow_unknown", values=values, severity="warning"), table="capital_flow")
    silent = sorted({str(row["institution_id"]) for row in flows} - {
        str(row["institution_id"]) for row in flows if row["not_financing"] is not None
    })  # fmt: skip
    if silent:
        values = {"institutions": len(silent), "examples": silent[:5]}
        context.find(
            Problem("finance.flow_no_movement", values=values, severity="notice"), table="capital_flow"
        )
    if not any(row["carbon_class"] == "transition" for row in flows):
        context.find(Problem("finance.flow_no_transition", severity="notice"), table="capital_flow")


def flow_parameters(settings: Settings) -> Mapping[str, object]:
    """Return the parameters of the query capital_flow: the months of the reporting year."""
    months = {name: f"{settings.year}-{number:02d}" for number, name in enumerate(MONTHS, start=1)}
    return {"year": settings.year, "previous_december": f"{settings.year - 1}-12", **months}


FLOW_STEPS: tuple[Step, ...] = (
    Step("finance.capital_flow_period", ("capital_flow_period",), make_periods, reads=("loan_balance",),
         method="finance.capital_flow"),
    Step("finance.capital_flow", ("capital_flow",), query("lvshu.finance", "capital_flow"),
         reads=("loan", "loan_subject", "loan_balance", "capital_flow_period"),
         reads_if_there=("industry_group", "converted_balance", "loan_movement"),
         packs=("capital_flow_classes", "capital_flow_fields"), method="finance.capital_flow",
         parameters=flow_parameters),
    Step("finance.capital_flow_views",
         ("capital_flow_aggregate", "capital_flow_shift", "capital_flow_intensity"), make_views,
         reads=("capital_flow",), reads_if_there=("sector_intensity",), packs=("benefit_factors",),
         method="finance.capital_flow"),
)  # fmt: skip
