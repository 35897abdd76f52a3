"""OECD ICIO and Eurostat FIGARO: each edition's layout read back exactly, and what is wrong told in words."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvshu.accounts.readers import read_system, recognise
from lvshu.core.errors import InputError
from tests.accounts.readers import small

REGIONS = ("AUS", "CHN", "CN1", "CN2")
CODES = ("01T03", "10T12")
INDUSTRIES = [f"{region}_{code}" for region in REGIONS for code in CODES]


def _square() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Flows of four regions, CHN itself without industries' figures, and final demand of AUS and CHN."""
    rng = np.random.default_rng(7)
    use = rng.integers(1, 400, (8, 8)) / 8
    use[2:4] = 0
    use[:, 2:4] = 0
    demand = rng.integers(1, 800, (8, 4)) / 8
    demand[2:4] = 0
    return use, demand


def _icio(style: str) -> str:
    use, demand = _square()
    final = ["AUS_HFCE", "AUS_INVNT", "CHN_HFCE", "CHN_INVNT"]
    if style == "2016":
        final = ["HFCE_AUS", "INV_AUS", "HFCE_CHN", "INV_CHN"]
    out = (use.sum(axis=1) + demand.sum(axis=1))[:, None]
    rows = np.hstack([use, demand, out]) if style != "2016" else np.hstack([use, demand])
    head = [*INDUSTRIES, *final, *({"2016": [], "2018": ["TOTAL"]}.get(style, ["OUT"]))]
    added = out[:, 0] - use.sum(axis=0) - 1
    under = {"2016": ["VA+TAXSUB"], "2018": ["AUS_TAXSUB", "VALU"]}.get(style, ["TLS", "VA"])
    primary = [np.ones(8), added] if len(under) == 2 else [added + 1]
    total = "OUTPUT" if style == "2018" else "OUT"
    lines = [["", *head]]
    lines += [[name, *map(repr, map(float, row))] for name, row in zip(INDUSTRIES, rows, strict=True)]
    blanks = [""] * (len(head) - 8)
    lines += [[name, *map(str, row), *blanks] for name, row in zip(under, primary, strict=True)]
    lines.append([total, *map(str, out[:, 0]), *blanks])
    return "\n".join(",".join(line) for line in lines) + "\n"


@pytest.mark.parametrize(
    ("style", "file", "name"),
    [
        ("2016", "ICIO2016_2003.csv", "OECD ICIO 2016 2003"), ("2018", "ICIO2018_2010.CSV", "OECD ICIO 2018 2010"),
        ("2023", "2019_SML.csv", "OECD ICIO 2019"),
    ],
)  # fmt: skip
def test_icio_editions(tmp_path: Path, style: str, file: str, name: str) -> None:
    (tmp_path / file).write_text(_icio(style))
    assert recognise(tmp_path / file) == "icio"
    system = read_system(tmp_path / file)
    use, demand = _square()
    assert system.name == name and system.money_unit == "1e6 USD"
    assert system.regions == REGIONS and system.sectors == CODES
    assert np.array_equal(system.intermediate_use, use) and np.array_equal(system.final_demand, demand)
    assert system.final.labels[0][0] == "AUS" and system.final.labels[2][0] == "CHN"
    assert system.output == pytest.approx(use.sum(axis=1) + demand.sum(axis=1))
    assert sum(system.value_added.values()) + use.sum(axis=0) == pytest.approx(system.output)
    if style != "2016":
        assert any("blank" in english for _, english in system.notes)


def test_icio_parts_of_china_are_added_when_asked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "ICIO2018_2010.zip", "w") as opened:
        opened.writestr("ICIO2018_2010.CSV", _icio("2018"))
    apart = read_system(tmp_path / "ICIO2018_2010.zip")
    whole = read_system(tmp_path / "ICIO2018_2010.zip", merge_split=True)
    use, demand = _square()
    assert whole.regions == ("AUS", "CHN") and len(apart.industries) == 8
    folded = use.reshape(4, 2, 4, 2)
    china = folded[1:].sum(axis=0)[:, 1:].sum(axis=1)
    assert np.array_equal(np.asarray(whole.intermediate_use)[2:, 2:], china)
    assert whole.output.sum() == apart.output.sum() and whole.final == apart.final
    assert np.array_equal(whole.final_demand[2:], demand.reshape(4, 2, 4)[1:].sum(axis=0))
    assert any("CN1" in english for _, english in whole.notes)


