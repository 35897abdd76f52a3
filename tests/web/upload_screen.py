"""A browser on the mapping screen of uploads."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient


class Screen:
    """A browser on a workspace without a run, and an upload in it."""

    def __init__(self, browser: TestClient, folder: Path) -> None:
        self.browser, self.folder, self.token = browser, folder, ""
        page = browser.get("/data/upload?lang=en").text
        self.csrf = page.split('"csrf":"')[1].split('"')[0]

    def bring(self, name: str, content: str | bytes) -> None:
        content = content.encode() if isinstance(content, str) else content
        answer = self.browser.post("/data/upload", data={"csrf": self.csrf}, files={"file": (name, content)})
        assert answer.status_code == 303, answer.text
        self.token = answer.headers["location"].split("token=")[1].split("&")[0]

    def page(self, language: str = "en", table: str = "") -> str:
        more = f"&table={table}" if table else ""
        answer = self.browser.get(f"/data/upload?token={self.token}&lang={language}{more}")
        assert answer.status_code == 200, answer.text[:500]
        return answer.text

    def preview(self, **form: Any) -> Any:
        whole = {"csrf": self.csrf, "token": self.token, "lang": "en", **form}
        return self.browser.post("/data/upload/try", data=whole)

    def take(self) -> Any:
        return self.browser.post("/data/upload/take", data={"csrf": self.csrf, "token": self.token})

    @property
    def inputs(self) -> set[str]:
        return {one.name for one in (self.folder / "inputs").iterdir()}

    def place(self, name: str) -> Path:
        return self.folder / "workbench" / "uploads" / self.token / name


def faults(page: str) -> list[str]:
    return [
        html.unescape(re.sub("<[^>]+>", "", one))
        for one in re.findall(r'class="field-fault"[^>]*>(.*?)</p>', page)
    ]
