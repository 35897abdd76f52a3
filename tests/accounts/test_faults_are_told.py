"""What is wrong with a source of a question is told, with the names in it, and never counted in silence."""

from __future__ import annotations

import json
import zipfile
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, ClassVar

import pytest

from lvshu.accounts.sources import energy_balance
from lvshu.cli.main import main
from lvshu.engine.settings import Settings
from lvshu.pipeline import headlines
from tests.accounts.book import accounts_book
from tests.accounts.test_energy_standard import physical
from tests.accounts.test_small_city import BALANCE, codes, energy_cells


def asked(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, Any]:
    code = main(["accounts", *(str(one) for one in arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


def written(path: Path, rows: list[list[Any]]) -> Path:
    texts = [",".join("" if cell is None else str(cell) for cell in row) for row in rows]
    path.write_text("\n".join(texts), encoding="utf-8")
    return path


def notes(answer: Any) -> str:
    return " ".join(str(note) for result in answer["results"] for note in result["notes"])


def test_negative_final_use_is_an_error_of_the_question(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [list(row) for row in physical().rows]
    rows[9][4] = -25.4
    code, answer = asked(capsys, "inventory", written(tmp_path / "b.csv", rows))
    assert code == 1
    (told,) = answer["errors"]
    assert told["code"] == "accounts.energy_negative_final"
    assert "-25.4" in told["en"]["what"]
    assert told["zh"]["fix"]


def test_final_use_far_from_its_total_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [list(row) for row in physical().rows]
    _, answer = asked(capsys, "inventory", written(tmp_path / "b.csv", rows))
    assert "stated total" not in notes(answer)
    rows[9][4] = float(str(rows[9][4])) * 10
    written(tmp_path / "b.csv", rows)
    code, answer = asked(capsys, "inventory", tmp_path / "b.csv")
    assert code == 0
    assert "off the stated total" in notes(answer)


def test_negative_final_use_makes_headlines_partial() -> None:
    wanted = [one for one in headlines.definitions() if one.code in ("co2_sectoral", "co2_reference")]
    for quantity, expected in ((300.0, "available"), (-300.0, "partial")):
        cells = energy_cells(*(one for one in BALANCE if one[:2] != ("industry", "raw_coal")),
                             ("industry", "raw_coal", quantity, "t"))  # fmt: skip
        with accounts_book("310000", 2022, {"energy_balance_cell": cells}, replicates=3) as engine:
            rows = headlines.compute(engine, wanted, empty_because={}, placeholders={}, incomplete={})
            standing = {row["code"]: (row["status"], row["reason_en"]) for row in rows}
            assert ("accounts.energy_negative_final_counted" in codes(engine)) == (quantity < 0)
        assert standing["co2_sectoral"][0] == expected
        assert standing["co2_reference"][0] == "available"


TABLE = """单位：万元,,,,,,
投入\\产出,农业,工业,最终消费,出口,进口,总产出
农业,20,30,40,15,5,100
工业,10,80,60,70,20,200
劳动者报酬,40,50,,,,
生产税净额,10,15,,,,
固定资产折旧,5,10,,,,
营业盈余,15,15,,,,
总投入,100,200,,,,
"""
CODED = """单位：万元,,,,,,,,
代码,投入\\产出,农业,工业,服务业,最终使用合计,最终消费,出口,总产出
01,农业,20,30,0,50,40,10,100
02,工业,10,80,0,110,60,50,200
03,服务业,0,0,10,90,60,30,100
TII,中间投入合计,30,110,10,,,,
VA001,劳动者报酬,40,50,50,,,,
VA002,生产税净额,10,15,20,,,,
VA003,固定资产折旧,5,10,10,,,,
VA004,营业盈余,15,15,10,,,,
TVA,增加值合计,70,90,90,,,,
TI,总投入,100,200,100,,,,
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def with_emissions(table: Path, *rows: str) -> Path:
    path = table.parent / "air.csv"
    path.write_text("\n".join(("stressor,sector,value,unit", *rows)), encoding="utf-8")
    return path


@pytest.mark.parametrize("question", ["footprint", "multipliers", "paths", "extract", "price", "decompose"])
def test_a_sector_without_emissions_is_missing_and_not_zero(
    table: Path, capsys: pytest.CaptureFixture[str], question: str
) -> None:
    air = with_emissions(table, "CO2,农业,5,t")
    more = {"price": ["--carbon-price", 50], "decompose": [table]}.get(question, [])
    _, answer = asked(capsys, question, table, *more, "--year", 2020, "--emissions", air)
    assert "工业" in notes(answer)
    assert "lower bounds" in notes(answer)
    air = with_emissions(table, "CO2,农业,5,t", "CO2,工业,0,t")
    _, answer = asked(capsys, question, table, *more, "--year", 2020, "--emissions", air)
    assert "lower bounds" not in notes(answer)


def test_a_negative_emission_is_told(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    air = with_emissions(table, "CO2,农业,5,t", "CO2,工业,-7,t")
    code, answer = asked(capsys, "footprint", table, "--year", 2020, "--emissions", air)
    assert code == 0
    assert "negative in 1 sector: 工业" in notes(answer)


@pytest.mark.parametrize(("name", "unit"), [("CO2", "万元"), ("二氧化碳", "万元"), ("CH4_fossil", "kWh")])
def test_a_gas_is_a_mass(table: Path, capsys: pytest.CaptureFixture[str], name: str, unit: str) -> None:
    air = with_emissions(table, f"{name},农业,5,{unit}", f"{name},工业,7,{unit}")
    code, answer = asked(capsys, "footprint", table, "--year", 2020, "--emissions", air)
    assert code == 1
    assert {one["code"] for one in answer["errors"]} == {"accounts.extension_gas_unit"}
    assert unit in answer["errors"][0]["zh"]["what"]
    air = with_emissions(table, "碳成本,农业,5,万元", "碳成本,工业,7,万元")
    assert asked(capsys, "footprint", table, "--year", 2020, "--emissions", air)[0] == 0


def test_two_units_in_the_title_are_asked_about(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table.write_text(TABLE.replace("单位：万元,", "单位：万元,单位：亿元"), encoding="utf-8")
    code, answer = asked(capsys, "footprint", table, "--year", 2020, "-s", "value_added")
    assert (code, answer["errors"][0]["code"]) == (1, "accounts.io_two_units")
    told = answer["errors"][0]["en"]
    assert all(unit in told["what"] for unit in ("万元", "亿元"))
    assert "--unit" in told["fix"]
    sums = []
    for unit in ("万元", "亿元"):
        _, answer = asked(capsys, "footprint", table, "--year", 2020, "-s", "value_added", "--unit", unit)
        sums.append(sum(record["value"] for record in answer["results"][0]["records"]))
    assert sums[1] == pytest.approx(1e4 * sums[0])


def test_a_column_of_numeric_codes_is_no_column_of_figures(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for text in (CODED, CODED.replace("代码,", ",")):
        table.write_text(text, encoding="utf-8")
        code, answer = asked(
            capsys, "footprint", table, "--year", 2020, "-s", "value_added", "--by", "emitter"
        )
        assert code == 0, answer
        assert sum(one["value"] for one in answer["results"][0]["records"]) == pytest.approx(250e4)


def test_a_repeated_sector_is_named(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = "工业,10,80,60,70,20,200\n"
    table.write_text(TABLE.replace(row, row + row), encoding="utf-8")
    code, answer = asked(capsys, "footprint", table, "--year", 2020, "-s", "value_added")
    assert (code, answer["errors"][0]["code"]) == (1, "accounts.io_row_twice")
    assert "“工业”" in answer["errors"][0]["en"]["what"]


def test_the_remedy_of_an_unknown_data_set_works(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["get", "nowhere", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)["errors"][0]
    assert "--list" not in told["en"]["fix"] + told["zh"]["fix"]
    assert main(["get", "--json"]) == 0


def test_an_incomplete_package_names_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "A.txt").write_text("a", encoding="utf-8")
    package = tmp_path / "IOT_2012_pxp.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("IOT_2012_pxp/Z.txt", "a")
        archive.writestr("IOT_2012_pxp/unit.txt", "a")
    for place, missing, there in ((folder, "Y.txt, unit.txt", "A.txt"), (package, "Y.txt", "Z.txt")):
        code, answer = asked(capsys, "footprint", place)
        (told,) = answer["errors"]
        assert (code, told["code"]) == (1, "accounts.reader_incomplete")
        assert f"missing: {missing};" in told["en"]["what"]
        assert there in told["zh"]["what"]


def test_a_folder_of_nothing_known_tells_what_was_looked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "readme.md").write_text("a", encoding="utf-8")
    code, answer = asked(capsys, "footprint", tmp_path)
    (told,) = answer["errors"]
    assert (code, told["code"]) == (1, "accounts.reader_folder_unknown")
    assert "readme.md" in told["en"]["what"]
    assert "EXIOBASE" in told["en"]["fix"] or "IOT_" in told["en"]["fix"]


def test_the_inventory_of_a_workspace_reads_its_book(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = energy_cells(*BALANCE)
    rows = [dict(zip(cells, record, strict=True)) for record in zip(*cells.values(), strict=True)]

    class Book:
        settings = Settings("310000", "上海", "Shanghai", 2022)
        run: ClassVar[dict[str, str]] = {"run_id": "r1"}

        def rows(self, table: str, **choice: Any) -> list[dict[str, Any]]:
            return rows if table == "energy_balance_cell" else []

    class Opened:
        @classmethod
        def open(cls, folder: Path) -> Opened:
            return cls()

        def book(self) -> AbstractContextManager[Book]:
            return nullcontext(Book())

    monkeypatch.setattr(energy_balance, "Workspace", Opened)
    (tmp_path / "lvshu.toml").write_text("", encoding="utf-8")
    code, answer = asked(capsys, "inventory", tmp_path)
    assert code == 0
    total = sum(record["value"] for record in answer["results"][0]["records"])
    assert total == pytest.approx(1000 * 1.9003 + 50 * 3.0959)
    assert answer["results"][0]["origin"][0]["version"] == "r1"
    code, answer = asked(capsys, "inventory", tmp_path, "--year", 2021)
    assert (code, answer["errors"][0]["code"]) == (1, "accounts.no_balance_for_area")
    rows.append(rows[3] | {"item_code": "agriculture", "quantity": -1.0})
    assert asked(capsys, "inventory", tmp_path)[1]["errors"][0]["code"] == "accounts.energy_negative_final"


def test_electricity_without_a_grid_factor_is_ne_in_its_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = written(tmp_path / "b.csv", [list(row) for row in physical().rows])
    source.write_text(source.read_text(encoding="utf-8").replace("2019年", "2007年"), encoding="utf-8")
    code, answer = asked(capsys, "inventory", source, "--method", "gpc")
    assert code == 0
    rows = [one for one in answer["results"][0]["records"] if one["ref"] == "I.3.2"]
    assert {one["notation_key"] for one in rows} == {"NE (electricity)"}
    assert "partial: electricity NE" in rows[0]["name_en"]
    assert "电力没有因子" in rows[0]["name_zh"]
    assert all(one["value"] is not None for one in rows)
