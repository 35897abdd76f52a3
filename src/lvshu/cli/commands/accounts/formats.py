"""lvshu accounts formats: what can be read, and what each format needs."""

from __future__ import annotations

from lvshu.accounts.readers import formats
from lvshu.cli.console import Output


def execute(*, language: str, as_json: bool) -> int:
    """Print the formats that can be read. Returns the exit code."""
    output = Output(language, as_json)
    known = [{"format": one.name, "zh": one.title[0], "en": one.title[1], "needs_zh": one.needs[0],
              "needs_en": one.needs[1]} for one in formats()]  # fmt: skip
    output.json({"ok": True, "formats": known})
    output.table(
        [output.text("word.code"), output.text("name"), output.text("accounts.needs")],
        [(one["format"], output.pick(one, ""), output.pick(one, "needs")) for one in known],
        whole=(0,),
    )
    return 0
