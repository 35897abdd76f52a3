"""The steps of PCAF's other asset classes and of what is told about a book's financed emissions as a whole."""

from __future__ import annotations

from collections.abc import Mapping

from lvshu.engine.query import Query, query
from lvshu.engine.settings import Settings
from lvshu.engine.step import Step
from lvshu.finance import account_findings

PACKAGE = "lvshu.finance"
OPTIONS = "pcaf_options"


def _year(settings: Settings) -> Mapping[str, object]:
    return {"year": settings.year}


def _place(settings: Settings) -> Mapping[str, object]:
    return {"year": settings.year, "area": settings.area}


def _sql(table: str) -> Query:
    return query(PACKAGE, table)


CLASS_STEPS = (
    Step(
        name="finance.asset_emission_estimate", makes=("asset_emission_estimate",),
        action=_sql("asset_emission_estimate"), reads=("loan",),
        reads_if_there=("property_finance", "vehicle_finance", "asset_energy", "asset_emission_factor",
                        "energy_factor_applied"),
        packs=(OPTIONS,), method="finance.pcaf_classes", parameters=_place,
    ),
    Step(
        name="finance.asset_class_emission", makes=("asset_class_emission",), action=_sql("asset_class_emission"),
        reads_if_there=("loan", "loan_average_balance", "security_position", "sovereign_position", "sovereign_account",
                        "property_finance", "vehicle_finance", "asset_emission_estimate", "enterprise",
                        "enterprise_finance", "entity_emission_choice", "sector_balance_factor",
                        "contradicted_statement"),
        packs=(OPTIONS,), method="finance.pcaf_classes", parameters=_year,
    ),
    Step(
        name="finance.pcaf_portfolio", makes=("pcaf_portfolio",), action=_sql("pcaf_portfolio"),
        reads_if_there=("attributed_emission", "loan_subject", "asset_class_emission"), packs=("pcaf_editions",),
        method="finance.pcaf_classes",
    ),
    Step(
        name="finance.pcaf_quality", makes=("pcaf_quality",), action=_sql("pcaf_quality"), reads=("pcaf_portfolio",),
        method="finance.pcaf_quality",
    ),
    Step(
        name="finance.uncertain_asset_emission", makes=("uncertain_asset_emission",),
        action=_sql("uncertain_asset_emission"), reads=("asset_class_emission",), method="finance.uncertainty",
    ),
)  # fmt: skip

BOOK_STEPS = (
    Step(
        name="finance.attributed_apart", makes=("attributed_apart",), action=_sql("attributed_apart"),
        reads=("entity_emission",), reads_if_there=("attributed_emission", "asset_class_emission"),
        method="finance.apart", parameters=_year,
    ),
    Step(
        name="finance.attributed_apart_total", makes=("attributed_apart_total",),
        action=_sql("attributed_apart_total"), reads=("attributed_apart",), method="finance.apart",
    ),
    Step(
        name="finance.account_findings", makes=(), action=account_findings.make,
        reads_if_there=("asset_class_emission",), method="finance.pcaf_classes",
    ),
)  # fmt: skip

STEPS: tuple[Step, ...] = (*CLASS_STEPS, *BOOK_STEPS)
