"""Units without a code, coded from their business scope; totals corrected by the audit; the digital domain fed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest

from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import load
from lvshu.engine.duckdb import DuckDB
from lvshu.engine.query import query
from lvshu.engine.settings import Settings
from lvshu.engine.step import StepContext
from lvshu.pipeline.packs import load_packs
from lvshu.sample.uscc import make_uscc
from lvshu.statistics.coding import register, totals
from lvshu.statistics.coding.frame import FRAME_READS, Frame, Unsure
from lvshu.statistics.coding.methods.linear import LinearSettings
from lvshu.statistics.coding.steps import CODING_STEPS
from tests.statistics.book import fill, rows_of, run

ACTIVITIES = {
    "6513": ("应用软件开发", "手机软件研发", "软件设计与编写", "企业管理软件开发"),
    "6210": ("正餐服务", "中餐馆", "火锅餐饮服务", "酒楼餐饮"),
    "5432": ("普通货物道路运输", "集装箱卡车运输", "公路货运", "冷藏车货运"),
    "6531": ("信息系统集成服务", "弱电系统集成", "网络系统集成", "计算机系统集成"),
}


@pytest.fixture(autouse=True)
def small_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Train a small model: few classes have texts here."""
    monkeypatch.setattr(register, "LINEAR", LinearSettings(rank=16, epochs=3, rate=0.2))


def uscc(number: int) -> str:
    """Return a valid credit code of no real unit."""
    return bytes(make_uscc(np.array([number]), np.array([310115]), np.array([1]))[0]).decode()


