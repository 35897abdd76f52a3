"""Identity and mobile numbers in columns for enterprises: out of codes as a whole, out of texts alone."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import duckdb
import pytest

from lvshu.intake.cells import uscc_sql
from lvshu.intake.personal import HIDDEN, impersonal, impersonal_sql, personal_code_sql
from lvshu.pipeline.request import RunRequest
from lvshu.pipeline.run import run
from lvshu.statistics.register.steps import REGISTER_STEPS
from lvshu.store.workspace import Workspace

NUMBER, PHONE = "11010519491231002X", "13800138000"
DIGITS = "510104198001011236"
BOTH = "510124198909080675"
"""Its last character is right as an identity number and as a credit code."""


def _is_personal(code: str) -> bool:
    code_sql = f"'{code}'"
    sql = f"SELECT {personal_code_sql(code_sql, uscc_sql(code_sql))}"
    return bool(duckdb.sql(sql).fetchall()[0][0])


@pytest.mark.parametrize(
    ("code", "personal"),
    [
        (NUMBER, True), (DIGITS, True), (DIGITS + "00", True), ("92" + DIGITS, True), ("510104800101123", True),
        ("510124198909080675", True), ("91310000MA1FL00030", False), ("913101181234567890", False),
        ("TAX0000001", False), ("12345", False),
    ],
)  # fmt: skip
def test_codes_made_of_an_identity_number_are_known(code: str, personal: bool) -> None:
    assert _is_personal(code) is personal
    assert (impersonal(code) == HIDDEN) is personal


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("老王店 510104 19800101 1236", f"老王店 {HIDDEN}"),
        ("成都 138-0013-8000", f"成都 {HIDDEN}"),
        ("成都+86 138 0013 8000", f"成都{HIDDEN}"),
        ("大街138号2024年10月1日 028-85551234", "大街138号2024年10月1日 028-85551234"),
    ],
)  # fmt: skip
def test_numbers_written_apart_go_too(text: str, kept: str) -> None:
    text_sql = f"'{text}'"
    found = duckdb.sql(f"SELECT {impersonal_sql(text_sql)}").fetchall()[0][0]
    assert found.replace("+", "") == kept
    assert (impersonal(text) == HIDDEN) is (text != kept)


def test_of_a_text_the_numbers_alone_go() -> None:
    text = f"张三 {NUMBER} 联系人李四 {PHONE} {PHONE}，大街138号"
    text_sql = f"'{text}'"
    found = duckdb.sql(f"SELECT {impersonal_sql(text_sql)}").fetchall()[0][0]
    assert found == f"张三 {HIDDEN} 联系人李四 {HIDDEN} {HIDDEN}，大街138号"


def test_no_identity_number_reaches_book_findings_or_rejects(sample_workspace: Path, tmp_path: Path) -> None:
    folder = tmp_path / "city"
    shutil.copytree(sample_workspace, folder, ignore=shutil.ignore_patterns("*.csv", "*.xlsx", "*.parquet"))
    (folder / "inputs").mkdir(exist_ok=True)
    rows = [
        ["来源", "记录号", "交付日期", "纳税人识别号", "企业名称", "地址", "所在区"],
        ["tax", "1", "2023-03-31", DIGITS + "00", "浦东新区张三小吃店", f"联系人李四 {PHONE}", "310115"],
        ["tax", "2", "2023-03-31", NUMBER, f"张三 {NUMBER}", "示例路1号", "310115"],
        ["register", "3", "2023-03-31", DIGITS, f"李四 {NUMBER}", PHONE, "310115"],
    ]
    with (folder / "inputs" / "enterprise_extract.csv").open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(rows)
    own = [["uscc", "name", "business_scope"], [DIGITS, "王五小店", "零售"], [BOTH, "赵六小店", "零售"],
           ["91310000MA1FL00030", f"样品店 {NUMBER}", f"零售，电话{PHONE}"],
           ["91310000MA1FL00031", "孙七小店", "零售", "多出的一格", f"身份证 {DIGITS}"]]  # fmt: skip
    with (folder / "inputs" / "enterprise.csv").open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(own)
    run(Workspace.open(folder), RunRequest(steps=REGISTER_STEPS))
    with Workspace.open(folder).book() as book:
        kept = book.rows("enterprise_extract")
        assert [row["name"] for row in book.rows("enterprise")] == [f"样品店 {HIDDEN}"]
        everything = [
            kept,
            *(
                book.rows(name)
                for name in ("quarantine", "input_extra", "finding", "register_unit", "enterprise")
            ),
        ]
    assert [(row["uscc"], row["address"]) for row in kept] == [
        (None, f"联系人李四 {HIDDEN}"),
        (None, "示例路1号"),
    ]
    assert {"intake.person_in_clear"} <= {row["code"] for row in everything[3]}
    shown = json.dumps(everything, default=str, ensure_ascii=False)
    shown += "".join(path.read_text(encoding="utf-8-sig") for path in (folder / "rejects").glob("*.csv"))
    for clear in (NUMBER, DIGITS, BOTH, PHONE):
        assert clear not in shown


def test_shifted_cells_of_persons_are_refused_and_nowhere_shown(
    sample_workspace: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "city"
    shutil.copytree(sample_workspace, folder, ignore=shutil.ignore_patterns("*.csv", "*.xlsx", "*.parquet"))
    (folder / "inputs").mkdir(exist_ok=True)
    good, bloom = "a" * 64, "0f" * 64
    rows = [
        ["来源", "记录号", "交付日期", "身份证号", "姓名_filter", "出生年月", "性别", "区"],
        ["social", "1", "2023-03-31", good, bloom, "1985-06", "男", "310115"],
        ["social", "2", "2023-03-31", good, "张三丰", "1985-06", "男", "310115"],
        ["social", "3", "2023-03-31", good, bloom, NUMBER, "男", "310115"],
        ["social", "4", "2023-03-31", good, bloom, "1985-06", "李四光", "310115"],
        ["social", "5", "2023-03-31", good, bloom, "1985-06", "男", PHONE],
        ["social", "6", "2099-01-01", good, bloom, "1985-06", "男", "310115"],
        ["SOCIAL", "7", "2023-03-31", good, bloom, "1985-06", "男", "310115"],
        ["social", NUMBER, "2023-03-31", good, bloom, "1985-06", "男", "310115"],
        ["social", "510100202303150001", "2023-03-31", good, bloom, "1985-06", "男", "310115"],
    ]
    with (folder / "inputs" / "person_extract.csv").open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(rows)
    run(Workspace.open(folder), RunRequest(steps=REGISTER_STEPS))
    with Workspace.open(folder).book() as book:
        kept = book.rows("person_extract")
        refused = book.rows("quarantine")
        shown = json.dumps([kept, refused, book.rows("finding")], default=str, ensure_ascii=False)
    assert sorted(row["record_id"] for row in kept) == ["1", "510100202303150001"]
    assert {row["row_number"]: row["code"] for row in refused} == {
        3: "intake.hash128", 4: "intake.not_a_month", 5: "intake.not_allowed",
        6: "rule.person_extract.district_digits", 7: "rule.person_extract.not_delivered_yet",
        8: "rule.person_extract.source_name", 9: "intake.person_as_key",
    }  # fmt: skip
    shown += "".join(path.read_text(encoding="utf-8-sig") for path in (folder / "rejects").glob("*.csv"))
    assert bloom in shown
    for clear in (NUMBER, PHONE, "张三丰", "李四光"):
        assert clear not in shown
