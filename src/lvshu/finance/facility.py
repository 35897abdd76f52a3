"""The quarterly disclosure of the carbon-reduction facility: its table and its text, from the loans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

from lvshu.core.money import half_away
from lvshu.core.wording import filled

WINDOWS = ("quarter", "year_to_date", "since_inception")
FIELDS = ("clean_energy", "energy_saving", "carbon_reduction_technology", "all")
TEN_THOUSAND = Decimal(10_000)
NUMERALS = "零一二三四"


@dataclass(frozen=True)
class Figures:
    """One line of the disclosure: exact sums over the loans of a window; abatement is None where no loan states any."""

    projects: int
    amount: Decimal
    weighted_rate: Decimal | None
    annual_abatement: Decimal | None
    loans_without_abatement: int


@dataclass(frozen=True)
class Style:
    """How a bank writes its text.

    quarter: "第三季度" where ordinal, else "三季度"; thousands: separators in numbers; fixed: always so many decimals
    (else without trailing zeros); most: how many of the most effective projects are named; comma: whether they follow
    a comma (else a full stop).
    """

    ordinal: bool = True
    thousands: bool = False
    fixed: bool = True
    places: int = 2
    rate_places: int = 2
    most: int = 0
    comma: bool = False


def quarter_of(day: date) -> tuple[int, int]:
    """Return the year and the quarter (1 to 4) of a day."""
    return day.year, (day.month - 1) // 3 + 1


def in_window(day: date, year: int, quarter: int, window: str) -> bool:
    """Return whether a loan paid out on a day belongs to a window that ends with a quarter."""
    then = quarter_of(day)
    if window == "quarter":
        return then == (year, quarter)
    if window == "year_to_date":
        return then[0] == year and then[1] <= quarter
    return then <= (year, quarter)


def figures(loans: Iterable[Mapping[str, Any]]) -> Figures:
    """Return projects, amount, weighted rate and annual abatement of loans.

    Args:
        loans: project_id, amount in CNY, rate in percent, annual_abatement in tCO2e or None; decimals.
    """
    rows = list(loans)
    with localcontext() as context:
        context.prec = 60
        amount = sum((_decimal(row["amount"]) for row in rows), Decimal(0))
        weighted = sum((_decimal(row["amount"]) * _decimal(row["rate"]) for row in rows), Decimal(0))
        known = [_decimal(row["annual_abatement"]) for row in rows if row["annual_abatement"] is not None]
        return Figures(
            projects=len({row["project_id"] for row in rows}),
            amount=amount,
            weighted_rate=weighted / amount if amount else None,
            annual_abatement=sum(known, Decimal(0)) if known or not rows else None,
            loans_without_abatement=len(rows) - len(known),
        )


def _decimal(value: object) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def disclosure_rows(loans: Sequence[Mapping[str, Any]], year: int, quarter: int) -> list[dict[str, Any]]:
    """Return the rows of facility_disclosure of one institution: three windows by three fields and all.

    Args:
        loans: the institution's records of facility_loan, with annual_abatement filled in.
        year: of the quarter.
        quarter: 1 to 4.
    """
    rows = []
    for window in WINDOWS:
        inside = [row for row in loans if in_window(row["disbursed_on"], year, quarter, window)]
        for field in FIELDS:
            found = figures(row for row in inside if field in ("all", row["field"]))
            rows.append({
                "institution_id": loans[0]["institution_id"], "institution_name": loans[0]["institution_name"],
                "quarter": f"{year}Q{quarter}", "window": window, "field": field, "projects": found.projects,
                "amount": found.amount,
                "weighted_rate": None if found.weighted_rate is None else float(found.weighted_rate),
                "annual_abatement": None if found.annual_abatement is None else half_away(found.annual_abatement, 6),
                "loans_without_abatement": found.loans_without_abatement,
            })  # fmt: skip
    return rows


def most_effective(loans: Iterable[Mapping[str, Any]], most: int) -> list[str]:
    """Return the names of the projects with the greatest annual abatement, of those that state one, greatest first."""
    summed: dict[str, Decimal] = {}
    for row in loans:
        if row["annual_abatement"] is not None:
            name = str(row["project_name"] or row["project_id"])
            summed[name] = summed.get(name, Decimal(0)) + _decimal(row["annual_abatement"])
    return sorted(summed, key=lambda name: (-summed[name], name))[:most]


def _number(value: Decimal, places: int, style: Style) -> str:
    rounded = half_away(value, places)
    text = f"{rounded:,f}" if style.thousands else f"{rounded:f}"
    return text if style.fixed or "." not in text else text.rstrip("0").rstrip(".")


def _sentence(found: Figures, style: Style, lead: str) -> str:
    if not found.projects:
        return f"{lead}没有发放碳减排贷款"
    amount = _number(found.amount / TEN_THOUSAND, style.places, style)
    rate = "—" if found.weighted_rate is None else _number(found.weighted_rate, style.rate_places, style)
    count = f"{found.projects:,}" if style.thousands else str(found.projects)
    lacking = f"（其中{found.loans_without_abatement}笔贷款的年度碳减排量未取得，未计入）"
    abatement = "带动的年度碳减排量未取得"
    if found.annual_abatement is not None:
        tonnes = _number(found.annual_abatement, style.places, style)
        abatement = (
            f"带动的年度碳减排量为{tonnes}吨二氧化碳当量{lacking if found.loans_without_abatement else ''}"
        )
    return f"{lead}向{count}个项目发放碳减排贷款{amount}万元，贷款加权平均利率{rate}%，{abatement}"


def disclosure_text(
    name: str,
    year: int,
    quarter: int,
    windows: Mapping[str, Figures],
    style: Style,
    named: Sequence[str] = (),
) -> str:
    """Return the disclosure's three sentences in Chinese, in the form that banks publish.

    Args:
        name: of the institution.
        year: of the quarter.
        quarter: 1 to 4.
        windows: figures of quarter, year_to_date and since_inception.
        style: how numbers and the quarter are written.
        named: the most effective projects.
    """
    when = f"{year}年{'第' if style.ordinal else ''}{NUMERALS[quarter]}季度"
    total = "合计" if windows["quarter"].projects else ""
    first = _sentence(windows["quarter"], style, f"{when}，{name}在碳减排支持工具支持下，{total}")
    if named:
        lead = "，其中" if style.comma else "。其中，"
        first += f"{lead}碳减排效应最为显著的项目有{'、'.join(named)}"
    since = "累计" if windows["year_to_date"].projects else ""
    second = _sentence(windows["year_to_date"], style, f"本年度，{name}{since}")
    third = _sentence(windows["since_inception"], style, f"获得碳减排支持工具支持以来，{name}累计")
    return f"{first}。{second}。{third}。"


def _abatement_in_english(found: Figures, style: Style) -> str:
    if found.annual_abatement is None:
        return "the abatement a year was not obtained"
    without = {"loans": found.loans_without_abatement}
    lacking = filled(" ({loans:# loan without one is|# loans without one are} not in it)", without)
    lacking = lacking if found.loans_without_abatement else ""
    return f"the abatement is {_number(found.annual_abatement, style.places, style)} tCO2e a year{lacking}"


def disclosure_text_in_english(
    name: str, year: int, quarter: int, windows: Mapping[str, Figures], style: Style
) -> str:
    """Return the same three statements in English."""
    leads = {
        "quarter": f"In Q{quarter} {year}",
        "year_to_date": "In the year to date",
        "since_inception": "Since it first had the support of the facility",
    }
    parts = []
    for window in WINDOWS:
        found = windows[window]
        if not found.projects:
            parts.append(f"{leads[window]}, {name} made no loans under the carbon-reduction facility.")
            continue
        rate = "—" if found.weighted_rate is None else _number(found.weighted_rate, style.rate_places, style)
        parts.append(
            f"{leads[window]}, {name} lent CNY {_number(found.amount / TEN_THOUSAND, style.places, style)} "
            f"10 thousand to {found.projects} projects under the carbon-reduction facility at a weighted rate of "
            f"{rate} %; {_abatement_in_english(found, style)}."
        )
    return " ".join(parts)
