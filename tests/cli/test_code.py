"""`lvshu code` from the outside: a model trained, shown and used; texts in two encodings; every fault told."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lvshu.cli.commands.code.drift import _shares
from lvshu.cli.console import Output
from lvshu.statistics.coding.monitor import Drift
from tests.cli.conftest import Command

Json = Callable[..., tuple[int, dict[str, Any]]]
SHOPS = {
    "10.1": "bread rolls cakes",
    "10.2": "pasta noodles flour",
    "20.1": "paint varnish enamel",
    "20.2": "soap wax candle",
}


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a csv of 400 coded texts."""
    path = tmp_path_factory.mktemp("coded") / "coded.csv"
    rows = [
        (f"{SHOPS[code].split()[number % 3]} works {number}", code)
        for number in range(100)
        for code in SHOPS
    ]  # fmt: skip
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([("text", "code"), *rows])
    return path


def test_a_model_is_trained_shown_and_used(coded: Path, tmp_path: Path, lvshu_json: Json) -> None:
    model, result = tmp_path / "model", tmp_path / "result.csv"
    code, made = lvshu_json("code", "train", str(coded), "--levels", "4,2", "--to", str(model))
    assert code == 0
    assert made["card"]["measures"]["levels"]["4"]["accuracy"] > 0.9
    code, card = lvshu_json("code", "card", "--model", str(model))
    assert (code, card["card"]) == (0, made["card"])
    new = tmp_path / "new.csv"
    new.write_text("text\nfresh bread works\n=cmd|' /C calc'!A0 soap\n\n", encoding="utf-8")
    code, found = lvshu_json("code", "texts", str(new), "--model", str(model), "--to", str(result))
    assert code == 0
    assert [row["best_code"] for row in found["rows"]] == ["10.1", "20.2"]
    with result.open(encoding="utf-8-sig", newline="") as handle:
        assert [row["words"][0] for row in csv.DictReader(handle)] == ["f", "'"]
    code, drifted = lvshu_json("code", "drift", str(coded), "--model", str(model))
    assert code in (0, 1)
    assert drifted["texts"] == 400
    few = tmp_path / "few.csv"
    few.write_text("text\nfresh bread works\n", encoding="utf-8")
    code, told = lvshu_json("code", "drift", str(few), "--model", str(model))
    assert (code, told["index"], told["deviation"], told["known_shift"]) == (0, None, None, None)


def test_an_index_of_very_many_texts_keeps_the_digits_of_its_error() -> None:
    many = Drift(10**6, 2.4e-5, 2.1e-5, 6.3e-6, 0.0, 0.0, ())
    assert "0.0000240 (about 0.0000210 ± 0.0000063" in _shares(Output("en"), many)
    few = Drift(4, None, None, None, 0.0, 0.0, ())
    assert "4 texts are too few" in _shares(Output("en"), few)


def test_scopes_in_gb18030_get_suggestions_without_labels(tmp_path: Path, lvshu_json: Json) -> None:
    file = tmp_path / "scopes.csv"
    file.write_bytes("经营范围\n一般项目：技术服务；物业管理。\n许可项目：道路货物运输\n".encode("gb18030"))
    code, found = lvshu_json("code", "texts", str(file), "--scope")
    assert code == 0
    assert found["calibrated"] is False
    assert found["rows"][0]["best_code"] == "7020"
    assert found["rows"][0]["decision"] == "abstained"
    assert found["rows"][0]["strategic_emerging"] == "not_established"