def units(labelled: int = 400, waiting: int = 60) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Return rows of the register and the true classes of those without a code."""
    codes = list(ACTIVITIES)
    rows, truth = [], {}
    for number in range(labelled + waiting):
        code = codes[number % 4]
        words = ACTIVITIES[code][(number // 4) % 4]
        key = uscc(number)
        named = number < labelled
        if not named:
            truth[key] = code
        scope = f"一般项目：技术服务；{words}第{number % 7}分部；货物进出口。"
        rows.append({"uscc": key, "name": f"样本{number}", "industry_code": code if named else None,
                     "business_scope": scope, "employee_count": 10, "overseas": False})  # fmt: skip
    return rows, truth


def book(engine: DuckDB, tables: dict[str, list[dict[str, Any]]], **chosen: Any) -> DuckDB:
    """Run the coding steps and the first of the digital economy on input tables."""
    library = PackLibrary.load(None)
    for table in (
        "enterprise",
        "coding_audit",
        "coding_review",
        "unit_activity",
        "business_survey",
        "finding",
        "uncertainty",
        *FRAME_READS,
    ):
        fill(engine, table, tables.get(table, []))
    steps = CODING_STEPS
    load_packs(engine, library, {pack for step in steps for pack in step.packs})
    settings = Settings(
        area="310000", area_zh="上海市", area_en="Shanghai", year=2023, replicates=50, **chosen
    )
    for step in steps:
        for table in step.makes:
            engine.create(load(table), replace=True)
    for step in steps:
        if all(engine.count(table) for table in step.reads):
            step.action(StepContext(step=step, settings=settings, packs=library, engine=engine))  # type: ignore[operator]
    return engine


def test_units_without_a_code_get_one_with_evidence(engine: DuckDB) -> None:
    rows, truth = units()
    book(engine, {"enterprise": rows})
    coded = {row["uscc"]: row for row in rows_of(engine, "activity_code")}
    assert coded.keys() == truth.keys()
    assert sum(coded[key]["best_code"] == code for key, code in truth.items()) >= 58
    one = next(row for row in coded.values() if row["decision"] == "coded")
    assert one["main_words"].endswith("分部")
    assert (one["main_rule"], one["activity_count"]) == ("first", 3)
    assert 0.8 <= one["probability"] < 1
    assert one["set_size"] >= 1
    card = {row["item"]: row["content"] for row in rows_of(engine, "coding_model")}
    assert card["data.labelled"] == "400"
    assert 0.8 < float(card["measures.levels.class.accuracy"]) <= 1
    assert len(card["data.sha256"]) == 64
    [told] = rows_of(engine, "finding", "code = 'coding.units_coded'")
    assert "60" in told["what_en"]


def test_totals_are_corrected_by_the_audit_and_carry_its_error(engine: DuckDB) -> None:
    rows, truth = units()
    keys = sorted(truth)[::2]
    audit = [
        {"uscc": key, "stratum": "all", "stratum_units": len(truth), "industry_code": "6513" if at < 5 else "6210"}
        for at, key in enumerate(keys)
    ]  # fmt: skip
    book(engine, {"enterprise": rows, "coding_audit": audit})
    found = {
        (row["measure"], row["group_code"], row["estimator"]): row for row in rows_of(engine, "coded_total")
    }
    raw, published = found["units", "full", "as_coded"], found["units", "full", "difference"]
    assert raw["register_total"] == published["register_total"] == 200
    assert raw["standard_error"] is None
    assert float(published["uncoded_total"]) == pytest.approx(60 * 5 / 30, abs=6)
    assert published["standard_error"] > 0
    for estimator in ("as_coded", "difference", "misclassification", "calibration"):
        groups = [found["units", group, estimator]["value"] for group in totals.GROUPS]
        if None not in groups:
            assert float(sum(groups)) == pytest.approx(460, abs=1e-5)
    drawn = rows_of(engine, "coded_total_replicate", "measure = 'units' AND group_code = 'full'")
    assert len(drawn) == 50
    [told] = rows_of(engine, "uncertainty", "indicator = 'digital_units_share'")
    assert told["standard_error"] == pytest.approx(float(published["standard_error"]) / 460 * 100, rel=1e-5)
    # 200 units with a digital code and the five that the audit found are certain, and so are 200 and 25 others
    assert told["low"] == pytest.approx(
        max(told["value"] - 1.959964 * told["standard_error"], 100 * 205 / 460), rel=1e-6
    )
    assert told["high"] <= 100 * (1 - 225 / 460) + 1e-6
    assert told["value"] - 1.959964 * told["standard_error"] < 100 * 205 / 460
    assert rows_of(engine, "finding", "code = 'coding.interval_bounded'")


def test_of_two_draws_of_one_month_the_larger_whole_one_serves_and_the_other_is_told(engine: DuckDB) -> None:
    """The units of both are partly the same; the largest of all leaves a stratum out and does not serve."""
    rows, truth = units()
    keys = sorted(truth)
    about = {
        "industry_code": "6210",
        "audited_on": date(2024, 1, 15),
        "audit_month": "2023-12",
        "frame_units": 60,
    }
    audit = [
        {"uscc": key, "stratum": "all", "stratum_units": 60, "draw": draw, **about}
        for draw, count in (("d1", 20), ("d2", 30)) for key in keys[:count]
    ]  # fmt: skip
    audit += [{"uscc": key, "stratum": "in", "stratum_units": 40, "draw": "d3", **about} for key in keys[:40]]
    book(engine, {"enterprise": rows, "coding_audit": audit})
    assert len(rows_of(engine, "coding_error_sample")) == 90
    [told] = rows_of(engine, "finding", "code = 'coding.audit_several'")
    assert "totals use the draw d2 (30 answers), not d1 20, d3 40" in told["what_en"]
    published = rows_of(engine, "coded_total", "published AND measure = 'units' AND group_code = 'full'")
    assert [row["estimator"] for row in published] == ["difference"]
    assert published[0]["standard_error"] is not None


def test_without_an_audit_there_is_a_total_and_no_error(engine: DuckDB) -> None:
    rows, _ = units()
    book(engine, {"enterprise": rows})
    assert {row["estimator"] for row in rows_of(engine, "coded_total")} == {"as_coded"}
    assert rows_of(engine, "uncertainty") == []


def test_audited_units_that_left_count_without_error_and_keep_their_weight(engine: DuckDB) -> None:
    """Fifteen of sixty units audited: five of them found digital though coded meals, three gone since the draw."""
    rows, truth = units()
    meals = [key for key, code in sorted(truth.items()) if code == "6210"][:5]
    others = [key for key, code in sorted(truth.items()) if code == "5432"][:7]
    gone = [rows[0]["uscc"], rows[1]["uscc"], uscc(99_999)]
    audit = [
        {
            "uscc": key,
            "stratum": "all",
            "stratum_units": 63,
            "industry_code": "6513" if key in meals else "5432",
            "coded_code": "6513" if key in gone else None,
        }
        for key in [*meals, *others, *gone]
    ]
    book(engine, {"enterprise": rows, "coding_audit": audit})
    [told] = rows_of(engine, "finding", "code = 'coding.audit_left'")
    assert "3 of 15" in told["what_en"]
    found = {
        row["estimator"]: row
        for row in rows_of(engine, "coded_total", "measure = 'units' AND group_code = 'full'")
    }
    raw, corrected = found["as_coded"], found["difference"]
    assert float(corrected["value"] - raw["value"]) == pytest.approx(5 * 63 / 15)
    assert (corrected["audited"], corrected["published"]) == (15, True)


def test_reviews_beside_an_audit_do_not_change_the_corrected_total(engine: DuckDB) -> None:
    """The reviews mend the codes of units that are not audited; what is corrected are the machine's codes of all."""
    rows, truth = units()
    for row in rows[400:]:
        row["business_scope"] = (
            row["business_scope"].replace("第", "含食堂第") if row["uscc"][-1] in "02468" else None
        )
    audited = sorted(truth)[::3]
    audit = [
        {"uscc": key, "stratum": "all", "stratum_units": 60, "industry_code": truth[key]} for key in audited
    ]
    found = []
    for reviewed in (False, True):
        reviews = [{"uscc": key, "industry_code": code} for key, code in truth.items() if key not in audited]
        book(
            engine, {"enterprise": rows, "coding_audit": audit, "coding_review": reviews if reviewed else []}
        )
        found.append([float(row["value"]) for row in rows_of(
            engine, "coded_total", "estimator = 'difference' AND measure = 'units'")])  # fmt: skip
    assert found[0] == pytest.approx(found[1])
    coded = rows_of(engine, "activity_code", "decision = 'reviewed'")
    assert any(row["best_code"] != row["machine_code"] for row in coded)


