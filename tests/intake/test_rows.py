"""Which rows are kept: faults, duplicates, corrections, totals, notes; and nothing is lost."""

from __future__ import annotations

import csv
import json
from decimal import Decimal

import pytest
from stdnum.cn import uscc

from lvshu.intake import write_rejects
from lvshu.intake.rejects import count_rejects
from tests.intake.conftest import Place, codes, problem

HEAD = "loan_id,month,balance"
GOOD = "91310000" + "MA1FL0003"
GOOD += uscc.calc_check_digit(GOOD)


def test_a_row_with_two_faults_is_one_row_and_two_reasons(place: Place) -> None:
    place.put("ledger.csv", f"{HEAD},paid_on\nL1,never,-5,soon\nL2,2025-01,1,\n")
    report = place.load()
    assert [row[2:5:2] for row in place.refused()] == [
        ("balance", "intake.negative"),
        ("month", "intake.not_a_month"),
        ("paid_on", "intake.not_a_date"),
    ]
    assert report.table("ledger").rows_quarantined == 1
    raw = place.engine.execute("SELECT DISTINCT raw_record FROM quarantine")
    assert json.loads(raw[0][0]) == {"loan_id": "L1", "month": "never", "balance": "-5", "paid_on": "soon"}


def test_negative_balance_is_answered_in_both_languages(place: Place) -> None:
    place.put("ledger.csv", f"{HEAD}\nL1,2025-01,-5\n")
    report = place.load()
    found = problem(report, "intake.negative")
    assert found.severity == "error"
    assert "余额" in found.text("zh") and "第2行" in found.text("zh")
    assert "Balance" in found.text("en") and "row 2" in found.text("en")
    assert place.engine.execute("SELECT reason_zh, remedy_en FROM quarantine")[0] == (
        "“余额”为负：-5",
        "Check it; a reversal is corrected on the record it reverses.",
    )


def test_identical_duplicates_collapse(place: Place) -> None:
    place.put("ledger.csv", f"{HEAD}\nL1,2025-01,5\nL1,2025-1,5.00\nL2,2025-01,1\n")
    report = place.load()
    assert place.rows("loan_id, source_row") == [("L1", 2), ("L2", 4)]
    assert place.refused() == [("ledger.csv", 3, None, None, "intake.duplicate_identical")]
    assert codes(report, "error") == []
    assert "ledger.csv:2" in problem(report, "intake.duplicate_identical").text("en")


def test_conflicting_duplicates_are_all_refused(place: Place) -> None:
    place.put("ledger.1.csv", f"{HEAD}\nL1,2025-01,5\nL2,2025-01,1\n")
    place.put("ledger.2.csv", f"{HEAD}\nL1,2025-01,6\n")
    report = place.load()
    assert place.rows("loan_id") == [("L2",)]
    assert [row[:2] for row in place.refused()] == [("ledger.1.csv", 2), ("ledger.2.csv", 2)]
    assert codes(report, "error") == ["intake.rows_quarantined", "intake.rows_quarantined"]


def test_a_key_with_empty_parts_is_still_a_key(place: Place) -> None:
    contract = place.contracts["firm"]
    assert contract.key == ("uscc",)
    place.put("firm.csv", f"uscc,name\n{GOOD},甲\n{GOOD.lower()},甲\n")
    place.load()
    assert place.rows("uscc", "firm") == [(GOOD,)]


def test_corrections_win_and_both_versions_stay(place: Place) -> None:
    place.put("ledger.csv", f"{HEAD}\nL1,2025-01,5\nL2,2025-01,1\n")
    place.put("ledger.corrected.csv", f"{HEAD}\nL1,2025-01,50\n")
    report = place.load()
    assert place.rows("loan_id, balance, source_file") == [
        ("L2", Decimal("1.00"), 1),
        ("L1", Decimal("50.00"), 2),
    ]
    assert place.refused() == [("ledger.csv", 2, None, None, "intake.superseded")]
    assert codes(report, "error") == []


def test_a_later_correction_wins_over_an_earlier_one(place: Place) -> None:
    place.put("ledger.csv", f"{HEAD}\nL1,2025-01,5\n")
    place.put("ledger.corrected.1.csv", f"{HEAD}\nL1,2025-01,50\n")
    place.put("ledger.corrected.2.csv", f"{HEAD}\nL1,2025-01,51\n")
    place.load()
    assert place.rows("balance") == [(Decimal("51.00"),)]


