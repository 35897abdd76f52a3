"""Extracts of other bureaus about the city's units and residents, with the truth of which record is whose."""

from __future__ import annotations

import hashlib

import numpy as np

from lvshu.linkage.persons import name_filters
from lvshu.sample.arrow import choice
from lvshu.sample.context import City
from lvshu.sample.extract_names import KINDS, SHARES, address_written, addresses, former_of, written
from lvshu.sample.files import write_rows
from lvshu.sample.names import SYLLABLES, unit_names
from lvshu.sample.people import (
    PLATFORM,
    SALT,
    Places,
    draw_people,
    draw_places,
    people_blocks,
    person_hashes,
)
from lvshu.sample.uscc import ALPHABET

MOST_UNITS, MOST_PERSONS = 30_000, 30_000
UNIT_SOURCES = {"market_registry": 1.0, "tax": 0.6, "social_insurance": 0.4, "platform": 0.15}
PERSON_SOURCES = {"social_insurance": 0.6, "tax": 0.5, "platform": 1.0}
UNIT_COLUMNS = (
    "source", "record_id", "delivered_on", "uscc", "name", "former_name", "english_name", "address", "district_code",
    "industry_code", "representative_hash", "phone_hash", "registered_on", "ceased_on",
)  # fmt: skip
PERSON_COLUMNS = (
    "source", "record_id", "delivered_on", "identifier_hash", "name_hash", "name_filter", "birth_month", "sex",
    "phone_hash", "district_code",
)  # fmt: skip
UNSTATED = 330
"""Units of a thousand whose industry no other bureau states, so that the machine's code is the only one there is: the
sample's design."""
NO_CODE, WRONG_CODE, NO_IDENTIFIER = 0.12, 0.05, 0.15
FAMILY = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)


def write_extracts(city: City) -> None:
    """Write enterprise_extract and person_extract, and truth/enterprise_extract.csv and truth/person_extract.csv."""
    _write_units(city)
    _write_persons(city)


def _hash(*parts: object) -> str:
    return hashlib.sha256("|".join(map(str, (SALT, *parts))).encode()).hexdigest()