def test_a_stratum_that_did_not_come_back_is_no_stratum_without_errors(engine: DuckDB) -> None:
    rows, truth = units()
    keys = sorted(truth)
    audit = [
        {"uscc": key, "stratum": "in", "stratum_units": 20, "stratum_drawn": 12, "frame_units": 60, "draw": "a",
         "audit_month": "2023-12", "industry_code": "6513"}
        for key in keys[:10]
    ]  # fmt: skip
    book(engine, {"enterprise": rows, "coding_audit": audit})
    assert rows_of(engine, "coded_total", "published") == []
    assert rows_of(engine, "uncertainty") == []
    assert all(row["standard_error"] is None for row in rows_of(engine, "coded_total"))
    [told] = rows_of(engine, "finding", "code = 'coding.audit_uncovered'")
    assert "hold 20 units, 60 had no code" in told["what_en"]
    [open_] = rows_of(engine, "finding", "code = 'coding.audit_unanswered'")
    assert "2 of 12" in open_["what_en"]


def test_wrong_codes_enter_the_error_of_the_digital_economy(engine: DuckDB) -> None:
    """Half of the uncoded units audited, one in five wrong; what codes mean is applied to the surveyed value added."""
    rows, truth = units(waiting=80)
    keys = sorted(truth)
    wrong = {key: "6210" if truth[key] in ("6513", "6531") else "6513" for key in keys[:40:5]}
    audit = [
        {"uscc": key, "stratum": "s", "stratum_units": 80, "industry_code": wrong.get(key, truth[key])}
        for key in keys[:40]
    ]
    survey = [
        {"uscc": key, "year": 2023, "stratum": "a", "take_all": False, "weight": 2.0, "value_added": 100.0 + n % 3,
         "district_code": "310115", "industry_code": None if n < 40 else "6513"}
        for n, key in enumerate([*keys[40:], *(row["uscc"] for row in rows[:40])])
    ]  # fmt: skip
    run(engine, {"enterprise": rows, "coding_audit": audit, "business_survey": survey})
    machine = {row["uscc"]: row["machine_code"] for row in rows_of(engine, "activity_code")}
    digital = ("6513", "6531")
    sides = {True: [], False: []}
    for one in audit:
        sides[machine[one["uscc"]] in digital].append(one["industry_code"] in digital)
    value = {side: sum(2 * row["value_added"] for row in survey[:40] if (machine[row["uscc"]] in digital) == side)
             for side in sides}  # fmt: skip
    correction = sum(np.mean(found) * value[side] for side, found in sides.items()) - value[True]
    [row] = rows_of(engine, "digital_coding_error", "definition_code = 'whole'")
    assert float(row["machine_coded_value"]) == pytest.approx(sum(value.values()))
    assert float(row["correction"]) == pytest.approx(correction)
    assert float(row["coding_standard_error"]) > 0
    assert float(row["standard_error"]) ** 2 == pytest.approx(
        sum(
            float(row[name]) ** 2
            for name in ("sampling_standard_error", "coding_standard_error", "correction")
        )
    )
    [told] = rows_of(engine, "uncertainty", "indicator = 'digital_core_value_added_whole'")
    assert told["method"] == "linearisation_and_audit"
    assert told["standard_error"] == pytest.approx(float(row["standard_error"]))
    assert told["low"] <= min(told["value"], told["value"] + correction)
    assert told["high"] >= max(told["value"], told["value"] + correction)
    drawn = rows_of(engine, "digital_coding_replicate", "definition_code = 'whole'")
    spread = np.std([float(one["correction"]) for one in drawn], ddof=1)
    assert spread == pytest.approx(float(row["coding_standard_error"]), rel=0.25)


