"""Persons: one identifier has one hash, clear identifiers are refused, filters compare misspelt names."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvshu.cli.main import main
from lvshu.core.errors import InputError
from lvshu.linkage.link import link
from lvshu.linkage.persons import (
    PERSON,
    clear_kind,
    dice,
    has_right_check,
    hashed,
    is_wrong_identity,
    name_filters,
    person_records,
    refuse_clear,
)

SALT = "a salt of the tests, long enough"
RESIDENT = "11010519491231002X"  # the worked example of GB 11643-1999


def test_one_identifier_has_one_hash_however_it_is_written() -> None:
    one, two, three = hashed([RESIDENT, "11010519491231002x", " １１０１０５19491231002X "], SALT)
    assert one == two == three
    assert one is not None and len(one) == 64
    assert hashed([None, ""], SALT) == [None, None]
    assert hashed([RESIDENT], SALT + "!") != [one]


def test_one_number_has_one_hash_however_it_is_separated() -> None:
    phones = hashed(["138-0000-0002", "+86 138 0000 0002", "0086-13800000002", "13800000002"], SALT)
    assert len(set(phones)) == 1
    assert hashed(["110105491231002"], SALT) == hashed([RESIDENT], SALT)  # 15 digits of GB 11643-89


def test_words_for_nobody_have_no_hash_and_no_filter() -> None:
    nobody = ["无", " 不详 ", "-", "—", "/", "N/A", "000000", "null", "＊＊＊"]
    assert hashed(nobody, SALT) == [None] * len(nobody)
    assert name_filters(nobody, SALT) == [None] * len(nobody)
    assert None not in hashed(["吴无", "丽丽", "A1"], SALT)


def test_numbers_that_lost_digits_in_a_spreadsheet_have_no_hash() -> None:
    lost = ["4.20503E+17", "4.20503e+17", "4E+17", "４．２E+17", "420503199001012000", " 1.10105E+17 "]
    assert hashed(lost, SALT) == [None] * len(lost)
    kept = [RESIDENT, "110105194912310021", "1E5", "E+17", "420503199001010", "13700138001", "A4.2E+17"]
    assert None not in hashed(kept, SALT)
    assert [one for one in kept if is_wrong_identity(one)] == ["110105194912310021"]


FILLERS = ["13800000000", "138 0000 0000", "00000000", "12345678", "87654321", "１２３４５６７８９", "+86 13800138000",
           "0379-12345678", "0379 0000000", "13912345678", "0123456789"]  # fmt: skip


def test_numbers_that_fill_a_field_are_no_telephone() -> None:
    assert hashed(FILLERS, SALT) == [None] * len(FILLERS)
    kept = ["13888888888", "13800000001", "0379-63001234", "1234567", "4000379379", "12345670", RESIDENT]
    assert None not in hashed(kept, SALT)


def test_a_telephone_of_many_weighs_less_than_one_of_its_own() -> None:
    random = np.random.default_rng(1)
    rows = []
    for person in range(600):
        own = f"shared {person % 2}" if person < 90 else f"phone {person}"
        who = (f"name {random.integers(0, 300)}", f"19{random.integers(60, 99)}-{random.integers(1, 13):02d}",
               str(random.integers(1, 3)), own, f"4103{random.integers(1, 9):02d}")  # fmt: skip
        rows += [(*who, f"number {person}" if random.random() < 0.5 else None)] * 2
    columns = list(zip(*rows, strict=True))
    names = ("name_hash", "birth_month", "sex", "phone_hash", "district_code", "identifier_hash")
    given = dict(zip(names, columns, strict=True))
    table = pa.table({
        name: hashed(list(cells), SALT) if name.endswith("hash") else list(cells) for name, cells in given.items()
    }).append_column("name_filter", pa.nulls(len(rows), pa.string()))  # fmt: skip
    found = link(person_records(table), PERSON, side=np.zeros(len(rows), dtype=np.int32), scope="within")
    one, two = (np.array(columns[3])[side] for side in (found.left, found.right))
    shared = np.char.startswith(one, "shared")
    weight = found.evidence["phone_hash"]
    alike = one == two
    assert weight[alike & shared].max() < weight[alike & ~shared].min() - 3


def test_an_identity_number_that_rightly_ends_in_zeros_keeps_its_hash() -> None:
    numbers = [f"420503199001{day:02d}{digit}000" for day in range(1, 29) for digit in range(10)]
    right = [text for text in numbers if has_right_check(text)]
    assert right and None not in hashed(right, SALT)


def test_a_name_is_compared_once() -> None:
    """Hash and filter of a name are one evidence: weights add up to what the name tells, not to twice that."""
    names = [one.column for one in PERSON.comparisons]
    assert "name_filter" not in names
    assert [one.filter for one in PERSON.comparisons if one.column == "name_hash"] == ["name_filter"]


def test_a_short_salt_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        hashed(["x"], "short")
    assert caught.value.code == "linkage.short_salt"


@pytest.mark.parametrize(
    ("value", "hashed_only", "kind"),
    [
        (RESIDENT, False, "resident_id"), (f"号码{RESIDENT}", False, "resident_id"), ("110105194912310021", False, ""),
        ("13800138000", False, "mobile"), ("+86 13800138000", False, "mobile"), ("0" * 64, True, ""),
        ("王小明", True, "name"), ("王小明", False, ""), ("A12", True, "no_hash"), ("310115", False, ""),
    ],
)  # fmt: skip
def test_what_is_clear_is_seen(value: str, hashed_only: bool, kind: str) -> None:
    assert clear_kind(value, hashed_only=hashed_only) == kind


def test_all_columns_with_clear_identifiers_are_told_at_once() -> None:
    records = pa.table(
        {"name_hash": ["王小明", "0" * 64], "note": ["x", RESIDENT], "district": ["310115", "310101"]}
    )
    with pytest.raises(InputError) as caught:
        refuse_clear(records, hashes=("name_hash",))
    told = {(one.values["column"], one.values["row"]) for one in caught.value.problems}
    assert told == {("name_hash", 1), ("note", 2)}
    assert all(RESIDENT not in str(one.what("en")) for one in caught.value.problems), (
        "the number itself is not shown"
    )


@given(st.text(min_size=1, max_size=8), st.text(min_size=1, max_size=8))
def test_dice_is_one_for_equal_names_and_symmetric(left: str, right: str) -> None:
    one, two = name_filters([left, right], SALT)
    if one and two:
        assert dice(one, one) == 1
        assert dice(one, two) == dice(two, one) <= 1


def test_a_slip_leaves_the_filters_alike() -> None:
    right, slip, other = (one or "" for one in name_filters(["欧阳建国", "欧阳建园", "赵晓东"], SALT))
    assert dice(right, slip) > 0.55 > 0.3 > dice(right, other)


def test_persons_are_linked_without_their_identifiers() -> None:
    """Names misspelt in one record of ten: filters, birth month, sex, phone and district find them again."""
    random = np.random.default_rng(5)
    count = 900
    letters = list(
        "安邦宝昌成辰城创达德登鼎东恩帆方丰峰福富冈高歌格冠光广桂国海涵航昊浩和恒弘宏鸿厚华环辉惠吉嘉佳建健江"
    )
    names = ["".join(random.choice(letters, 3)) for _ in range(count)]
    again = [one if random.random() > 0.1 else one[:2] + str(random.choice(letters)) for one in names]
    months = [f"{1950 + int(random.integers(0, 50))}-{int(random.integers(1, 13)):02d}" for _ in range(count)]
    sexes = [str(random.choice(["male", "female"])) for _ in range(count)]
    places = [f"3101{int(random.integers(1, 17)):02d}" for _ in range(count)]
    phones = [f"phone {row}" for row in range(count)]
    other = [one if random.random() > 0.2 else f"new {one}" for one in phones]
    numbers = [f"number {row}" for row in range(count)]
    both = names + again
    records = person_records(pa.table({
        "identifier_hash": hashed([one if random.random() > 0.3 else None for one in numbers * 2], SALT),
        "name_hash": hashed(both, SALT), "name_filter": name_filters(both, SALT), "birth_month": months * 2,
        "sex": sexes * 2, "phone_hash": hashed(phones + other, SALT), "district_code": places * 2,
    }))  # fmt: skip
    links = link(records, PERSON, side=np.repeat([0, 1], count), scope="between").accepted(0.5, single=True)
    true = int((links.left == links.right - count).sum())
    assert true / len(links.left) >= 0.995
    assert true / count >= 0.97


def test_probabilities_of_persons_are_what_they_say() -> None:
    """Common Chinese names, slips in one name of sixteen, half without a phone: stated and true precision agree."""
    random = np.random.default_rng(0)
    surnames, given_names = (
        "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗",
        "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英",
    )
    common = [1 / np.arange(1, len(letters) + 1) for letters in (surnames, given_names)]
    people = []
    for number in range(3_000):
        surname, first, second = (
            str(random.choice(list(letters), p=share / share.sum()))
            for letters, share in ((surnames, common[0]), (given_names, common[1]), (given_names, common[1]))
        )
        name = surname + first + (second if random.random() < 0.6 else "")
        month = f"{random.integers(1960, 2003)}-{random.integers(1, 13):02d}"
        sex, district = str(random.integers(1, 3)), f"3101{random.integers(1, 17):02d}"
        people.append((name, month, sex, f"138{number:08d}", district))
    chosen = [random.choice(len(people), 1_800, replace=False) for _ in range(2)]
    entity = np.concatenate(chosen)
    rows = []
    for place in entity.tolist():
        name, month, sex, phone, district = people[place]
        if random.random() < 0.06:
            name = name[:-1] + str(random.choice(list(given_names)))
        rows.append((
            name, None if random.random() < 0.02 else month, sex, phone if random.random() < 0.5 else None,
            district if random.random() < 0.9 else "310199", f"{place:064x}" if random.random() < 0.3 else None,
        ))  # fmt: skip
    columns = list(zip(*rows, strict=True))
    records = pa.table({
        "name_hash": hashed(columns[0], SALT), "name_filter": name_filters(columns[0], SALT),
        "birth_month": columns[1], "sex": columns[2], "phone_hash": hashed(columns[3], SALT),
        "district_code": columns[4], "code": columns[5],
    })  # fmt: skip
    links = link(records, PERSON, side=np.repeat([0, 1], 1_800), scope="between", seed=1)
    true = entity[links.left] == entity[links.right]
    taken = links.probability >= 0.5
    assert taken.sum() > 700
    assert float(links.probability[taken].mean()) == pytest.approx(float(true[taken].mean()), abs=0.012)
    doubtful = (links.probability > 0.02) & (links.probability < 0.98)
    assert doubtful.sum() > 50, "the doubtful ones reach the reviewers"
    assert float(links.probability[doubtful].mean()) == pytest.approx(float(true[doubtful].mean()), abs=0.12)


def test_what_is_nobodys_identifier_has_no_hash_and_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    salt, data, to = (tmp_path / name for name in ("salt.txt", "persons.csv", "hashed.csv"))
    salt.write_text(SALT, encoding="utf-8")
    rows = [
        ["市参保人员"], ["编号", "身份证号", "姓名", "手机号"],
        ["1", RESIDENT, "王伟", "13912345670"], ["2", "420503********1234", "李娜", "139****5678"],
        ["3", "#N/A", "李某某", "#REF!"], ["4", "=B1", "张三", "1.39E+10"],
        ["5", "身份证遗失", "李四", "待补"], ["6", "同上", "同上", ""],
        ["7", "420503XXXXXXXX1234", "刘一", "13800000000"],
        ["合计", "6", "", ""], ["填表人：张三"],
    ]  # fmt: skip
    with data.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(rows)
    command = ["register", "hash", data, "--to", to, "--columns", "身份证号,手机号", "--names", "姓名",
               "--salt-file", salt, "--json"]  # fmt: skip
    assert main([str(part) for part in command]) == 0
    told = json.loads(capsys.readouterr().out)
    faults = {(one["code"].removeprefix("statistics.register_"), one["values"].get("column")): one["values"]["rows"]
              for one in told["faults"]}  # fmt: skip
    assert faults == {
        ("rows_aside", None): "10, 11", ("masked", "身份证号"): "4, 9", ("error_value", "身份证号"): "5, 6",
        ("words", "身份证号"): "7, 8", ("masked", "手机号"): "4", ("error_value", "手机号"): "5",
        ("lost_digits", "手机号"): "6", ("words", "手机号"): "7", ("masked", "姓名"): "5", ("filler", "手机号"): "9",
    }  # fmt: skip
    with to.open(encoding="utf-8", newline="") as handle:
        made = list(csv.DictReader(handle))
    assert [row["编号"] for row in made if row["身份证号"]] == ["1"]
    assert [row["编号"] for row in made if row["手机号"]] == ["1"]
    assert [row["编号"] for row in made if row["姓名"]] == ["1", "2", "4", "5", "7"]
    assert told["without_identifier"] == 1 and len(made) == 7
