"""Public data sets: what they are, under which licence, and how one is fetched when somebody asks for it.

Nothing here runs by itself, and no network is touched before `get` is called.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from itertools import product
from typing import Any

from lvshu.core.errors import InputError, Problem


@dataclass(frozen=True)
class DataFile:
    """One file of a data set.

    Attributes:
        name: as the publisher calls it, or a plain name where the address has none.
        address: where it is fetched from.
        size: bytes; 0 where it is not known.
        checksum: "md5:...", "sha1:..." or "sha256:..." as the publisher states it; "" where none is known.
    """

    name: str
    address: str
    size: int = 0
    checksum: str = ""


@dataclass(frozen=True)
class DataSet:
    """One public data set.

    Attributes:
        id: short name, e.g. "exiobase-3.8.2".
        zh, en: what it is.
        producer, version, page, licence, licence_page, citation: as published.
        access: "open", "browser" (a person has to fetch it) or "registration".
        note_zh, note_en: what a user has to know first.
        facts: where the entry was looked up.
        files: every file, patterns written out.
        record: Zenodo record that states sizes and checksums, or "".
        reader: name of the reader for its files, or "".
    """

    id: str
    zh: str
    en: str
    producer: str
    version: str
    page: str
    licence: str
    licence_page: str
    citation: str
    access: str
    note_zh: str
    note_en: str
    facts: str
    files: tuple[DataFile, ...]
    record: str = ""
    reader: str = ""


@cache
def datasets() -> dict[str, DataSet]:
    """Return every data set of catalog/datasets.toml, by its id, in its order."""
    text = resources.files("lvshu.catalog").joinpath("datasets.toml").read_text(encoding="utf-8")
    return {row["id"]: _dataset(row) for row in tomllib.loads(text)["dataset"]}


def _dataset(row: dict[str, Any]) -> DataSet:
    files = {one.name: one for one in reversed(list(_files(row)))}
    plain = {key: value for key, value in row.items() if key not in ("files", "years", "systems")}
    return DataSet(**plain, files=tuple(files[name] for name in sorted(files)))


def _files(row: dict[str, Any]) -> Iterator[DataFile]:
    """The files of a data set; those told one by one come first and win over a pattern."""
    first, last = row.get("years", (0, 0))
    for given in row["files"]:
        if "{" not in given["name"]:
            yield DataFile(**given)
            continue
        for year, system in product(range(first, last + 1), row.get("systems", [""])):
            parts: dict[str, object] = {"year": year, "system": system}
            one = DataFile(**given)
            yield replace(one, name=one.name.format(**parts), address=one.address.format(**parts))


def find(words: str) -> tuple[DataSet, DataFile]:
    """Return the data set and the file that words mean: "owid-co2", "exiobase-3.8.2:IOT_2020_pxp.zip", "...:2020_pxp".

    Raises:
        InputError: accounts.get_no_such_dataset, accounts.get_by_hand, accounts.get_which_file.
    """
    name, _, wanted = words.partition(":")
    known = datasets()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.3) or list(known)
        raise InputError(Problem("accounts.get_no_such_dataset", values={"dataset": name, "near": near}))
    chosen = known[name]
    if chosen.access != "open":
        told: dict[str, object] = {
            "dataset": name, "page": chosen.page, "access": chosen.access,
            "note": {"zh": chosen.note_zh, "en": chosen.note_en},
        }  # fmt: skip
        raise InputError(Problem("accounts.get_by_hand", values=told))
    exact = [one for one in chosen.files if one.name == wanted]
    fitting = exact or [one for one in chosen.files if wanted in one.name]
    if len(fitting) != 1:
        shown = [one.name for one in (fitting or chosen.files)]
        values = {
            "dataset": name,
            "wanted": wanted or "–",
            "count": len(fitting),
            "files": shown[:6],
            "of": len(shown),
        }
        raise InputError(Problem("accounts.get_which_file", values=values))
    return chosen, fitting[0]