def test_months_without_an_audit_take_the_matrix_of_another(engine: DuckDB) -> None:
    """An audit of last year whose units have left the register serves by the codes of its draw."""
    rows, _ = units()
    chances = {"6513": ["6513"] * 16 + ["6210"] * 4, "6210": ["6210"] * 19 + ["6513"]}
    audit = [
        {"uscc": uscc(50_000 + 100 * at + number), "stratum": "s", "stratum_units": 400, "draw": "b",
         "audit_month": "2022-12", "frame_units": 400, "industry_code": true, "coded_code": coded,
         "employee_count": 10, "model_version": "m0"}
        for at, (coded, truths) in enumerate(chances.items())
        for number, true in enumerate(truths)
    ]  # fmt: skip
    book(engine, {"enterprise": rows, "coding_audit": audit})
    found = {row["estimator"]: row for row in rows_of(
        engine, "coded_total", "measure = 'units' AND group_code = 'full'")}  # fmt: skip
    raw = float(found["as_coded"]["uncoded_total"])
    assert float(found["calibration"]["uncoded_total"]) == pytest.approx(0.8 * raw + 0.05 * (60 - raw))
    assert float(found["misclassification"]["uncoded_total"]) == pytest.approx(
        (raw - 60 * 4 / 23) / (16 / 17 - 4 / 23)
    )
    assert (found["calibration"]["published"], found["difference"]["published"]) == (True, False)
    assert found["calibration"]["audit_month"] == "2022-12"
    assert rows_of(engine, "finding", "code = 'coding.audit_of_another_year'")
    assert rows_of(engine, "finding", "code = 'coding.audit_of_another_model'")
    months = rows_of(engine, "coded_total_month", "published AND measure = 'units' AND group_code = 'full'")
    assert {row["estimator"] for row in months} == {"calibration"}
    assert len(months) == 12
    rates = {(row["given"], row["coded_group"], row["true_group"]): row for row in rows_of(
        engine, "coding_error_rate", "measure = 'units'")}  # fmt: skip
    assert rates["coded", "full", "full"]["rate"] == pytest.approx(0.8)
    assert rates["coded", "full", "full"]["audited"] == 20
    assert rates["coded", "full", "full"]["standard_error"] > 0


def test_a_register_without_known_codes_gets_suggestions_only(engine: DuckDB) -> None:
    rows, _ = units(labelled=10, waiting=20)
    rows[-1]["business_scope"] = None
    book(engine, {"enterprise": rows})
    coded = rows_of(engine, "activity_code")
    assert {row["decision"] for row in coded} == {"abstained", "no_text"}
    assert all(row["code"] is None and row["set_size"] is None for row in coded)
    assert any(row["best_code"] == "6531" for row in coded)
    assert rows_of(engine, "finding", "code = 'coding.no_labels'")
    card = {row["item"]: row["content"] for row in rows_of(engine, "coding_model")}
    assert card["calibrated"] == "false"


def test_a_long_and_hostile_scope_is_told_and_survived(engine: DuckDB) -> None:
    rows, _ = units()
    rows[-1]["business_scope"] = "=1+1';DROP TABLE enterprise;" + "软件开发" * 300_000
    book(engine, {"enterprise": rows})
    assert rows_of(engine, "finding", "code = 'coding.text_cut'")
    assert engine.count("enterprise") == 460


