"""Questions with labels: paths, extraction, decomposition, carbon price, margins, emissions from a table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lvshu.accounts.ask.analysis import Accounts
from lvshu.accounts.ask.carbon_price import price_effects
from lvshu.accounts.ask.decomposition import decompose, index_decomposition, kaya_decomposition
from lvshu.accounts.ask.structure import extract, linkage_table, paths
from lvshu.accounts.compile.margins import balance_to, read_margins
from lvshu.accounts.sources.extension import read_extension
from lvshu.core.errors import InputError, MethodError
from tests.accounts.labelled.systems import random_system, textbook


def test_paths_and_layers_add_up_to_the_footprint() -> None:
    accounts = Accounts(random_system(7))
    found, layers = paths(accounts, "gas 0", region="r1", cut=0.01)
    whole = float(accounts.footprint("gas 0", region="r1").values.sum())
    own = accounts.system.extensions["air"].final_flows
    assert own is not None
    np.testing.assert_allclose(layers.values.sum(), whole - own[0, 2:4].sum(), rtol=1e-9)
    contributions, share, branch = found.values
    assert (share >= 1.0 - 1e-9).all()
    assert (branch >= contributions - 1e-9).all()
    assert found.units == ("tCO2", "%", "tCO2")
    assert "←" in found.columns.labels[-1][0] or len(found.columns) < 3


def test_extraction_agrees_with_taking_the_sector_out() -> None:
    system = random_system(8)
    accounts = Accounts(system)
    found = extract(accounts, "gas 0")
    use, demand = np.array(system.intermediate_use), np.array(system.final_demand)
    coefficients = use / system.output
    for sector in (0, 5, 11):
        kept = coefficients.copy()
        kept[sector], kept[:, sector] = 0.0, 0.0
        rest = demand.sum(axis=1)
        rest[sector] = 0.0
        output = np.linalg.solve(np.eye(12) - kept, rest)
        np.testing.assert_allclose(found.values[0, sector], system.output.sum() - output.sum(), rtol=1e-9)
    with pytest.raises(MethodError):
        extract(accounts, way="sideways")


def test_linkages_name_key_sectors() -> None:
    result, kinds = linkage_table(Accounts(random_system(9)))
    assert len(kinds) == 12
    np.testing.assert_allclose(result.values[5].mean(), 1.0, rtol=1e-12)
    key = [label for label, kind in zip(result.columns.labels, kinds, strict=True) if kind == "key"]
    assert all(" / ".join(label) in result.notes[0][1] for label in key[:12])


@pytest.mark.parametrize("way", ["shapley", "polar"])
@pytest.mark.parametrize("detail", ["total", "emitter", "product", "category"])
def test_decomposition_terms_sum_to_the_change(way: str, detail: str) -> None:
    old, new = Accounts(random_system(1)), Accounts(random_system(2))
    result = decompose(old, new, "gas 0", way=way, detail=detail)
    own = [accounts.system.extensions["air"].final_flows for accounts in (old, new)]
    change = [float(accounts.footprint("gas 0").values.sum()) for accounts in (old, new)]
    direct = [float(flows[0].sum()) for flows in own if flows is not None]
    wanted = (change[1] - direct[1]) - (change[0] - direct[0])
    column = result.values[:, 0] if detail == "total" else result.values.sum(axis=1)
    np.testing.assert_allclose(column[:-1].sum(), wanted, rtol=1e-9)
    np.testing.assert_allclose(column[-1], wanted, rtol=1e-9)


def test_decomposition_of_different_tables_is_refused() -> None:
    with pytest.raises(MethodError) as caught:
        decompose(Accounts(textbook()), Accounts(random_system(1)), "labour")
    assert caught.value.code == "accounts.labels_differ"
    other = replace(random_system(2), money_unit="1e6 USD")
    with pytest.raises(MethodError) as caught:
        decompose(Accounts(random_system(1)), Accounts(other), "gas 0")
    assert caught.value.code == "accounts.money_differs"


def test_published_lmdi_from_a_file(tmp_path: Path) -> None:
    """The figures of the LMDIR package's test (tests/testthat/test_lmdi.R), 1971 to 1972."""
    path = tmp_path / "factors.csv"
    path.write_text("年份,类别,活动,结构,强度\n1971,a,1,10,2\n1971,b,4,5,3\n1972,a,4,5,3\n1972,b,5,6,4\n")
    additive, ratio = index_decomposition(path)
    np.testing.assert_allclose(
        additive.values[:, 0], [69.79006598, -9.455125793, 39.66505981, 100.0], rtol=1e-9
    )
    np.testing.assert_allclose(ratio.values[:, 0], [1.761117821, 0.926191306, 1.379410116, 2.25], rtol=1e-9)
    path.write_text("年份,类别,活动\n1971,a,1\n1971,a,2\n1972,b,3\n")
    with pytest.raises(InputError) as caught:
        index_decomposition(path)
    assert {problem.code for problem in caught.value.problems} == {
        "accounts.factors_twice",
        "accounts.factors_missing",
    }


