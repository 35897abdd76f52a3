"""A run or a check that has something to tell ends with 1, unless the user accepts it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lvshu.cli.main import main


@pytest.fixture(scope="module")
def real_city(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of Shanghai 2007, whose table has sectors without output and products that pass through."""
    folder = tmp_path_factory.mktemp("real") / "city"
    (folder / "inputs").mkdir(parents=True)
    shutil.copy(shared_data / "china_io" / "io2007_Shanghai.csv", folder / "inputs" / "io.csv")
    (folder / "inputs" / "io.mapping.toml").write_text('unit = "1e4 CNY"\n', encoding="utf-8")
    (folder / "lvshu.toml").write_text('format = 1\n[city]\narea = "310000"\nyear = 2007\n', encoding="utf-8")
    return folder


def test_warnings_end_a_run_with_1(real_city: Path) -> None:
    assert main(["run", str(real_city), "--no-open"]) == 1
    assert main(["run", str(real_city), "--no-open", "--accept-problems"]) == 0


def test_a_zero_output_sector_is_told_as_a_warning(
    real_city: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["run", str(real_city), "--no-open", "--lang", "en"])
    assert "has no output" in " ".join(capsys.readouterr().out.split())