def test_the_survey_s_missing_industry_comes_from_the_scope(engine: DuckDB) -> None:
    rows, truth = units()
    key = next(key for key, code in truth.items() if code == "6513")
    survey = {"year": 2023, "stratum": "a", "take_all": False, "weight": 2, "value_added": 100}
    given = {**survey, "uscc": rows[1]["uscc"], "industry_code": "6210"}
    book(engine, {"enterprise": rows, "business_survey": [{**survey, "uscc": key}, given]})
    one = query("lvshu.statistics", "digital_survey_class")
    engine.make(one, {"year": 2023}, load("digital_survey_class"))
    assert {row["class_code"] for row in rows_of(engine, "digital_survey_class")} == {"6513", "6210"}


def test_a_card_becomes_rows() -> None:
    rows = register.card_rows("m", {"a": {"b": 1.5, "c": "x"}, "d": [1]})
    assert rows == {"model": ["m"] * 3, "item": ["a.b", "a.c", "d"], "content": ["1.5", "x", "[1]"]}


def test_reviews_are_taken_and_learned_from(engine: DuckDB) -> None:
    rows, truth = units()
    new = {"uscc": uscc(9_000), "name": "新", "business_scope": "一般项目：量子魔方研磨。", "overseas": False}
    same = [
        {
            **new,
            "uscc": uscc(9_001 + number),
            "name": f"新{number}",
            "business_scope": f"量子魔方研磨第{number}厂",
        }
        for number in range(40)
    ]
    reviews = [{"uscc": row["uscc"], "industry_code": "2459"} for row in same]
    book(engine, {"enterprise": [*rows, new, *same], "coding_review": reviews})
    coded = {row["uscc"]: row for row in rows_of(engine, "activity_code")}
    assert coded[same[0]["uscc"]]["decision"] == "reviewed"
    assert coded[same[0]["uscc"]]["code"] == "2459"
    assert coded[new["uscc"]]["best_code"] == "2459"
    assert coded[new["uscc"]]["decision"] != "reviewed"
    [first] = rows_of(engine, "activity_candidate", f"uscc = '{new['uscc']}' AND candidate_rank = 1")
    assert first["code"] == "2459"
    assert len(truth) + 41 == len(coded)


@pytest.mark.parametrize("rule", ["largest", "isic_top_down"])
def test_value_added_decides_where_it_is_known(engine: DuckDB, rule: str) -> None:
    rows, truth = units()
    first, second, third = sorted(truth)[:3]
    software, system, meals = "应用软件开发第1分部", "信息系统集成服务第1分部", "正餐服务第1分部"
    given = [
        {"uscc": key, "activity_number": number, "activity_text": words, **values}
        for key, listed in {
            first: [
                (software, {"value_added": 30}),
                (system, {"value_added": 28}),
                (meals, {"value_added": 42}),
            ],
            second: [(software, {"revenue": 5}), (meals, {"revenue": 9})],
            third: [(software, {"value_added": 5}), (meals, {})],
        }.items()
        for number, (words, values) in enumerate(listed, start=1)
    ]
    book(engine, {"enterprise": rows, "unit_activity": given}, main_activity=rule)
    coded = {row["uscc"]: row for row in rows_of(engine, "activity_code")}
    words, code = (meals, "6210") if rule == "largest" else (software, "6513")
    assert (coded[first]["main_rule"], coded[first]["main_words"]) == ("value_added", words)
    assert coded[first]["best_code"] == code
    assert coded[first]["activity_count"] == 3
    assert (coded[second]["main_rule"], coded[second]["main_words"]) == ("revenue", meals)
    assert coded[third]["main_rule"] == "first"


def test_a_register_with_every_code_needs_no_correction(engine: DuckDB) -> None:
    rows, _ = units(waiting=0)
    book(engine, {"enterprise": rows})
    found = rows_of(engine, "coded_total", "estimator = 'difference' AND measure = 'units'")
    assert {row["group_code"]: int(row["value"]) for row in found} == {
        "full": 200,
        "partial": 0,
        "outside": 200,
    }
    assert all(row["standard_error"] is None for row in found)
    assert engine.count("activity_code") == 0


@pytest.mark.parametrize(("few", "status"), [(2, "suppressed"), (0, "shown")])
def test_a_part_of_few_units_hides_the_split_of_every_group(engine: DuckDB, few: int, status: str) -> None:
    rows, _ = units(waiting=0)
    more = [{**rows[0], "uscc": uscc(5000 + number), "industry_code": "4851"} for number in range(few)]
    book(engine, {"enterprise": [*rows, *more]})
    found = [row for row in rows_of(engine, "coded_total") if row["estimator"] == "as_coded"]
    assert {row["split_status"] for row in found} == {status}
    assert all((row["register_total"] is None) == (status == "suppressed") for row in found)
    assert all(row["value"] is not None for row in found)
    assert bool(rows_of(engine, "finding", "code = 'coding.parts_hidden'")) == (status == "suppressed")


