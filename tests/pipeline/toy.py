"""A toy city for tests of the pipeline: two inputs, four steps, one headline with an interval."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import lvshu.contract.table as contract_table
import lvshu.core.text as core_text
import lvshu.pipeline.cards as cards
import lvshu.pipeline.headlines as headlines
import lvshu.pipeline.identity as identity
import lvshu.pipeline.inputs as inputs
from lvshu.contract import all_contracts
from lvshu.engine.query import Query
from lvshu.engine.step import Step, StepContext
from lvshu.store.workspace import Workspace

DELAY = 0.0


def _column(name: str, kind: str, *, unit: str = "", required: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "type": kind,
        "unit": unit,
        "required": required,
        "zh": f"玩具{name}",
        "en": f"toy {name}",
        "meaning_zh": f"{name} 的含义",
        "meaning_en": f"what {name} means",
    }


def _table(name: str, kind: str, key: list[str], *columns: dict[str, Any]) -> dict[str, Any]:
    return {
        "table": {
            "name": name,
            "kind": kind,
            "zh": f"表{name}",
            "en": f"table {name}",
            "meaning_zh": f"{name} 的含义",
            "meaning_en": f"what {name} is",
            "key": key,
        },
        "column": list(columns),
    }


CONTRACTS = {
    "toy/toy_firm": _table(
        "toy_firm", "input", ["firm_id"],
        _column("firm_id", "code", required=True),
        _column("sector", "code", required=True),
        _column("energy", "quantity", unit="tce"),
    ),
    "toy/toy_loan": _table(
        "toy_loan", "input", ["loan_id"],
        _column("loan_id", "code", required=True),
        _column("firm_id", "code", required=True),
        _column("amount", "money", unit="CNY"),
    ),
    "toy/toy_absent": _table("toy_absent", "input", ["absent_id"], _column("absent_id", "code", required=True)),
    "toy/toy_sector": _table(
        "toy_sector", "book", ["sector"], _column("sector", "code"), _column("emission", "quantity", unit="tCO2")
    ),
    "toy/toy_draw": _table(
        "toy_draw", "book", ["number"], _column("number", "integer"), _column("emission", "quantity", unit="tCO2")
    ),
    "toy/toy_financed": _table(
        "toy_financed", "book", ["loan_id"],
        _column("loan_id", "code"), _column("emission", "quantity", unit="tCO2"),
    ),
    "toy/toy_nothing": _table("toy_nothing", "book", [], _column("emission", "quantity", unit="tCO2")),
}  # fmt: skip

HEADLINES = {
    "toy": {
        "headline": [
            {
                "code": "toy_total", "wing": "accounts", "zh": "玩具排放", "en": "Toy emissions",
                "sentence_zh": "{area}{year}年排放{value}", "sentence_en": "{area} emitted {value} in {year}",
                "table": "toy_sector", "value": "emission", "unit": "tCO2", "display_unit": "1e4 tCO2",
                "method": "toy.total",
            },
            {
                "code": "toy_share", "wing": "finance", "zh": "玩具占比", "en": "Toy share",
                "table": "toy_financed", "value": "emission", "unit": "%", "display_unit": "%",
                "denominator_table": "toy_sector", "denominator_value": "emission",
                "partial_packs": ["gwp", "shanghai_ets_factors"],
            },
            {
                "code": "toy_missing", "wing": "statistics", "zh": "玩具缺口", "en": "Toy gap",
                "table": "toy_nothing", "value": "emission", "unit": "tCO2",
            },
        ]
    }
}  # fmt: skip

METHODS = {
    "toy": {
        "toy.total": {
            "zh": "玩具方法",
            "en": "Toy method",
            "formula": "E = sum(a * f)",
            "clause": "1",
            "source": "none",
            "packs": [],
            "limits_zh": "只是玩具",
            "limits_en": "only a toy",
        }
    }
}

FILES = {
    "toy_firm.csv": "firm_id,sector,energy\n" + "".join(f"F{n},S{n % 3},{n}.25\n" for n in range(1, 31)),
    "toy_loan.csv": "loan_id,firm_id,amount\n"
    + "".join(f"L{n},F{n % 30 + 1},{n * 1000}.50\n" for n in range(1, 61)),
}

_read = core_text.read_catalogue


def catalogue(folder: str) -> dict[str, dict[str, Any]]:
    """Return the catalogue with the toy's contracts beside those of the package, its headlines instead of theirs."""
    if folder == "contracts":
        return {**_read(folder), **CONTRACTS}
    if folder == "headlines":
        return HEADLINES
    if folder == "methods":
        return {**_read(folder), **METHODS}
    return _read(folder)


def install() -> None:
    """Let the package read the toy's catalogue. Undone by `uninstall`."""
    for module in (contract_table, headlines, cards):
        module.read_catalogue = catalogue
    forget()


def uninstall() -> None:
    """Let the package read its own catalogue again."""
    for module in (contract_table, headlines, cards):
        module.read_catalogue = _read
    forget()


def forget() -> None:
    """Forget what was read of the catalogue."""
    all_contracts.cache_clear()
    headlines.definitions.cache_clear()
    cards.method_cards.cache_clear()
    identity.source_hash.cache_clear()
    identity._module.cache_clear()
    inputs.intake_hash.cache_clear()


def draw(context: StepContext) -> None:
    """Write random draws, and the uncertainty of the total."""
    total = float(sum(context.read("toy_sector").column("emission").to_pylist()))
    context.write("toy_draw", {"number": list(range(50)), "emission": [Decimal(n) for n in range(50)]})
    time.sleep(DELAY)
    drawn = context.generator("total").normal(total, total / 10, context.settings.replicates)
    context.write_uncertainty(
        "toy_total",
        value=total,
        unit="tCO2",
        replicates=drawn,
        method="bootstrap",
        scope_zh="玩具",
        scope_en="toy",
    )


def waiting(context: StepContext) -> None:
    """Take some time, in the middle of writing."""
    sectors = context.read("toy_sector")
    loans = context.read("toy_loan", order=["loan_id"])
    context.write("toy_financed", {"loan_id": [], "emission": []})
    time.sleep(DELAY)
    share = sum(sectors.column("emission").to_pylist()) / 200
    names = loans.column("loan_id").to_pylist()
    context.write("toy_financed", {"loan_id": names, "emission": [share] * len(names)})


SECTOR = Query(
    "toy_sector",
    "SELECT sector, CAST(sum(energy) AS DECIMAL(24,6)) AS emission FROM toy_firm GROUP BY sector",
)
NOTHING = Query("toy_nothing", "SELECT CAST(1 AS DECIMAL(24,6)) AS emission FROM toy_absent")

STEPS = (
    Step("toy.financed", ("toy_financed",), waiting, reads=("toy_sector", "toy_loan")),
    Step("toy.draw", ("toy_draw",), draw, reads=("toy_sector",)),
    Step(
        "toy.sector",
        ("toy_sector",),
        SECTOR,
        reads=("toy_firm",),
        packs=("shanghai_ets_factors",),
        method="toy.total",
    ),
    Step("toy.nothing", ("toy_nothing",), NOTHING, reads=("toy_absent",)),
)


def workspace(folder: Path) -> Workspace:
    """Return a new workspace with the toy's inputs."""
    made = Workspace.create(folder, area="310000", year=2007, name="toy")
    for name, text in FILES.items():
        (made.inputs / name).write_text(text, encoding="utf-8")
    return Workspace.open(folder)
