"""Figures as people read them: Chinese and English units, intervals, periods, and the four kinds of nothing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import Enum
from functools import cache

from lvshu.core.money import half_away
from lvshu.core.period import Period
from lvshu.core.units import Unit, convert, registry, unit

_TWO_DIGITS_UP_TO = 355  # first three digits of an error that is written with two digits; above, with one
LEAST_SIGNIFICANT_DIGITS = 4  # of a figure without a stated error
PLACES_OF_AN_EXACT_FIGURE = 2  # of a figure without a stated error, as yearbooks print them
NO_ERROR = Decimal("1e-7")
"""An error so small against its figure is rounding of the computation, no interval to be read."""
_NORMAL_95 = Decimal("3.919927969080108")  # width of a 95 % normal interval in standard errors
_ENGLISH_SCALES = ((9, "billion"), (6, "million"), (3, "thousand"))
_CHINESE_SCALES = ("1e8 ", "1e4 ")


class Absence(Enum):
    """The ways in which a figure is not there; a zero is a figure."""

    MISSING = "…"
    SUPPRESSED = "***"
    NOT_APPLICABLE = "–"


Value = Decimal | int | float | None | Absence


@dataclass(frozen=True)
class Figure:
    """A figure written for people: number with its unit, and its interval, in one language."""

    value: str
    interval: str


def exact(value: Decimal | int | float) -> Decimal:
    """Return a number as a Decimal: of a float, its shortest text."""
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def rounded(value: Decimal, place: int) -> Decimal:
    """Return value rounded half away from zero at 10^place (place -2 keeps hundredths, 3 keeps thousands)."""
    if place <= 0:
        return half_away(value, -place)
    with localcontext() as context:
        context.prec = 60
        step = Decimal(1).scaleb(place)
        return (value / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step


def number_text(value: Decimal, place: int) -> str:
    """Return a number with thousands separators, written as far as 10^place; a zero is written 0.

    A figure that is not zero but rounds to zero keeps its decimals (0.00), or is written <1.
    """
    if value == 0:
        return "0"
    shown = rounded(value, place)
    if shown == 0 and place >= 0:
        sign = "-" if value < 0 else ""
        return f"{sign}<{number_text(Decimal(1).scaleb(place), place)}"
    text = f"{shown:,.{max(0, -place)}f}"
    return text.replace("-0", "0", 1) if shown == 0 else text


def cell_text(value: Value, decimals: int) -> str:
    """Return a cell of a table: a number, or the sign of its absence."""
    if value is None:
        return Absence.MISSING.value
    if isinstance(value, Absence):
        return value.value
    return number_text(exact(value), -decimals)


def decimals_of(values: list[Value]) -> int:
    """Return how many decimals a column of a table is written with, by its largest figure."""
    sizes = [abs(exact(value)) for value in values if value is not None and not isinstance(value, Absence)]
    largest = max(sizes, default=Decimal(0))
    if largest == 0 or all(size == size.to_integral_value() for size in sizes):
        return 0
    if largest >= 10_000:
        return 0
    if largest >= 100:
        return 1
    return 2 if largest >= 1 else min(8, 2 - largest.adjusted())


def error_place(standard_error: Decimal) -> int:
    """Return the place (power of ten) of the last digit that a standard error, in any unit, makes worth writing.

    Two digits of the error where its first three are 100 to 354, one where they are 355 to 999.

    Source: Particle Data Group, Review of Particle Physics, Introduction, section Rounding.
    """
    first_three = int(standard_error.scaleb(2 - standard_error.adjusted()))
    return standard_error.adjusted() - (1 if first_three < _TWO_DIGITS_UP_TO else 0)


def place_of(value: Decimal, standard_error: Decimal | None, display_unit: Unit) -> int:
    """Return the place (power of ten, in the display unit) down to which a figure is written."""
    if standard_error is not None and standard_error > 0:
        place = error_place(standard_error)
        return place if value == 0 else min(place, value.adjusted() - 1)
    if display_unit.symbol in _COUNTED and value == value.to_integral_value():
        return 0
    if value == 0:
        return 0
    least = value.adjusted() - (LEAST_SIGNIFICANT_DIGITS - 1)
    return max(min(-PLACES_OF_AN_EXACT_FIGURE, least), _last_place(value))


def _last_place(value: Decimal) -> int:
    """Return the place of the last digit that a number itself has: no zeros are added behind it."""
    exponent = value.normalize().as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


_COUNTED = frozenset({"1", "person", "order", "month", "year"})


def error_of(standard_error: float | None, low: float | None, high: float | None) -> Decimal | None:
    """Return the standard error of a figure: as stated, else a 95 % interval's width over 3.92; or None."""
    if standard_error is not None:
        return exact(standard_error)
    if low is None or high is None:
        return None
    return (exact(high) - exact(low)) / _NORMAL_95


