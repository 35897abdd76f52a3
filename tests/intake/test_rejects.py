"""Rejects of files with different headings: every file that is written can be corrected and fed back as it is."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

from lvshu.intake import count_rejects, write_rejects
from tests.intake.conftest import Place, codes


def _corrected(place: Place, paths: tuple[Path, ...], wrong: str, right: str) -> None:
    """Save each rejects file into inputs with one cell corrected wherever it stands."""
    for path in paths:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = [[right if cell == wrong else cell for cell in row] for row in csv.reader(stream)]
        with (place.inputs / f"{path.stem}.corrected.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(rows)


def test_two_branches_with_two_units_make_two_files_that_come_back(place: Place) -> None:
    place.put("ledger.a.csv", "loan_id,month,余额（万元）,备注\nL1,never,5,x\nL2,2025-01,7,y\n")
    place.put("ledger.b.csv", "loan_id,month,余额（元）\nL3,never,5\n")
    place.put("ledger.c.csv", "loan_id,month,余额（万元）,staff\nL4,never,6,9\n")
    place.load()
    folder = place.inputs.parent / "rejects"
    paths = write_rejects(place.engine, folder, place.contracts)
    assert [path.name for path in paths] == ["ledger.csv", "ledger.2.csv"]
    assert "余额（万元）,备注,staff" in paths[0].read_text("utf-8-sig").splitlines()[0]
    assert [line.split(",")[0] for line in paths[0].read_text("utf-8-sig").splitlines()[1:]] == [
        "ledger.a.csv", "ledger.c.csv",
    ]  # fmt: skip
    assert count_rejects(place.engine) == 3
    _corrected(place, paths, "never", "2025-02")
    report = place.load()
    assert codes(report, "error") == []
    found = place.engine.execute("SELECT loan_id, month, balance, staff FROM ledger ORDER BY loan_id")
    assert found == [
        ("L1", "2025-02", Decimal(50_000), None), ("L2", "2025-01", Decimal(70_000), None),
        ("L3", "2025-02", Decimal(5), None), ("L4", "2025-02", Decimal(60_000), 9),
    ]  # fmt: skip
    assert write_rejects(place.engine, folder, place.contracts) == ()
    assert count_rejects(place.engine) == 0 < len(place.refused())
    assert list(folder.iterdir()) == []


def test_other_files_in_the_folder_stay(place: Place) -> None:
    place.put("ledger.csv", "loan_id,month,balance\nL1,never,5\n")
    place.load()
    folder = place.inputs.parent / "rejects"
    folder.mkdir()
    for name in ("ledger.7.csv", "ledger.mine.csv", "other.2.csv"):
        (folder / name).write_text("x", "utf-8")
    write_rejects(place.engine, folder, place.contracts)
    assert sorted(path.name for path in folder.iterdir()) == ["ledger.csv", "ledger.mine.csv", "other.2.csv"]


def test_a_unit_stated_above_the_headings_goes_with_the_row(place: Place) -> None:
    place.put("ledger.a.csv", "单位：万元,,\nloan_id,month,余额\nL1,never,5\n")
    place.put("ledger.b.csv", "loan_id,month,余额\nL2,never,5\n")
    place.load()
    paths = write_rejects(place.engine, place.inputs.parent / "rejects", place.contracts)
    assert [path.name for path in paths] == ["ledger.csv", "ledger.2.csv"]
    _corrected(place, paths, "never", "2025-02")
    assert codes(place.load(), "error") == []
    found = place.engine.execute("SELECT loan_id, balance FROM ledger ORDER BY loan_id")
    assert found == [("L1", Decimal(50_000)), ("L2", Decimal(5))]


def test_a_record_of_too_few_cells_does_not_cost_the_others_their_cells(place: Place) -> None:
    place.put("ledger.csv", "loan_id,month,balance\nL1,2025-01\nL2,never,6\n")
    place.load()
    (path,) = write_rejects(place.engine, place.inputs.parent / "rejects", place.contracts)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0][4:] == ["loan_id", "month", "balance", ""]
    assert [row[4:] for row in rows[1:]] == [["", "", "", "L1,2025-01"], ["L2", "never", "6", ""]]


def test_a_conflict_between_two_parts_is_not_settled_by_their_order(place: Place) -> None:
    place.put("ledger.a.csv", "loan_id,month,余额（万元）\nL1,2025-01,5\n")
    place.put("ledger.b.csv", "loan_id,month,余额（元）\nL1,2025-01,60000\n")
    place.load()
    paths = write_rejects(place.engine, place.inputs.parent / "rejects", place.contracts)
    assert len(paths) == 2
    _corrected(place, paths, "nothing", "changed")
    assert "intake.rows_quarantined" in codes(place.load(), "error")
    assert place.rows("loan_id") == []
    _corrected(place, paths, "60000", "50000")
    assert codes(place.load(), "error") == []
    assert place.rows("balance") == [(Decimal(50_000),)]


MAPPED = """[columns]
"编号" = "loan_id"
"期间" = "month"
"数额" = "balance"
"大小" = "kind"
[units]
balance = "{unit}"
[values.kind]
"巨" = "large"
"""


def test_rejects_of_mapped_files_come_back_without_a_mapping_of_their_own(place: Place) -> None:
    for name, unit, amount in (("ledger.a", "1e4 CNY", "5"), ("ledger.b", "CNY", "5")):
        place.put(
            f"{name}.csv", f"编号,期间,数额,大小\n{name[-1]}1,never,{amount},巨\n{name[-1]}2,2025-01,7,巨\n"
        )
        place.put(f"{name}.mapping.toml", MAPPED.format(unit=unit))
    place.load()
    folder = place.inputs.parent / "rejects"
    paths = write_rejects(place.engine, folder, place.contracts)
    assert len(paths) == 2  # one column in two units
    _corrected(place, paths, "never", "2025-02")
    report = place.load()
    assert codes(report, "error") == []
    found = place.engine.execute("SELECT loan_id, month, balance, kind FROM ledger ORDER BY loan_id")
    assert found == [
        ("a1", "2025-02", Decimal(50_000), "large"), ("a2", "2025-01", Decimal(70_000), "large"),
        ("b1", "2025-02", Decimal(5), "large"), ("b2", "2025-01", Decimal(7), "large"),
    ]  # fmt: skip
    assert write_rejects(place.engine, folder, place.contracts) == ()


def test_a_corrected_file_beside_the_mapping_of_its_only_source(place: Place) -> None:
    place.put("ledger.csv", "编号,期间,数额,大小\nL1,never,5,巨\n")
    place.put("ledger.mapping.toml", MAPPED.format(unit="1e4 CNY"))
    place.load()
    paths = write_rejects(place.engine, place.inputs.parent / "rejects", place.contracts)
    _corrected(place, paths, "never", "2025-02")
    assert codes(place.load(), "error") == []
    assert place.engine.execute("SELECT loan_id, month, balance FROM ledger") == [
        ("L1", "2025-02", Decimal(50_000))
    ]


def test_a_text_that_a_spreadsheet_would_run_is_marked_and_comes_back_as_it_was(place: Place) -> None:
    place.put("ledger.csv", "loan_id,month,balance\n=1+1|cmd,never,5\n")
    place.load()
    (path,) = write_rejects(place.engine, place.inputs.parent / "rejects", place.contracts)
    assert path.read_text("utf-8-sig").splitlines()[1].endswith("'=1+1|cmd,never,5")
    _corrected(place, (path,), "never", "2025-02")
    assert codes(place.load(), "error") == []
    assert place.engine.execute("SELECT loan_id, balance FROM ledger") == [("=1+1|cmd", Decimal(5))]


def test_reasons_and_remedies_of_a_row_stand_in_one_order(place: Place) -> None:
    place.put("ledger.csv", "loan_id,month,balance\nL1,never,lots\nL2,never,5\n")
    place.load()
    [path] = write_rejects(place.engine, place.inputs.parent / "rejects", place.contracts)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        heading, first, second = list(csv.reader(stream))
    at = [number for number, name in enumerate(heading) if "原因" in name or "办法" in name]
    reasons, remedies = (first[number].split(" | ") for number in at)
    assert [one[:2] for one in reasons] == [one[:2] for one in remedies] == ["1)", "2)"]
    known = dict(
        place.engine.execute("SELECT DISTINCT reason_zh, remedy_zh FROM quarantine WHERE row_number = 2")
    )
    assert {one[3:]: other[3:] for one, other in zip(reasons, remedies, strict=True)} == known
    assert not any(second[number].startswith("1)") for number in at), "one reason needs no number"
