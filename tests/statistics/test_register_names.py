"""Deliveries that have hardly more than names: a full name that nobody else bears links, and nothing is called sure."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import load
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.settings import Settings
from lvshu.engine.step import StepContext
from lvshu.pipeline.packs import load_packs
from lvshu.sample.uscc import make_uscc
from lvshu.statistics.register.steps import INPUTS, NAMES, REGISTER_STEPS
from tests.statistics.book import fill, rows_of

FIRST, SECOND = "鼎瑞华嘉恒盛泰安", "丰禾源达信诚宇航"
TRADES = ("餐饮", "软件", "商贸", "建筑工程")
SETTINGS = Settings(area="410300", area_zh="洛阳市", area_en="Luoyang", year=2023)


def uscc(number: int) -> str:
    """Return a valid credit code of no real unit."""
    return bytes(make_uscc(np.array([number]), np.array([410300]), np.array([1]))[0]).decode()


def names(count: int = 64) -> list[str]:
    """Return full names, each borne once."""
    return [
        f"洛阳{FIRST[number % 8]}{SECOND[number // 8 % 8]}{TRADES[number % 4]}有限公司"
        for number in range(count)
    ]


def linked(
    engine: DuckDB, register: list[dict[str, Any]], extract: list[dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Run the first step of the register; return the members by their record."""
    library = PackLibrary.load(None)
    tables = {"enterprise": register, "enterprise_extract": extract}
    for table in (*INPUTS, "register_member_previous", "link_review", "finding", "uncertainty"):
        fill(engine, table, tables.get(table, []))
    load_packs(engine, library, set(NAMES))
    step = REGISTER_STEPS[0]
    for table in step.makes:
        engine.create(load(table), replace=True)
    step.action(StepContext(step=step, settings=SETTINGS, packs=library, engine=engine))  # type: ignore[operator]
    return {row["record_key"]: row for row in rows_of(engine, "register_member")}