def figure(
    value: Decimal | float,
    unit_symbol: str,
    language: str,
    *,
    display_unit: str | None = None,
    standard_error: float | None = None,
    low: float | None = None,
    high: float | None = None,
    coverage: float | None = 0.95,
) -> Figure:
    """Return a figure with its unit and interval, as precise as its error allows.

    Args:
        value: the figure, in `unit_symbol`.
        unit_symbol: a symbol of the unit registry.
        language: zh or en.
        display_unit: the unit a Chinese reader wants (万吨, 亿元); English takes thousand, million, billion.
        standard_error: in `unit_symbol`.
        low: lower end of the interval, in `unit_symbol`.
        high: upper end of the interval, in `unit_symbol`.
        coverage: nominal coverage of the interval.

    Raises:
        MethodError: an unknown unit, or one of another dimension.
    """
    shown = unit(display_unit or natural_unit(exact(value), unit_symbol))
    error = error_of(standard_error, low, high)
    if error is not None and abs(error) <= abs(exact(value)) * NO_ERROR:
        error = None
    in_shown = convert(exact(value), unit_symbol, shown.symbol)
    place = place_of(in_shown, convert(error, unit_symbol, shown.symbol) if error else None, shown)
    ends = [None if end is None else convert(exact(end), unit_symbol, shown.symbol) for end in (low, high)]
    low_end, high_end = ends
    between = ""
    if low_end is not None and high_end is not None and error:
        size = max(abs(low_end), abs(high_end), abs(in_shown))
        between = interval_text(low_end, high_end, shown, language, place=place, coverage=coverage, size=size)
        return Figure(_with_unit(in_shown, place, shown, language, size=size), between)
    return Figure(_with_unit(in_shown, place, shown, language), between)


def quantity_text(
    value: Decimal | float, unit_symbol: str, language: str, *, display_unit: str | None = None
) -> str:
    """Return a figure without a stated error, with its unit: 1.23亿元, CNY 123 million.

    Raises:
        MethodError: an unknown unit, or one of another dimension.
    """
    return figure(value, unit_symbol, language, display_unit=display_unit).value


def interval_text(
    low: Decimal,
    high: Decimal,
    shown: Unit,
    language: str,
    *,
    place: int,
    coverage: float | None = 0.95,
    size: Decimal | None = None,
) -> str:
    """Return an interval in brackets; both ends in the unit `shown`. size: decides million or billion."""
    percent = "95" if coverage is None else f"{half_away(exact(coverage) * 100, 1):f}".rstrip("0").rstrip(".")
    if language == "zh":
        dash = "—" if low >= 0 else "至"
        ends = f"{number_text(low, place)}{dash}{number_text(high, place)}{_chinese(shown)}"
        return f"（{percent}%区间 {ends}）"
    scale, before, after = _english_frame(max(abs(low), abs(high)) if size is None else size, shown)
    ends = ("–" if low >= 0 else " to ").join(_scaled(end, place, shown, scale) for end in (low, high))
    return f"({percent}% interval {before}{ends}{after})"


def percent_text(share: Decimal | float, *, decimals: int = 1) -> str:
    """Return a share given in percent, such as 12.3%."""
    return f"{number_text(exact(share), -decimals)}%"


def period_label(text: str, language: str) -> str:
    """Return a period (2025, 2025Q3, 2025-07) as people write it; any other text unchanged."""
    try:
        return Period.parse(text).label(language)
    except ValueError:
        return text


def natural_unit(value: Decimal, symbol: str) -> str:
    """Return the unit of 亿 or 万 in which a Chinese reader would state the value, else the unit itself."""
    for scale in _CHINESE_SCALES:
        larger = registry().get(scale + symbol)
        if larger is not None and abs(convert(value, symbol, larger.symbol)) >= 1:
            return larger.symbol
    return symbol


def _with_unit(value: Decimal, place: int, shown: Unit, language: str, *, size: Decimal | None = None) -> str:
    if language == "zh":
        return f"{number_text(value, place)}{_chinese(shown)}"
    scale, before, after = _english_frame(value if size is None else size, shown)
    return f"{before}{_scaled(value, place, shown, scale)}{after}"


def _chinese(shown: Unit) -> str:
    return "" if shown.symbol == "1" else "%" if shown.symbol == "%" else shown.zh


def _scaled(value: Decimal, place: int, shown: Unit, scale: int) -> str:
    """Return the number in 10^scale of the unit without its 1e4 or 1e8, written to the same digit."""
    power = _power(shown)
    return number_text(value.scaleb(power - scale), place + power - scale)


def _english_frame(value: Decimal, shown: Unit) -> tuple[int, str, str]:
    """Return (scale, text before, text after) of a figure in English."""
    if shown.symbol in ("%", "1"):
        return 0, "", "%" if shown.symbol == "%" else ""
    size = abs(value.scaleb(_power(shown)))
    largest = 9 if shown.dimension == "money" else 6
    scale, word = 0, ""
    for power, name in _ENGLISH_SCALES:
        if power <= largest and size >= Decimal(1).scaleb(power) and _may_scale(shown):
            scale, word = power, f" {name}"
            break
    bare = _bare(shown)
    if bare.symbol == "CNY":
        return scale, "CNY ", word
    return scale, "", f"{word} {bare.en}"


def _may_scale(shown: Unit) -> bool:
    return "/" not in shown.symbol and shown.dimension != "one"


@cache
def _bare(shown: Unit) -> Unit:
    head, _, tail = shown.symbol.partition(" ")
    return registry().get(tail, shown) if head.startswith("1e") and tail else shown


def _power(shown: Unit) -> int:
    bare = _bare(shown)
    return (shown.factor / bare.factor).adjusted()


LEGEND: tuple[tuple[str, str, str], ...] = (
    (Absence.MISSING.value, "缺失：应有而没有", "missing: there should be a figure, there is none"),
    ("0", "零：有数，数为零", "zero: the figure is nought"),
    (Absence.SUPPRESSED.value, "不予公布：为保密而隐去", "suppressed: withheld for confidentiality"),
    (Absence.NOT_APPLICABLE.value, "不适用：这里不会有数", "not applicable: there can be no figure here"),
)
