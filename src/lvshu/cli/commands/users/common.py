"""What the commands of `lvshu users` share: the database, and the password that is asked for."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lvshu.cli.console import Output
from lvshu.store.workspace import Workspace
from lvshu.web.options import WebOptions
from lvshu.web.state.database import Database


@contextmanager
def database_of(workspace: Path, url: str) -> Iterator[Database]:
    """Give the database of what people write on a workspace."""
    folder = Workspace.open(workspace).folder
    chosen = url or os.environ.get("LVSHU_DATABASE", "")
    database = Database(WebOptions(folder, database=chosen).database_url)
    try:
        yield database
    finally:
        database.close()


def asked_password(output: Output) -> str:
    """Return the password: from the environment, else from the terminal."""
    given = os.environ.get("LVSHU_PASSWORD")
    return given if given is not None else getpass.getpass(output.text("users.ask"))
