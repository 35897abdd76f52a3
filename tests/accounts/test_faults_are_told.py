"""What is wrong with a source of a question is told, with the names in it, and never counted in silence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lvshu.cli.main import main
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
