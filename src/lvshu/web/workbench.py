"""What one server holds: the workspace, its open books, the database of what people write, the run that goes on."""

from __future__ import annotations

import getpass
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from lvshu.core.errors import Problem, StoreError
from lvshu.publish.reader import Reader
from lvshu.store.workspace import Workspace
from lvshu.web.jobs import Jobs
from lvshu.web.options import WebOptions
from lvshu.web.shelf import Shelf
from lvshu.web.state.database import Database
from lvshu.web.state.users import NOBODY, Person, list_users, person_of

Result = TypeVar("Result")


class Workbench:
    """The server's own things, made once."""

    def __init__(self, options: WebOptions) -> None:
        """Open the workspace and the database.

        Raises:
            ConfigError: no workspace in the folder, or wrong settings of it or of the database.
            StoreError: the database cannot be reached; or a login is needed and there is no user yet.
        """
        _ = options.proxy_networks  # a wrong one is told before anything is opened
        self.workspace = Workspace.open(options.folder)
        listed = tuple(self.workspace.config.serve.trusted_proxies)
        self.options = options if options.trusted_proxies else replace(options, trusted_proxies=listed)
        self.shelf = Shelf(self.workspace, threads=self.workspace.config.engine.threads)
        self.database = Database(options.database_url)
        self.jobs = Jobs(options.folder)
        self.secret = secrets.token_urlsafe(24)
        if options.needs_login and not list_users(self.database):
            raise StoreError(Problem("web.no_user_yet", values={"folder": options.folder}))

    @property
    def owner(self) -> Person:
        """Return whoever started the server on this machine."""
        return Person(_own_name(), "admin", self.secret, is_owner=True)

    def person(self, token: str | None) -> Person:
        """Return who asks, by the token of the session."""
        if not self.options.needs_login:
            return self.owner
        return person_of(self.database, token, self.options.session_hours) if token else NOBODY

    def made(self, run_id: str, key: object, make: Callable[[Reader], Result]) -> Result:
        """Return what `make` made of a run's book, kept under a key."""
        return self.shelf.made(run_id or None, key, make)

    def close(self) -> None:
        """Close everything; a run that goes on is asked to stop (what it finished is kept)."""
        self.jobs.close()
        self.shelf.close()
        self.database.close()


def _own_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "owner"
