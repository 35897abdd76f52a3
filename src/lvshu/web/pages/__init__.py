"""The pages of the workbench: each is made of a book by one function, and written as HTML, JSON, CSV and XLSX."""

from __future__ import annotations

from lvshu.web.pages import data, explain, home, wings
from lvshu.web.pages.page import Page

PAGES: tuple[Page, ...] = (home.PAGE, *wings.PAGES, *data.PAGES, explain.PAGE)