def test_icio_years_and_faults(tmp_path: Path) -> None:
    for year in (2018, 2019):
        (tmp_path / f"{year}_SML.csv").write_text(_icio("2023"))
    assert read_system(tmp_path, year=2018, format="icio").year == 2018
    with pytest.raises(InputError) as caught:
        read_system(tmp_path)
    assert caught.value.code == "accounts.reader_which_year"
    with pytest.raises(InputError) as caught:
        read_system(tmp_path, year=2000)
    assert caught.value.code == "accounts.reader_no_year" and "2018" in caught.value.text("en")
    text = _icio("2023").replace("AUS_10T12,", "AUS_10T13,", 1)
    (tmp_path / "2020_SML.csv").write_text(text)
    with pytest.raises(InputError) as caught:
        read_system(tmp_path / "2020_SML.csv")
    assert "AUS / 10T13" in caught.value.text("en")
    (tmp_path / "2021_SML.csv").write_text(_icio("2023")[:-300])
    with pytest.raises(InputError) as caught:
        read_system(tmp_path / "2021_SML.csv")
    assert caught.value.code == "accounts.reader_row_width"


FIGARO_ROWS = [f"{region}_{code}" for region in ("AT", "CN") for code in ("A01", "C10T12")]
FIGARO_FINAL = [f"{region}_{code}" for region in ("AT", "CN") for code in ("P3_S14", "P51G")]
PRIMARY = {"W2_D1": small.WAGES, "W2_B2A3G": small.SURPLUS}


def _figaro_matrix() -> str:
    lines = [["rowLabels", *FIGARO_ROWS, *FIGARO_FINAL]]
    block = np.hstack([small.USE, small.DEMAND])
    lines += [[name, *map(repr, map(float, row))] for name, row in zip(FIGARO_ROWS, block, strict=True)]
    lines += [[name, *map(repr, map(float, row)), *["0"] * 4] for name, row in PRIMARY.items()]
    return "\n".join(",".join(line) for line in lines) + "\n"


def _figaro_flat() -> str:
    head, *rows = [line.split(",") for line in _figaro_matrix().splitlines()]
    lines = ["icioiRow,icioiCol,refArea,rowIi,counterpartArea,colIi,obsValue"]
    for row in rows:
        for column, cell in zip(head[1:], row[1:], strict=True):
            if float(cell):
                parts = [*row[0].split("_", 1), *column.split("_", 1)]
                lines.append(",".join([row[0], column, *parts, cell]))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("flat", [False, True])
def test_figaro(tmp_path: Path, flat: bool) -> None:
    stem = f"{'flatfile' if flat else 'matrix'}_eu-ic-io_ind-by-ind_24ed_2021.csv"
    (tmp_path / stem).write_text(_figaro_flat() if flat else _figaro_matrix())
    assert recognise(tmp_path / stem) == "figaro"
    system = read_system(tmp_path / stem)
    assert system.name == "FIGARO by industry 2021" and system.money_unit == "1e6 EUR"
    assert system.origin.version == "2024 edition"
    assert system.industries.labels == tuple(tuple(label.split("_", 1)) for label in FIGARO_ROWS)
    assert np.array_equal(system.intermediate_use, small.USE)
    assert np.array_equal(system.final_demand, small.DEMAND)
    assert np.array_equal(system.value_added["D1"], small.WAGES)
    assert list(system.value_added) == ["D1", "B2A3G"]


def test_figaro_flat_faults(tmp_path: Path) -> None:
    path = tmp_path / "flatfile_eu-ic-io_ind-by-ind_24ed_2021.csv"
    lines = _figaro_flat().splitlines()
    path.write_text("\n".join([*lines, lines[1]]) + "\n")
    with pytest.raises(InputError) as caught:
        read_system(path)
    assert caught.value.code == "accounts.reader_cell_twice"
    assert caught.value.problems[0].where.row == len(lines) + 1
    lines[3] = lines[3].rsplit(",", 1)[0] + ",c"
    lines[5] = lines[5].rsplit(",", 1)[0]
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError) as caught:
        read_system(path)
    assert [(one.code, one.where.row) for one in caught.value.problems] == [
        ("accounts.reader_not_a_number", 4), ("accounts.reader_row_width", 6),
    ]  # fmt: skip
