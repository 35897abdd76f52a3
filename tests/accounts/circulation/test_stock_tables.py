"""Stocks from small tables: figures of the methods under their labels, and answers in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lvshu.accounts.ask.stocks import scrap_account, stock_accounts
from lvshu.accounts.methods.circulation.lifetimes import lifetime, survival_matrix
from lvshu.accounts.methods.circulation.stocks import inflow_driven
from lvshu.core.errors import InputError, MethodError

LIFETIMES = "item,distribution,mean,deviation,relative_error,source\n"


def table(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def series(tmp_path: Path) -> Path:
    lines = [
        f"汽车,{2000 + year},{year + 1},辆\n住宅,{2000 + year},{10 * (year + 1)},万吨\n" for year in range(10)
    ]
    return table(tmp_path, "inflow.csv", "项目,年份,数量,单位\n" + "".join(lines))


@pytest.fixture
def lifetimes(tmp_path: Path) -> Path:
    rows = "汽车,fixed,5,,0.1,测试\n住宅,lognormal,50,20,0.2,测试\n"
    return table(tmp_path, "lifetimes.csv", LIFETIMES + rows)


def test_labelled_figures_are_those_of_the_methods(series: Path, lifetimes: Path) -> None:
    found = stock_accounts(series, lifetimes, entry_age=0.0)
    assert found.problems == ()
    assert found.stock.rows.level("item") == ("汽车", "住宅")
    assert found.stock.columns.level("year") == tuple(str(year) for year in range(2000, 2010))
    assert found.stock.units == ("辆", "1e4 t")
    assert found.outflow.units == ("辆/a", "1e4 t/a")
    assert found.outflow.values[0].tolist() == [0, 0, 0, 0, 0, 1, 2, 3, 4, 5]
    homes = inflow_driven(
        survival_matrix(lifetime("lognormal", mean=50, deviation=20), 10),
        10.0 * np.arange(1.0, 11.0)[:, None],
    )
    np.testing.assert_allclose(found.stock.values[1], homes.stock[:, 0], rtol=1e-14)
    assert found.stock.standard_error is None
    assert [one.file for one in found.stock.origin] == ["inflow.csv", "lifetimes.csv"]
    assert found.stock.to_arrow().num_rows == 20


def test_from_stock_back_to_inflow(series: Path, lifetimes: Path, tmp_path: Path) -> None:
    forward = stock_accounts(series, lifetimes)
    rows = [f"{item},{year},{value!r},{unit}\n"
            for item, values, unit in zip(("汽车", "住宅"), forward.stock.values, ("辆", "万吨"), strict=True)
            for year, value in zip(range(2000, 2010), values.tolist(), strict=True)]  # fmt: skip
    back = stock_accounts(
        table(tmp_path, "stock.csv", "item,year,stock,unit\n" + "".join(rows)), lifetimes, driven_by="stock"
    )
    np.testing.assert_allclose(back.inflow.values, forward.inflow.values, rtol=1e-9)


def test_uncertain_lifetimes(series: Path, lifetimes: Path) -> None:
    found = stock_accounts(series, lifetimes, replicates=60, seed=7)
    again = stock_accounts(series, lifetimes, replicates=60, seed=7)
    assert found.stock.standard_error is not None and again.stock.standard_error is not None
    np.testing.assert_array_equal(found.stock.standard_error, again.stock.standard_error)
    assert found.outflow.standard_error is not None
    assert found.outflow.standard_error[0, 7] > 0.0
    assert found.inflow.standard_error is not None and not found.inflow.standard_error.any()
    assert "60" in found.stock.notes[-1][1]


def test_opening_stock_by_age_and_as_a_total(series: Path, lifetimes: Path, tmp_path: Path) -> None:
    by_age = table(tmp_path, "by_age.csv", "item,age,quantity,unit\n汽车,0,100,辆\n汽车,3,50,辆\n")
    found = stock_accounts(series, lifetimes, opening=by_age, entry_age=0.0)
    # those of age 3 are 4 at the end of 2000 and gone by 2001; those of age 0 are gone by 2004
    assert found.stock.values[0, :5].tolist() == [151, 103, 106, 110, 15]
    total = table(tmp_path, "total.csv", "item,quantity,unit\n住宅,500,1e4 t\n")
    grown = stock_accounts(series, lifetimes, opening=total, growth=0.03)
    plain = stock_accounts(series, lifetimes)
    old = grown.stock.values[1] - plain.stock.values[1]
    assert 480 < old[0] < 500
    assert (np.diff(old) < 0).all()
    assert any("3.0%" in note[1] for note in grown.stock.notes)
    balance = grown.inflow.values - grown.outflow.values
    np.testing.assert_allclose(balance[1, 1:], np.diff(grown.stock.values[1]), atol=1e-9)


def test_scrap(series: Path, lifetimes: Path, tmp_path: Path) -> None:
    flows = stock_accounts(series, lifetimes, entry_age=0.0).outflow
    content = table(tmp_path, "content.csv", "item,material,content,collected,efficiency,source\n"
                    "汽车,钢,0.9,0.8,0.95,测试\n汽车,铝,0.1,0.9,0.9,测试\n住宅,钢,500,0.7,0.95,测试\n")  # fmt: skip
    found = scrap_account(flows, content)
    steel = found.values[:4]
    np.testing.assert_allclose(steel[1:].sum(axis=0), steel[0], rtol=1e-12)
    np.testing.assert_allclose(found.values[7], flows.values[0] * 0.1 * 0.9 * 0.9, rtol=1e-12)
    assert found.rows.labels[3] == ("钢", "secondary")
    with pytest.raises(InputError, match="not among the series"):
        scrap_account(flows, table(tmp_path, "bad.csv", "item,material,content,collected,efficiency,source\n"
                                   "船,钢,1,1,1,x\n"))  # fmt: skip


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    bad = table(tmp_path, "bad.csv", "item,year,quantity,unit\nA,2000,1,t\nA,2002,1,kg\nB,2001,1,t\nB,2001,2,t\n"
                "C,2000,1,t\nC,2001,1,t\nC,2002,1,t\n")  # fmt: skip
    lives = table(tmp_path, "lives.csv", LIFETIMES + "A,gumbel,5,1,,book\nB,normal,5,,,book\n")
    with pytest.raises(InputError) as failure:
        stock_accounts(bad, lives)
    assert sorted((problem.code, problem.values["item"]) for problem in failure.value.problems) == [
        ("accounts.lifetime_parameters", "B"), ("accounts.lifetime_unknown", "A"),
        ("accounts.stock_missing_years", "A"), ("accounts.stock_missing_years", "B"),
        ("accounts.stock_no_lifetime", "C"),
        ("accounts.stock_twice", "B"), ("accounts.stock_units", "A"),
    ]  # fmt: skip
    assert all(problem.text("zh") and problem.text("en") for problem in failure.value.problems)
    with pytest.raises(InputError, match="source"):  # a lifetime without source is not taken
        stock_accounts(bad, table(tmp_path, "nowhere.csv", LIFETIMES + "A,fixed,5,,,\n"))
    with pytest.raises(MethodError, match="no model driven by"):
        stock_accounts(bad, lives, driven_by="outflow")


def test_negative_inflow_is_told_by_name_and_year(tmp_path: Path) -> None:
    stock = table(tmp_path, "stock.csv", "item,year,stock,unit\n" + "".join(
        f"桥,{2000 + year},{value},座\n路,{2000 + year},5,km\n" for year, value in enumerate([9, 9, 4, 4])
    ))  # fmt: skip
    lives = table(tmp_path, "lives.csv", LIFETIMES + "桥,normal,20,5,,测试\n路,normal,20,5,,测试\n")
    found = stock_accounts(stock, lives, driven_by="stock")
    (told,) = found.problems
    assert (told.code, told.values["item"], told.values["years"]) == (
        "accounts.stock_item_inflow",
        "桥",
        [2002],
    )
    early = stock_accounts(stock, lives, driven_by="stock", early_retirement=True)
    assert early.inflow.values.min() == 0.0
    assert early.problems[0].code == "accounts.stock_early"