def test_columns_of_the_users_own_stay_in_the_file(tmp_path: Path, lvshu_json: Json) -> None:
    import xlsxwriter

    heads = ["编号", "经营范围", "code", "备注"]
    rows = [
        ["A1", "道路货物运输", "007", " two  blanks "],
        ["A2", "软件开发", "", "=1+1"],
        ["", "", "", ""],
        ["A3", "餐饮服务", "x", "a,b"],
    ]
    with xlsxwriter.Workbook(str(tmp_path / "in.xlsx"), {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([heads, *rows]):
            sheet.write_row(number, 0, row)
    with (tmp_path / "in.csv").open("w", encoding="utf-16", newline="") as handle:
        csv.writer(handle, delimiter="\t").writerows([heads, *rows])
    made = []
    for name in ("in.xlsx", "in.csv"):
        to = tmp_path / f"{name}.out.csv"
        code, _ = lvshu_json("code", "texts", str(tmp_path / name), "--to", str(to))
        assert code == 0
        with to.open(encoding="utf-8-sig", newline="") as handle:
            made.append(list(csv.DictReader(handle)))
    assert made[0] == made[1]
    assert [[row[head] for head in heads] for row in made[0]] == [
        rows[0],
        ["A2", "软件开发", "", "'=1+1"],
        rows[3],
    ]
    assert [row["row"] for row in made[0]] == ["2", "3", "5"]
    assert [row["coded_code"] for row in made[0]] == ["", "", ""], (
        "the coder's answer stands beside the user's code"
    )
    assert made[0][1]["decided_by"] == "软件开发"


def test_other_classifications_come_with_their_words(tmp_path: Path, lvshu_json: Json) -> None:
    (tmp_path / "k.csv").write_text("label,text\n4-02,driver\n4-03,cook\n", encoding="utf-8")
    (tmp_path / "t.csv").write_text("text\ntaxi driver\n", encoding="utf-8")
    code, found = lvshu_json(
        "code", "texts", str(tmp_path / "t.csv"), "--knowledge", str(tmp_path / "k.csv"), "--levels", "4,1"
    )
    assert (code, found["rows"][0]["best_code"]) == (0, "4-02")


def test_codes_of_2011_are_brought_over(tmp_path: Path, lvshu_json: Json) -> None:
    (tmp_path / "old.csv").write_text("code\n0111\n=1\n", encoding="utf-8")
    code, found = lvshu_json("code", "revise", str(tmp_path / "old.csv"), "--to", str(tmp_path / "new.csv"))
    assert code == 0
    assert found["counts"] == {"concordance": 1, "unknown": 1}
    assert "'=1" in (tmp_path / "new.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("arguments", "content", "problem"),
    [
        (("texts",), "text\n\n \n", "coding.all_empty"),
        (("texts", "--text", "nope"), "text\na\n", "coding.file_columns"),
        (("texts", "--levels", "4"), "text\na\n", "coding.name_knowledge"),
        (("train", "--levels", "2,4"), "text,code\na,1011\n", "coding.levels"),
        (("train", "--accuracy", "7"), "text,code\na,1011\n", "coding.between"),
        (("train",), "text,code\na,9999\nb,=x\n", "coding.labels_outside"),
        (("train",), "text,code\na,111\n", "coding.label_spelt"),
        (("train",), "text,code\n" + "a,1011\n" * 40, "coding.one_class"),
        (("train",), "text,code\na,'１０１１.0\n", "coding.too_few"),
        (("drift",), "text\na\n", "coding.name_model"),
    ],
)
def test_faults_are_told(
    arguments: tuple[str, ...], content: str, problem: str, tmp_path: Path, lvshu_json: Json
) -> None:
    file = tmp_path / "given.csv"
    file.write_text(content, encoding="utf-8")
    code, found = lvshu_json("code", arguments[0], str(file), *arguments[1:])
    assert code in (1, 2)
    assert problem in [one["code"] for one in found["errors"]]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_people_are_spoken_to_in_their_language(
    language: str, tmp_path: Path, lvshu_command: Command
) -> None:
    (tmp_path / "t.csv").write_text("text\n物业管理\n", encoding="utf-8")
    code, out, _ = lvshu_command("code", "texts", str(tmp_path / "t.csv"), "--lang", language)
    assert code == 0
    assert ("没有标注" if language == "zh" else "No labels") in out


def test_help_names_every_command(lvshu_command: Command) -> None:
    _, out, err = lvshu_command("code", "--help")
    shown: Any = out + err
    assert all(
        name in shown for name in ("train", "texts", "card", "revise", "drift", "status", "queue", "take")
    )


def test_jobs_are_coded_into_the_occupations_of_the_pack(tmp_path: Path, lvshu_json: Json) -> None:
    file, to = tmp_path / "jobs.csv", tmp_path / "found.csv"
    file.write_text("岗位\n网约配送员\n统计专业人员\n人工智能训练师\n仲裁秘书\n外卖骑手\n", encoding="utf-8")
    code, found = lvshu_json("code", "texts", str(file), "--knowledge", "occupations_2022", "--to", str(to))
    assert code == 0
    assert found["calibrated"] is False
    best = {row["words"]: (row["best_code"], row["best_title"]) for row in found["rows"]}
    assert best["人工智能训练师"] == ("4-04-05-05", "人工智能训练师")
    assert best["网约配送员"] == ("4-10-08-01", "网约配送员")
    assert best["仲裁秘书"][0] == "3-03-01-02"
    assert best["外卖骑手"] == (None, None)  # one character in common with 外科医师 is no suggestion


def test_titles_above_the_heading_are_passed_over(tmp_path: Path, lvshu_json: Json) -> None:
    words = {"0111": "稻谷种植", "0112": "小麦种植", "2641": "油漆制造"}
    lines = [f"{n},{words[code]}第{n}号,{code}" for n in range(20) for code in words]
    text = "\n".join(
        ["宜昌市经营活动编码表,,", "制表单位：市统计局,,2023年", ",,", "序号,经营范围,行业代码", *lines]
    )
    (tmp_path / "own.csv").write_text(text + "\n", encoding="utf-8")
    code, found = lvshu_json("code", "train", str(tmp_path / "own.csv"), "--to", str(tmp_path / "m"))
    assert (code, found["card"]["data"]["labelled"]) == (0, 60)
    code, found = lvshu_json("code", "texts", str(tmp_path / "own.csv"), "--to", str(tmp_path / "o.csv"))
    assert (code, found["rows"][0]["row"], len(found["rows"])) == (0, 5, 20)
    code, found = lvshu_json("code", "revise", str(tmp_path / "own.csv"))
    assert (code, len(found["codes"])) == (0, 20)
    assert (
        lvshu_json("code", "train", str(tmp_path / "own.csv"), "--code", "没有")[1]["errors"][0]["where"][
            "row"
        ]
        == 4
    )
    code, found = lvshu_json("code", "texts", str(tmp_path / "own.csv"), "--text", "没有")
    assert code == 1 and "序号, 经营范围, 行业代码" in found["errors"][0]["values"]["found"]


def test_a_file_of_another_field_is_told_as_a_whole(tmp_path: Path, lvshu_json: Json) -> None:
    words = {"0111": "稻谷种植", "0112": "小麦种植", "2641": "油漆制造", "6513": "软件开发"}
    lines = [f"{words[code]}第{n}号,{code}" for n in range(150) for code in words]
    (tmp_path / "own.csv").write_text("\n".join(["text,code", *lines]) + "\n", encoding="utf-8")
    (tmp_path / "jobs.csv").write_text("text\n外卖骑手\n仲裁秘书\n保洁员\n出纳\n保安队长\n", encoding="utf-8")
    model = str(tmp_path / "model")
    assert lvshu_json("code", "train", str(tmp_path / "own.csv"), "--to", model)[0] == 0
    for name, strange in (("own", False), ("jobs", True)):
        code, found = lvshu_json("code", "texts", str(tmp_path / f"{name}.csv"), "--model", model)
        assert code == 0
        assert [one["code"] for one in found.get("problems", [])] == ["coding.texts_unlike"] * strange
        if strange:
            assert all(row["unlike"] and row["probability"] is None for row in found["rows"])


def test_faults_of_one_kind_are_told_once(tmp_path: Path, lvshu_json: Json) -> None:
    file = tmp_path / "given.csv"
    file.write_text("text,code\n" + "a,111\n" * 9 + "b,9999\n" * 3 + "c,I5431\n", encoding="utf-8")
    code, found = lvshu_json("code", "train", str(file))
    told = {one["code"]: one["values"] for one in found["errors"]}
    assert code != 0 and len(found["errors"]) == len(told) == 2
    assert (told["coding.label_spelt"]["count"], told["coding.labels_outside"]["count"]) == (10, 3)
    assert told["coding.label_spelt"]["labels"] == "111 → 0111, I5431 → 5431"
    assert told["coding.label_spelt"]["rows"] == "2, 3, 4, 5, 6, …"
