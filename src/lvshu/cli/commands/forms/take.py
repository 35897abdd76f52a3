"""lvshu forms take: forms without errors into the workspace, with their trail."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lvshu.cli.commands.forms.check import plain, show
from lvshu.cli.console import Output
from lvshu.statistics.forms.ledger import refuse_rivals, take_forms
from lvshu.store.workspace import Workspace


def execute(*, language: str, as_json: bool, files: Sequence[Path], user: str, note: str, place: Path) -> int:
    """Take each file or say why not. Returns 1 where one was not taken."""
    output = Output(language, as_json)
    workspace = Workspace.open(place)
    refuse_rivals(files, workspace.library)
    made = [take_forms(workspace, path, user=user, note=note) for path in files]
    output.json(
        {"ok": all(one.checked.ok for one in made),
         "files": [{**plain(one.checked), "event": one.event, "changes": one.changes, "same": one.same}
                   for one in made]}
    )  # fmt: skip
    for one in made:
        name = one.checked.returned.file
        if one.same:
            output.say(output.text("forms.same", file=name), style="yellow")
        elif one.event:
            output.say(
                output.text("forms.taken", file=name, values=one.event["values_stated"],
                            changed=one.event["values_changed"], event=one.event["event_id"])
            )  # fmt: skip
            output.problems(one.checked.problems)
        else:
            show(output, one.checked)
            output.say(output.text("forms.not_taken", file=name), style="yellow")
    return 0 if all(one.checked.ok for one in made) else 1
