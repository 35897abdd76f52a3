"""People: who may use the workbench, and the log of what they did."""

from __future__ import annotations

from lvshu.core.city_time import city_moment
from lvshu.publish.model import Column, Panel, TableView
from lvshu.web.context import Context, PageQuery
from lvshu.web.pages.page import Page
from lvshu.web.state.log import entries
from lvshu.web.state.users import list_users
from lvshu.web.view import Link, PageView
from lvshu.web.words import word

SHOWN = 300


def build(context: Context, query: PageQuery) -> PageView:
    """Return the page."""
    database = context.workbench.database
    people, log = list_users(database), entries(database, SHOWN)
    heads = (
        Column("name", word("login.name")),
        Column("role", word("people.role")),
        Column("created_at", word("people.since")),
        Column("disabled", word("people.disabled")),
    )
    users = tuple(
        {**one, "role": word(f"role.{one['role']}"), "created_at": city_moment(one["created_at"])}
        for one in people
    )
    told = (
        Column("at", word("runs.at"), code=True),
        Column("user_name", word("login.name")),
        Column("role", word("people.role")),
        Column("action", word("people.action"), code=True),
        Column("target", word("column.what")),
        Column("remote", word("people.remote"), code=True),
        Column("detail", word("people.detail"), code=True),
    )
    kept = tuple(
        {**{column.key: str(one[column.key]) for column in told}, "at": city_moment(one["at"])} for one in log
    )
    panels = (
        Panel("users", word("people.users"), table=TableView(heads, users, ()))
        if users
        else Panel("users", word("people.users"), empty=word("people.none")),
        Panel("log", word("people.log"), table=TableView(told, kept, ()))
        if kept
        else Panel("log", word("people.log"), empty=word("people.no_log")),
    )
    crumbs = (Link(word("nav.data"), "/data"),)
    return PageView("people", word("people.title"), word("people.lead"), panels, crumbs=crumbs)


PAGE = Page("/people", "people", build, needs="administer", needs_book=False)
