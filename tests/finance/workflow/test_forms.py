"""Collection forms: what is sent, and every way in which they come back wrong."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
import python_calamine as calamine

from lvshu.core.errors import InputError
from lvshu.finance.workflow.beside import Beside
from lvshu.finance.workflow.desk import Desk, open_desk
from lvshu.finance.workflow.fields import load_fields
from lvshu.finance.workflow.form_check import differences
from lvshu.finance.workflow.form_read import read_form
from lvshu.finance.workflow.form_write import Asked, Known, write_form
from lvshu.finance.workflow.issue import issue_forms
from lvshu.finance.workflow.progress import move_clients, progress_of
from lvshu.finance.workflow.records import Actor
from lvshu.finance.workflow.taking import Taken, take
from lvshu.store.workspace import Workspace
from tests.finance.runs import run_tables
from tests.finance.sheets import sheets_of
from tests.finance.workflow import small


def taken(place: Workspace, path: Path, actor: Actor = small.MANAGER_1, reason: str = "") -> Taken:
    """Return what became of one form."""
    with open_desk(place, actor) as desk:
        (one,) = take(desk, [path], reason=reason)
    return one


def codes(one: Taken, *severities: str) -> list[str]:
    """Return the codes of the problems of some severities, without their first part."""
    return [
        problem.code.removeprefix("finance.desk_form_")
        for problem in one.problems
        if problem.severity in (severities or ("error", "warning"))
    ]


def test_a_form_knows_its_client_last_year_and_the_lists(sent: Workspace) -> None:
    path = small.form_of(sent, small.STEEL)
    parsed = read_form(path, load_fields(sent.library))
    assert parsed.problems == []
    assert parsed.identity["uscc"] == small.STEEL and parsed.identity["year"] == "2025"
    assert parsed.identity["form_id"] in path.name
    assert all(row.blank for row in parsed.rows)
    book = calamine.CalamineWorkbook.from_path(str(path))
    energy = book.get_sheet_by_name("能源 Energy").to_python()
    coal = next(row for row in energy if row[0] == "raw_coal")
    assert coal[4] == "万吨" and coal[6] == "2"
    assert [row[0] for row in energy[1:7]] == [
        "raw_coal",
        "coke",
        "fuel_oil",
        "natural_gas",
        "gasoline",
        "diesel",
    ]
    main = book.get_sheet_by_name("填报 Form").to_python()
    begin = next(row for row in main if row[0] == "total_assets_begin")
    assert begin[6] == "340000" and begin[4] == "万元"


def test_a_form_lets_only_its_yellow_cells_be_written(sent: Workspace) -> None:
    sheets = sheets_of(small.form_of(sent, small.STEEL))
    assert all(sheet.protected for sheet in sheets.values())
    main = sheets["填报 Form"]
    rows = calamine.CalamineWorkbook.from_path(str(small.form_of(sent, small.STEEL))).get_sheet_by_name(
        "填报 Form"
    )
    place = {row[0]: number for number, row in enumerate(rows.to_python(), start=1) if row[0]}
    assert main.columns(place["form_id"]) == main.columns(place["uscc"]) == set()
    assert main.columns(place["main_business_revenue"]) == {"D", "E", "F"}
    assert '"verified,cems,unverified"' in main.lists.values()
    units = main.lists[f"E{place['main_business_revenue']}"]
    assert "万元" in units and "亿元" in units and "吨" not in units
    energy = sheets["能源 Energy"]
    assert any(formula.startswith("'取值 Values'!") for formula in energy.lists.values())
    assert sheets["说明 Guide"].unlocked == sheets["取值 Values"].unlocked == frozenset()


def test_a_form_shows_what_the_bank_would_estimate_without_it(bank: Workspace) -> None:
    known = (Known("估算", "Estimate", "1,250", "吨"),)
    path = write_form(
        bank.folder / "one.xlsx", Asked({"name": "某"}, load_fields(bank.library), {}, "zh", known)
    )
    rows = calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_name("填报 Form").to_python()
    assert [row[6] for row in rows if row[1] == "估算"] == ["1,250 吨"]
    assert not any(
        problem.code.endswith("unknown_row")
        for problem in read_form(path, load_fields(bank.library)).problems
    )


def test_forms_in_english_units_read_back(bank: Workspace) -> None:
    from lvshu.finance.workflow.formal import lock

    with open_desk(bank, small.HEAD) as desk:
        lock(desk)
        issued = issue_forms(desk, [small.STEEL], to=bank.folder / "out", language="en")
    (path,) = issued.files
    assert path.parent == bank.folder / "out"
    back = small.fill(path, bank.folder / "back.xlsx", small.GOOD)
    assert taken(bank, back).status == "accepted"


def test_units_are_converted_exactly(sent: Workspace) -> None:
    changes = {"main_business_revenue": "6.8", "main_business_revenue/unit": "亿元", "raw_coal/unit": "吨",
               "raw_coal": "25,000.5", "scope1": 6, "scope1/unit": "万吨二氧化碳当量"}  # fmt: skip
    one = taken(sent, small.filled(sent, small.STEEL, **changes))
    assert one.status == "accepted", [problem.text("en") for problem in one.problems]
    with open_desk(sent) as desk:
        content = desk.repository.returns()[-1].content
    assert content["finance"]["main_business_revenue"] == "680000000.00"
    assert content["report"]["scope1"] == "60000.000000"
    assert content["energy"][0] == {"code": "raw_coal", "quantity": "25000.500000", "unit": "t"}


def test_tonnes_of_emission_in_a_form_are_of_carbon_dioxide(sent: Workspace) -> None:
    one = taken(sent, small.filled(sent, small.STEEL, **{"scope1": 6, "scope1/unit": "万吨"}))
    assert one.status == "accepted", [problem.text("en") for problem in one.problems]
    with open_desk(sent) as desk:
        assert desk.repository.returns()[-1].content["report"]["scope1"] == "60000.000000"


def test_a_form_in_tonnes_of_co2_alone_is_taken_and_told(sent: Workspace) -> None:
    one = taken(sent, small.filled(sent, small.STEEL, **{"scope1": 6, "scope1/unit": "万tCO2"}))
    assert "co2_alone" in codes(one) and not codes(one, "error")
    with open_desk(sent, small.HEAD) as desk:
        report = desk.repository.returns()[-1].content["report"]
    assert (report["scope1"], report["gases"]) == ("60000.000000", "co2")


def test_a_form_edited_by_hand_is_told_all_its_faults_at_once(sent: Workspace) -> None:
    path = small.fill(
        small.form_of(sent, small.STEEL), sent.folder / "bad.xlsx",
        {"contact_name": "张三", "main_business_revenue": "约六亿", "total_assets_begin": 300_000,
         "total_assets_begin/unit": "", "total_assets_end": -5, "source": "verified", "scope1": 60_000,
         "total": 90_000, "scope2": 20_000, "raw_coal": 2, "raw_coal/unit": "立方米", "natural_gas": "12万",
         "electricity:green_interprovincial": 500, "coke": 1, "coke/unit": "筐", "gasoline": "1e20",
         "filled_on": "去年"},
        delete=("fuel_oil", "attachment_2"),
    )  # fmt: skip
    one = taken(sent, path)
    assert one.status == "refused" and one.version == 1
    assert sorted(codes(one)) == sorted(
        ["rows_gone", "rows_gone", "date", "not_a_number", "no_unit", "negative", "verifier", "report_evidence",
         "total", "wrong_unit", "not_a_number", "evidence", "unknown_unit", "too_large"]
    )  # fmt: skip
    places = {problem.code: problem.where for problem in one.problems}
    assert places["finance.desk_form_wrong_unit"].sheet == "能源 Energy"
    assert all("{" not in problem.text(language) for problem in one.problems for language in ("zh", "en"))
    with open_desk(sent, small.HEAD) as desk:
        assert desk.repository.states(desk.list_of().list_id)[small.STEEL].state == "sent"
        assert progress_of(desk).refused == 1
        (kept,) = desk.repository.returns()
        assert (kept.status, len(kept.problems)) == ("refused", len(one.problems))
    assert not (sent.inputs / "entity_emission.desk.corrected.csv").exists()
    assert taken(sent, small.filled(sent, small.STEEL)).version == 2


def test_identity_rows_and_sheets_are_missed(sent: Workspace) -> None:
    form = small.form_of(sent, small.STEEL)
    renamed = small.fill(
        form, sent.folder / "renamed.xlsx", {**small.GOOD, "uscc": small.CEMENT, "year": 2024}
    )
    one = taken(sent, renamed)
    assert one.status == "refused" and codes(one, "error") == ["identity", "identity"]
    gone = small.fill(form, sent.folder / "gone.xlsx", {}, delete=("form_id", "main_business_revenue"))
    one = taken(sent, gone)
    assert one.status == "unknown" and codes(one, "error") == ["unknown", "rows_missing"]
    (sent.folder / "text.xlsx").write_text("no workbook", encoding="utf-8")
    assert taken(sent, sent.folder / "text.xlsx").problems[0].code.startswith("intake.")
    assert taken(sent, sent.folder / "absent.xlsx").problems[0].code == "finance.desk_file_absent"
    with open_desk(sent, small.MANAGER_1) as desk, pytest.raises(InputError) as told:
        take(desk, [sent.folder / "desk"])
    assert told.value.code == "finance.desk_no_files"


def test_a_jump_against_last_year_is_told_and_not_corrected(sent: Workspace) -> None:
    one = taken(sent, small.filled(sent, small.STEEL, raw_coal=25_000, main_business_revenue=6.8))
    assert one.status == "accepted" and codes(one) == ["jump", "jump", "beyond_revenue"]
    times = {str(problem.values["field"]): problem.values["times"] for problem in one.problems
             if problem.code.endswith("jump")}  # fmt: skip
    assert sorted(times.values()) == [Decimal("10000.0"), Decimal("12500.0")]
    with open_desk(sent) as desk:
        assert desk.repository.returns()[-1].content["energy"][0]["quantity"] == "25000.000000"
    zero = taken(sent, small.filled(sent, small.STEEL, "zero.xlsx", raw_coal=0), reason="没有用煤")
    assert codes(zero) == ["from_zero"]


def test_assets_of_zero_or_of_another_unit_and_reports_of_one_scope_are_told(sent: Workspace) -> None:
    cells = {"total_assets_begin": 300_000, "total_assets_end": 310_000, "total_assets_end/unit": "亿元"}
    one = taken(sent, small.filled(sent, small.STEEL, **cells))
    assert one.status == "accepted" and "assets_apart" in codes(one, "warning")
    cells = {"total_assets_begin": 0, "total_assets_end": 0, "total": None, "scope2": None}
    two = taken(sent, small.filled(sent, small.STEEL, "two.xlsx", **cells), reason="更正")
    assert codes(two, "warning").count("zero_assets") == 2 and "one_scope" in codes(two, "warning")


def test_yuan_and_tonnes_typed_under_the_printed_units_are_told(sent: Workspace) -> None:
    cells = {"total_assets_begin": 8 * 10**9, "total_assets_end": 8 * 10**9, "main_business_revenue": 5 * 10**8,
             "raw_coal": 30_000}  # fmt: skip
    one = taken(sent, small.filled(sent, small.STEEL, **cells))
    told = [problem for problem in one.problems if problem.code == "finance.desk_form_beyond_loans"]
    assert one.status == "accepted" and len(told) == 3
    assert all("万元" in problem.why("zh") and problem.where.row for problem in told)
    assert "8,000,000,000.00" in " ".join(problem.why("en") for problem in told)
    assert "beyond_revenue" not in codes(one)  # both slips cancel
    cells |= {"total_assets_begin": 80_000, "total_assets_end": 80_000, "main_business_revenue": 50_000}
    two = taken(sent, small.filled(sent, small.STEEL, "two.xlsx", **cells), reason="更正")
    assert "beyond_revenue" in codes(two, "warning") and "beyond_loans" not in codes(two)


def test_fuels_and_products_of_the_free_rows(sent: Workspace) -> None:
    source = small.filled(sent, small.STEEL)
    wanted = {
        "能源 Energy": [("液化石油气", 3, "吨"), ("raw_coal", 1, "吨"), ("月光", 1, "吨"), ("heat", 5, "GJ")],
        "产品 Products": [("pig_iron", 2, "万吨"), ("生铁", 1, "吨"), ("clinker", 1, "立方米")],
        "工艺 Processes": [
            ("碳酸钙（石灰石、方解石；含脱硫剂）", 12, "吨"),
            ("carbonate_dolomite", 1, "万吨"),
            ("炼金", 1, "吨"),
        ],
    }
    one = taken(sent, small.with_free_rows(source, sent.folder / "free.xlsx", wanted))
    assert sorted(codes(one, "error")) == [
        "twice",
        "twice",
        "unknown_energy",
        "unknown_process",
        "wrong_unit",
    ]
    with open_desk(sent) as desk:
        content = desk.repository.returns()[-1].content
    assert {"code": "lpg", "quantity": "3.000000", "unit": "t"} in content["energy"]
    assert content["product"] == [{"code": "pig_iron", "quantity": "20000.000000", "unit": "t"}]
    assert content["process"] == [
        {"code": "carbonate_calcium", "quantity": "12.000000", "unit": "t"},
        {"code": "carbonate_dolomite", "quantity": "10000.000000", "unit": "t"},
    ]


def test_no_process_emission_is_a_statement_and_stands_alone(sent: Workspace) -> None:
    source = small.filled(sent, small.STEEL)
    stated = {"工艺 Processes": [("none", 0, "吨")]}
    assert codes(taken(sent, small.with_free_rows(source, sent.folder / "none.xlsx", stated))) == []
    both = {"工艺 Processes": [("none", 0, "吨"), ("carbonate_calcium", 1, "吨")]}
    other = small.with_free_rows(source, sent.folder / "both.xlsx", both)
    assert codes(taken(sent, other, reason="更正"), "error") == ["process_none"]


def test_attachments_are_hashed_missed_or_too_large(sent: Workspace) -> None:
    (sent.folder / "report.pdf").write_bytes(b"%PDF")
    with (sent.folder / "huge.pdf").open("wb") as stream:
        stream.truncate(21 * 1024 * 1024)
    one = taken(sent, small.filled(sent, small.STEEL, attachment_1="report.pdf", attachment_2="huge.pdf",
                                   attachment_3="../nowhere.pdf"))  # fmt: skip
    assert codes(one) == ["attachment_size", "attachment_absent"]
    with open_desk(sent) as desk:
        kept = desk.repository.returns()[-1].content["attachments"]
    assert [entry["name"] for entry in kept] == ["report.pdf", "nowhere.pdf"] and kept[0]["bytes"] == 4
    written = (sent.inputs / "collection_attachment.desk.csv").read_text("utf-8").splitlines()
    assert len(written) == 3 and ",report.pdf,4," in written[1] and written[2].endswith(",nowhere.pdf,,")
    fourth = small.filled(sent, small.STEEL, "fourth.xlsx")
    more = small.with_rows(
        fourth, sent.folder / "more.xlsx", "填报 Form", [["attachment_4", "", "", "more.pdf"]]
    )
    assert "unknown_row" in codes(taken(sent, more, reason="多一个附件"), "error")


def test_a_second_version_needs_its_reason_and_both_are_kept(sent: Workspace) -> None:
    first = small.filled(sent, small.STEEL)
    assert taken(sent, first).version == 1
    assert taken(sent, first).status == "same"
    second = small.filled(sent, small.STEEL, "second.xlsx", scope1=61_000, total=81_000)
    refused = taken(sent, second)
    assert (refused.status, refused.problems[0].code) == ("unknown", "finance.desk_needs_note")
    one = taken(sent, second, reason="核查后改正")
    assert (one.status, one.version) == ("accepted", 2)
    assert list(one.differences) == [
        {"field": "report.scope1", "before": "60000.000000", "after": "61000.000000"},
        {"field": "report.total", "before": "80000.000000", "after": "81000.000000"},
    ]
    with open_desk(sent, small.HEAD) as desk:
        versions = desk.repository.returns()
        (fix,) = desk.repository.corrections()
        assert [back.version for back in versions] == [1, 2]
        assert differences(versions[1].content, versions[0].content)[0]["before"] == "61000.000000"
        assert (fix.kind, fix.reason, fix.user) == ("figures", "核查后改正", "陈经理")
    stored = sorted(path.name for path in (sent.folder / "desk" / "returns").iterdir())
    assert len(stored) == 2 and "_v1_" in stored[0] and "_v2_" in stored[1]


def test_confirmed_figures_are_opened_again_before_they_change(sent: Workspace) -> None:
    taken(sent, small.filled(sent, small.STEEL))
    _move(sent, (small.BRANCH_1, "checked"))
    run_tables(sent, ("formal_list_check",))
    _move(sent, (small.HEAD, "confirmed"), (small.HEAD, "locked"))
    later = small.filled(sent, small.STEEL, "later.xlsx", scope1=61_000, total=81_000)
    assert taken(sent, later, reason="改正").problems[0].code == "finance.desk_no_way"
    path = sent.inputs / "entity_emission.desk.corrected.csv"
    assert "60000" in path.read_text("utf-8")
    _move(sent, (small.HEAD, "sent_back"))
    assert not path.exists()
    assert taken(sent, later, reason="改正").version == 2
    _move(sent, (small.BRANCH_1, "checked"))
    assert "61000" in path.read_text("utf-8")


def _move(place: Workspace, *steps: tuple[Actor, str]) -> None:
    for actor, state in steps:
        with open_desk(place, actor) as desk:
            move_clients(desk, [small.STEEL], state, note="复核")


def test_rows_from_elsewhere_that_stay_beside_the_form_are_told(sent: Workspace) -> None:
    content = {"energy": [{"code": "coke", "source_kind": None}], "report": {}, "product": []}
    with sent.book() as book:
        beside = Beside(book)
        (told,) = beside.left_standing(small.STEEL, small.YEAR - 1, content, None)
        assert told.values["rows"] == ["raw_coal"] and told.values["table"] == "energy_return"
        earlier = {"energy": [{"code": "raw_coal"}]}
        assert beside.left_standing(small.STEEL, small.YEAR - 1, content, earlier) == []
        assert beside.left_standing(small.STEEL, small.YEAR - 1, {"energy": []}, None) == []
        assert beside.left_standing(small.POWER, small.YEAR - 1, content, None) == []
    assert Beside(None).left_standing(small.STEEL, small.YEAR, content, None) == []


def test_a_project_is_not_asked_for_the_finances_of_its_enterprise(sent: Workspace) -> None:
    project = f"{small.POWER}/P1"
    names = {row.code for row in read_form(small.form_of(sent, project), load_fields(sent.library)).rows}
    assert "main_business_revenue" not in names and "raw_coal" in names
    cells = {"contact_name": "张三", "raw_coal": 2.5}
    path = small.fill(small.form_of(sent, project), sent.folder / "p0.xlsx", cells)
    path = small.with_free_rows(
        path, sent.folder / "p.xlsx", {"工艺 Processes": [("carbonate_calcium", 12, "吨")]}
    )
    one = taken(sent, path)
    assert one.status == "accepted" and codes(one) == []
    with open_desk(sent, small.BRANCH_1) as desk:
        move_clients(desk, [project], "checked")
    text = (sent.inputs / "energy_return.desk.corrected.csv").read_text("utf-8").splitlines()
    assert text[1].startswith(f"{small.POWER},2025,P1,raw_coal,2.5")
    text = (sent.inputs / "process_return.desk.corrected.csv").read_text("utf-8").splitlines()
    assert text[1].startswith(f"{small.POWER},2025,P1,carbonate_calcium,12.000000")
    assert not (sent.inputs / "enterprise_finance.desk.corrected.csv").exists()


def test_whoever_may_not_hand_in_leaves_no_version_behind(sent: Workspace) -> None:
    bad = small.filled(sent, small.STEEL, raw_coal="many")
    assert taken(sent, bad, small.MANAGER_2).problems[0].code == "finance.desk_not_your_branch"
    with open_desk(sent) as desk:
        assert desk.repository.returns() == []


def test_an_old_form_is_taken_and_told(sent: Workspace) -> None:
    old = small.filled(sent, small.STEEL)
    with open_desk(sent, small.HEAD) as desk:
        issue_forms(desk, [small.STEEL])
    assert codes(taken(sent, old)) == ["old"]


def test_nothing_is_half_written_when_a_step_fails(sent: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _everything(sent)
    project = small.fill(
        small.form_of(sent, f"{small.POWER}/P1"),
        sent.folder / "project.xlsx",
        {"contact_name": "张三", "coke": 1},
    )
    paths = [small.filled(sent, small.STEEL), project]
    real, calls = Desk.move, []

    def failing(self: Desk, *given: object, **named: object) -> object:
        calls.append(given)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(self, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Desk, "move", failing)
    with open_desk(sent, small.MANAGER_1) as desk, pytest.raises(KeyboardInterrupt):
        take(desk, paths)
    monkeypatch.undo()
    assert len(calls) == 2 and _everything(sent) == before
    with open_desk(sent, small.MANAGER_1) as desk:
        assert [one.status for one in take(desk, paths)] == ["accepted", "accepted"]


def _everything(place: Workspace) -> tuple[object, ...]:
    with open_desk(place) as desk:
        tables = (desk.repository.changes(), desk.repository.returns(), desk.repository.corrections())
    return (*tables, {path.name: path.read_bytes() for path in place.inputs.glob("*.desk*")})


def test_notices_of_a_whole_form_name_its_client_and_file(sent: Workspace) -> None:
    path = small.fill(small.form_of(sent, small.STEEL), sent.folder / "bare.xlsx", {"contact_name": "王"})
    one = taken(sent, path)
    told = next(problem for problem in one.problems if problem.code == "finance.desk_form_no_activity")
    assert small.STEEL in told.what("zh") and small.NAMES[small.STEEL] in told.what("en")
    assert told.where.file == path.name


def test_a_mistaken_choice_or_figure_is_told_once(sent: Workspace) -> None:
    form = small.form_of(sent, small.STEEL)
    wrong = small.fill(
        form,
        sent.folder / "wrong.xlsx",
        {"contact_name": "王", "source": "别的", "scope1": 5, "scope2": "abc"},
    )
    found = codes(taken(sent, wrong))
    assert "choice" in found and "not_a_number" in found
    assert not {"report_source", "one_scope", "no_activity"} & set(found)


def test_words_for_choices_and_names_of_products_with_a_factor_of_their_own(sent: Workspace) -> None:
    from lvshu.finance.workflow.form_check import check_form

    fields = load_fields(sent.library)
    assert next(one for one in fields.fields if one.code == "source").choice("经核查") == "verified"
    assert fields.item("process", "水泥熟料") == "clinker" and "clinker" in fields.near("process", "熟料")[0]
    parsed = read_form(small.form_of(sent, small.STEEL), fields)
    row = next(row for row in parsed.rows if row.section == "energy")
    made = {**row.__dict__, "section": "product", "code": "乙烯", "value": "10", "unit": "吨"}
    for more, wanted in (
        ({"factor": "1.7", "factor_source": "核查报告第3页"}, []),
        ({"factor": "1.7"}, ["desk_form_factor_source"]),
        ({"factor": "x", "factor_source": "y"}, ["desk_form_factor"]),
        ({}, ["desk_form_unknown_product"]),
    ):
        parsed.rows[:] = [type(row)(**{**made, **more})]
        content, problems = check_form(parsed, fields, {}, Path())
        assert [one.code.removeprefix("finance.") for one in problems if one.severity == "error"] == wanted
        if not wanted:
            (entry,) = content["product"]
            assert entry == {"code": "乙烯", "quantity": "10.000000", "unit": "t", "factor": "1.700000",
                             "factor_source": "核查报告第3页"}  # fmt: skip


def test_a_lock_file_of_a_spreadsheet_is_skipped(sent: Workspace, tmp_path: Path) -> None:
    (tmp_path / "~$form.xlsx").write_bytes(b"lock")
    one = taken(sent, tmp_path / "~$form.xlsx")
    assert one.status == "skipped" and [problem.severity for problem in one.problems] == ["notice"]
