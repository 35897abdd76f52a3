"""lvshu.toml: every fault at once, with path and remedy, in both languages."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from lvshu.core.errors import ConfigError
from lvshu.engine.settings import Settings
from lvshu.store.config import config_text, read_config

GOOD = """
format = 1
name = "试"
[city]
area = "310000"
year = 2007
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "lvshu.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems_of(folder: Path, text: str) -> list[tuple[str, object]]:
    with pytest.raises(ConfigError) as caught:
        read_config(written(folder, text))
    for problem in caught.value.problems:
        for language in ("zh", "en"):
            assert problem.what(language) and problem.why(language) and problem.fix(language)
            assert "{" not in problem.text(language), problem.text(language)
    return [(problem.code, problem.values.get("key")) for problem in caught.value.problems]


def test_defaults(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, GOOD))
    settings = config.settings(area_zh="上海市", area_en="Shanghai")
    assert settings == Settings(area="310000", area_zh="上海市", area_en="Shanghai", year=2007)


def test_every_setting_can_be_configured(tmp_path: Path) -> None:
    text = GOOD + (
        'area_zh = "甲"\narea_en = "A"\nsynthetic = true\n[methods]\nfinance_methods = ["bank_2026"]\n'
        'balance_average = "over_tenure"\nfuel_factors = "fuel_factors_g"\ngwp = "AR6"\n'
        "machine_industry = false\nimports_in_exports = true\n"
        "avoided_power = 'average'\nmain_activity = 'isic_top_down'\n"
        "[matching]\naccept = 0.8\nmargin = 0.2\nseen = 0.05\n"
        "[linkage]\naccept = 0.6\naccept_codes = 1\nreview_low = 0.1\nreview_high = 0.9\n"
        "sample_pairs = 400\nsample_records = 80\n"
        "[estimation]\nseed = 7\nreplicates = 50\n[ledger]\nloan_keys = 'institution'\n"
    )
    settings = read_config(written(tmp_path, text)).settings(area_zh="-", area_en="-")
    default = Settings(area="-", area_zh="-", area_en="-", year=0)
    same = [one.name for one in fields(Settings) if getattr(settings, one.name) == getattr(default, one.name)]
    assert same == []


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    found = problems_of(
        tmp_path,
        'format = 1\nnmae = "x"\n[city]\narea = "31"\nyear = "next"\n[methods]\nbalance_average = "monthly"\n'
        '[estimation]\nsed = 1\nreplicates = 0\n[engine]\nname = "pandas"\n',
    )
    assert set(found) == {
        ("store.config_unknown_near", "nmae"),
        ("store.config_value", "city.area"),
        ("store.config_value", "city.year"),
        ("store.config_value", "methods.balance_average"),
        ("store.config_unknown_near", "estimation.sed"),
        ("store.config_value", "estimation.replicates"),
        ("store.config_value", "engine.name"),
    }


def test_did_you_mean(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(written(tmp_path, GOOD + "[engine]\nthread = 2\n"))
    assert "“threads”" in caught.value.problems[0].fix("en")


def test_missing(tmp_path: Path) -> None:
    assert problems_of(tmp_path, "format = 1\n[city]\nyear = 2007\n") == [
        ("store.config_missing", "city.area")
    ]
    assert problems_of(tmp_path, "") == [("store.config_missing", "format"), ("store.config_missing", "city")]


def test_newer_format(tmp_path: Path) -> None:
    assert problems_of(tmp_path, "format = 2\nbrand_new = true\n") == [("store.newer_format", None)]


def test_not_toml_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(written(tmp_path, "format = 1\nname = 上海\n"))
    assert caught.value.code == "store.config_syntax"
    assert caught.value.problems[0].where.row == 2


def test_wrong_encoding(tmp_path: Path) -> None:
    path = tmp_path / "lvshu.toml"
    path.write_bytes('format = 1\nname = "上海"\n'.encode("gb18030"))
    with pytest.raises(ConfigError) as caught:
        read_config(path)
    assert caught.value.code == "store.config_encoding"


def test_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(tmp_path / "lvshu.toml")
    assert caught.value.code == "store.no_workspace"


def test_environment_overrides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LVSHU_ENGINE__THREADS", "3")
    assert read_config(written(tmp_path, GOOD)).engine.threads == 3


def test_trusted_proxies_are_addresses_or_networks(tmp_path: Path) -> None:
    good = GOOD + '[serve]\ntrusted_proxies = ["10.0.0.5", "fd00::/8"]\n'
    assert read_config(written(tmp_path, good)).serve.trusted_proxies == ["10.0.0.5", "fd00::/8"]
    for wrong in ('["proxy.example"]', '"10.0.0.5"', '["10.0.0.0/99"]'):
        with pytest.raises(ConfigError) as told:
            read_config(written(tmp_path, GOOD + f"[serve]\ntrusted_proxies = {wrong}\n"))
        assert [one.code for one in told.value.problems] == ["store.config_value"]
        assert "list" in told.value.problems[0].text("en")


def test_a_written_file_is_read_back(tmp_path: Path) -> None:
    text = config_text(
        name='“甲” "b" \\',
        area="310000",
        area_zh="上海市",
        area_en="Shanghai",
        year=2025,
        synthetic=True,
        seed=5,
    )
    config = read_config(written(tmp_path, text))
    assert config.name == '“甲” "b" \\'
    assert (config.city.year, config.city.synthetic, config.estimation.seed) == (2025, True, 5)
