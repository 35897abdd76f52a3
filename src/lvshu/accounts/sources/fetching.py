"""Fetching one file of a public data set: resumed where it broke off, checked, and put in place in one move.

Written with the standard library. The file has its name only when it is whole; until then it is `<name>.part`, with
what is known of it in `<name>.part.json`. Beside the finished file stands `<name>.origin.json`.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from lvshu.accounts.sources.datasets import DataFile, DataSet
from lvshu.core.city_time import city_today
from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import Origin, sha256_of_file

BLOCK = 1 << 20
SECONDS = 60
AGENT = "lvshu"
RECORD = "https://zenodo.org/api/records/{record}"
_BROKEN = (OSError, http.client.HTTPException)
"""URLError, timeouts, refused connections and a full disk are all OSError."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Fetched:
    """A file in its place.

    Attributes:
        path: the file.
        origin: where it comes from, as written beside it.
        size: bytes.
        verified: whether a checksum stated by the publisher was compared.
        resumed_from: bytes that were there from an earlier attempt.
        was_there: whether the whole file was there already and nothing was fetched.
    """

    path: Path
    origin: Origin
    size: int
    verified: bool
    resumed_from: int = 0
    was_there: bool = False


def get(
    dataset: DataSet,
    file: DataFile,
    folder: Path,
    *,
    progress: Progress | None = None,
    record_address: str = RECORD,
    today: date | None = None,
) -> Fetched:
    """Return a file of a data set, fetched into a folder.

    Args:
        dataset: the data set.
        file: the file of it.
        folder: made where it is missing.
        progress: called with bytes so far and in all (0: not known).
        record_address: address of a Zenodo record, with {record}.
        today: day to be noted as that of access; the present one by default.

    Raises:
        InputError: accounts.get_failed (the part fetched stays and is resumed), accounts.get_wrong_checksum,
            accounts.get_wrong_size, accounts.get_a_page, accounts.get_in_the_way, accounts.get_no_checksum_there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / file.name
    there = _already(dataset, file, target)
    if there is not None:
        return there
    stated = _stated(dataset, file, record_address)
    part = target.with_name(target.name + ".part")
    resumed, kind = _download(stated, part, progress)
    _check(stated, part, kind)
    origin = Origin(
        producer=dataset.producer, title=f"{dataset.en}: {file.name}", version=dataset.version,
        date_accessed=(today or city_today()).isoformat(), licence=dataset.licence, url=stated.address,
        file=file.name, sha256=sha256_of_file(part),
    )  # fmt: skip
    size = part.stat().st_size
    about = origin.as_dict() | {
        "dataset": dataset.id,
        "size": size,
        "checksum": stated.checksum,
        "page": dataset.page,
    }
    _write_json(_beside(target), about | {"licence_page": dataset.licence_page, "citation": dataset.citation})
    part.replace(target)
    _note(part).unlink(missing_ok=True)
    return Fetched(target, origin, size, bool(stated.checksum), resumed)


def _beside(target: Path) -> Path:
    return target.with_name(target.name + ".origin.json")


def _note(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _write_json(path: Path, content: dict[str, Any]) -> None:
    unfinished = path.with_name(path.name + ".new")
    unfinished.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    unfinished.replace(path)


def _read_json(path: Path) -> dict[str, Any]:
    """The content of a small JSON file; nothing where there is none or it is damaged."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _already(dataset: DataSet, file: DataFile, target: Path) -> Fetched | None:
    """The file that is there and whole, or None where there is none.

    Raises:
        InputError: accounts.get_in_the_way, when another file has its name.
    """
    if not target.exists():
        return None
    about = _read_json(_beside(target))
    found = sha256_of_file(target)
    if about.get("sha256") != found or about.get("dataset") != dataset.id:
        raise InputError(Problem("accounts.get_in_the_way", Where(file=str(target)), {"dataset": dataset.id}))
    origin = Origin(**{name: str(about.get(name, "")) for name in Origin().as_dict()})
    return Fetched(target, origin, target.stat().st_size, bool(about.get("checksum")), was_there=True)


def _open(address: str, headers: dict[str, str] | None = None) -> Any:
    request = urllib.request.Request(address, headers={"User-Agent": AGENT, **(headers or {})})
    return urllib.request.urlopen(request, timeout=SECONDS)


