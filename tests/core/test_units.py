"""Units: closed, exact, dimension-safe; every factor agrees with pint."""

from __future__ import annotations

from decimal import Decimal

import pint
import pytest

from lvshu.core.errors import MethodError
from lvshu.core.units import convert, find_unit, meant, of_other_gases, parse_header_unit, registry

PINT = {
    "kg": ("kg", "tonne"), "t": ("tonne", "tonne"), "1e3 t": ("kilotonne", "tonne"), "1e4 t": ("1e4 tonne", "tonne"),
    "m3": ("m**3", "m**3"), "1e4 m3": ("1e4 m**3", "m**3"), "1e8 m3": ("1e8 m**3", "m**3"),
    "kWh": ("kWh", "kWh"), "1e4 kWh": ("1e4 kWh", "kWh"), "1e8 kWh": ("1e8 kWh", "kWh"),
    "MWh": ("MWh", "kWh"), "GWh": ("GWh", "kWh"),
    "MJ": ("MJ", "GJ"), "GJ": ("GJ", "GJ"), "TJ": ("TJ", "GJ"), "1e10 kJ": ("1e10 kJ", "GJ"),
    "GJ/t": ("GJ/tonne", "GJ/tonne"), "GJ/1e4 m3": ("GJ/(1e4 m**3)", "GJ/m**3"), "hour": ("hour", "hour"),
    "%": ("percent", "dimensionless"), "tC/TJ": ("tonne/TJ", "tonne/GJ"), "tC/GJ": ("tonne/GJ", "tonne/GJ"),
    "kgCO2/kWh": ("kg/kWh", "tonne/kWh"), "tCO2/1e4 kWh": ("tonne/(1e4 kWh)", "tonne/kWh"),
    "tCO2/MWh": ("tonne/MWh", "tonne/kWh"), "tCO2/1e4 m3": ("tonne/(1e4 m**3)", "tonne/m**3"),
    "kg/kWh": ("kg/kWh", "tonne/kWh"), "kgCO2/tonne-km": ("kg/(tonne*km)", "1/km"),
    "1e8 tonne-km": ("1e8 tonne*km", "tonne*km"),
    "mg/L": ("mg/L", "tonne/m**3"), "mg/m3": ("mg/m**3", "tonne/m**3"), "m3/t": ("m**3/tonne", "m**3/tonne"),
    "L": ("litre", "m**3"), "kg/m3": ("kg/m**3", "tonne/m**3"),
    "kg/TJ": ("kg/TJ", "tonne/GJ"), "kgCO2/GJ": ("kg/GJ", "tonne/GJ"),
}  # fmt: skip


@pytest.mark.parametrize("symbol", sorted(PINT))
def test_factors_agree_with_pint(symbol: str) -> None:
    one, base = PINT[symbol]
    quantity = pint.UnitRegistry()(one)
    assert quantity.to(base).magnitude == pytest.approx(float(registry()[symbol].factor), rel=1e-12)


def test_people_write_units_in_many_ways() -> None:
    assert parse_header_unit("余额（万元）") == ("余额", "1e4 CNY")
    assert parse_header_unit("能源消费量(单位：万吨标准煤)") == ("能源消费量", "1e4 tce")
    assert parse_header_unit("balance (CNY 10k)") == ("balance", "1e4 CNY")
    assert parse_header_unit("名称（全称）") == ("名称（全称）".replace("（", "(").replace("）", ")"), None)
    assert find_unit("亿千瓦小时").symbol == "1e8 kWh"  # type: ignore[union-attr]
    assert parse_header_unit("营业收入（千元）") == ("营业收入", "1e3 CNY")
    assert [find_unit(word).symbol for word in ("CNY thousand", "百万元", "十亿元", "万美元", "千吨")] == [  # type: ignore[union-attr]
        "1e3 CNY", "1e6 CNY", "1e9 CNY", "1e4 USD", "1e3 t",
    ]  # fmt: skip
    assert find_unit("斤") is None


def test_conversion_is_exact() -> None:
    assert convert(Decimal("0.1"), "1e4 CNY", "CNY") == Decimal("1000.0")
    assert convert(Decimal("1100000"), "kWh", "1e4 kWh") == 110


def test_a_slip_of_dimension_is_refused() -> None:
    with pytest.raises(MethodError, match="different dimensions"):
        convert(Decimal(1), "tCO2", "tCO2e")
    with pytest.raises(MethodError, match="Unknown unit"):
        convert(Decimal(1), "斤", "t")


def test_co2_stands_for_co2_equivalent_only_where_somebody_asks_and_tells() -> None:
    pairs = {("tCO2", "tCO2e"): "tCO2e", ("1e4 tCO2", "tCO2e"): "1e4 tCO2e", ("tCO2e", "1e4 tCO2"): "tCO2",
             ("kgCO2/t", "tCO2e/t"): "kgCO2e/t", ("tCO2e", "tCO2e"): None, ("t", "tCO2e"): None,
             ("tCO2/t", "tCO2e/CNY"): None, ("gCO2", "tCO2e"): None}  # fmt: skip
    assert {pair: of_other_gases(*pair) for pair in pairs} == pairs


def test_currencies_are_never_added() -> None:
    assert convert(Decimal("2.5"), "1e6 EUR", "1e3 EUR") == 2500
    assert convert(Decimal(3), "1e6 USD", "USD") == 3_000_000
    assert convert(Decimal(1), "1e6 CNY", "1e4 CNY") == 100
    for other in ("1e6 EUR", "1e4 CNY"):
        with pytest.raises(MethodError, match="different dimensions"):
            convert(Decimal(1), "1e6 USD", other)
    assert find_unit("M.EUR").symbol == find_unit("MIO_EUR").symbol == "1e6 EUR"  # type: ignore[union-attr]
    assert find_unit("millions of US$").symbol == "1e6 USD"  # type: ignore[union-attr]


def test_no_spelling_means_two_units() -> None:
    seen: dict[str, str] = {}
    for symbol, one in registry().items():
        for word in (symbol, one.zh, one.en, *one.aliases):
            assert seen.setdefault(word, symbol) == symbol, word


def test_tonnes_in_a_column_of_carbon_dioxide_are_its_tonnes_and_the_two_kinds_stay_apart() -> None:
    assert [meant(one, "tCO2e") for one in ("t", "1e4 t", "tCO2", "1e4 tCO2e", "GJ")] == [
        "tCO2e", "1e4 tCO2e", "tCO2", "1e4 tCO2e", "GJ",
    ]  # fmt: skip
    assert (meant("1e4 t", "tCO2"), meant("t", "1e4 tCO2"), meant("t", "t")) == ("1e4 tCO2", "tCO2", "t")
    assert [found and found.symbol for found in map(find_unit, ("万kWh", "万m3", "万tce", "万tCO2e"))] == [
        "1e4 kWh", "1e4 m3", "1e4 tce", "1e4 tCO2e",
    ]  # fmt: skip