def _listed(number: int, code: str | None, persons: int | None, **other: Any) -> dict[str, Any]:
    return {"uscc": uscc(number), "name": f"上海样本{number}有限公司", "industry_code": code, "overseas": False,
            "business_scope": "软件开发。", "employee_count": persons, **other}  # fmt: skip


def _unit(
    number: int, record: str, sources: int = 1, code: str | None = None, **other: Any
) -> tuple[dict[str, Any], ...]:
    """Return a unit of the linked register and its record there."""
    source = record.partition("|")[0]
    unit = {"kind": "enterprise", "unit_id": f"E{number}", "records": sources, "source_count": sources,
            "first_source": source, "last_source": source, "uscc": uscc(number), "codes": 1,
            "name": f"上海样本{number}有限公司", "district_code": "310115", "industry_code": code,
            "born_on": date(2020, 5, 1), "first_seen_on": date(2023, 12, 31), "last_seen_on": date(2024, 1, 15),
            **other}  # fmt: skip
    member = {"kind": "enterprise", "record_key": record, "unit_id": f"E{number}", "source": source,
              "code": uscc(number), "linked_by": "code", "valid_from": date(2023, 12, 31),
              "automatic_group": number}  # fmt: skip
    return unit, member


def _waits(number: int, row: dict[str, str], column: str) -> dict[str, Any]:
    return {"table_name": "enterprise", "file": "enterprise.csv", "row_number": number, "column_name": column,
            "code": "intake.unknown_code", "reason_zh": "-", "reason_en": "-",
            "raw_record": json.dumps(row)}  # fmt: skip


def frame_book(
    engine: DuckDB, more: Sequence[dict[str, Any]] = (), **changed: list[dict[str, Any]]
) -> dict[tuple[str, str], dict[str, Any]]:
    """Run coded totals on a list of ten units, two of them digital and one of these a likely double of the other."""
    listed = [_listed(1, "6513", 30), _listed(2, "6513", 30), *(_listed(n, "6210", 10) for n in range(3, 11))]
    units = [_unit(1, f"register|{uscc(1)}", 2), _unit(2, f"register|{uscc(2)}"),
             *(_unit(n, f"register|{uscc(n)}", 2) for n in range(3, 11)),
             _unit(11, "market|M11", code="6513"), _unit(12, "market|M12", code="6210"),
             _unit(13, "market|M13", code="6513", ended_on=date(2022, 3, 1)),
             _unit(14, "market|M14", code="6513", district_code="440305")]  # fmt: skip
    heads = ("uscc", "name", "district_code", "industry_code", "employee_count", "overseas")
    row = {"district_code": "310115", "industry_code": "9999", "overseas": "false"}
    tables = {
        "enterprise": listed,
        "register_unit": [unit for unit, _ in units], "register_member": [member for _, member in units],
        "enterprise_extract": [{"source": "market", "record_id": f"M{n}", "delivered_on": date(2024, 1, 15)}
                               for n in range(11, 15)],
        "link_pair": [{"kind": "enterprise", "left_key": f"register|{min(uscc(1), uscc(2))}",
                       "right_key": f"register|{max(uscc(1), uscc(2))}", "source": "register", "block_key": "name",
                       "weight": 20.0, "probability": 0.9, "linked": False, "decided_by": "names",
                       "in_review": True, "stratum": "not linked 0.9-0.99", "grounds": "-"}],
        "input_column": [{"table_name": "enterprise", "file_number": 1, "file": "enterprise.csv", "column_name": name,
                          "header": name, "letter": "A"} for name in heads],
        "quarantine": [
            _waits(12, {**row, "uscc": uscc(11), "name": "-", "employee_count": "1,200"}, "industry_code"),
            _waits(13, {**row, "uscc": uscc(12)[:-1] + "?", "name": "上海样本12有限公司", "employee_count": "7"},
                   "uscc"),
            _waits(14, {**row, "uscc": "91?", "name": "-", "employee_count": "5"}, "uscc"),
        ],
        **changed,
    }  # fmt: skip
    tables["register_unit"] += more
    book(engine, tables)
    rows = rows_of(engine, "coded_total", "estimator = 'difference'")
    return {(row["measure"], row["group_code"]): row for row in rows}


