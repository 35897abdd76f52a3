"""A published Chinese table as a system of one region: what is local closes, what comes in is kept beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lvshu.accounts.book.table import InputOutputTable, Sector, TableChoice
from lvshu.accounts.readers import load_system, read_system, recognise, save_system
from lvshu.accounts.sources.published import RegionalSystem, read_published, system_of_table
from lvshu.core.errors import InputError
from tests.accounts.published import input_output_sheet, write_csv, write_xlsx


def _table() -> InputOutputTable:
    sectors = tuple(
        Sector(f"0{place}", name, None, None, (), "") for place, name in ((1, "农业"), (2, "工业"))
    )
    use = np.array([[10.0, 20], [5, 60]])
    final = np.array([[40.0, 30], [70, 65]])
    imports, inflows = np.array([5.0, 20]), np.array([15.0, 10])
    output = use.sum(axis=1) + final.sum(axis=1) - imports - inflows
    primary = {"VA001": output - use.sum(axis=0), "VA002": np.zeros(2)}
    return InputOutputTable(
        TableChoice("io_2017_2", 2017, "310000"), sectors, ("household", "export"), {"total": use}, {"total": final},
        imports, inflows, np.zeros(2), output, primary,
    )  # fmt: skip


def test_local_products_close_and_what_comes_in_is_kept() -> None:
    table = _table()
    system = system_of_table(table, region="上海")
    assert isinstance(system, RegionalSystem) and system.money_unit == "CNY" and system.year == 2017
    assert system.industries.labels == (("上海", "农业"), ("上海", "工业"))
    assert system.final.labels == (("上海", "household"), ("abroad", "export"), ("上海", "balancing_item"))
    assert np.asarray(system.intermediate_use).sum(axis=1) + system.final_demand.sum(axis=1) == pytest.approx(
        system.output
    )
    assert sum(part.sum() for part in system.coming_in.values()) + sum(
        part.sum() for part in system.coming_in_final.values()
    ) == pytest.approx(table.imports.sum() + table.inflows.sum())
    whole = np.asarray(system.intermediate_use) + sum(system.coming_in.values())
    assert whole == pytest.approx(table.total_intermediate_use)
    assert list(system.value_added) == ["VA001"]
    assert whole.sum(axis=0) + system.value_added["VA001"] == pytest.approx(system.output)
    # imports of agriculture are 5 of the 35 used here: shares of own use, as method use_by_origin states
    shown = system.use_of("abroad")
    assert shown.values[0, 0] == pytest.approx(10 * 5 / 70) and shown.columns.labels[-1] == (
        "上海",
        "balancing_item",
    )
    assert system.use_of("rest_of_country").values.sum() == pytest.approx(25)


@pytest.mark.real_data
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_the_official_table_of_shanghai(form: str, shared_data: Path, tmp_path: Path) -> None:
    sheet = input_output_sheet(
        shared_data / "china_io" / "io2007_Shanghai.csv", "上海市2007年投入产出表", codes=True
    )
    path = (
        write_xlsx(sheet, tmp_path / "表.xlsx") if form == "xlsx" else write_csv(sheet, tmp_path / "表.csv")
    )
    system = read_published(path, year=2007)
    assert system.name == "io_2007_42 310000" and len(system.industries) == 42
    # value added 121,888,500 and output 432,837,008.6 of the published table, 万元
    assert sum(row.sum() for row in system.value_added.values()) / 1e4 == pytest.approx(121_888_500, abs=1)
    assert system.output.sum() / 1e4 == pytest.approx(432_837_008.56, abs=0.1)
    rows = np.asarray(system.intermediate_use).sum(axis=1) + system.final_demand.sum(axis=1)
    assert rows == pytest.approx(system.output, rel=1e-12)
    assert recognise(path) == "china_io"
    again = read_system(path)
    assert np.array_equal(again.output, system.output) and again.year == 2007
    save_system(again, tmp_path / "kept")
    kept = load_system(tmp_path / "kept", verify=True)
    assert isinstance(kept, RegionalSystem) and np.array_equal(kept.final_demand, system.final_demand)
    assert np.array_equal(kept.use_of("abroad").values, system.use_of("abroad").values)
    assert kept.notes == again.notes and np.array_equal(kept.transit, system.transit)


def test_what_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_published(tmp_path / "a.csv", year=2017)
    assert caught.value.code == "accounts.reader_no_published_table"
    with pytest.raises(InputError) as caught:
        read_published(tmp_path / "b.csv", year=2017)
    assert caught.value.code == "accounts.reader_not_found"
