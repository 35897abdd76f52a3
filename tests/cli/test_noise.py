"""`lvshu disclose noise`: the budget is kept whatever happens, and the noise is that of the epsilon asked for."""

from __future__ import annotations

import csv
import json
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from lvshu.cli.main import main
from lvshu.core.errors import ConfigError, MethodError, StoreError
from lvshu.statistics.disclosure.budget import spend
from lvshu.statistics.disclosure.privacy import Bounds, with_noise
from lvshu.statistics.disclosure.structure import Dimension


@pytest.fixture
def place(tmp_path: Path) -> Path:
    rows = [("a" if n % 3 else "b", f"w{n}", n % 7) for n in range(900)] + [("b", "w1", 50), ("b", "w1", 50)]
    for name, head, body in (
        ("records.csv", ("district", "person", "hours"), rows),
        ("levels.csv", ("code", "parent"), [("a", "total"), ("b", "total"), ("c", "total")]),
    ):
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([head, *body])
    return tmp_path


def ask(place: Path, *more: str, levels: bool = True) -> int:
    files = ["--levels", f"district={place / 'levels.csv'}"] if levels else []
    return main(["disclose", "noise", str(place / "records.csv"), "-d", "district", "--contributor", "person",
                 "--most-cells", "1", "--ledger", str(place / "ledger.json"), *files, *more])  # fmt: skip


def test_a_ledger_refuses_what_is_beyond_its_budget_and_does_not_grow(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    with pytest.raises(ConfigError) as new:
        spend(path, 0.5, {}, None)
    assert spend(path, 0.1, {"value": "count"}, 0.3) == (Decimal("0.1"), Decimal("0.3"))
    assert spend(path, 0.2, {}, None) == (Decimal("0.3"), Decimal("0.3"))  # exactly: decimals, no float
    with pytest.raises(ConfigError) as over:
        spend(path, 0.01, {}, None)
    with pytest.raises(ConfigError) as more:
        spend(path, 0.01, {}, 5.0)
    codes = [one.value.problems[0].code for one in (new, over, more)]
    assert codes == ["disclosure.budget_needed", "disclosure.budget_spent", "disclosure.budget_differs"]
    assert len(json.loads(path.read_text(encoding="utf-8"))["releases"]) == 2
    path.write_text("{", encoding="utf-8")
    with pytest.raises(StoreError) as broken:
        spend(path, 0.01, {}, None)
    assert broken.value.problems[0].code == "disclosure.ledger_broken"


def test_without_the_library_nothing_is_made_and_nothing_spent(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "opendp", None)
    monkeypatch.setitem(sys.modules, "opendp.prelude", None)
    assert ask(place, "--epsilon", "1", "--budget", "2", "--json") != 0
    assert "disclosure.privacy_missing" in capsys.readouterr().out
    assert not (place / "ledger.json").exists()


def test_codes_must_be_public_and_sums_need_bounds(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(place, "--epsilon", "1", "--budget", "2", "--json", levels=False) != 0
    assert "disclosure.levels_needed" in capsys.readouterr().out
    assert ask(place, "--epsilon", "1", "--budget", "2", "--value", "hours", "--json") != 0
    assert "disclosure.bounds_needed" in capsys.readouterr().out


def test_bounds_cut_and_tell_the_sensitivity() -> None:
    bounds = Bounds(3, Decimal("-2.5"), Decimal("10.0"), 1)
    assert (bounds.units(Decimal("99")), bounds.units(Decimal("-9")), bounds.units(Decimal("1.25"))) == (
        100,
        -25,
        13,
    )
    assert bounds.sensitivity == 300
    with pytest.raises(MethodError) as wrong:
        Bounds(0, Decimal(5), Decimal(1))
    assert len(wrong.value.problems) == 2


def test_counts_with_noise_add_up_and_stray_as_the_epsilon_says(place: Path) -> None:
    pytest.importorskip("opendp", reason="the extra `privacy` is not installed: pip install 'lvshu[privacy]'")
    public = place / "public.csv"
    assert ask(place, "--epsilon", "0.5", "--budget", "1", "-o", str(public)) == 0
    with public.open(encoding="utf-8-sig", newline="") as stream:
        found = {row["district"]: row for row in csv.DictReader(stream)}
    values = {code: int(row["value"]) for code, row in found.items()}
    assert values["total"] == values["a"] + values["b"] + values["c"]
    assert float(found["a"]["noise_deviation"]) == pytest.approx(np.sqrt(2) / 0.5, rel=1e-3)
    assert float(found["total"]["noise_deviation"]) == pytest.approx(np.sqrt(6) / 0.5, rel=1e-3)
    assert "records.csv" not in (place / "public.csv.origin.json").read_text(encoding="utf-8")
    assert ask(place, "--epsilon", "0.6") != 0  # 1.1 of 1
    assert ask(place, "--epsilon", "0.5") == 0


def test_the_noise_has_the_spread_that_is_told() -> None:
    pytest.importorskip("opendp", reason="the extra `privacy` is not installed: pip install 'lvshu[privacy]'")
    dimension = Dimension.flat("n", [str(n) for n in range(4000)])
    noisy = with_noise(
        [dimension], {"n": ["1"]}, [Decimal(7)], ["w"], Bounds(1, Decimal(0), Decimal(5)), 0.25
    )
    inner = noisy.values[noisy.deviation < noisy.deviation.max()]
    assert noisy.scale == pytest.approx(5 / 0.25)
    assert np.std(inner) == pytest.approx(np.sqrt(2) * 20, rel=0.15)
    assert noisy.cut == 1