def test_kaya_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "kaya.csv"
    path.write_text(
        "年份,人口(万人),部门,增加值(亿元),能源品种,能耗(万吨标准煤),CO2(万吨二氧化碳),价格年份\n"
        "2015,2400,工业,7000,煤,5000,12000,2020\n2015,2400,工业,7000,气,800,1300,2020\n2015,2400,居民,,气,300,500,2020\n"
        "2020,2480,工业,9600,煤,4400,10600,2020\n2020,2480,工业,9600,气,1500,2400,2020\n2020,2480,居民,,气,420,700,2020\n"
    )  # fmt: skip
    found = kaya_decomposition(path)
    np.testing.assert_allclose(found.values[:-1].sum(), found.values[-1, 0], rtol=1e-12)
    np.testing.assert_allclose(found.values[-1, 0], (13700 - 13800) * 1e4, rtol=1e-9)
    assert not found.notes


def test_the_published_carbon_price() -> None:
    """Miller and Blair's economy, s = [2, 1], price 0.01: price changes 0.02772277 and 0.01782178."""
    system = textbook()
    output = system.output
    labour = system.extensions["labour"]
    carbon = replace(labour, name="carbon", units=("t",), flows=np.array([[2.0, 1.0]]) * output)
    priced = Accounts(replace(system, extensions={"carbon": carbon}))
    prices, burden = price_effects(priced, 0.01, "labour")
    np.testing.assert_allclose(prices.values[0], [2.772277, 1.782178], atol=5e-7)
    np.testing.assert_allclose(burden.values[0, 0], 0.01 * float(carbon.flows.sum()), rtol=1e-12)
    np.testing.assert_allclose(
        burden.values[3:, 0].sum() + burden.values[2, 0], burden.values[:2, 0].sum(), rtol=1e-9
    )
    with pytest.raises(MethodError) as caught:
        price_effects(priced, 0.01, "labour", border=True)
    assert caught.value.code == "accounts.border_without_others"
    with pytest.raises(MethodError) as caught:
        price_effects(Accounts(system), 0.01, "labour")
    assert caught.value.code == "accounts.no_carbon_unit"


def test_a_price_in_every_region_is_the_price_in_one_with_border_for_its_own_buyers() -> None:
    accounts = Accounts(random_system(3))
    everywhere = price_effects(accounts, 50.0, "gas 0")[0].values[0]
    border = price_effects(accounts, 50.0, "gas 0", region="r0", border=True)[0].values[0]
    alone = price_effects(accounts, 50.0, "gas 0", region="r0")[0].values[0]
    assert (alone <= border + 1e-12).all()
    np.testing.assert_allclose(border, everywhere[:4], rtol=1e-9)


