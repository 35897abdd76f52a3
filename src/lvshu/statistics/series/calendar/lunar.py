"""Spring Festival of any year, by the rules of the Chinese calendar and the positions of sun and moon.

The first day of the first month is the day of a new moon, in Beijing time. The month of the winter solstice is the
eleventh; a year with thirteen new moons from one eleventh month to the next has a leap month, the first month
without a principal term.
"""

from __future__ import annotations

import math
from datetime import date
from functools import cache

BEIJING = 8.0 / 24.0  # days
J2000 = 2451545.0
FIRST, LAST = 1949, 2100
"""Years for which days are computed; 1949 to 2099 were compared with the tables of the package lunardate."""

# Periodic terms of the new moon: coefficient in days, multiples of M, M', F, and the power of E (Meeus, table 49.A).
_NEW_MOON = (
    (-0.40720, 0, 1, 0, 0), (0.17241, 1, 0, 0, 1), (0.01608, 0, 2, 0, 0), (0.01039, 0, 0, 2, 0),
    (0.00739, -1, 1, 0, 1), (-0.00514, 1, 1, 0, 1), (0.00208, 2, 0, 0, 2), (-0.00111, 0, 1, -2, 0),
    (-0.00057, 0, 1, 2, 0), (0.00056, 1, 2, 0, 1), (-0.00042, 0, 3, 0, 0), (0.00042, 1, 0, 2, 1),
    (0.00038, 1, 0, -2, 1), (-0.00024, -1, 2, 0, 1), (-0.00007, 2, 1, 0, 0), (0.00004, 0, 2, -2, 0),
    (0.00004, 3, 0, 0, 0), (0.00003, 1, 1, -2, 0), (0.00003, 0, 2, 2, 0), (-0.00003, 1, 1, 2, 0),
    (0.00003, -1, 1, 2, 0), (-0.00002, -1, 1, -2, 0), (-0.00002, 1, 3, 0, 0), (0.00002, 0, 4, 0, 0),
)  # fmt: skip
# Planetary arguments: at k = 0, for each k, coefficient in days (Meeus, chapter 49).
_PLANETS = (
    (299.77, 0.107408, 0.000325), (251.88, 0.016321, 0.000165), (251.83, 26.651886, 0.000164),
    (349.42, 36.412478, 0.000126), (84.66, 18.206239, 0.000110), (141.74, 53.303771, 0.000062),
    (207.14, 2.453732, 0.000060), (154.84, 7.306860, 0.000056), (34.52, 27.261239, 0.000047),
    (207.19, 0.121824, 0.000042), (291.34, 1.844379, 0.000040), (161.72, 24.198154, 0.000037),
    (239.56, 25.513099, 0.000035), (331.55, 3.592518, 0.000023),
)  # fmt: skip


def delta_t(year: float) -> float:
    """Return terrestrial less universal time in seconds.

    Source: Espenak and Meeus (2006), Five Millennium Canon of Solar Eclipses (NASA/TP-2006-214141), polynomials.
    """
    if year < 1961:
        t = year - 1950
        return 29.07 + 0.407 * t - t**2 / 233 + t**3 / 2547
    if year < 1986:
        t = year - 1975
        return 45.45 + 1.067 * t - t**2 / 260 - t**3 / 718
    if year < 2005:
        t = year - 2000
        return (
            63.86
            + 0.3345 * t
            - 0.060374 * t**2
            + 0.0017275 * t**3
            + 0.000651814 * t**4
            + 0.00002373599 * t**5
        )
    if year < 2050:
        t = year - 2000
        return 62.92 + 0.32217 * t + 0.005589 * t**2
    return -20 + 32 * ((year - 1820) / 100) ** 2 - 0.5628 * (2150 - year)


