"""The rules of the house: floors, docstrings, one place for each library, no words that may not stay."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lvshu.contract import all_contracts
from lvshu.engine import dialect
from lvshu.engine.query import queries_of

WINGS = ("lvshu.accounts", "lvshu.finance", "lvshu.statistics")


def _sources(root: Path) -> list[Path]:
    return sorted(path for path in (root / "src" / "lvshu").rglob("*.py"))


def test_floors_and_wings_are_kept(repository: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=repository, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_import_cycles_between_rooms(repository: Path) -> None:
    edges: dict[str, set[str]] = {}
    for path in _sources(repository):
        room = path.relative_to(repository / "src" / "lvshu").parts[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            for name in names:
                parts = name.split(".")
                if parts[0] == "lvshu" and len(parts) > 1 and parts[1] != room:
                    edges.setdefault(room, set()).add(parts[1])
    seen: set[str] = set()

    def walk(room: str, path: tuple[str, ...]) -> None:
        assert room not in path, " -> ".join([*path, room])
        if room in seen:
            return
        for other in sorted(edges.get(room, ())):
            walk(other, (*path, room))
        seen.add(room)

    for room in sorted(edges):
        walk(room, ())


def _public_functions(path: Path) -> list[ast.FunctionDef | ast.ClassDef]:
    found: list[ast.FunctionDef | ast.ClassDef] = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            found.append(node)
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            found += [
                item
                for item in node.body
                if isinstance(item, ast.FunctionDef) and not item.name.startswith("_")
            ]
    return found


def test_everything_public_has_a_docstring(repository: Path) -> None:
    bare = [
        f"{path.relative_to(repository)}:{node.lineno} {node.name}"
        for path in _sources(repository)
        for node in _public_functions(path)
        if not ast.get_docstring(node)
    ]
    assert not bare, "\n".join(bare)


def test_every_module_says_what_it_is(repository: Path) -> None:
    bare = [
        str(path.relative_to(repository))
        for path in _sources(repository)
        if path.read_text(encoding="utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert not bare, "\n".join(bare)


NUMERIC_ROOMS = ("survey", "integration", "population", "small_area", "total_error")
"""Rooms of the statistics wing that hold numbers only, as `methods` does."""


def test_numeric_methods_state_shape_unit_and_source(repository: Path) -> None:
    faults = []
    for wing in ("accounts", "finance", "linkage", "statistics"):
        rooms = ("methods", *(NUMERIC_ROOMS if wing == "statistics" else ()))
        folders = [repository / "src" / "lvshu" / wing / room for room in rooms]
        for path in sorted(path for folder in folders for path in folder.rglob("*.py")):
            for node in _public_functions(path):
                text = ast.get_docstring(node) or ""
                wanted = {
                    "Source:": "Source:" in text,
                    "Returns": "Return" in text,
                    "shape or unit": bool(re.search(r"shape|unit|[Dd]imensionless|count|tCO2|CNY", text)),
                }
                if isinstance(node, ast.FunctionDef):
                    takes = [
                        argument
                        for argument in node.args.args + node.args.kwonlyargs
                        if argument.arg != "self"
                    ]
                    wanted["Args:"] = "Args:" in text or not takes
                missing = [name for name, there in wanted.items() if not there]
                if isinstance(node, ast.ClassDef):
                    missing = [name for name in missing if name == "shape or unit"]
                elif "self" in [argument.arg for argument in node.args.args]:
                    missing = [name for name in missing if name in ("Returns",)]
                if missing:
                    faults.append(
                        f"{path.relative_to(repository)}:{node.lineno} {node.name}: {', '.join(missing)}"
                    )
    assert not faults, "\n".join(faults)


def test_modules_and_functions_keep_their_size(repository: Path) -> None:
    faults = []
    for path in _sources(repository):
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > 600:
            faults.append(f"{path.relative_to(repository)}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and _own_lines(node) > 75:
                faults.append(f"{path.relative_to(repository)}:{node.lineno} {node.name}")
    assert not faults, "\n".join(faults)


def _own_lines(node: ast.FunctionDef) -> int:
    """Lines of a function without those of the functions declared inside it."""
    inner = [item for item in node.body if isinstance(item, ast.FunctionDef)]
    return (node.end_lineno or 0) - node.lineno - sum((item.end_lineno or 0) - item.lineno for item in inner)


@pytest.mark.parametrize("wing", WINGS)
def test_every_query_is_clean_and_makes_a_contracted_table(wing: str) -> None:
    contracts = all_contracts()
    found = queries_of(wing)
    assert found, f"{wing} has no queries"
    for query in found:
        assert query.comment, f"{wing}/{query.table}.sql does not say what it makes"
        assert query.table in contracts, query.table
        for engine in ("duckdb", "spark"):
            dialect.render(query.sql, _anything(query.sql), engine)


@pytest.mark.parametrize("wing", WINGS)
def test_no_query_sums_doubles(wing: str) -> None:
    schema = {
        name: {column.name: column.sql_type for column in contract.columns}
        for name, contract in all_contracts().items()
    }
    for query in queries_of(wing):
        assert dialect.double_totals(query.sql, schema) == [], query.table


def _anything(sql: str) -> dict[str, object]:
    return dict.fromkeys(re.findall(r"(?<![:\w]):([a-z_]+)", sql), "2023")


FORBIDDEN = re.compile(
    r"/work/|/tmp/plan|/[.]library\b|/root/|pypi\.org|files\.pythonhosted|registry\.npmjs", re.I
)


def test_nothing_of_one_machine_is_in_the_repository(repository: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=repository, capture_output=True, text=True, check=False
    ).stdout.split()
    if not listed:
        pytest.skip("not a git checkout")
    faults = []
    for name in listed:
        path = repository / name
        if (
            path.suffix in {".png", ".xlsx", ".parquet"}
            or not path.is_file()
            or name == "tests/house/test_house.py"
        ):
            continue
        for number, line in enumerate(
            path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1
        ):
            if FORBIDDEN.search(line):
                faults.append(f"{name}:{number}: {line.strip()[:120]}")
    assert not faults, "\n".join(faults)


def test_import_is_light() -> None:
    heavy = "import sys, lvshu; print([m for m in ('numpy','duckdb','pyarrow','scipy','plotly') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