def test_rows_in_quarantine_count_and_doubles_count_once(engine: DuckDB) -> None:
    """The list alone would say 2 digital units of 10 with 60 persons; there are 2.1 of 11.1 with 1,233 expected."""
    found = frame_book(engine)
    assert float(found["units", "full"]["value"]) == pytest.approx(2 - 0.9 + 1, abs=1e-6)
    assert float(found["units", "outside"]["value"]) == pytest.approx(9, abs=1e-6)
    assert float(found["persons", "full"]["value"]) == pytest.approx(60 - 27 + 1_200, abs=1e-6)
    assert float(found["persons", "outside"]["value"]) == pytest.approx(80 + 7, abs=1e-6)
    told = {row["code"]: row["amount"] for row in rows_of(engine, "finding") if ".frame_" in row["code"]}
    assert told == {"coding.frame_unlisted": 2, "coding.frame_doubles": 1, "coding.frame_unread": 1}


@pytest.mark.parametrize("unit", [
    {"uscc": uscc(13)},  # ended in 2022
    {"uscc": uscc(14), "district_code": "440305"},  # of another city
    {"uscc": "91?", "name": "上海样本13有限公司"},  # the one that ended, by its name
    {"uscc": uscc(15)},  # began in 2024; no source delivers it any more
])  # fmt: skip
def test_a_row_in_quarantine_does_not_bring_a_unit_back_that_the_register_knows_to_be_gone(
    engine: DuckDB, unit: dict[str, str]
) -> None:
    row = {
        "district_code": "310115",
        "industry_code": "6513",
        "overseas": "false",
        "employee_count": "9",
        **unit,
    }
    old, _ = _unit(15, "market|M15", code="6513", born_on=date(2024, 2, 1))
    found = frame_book(engine, quarantine=[_waits(12, row, "registered_on")], link_pair=[], more=[old])
    assert float(found["units", "full"]["value"]) == 3
    assert not rows_of(engine, "finding", "code = 'coding.frame_unread'")


def test_a_pair_that_differs_in_more_than_name_and_code_is_two_firms_until_somebody_says_so(
    engine: DuckDB,
) -> None:
    listed = [_listed(1, "6513", 30), _listed(2, "6513", 31), *(_listed(n, "6210", 10) for n in range(3, 11))]
    found = frame_book(engine, enterprise=listed)
    assert float(found["units", "full"]["value"]) == 3


def test_a_unit_whose_class_nobody_states_falls_as_the_others_do_and_without_persons_is_told(
    engine: DuckDB,
) -> None:
    waits = _waits(15, {"uscc": uscc(20), "industry_code": "9999", "employee_count": "?"}, "industry_code")
    found = frame_book(engine, quarantine=[waits], link_pair=[])
    assert float(found["units", "full"]["value"]) == pytest.approx(2 + 1 + 0.2, abs=1e-6)
    assert float(found["units", "outside"]["value"]) == pytest.approx(9 + 0.8, abs=1e-6)
    [told] = rows_of(engine, "finding", "code = 'coding.frame_persons_unstated'")
    assert told["amount"] == 3  # two units of other sources and this one


def test_the_frame_s_variance_and_draws_agree_with_the_multinomial() -> None:
    frame = Frame(
        (), (Unsure(np.array([0.2, 0.0, 0.8]), 5.0, ""), Unsure(np.array([-0.6, 0.0, 0.0]), 10.0, "2023-07"))
    )
    one = np.array([1.0, 0.0, 0.0])
    assert frame.variance("units", "", one) == pytest.approx(0.2 * 0.8 + 0.6 * 0.4)
    assert frame.variance("units", "2023-06", one) == pytest.approx(0.2 * 0.8)
    assert frame.variance("persons", "", one) == pytest.approx(25 * 0.16 + 100 * 0.24)
    drawn = frame.draws("persons", 40_000, np.random.default_rng(1))
    assert drawn.mean(axis=0) == pytest.approx([0, 0, 0], abs=0.1)
    assert drawn[:, 0].var() == pytest.approx(25 * 0.16 + 100 * 0.24, rel=0.05)
    assert frame.missing_group("persons", "") == pytest.approx([1.0, 0.0, 4.0])
