"""lvshu edit rules: what a rule file is worth."""

from __future__ import annotations

from pathlib import Path

from lvshu.cli.console import Output
from lvshu.core.errors import MethodError
from lvshu.statistics.edit_table import read_table
from lvshu.statistics.editing.consistency import consistency_of, impossible_values, refusals
from lvshu.statistics.editing.rules import read_rules, variables_of


def execute(*, language: str, as_json: bool, rules_file: Path, data: Path | None) -> int:
    """Print whether the rules agree, for which values they do not, and which are needless. Returns the exit code."""
    output = Output(language, as_json)
    columns = None if data is None else read_table(data, variables_of(rules_file)).columns
    rules = read_rules(rules_file, columns=columns)
    found = consistency_of(rules)
    if found.contradictions:
        raise MethodError(*refusals(rules, found))
    told = impossible_values(rules, found)
    output.json(
        {"ok": not told, "rules": len(rules.rules), "variables": len(rules.variables),
         "needless": [{"rule": name, "follows_from": list(why)} for name, why in found.redundant],
         "problems": [one.as_json() for one in told]}
    )  # fmt: skip
    output.say(output.text("edit.agree", rules=len(rules.rules), variables=len(rules.variables)))
    if found.redundant:
        output.heading(output.text("edit.needless"))
        heads = [output.text(f"edit.word.{name}") for name in ("rule", "follows")]
        output.table(heads, [(name, ", ".join(why)) for name, why in found.redundant])
    output.problems(told)
    return 1 if told else 0