def _failed(address: str, error: Exception, kept: int) -> InputError:
    reason: object = error
    if isinstance(error, urllib.error.HTTPError):
        error.close()
    elif isinstance(error, urllib.error.URLError):
        reason = error.reason
    values = {"address": address, "reason": f"{type(error).__name__}: {reason}", "kept": kept}
    return InputError(Problem("accounts.get_failed", values=values))


def _stated(dataset: DataSet, file: DataFile, record_address: str) -> DataFile:
    """The file with size and checksum as the publisher's record states them."""
    if not dataset.record:
        return file
    address = record_address.format(record=dataset.record)
    try:
        with _open(address) as answer:
            record = json.load(answer)
    except _BROKEN as error:
        raise _failed(address, error, 0) from error
    except ValueError as error:
        raise InputError(
            Problem("accounts.get_a_page", values={"address": address, "kind": "json"})
        ) from error
    listed = record.get("files", [])
    entries = (
        listed.get("entries", {}) if isinstance(listed, dict) else {one.get("key"): one for one in listed}
    )
    entry = entries.get(file.name)
    if entry is None or not entry.get("checksum"):
        values = {"file": file.name, "address": address}
        raise InputError(Problem("accounts.get_no_checksum_there", values=values))
    if file.checksum and file.checksum != entry["checksum"]:
        values = {"expected": file.checksum, "found": entry["checksum"]}
        raise InputError(Problem("accounts.get_wrong_checksum", Where(file=file.name), values))
    return replace(file, size=int(entry.get("size") or file.size), checksum=str(entry["checksum"]))


def _download(file: DataFile, part: Path, progress: Progress | None) -> tuple[int, str]:
    """Fetch into the part; return how many bytes were there before, and the kind of content."""
    start, headers = _resumable(file, part)
    try:
        answer = _open(file.address, headers)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE and start:
            return start, ""
        raise _failed(file.address, error, start) from error
    except _BROKEN as error:
        raise _failed(file.address, error, start) from error
    with answer:
        if start and answer.status != http.client.PARTIAL_CONTENT:
            start = 0
        length = int(answer.headers.get("Content-Length") or 0)
        total = start + length if length else file.size
        mark = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
        _write_json(_note(part), {"address": file.address, "mark": mark, "total": total})
        done = start
        try:
            with part.open("ab" if start else "wb") as stream:
                while block := answer.read(BLOCK):
                    stream.write(block)
                    done += len(block)
                    if progress is not None:
                        progress(done, total)
        except _BROKEN as error:
            raise _failed(file.address, error, done) from error
        if length and done < total:
            broken = http.client.IncompleteRead(b"", total - done)
            raise _failed(file.address, broken, done)
        return start, str(answer.headers.get_content_type())


def _resumable(file: DataFile, part: Path) -> tuple[int, dict[str, str]]:
    """How many bytes of the same file are there, and the headers that ask for the rest of it."""
    if not part.is_file() or not file.address.startswith("http"):
        return 0, {}
    note = _read_json(_note(part))
    start, mark = part.stat().st_size, note.get("mark", "")
    if note.get("address") != file.address or not start or not (mark or file.checksum):
        return 0, {}
    headers = {"Range": f"bytes={start}-"}
    return start, headers | ({"If-Range": mark} if mark and not mark.startswith("W/") else {})


def _check(file: DataFile, part: Path, kind: str) -> None:
    """Compare size and checksum; a part that is wrong is deleted, for it cannot be resumed.

    Raises:
        InputError: accounts.get_wrong_size, accounts.get_wrong_checksum, accounts.get_a_page.
    """
    where = Where(file=file.name)
    problems = []
    size = part.stat().st_size
    if kind == "text/html" and not file.name.endswith((".html", ".htm")):
        problems.append(Problem("accounts.get_a_page", where, {"address": file.address, "kind": kind}))
    elif file.checksum:
        method, _, expected = file.checksum.partition(":")
        digest = hashlib.new(method, usedforsecurity=False)
        with part.open("rb") as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
        if digest.hexdigest() != expected.lower():
            values = {"expected": file.checksum, "found": f"{method}:{digest.hexdigest()}"}
            problems.append(Problem("accounts.get_wrong_checksum", where, values))
    elif file.size and size != file.size:
        problems.append(Problem("accounts.get_wrong_size", where, {"expected": file.size, "found": size}))
    if problems:
        part.unlink()
        _note(part).unlink(missing_ok=True)
        raise InputError(*problems)
