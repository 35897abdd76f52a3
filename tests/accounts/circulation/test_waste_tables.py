"""Waste input-output from small tables, by name, against a solution written out; and answers in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lvshu.accounts.ask.waste import (
    hybrid_waste,
    waste_account,
    waste_by_treatment,
    waste_scenario,
    waste_stressors,
)
from lvshu.accounts.readers.waste_input_output import read_hybrid_tables
from lvshu.core.errors import InputError, MethodError

TABLES = {
    "sectors": "部门,类别\n能源,产品\n钢铁,产品\n焚烧,处理\n填埋,处理\n居民,最终需求\n出口,final\n",
    "purchases": "product,sector,quantity,unit\n能源,能源,10,万元\n能源,钢铁,40,万元\n能源,焚烧,5,万元\n"
    "能源,填埋,1,万元\n"
    "能源,居民,94,万元\n钢铁,能源,5,万元\n钢铁,焚烧,2,万元\n钢铁,填埋,3,万元\n钢铁,居民,60,万元\n钢铁,出口,130,万元\n",
    "waste": "waste,sector,quantity,unit\n垃圾,居民,8,t\n垃圾,钢铁,2000,kg\n废钢,能源,6,t\n废钢,钢铁,-4,t\n"
    "废钢,居民,3,t\n"
    "灰渣,焚烧,1.5,t\n灰渣,能源,2,t\n",
    "allocation": "waste,treatment,share\n垃圾,焚烧,0.8\n垃圾,填埋,0.2\n废钢,填埋,1\n灰渣,填埋,1\n",
    "emissions": "stressor,sector,quantity,unit\nCO2,能源,300,tCO2\nCO2,钢铁,400,tCO2\nCO2,焚烧,8,tCO2\n"
    "CO2,居民,25,tCO2\n"
    "填埋体积,填埋,12,m3\n",
}


def write(folder: Path, **changed: str) -> Path:
    for name, text in (TABLES | changed).items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_the_base_year_comes_back(tmp_path: Path) -> None:
    account = waste_account(write(tmp_path))
    tables = account.tables
    assert (tables.goods, tables.treatments, tables.wastes) == (
        ("能源", "钢铁"),
        ("焚烧", "填埋"),
        ("垃圾", "废钢", "灰渣"),
    )
    assert (tables.money_unit, tables.stressor_units) == ("1e4 CNY", ("tCO2", "m3"))
    assert account.problems == ()
    footprint = waste_by_treatment(account)
    # garbage 10 t: 8 burned, 2 landfilled; scrap 5 t and ash 3.5 t landfilled
    np.testing.assert_allclose(footprint.values.sum(axis=1), [8.0, 10.5], rtol=1e-12)
    assert footprint.columns.labels[-1] == ("waste", "灰渣")
    stressors = waste_stressors(account)
    np.testing.assert_allclose(stressors.values.sum(axis=1), [733.0, 12.0], rtol=1e-12)
    assert stressors.values[0, -1] == 25.0
    assert stressors.unit_of(1) == "m3"


def test_footprint_by_product_against_the_system_written_out(tmp_path: Path) -> None:
    footprint = waste_by_treatment(waste_account(write(tmp_path)))
    activity = np.array([150.0, 200.0, 8.0, 10.5])
    goods = np.array([[10, 40, 5, 1], [5, 0, 2, 3]]) / activity
    waste = np.array([[0, 2, 0, 0], [6, -4, 0, 0], [2, 0, 1.5, 0]]) / activity
    shares = np.array([[0.8, 0, 0], [0.2, 1, 1]])
    inverse = np.linalg.inv(np.eye(4) - np.vstack([goods, shares @ waste]))
    demand = np.array([94.0, 190.0])
    np.testing.assert_allclose(footprint.values[:, :2], inverse[2:, :2] * demand, rtol=1e-12)
    thrown = np.array([8.0, 3.0, 0.0])
    np.testing.assert_allclose(
        footprint.values[:, 2:], inverse[2:, 2:] @ shares * thrown, rtol=1e-12, atol=1e-15
    )


def test_another_allocation(tmp_path: Path) -> None:
    account = waste_account(write(tmp_path))
    path = tmp_path / "burn_all.csv"
    path.write_text("废弃物,处理方式,比例\n垃圾,焚烧,1\n", encoding="utf-8")
    told = waste_scenario(account, path)
    rows = dict(zip(told.rows.labels, told.values, strict=True))
    assert rows["treated", "焚烧"][0] == pytest.approx(8.0)
    assert rows["treated", "焚烧"][2] > 1.9
    assert rows["treated", "填埋"][2] < 0.0
    assert rows["stressor", "填埋体积"][2] < 0.0
    assert rows["waste", "灰渣"][2] > 0.0  # more is burned, more ash
    np.testing.assert_allclose(told.values[:, 2], told.values[:, 1] - told.values[:, 0])
    assert len(told.units) == len(told.rows)
    path.write_text("waste,treatment,share\n垃圾,焚烧,0.9\n", encoding="utf-8")
    with pytest.raises(MethodError, match="垃圾"):
        waste_scenario(account, path)
    path.write_text("waste,treatment,share\n垃圾,堆肥,1\n", encoding="utf-8")
    with pytest.raises(InputError, match="堆肥"):
        waste_scenario(account, path)


def test_tables_without_emissions(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "emissions.csv").unlink()
    account = waste_account(tmp_path)
    assert account.tables.stressors == ()
    assert waste_by_treatment(account).values.shape == (2, 5)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        sectors=TABLES["sectors"] + "能源,别的\n",
        purchases=TABLES["purchases"] + "煤,能源,1,元\n钢铁,能源,5,万元\n",
        waste=TABLES["waste"] + "污泥,能源,1,t\n",
    )
    with pytest.raises(InputError) as failure:
        waste_account(tmp_path)
    assert sorted(problem.code for problem in failure.value.problems) == [
        "accounts.stock_units", "accounts.waste_kind", "accounts.waste_twice", "accounts.waste_twice",
        "accounts.waste_unknown", "accounts.waste_unknown",
    ]  # fmt: skip
    assert all(problem.text("zh") and problem.text("en") for problem in failure.value.problems)
    (tmp_path / "waste.csv").unlink()
    (tmp_path / "sectors.csv").unlink()
    with pytest.raises(InputError) as failure:
        waste_account(tmp_path)
    assert [problem.values["table"] for problem in failure.value.problems] == ["sectors", "waste"]


def test_shares_and_idle_sectors_by_name(tmp_path: Path) -> None:
    write(tmp_path, allocation=TABLES["allocation"].replace("0.2", "0.1"))
    with pytest.raises(MethodError, match="垃圾"):
        waste_account(tmp_path)
    write(
        tmp_path,
        sectors=TABLES["sectors"] + "堆肥,处理\n",
        purchases=TABLES["purchases"] + "能源,堆肥,1,万元\n",
    )
    with pytest.raises(MethodError, match="堆肥"):
        waste_account(tmp_path)


def test_disposal_by_sector_of_taiwan(shared_data: Path) -> None:
    if not (shared_data / "waste_io").is_dir():
        pytest.skip("the hybrid tables (waste_io) are not among the official tables here")
    first, _, last = read_hybrid_tables(shared_data / "waste_io" / "IO_waste.xls")
    told = hybrid_waste(last)
    assert told.columns.labels[-1] == ("Household Consumption", "final demand")
    np.testing.assert_allclose(
        told.values[:3].sum(axis=1), [105945142.0119, 3486978.4489, 102458163.563], atol=1e-3
    )
    assert told.units[-1] == "Tons/Million NTD"
    electricity = told.columns.find("Electricity")[0]
    assert np.isnan(told.values[3, electricity])  # no waste: no share, which is not a share of nought
    shares = [1.0 - one.values[1].sum() / one.values[0].sum() for one in (hybrid_waste(first), told)]
    assert [round(share, 4) for share in shares] == [0.8868, 0.9671]
    with pytest.raises(MethodError, match="no table of solid waste"):
        hybrid_waste(read_hybrid_tables(shared_data / "waste_io" / "IO_air.xls")[0])