def test_households(tmp_path: Path) -> None:
    accounts = Accounts(random_system(3))
    path = tmp_path / "groups.csv"
    path.write_text("group,product,spending,persons,income\npoor,r0/s0,10,100,20\npoor,r0/s1,5,100,20\n"
                    "rich,r0/s0,20,100,100\nrich,r0/s1,10,100,100\n")  # fmt: skip
    *_, burden = price_effects(accounts, 50.0, "gas 0", region="r0", households=path)
    per_head, of_income, _, after = burden.values
    np.testing.assert_allclose(per_head[1], 2.0 * per_head[0], rtol=1e-9)
    assert of_income[0] > of_income[1]
    np.testing.assert_allclose(100.0 * after.sum(), 0.0, atol=1e-9)
    path.write_text("group,product,spending,persons,income\npoor,r0/s9,10,100,20\npoor,r0/s1,5,90,20\n")
    with pytest.raises(InputError) as caught:
        price_effects(accounts, 50.0, "gas 0", region="r0", households=path)
    assert caught.value.problems[0].where.row == 2


def test_margins_exact_and_contradicting(tmp_path: Path) -> None:
    system = textbook()
    path = tmp_path / "margins.csv"
    path.write_text(
        "axis,label,value (CNY)\nrow,one,1100\nrow,two,1950\ncolumn,one,380\ncolumn,two,570\ncolumn,final,2100\n"
    )
    made, moved = balance_to(system, read_margins(path, system))
    table = np.hstack([np.asarray(made.system.intermediate_use), made.system.final_demand])
    np.testing.assert_allclose(table.sum(axis=1), [1100, 1950], rtol=1e-9)
    np.testing.assert_allclose(table.sum(axis=0), [380, 570, 2100], rtol=1e-9)
    np.testing.assert_allclose(moved.values[:, 3], 0.0, atol=1e-6)
    path.write_text("axis,label,value (CNY),standard_error (CNY)\nrow,one,1100,10\nrow,two,1950,10\n"
                    "column,one,380,1\ncolumn,two,570,1\ncolumn,final,2200,50\n")  # fmt: skip
    made, moved = balance_to(system, read_margins(path, system))
    assert made.findings
    np.testing.assert_allclose(moved.values[:2, 2].sum(), moved.values[2:, 2].sum(), rtol=1e-6)
    assert abs(moved.values[4, 3]) > abs(moved.values[2, 3])
    path.write_text("axis,label,value (CNY)\ndiagonal,one,1\nrow,three,2\nrow,one,3\nrow,one,4\n")
    with pytest.raises(InputError) as caught:
        read_margins(path, system)
    assert [problem.code for problem in caught.value.problems] == [
        "accounts.margin_axis", "accounts.no_such_label", "accounts.margin_twice",
    ]  # fmt: skip


def test_emissions_from_a_table(tmp_path: Path) -> None:
    system = random_system(3)
    path = tmp_path / "air.csv"
    path.write_text("stressor,region,sector,value,unit,standard_error\nCO2,r0,s0,2,1e4 tCO2,0.1\nCO2,r1,s0,500,tCO2,\n"
                    "CO2,r0,households,7,tCO2,\n")  # fmt: skip
    found = read_extension(path, system)
    assert found.units == ("1e4 tCO2",)
    assert (found.flows[0, 0], found.flows[0, 4], found.final_flows[0, 0]) == (2.0, 0.05, 0.0007)  # type: ignore[index]
    assert found.standard_error is not None and found.standard_error[0, 0] == 0.1
    path.write_text(
        "stressor,region,sector,value,unit\nCO2,r0,s9,2,tCO2\nCO2,r1,s0,5,GJ\nCO2,r0,s0,1,tCO2\nCO2,,s0,1,tCO2\n"
    )
    with pytest.raises(InputError) as caught:
        read_extension(path, system)
    assert [problem.where.row for problem in caught.value.problems] == [2, 3, 5]
