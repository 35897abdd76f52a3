"""The register of the sample city: links against the truth, the queue out and in, error rates, life-cycle."""

from __future__ import annotations

import csv
import shutil
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from lvshu.core.errors import InputError
from lvshu.pipeline.request import RunRequest
from lvshu.pipeline.run import run as run_workspace
from lvshu.sample import score_links
from lvshu.statistics.register.desk import MIRROR, as_at, queue_rows, rates, summary, take, write_queue
from lvshu.statistics.register.sheet import COLUMNS
from lvshu.statistics.register.steps import REGISTER_STEPS
from lvshu.store.workspace import Workspace

TODAY = date(2024, 6, 1)


@pytest.fixture(scope="module")
def linked(sample_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace of which only the register was made."""
    folder = tmp_path_factory.mktemp("register") / "city"
    shutil.copytree(sample_workspace, folder)
    for path in (folder / "inputs").iterdir():
        if path.name not in ("enterprise.csv", "enterprise_extract.csv", "person_extract.csv"):
            path.unlink()
    run_workspace(Workspace.open(folder), RunRequest(steps=REGISTER_STEPS))
    return folder


def _truth(folder: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for kind, column in (("enterprise", "unit"), ("person", "person")):
        with (folder / "truth" / f"{kind}_extract.csv").open(encoding="utf-8", newline="") as handle:
            found |= {f"{row['source']}|{row['record_id']}": row[column] for row in csv.DictReader(handle)}
    with (folder / "truth" / "dirt.csv").open(encoding="utf-8", newline="") as handle:
        second = {
            row["key"]: row["true_value"] for row in csv.DictReader(handle) if row["kind"] == "duplicate_unit"
        }
    with (folder / "inputs" / "enterprise.csv").open(encoding="utf-8", newline="") as handle:
        codes = [row["uscc"] for row in csv.DictReader(handle)]
    return found | {f"register|{code}": second.get(code, code) for code in codes}


def test_links_agree_with_the_truth(linked: Path) -> None:
    with Workspace.open(linked).book() as book:
        enterprise, person = score_links(book.rows("register_member"), linked)
        told = summary(book)
    assert enterprise.precision is not None and enterprise.precision >= 0.995
    assert enterprise.recall is not None and enterprise.recall >= 0.98
    assert person.precision is not None and person.precision >= 0.98
    assert person.recall is not None and person.recall >= 0.93
    assert [row["kind"] for row in told] == ["enterprise", "person"]
    ways = ("code", "name", "probability", "review", "previous", "alone")
    assert all(sum(row[name] for name in ways) == row["records"] for row in told)


def test_blocks_and_rates_without_a_sample_say_what_they_are(linked: Path) -> None:
    with Workspace.open(linked).book() as book:
        blocks = book.rows("link_block")
        found = rates(book, kind="enterprise")
    assert {row["kind"] for row in blocks} == {"enterprise", "person"}
    assert all(row["pairs"] <= row["pairs_whole"] for row in blocks)
    assert {row["basis"] for row in found} == {"model"}
    assert all(row["standard_error"] is None and not row["blocking_covered"] for row in found)


def test_the_sample_is_shown_without_what_could_lead(linked: Path) -> None:
    with Workspace.open(linked).book() as book:
        rows = queue_rows(book)
    drawn = [row for row in rows if row["draw"] in ("pair", "record")]
    assert drawn
    assert all(row["probability"] is None and row["grounds"] is None for row in drawn)
    assert {row["draw"] for row in rows} >= {"pair", "record"}
    persons = [row for row in rows if row["kind"] == "person"]
    assert any(row["left_birth_month"] and row["right_sex"] and row["left_district_code"] for row in persons)
    assert not {row["draw"] for row in rows if row["probability"] is not None} - {"waiting"}
    assert len({(row["kind"], row["left_key"], row["right_key"]) for row in rows}) == len(rows)


def test_a_pair_that_waits_and_is_in_the_sample_shows_its_probability_nowhere(linked: Path) -> None:
    with Workspace.open(linked).book() as book:
        waits = {_pair(row) for row in book.rows("link_pair", where="in_review")}
        sampled = {_pair(row) for row in book.rows("link_sample")}
        alone = queue_rows(book, sample=False)
        together = queue_rows(book)
    assert waits & sampled
    assert {_pair(row) for row in alone} == waits - sampled
    assert all(row["probability"] is None for row in together if _pair(row) in sampled)


def _pair(row: dict[str, object]) -> tuple[object, ...]:
    return row["kind"], row["left_key"], row["right_key"]


def _answered(folder: Path, path: Path) -> None:
    """Fill in a review file as somebody who knows the truth would."""
    unit = _truth(folder)
    with path.open(encoding="utf-8-sig", newline="") as handle:
        heading, *rows = list(csv.reader(handle))
    place = {name: at for at, (name, _, _) in enumerate(COLUMNS)}
    for row in rows:
        same = unit[row[place["left_key"]]] == unit[row[place["right_key"]]]
        row[place["decision"]] = "same" if same else "不是"
        row[place["reviewer"]], row[place["reviewed_on"]] = "甲", "2024-05-01"
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        csv.writer(handle).writerows([heading, *rows])


def test_answers_come_back_and_give_rates_with_errors(linked: Path, tmp_path: Path) -> None:
    folder = tmp_path / "city"
    shutil.copytree(linked, folder)
    workspace = Workspace.open(folder)
    with workspace.book() as book:
        before = score_links(book.rows("register_member"), folder)
    queue = tmp_path / "queue.csv"
    counts = write_queue(workspace, queue)
    assert counts["pair"] > 0 and counts["record"] > 0
    _answered(folder, queue)
    taken = take(workspace, [queue], today=TODAY)
    assert taken.answers["same"] > 0 and taken.answers["apart"] > 0
    assert (workspace.inputs / MIRROR).is_file()
    run_workspace(Workspace.open(folder), RunRequest(steps=REGISTER_STEPS))
    with workspace.book() as book:
        judged = [row for row in rates(book) if (row["basis"], row["source"]) == ("clerical", "total")]
        judged = [row for row in judged if row["scope"] == "all"]
        found = {(row["kind"], row["measure"]): row for row in judged}
        after = score_links(book.rows("register_member"), folder)
        left = queue_rows(book)
    for old, new in zip(before, after, strict=True):
        assert new.recall is not None and old.recall is not None and new.recall >= old.recall
        precision = found[(old.kind, "precision")]
        assert precision["standard_error"] > 0
        assert precision["low"] <= old.precision <= precision["high"]
        assert found[(old.kind, "recall")]["blocking_covered"]
        assert found[(old.kind, "missed_link_rate")]["value"] == pytest.approx(
            1 - found[(old.kind, "recall")]["value"]
        )
    assert not [row for row in left if row["draw"] != "waiting"]
    with pytest.raises(InputError) as caught:
        write_queue(workspace, queue)
    assert caught.value.code == "statistics.review_file_there"


def test_rates_are_those_of_the_links_before_the_answers(linked: Path, tmp_path: Path) -> None:
    """Three in ten sampled links are judged apart, whatever they are: the stratified estimate must say three in ten."""
    folder = tmp_path / "city"
    shutil.copytree(linked, folder)
    workspace, queue = Workspace.open(folder), tmp_path / "queue.csv"
    write_queue(workspace, queue, kind="enterprise")
    with queue.open(encoding="utf-8-sig", newline="") as handle:
        heading, *rows = list(csv.reader(handle))
    place = {name: at for at, (name, _, _) in enumerate(COLUMNS)}
    said = {}
    for number, row in enumerate(rows):
        apart = number % 10 < 3 or row[place["draw"]] == "record"
        row[place["decision"]] = "不是同一单位" if apart else "同一单位"
        row[place["reviewer"]], row[place["reviewed_on"]] = "甲", "2024-05-01"
        said[row[place["left_key"]], row[place["right_key"]]] = apart
    with queue.open("w", encoding="utf-8-sig", newline="") as handle:
        csv.writer(handle).writerows([heading, *rows])
    assert len(said) == len(rows)  # a pair is asked once
    assert take(workspace, [queue], today=TODAY).undrawn == 0
    with workspace.book() as book:
        sample = book.rows("link_sample", where="kind = 'enterprise' AND draw = 'pair'")
    strata: dict[tuple[str, str], list[Any]] = {}
    for row in sample:
        if row["stratum"].startswith("linked"):
            strata.setdefault((row["source"], row["stratum"]), []).append(row)
    wrong = sum(
        own[0]["population"] * sum(said[row["left_key"], row["right_key"]] for row in own) / len(own)
        for own in strata.values()
    )
    by_hand = wrong / sum(own[0]["population"] for own in strata.values())
    run_workspace(workspace, RunRequest(steps=REGISTER_STEPS))
    with workspace.book() as book:
        [told] = [
            row for row in rates(book, kind="enterprise")
            if (row["basis"], row["source"], row["measure"]) == ("clerical", "total", "false_link_rate")
            and row["scope"] == "all"
        ]  # fmt: skip
        members = {row["record_key"]: row["unit_id"] for row in book.rows("register_member")}
        cells = book.rows("link_error_cell", where="kind = 'enterprise' AND linked")
        by_source = [row for row in rates(book, kind="enterprise")
                     if row["basis"] == "clerical" and row["measure"] == "missed_link_rate"]  # fmt: skip
    assert by_hand > 0.2
    assert told["value"] == pytest.approx(by_hand, abs=1e-9)
    assert sum(row["pairs"] * (1 - row["same"] / row["judged"]) for row in cells if row["judged"]) / sum(
        row["pairs"] for row in cells if row["judged"]
    ) == pytest.approx(by_hand, abs=1e-9)
    assert all(members[left] != members[right] for (left, right), apart in said.items() if apart)
    known = [row for row in by_source if row["value"] is not None]
    assert len(known) > 1
    assert all(row["blocking_covered"] and row["high"] > row["low"] for row in known)


def test_everything_wrong_with_answers_is_told_at_once(linked: Path, tmp_path: Path) -> None:
    workspace = Workspace.open(linked)
    queue = tmp_path / "queue.csv"
    write_queue(workspace, queue, kind="enterprise")
    with queue.open(encoding="utf-8-sig", newline="") as handle:
        heading, *rows = list(csv.reader(handle))
    place = {name: at for at, (name, _, _) in enumerate(COLUMNS)}
    for row, said in zip(rows, ("perhaps", "same", "same", "apart"), strict=False):
        row[place["decision"]], row[place["reviewer"]], row[place["reviewed_on"]] = said, "甲", "2024-05-01"
    rows[1][place["reviewer"]] = ""
    rows[2][place["left_key"]] = "=tax|nobody"
    rows[3][place["reviewed_on"]] = "2030-01-01"
    rows[4][place["decision"]], rows[4][place["reviewer"]] = "same", "甲"
    rows[4][place["reviewed_on"]] = "07/01/2023"
    rows.append([*rows[3]])
    rows[-1][place["decision"]], rows[-1][place["reviewed_on"]] = "same", "2024-05-01"
    with queue.open("w", encoding="utf-8-sig", newline="") as handle:
        csv.writer(handle).writerows([heading, *rows])
    with pytest.raises(InputError) as caught:
        take(workspace, [queue, tmp_path / "none.csv"], today=TODAY)
    assert {one.code for one in caught.value.problems} == {
        "statistics.review_decision", "statistics.review_unsigned", "statistics.review_unknown_pair",
        "statistics.review_future", "statistics.review_two_answers", "statistics.review_absent",
        "statistics.review_day",
    }  # fmt: skip
    assert not (workspace.inputs / MIRROR).exists()


@pytest.mark.parametrize("column", ["left_name", "right_uscc", "right_key"])
def test_a_column_sorted_without_the_others_is_told(linked: Path, tmp_path: Path, column: str) -> None:
    folder = tmp_path / "city"
    shutil.copytree(linked, folder)
    workspace, queue = Workspace.open(folder), tmp_path / "queue.csv"
    write_queue(workspace, queue, kind="enterprise")
    _answered(folder, queue)
    with queue.open(encoding="utf-8-sig", newline="") as handle:
        heading, *rows = list(csv.reader(handle))
    place = {name: at for at, (name, _, _) in enumerate(COLUMNS)}
    for row, cell in zip(rows, sorted(row[place[column]] for row in rows), strict=True):
        row[place[column]] = cell
    with queue.open("w", encoding="utf-8-sig", newline="") as handle:
        csv.writer(handle).writerows([heading, *rows])
    with pytest.raises(InputError) as caught:
        take(workspace, [queue], today=TODAY)
    told = [one for one in caught.value.problems if one.code == "statistics.review_of_other_pair"]
    assert len(told) > 10
    assert told[0].where.row and told[0].where.column
    assert not (workspace.inputs / MIRROR).exists()


def test_the_workbook_locks_all_but_the_answers(linked: Path, tmp_path: Path) -> None:
    path = tmp_path / "queue.xlsx"
    counts = write_queue(Workspace.open(linked), path, kind="person", language="en")
    with zipfile.ZipFile(path) as parts:
        page = parts.read("xl/worksheets/sheet1.xml").decode()
    assert page.count("<row ") == 1 + sum(counts.values())
    assert "<sheetProtection" in page
    assert '<dataValidation type="list"' in page
    again = tmp_path / "again.xlsx"
    shutil.copy(path, again)
    with pytest.raises(InputError) as caught:
        take(Workspace.open(linked), [again], today=TODAY)
    assert caught.value.code == "statistics.review_no_answers"


def test_the_register_as_at_a_day(linked: Path) -> None:
    with Workspace.open(linked).book() as book:
        early, late = as_at(book, date(2000, 1, 1)), as_at(book, date(2023, 12, 31))
        assert 0 < len(early) < len(late)
        assert all(row["born_on"] <= date(2000, 1, 1) for row in early)
        assert as_at(book, date(2023, 12, 31), known_on=date(1999, 1, 1)) == []


def _events(folder: Path) -> set[tuple[str, ...]]:
    with Workspace.open(folder).book() as book:
        return {(row["kind"], row["event"], row["cause"]) for row in book.rows("register_event")}


def test_numbers_stay_and_events_are_told(linked: Path, tmp_path: Path) -> None:
    """A new delivery, a declared merger, and one that nobody declared: numbers are carried on from the run before."""
    folder = tmp_path / "city"
    shutil.copytree(linked, folder)
    workspace = Workspace.open(folder)
    with workspace.book() as book:
        members: list[dict[str, Any]] = book.rows("register_member", where="kind = 'enterprise'")
    codes = sorted({row["code"] for row in members if row["code"] and row["source"] == "register"})
    gone, first, second = codes[5], codes[10], codes[20]
    unit = {row["record_key"]: row["unit_id"] for row in members}
    new = {row["record_key"] for row in members if row["source"] == "platform"}
    with (workspace.inputs / "register_member_previous.csv").open(
        "w", encoding="utf-8", newline=""
    ) as handle:
        writer = csv.writer(handle)
        writer.writerow(["kind", "record_key", "unit_id", "valid_from"])
        writer.writerows(
            ["enterprise", row["record_key"], row["unit_id"], row["valid_from"]]
            for row in members if row["record_key"] not in new
        )  # fmt: skip
        writer.writerow(["enterprise", "tax|TAXLOST", "E-lost", "2023-01-15"])
    with (workspace.inputs / "unit_event.csv").open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([
            ["event", "from_code", "to_code", "on_date", "note"], ["merger", first, second, "2023-09-30", ""],
            ["closure", gone, gone, "2023-10-31", ""],
        ])  # fmt: skip
    run_workspace(workspace, RunRequest(steps=REGISTER_STEPS))
    with workspace.book() as book:
        after = {
            row["record_key"]: row["unit_id"]
            for row in book.rows("register_member", where="kind = 'enterprise'")
        }
        lived = {row["uscc"] for row in as_at(book, date(2023, 11, 30))}
        before_it = {row["uscc"] for row in as_at(book, date(2023, 9, 1))}
    kept = [key for key in unit if key not in new]
    assert all(after[key] == unit[key] for key in kept)
    joined = [key for key in new if after[key] == unit[key]]
    assert len(joined) >= 0.97 * len(new)
    told = {("merger", "declared"), ("end", "declared"), ("unseen", "records")}
    assert told <= {(event, cause) for kind, event, cause in _events(folder) if kind == "enterprise"}
    assert {gone, first}.isdisjoint(lived)
    assert {gone, first} <= before_it


def _deliver(
    folder: Path, name: str, change: dict[str, tuple[str, str]], dropped: set[str], day: str
) -> None:
    """Put a later delivery of the tax records beside the first: some changed, some no longer there."""
    with (folder / "inputs" / "enterprise_extract.csv").open(encoding="utf-8-sig", newline="") as handle:
        heading, *rows = list(csv.reader(handle))
    place = {column: at for at, column in enumerate(heading)}
    kept = [row for row in rows if row[place["source"]] == "tax" and row[place["record_id"]] not in dropped]
    for row in kept:
        row[place["delivered_on"]] = day
        column, value = change.get(row[place["record_id"]], ("delivered_on", day))
        row[place[column]] = value
    with (folder / "inputs" / name).open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([heading, *kept])


def test_a_later_delivery_lies_beside_the_first_and_nothing_vanishes(linked: Path, tmp_path: Path) -> None:
    """Records of both deliveries are one; a unit that the later one lacks stays, said to be unseen, not ended."""
    folder = tmp_path / "city"
    shutil.copytree(linked, folder)
    workspace = Workspace.open(folder)
    with workspace.book() as book:
        members: list[dict[str, Any]] = book.rows("register_member", where="kind = 'enterprise'")
        units = {row["unit_id"]: row for row in book.rows("register_unit", where="kind = 'enterprise'")}
        records = {row["record_id"]: row for row in book.rows("enterprise_extract", where="source = 'tax'")}
        before = {row["unit_id"] for row in as_at(book, date(2023, 6, 30))}
    tax = {row["record_key"].partition("|")[2]: row["unit_id"] for row in members if row["source"] == "tax"}
    alone = sorted(name for name, unit in tax.items()
                   if units[unit]["records"] == 1 and not records[name]["ceased_on"])  # fmt: skip
    changed = next(name for name, unit in sorted(tax.items()) if units[unit]["source_count"] > 1)
    lost = alone[0] if alone else next(name for name in sorted(tax) if name != changed)
    later = max(row["delivered_on"] for row in records.values()) + timedelta(days=366)
    _deliver(
        folder,
        "enterprise_extract.later.csv",
        {changed: ("name", "改名后的样本企业")},
        {lost},
        later.isoformat(),
    )
    with (workspace.inputs / "register_member_previous.csv").open(
        "w", encoding="utf-8", newline=""
    ) as handle:
        csv.writer(handle).writerows(
            [["kind", "record_key", "unit_id", "valid_from"]]
            + [["enterprise", row["record_key"], row["unit_id"], row["valid_from"]] for row in members]
            + [["enterprise", "tax|GONE", "E-gone", "2021-05-31"]]
        )
    run_workspace(workspace, RunRequest(steps=REGISTER_STEPS))
    with workspace.book() as book:
        assert book.rows("quarantine", where="table_name = 'enterprise_extract'") == []
        again = {
            row["record_key"]: row["unit_id"]
            for row in book.rows("register_member", where="kind = 'enterprise'")
        }
        now = {row["unit_id"]: row for row in book.rows("register_unit", where="kind = 'enterprise'")}
        told = {(row["event"], row["unit_id"]) for row in book.rows("register_event")}
        assert before <= {row["unit_id"] for row in as_at(book, date(2023, 6, 30))}
    assert {row["record_key"]: row["unit_id"] for row in members} == {
        key: unit for key, unit in again.items() if key != "tax|GONE"
    }
    assert now[tax[changed]]["last_seen_on"] == later
    assert now["E-gone"]["ended_on"] is None and ("unseen", "E-gone") in told
    assert ("end", "E-gone") not in told
    if alone:
        assert ("unseen", tax[lost]) in told and now[tax[lost]]["ended_on"] is None


def test_a_later_delivery_is_judged_by_itself_and_right_answers_do_no_harm(
    linked: Path, tmp_path: Path
) -> None:
    """Links of the earlier register are not lost ones, and records said to be apart from others keep their unit."""
    folder = tmp_path / "city"
    shutil.copytree(linked, folder)
    workspace = Workspace.open(folder)
    with workspace.book() as book:
        members: list[dict[str, Any]] = book.rows("register_member")
    with (workspace.inputs / "register_member_previous.csv").open(
        "w", encoding="utf-8", newline=""
    ) as handle:
        csv.writer(handle).writerows(
            [["kind", "record_key", "unit_id", "valid_from"]]
            + [[row["kind"], row["record_key"], row["unit_id"], row["valid_from"]]
               for row in members if row["source"] != "platform"]
        )  # fmt: skip
    run_workspace(workspace, RunRequest(steps=REGISTER_STEPS))
    with workspace.book() as book:
        before = score_links(book.rows("register_member"), folder)
        unit = {row["record_key"]: row["unit_id"] for row in book.rows("register_member")}
        drawn = book.rows("link_sample", where="draw = 'record'")
    assert drawn
    assert all(unit[row["left_key"]] != unit[row["right_key"]] for row in drawn)
    assert all("platform|" in row["left_key"] + row["right_key"] for row in drawn)
    queue = tmp_path / "queue.csv"
    write_queue(workspace, queue)
    _answered(folder, queue)
    take(workspace, [queue], today=TODAY)
    run_workspace(workspace, RunRequest(steps=REGISTER_STEPS))
    with workspace.book() as book:
        after = score_links(book.rows("register_member"), folder)
        recall = {row["kind"]: row for row in reversed(rates(book))  # the widest scope comes first
                  if (row["basis"], row["source"], row["measure"]) == ("clerical", "total", "recall")}  # fmt: skip
        assert not [row for row in rates(book) if row["basis"] == "whole"]
    for kind, old, new in zip(("enterprise", "person"), before, after, strict=True):
        assert old.recall is not None and new.recall is not None and new.recall >= old.recall
        assert recall[kind]["value"] > 0.8


@pytest.fixture(scope="module")
def changed(linked: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str], list[str]]:
    """Return a workspace run with declared events and with branches; codes of the events, records of head offices."""
    folder = tmp_path_factory.mktemp("changed") / "city"
    shutil.copytree(linked, folder)
    workspace = Workspace.open(folder)
    with workspace.book() as book:
        units = {row["uscc"]: row["born_on"] for row in book.rows("register_unit") if row["uscc"]}
        records = [row for row in book.rows("enterprise_extract", where="source = 'tax'", order=["record_id"])
                   if row["name"] and row["name"].endswith("公司") and row["uscc"] and row["phone_hash"]]  # fmt: skip
    heads = records[:12]
    codes = [code for code in sorted(units) if code not in {row["uscc"] for row in heads}][:4]
    code, early, one, two = codes
    with (workspace.inputs / "unit_event.csv").open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([
            ["event", "from_code", "to_code", "on_date", "note"], ["closure", code, code, "2024-03-31", ""],
            ["closure", early, early, units[early].replace(year=units[early].year - 1).isoformat(), ""],
            ["merger", code, code, "2024-01-31", ""], ["merger", one, two, "2024-02-01", ""],
            ["merger", two, one, "2024-02-02", ""],
        ])  # fmt: skip
    with (folder / "inputs" / "enterprise_extract.csv").open(encoding="utf-8-sig", newline="") as handle:
        heading, *rows = list(csv.reader(handle))
    place = {column: at for at, column in enumerate(heading)}
    own = {row[place["record_id"]]: row for row in rows if row[place["source"]] == "tax"}
    added = []
    for number, head in enumerate(
        heads
    ):  # with address, phone and representative of the head office, no code
        row = list(own[head["record_id"]])
        row[place["record_id"]], row[place["uscc"]] = f"BRANCH{number}", ""
        row[place["name"]] = f"{head['name']}西工分公司"
        added.append(row)
    with (folder / "inputs" / "enterprise_extract.csv").open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([heading, *rows, *added])
    run_workspace(workspace, RunRequest(steps=REGISTER_STEPS))
    return folder, codes, [row["record_id"] for row in heads]


def test_what_was_not_known_yet_is_not_there(changed: tuple[Path, list[str], list[str]]) -> None:
    """A closure of March is not known before; one before birth, a circle and a merger with itself end nobody."""
    folder, (code, early, one, two), _ = changed
    with Workspace.open(folder).book() as book:
        day = date(2024, 5, 1)
        assert code not in {row["uscc"] for row in as_at(book, day)}
        assert code not in {row["uscc"] for row in as_at(book, day, known_on=date(2024, 4, 1))}
        known = as_at(book, day, known_on=date(2024, 3, 1))
        told = {row["code"] for row in book.rows("finding")}
        refused = book.rows("quarantine", where="table_name = 'unit_event'")
        lived = {row["uscc"] for row in as_at(book, day)}
    assert code in {row["uscc"] for row in known}
    assert {early, one, two} <= lived
    assert told >= {"statistics.register_event_early", "statistics.register_event_circle"}
    assert [row["code"] for row in refused] == ["rule.unit_event.merger_with_another"]


def test_a_branch_is_not_its_head_office(changed: tuple[Path, list[str], list[str]]) -> None:
    folder, _, heads = changed
    with Workspace.open(folder).book() as book:
        unit = {row["record_key"]: row["unit_id"] for row in book.rows("register_member")}
        pairs = [row for row in book.rows("link_pair") if "BRANCH" in row["left_key"] + row["right_key"]]
    for number, head in enumerate(heads):
        assert unit[f"tax|BRANCH{number}"] != unit[f"tax|{head}"]
    likely = [row for row in pairs if row["probability"] >= 0.5]
    assert likely and all(row["decided_by"] in ("branch", "probability") for row in likely)
    assert any(row["decided_by"] == "branch" and row["in_review"] for row in likely)


def test_records_that_no_key_looks_at_are_told_drawn_and_in_the_interval(
    linked: Path, tmp_path: Path
) -> None:
    """Twelve records keep district and class alone: what they lose is not taken for nothing."""
    folder = tmp_path / "city"
    shutil.copytree(linked, folder)
    (folder / "inputs" / "person_extract.csv").unlink()
    path = folder / "inputs" / "enterprise_extract.csv"
    with path.open(encoding="utf-8-sig", newline="") as handle:
        heading, *rows = list(csv.reader(handle))
    kept = {
        heading.index(one)
        for one in ("source", "record_id", "delivered_on", "industry_code", "district_code")
    }
    stripped = rows[5:65:5]
    for row in stripped:
        row[:] = [cell if at in kept else "" for at, cell in enumerate(row)]
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        csv.writer(handle).writerows([heading, *rows])
    workspace, queue = Workspace.open(folder), tmp_path / "queue.csv"
    run_workspace(workspace, RunRequest(steps=REGISTER_STEPS))
    with workspace.book() as book:
        beyond = {row["record_key"] for row in book.rows("register_member", where="compared = FALSE")}
        [told] = book.rows("finding", where="code = 'statistics.register_beyond_keys'")
        sample = [row for row in book.rows("link_sample") if row["stratum"] == "beyond keys: record"]
        recall = score_links(book.rows("register_member"), folder)[0].recall
    place = {name: at for at, name in enumerate(heading)}
    assert {f"{row[place['source']]}|{row[place['record_id']]}" for row in stripped} <= beyond
    assert told["amount"] == len(beyond)
    assert {row["left_key"] for row in sample} <= beyond and len({row["left_key"] for row in sample}) >= 12
    assert {row["population"] for row in sample} == {len(beyond)}
    write_queue(workspace, queue)
    _answered(folder, queue)
    missed = {}
    for name in ("without", "with"):
        with queue.open(encoding="utf-8-sig", newline="") as handle:
            lines = list(csv.DictReader(handle))
        answered = tmp_path / f"{name}.csv"
        left = next(one for one in lines[0] if one.startswith(("左记录", "Left record")))
        with answered.open("w", encoding="utf-8-sig", newline="") as handle:
            writer = csv.DictWriter(handle, list(lines[0]))
            writer.writeheader()
            writer.writerows(row for row in lines if name == "with" or row[left] not in beyond)
        take(workspace, [answered], today=TODAY)
        run_workspace(workspace, RunRequest(steps=REGISTER_STEPS))
        with workspace.book() as book:
            [missed[name]] = [
                row for row in rates(book, kind="enterprise")
                if (row["basis"], row["source"], row["measure"]) == ("clerical", "total", "missed_link_rate")
                and row["scope"] == "all"
            ]  # fmt: skip
            cells = {row["stratum"] for row in book.rows("link_error_cell", where="kind = 'enterprise'")}
    assert not missed["without"]["blocking_covered"] and missed["with"]["blocking_covered"]
    assert "beyond keys: record" in cells
    assert recall is not None
    for row in missed.values():
        assert row["low"] <= 1 - recall <= row["high"]