def tables(
    change: dict[int, dict[str, Any]] | None = None, coded: int = 0
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a register and an extract with the same names and the district, nothing else; some with codes."""
    register = [
        {"uscc": uscc(number), "name": name, "district_code": "410302", "overseas": False}
        for number, name in enumerate(names())
    ]
    extract = [
        {"source": "tax", "record_id": str(number), "delivered_on": date(2023, 12, 31), "district_code": "410302",
         "name": name.replace("洛阳", "洛阳市") if number % 2 else name,
         "uscc": uscc(number) if number < coded else None, **(change or {}).get(number, {})}
        for number, name in enumerate(names())
    ]  # fmt: skip
    return register, extract


@pytest.mark.parametrize("coded", [0, 20])
def test_a_full_name_that_nobody_else_bears_links(engine: DuckDB, coded: int) -> None:
    register, extract = tables(coded=coded)
    unit = linked(engine, register, extract)
    for number in range(len(extract)):
        one, two = unit[f"tax|{number}"], unit[f"register|{uscc(number)}"]
        assert one["unit_id"] == two["unit_id"], extract[number]["name"]
        assert one["linked_by"] in (("code",) if number < coded else ("name", "probability"))
    assert len({row["unit_id"] for row in unit.values()}) == len(register)


def test_a_name_borne_twice_or_contradicted_does_not_link_by_itself(engine: DuckDB) -> None:
    twice = {"name": names()[5]}  # two records of one source bear it
    change = {
        6: twice,
        8: {"district_code": "410305"},
        10: {"uscc": uscc(900)},
        12: {"name": f"{names()[12]}西工分公司"},
    }
    register, extract = tables(change)
    unit = linked(engine, register, extract)
    for number in (10, 12):
        assert unit[f"tax|{number}"]["unit_id"] != unit[f"register|{uscc(number)}"]["unit_id"], number
    assert not {unit[f"tax|{number}"]["linked_by"] for number in (5, 6, 8, 10, 12)} & {"name"}
    assert unit["tax|14"]["linked_by"] in ("name", "probability")


def test_what_could_not_be_learned_is_told(engine: DuckDB) -> None:
    register, extract = tables({number: {"name": f"新乡{number}号样本商贸有限公司"} for number in range(60)})
    linked(engine, register, extract)
    told = {row["code"] for row in rows_of(engine, "finding")}
    assert told & {"statistics.register_prior_lost", "statistics.register_not_scored"}


def test_names_in_latin_letters_alone_are_told(engine: DuckDB) -> None:
    both = {"english_name": "Luoyang Sample Catering Co., Ltd."}
    register, extract = tables({3: {"name": "Luoyang Dingtai Trading Co., Ltd."}, 4: both})
    linked(engine, register, extract)
    [told] = rows_of(engine, "finding", "code = 'statistics.register_latin_only'")
    assert told["amount"] == 1 and "tax|3" in told["what_en"]


def test_a_group_and_the_company_without_the_word_are_two_units(engine: DuckDB) -> None:
    """集团 in brackets or not is one name; a name with it and one without are different enterprises."""
    register, extract = tables()
    for number in range(4):
        register[number]["name"] = f"洛阳{FIRST[number]}{SECOND[number]}商贸集团有限公司"
    extract[0]["name"] = f"洛阳{FIRST[0]}{SECOND[0]}商贸（集团）有限公司"
    extract[1]["name"] = f"洛阳市{FIRST[1]}{SECOND[1]}商贸集团有限公司"
    for number in (2, 3):
        extract[number]["name"] = f"洛阳{FIRST[number]}{SECOND[number]}商贸有限公司"
    for number in (1, 3):
        same = {"representative_hash": f"{number:064x}", "phone_hash": f"{number + 9:064x}"}
        register[number] |= same
        extract[number] |= same
    unit = linked(engine, register, extract)
    for number, one in ((0, True), (1, True), (2, False), (3, False)):
        pair = unit[f"tax|{number}"]["unit_id"], unit[f"register|{uscc(number)}"]["unit_id"]
        assert (pair[0] == pair[1]) == one, extract[number]["name"]
    pairs = [row for row in rows_of(engine, "link_pair") if row["left_key"] == f"register|{uscc(3)}"]
    assert [row["decided_by"] for row in pairs if row["right_key"] == "tax|3"] in (["group"], ["probability"])


def test_sister_firms_one_character_apart_are_two_units_and_a_slip_is_none(engine: DuckDB) -> None:
    """Owner, telephone and trade do not make one firm of two with codes and names of their own."""
    register, extract = tables(coded=30)
    for number in range(64):
        marks = {
            "name": f"洛阳{FIRST[number % 8]}{SECOND[number // 8 % 8]}{FIRST[number // 8]}{TRADES[number % 4]}有限公司",
            "registered_on": date(2010, 1 + number % 12, 1 + number // 4),
        }
        register[number] |= marks
        extract[number] |= marks | {
            "representative_hash": f"{number:064x}", "phone_hash": f"{number + 900:064x}",
        }  # fmt: skip
    known = dict(extract[3])
    sister = (
        known["name"].replace(FIRST[0] + "商贸", "山商贸").replace(FIRST[0] + TRADES[3], "山" + TRADES[3])
    )
    assert sister != known["name"]
    other = {**known, "name": sister, "uscc": uscc(700), "registered_on": date(2021, 5, 5)}
    extract.append({**other, "source": "social_insurance", "record_id": "sister"})
    slip = {**known, "name": known["name"].replace(FIRST[3], "山", 1), "uscc": None}
    extract.append({**slip, "source": "social_insurance", "record_id": "slip"})
    unit = linked(engine, register, extract)
    own = unit["tax|3"]["unit_id"]
    assert unit["social_insurance|sister"]["unit_id"] != own
    assert unit["social_insurance|slip"]["unit_id"] == own
    [why] = rows_of(
        engine, "link_pair", "left_key = 'social_insurance|sister' AND right_key = 'tax|3' AND NOT linked"
    )
    assert why["decided_by"] == "names" and why["probability"] > 0.9 and why["in_review"]


def test_a_former_name_links_though_the_new_one_may_not(engine: DuckDB) -> None:
    """A company that became a group is known by its former name elsewhere: the name that may link counts."""
    register, extract = tables(coded=30)
    name = names()[40]
    extract[40] |= {"name": name.replace("有限公司", "集团有限公司"), "former_name": name}
    for number in range(64):
        day = date(2010, 1 + number % 12, 1 + number // 4)
        register[number]["registered_on"] = extract[number]["registered_on"] = day
    extract[40]["district_code"] = "410305"  # so that the full name alone does not link
    unit = linked(engine, register, extract)
    assert unit["tax|40"]["unit_id"] == unit[f"register|{uscc(40)}"]["unit_id"]
    pairs = rows_of(engine, "link_pair", f"left_key = 'register|{uscc(40)}' AND right_key = 'tax|40'")
    assert [row["decided_by"] for row in pairs] == ["probability"]


def test_likenesses_within_one_owner_are_as_sure_as_those_with_codes_tell(engine: DuckDB) -> None:
    """Every third owner has a sister firm one character apart; records without a code must not be called slips."""
    random = np.random.default_rng(1)
    letters = list(FIRST + SECOND + "兴隆昌茂荣福康宁远博")
    register, extract, unit_of, used = [], [], {}, set()
    for owner in range(300):
        first = ""
        while not first or first in used:
            first = "".join(random.choice(letters, 3))
        other = (
            first[0]
            + next(one for one in letters if f"{first[0]}{one}{first[2]}" not in used | {first})
            + first[2]
        )
        marks = {"district_code": "410302", "representative_hash": f"{owner + 1:064x}",
                 "phone_hash": f"{owner + 5_000:064x}", "address": f"洛阳市西工区中州路{owner + 1}号"}  # fmt: skip
        firms = [(owner, first), *([(1_000 + owner, other)] if owner % 3 == 0 else [])]
        for number, name in firms:
            used.add(name)
            coded = random.random() < 0.7
            extract.append({"source": "tax", "record_id": str(number), "delivered_on": date(2023, 12, 31), **marks,
                            "name": f"洛阳{name}{TRADES[owner % 4]}有限公司",
                            "uscc": uscc(number) if coded else None})  # fmt: skip
            unit_of[f"tax|{number}"] = number
        register.append({"uscc": uscc(owner), "name": f"洛阳{first}{TRADES[owner % 4]}有限公司",
                         "district_code": "410302", "overseas": False})  # fmt: skip
        unit_of[f"register|{uscc(owner)}"] = owner
    linked(engine, register, extract)
    pairs = rows_of(engine, "link_pair")
    sure = [row for row in pairs if row["linked"] and row["decided_by"] == "probability"]
    right = sum(unit_of[row["left_key"]] == unit_of[row["right_key"]] for row in sure)
    assert abs(sum(row["probability"] for row in sure) - right) <= max(3.0, 0.05 * len(sure))
    open_ = [row for row in pairs if unit_of[row["left_key"]] % 1_000 == unit_of[row["right_key"]] % 1_000 and
             unit_of[row["left_key"]] != unit_of[row["right_key"]] and "representative" in row["grounds"]]  # fmt: skip
    assert len(open_) > 50
    assert sum(row["linked"] for row in open_) <= 2