def _write_units(city: City) -> None:
    register = city.register
    rows = np.flatnonzero(~register.overseas)
    rows = rows[:: -(-len(rows) // MOST_UNITS)] if len(rows) else rows
    random = city.streams.generator("extract.enterprise")
    names = unit_names(rows, register).to_pylist()
    codes = [bytes(code).decode() for code in register.uscc(rows)]
    areas = {str(row["area_code"]): str(row["name_zh"]) for row in city.packs["areas"].rows}
    places = addresses(
        random, register.district[rows], [areas.get(code, code) for code in register.districts]
    )
    days = (np.datetime64("1970-01-01") + register.registered_on[rows].astype(np.int64)).astype(str)
    industries = [
        code if states_industry(unit) else None
        for unit, code in zip(
            codes, choice(register.classes, register.industry[rows]).to_pylist(), strict=True
        )
    ]
    made: list[list[object]] = []
    truth: list[list[object]] = []
    for source, share in UNIT_SOURCES.items():
        chosen = np.flatnonzero(random.random(len(rows)) < share)
        kinds = random.choice(len(KINDS), len(chosen), p=SHARES)
        draws = random.random((len(chosen), 9))
        numbers = random.integers(0, 10_000, (len(chosen), 3))
        order = random.permutation(len(chosen))
        for serial, (at, kind, draw, number) in enumerate(zip(chosen, kinds, draws, numbers, strict=True)):
            exact = source == "market_registry"
            record = f"{source[:3].upper()}{int(order[serial]):07d}"
            name = names[at] if exact else written(names[at], KINDS[kind], int(number[0]))
            former = former_of(names[at], int(at)) if exact and at % 40 == 0 else None
            if not exact and at % 40 == 0 and draw[8] < 0.5:
                name = former_of(names[at], int(at))
            district = register.districts[int(register.district[rows[at]])]
            made.append([
                source, record, f"{city.year + 1}-01-15", _code(codes[at], exact, draw[0], int(number[1])), name,
                former, None, _address(places[at], exact, draw[1], int(number[2])), district, industries[at],
                None if draw[2] < 0.05 else _hash("representative", at, draw[3] < 0.04 and not exact),
                None if draw[4] < 0.08 else _hash("phone", at, source if draw[5] < 0.12 and not exact else ""),
                days[at] if exact or draw[6] > 0.1 else None, None,
            ])  # fmt: skip
            truth.append([source, record, codes[at]])
    made.sort(key=lambda row: (str(row[0]), str(row[1])))
    city.wrote("enterprise_extract", write_rows(city.inputs / "enterprise_extract.csv", UNIT_COLUMNS, made))
    (city.folder / "truth").mkdir(parents=True, exist_ok=True)
    write_rows(
        city.folder / "truth" / "enterprise_extract.csv", ("source", "record_id", "unit"), sorted(truth)
    )


def states_industry(uscc: str) -> bool:
    """Return whether other bureaus state the industry of a unit: by its code, not drawn, so that no stream moves."""
    return _number("industry", uscc) % 1000 >= UNSTATED


def _code(code: str, exact: bool, draw: float, number: int) -> str | None:
    if exact or draw >= NO_CODE + WRONG_CODE:
        return code
    if draw < NO_CODE:
        return None
    place = 8 + number % 9
    other = ALPHABET[(ALPHABET.index(code[place]) + 1 + number % 29) % 31]
    return code[:place] + other + code[place + 1 :]


def _address(text: str, exact: bool, draw: float, number: int) -> str | None:
    if exact or draw >= 0.3:
        return text
    return None if draw < 0.1 else address_written(text, number % 3)


def _write_persons(city: City) -> None:
    weights = np.array([city.anchors[f"residents_2020_{code}"] for code in city.register.districts])
    places = draw_places(city.plan, city.streams, weights)
    step = max(1, -(-city.plan.residents // MOST_PERSONS), 5)
    made: list[list[object]] = []
    truth: list[list[object]] = []
    for block, start, stop in people_blocks(places):
        people = draw_people(block, start, stop, places, city.streams)
        chosen = np.flatnonzero((people.number % step == 0) & people.employed)
        random = city.streams.generator("extract.person", block)
        for at in chosen.tolist():
            number = int(people.number[at])
            listed = [
                source for source, share in PERSON_SOURCES.items()
                if (people.active[at].any() if source == "platform" else people.form[at] != PLATFORM)
                and random.random() < share
            ]  # fmt: skip
            for source in listed:
                row = _person(
                    city,
                    people.age[at],
                    bool(people.male[at]),
                    number,
                    int(people.cluster[at]),
                    places,
                    random,
                )
                record = f"{source[:3].upper()}{_hash('record', source, number)[:10]}"
                made.append([source, record, f"{city.year + 1}-01-15", *row])
                truth.append([source, record, person_hashes(np.array([number]))[0]])
    made.sort(key=lambda row: (str(row[0]), str(row[1])))
    city.wrote("person_extract", write_rows(city.inputs / "person_extract.csv", PERSON_COLUMNS, made))
    write_rows(city.folder / "truth" / "person_extract.csv", ("source", "record_id", "person"), sorted(truth))


def _person(
    city: City, age: int, male: bool, number: int, cluster: int, places: Places, random: np.random.Generator
) -> list[object]:
    """Return the columns of one record of a person, from its identifier on."""
    draw = random.random(6)
    name = _name(number)
    if draw[0] < 0.05:
        name = name[:-1] + SYLLABLES[(number * 13 + int(draw[0] * 1000)) % 160]
    month = f"{city.year - int(age)}-{_number('month', number) % 12 + 1:02d}"
    district = city.register.districts[int(places.district[cluster])]
    if draw[3] < 0.06:
        district = city.register.districts[(int(places.district[cluster]) + 1) % len(city.register.districts)]
    return [
        None if draw[1] < NO_IDENTIFIER else person_hashes(np.array([number]))[0],
        _hash("name", name), name_filters([name], SALT)[0], None if draw[2] < 0.03 else month,
        "male" if male else "female",
        None if draw[4] < 0.15 else _hash("mobile", number, int(draw[5] < 0.15)), district,
    ]  # fmt: skip


def _name(number: int) -> str:
    drawn = _number("name", number)
    given = "".join(SYLLABLES[drawn // 7**step % 160] for step in range(1 + drawn % 3 % 2 + 1)[:2])
    return FAMILY[int((drawn % 10_007 / 10_007) ** 2 * len(FAMILY))] + given


def _number(*parts: object) -> int:
    return int(_hash(*parts)[:12], 16)
