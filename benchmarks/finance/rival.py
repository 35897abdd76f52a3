"""The rival: pandas in the manner of dataframe tools (ITR, SBTi tool): merges, then a function applied to each row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.harness import script_main

LISTED = {"3120", "3011", "4411", "2511", "2614"}
INTENSITY = {"31": 2e-4, "30": 3e-4, "44": 5e-4, "62": 1e-5, "25": 3e-4, "26": 2.5e-4}


def _prepare(source: Path) -> dict[str, pd.DataFrame]:
    return {path.stem: pd.read_parquet(path) for path in source.glob("*.parquet")}


def _attribute(row: pd.Series) -> float:
    emission = row["reported"]
    if np.isnan(emission):
        emission = row["main_business_revenue"] * INTENSITY[row["industry_code"][:2]]
    if np.isnan(row["assets"]) or np.isnan(emission):
        return float(row["average"] * INTENSITY[row["industry_code"][:2]] * row["turnover"])
    return float(emission * row["average"] / row["assets"])


def _work(tables: dict[str, pd.DataFrame]) -> pd.Series:
    average = (
        (tables["loan_balance"].groupby("loan_id")["outstanding_amount"].sum() / 12)
        .round(2)
        .rename("average")
    )
    loans = tables["loan"].join(average, on="loan_id")
    money = tables["enterprise_finance"].copy()
    money["assets"] = (money["total_assets_begin"] + money["total_assets_end"]) / 2
    company = tables["enterprise"].merge(money, on="uscc", how="left")
    company = company.merge(tables["entity_emission"], on="uscc", how="left")
    known = company.dropna(subset=["assets"])
    by_division = known.groupby(known["industry_code"].str[:2])[["main_business_revenue", "assets"]].sum()
    turnover = by_division["main_business_revenue"] / by_division["assets"]
    company["turnover"] = company["industry_code"].str[:2].map(turnover)
    loans = loans.merge(company, on="uscc", how="inner")
    customer = loans.groupby(["institution_id", "uscc"])["average"].transform("sum")
    listed = loans["industry_code"].isin(LISTED) & (loans["size_class"] != "small")
    scope = loans[listed & (customer >= 5_000_000)].copy()
    scope["emission"] = scope.apply(_attribute, axis=1)
    return scope.groupby("branch_code")["emission"].sum()


def _save(result: Any, folder: Path) -> None:
    (folder / "branches.json").write_text(json.dumps(result.to_dict()))


if __name__ == "__main__":
    script_main(_prepare, _work, _save)
