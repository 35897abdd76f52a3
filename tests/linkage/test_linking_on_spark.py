"""The same records link to the same pairs with the same weights, whether DuckDB or Spark compares them."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.core.enterprise_name import NameWords
from lvshu.core.errors import EngineError
from lvshu.linkage.enterprises import ENTERPRISE, enterprise_variants
from lvshu.linkage.link import Links, link
from lvshu.linkage.model import DATE, DICE, NAME, TYPO, BlockKey, Comparison, LinkModel
from lvshu.linkage.names.romanised import RomanWords
from lvshu.linkage.persons import PERSON, hashed, name_filters
from tests.linkage.latin_names import deliveries

pytestmark = [pytest.mark.spark, pytest.mark.slow]

SALT = "a salt of more than sixteen characters"
PLACES = 1e-4  # weights are rounded to four places of log2
FAMILY, GIVEN = "王李张刘陈杨赵黄", "伟芳娜敏静丽强磊军洋"
TRADES = ("科技", "餐饮", "商贸", "软件")


@pytest.fixture(scope="module")
def spark() -> Iterator[object]:
    from lvshu.engine.spark import SparkRunner

    try:
        runner = SparkRunner(master="local[1]", options={"spark.sql.shuffle.partitions": "2"})
    except EngineError as error:
        pytest.skip(f"Spark is not installed here: {error.problems[0].fix('en')}")
    yield runner
    runner.close()


def _persons() -> tuple[pa.Table, LinkModel]:
    draw = random.Random(5)
    rows = []
    for number in range(400):
        name = draw.choice(FAMILY) + "".join(draw.choices(GIVEN, k=2))
        told = (f"{number:06d}", name, f"19{draw.randint(60, 99)}-0{draw.randint(1, 9)}", draw.choice("12"),
                f"138{draw.randint(0, 10**8):08d}", f"41030{draw.randint(1, 6)}")  # fmt: skip
        rows.append(told)
        if number % 2:
            other = name[:2] + draw.choice(GIVEN) if number % 3 else name
            rows.append((None, other, told[2], told[3], told[4] if number % 5 else None, told[5]))
    code, name, birth, sex, phone, district = zip(*rows, strict=True)
    table = pa.table({
        "code": hashed(code, SALT), "name_hash": hashed(name, SALT), "name_filter": name_filters(name, SALT),
        "birth_month": birth, "sex": sex, "phone_hash": hashed(phone, SALT), "district_code": district,
    })  # fmt: skip
    return table, PERSON


def _enterprises() -> tuple[pa.Table, LinkModel]:
    draw = random.Random(6)
    marks = "安达宏远盛世金源恒泰绿枢云海"
    names: list[str | None] = []
    addresses: list[str | None] = []
    phones: list[str | None] = []
    for number in range(300):
        trade = "".join(draw.choices(marks, k=3))
        slip = trade if number % 3 else trade[:2] + draw.choice(marks)
        kind = draw.choice(TRADES)
        street = f"洛阳市涧西区南昌路{draw.randint(1, 200)}号{draw.randint(1, 9)}栋"
        for one, where in ((trade, street), (slip, street.replace("号", "號") + "东单元")):
            names.append(f"洛阳{one}{kind}有限公司")
            addresses.append(where)
            phones.append(f"0379{number:07d}" if draw.random() < 0.8 else None)
    empty: list[str | None] = [None] * len(names)
    given = {"name": names, "address": addresses, "phone_hash": phones}
    listed = ("uscc", "former_name", "english_name", "representative_hash", "industry_code", "registered_on",
              "district_code")  # fmt: skip
    packs = PackLibrary.load()
    words = NameWords.of(packs["name_parts"].rows, packs["traditional_characters"].rows)
    return enterprise_variants({**given, **dict.fromkeys(listed, empty)}, words).table, ENTERPRISE


def _two_scripts() -> tuple[pa.Table, LinkModel]:
    packs = PackLibrary.load()
    words = NameWords.of(packs["name_parts"].rows, packs["traditional_characters"].rows)
    roman = RomanWords.of(words, packs["name_parts"].rows, packs["areas"].rows)
    return enterprise_variants(deliveries(400, 8)[0], words, roman).table, ENTERPRISE


def _plain() -> tuple[pa.Table, LinkModel]:
    draw = random.Random(7)
    rows = []
    for number in range(300):
        name = "".join(draw.choices("abcdefghij", k=draw.randint(5, 14)))
        day = f"19{draw.randint(50, 99)}{draw.randint(1, 12):02d}{draw.randint(1, 28):02d}"
        rows.append((name, day, f"{number:08d}"))
        at = draw.randrange(len(name) - 1)
        swapped = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
        rows.append((swapped, day, f"{number:08d}" if number % 2 else f"{number + 10:08d}"))
    name, day, number_of = zip(*rows, strict=True)
    table = pa.table({"name": name, "day": day, "number": number_of, "marks": name_filters(name, SALT)})
    model = LinkModel(
        "plain",
        comparisons=(Comparison("name", NAME, rare=True), Comparison("day", DATE), Comparison("number", TYPO),
                     Comparison("marks", DICE)),
        keys=(BlockKey("day", "day", compared=("day",)), BlockKey("number", "number", compared=("number",))),
        training=("day", "number"),
    )  # fmt: skip
    return table, model


@pytest.mark.parametrize(
    ("records", "tried"),
    [
        (_persons, ("name_hash", "phone_hash")),
        (_enterprises, ("trade_name", "address", "industry_words")),
        (_two_scripts, ("trade_pinyin", "industry_english", "trade_name")),
        (_plain, ("name", "number", "marks")),
    ],
)
def test_spark_finds_the_pairs_and_weights_that_duckdb_finds(records, tried, spark) -> None:  # type: ignore[no-untyped-def]
    table, model = records()
    here = link(table, model)
    there = link(table, model, parameters=here.parameters, spark=spark)
    assert len(here.left) > 150
    assert set(_pairs(here)) == set(_pairs(there))
    assert np.abs(here.weight - there.weight).max() <= PLACES
    assert here.evidence.keys() == there.evidence.keys()
    for name, evidence in here.evidence.items():
        assert np.abs(evidence - there.evidence[name]).max() <= PLACES, name
    for name in tried:
        assert len(np.unique(here.evidence[name].round(2))) > 1, f"{name} is compared but never differs here"
    assert np.abs(here.probability - there.probability).max() <= PLACES


def _pairs(links: Links) -> list[tuple[int, int, int]]:
    return list(zip(links.left.tolist(), links.right.tolist(), links.key.tolist(), strict=True))


def test_the_step_of_a_run_links_on_spark(spark, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """With an engine whose queries run on Spark the register's step compares there, and makes the same units."""
    from lvshu.engine.duckdb import DuckDB
    from tests.statistics.book import rows_of
    from tests.statistics.test_register_names import linked, tables

    asked = []

    class Watched(type(spark)):  # type: ignore[misc]
        def __init__(self) -> None:
            self._session = spark.native

        def tables(self):  # type: ignore[no-untyped-def]
            asked.append("tables")
            return super().tables()

    register, extract = tables(coded=20)
    made = []
    for runner in (None, Watched()):
        with DuckDB(scratch=tmp_path / "scratch", runner=runner) as engine:
            units = {key: row["unit_id"] for key, row in linked(engine, register, extract).items()}
            pairs = {
                (row["left_key"], row["right_key"]): (row["decided_by"], float(row["weight"]), row["linked"])
                for row in rows_of(engine, "link_pair")
            }
        made.append((units, pairs))
    assert asked == ["tables"]
    (units, pairs), (units_there, pairs_there) = made
    assert units == units_there
    assert pairs.keys() == pairs_there.keys() and len(pairs) >= 64
    for key, (decided, weight, whether) in pairs.items():
        assert pairs_there[key][0] == decided and pairs_there[key][2] == whether
        assert abs(pairs_there[key][1] - weight) <= PLACES