def test_rejects_are_corrected_and_fed_back(place: Place) -> None:
    place.put("ledger.csv", f"{HEAD},备用\nL1,never,5,a\nL2,2025-01,x,b\nL3,2025-01,1,c\n")
    place.load()
    folder = place.inputs.parent / "rejects"
    (path,) = write_rejects(place.engine, folder, place.contracts)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0][:2] == ["来源文件 source_file", "来源行号 source_row"]
    assert [row[:2] for row in rows[1:]] == [["ledger.csv", "2"], ["ledger.csv", "3"]]
    assert rows[1][4:] == ["L1", "never", "5", "a"]
    rows[1][5], rows[2][6] = "2025-02", "7"
    with (place.inputs / "ledger.corrected.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    report = place.load()
    assert codes(report, "error") == []
    assert place.rows("loan_id, month, balance") == [
        ("L3", "2025-01", Decimal(1)),
        ("L1", "2025-02", Decimal(5)),
        ("L2", "2025-01", Decimal(7)),
    ]
    assert {row[4] for row in place.refused()} == {"intake.superseded"}
    assert write_rejects(place.engine, folder, place.contracts) == ()
    assert not path.exists()


def test_codes_of_the_2011_edition_are_recognised(place: Place) -> None:
    place.put(
        "ledger.csv",
        f"{HEAD},industry\nL1,2025-01,1,3999\nL2,2025-01,1,C3011\nL3,2025-01,1,111\nL4,2025-01,1,3019\nL5,2025-01,1,0111\n",
    )
    report = place.load()
    assert [(row[1], row[4]) for row in place.refused()] == [
        (2, "intake.code_2011"),
        (3, "intake.code_spelt"),
        (4, "intake.code_spelt"),
        (5, "intake.unknown_code"),
    ]
    assert place.rows("industry") == [("0111",)]
    assert problem(report, "intake.code_reused").values["rows"] == 1
    assert "GB/T 4754-2011" in problem(report, "intake.code_2011").text("zh")
    assert "3011, 3012" in problem(report, "intake.code_2011").text("en")
    assert "0111" in place.engine.execute("SELECT remedy_en FROM quarantine WHERE row_number = 4")[0][0]


def test_check_digits(place: Place) -> None:
    wrong = GOOD[:-1] + ("0" if GOOD[-1] != "0" else "1")
    place.put("firm.csv", f"信用代码,名称\n{GOOD},甲\n{wrong},乙\n9131,丙\n{GOOD[:10]}O{GOOD[11:]},丁\n")
    place.load()
    assert place.rows("name", "firm") == [("甲",)]
    reasons = [row[0] for row in place.engine.execute("SELECT reason_en FROM quarantine ORDER BY row_number")]
    assert f"check digit should be “{GOOD[-1]}”" in reasons[0]
    assert "must have 18 characters, not 4" in reasons[1]
    assert "cannot contain O" in reasons[2]


def test_a_loan_to_an_unknown_borrower_stays_with_a_warning(place: Place) -> None:
    other = "91310000MA1FL0004"
    other += uscc.calc_check_digit(other)
    place.put("firm.csv", f"uscc,name\n{GOOD},甲\n")
    place.put("ledger.csv", f"{HEAD},uscc\nL1,2025-01,1,{GOOD}\nL2,2025-01,1,{other}\nL3,2025-01,1,\n")
    report = place.load()
    assert len(place.rows("loan_id")) == 3
    assert codes(report) == ["intake.unknown_reference"]
    assert problem(report, "intake.unknown_reference").values["examples"] == [other]
    found = place.engine.execute("SELECT step, severity, amount, what_zh FROM finding")
    assert found[0][:3] == ("intake.references", "warning", 1.0)


def test_rules_of_the_contract(place: Place) -> None:
    place.put(
        "ledger.csv",
        f"{HEAD},paid_on,ends_on,staff\nL1,2025-01,1,2025-02-01,2025-01-01,1\nL2,2025-01,1,2025-01-01,2025-02-01,0\n",
    )
    report = place.load()
    assert place.rows("loan_id") == [("L2",)]
    assert place.engine.execute("SELECT code, reason_en, remedy_zh FROM quarantine") == [
        ("rule.ledger.paid_before_end", "Loan L1 ends before it is paid", "核对日期。")
    ]
    warning = problem(report, "intake.rule_warning")
    assert (warning.severity, warning.values["rows"], warning.where.row) == ("warning", 1, 3)


def test_totals_notes_blank_rows_and_repeated_headings(place: Place) -> None:
    place.put(
        "ledger.csv",
        f"{HEAD}\nL1,2025-01,1\n\n,,\n{HEAD}\nL2,2025-01,2\n合计,,3\n注：单位为元\n资料来源：总行,,\n",
    )
    report = place.load()
    assert place.rows("loan_id, source_row") == [("L1", 2), ("L2", 6)]
    assert [(row[1], row[4]) for row in place.refused()] == [(7, "intake.total_row")]
    (file,) = report.table("ledger").files
    assert (file.rows_read, file.rows_kept, file.rows_quarantined, file.rows_skipped) == (3, 2, 1, 5)
    assert problem(report, "intake.totals_agree").values["figures"] == 1 and codes(report, "error") == []


def test_a_total_that_is_not_the_sum_of_its_rows_is_told_with_both(place: Place) -> None:
    head = "序号,贷款编号,月份,余额（万元）"
    place.put("ledger.csv", f"{head}\n1,L1,2025-01,100.1\n2,L2,2025-01,abc\n3,L3,2025-02,200\n合计,,,300.3\n")
    report = place.load()
    told = problem(report, "intake.totals_differ")
    assert (told.severity, told.where.row, told.where.column) == ("warning", 5, "balance")
    figures = [Decimal(str(told.values[name])) for name in ("stated", "summed", "difference")]
    assert figures == [3_003_000, 3_001_000, 2_000]
    assert [row[1:2] + row[4:] for row in place.refused()] == [
        (3, "intake.not_a_number"),
        (5, "intake.total_row"),
    ]
    rejects = place.inputs.parent / "rejects"
    assert write_rejects(place.engine, rejects, place.contracts) and count_rejects(place.engine) == 1
    assert "合计" not in (rejects / "ledger.csv").read_text(encoding="utf-8-sig")


def test_a_total_of_rows_that_cannot_be_read_is_not_said_to_agree(place: Place) -> None:
    place.put("ledger.csv", f"{HEAD}\nL1,2025-01,5\nL2,2025-01,five hundred\n合计,,5\n")
    report = place.load()
    told = problem(report, "intake.totals_unread")
    assert (told.where.row, told.values["cells"]) == (4, 1)
    assert not {"intake.totals_agree", "intake.totals_differ", "intake.totals_unchecked"} & set(codes(report))


def test_a_total_without_amounts_says_that_it_has_none(place: Place) -> None:
    place.put("ledger.csv", f"{HEAD}\nL1,2025-01,5\nL2,2025-01,6\n合计,,\n")
    report = place.load()
    assert problem(report, "intake.totals_unchecked").where.row == 4
    assert "intake.totals_unread" not in codes(report)


@pytest.mark.parametrize(
    ("rows", "figures"),
    [
        ("L1,2025-01,1\nL2,2025-01,2\n小计,,3\nL3,2025-01,4\nL4,2025-01,5\n小计,,9\n总计,,12\n", 3),
        ("合计,,6\nL1,2025-01,1\nL2,2025-01,2\nL3,2025-02,3\n", 1),
        ("L1,2025-01,1\nL1,2025-01,1\nL2,2025-01,2\n合计,,3\n", 1),
        ("L1,2025-01,1\nL1,2025-02,2\nL2,2025-01,4\n合计,2025-01,5\n合计,2025-02,2\n", 2),
    ],
)
def test_subtotals_totals_above_of_kept_rows_and_of_a_month_agree(
    place: Place, rows: str, figures: int
) -> None:
    place.put("ledger.csv", f"{HEAD}\n{rows}")
    report = place.load()
    told = problem(report, "intake.totals_agree")
    assert (told.severity, told.values["figures"]) == ("notice", figures), told.values
    assert codes(report, "warning") == codes(report, "error") == []


def test_unknown_columns_are_told_with_what_they_may_mean(place: Place) -> None:
    place.put("ledger.csv", f"{HEAD},intrest rate,memo\nL1,2025-01,1,0.1,x\n")
    report = place.load()
    notice = problem(report, "intake.unknown_columns")
    assert notice.severity == "notice"
    assert notice.values["columns"] == ["D intrest rate → Interest rate?", "E memo"]


def test_slips_of_unit_between_files(place: Place) -> None:
    for month in (1, 2, 3):
        times = 10000 if month != 2 else 1
        rows = "\n".join(f"L{n},2025-0{month},{n * times}" for n in range(1, 31))
        place.put(f"ledger.2025-0{month}.csv", f"{HEAD}\n{rows}\n")
    report = place.load()
    slips = [one for one in report.problems if one.code == "intake.unit_slip_file"]
    assert [one.where.file for one in slips] == ["ledger.2025-02.csv"]
    assert slips[0].severity == "warning"
    rows = problem(report, "intake.unit_slip_row").values["rows"]
    assert rows == 60
    assert len(place.rows("loan_id")) == 90
    profile = place.engine.execute(
        "SELECT file, median_power_of_ten FROM column_profile ORDER BY file_number"
    )
    assert [round(power, 1) for _, power in profile] == [5.1, 1.1, 5.1]


def test_slips_of_unit_against_the_last_run(place: Place) -> None:
    rows = "\n".join(f"L{n},2025-01,{n}" for n in range(1, 31))
    place.put("ledger.csv", f"{HEAD}\n{rows}\n")
    assert codes(place.load(previous={("ledger", "balance"): 5.1})) == ["intake.unit_slip_previous"]
    assert codes(place.load(previous={("ledger", "balance"): 1.3})) == []


def test_loading_again_replaces_everything(place: Place) -> None:
    place.put("ledger.csv", f"{HEAD}\nL1,2025-01,x\nL2,2025-01,2\n")
    for _ in range(2):
        place.load()
    assert len(place.refused()) == 1
    assert place.engine.count("input_file") == 1
    left = [name for name in place.engine.tables() if name.startswith("intake_")]
    assert left == []


def test_the_last_line_of_an_export_is_no_record(place: Place) -> None:
    """A csv that lvshu exported ends with what it is and where it comes from; fed back, that line is a note."""
    place.put("ledger.csv", f"{HEAD}\n,,\nL1,2025-01,1\n# 台账 (ledger) · 样本城 2023 · run 1\n")
    report = place.load()
    assert not [one for one in report.problems if one.code == "intake.ragged_row"]
    assert place.refused() == []
    assert report.table("ledger").rows_kept == 1
