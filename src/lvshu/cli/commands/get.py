"""lvshu get: the public data sets there are, and fetching one file of them when asked to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lvshu.accounts.sources.datasets import DataFile, DataSet, datasets, find
from lvshu.accounts.sources.fetching import get
from lvshu.cli.console import Output

_TEXTS: dict[str, tuple[str, str]] = {
    "id": ("编号", "id"),
    "what": ("名称", "what it is"),
    "access": ("取得方式", "access"),
    "licence": ("许可", "licence"),
    "files": ("文件数", "files"),
    "open": ("可直接下载", "open"),
    "browser": ("浏览器下载", "by browser"),
    "registration": ("须注册", "registration"),
    "file": ("文件", "file"),
    "address": ("地址", "address"),
    "licence_page": ("许可全文", "licence text"),
    "size": ("大小（字节）", "size (bytes)"),
    "checksum": ("校验值", "checksum"),
    "unknown": ("未知", "not known"),
    "no_checksum": ("出版者未公布；只记录 SHA-256", "none published; the SHA-256 is only noted"),
    "from_record": (
        "取自出版者的记录（Zenodo {record}）",
        "taken from the publisher's record (Zenodo {record})",
    ),
    "page": ("页面", "page"),
    "cite": ("引用", "citation"),
    "to": ("存入", "to"),
    "note": ("说明", "note"),
    "ask": (
        "尚未下载。确认许可后，加 --yes 再执行一次。",
        "Nothing was fetched yet. If the licence suits you, run it again with --yes.",
    ),
    "how": ("下载：lvshu get 编号[:文件] --to 文件夹", "To fetch: lvshu get id[:file] --to folder"),
    "done": ("已取得 {path}（{size} 字节）", "Fetched {path} ({size} bytes)"),
    "there": ("{path} 已在，未重复下载", "{path} is there already; nothing was fetched"),
    "verified": ("校验值相符", "the checksum fits"),
    "unverified": (
        "出版者未公布校验值，未能核对",
        "the publisher states no checksum; it could not be compared",
    ),
    "resumed": ("从第 {bytes} 字节继续", "resumed at byte {bytes}"),
    "origin": ("来源记于 {path}", "its origin is noted in {path}"),
}


def execute(*, language: str, as_json: bool, dataset: str, to: Path, list_only: bool, yes: bool) -> int:
    """List the data sets, show what would be fetched, or fetch it. Returns the exit code.

    Raises:
        InputError: there is no such data set or file, or fetching failed.
    """
    output = Output(language, as_json)
    if list_only or not dataset:
        return _list(output)
    chosen, file = find(dataset)
    if not yes:
        output.json({"ok": True, "fetched": False, **_about(chosen, file, to)})
        _show(output, chosen, file, to)
        output.say(_text(output, "ask"), style="yellow")
        return 0
    _show(output, chosen, file, to)
    fetched = get(chosen, file, to, progress=_progress(output))
    about = {
        "path": fetched.path, "size": fetched.size, "sha256": fetched.origin.sha256, "verified": fetched.verified,
        "resumed_from": fetched.resumed_from, "was_there": fetched.was_there,
    }  # fmt: skip
    output.json({"ok": True, "fetched": True, **_about(chosen, file, to), **about})
    output.say(
        _text(output, "there" if fetched.was_there else "done", path=fetched.path, size=f"{fetched.size:,}")
    )
    if fetched.resumed_from:
        output.say(_text(output, "resumed", bytes=f"{fetched.resumed_from:,}"))
    output.say(_text(output, "verified" if fetched.verified else "unverified"))
    output.say(_text(output, "origin", path=f"{fetched.path}.origin.json"))
    return 0


def _text(output: Output, key: str, **values: object) -> str:
    return _TEXTS[key][0 if output.language == "zh" else 1].format(**values)


def _list(output: Output) -> int:
    every = datasets().values()
    output.json({"ok": True, "datasets": [_card(one) for one in every]})
    output.table(
        [_text(output, key) for key in ("id", "what", "access", "licence", "files")],
        [
            (one.id, getattr(one, output.language), _text(output, one.access), one.licence, len(one.files))
            for one in every
        ],
        right=(4,),
        whole=(0,),
    )
    output.say(_text(output, "how"))
    return 0


def _card(one: DataSet) -> dict[str, Any]:
    names = (
        "id", "zh", "en", "producer", "version", "page", "licence", "licence_page", "citation", "access",
        "note_zh", "note_en", "facts", "reader",
    )  # fmt: skip
    return {**{name: getattr(one, name) for name in names}, "files": [file.name for file in one.files]}


def _about(chosen: DataSet, file: DataFile, to: Path) -> dict[str, Any]:
    return {
        "dataset": chosen.id, "file": file.name, "address": file.address, "to": to, "licence": chosen.licence,
        "licence_page": chosen.licence_page, "stated_size": file.size or None, "checksum": file.checksum or None,
        "checksum_record": chosen.record or None, "page": chosen.page, "citation": chosen.citation,
    }  # fmt: skip


def _show(output: Output, chosen: DataSet, file: DataFile, to: Path) -> None:
    checksum = file.checksum or _text(output, "no_checksum")
    if not file.checksum and chosen.record:
        checksum = _text(output, "from_record", record=chosen.record)
    output.heading(getattr(chosen, output.language))
    rows: list[tuple[str, object]] = [
        ("file", file.name),
        ("address", file.address),
        ("licence", chosen.licence),
        ("licence_page", chosen.licence_page),
        ("size", f"{file.size:,}" if file.size else _text(output, "unknown")),
        ("checksum", checksum),
        ("page", chosen.page),
        ("cite", chosen.citation),
        ("to", to),
        ("note", getattr(chosen, f"note_{output.language}")),
    ]
    output.table(["", ""], [(_text(output, key), value) for key, value in rows])


class _Tenths:
    """Says how far a download is, a line for each tenth, on standard error."""

    def __init__(self, output: Output) -> None:
        self.output, self.told = output, -1

    def __call__(self, done: int, total: int) -> None:
        tenth = done * 10 // total if total else done >> 27
        if tenth != self.told:
            self.told = tenth
            share = f"{done / total:4.0%}" if total else ""
            self.output.err.print(f"{share} {done / 1e6:,.0f} MB", style="dim")


def _progress(output: Output) -> _Tenths | None:
    return None if output.as_json else _Tenths(output)
