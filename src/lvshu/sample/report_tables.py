"""The tables project, entity_emission, energy, process and product returns, and each project's true emission."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lvshu.contract import load
from lvshu.sample.arrow import text_from_bytes
from lvshu.sample.context import City
from lvshu.sample.emissions import choose_reporters, reported_emission
from lvshu.sample.files import write_rows, write_sheet
from lvshu.sample.headings import headings
from lvshu.sample.lending_tables import green_codes, project_ids
from lvshu.sample.streams import blocks
from lvshu.sample.transition_tables import APART, apart_of, write_transition

VERIFIERS = ("样本核查机构一", "样本核查机构二", "样本核查机构三")
LARGEST_SHEET = 20_000
UNKNOWN_FUEL = "magic_coal"
PROCESS = ("uscc", "year", "project_id", "process_code", "quantity")
PRODUCTS = {
    "3011": "clinker",
    "3041": "glass",
    "3110": "pig_iron",
    "3120": "steel_bof",
    "3216": "aluminium_prebake",
}


@dataclass(frozen=True)
class Projects:
    """Projects, one per borrower that has one. Arrays of shape (projects,); money in yuan, emission in tCO2."""

    unit: np.ndarray
    investment: np.ndarray
    equity: np.ndarray
    emission_share: np.ndarray
    green: np.ndarray
    abatement: np.ndarray


def draw_projects(city: City, has_project: np.ndarray, owed: np.ndarray) -> Projects:
    """Return the projects of the units that have one; a project costs more than all its owner owes."""
    units = len(city.register)
    draws = np.empty((5, units))
    for block, start, stop in blocks(units):
        draws[:, start:stop] = city.streams.generator("project", block).random((5, stop - start))
    rows = np.flatnonzero(has_project)
    greens = len(green_codes(city))
    size, equity, share, green, abated = draws[:, rows]
    investment = np.round(np.maximum(owed[rows] * (1.15 + 0.9 * size), 1e6), -4)
    return Projects(
        unit=rows,
        investment=investment,
        equity=np.round(investment * (0.2 + 0.25 * equity), -2),
        emission_share=0.02 + 0.25 * share,
        green=np.where(green < 0.35, np.floor(green / 0.35 * greens), -1).astype(np.int64),
        abatement=np.round(np.where(green < 0.35, investment * 2e-5 * abated, 0.0), 1),
    )


def write_projects(city: City, projects: Projects) -> None:
    """Write project: a workbook with Chinese headers in 1e4 yuan, or CSV in yuan when it is too long for that."""
    greens = green_codes(city)
    ids = project_ids(projects.unit).to_pylist()
    keys = text_from_bytes(city.register.uscc(projects.unit)).to_pylist()
    industry = city.register.industry_codes()[projects.unit]
    names = ("investment", "equity")
    sheet = len(ids) <= LARGEST_SHEET
    factor = 1e4 if sheet else 1.0
    money = {name: np.round(getattr(projects, name) / factor, 6) for name in names}
    debt = np.round((projects.investment - projects.equity) / factor, 6)
    rows = [
        [
            ids[i],
            keys[i],
            f"样本项目{projects.unit[i]:08d}",
            str(industry[i]),
            float(money["investment"][i]),
            float(money["equity"][i]),
            float(debt[i]),
            greens[projects.green[i]] if projects.green[i] >= 0 else None,
            float(projects.abatement[i]) if projects.green[i] >= 0 else None,
        ]
        for i in range(len(ids))
    ]
    # The first columns of the contract; what follows them (a confirmation by hand) the sample leaves out.
    columns = load("project").column_names[: len(rows[0])] if rows else ()
    if sheet:
        header = headings("project", columns, ten_thousand_yuan=True)
        write_sheet(city.inputs / "project.xlsx", "项目", [["样本市项目台账（合成数据）"], header, *rows])
    else:
        write_rows(city.inputs / "project.csv", columns, rows)
    city.wrote("project", len(rows))


def write_reports(city: City, projects: Projects) -> None:
    """Write entity_emission, energy_return, process_return and product_return."""
    reporters = choose_reporters(city.register, city.emission, city.streams)
    _write_entity_emission(city, projects, reporters.verified, reporters.unverified)
    _write_energy_return(city, reporters.energy)
    _write_process_return(city, reporters.energy)
    _write_product_return(city, reporters.products)
    reporting = np.concatenate([reporters.verified, reporters.unverified])
    write_transition(city, _keys(city, reporting), city.register.industry_codes()[reporting].tolist())
    city.truth["reporters"] = {
        "verified": len(reporters.verified),
        "unverified": len(reporters.unverified),
        "energy": len(reporters.energy),
        "product": len(reporters.products),
    }


def _keys(city: City, rows: np.ndarray) -> list[str]:
    return list(text_from_bytes(city.register.uscc(rows)).to_pylist())


def _write_entity_emission(
    city: City, projects: Projects, verified: np.ndarray, unverified: np.ndarray
) -> None:
    rows: list[list[object]] = []
    for source, units in (("verified", verified), ("unverified", unverified)):
        reported = reported_emission(units, city.emission, city.streams, verified=source == "verified")
        for number, (key, (scope1, scope2)) in enumerate(
            zip(_keys(city, units), reported.tolist(), strict=True)
        ):
            verifier = VERIFIERS[number % len(VERIFIERS)] if source == "verified" else None
            apart = apart_of(number, scope1 + scope2) if source == "verified" else [None] * len(APART)
            rows.append(
                [key, city.year, None, source, verifier, scope1, scope2, None, scope1 + scope2, *apart]
            )
    measured = np.isin(projects.unit, np.concatenate([verified, unverified]))
    owners = projects.unit[measured]
    true = np.stack([city.emission.scope1[owners], city.emission.scope2[owners]], axis=1)
    parts = np.round(true * projects.emission_share[measured][:, None])
    names = project_ids(owners).to_pylist()
    for key, name, (scope1, scope2) in zip(_keys(city, owners), names, parts.tolist(), strict=True):
        nothing = [None] * len(APART)
        rows.append(
            [key, city.year, name, "verified", VERIFIERS[0], scope1, scope2, None, scope1 + scope2, *nothing]
        )
    contract = load("entity_emission")
    told = ("uscc", "year", "project_id", "source", "verifier", "scope1", "scope2", "scope3", "total", *APART)
    header = [contract.column(name).zh for name in told]
    write_rows(city.inputs / "entity_emission.csv", header, rows)
    city.wrote("entity_emission", len(rows))


def _write_energy_return(city: City, units: np.ndarray) -> None:
    """Write energy_return in GB18030 with Chinese headers; some fuel codes are unknown."""
    truth = city.emission
    random = city.streams.generator("dirt.energy_return")
    amounts = truth.share[units][:, None] * truth.sector_fuel[city.register.sector[units]]
    unit, fuel = np.nonzero(amounts > 0.0005)
    keys = _keys(city, units)
    green = random.random(len(units)) < 0.05
    wrong = set(random.choice(len(unit), size=max(3, len(unit) // 500), replace=False).tolist())
    rows: list[list[object]] = []
    for place, (who, what) in enumerate(zip(unit.tolist(), fuel.tolist(), strict=True)):
        code, amount = truth.fuels[what], amounts[who, what]
        name = code
        if place in wrong and code != "electricity":
            name = UNKNOWN_FUEL
            city.dirt.add("energy_return", f"{keys[who]}|{city.year}||{name}|", "unknown_fuel", code)
        head, symbol = [keys[who], city.year, None, name], truth.fuel_units[what]
        if code == "electricity" and green[who]:
            rows.append([*head, f"{amount * 0.7:.4f}", symbol, "grid"])
            rows.append([*head, f"{amount * 0.3:.4f}", symbol, "green_interprovincial"])
        else:
            rows.append([*head, f"{amount:.4f}", symbol, "grid" if code == "electricity" else None])
    header = [column.zh for column in load("energy_return").columns]
    write_rows(city.inputs / "energy_return.csv", header, rows, encoding="gb18030")
    city.wrote("energy_return", len(rows))


def _write_process_return(city: City, units: np.ndarray) -> None:
    """Write process_return: whoever reports energy says that no process emits; the city's truth is energy alone."""
    listed = {str(row["class_code"]) for row in city.packs["process_industries"].rows}
    codes = city.register.industry_codes()[units].tolist()
    rows = [
        [key, city.year, None, "none", "0"]
        for key, code in zip(_keys(city, units), codes, strict=True)
        if code in listed
    ]
    header = [load("process_return").column(name).zh for name in PROCESS]
    write_rows(city.inputs / "process_return.csv", header, rows)
    city.wrote("process_return", len(rows))


def _write_product_return(city: City, units: np.ndarray) -> None:
    """Write product_return: output such that the factor of the pack gives the true emission, with 15 % error."""
    factors = {
        str(row["product_code"]): float(str(row["factor"])) for row in city.packs["product_factors"].rows
    }
    industry = city.register.industry_codes()[units]
    error = np.exp(city.streams.generator("product").normal(-0.01, 0.15, len(units)))
    emission = (city.emission.scope1 + city.emission.scope2)[units] * error
    rows = [
        [key, city.year, None, PRODUCTS[code], f"{tonnes / factors[PRODUCTS[code]]:.1f}"]
        for key, code, tonnes in zip(_keys(city, units), industry.tolist(), emission.tolist(), strict=True)
        if code in PRODUCTS
    ]
    header = ["uscc", "year", "project_id", "product_code", "quantity"]
    write_rows(city.inputs / "product_return.csv", header, rows)
    city.wrote("product_return", len(rows))
