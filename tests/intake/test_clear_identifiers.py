"""Identifiers in clear never reach the book: not as riding columns, nor in quarantine or rejects."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from lvshu.cli.commands.register.hash import execute
from lvshu.core.errors import InputError
from lvshu.pipeline.request import RunRequest
from lvshu.pipeline.run import run
from lvshu.statistics.register.steps import REGISTER_STEPS
from lvshu.store.workspace import Workspace

NUMBER, NAME, PHONE = "11010519491231002X", "张样本", "13800138000"


@pytest.fixture(scope="module")
def place(sample_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run workspace whose persons came with identifiers in clear, once in the hashes' place, once beside."""
    folder = tmp_path_factory.mktemp("clear") / "city"
    shutil.copytree(sample_workspace, folder, ignore=shutil.ignore_patterns("*.csv", "*.xlsx", "*.parquet"))
    (folder / "inputs").mkdir(exist_ok=True)
    good = "a" * 64
    rows = [
        ["来源", "记录号", "交付日期", "身份证号", "姓名", "区", "备注"],
        ["social", "1", "2023-03-31", NUMBER, good, "310115", ""],
        ["social", "2", "2023-03-31", good, NAME, "310115", ""],
        ["social", "3", "2023-03-31", good, good, "310115", f"{NAME} {PHONE}"],
    ]
    with (folder / "inputs" / "person_extract.csv").open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(rows)
    run(Workspace.open(folder), RunRequest(steps=REGISTER_STEPS))
    return folder


def test_nothing_clear_is_kept_anywhere(place: Path) -> None:
    with Workspace.open(place).book() as book:
        assert [row["record_id"] for row in book.rows("person_extract")] == ["3"]
        refused = book.rows("quarantine")
        kept = json.dumps(
            [refused, book.rows("input_extra"), book.rows("finding")], default=str, ensure_ascii=False
        )
    assert {row["row_number"] for row in refused} == {2, 3}
    assert {row["code"] for row in refused} == {"intake.hash64"}
    rejects = "".join(path.read_text(encoding="utf-8-sig") for path in (place / "rejects").glob("*.csv"))
    assert "register hash" in rejects
    for clear in (NUMBER, NAME, PHONE):
        assert clear not in kept
        assert clear not in rejects


def test_hashes_of_a_file_in_any_encoding_go_back_in(tmp_path: Path) -> None:
    salt = tmp_path / "salt.txt"
    salt.write_text("a salt of the tests, long enough", encoding="utf-8")
    source, target = tmp_path / "people.csv", tmp_path / "hashed.csv"
    source.write_text(f"编号,身份证号,姓名\n1,{NUMBER},{NAME}\n2,无,不详\n3,-,{NAME}\n", encoding="gb18030")
    given = {"language": "zh", "as_json": True, "columns": "身份证号", "names": "姓名", "salt_file": salt}
    assert execute(file=source, to=target, **given) == 0  # type: ignore[arg-type]
    with target.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows[0]["身份证号"]) == 64 and rows[1]["身份证号"] == rows[2]["身份证号"] == ""
    assert rows[0]["姓名"] == rows[2]["姓名"] != "" and rows[1]["姓名"] == rows[1]["姓名_filter"] == ""
    assert NUMBER not in target.read_text(encoding="utf-8")
    wrong = {
        Path(): "statistics.register_hash_where",
        tmp_path / "x.xlsx": "statistics.register_hash_ending",
        target: "statistics.review_file_there",
    }
    for to, code in wrong.items():
        with pytest.raises(InputError) as caught:
            execute(file=source, to=to, **given)  # type: ignore[arg-type]
        assert caught.value.code == code
    with pytest.raises(InputError) as caught:
        execute(file=tmp_path / "none.csv", to=tmp_path / "y.csv", **given)  # type: ignore[arg-type]
    assert caught.value.code == "statistics.review_absent"


def test_numbers_that_lost_digits_are_told_before_they_are_hashed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    salt = tmp_path / "salt.txt"
    salt.write_text("a salt of the tests, long enough", encoding="utf-8")
    source = tmp_path / "people.csv"
    source.write_text(
        f"编号,身份证号\n1,4.20503E+17\n2,4.20503E+17\n3,{NUMBER}\n4,110105194912310021\n", encoding="utf-8"
    )
    given = {"columns": "身份证号", "names": "", "salt_file": salt, "file": source}
    assert execute(language="en", as_json=True, to=tmp_path / "one.csv", **given) == 0  # type: ignore[arg-type]
    told = json.loads(capsys.readouterr().out)
    assert [(one["code"], one["values"]["rows"]) for one in told["faults"]] == [
        ("statistics.register_lost_digits", "2, 3"), ("statistics.register_wrong_check", "5")
    ]  # fmt: skip
    assert told["without_identifier"] == 0
    with (tmp_path / "one.csv").open(encoding="utf-8", newline="") as handle:
        assert [bool(row["身份证号"]) for row in csv.DictReader(handle)] == [False, False, True, True]
    assert execute(language="zh", as_json=False, to=tmp_path / "two.csv", **given) == 0  # type: ignore[arg-type]
    assert "丢了位数" in capsys.readouterr().err