def new_moon(k: int) -> float:
    """Return the moment of the k-th new moon since 6 January 2000, as a Julian day in dynamical time.

    Source: Meeus, Astronomical Algorithms (2nd edition, 1998), chapter 49.
    """
    t = k / 1236.85
    day = 2451550.09766 + 29.530588861 * k + t**2 * (0.00015437 + t * (-0.000000150 + 0.00000000073 * t))
    e = 1 - t * (0.002516 + 0.0000074 * t)
    sun = math.radians(2.5534 + 29.10535670 * k - t**2 * (0.0000014 + 0.00000011 * t))
    moon = math.radians(201.5643 + 385.81693528 * k + t**2 * (0.0107582 + t * (0.00001238 - 0.000000058 * t)))
    latitude = math.radians(
        160.7108 + 390.67050284 * k - t**2 * (0.0016118 + t * (0.00000227 - 0.000000011 * t))
    )
    node = math.radians(124.7746 - 1.56375588 * k + t**2 * (0.0020672 + 0.00000215 * t))
    day += sum(
        size * e**power * math.sin(a * sun + b * moon + c * latitude) for size, a, b, c, power in _NEW_MOON
    )
    day -= 0.00017 * math.sin(node)
    for place, (start, step, size) in enumerate(_PLANETS):
        angle = start + step * k - (0.009173 * t**2 if place == 0 else 0.0)
        day += size * math.sin(math.radians(angle))
    return day


def solar_longitude(day: float) -> float:
    """Return the apparent longitude of the sun in degrees, within 0.01, at a Julian day in dynamical time.

    Source: Meeus, Astronomical Algorithms (1998), chapter 25.
    """
    t = (day - J2000) / 36525
    mean = 280.46646 + t * (36000.76983 + 0.0003032 * t)
    anomaly = math.radians(357.52911 + t * (35999.05029 - 0.0001537 * t))
    centre = (
        (1.914602 - t * (0.004817 + 0.000014 * t)) * math.sin(anomaly)
        + (0.019993 - 0.000101 * t) * math.sin(2 * anomaly)
        + 0.000289 * math.sin(3 * anomaly)
    )
    node = math.radians(125.04 - 1934.136 * t)
    return (mean + centre - 0.00569 - 0.00478 * math.sin(node)) % 360


def _civil(day: float) -> int:
    """Return the ordinal of the day in Beijing on which a moment in dynamical time falls."""
    year = 2000 + (day - J2000) / 365.25
    return math.floor(day - delta_t(year) / 86400 + BEIJING + 0.5) - 1721425


def _term_day(longitude: float, near: float) -> int:
    """Return the day in Beijing on which the sun reaches a longitude, near a Julian day."""
    day = near
    for _ in range(12):
        gap = (longitude - solar_longitude(day) + 180) % 360 - 180
        day += gap * 365.2422 / 360
    return _civil(day)


def _julian(ordinal: int) -> float:
    return ordinal + 1721424.5


def _new_moon_upto(ordinal: int) -> int:
    """Return the number k of the last new moon on or before a day."""
    k = round((_julian(ordinal) - 2451550.1) / 29.530588861) + 1
    while _civil(new_moon(k)) > ordinal:
        k -= 1
    return k


def _eleventh(year: int) -> int:
    """Return the number of the new moon that begins the month of the winter solstice of a year."""
    return _new_moon_upto(_term_day(270.0, _julian(date(year, 12, 21).toordinal())))


def _has_term(k: int) -> bool:
    """Return whether the month that begins with a new moon holds a principal term (a multiple of 30 degrees)."""
    first, after = _civil(new_moon(k)), _civil(new_moon(k + 1))
    # The sun at the first moment of both days in Beijing: a term fell between if another multiple of 30 was passed.
    ends = []
    for ordinal in (first, after):
        near = _julian(ordinal) - BEIJING
        ends.append(solar_longitude(near + delta_t(2000 + (near - J2000) / 365.25) / 86400))
    return int(ends[0] // 30) != int(ends[1] // 30)


@cache
def spring_festival(year: int) -> date:
    """Return the first day of the first lunar month in a year of the common calendar.

    Args:
        year: 1949 to 2100 (before 1929 days were reckoned by another meridian).

    Raises:
        ValueError: another year.

    Source: GB/T 33661-2017, Calculation and promulgation of the Chinese calendar; Meeus (1998), chapters 25 and 49.
    """
    if not FIRST <= year <= LAST:
        raise ValueError(f"Spring Festival is computed for {FIRST} to {LAST}, not {year}")
    before, after = _eleventh(year - 1), _eleventh(year)
    first = before + 2
    if after - before == 13:
        leap = next(number for number in range(before + 1, after) if not _has_term(number))
        if leap <= before + 2:
            first += 1
    return date.fromordinal(_civil(new_moon(first)))
