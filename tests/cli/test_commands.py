"""Every command, in both languages and as JSON; exit codes; errors as what, where, why, remedy."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import shellingham
from syrupy.assertion import SnapshotAssertion

from lvshu.cli.accounts_app import COMMANDS as ACCOUNTS_COMMANDS
from lvshu.cli.app import build_app
from lvshu.cli.console import Output, as_json
from lvshu.cli.main import language_of
from lvshu.cli.options import COMMANDS, GROUPS, everywhere
from lvshu.cli.texts import PARTS, TEXTS
from lvshu.cli.watched import watched
from lvshu.store.workspace import Workspace
from tests.cli.conftest import Command
from tests.pipeline import toy

Json = Callable[..., tuple[int, Any]]
_VOLATILE = frozenset(
    {
        "run",
        "run_id",
        "old_run",
        "new_run",
        "book",
        "report",
        "seconds",
        "elapsed",
        "started_at",
        "finished_at",
    }
    | {"platform", "python", "engine", "content_id", "sql", "files", "version", "workspace", "settings"}
)


def steady(content: Any) -> Any:
    """Return JSON content without what differs between two machines or two minutes."""
    if isinstance(content, dict):
        return {
            key: "…" if key in _VOLATILE and not isinstance(value, (dict, list)) else steady(value)
            for key, value in content.items()
        }
    if isinstance(content, list):
        return [steady(item) for item in content]
    return round(content, 9) if isinstance(content, float) else content


# -- language, help, usage -----------------------------------------------------------------------


def test_texts_are_there_in_both_languages() -> None:
    assert len(TEXTS) == sum(map(len, PARTS))  # no text hides another of the same key
    for key, (chinese, english) in TEXTS.items():
        assert chinese and english, key
        assert set(re.findall(r"\{(\w*)[}:]", chinese)) == set(re.findall(r"\{(\w*)[}:]", english)), key


def test_which_language(monkeypatch: pytest.MonkeyPatch) -> None:
    assert language_of(["run"]) == "en"
    assert language_of(["run", "--lang", "zh"]) == language_of(["--lang=zh", "run"]) == "zh"
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert language_of(["run"]) == "zh"
    assert language_of(["run", "--lang", "en"]) == "en"
    monkeypatch.setenv("LVSHU_LANG", "en")
    assert language_of(["run"]) == "en"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_help_of_every_command(language: str, lvshu_command: Command) -> None:
    code, out, _ = lvshu_command("--help", "--lang", language)
    assert code == 0
    for name in COMMANDS:
        assert name in out
        if name in GROUPS:
            continue
        code, page, _ = lvshu_command(name, "--help", "--lang", language)
        assert code == 0
        assert TEXTS[name][0 if language == "zh" else 1][:12] in page
        assert "--json" in page
        assert bool(re.search(r"[一-鿿]", page)) == (language == "zh")
    assert ("用法：" in out) == (language == "zh")
    assert ("Options" in out) == (language == "en")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_help_of_every_question_to_the_accounts(language: str, lvshu_command: Command) -> None:
    for name in ACCOUNTS_COMMANDS:
        code, page, _ = lvshu_command("accounts", name, "--help", "--lang", language)
        assert code == 0
        assert TEXTS[f"accounts.{name}"][0 if language == "zh" else 1][:10] in page
        assert "--json" in page
        assert bool(re.search(r"[一-鿿]", page)) == (language == "zh")


def test_options_may_stand_anywhere() -> None:
    assert everywhere(["--json", "--lang", "zh", "run", "x"]) == ["run", "--json", "--lang", "zh", "x"]
    assert everywhere(["run", "x", "--json"]) == ["run", "x", "--json"]
    assert everywhere(["--version"]) == ["--version"]


def test_every_command_is_listed() -> None:
    assert {command.name for command in build_app("en").registered_commands} == set(COMMANDS) - set(GROUPS)
    assert {group.name for group in build_app("en").registered_groups} == set(GROUPS)


def test_a_language_alone_shows_the_help_in_it(lvshu_command: Command) -> None:
    for language, word in (("zh", "用法"), ("en", "Usage")):
        _, out, err = lvshu_command("--lang", language)
        assert word in out + err and "cli.usage" not in out + err


def test_a_prefecture_is_created_under_its_province(tmp_path: Path, lvshu_json: Json) -> None:
    place = tmp_path / "suzhou"
    code, _ = lvshu_json("new", str(place), "--area", "320500", "--year", "2025")
    written = (place / "lvshu.toml").read_text(encoding="utf-8")
    assert code == 0 and 'area_zh = "苏州市"' in written and 'area_en = "Suzhou"' in written


def test_a_place_without_an_english_name_is_told(tmp_path: Path, lvshu_command: Command) -> None:
    for area, told in (("320581", True), ("320500", False), ("310000", False)):
        code, out, _ = lvshu_command("new", tmp_path / area, "--area", area, "--year", "2025", "--lang", "en")
        assert code == 0 and ("Write its name as area_en" in " ".join(out.split())) is told


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["runn"], "cli.no_such_command"),
        (["run", "--enigne", "x"], "cli.no_such_option_near"),
        (["run", "--zzzz"], "cli.no_such_option"),
        (["explain"], "cli.missing"),
        (["run", "--engine", "pandas"], "cli.bad_value"),
        (["run", "a", "b"], "cli.usage"),
        (["new", "x"], "cli.new_needs_city"),
        (["new", "x", "--sample", "--scale", "a lot"], "cli.scale"),
        (["new", "x", "--sample", "--area", "420100"], "cli.sample_is_fixed"),
        (["new", "x", "--area", "999999", "--year", "2007"], "store.unknown_area"),
        (["run", "nowhere"], "store.no_workspace"),
        (["register", "rates", "nowhere"], "store.no_workspace"),
        (["forms", "trail", "nowhere"], "store.no_workspace"),
        (["register", "queue", "pairs.csv", "city"], "cli.surplus"),
    ],
)
def test_wrong_usage(
    arguments: list[str],
    problem: str,
    lvshu_json: Json,
    lvshu_command: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, content = lvshu_json(*arguments)
    assert (code, content["ok"], content["errors"][0]["code"]) == (2, False, problem)
    for language in ("zh", "en"):
        code, out, err = lvshu_command(*arguments, "--lang", language)
        assert (code, out) == (2, "")
        assert TEXTS["fix"][0 if language == "zh" else 1] in err
        assert problem in err


def test_version_and_completion(lvshu_command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lvshu_command("--version")[1].startswith("lvshu 0.")
    monkeypatch.setattr(shellingham, "detect_shell", lambda: ("fish", "/usr/bin/fish"))
    code, out, _ = lvshu_command("--show-completion")
    assert (code, out.startswith("complete --command lvshu")) == (0, True)


def test_completion_where_no_shell_is_above_the_program(
    lvshu_command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under cron or as the first process of a container the person's own shell counts, and without it we ask."""

    def detect_shell() -> tuple[str, str]:
        raise shellingham.ShellDetectionFailure

    monkeypatch.setattr(shellingham, "detect_shell", detect_shell)
    monkeypatch.setenv("SHELL", "/bin/zsh")
    code, out, _ = lvshu_command("--show-completion")
    assert (code, "#compdef lvshu" in out) == (0, True)
    for other in ("", "/bin/dash"):
        monkeypatch.setenv("SHELL", other)
        code, out, err = lvshu_command("--lang", "en", "--install-completion")
        assert (code, out) == (2, "")
        assert "cli.no_shell" in err and "SHELL=/bin/bash" in err


