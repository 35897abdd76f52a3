"""What a step is, by content: the same id means the same result, so it may be taken over.

id = SHA-256 of: the step's name, its code (SQL text, or the source of every module of ours that it reaches), the
contracts of the tables it makes, the ids of the steps it reads from, its packs, the settings it sees, the engine and
the version of lvshu.
"""

from __future__ import annotations

import ast
import importlib.util
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lvshu import __version__
from lvshu.catalog.pack_library import PackLibrary
from lvshu.contract import load
from lvshu.core.errors import EngineError, Problem
from lvshu.core.origin import sha256_of_text
from lvshu.engine.query import Query
from lvshu.engine.settings import Settings
from lvshu.engine.step import Step

PACKAGE = "lvshu"


@cache
def _module(name: str) -> tuple[str, frozenset[str]] | None:
    """Return (source, names of our modules that it imports) of a module of ours; None for anything else."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None or not found.origin.endswith(".py"):
        return None
    source = Path(found.origin).read_text(encoding="utf-8")
    package = name if found.submodule_search_locations is not None else name.rpartition(".")[0]
    imported: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            imported |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return source, frozenset(one for one in imported if one == PACKAGE or one.startswith(f"{PACKAGE}."))


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    base = ".".join(parts[: len(parts) - node.level + 1])
    return f"{base}.{node.module}" if node.module else base


def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


@cache
def source_hash(module: str) -> str:
    """Return the SHA-256 of a module's source and of every module of ours that it reaches by imports."""
    seen: dict[str, str] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in seen or not _is_module(name):
            continue
        read = _module(name)
        if read is None:
            seen[name] = ""
            continue
        seen[name] = read[0]
        waiting.extend(sorted(read[1]))
    return sha256_of_text(*(text for name in sorted(seen) for text in (name, seen[name])))


def function_name(action: Callable[..., object]) -> str:
    """Return module and name of a function, as it is shown to the reader.

    Raises:
        EngineError: the action is not a named function of a module (its code could not be told from another's).
    """
    inner = getattr(action, "func", action)
    module, name = getattr(inner, "__module__", ""), getattr(inner, "__qualname__", "")
    if not module or not name or "<lambda>" in name:
        raise EngineError(Problem("pipeline.nameless_action", values={"action": repr(action)}))
    return f"{module}:{name}"


def code_text(step: Step, settings: Settings, engine: str) -> str:
    """Return the code of a step as the reader may see it: its SQL for the engine, or the function and its hash."""
    if isinstance(step.action, Query):
        return step.action.rendered(parameters_of(step, settings), engine)
    name = function_name(step.action)
    arguments = _bound_arguments(step.action)
    return f"-- Python: {name}{arguments}\n-- SHA-256 of its source: {source_hash(name.partition(':')[0])}"


def _bound_arguments(action: Callable[..., object]) -> str:
    positional: Sequence[object] = getattr(action, "args", ())
    named: Mapping[str, object] = getattr(action, "keywords", {}) or {}
    shown = [repr(one) for one in positional] + [f"{key}={value!r}" for key, value in sorted(named.items())]
    return f"({', '.join(shown)})" if shown else ""


def parameters_of(step: Step, settings: Settings) -> Mapping[str, object]:
    """Return the parameters that a query step gets from the settings."""
    return step.parameters(settings) if step.parameters is not None else {}


def pack_hash(library: PackLibrary, pack_id: str) -> str:
    """Return the SHA-256 of a pack's data and card together.

    Raises:
        PackError: the pack is unknown or broken.
    """
    pack = library[pack_id]
    return sha256_of_text(pack.sha256, pack.card_sha256)


@dataclass(frozen=True)
class Surroundings:
    """What the ids of all steps of a run have in common."""

    settings: Settings
    library: PackLibrary
    engine: str

    def step_id(self, step: Step, code: str, makers: Mapping[str, str]) -> str:
        """Return the id of a step.

        Args:
            step: the step.
            code: its code, from `code_text`.
            makers: table -> id of the step that makes it, for each table that exists in the run.
        """
        read = sorted({*step.reads, *step.reads_if_there})
        seen: Mapping[str, object] = (
            parameters_of(step, self.settings) if isinstance(step.action, Query) else self.settings.as_dict()
        )
        return sha256_of_text(
            step.name,
            __version__,
            self.engine,
            code,
            source_hash(f"{PACKAGE}.engine.duckdb"),
            json.dumps({"reads": step.reads, "method": step.method}),
            *(repr(load(table)) for table in step.makes),
            *(f"{table}={makers.get(table, 'absent')}" for table in read),
            *(f"{pack}={pack_hash(self.library, pack)}" for pack in sorted(step.packs)),
            json.dumps(seen, sort_keys=True, default=str),
        )
