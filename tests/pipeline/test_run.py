"""The main run: order, headlines, skipping, taking over, resuming."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from lvshu.core.errors import EngineError, InputError, MethodError, Problem, StoreError
from lvshu.engine.step import Step, StepContext
from lvshu.pipeline.progress import Cancellation, Cancelled, Progress
from lvshu.pipeline.request import Outcome, RunRequest
from lvshu.pipeline.run import run
from lvshu.store import disk
from lvshu.store.book import Book
from lvshu.store.workspace import Workspace
from tests.pipeline import toy


def made(city: Workspace, steps: Sequence[Step] = toy.STEPS, **more: object) -> Outcome:
    return run(city, RunRequest(steps=steps, **more))  # type: ignore[arg-type]


def test_a_whole_run(city: Workspace) -> None:
    events: list[Progress] = []
    outcome = made(city, listener=events.append)
    assert outcome.status == "made"
    assert city.runs.current() == outcome.run_id
    assert outcome.steps["skipped"] == 1
    names = [event.step for event in events if event.status != "started" and event.step.startswith("toy.")]
    assert names == ["toy.sector", "toy.financed", "toy.draw", "toy.nothing"]
    assert all(event.label("zh") and event.label("en") for event in events)
    assert {event.total for event in events} == {max(event.position for event in events)}
    with city.book() as book:
        total = sum(Decimal(n) + Decimal("0.25") for n in range(1, 31))
        rows = {row["code"]: row for row in book.rows("headline")}
        assert rows["toy_total"]["value"] == total
        assert rows["toy_total"]["low"] < total < rows["toy_total"]["high"]
        assert rows["toy_total"]["status"] == "available"
        assert rows["toy_share"]["value"] == Decimal(60) / 200 * 100
        assert rows["toy_share"]["status"] == "partial"
        assert "GWP" in rows["toy_share"]["reason_en"] or "warming" in rows["toy_share"]["reason_en"]
        assert rows["toy_missing"]["status"] == "not_covered"
        assert "toy_absent" in rows["toy_missing"]["reason_zh"]
        assert book.rows("toy_nothing") == []
        assert [row["pack"] for row in book.rows("pack_used")] == ["shanghai_ets_factors"]
        assert book.run["run_id"] == outcome.run_id
        assert book.settings == city.settings
        files = {row["file"]: row["rows_kept"] for row in book.rows("input_file")}
        assert files == {"toy_firm.csv": 30, "toy_loan.csv": 60}


def test_unchanged_makes_no_new_run(city: Workspace) -> None:
    first = made(city)
    second = made(city)
    assert (second.status, second.run_id) == ("unchanged", first.run_id)
    assert city.runs.ids() == (first.run_id,)
    third = made(city, again=True)
    assert third.status == "made"
    assert "taken_over" not in third.steps


def test_only_what_changed_is_made_anew(city: Workspace) -> None:
    first = made(city)
    text = (city.inputs / "toy_loan.csv").read_text(encoding="utf-8")
    (city.inputs / "toy_loan.csv").write_text(
        text.replace("L1,F2,1000.50", "L1,F2,1999.50"), encoding="utf-8"
    )
    outcome = made(city)
    with city.book() as book:
        status = {row["step"]: row["status"] for row in book.rows("step_run")}
        assert status["toy.sector"] == "taken_over"
        assert status["toy.draw"] == "taken_over"
        assert status["toy.financed"] == "made"
        assert status["intake.toy_firm"] == "taken_over"
        assert status["intake.toy_loan"] == "made"
        assert book.count("uncertainty") == 1
        assert book.count("input_file") == 2
    assert city.runs.ids() == (first.run_id, outcome.run_id)
    with city.book(first.run_id) as old:
        assert old.rows("toy_loan", where="loan_id = 'L1'")[0]["amount"] == Decimal("1000.50")


def test_a_changed_setting_or_code_makes_its_steps_anew(city: Workspace) -> None:
    made(city)
    path = city.folder / "lvshu.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("replicates = 200", "replicates = 100"), encoding="utf-8"
    )
    made(Workspace.open(city.folder))
    with city.book() as book:
        status = {row["step"]: row["status"] for row in book.rows("step_run")}
        assert (status["toy.sector"], status["toy.draw"]) == ("taken_over", "made")
        assert book.rows("uncertainty")[0]["replicates"] == 100
    changed = replace(toy.SECTOR, source=toy.SECTOR.source.replace("sum(energy)", "sum(energy * 2)"))
    steps = [replace(step, action=changed) if step.name == "toy.sector" else step for step in toy.STEPS]
    made(Workspace.open(city.folder), steps)
    with city.book() as book:
        status = {row["step"]: row["status"] for row in book.rows("step_run")}
        assert (status["toy.sector"], status["intake.toy_firm"]) == ("made", "taken_over")


def test_a_users_pack_replaces_ours_and_reruns_its_steps(city: Workspace) -> None:
    made(city)
    place = city.user_packs / "shanghai_ets_factors"
    place.mkdir()
    ours = city.library.places["shanghai_ets_factors"]
    (place / "pack.toml").write_bytes(ours.card.read_bytes())
    (place / "data.csv").write_bytes(ours.data.read_bytes() + b"\n")
    made(Workspace.open(city.folder))
    with city.book() as book:
        status = {row["step"]: row["status"] for row in book.rows("step_run")}
        assert (status["toy.sector"], status["intake.toy_firm"]) == ("made", "taken_over")
        assert book.rows("pack_used")[0]["user_supplied"] is True


def failing(context: StepContext) -> None:
    context.write("toy_draw", {"number": [1], "emission": [Decimal(1)]})
    raise MethodError(Problem("units.unknown", values={"unit": "x"}))


def test_a_failing_step_keeps_those_before(city: Workspace) -> None:
    bad = [replace(step, action=failing) if step.name == "toy.draw" else step for step in toy.STEPS]
    with pytest.raises(MethodError) as caught:
        made(city, bad)
    assert [problem.code for problem in caught.value.problems] == ["units.unknown", "pipeline.stopped"]
    assert city.runs.current() is None
    outcome = made(city)
    assert outcome.resumed_from is not None
    assert outcome.steps["kept"] >= 4
    with city.book() as book:
        assert book.count("toy_draw") == 50
        assert book.run["resumed_from"] == outcome.resumed_from
        status = {row["step"]: row["status"] for row in book.rows("step_run")}
        assert set(status.values()) == {"made", "skipped"}


def test_a_resumed_run_says_the_same_of_what_was_skipped_as_one_in_one_go(
    city: Workspace, tmp_path: Path
) -> None:
    def broken(book: Book, folder: Path) -> None:
        raise MethodError(Problem("units.unknown", values={"unit": "x"}))

    with pytest.raises(MethodError):
        made(city, finishers=(broken,))
    assert made(city).resumed_from is not None
    other = toy.workspace(tmp_path / "other")
    made(other)
    for table, names in (
        ("headline", ["code", "value", "status", "reason_zh", "reason_en"]),
        ("step_run", ["step", "status", "reason_zh", "reason_en", "makes", "reads"]),
        ("pack_used", ["pack"]),
    ):
        with city.book() as resumed, other.book() as whole:
            assert resumed.rows(table, columns=names) == whole.rows(table, columns=names)


def stray(context: StepContext) -> None:
    context.write("toy_financed", {"loan_id": ["x"], "emission": [Decimal(1)]})


def test_an_undeclared_table_is_refused(city: Workspace) -> None:
    with pytest.raises(EngineError) as caught:
        made(city, [Step("toy.draw", ("toy_draw",), stray, reads=("toy_firm",))])
    assert caught.value.code == "pipeline.undeclared_table"


def test_cancelling_keeps_what_is_done(city: Workspace) -> None:
    stop = Cancellation()

    def listen(event: Progress) -> None:
        if event.step == "toy.sector" and event.status == "made":
            stop.request()

    with pytest.raises(Cancelled):
        made(city, listener=listen, cancellation=stop)
    assert city.runs.current() is None
    assert made(city).steps["kept"] >= 4


def test_no_input_at_all(tmp_path: Path) -> None:
    empty = Workspace.create(tmp_path / "empty", area="310000", year=2007)
    with pytest.raises(InputError) as caught:
        made(empty)
    assert caught.value.code == "pipeline.no_input"


def test_two_runs_at_once(city: Workspace) -> None:
    with city.lock(), pytest.raises(StoreError) as caught:
        made(city)
    assert caught.value.code == "store.locked"


def test_the_disk_is_too_small(city: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "free_bytes", lambda folder: 1000)
    with pytest.raises(StoreError) as caught:
        made(city)
    assert caught.value.code == "store.disk_too_small"
    assert city.runs.partials() == ()


def full(context: StepContext) -> None:
    raise OSError(28, "No space left on device")


def test_the_disk_fills_up(city: Workspace) -> None:
    bad = [replace(step, action=full) if step.name == "toy.draw" else step for step in toy.STEPS]
    with pytest.raises(StoreError) as caught:
        made(city, bad)
    assert caught.value.code == "store.disk_full"
    assert made(city).resumed_from is not None


def test_a_damaged_partial_run_is_begun_anew_and_told(city: Workspace) -> None:
    place = city.runs.folder / ".partial-20260101-000000-abcdef"
    place.mkdir()
    (place / "book.duckdb").write_bytes(b"damaged" * 3000)
    outcome = made(city)
    assert outcome.resumed_from is None
    with city.book() as book:
        assert book.count("finding", "code = 'store.partial_dropped'") == 1


def test_finishers_write_before_the_switch(city: Workspace) -> None:
    seen = []

    def finisher(book: object, folder: Path) -> None:
        seen.append((folder.name, city.runs.current()))
        (folder / "report.html").write_text("x")

    outcome = made(city, finishers=(finisher,))
    assert seen == [(f".partial-{outcome.run_id}", None)]
    assert sorted(path.name for path in outcome.folder.iterdir()) == ["book.duckdb", "report.html"]


def test_reading_while_another_run_writes(city: Workspace) -> None:
    first = made(city)
    (city.inputs / "toy_firm.csv").write_text(toy.FILES["toy_firm.csv"] + "F31,S1,7\n", encoding="utf-8")
    with city.book() as reader:
        second = made(city)
        assert reader.run["run_id"] == first.run_id
        assert reader.count("toy_firm") == 30
    with city.book() as reader:
        assert (reader.run["run_id"], reader.count("toy_firm")) == (second.run_id, 31)


def test_bad_records_are_counted_and_written_out(city: Workspace) -> None:
    with (city.inputs / "toy_loan.csv").open("a", encoding="utf-8") as stream:
        stream.write("L1,F1,5\n,F1,6\n")
    made(city)
    with city.book() as book:
        row = book.rows("input_file", where="file = 'toy_loan.csv'")[0]
        assert row["rows_read"] == row["rows_kept"] + row["rows_quarantined"] == 62
        assert row["rows_quarantined"] >= 2
        assert book.count("finding", "severity = 'error'") >= 1
    assert (city.rejects / "toy_loan.csv").is_file()