def test_the_shell_completes() -> None:
    environment = {
        **os.environ,
        "_LVSHU_COMPLETE": "complete_bash",
        "COMP_WORDS": "lvshu e",
        "COMP_CWORD": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", "from lvshu.cli.main import run; run()"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ["explain", "export", "estimate", "edit"]


def test_a_newer_workspace(city: Workspace, lvshu_json: Json) -> None:
    (city.folder / "lvshu.toml").write_text("format = 9\n", encoding="utf-8")
    code, content = lvshu_json("run", city.folder)
    assert (code, content["errors"][0]["code"]) == (2, "store.newer_format")


# -- new -----------------------------------------------------------------------------------------


def test_new_with_files(tmp_path: Path, lvshu_json: Json, lvshu_command: Command) -> None:
    for name, text in {**toy.FILES, "odd.csv": "x,y\n1,2\n"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    files = [part for name in toy.FILES for part in ("--input", tmp_path / name)]
    code, content = lvshu_json("new", tmp_path / "w", "--area", "310000", "--year", 2007, *files)
    assert code == 0
    assert [(one["file"], one["recognised"][0]["table"]) for one in content["copied"]] == [
        ("toy_firm.csv", "toy_firm"),
        ("toy_loan.csv", "toy_loan"),
    ]
    assert sorted(path.name for path in (tmp_path / "w" / "inputs").iterdir()) == sorted(toy.FILES)
    code, content = lvshu_json("new", tmp_path / "w", "--input", tmp_path / "odd.csv")
    assert (code, content["copied"][0]["recognised"]) == (1, [])
    (tmp_path / "toy_firm.csv").write_text("firm_id,sector\nF1,S1\n", encoding="utf-8")
    code, content = lvshu_json("new", tmp_path / "w", "--input", tmp_path / "toy_firm.csv")
    assert (code, content["errors"][0]["code"]) == (1, "cli.same_name")
    code, content = lvshu_json("new", tmp_path / "w", "--input", tmp_path / "absent.csv")
    assert (code, content["errors"][0]["code"]) == (1, "cli.no_such_file")
    code, content = lvshu_json("new", tmp_path / "w", "--area", "310000", "--year", 2007)
    assert (code, content["errors"][0]["code"]) == (3, "store.workspace_exists")


def test_new_writes_templates(tmp_path: Path, lvshu_json: Json) -> None:
    code, content = lvshu_json("new", tmp_path, "--template", "loan")
    assert code == 0
    assert Path(content["templates"][0]["file"]).read_bytes()[:2] == b"PK"
    assert not (tmp_path / "lvshu.toml").exists()
    code, content = lvshu_json("new", tmp_path, "--template", "lone")
    assert (code, content["errors"][0]["code"]) == (1, "cli.no_such_template")
    assert "loan" in content["errors"][0]["en"]["fix"]


# -- run and what follows ------------------------------------------------------------------------


def test_run_tells_people(city: Workspace, lvshu_command: Command) -> None:
    code, out, err = lvshu_command("run", city.folder, "--lang", "zh")
    assert code == 0
    assert "玩具排放" in out
    assert "未覆盖" in out
    assert "report.html" in out
    assert "万吨" in out
    assert re.search(r"\[ *1/\d+\]", err)
    code, out, err = lvshu_command("run", city.folder)
    assert code == 0
    assert "Nothing has changed" in out


def test_run_as_json(city: Workspace, lvshu_json: Json, snapshot: SnapshotAssertion) -> None:
    code, content = lvshu_json("run", city.folder)
    assert code == 0
    assert Path(content["report"]).is_file()
    assert steady({**content, "steps": None}) == snapshot
    code, again = lvshu_json("run", city.folder)
    assert (code, again["status"], again["run"]) == (0, "unchanged", content["run"])


def test_run_with_bad_records(city: Workspace, lvshu_json: Json, lvshu_command: Command) -> None:
    with (city.inputs / "toy_loan.csv").open("a", encoding="utf-8") as stream:
        stream.write(",F1,6\n")
    code, content = lvshu_json("run", city.folder)
    assert (code, content["ok"], content["rows_quarantined"]) == (1, False, 1)
    assert lvshu_command("run", city.folder, "--accept-problems")[0] == 0
    code, out, _ = lvshu_command("check", city.folder, "--lang", "zh")
    assert code == 1
    assert "toy_loan.csv" in out


def test_check_of_an_empty_workspace_says_that_there_was_nothing(
    tmp_path: Path, lvshu_command: Command
) -> None:
    lvshu_command("new", str(tmp_path / "w"), "--area", "420500", "--year", "2025", "--lang", "en")
    _, out, _ = lvshu_command("check", str(tmp_path / "w"), "--lang", "en")
    assert "nothing was checked" in " ".join(out.split())


def test_check(city: Workspace, lvshu_json: Json, lvshu_command: Command) -> None:
    _, content = lvshu_json("check", city.folder)
    quarantined = [one["rows_quarantined"] for one in content["tables"]]
    assert quarantined == [0, 0]
    _, out, _ = lvshu_command("check", city.folder)
    assert "toy_firm" in out


def test_explain(
    city: Workspace, lvshu_json: Json, lvshu_command: Command, snapshot: SnapshotAssertion
) -> None:
    lvshu_command("run", city.folder)
    code, content = lvshu_json("explain", "toy_total", "-w", city.folder)
    assert code == 0
    assert steady(content) == snapshot
    code, out, _ = lvshu_command("explain", "toy_total", "-w", city.folder, "--lang", "zh")
    assert code == 0
    for word in ("玩具方法", "E = sum(a * f)", "SHA-256", "不确定性", "记录：", "toy_firm.csv"):
        assert word in out
    code, out, _ = lvshu_command("explain", "L3", "-w", city.folder)
    assert "toy_financed" in out
    code, content = lvshu_json("explain", "nothing_of_the_kind", "-w", city.folder)
    assert (code, content["errors"][0]["code"]) == (1, "pipeline.unknown_target")


def test_packs(city: Workspace, lvshu_json: Json, lvshu_command: Command) -> None:
    code, content = lvshu_json("packs", "-w", city.folder)
    assert code == 0
    assert {one["completeness"] for one in content["packs"]} <= {"complete", "partial", "placeholder"}
    assert all(one["completeness_note_zh"] for one in content["packs"] if one["completeness"] != "complete")
    code, content = lvshu_json("packs", "areas")
    assert content["pack"]["rows"] > 30
    code, out, _ = lvshu_command("packs", "areas", "--lang", "zh")
    assert "来源" in out
    code, content = lvshu_json("packs", "aeras")
    assert (code, content["errors"][0]["code"]) == (1, "packs.unknown_pack")
    (city.user_packs / "areas").mkdir()
    code, content = lvshu_json("packs", "--check", "-w", city.folder)
    assert (code, content["ok"]) == (1, False)


def test_compare(
    city: Workspace, lvshu_json: Json, lvshu_command: Command, snapshot: SnapshotAssertion
) -> None:
    lvshu_command("run", city.folder)
    code, content = lvshu_json("compare", "-w", city.folder)
    assert (code, content["errors"][0]["code"]) == (3, "pipeline.one_run_only")
    text = toy.FILES["toy_firm.csv"].replace("F3,S0,3.25", "F3,S0,4.25")
    (city.inputs / "toy_firm.csv").write_text(text, encoding="utf-8")
    lvshu_command("run", city.folder)
    code, content = lvshu_json("compare", "-w", city.folder)
    assert code == 0
    assert steady(content) == snapshot
    code, out, _ = lvshu_command("compare", "-w", city.folder, "--lang", "zh")
    for word in ("玩具排放", "3.25", "4.25", "输入 toy_firm: toy_firm.csv"):
        assert word in out


def test_the_workspace_may_be_named_without_an_option(city: Workspace, lvshu_json: Json) -> None:
    lvshu_json("run", city.folder)
    for words in (["headlines"], ["explain", "toy_total"], ["runs"], ["export"]):
        code, content = lvshu_json(*words, city.folder)
        assert (code, content["ok"]) == (0, True), words
    code, content = lvshu_json("compare", city.folder)
    assert (code, content["errors"][0]["code"]) == (3, "pipeline.one_run_only")


def test_headlines_and_runs(city: Workspace, lvshu_json: Json, lvshu_command: Command) -> None:
    code, content = lvshu_json("headlines", "-w", city.folder)
    assert (code, content["errors"][0]["code"]) == (3, "store.no_run")
    lvshu_command("run", city.folder)
    code, content = lvshu_json("headlines", "-w", city.folder)
    assert [row["code"] for row in content["headlines"]] == ["toy_total", "toy_share", "toy_missing"]
    code, content = lvshu_json("runs", "-w", city.folder)
    assert [row["current"] for row in content["runs"]] == [True]
    assert "current" in lvshu_command("runs", "-w", city.folder)[1]


@pytest.mark.parametrize("synthetic", [True, False])
def test_export(city: Workspace, lvshu_json: Json, synthetic: bool) -> None:
    path = city.folder / "lvshu.toml"
    text = path.read_text(encoding="utf-8").replace(
        "synthetic = false", f"synthetic = {str(synthetic).lower()}"
    )
    path.write_text(text, encoding="utf-8")
    lvshu_json("run", city.folder)
    files = {}
    for form in ("csv", "parquet", "json", "xlsx"):
        code, content = lvshu_json("export", "-w", city.folder, "--format", form, "--table", "toy_sector")
        assert code == 0
        files[form] = Path(content["files"][0])
    with files["csv"].open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["toy sector", "toy emission"]
    assert "CO" in rows[1][1]
    assert [row[0] for row in rows[2:5]] == ["S0", "S1", "S2"]
    origin = json.loads((files["csv"].parent / "origin.json").read_text(encoding="utf-8"))
    assert bool(origin["watermark"]) is synthetic
    assert {one["file"] for one in origin["inputs"]} == set(toy.FILES)
    schema = pq.read_schema(files["parquet"])
    assert schema.field("emission").metadata[b"unit"] == b"tCO2"
    assert bool(json.loads(schema.metadata[b"origin"])["watermark"]) is synthetic
    whole = json.loads(files["json"].read_text(encoding="utf-8"))
    assert len(whole["rows"]) == pq.read_table(files["parquet"]).num_rows == 3
    code, content = lvshu_json("export", "-w", city.folder, "--format", "parquet")
    assert "toy_sector" in content["tables"]
    assert "toy_loan" not in content["tables"]
    code, content = lvshu_json("export", "-w", city.folder, "--format", "csv", "--table", "toy_sectors")
    assert (code, content["errors"][0]["code"]) == (3, "store.no_table")


def test_two_at_once(city: Workspace, lvshu_json: Json) -> None:
    with city.lock():
        code, content = lvshu_json("run", city.folder)
    assert (code, content["errors"][0]["code"]) == (3, "store.locked")


# -- the rest ------------------------------------------------------------------------------------


def test_json_keeps_decimals_exact() -> None:
    content = {
        "value": Decimal("123456789012345678.123456"),
        "whole": Decimal("1E+3"),
        "text": '"quoted" \\ 绿',
    }
    assert json.loads(as_json(content), parse_float=Decimal) == {
        "value": Decimal("123456789012345678.123456"), "whole": 1000, "text": '"quoted" \\ 绿'
    }  # fmt: skip


def test_an_unexpected_error_is_told_not_thrown(
    lvshu_json: Json, city: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by nought")

    monkeypatch.setattr("lvshu.cli.commands.runs.Workspace.open", broken)
    code, content = lvshu_json("runs", "-w", city.folder)
    assert (code, content["errors"][0]["code"]) == (3, "cli.unexpected")
    assert "by nought" in content["errors"][0]["zh"]["what"]


def test_ctrl_c_is_passed_on() -> None:
    def work(stop: Any) -> str:
        os.kill(os.getpid(), signal.SIGINT)
        while not stop.requested:
            time.sleep(0.01)
        return "stopped"

    before = signal.getsignal(signal.SIGINT)
    assert watched(work, output=Output("en")) == "stopped"
    assert signal.getsignal(signal.SIGINT) is before


def test_importing_is_light() -> None:
    code = (
        "import sys, lvshu, lvshu.cli.main\n"
        "from lvshu.cli.app import build_app\nbuild_app('en')\n"
        "heavy = {'duckdb', 'pyarrow', 'numpy', 'scipy', 'pydantic', 'sqlglot', 'plotly', 'jinja2', 'xlsxwriter'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


CHILD = """
import sys
import lvshu.publish
lvshu.publish.write_report = lvshu.publish.write_workbook = lambda *a, **k: None
from tests.pipeline import toy
import lvshu.pipeline.run
toy.install()
toy.DELAY = 1.0
lvshu.pipeline.run.wing_steps = lambda: toy.STEPS
from lvshu.cli.main import main
sys.exit(main(["run", sys.argv[1], "--no-open"]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to a single process on Windows")
def test_ctrl_c_stops_cleanly_and_the_next_run_goes_on(
    city: Workspace, repository: Path, lvshu_json: Json
) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(city.folder)],
        cwd=repository, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        env={**os.environ, "LVSHU_LANG": "en"},
    )  # fmt: skip
    if child.stderr is None:
        raise RuntimeError("no output to read")
    for line in child.stderr:
        if "toy_sector" in line:
            break
    child.send_signal(signal.SIGINT)
    told = child.stderr.read()
    child.stderr.close()
    assert child.wait() == 130
    assert "Stopping" in told
    assert "pipeline.cancelled" in told
    assert city.runs.current() is None
    code, content = lvshu_json("run", city.folder)
    assert (code, content["steps"]["kept"] > 3, bool(content["resumed_from"])) == (0, True, True)


@pytest.mark.parametrize(
    "words", [("export", "loan_match"), ("headlines", "elsewhere"), ("register", "status", "x")]
)
def test_two_workspaces_that_differ_are_refused(
    words: tuple[str, ...], tmp_path: Path, lvshu_json: Json
) -> None:
    code, told = lvshu_json(*words, "-w", str(tmp_path))
    assert (code != 0, [one["code"] for one in told["errors"]]) == (True, ["cli.two_folders"])
    code, told = lvshu_json("runs", str(tmp_path), "-w", str(tmp_path))
    assert "cli.two_folders" not in [one["code"] for one in told.get("errors", [])]
