"""The pages of the workbench: each is made of a book by one function, and written as HTML, JSON, CSV and XLSX."""

from __future__ import annotations

from lvshu.web.pages import (
    compare,
    corrections,
    data,
    explain,
    home,
    ledger,
    loop,
    number,
    people,
    reviews,
    runs,
    upload,
    what_if,
    wings,
)
from lvshu.web.pages.page import Page

SHOWN: tuple[Page, ...] = (
    home.PAGE,
    loop.PAGE,
    *wings.PAGES,
    *ledger.PAGES,
    what_if.PAGE,
    *data.PAGES,
    corrections.PAGE,
    upload.PAGE,
    runs.PAGE,
    compare.PAGE,
    reviews.PAGE,
    people.PAGE,
    explain.PAGE,
)

PAGES: tuple[Page, ...] = (*SHOWN, number.page_of(SHOWN))
