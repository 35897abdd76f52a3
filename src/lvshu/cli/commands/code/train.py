"""lvshu code train: a model from coded texts."""

from __future__ import annotations

from pathlib import Path

from lvshu.catalog.pack_library import PackLibrary
from lvshu.cli.commands.code.card import show
from lvshu.cli.commands.code.common import check_labels, hierarchy_of, pairs_of
from lvshu.cli.console import Output
from lvshu.core.errors import ConfigError, Problem
from lvshu.core.origin import sha256_of_file
from lvshu.statistics.coding.knowledge import read_knowledge, title_entries, titles
from lvshu.statistics.coding.store import save
from lvshu.statistics.coding.texts import terms_of
from lvshu.statistics.coding.training import Settings, train


def execute(
    *, language: str, as_json: bool, file: Path, to: Path | None, text: str, code: str, levels: str, scope: bool,
    knowledge: Path | None, accuracy: float, error: float,
) -> int:  # fmt: skip
    """Train, write the model, and show its card. Returns the exit code."""
    output, library = Output(language, as_json), PackLibrary.load(None)
    for name, value in (("--accuracy", accuracy), ("--error", error)):
        if not 0 < value < 1:
            raise ConfigError(Problem("coding.between", values={"option": name, "value": value}))
    words, codes = pairs_of(file, text, code, scope=scope, library=library)
    hierarchy = hierarchy_of(levels, codes, library)
    check_labels(file, code, hierarchy)
    names = {} if levels else titles(library)
    entries = title_entries(hierarchy, names) if names else None
    if knowledge is not None:
        entries = read_knowledge(knowledge, hierarchy, names)
    coder = train(
        words, codes, hierarchy, Settings(accuracy=accuracy, error=error), entries=entries,
        spelling=terms_of(library).spelling,
        about={"source": file.name, "source_sha256": sha256_of_file(file), "business_scopes": scope},
    )  # fmt: skip
    folder = save(coder, to or file.with_suffix(".model"))
    output.json({"ok": True, "folder": str(folder), "card": coder.card})
    data = coder.card["data"]
    output.say(output.text("code.trained", texts=data["labelled"], folder=folder, **data["left_out"]))
    several = data["several_codes"]
    if several:
        listed = ", ".join(f"{code} × {count}" for code, count in several["codes"].items())
        output.say(output.text("code.several_codes", **{**several, "codes": listed}), style="yellow")
    show(output, coder.card)
    return 0
