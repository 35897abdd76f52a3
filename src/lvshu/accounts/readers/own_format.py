"""A system as files of this program: one .npy for each array, and a manifest with labels, units and hashes.

Arrays are mapped into memory when they are loaded, so that a table of any size opens at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.regional import RegionalSystem
from lvshu.accounts.ledger.system import Extension, InputOutputSystem, Matrix
from lvshu.accounts.readers.assemble import ReadOptions
from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import Origin, sha256_of_file, sha256_of_text

Array = NDArray[np.float64]
MANIFEST = "system.json"
_VERSION = 1


def save_system(system: InputOutputSystem, folder: Path | str) -> Path:
    """Write a system to a folder and return the path of its manifest.

    Args:
        system: any system; sparse matrices stay sparse.
        folder: made where it is not there; files of an earlier system in it are replaced.
    """
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    files: dict[str, dict[str, Any]] = {}
    manifest: dict[str, Any] = {
        "format": "lvshu input-output system", "version": _VERSION, "name": system.name, "year": system.year,
        "money_unit": system.money_unit, "industries": _index(system.industries), "final": _index(system.final),
        "intermediate_use": _write(place, "Z", system.intermediate_use, files),
        "final_demand": _write(place, "Y", system.final_demand, files),
        "output": _write(place, "x", system.output, files),
        "value_added": {
            name: _write(place, f"value_added_{number}", row, files)
            for number, (name, row) in enumerate(system.value_added.items())
        },
        "extensions": [
            {
                "key": key, "name": one.name, "stressors": _index(one.stressors), "units": list(one.units),
                "flows": _write(place, f"extension_{number}_F", one.flows, files),
                "final_flows": _write(place, f"extension_{number}_F_Y", one.final_flows, files),
                "standard_error": _write(place, f"extension_{number}_error", one.standard_error, files),
                "final_error": _write(place, f"extension_{number}_F_Y_error", one.final_error, files),
                "origin": one.origin.as_dict(),
            }
            for number, (key, one) in enumerate(system.extensions.items())
        ],
        "origin": system.origin.as_dict(), "notes": [list(note) for note in system.notes],
    }  # fmt: skip
    if isinstance(system, RegionalSystem):
        parts = {"coming_in": system.coming_in, "coming_in_final": system.coming_in_final}
        manifest["regional"] = {
            key: {source: _write(place, f"{key}_{source}", array, files) for source, array in part.items()}
            for key, part in parts.items()
        } | {"transit": _write(place, "transit", system.transit, files)}
    manifest["files"] = files
    path = place / MANIFEST
    path.write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    return path


def _index(index: Index) -> dict[str, Any]:
    return {"levels": list(index.levels), "labels": [list(label) for label in index.labels]}


def _write(
    folder: Path, name: str, matrix: Matrix | None, files: dict[str, dict[str, Any]]
) -> dict[str, Any] | None:
    if matrix is None:
        return None
    if sparse.issparse(matrix):
        rows = sparse.csr_array(matrix)
        parts = {"data": rows.data, "indices": rows.indices, "indptr": rows.indptr}
        return {
            "shape": list(rows.shape),
            **{part: _save(folder, f"{name}_{part}", array, files) for part, array in parts.items()},
        }
    return {"dense": _save(folder, name, np.asarray(matrix), files)}


def _save(folder: Path, name: str, array: NDArray[Any], files: dict[str, dict[str, Any]]) -> str:
    file = f"{name}.npy"
    path = folder / file
    partial = folder / f"{name}.part.npy"
    np.save(partial, array)
    partial.replace(path)
    files[file] = {"bytes": path.stat().st_size, "sha256": sha256_of_file(path)}
    return file


def load_system(folder: Path | str, *, verify: bool = False) -> InputOutputSystem:
    """Return a system written by `save_system`, its arrays mapped into memory, read-only.

    Args:
        folder: the folder.
        verify: compare the hash of every file, which reads all of them; their sizes are always compared.

    Raises:
        InputError: accounts.reader_file_missing, accounts.reader_changed, accounts.reader_unreadable.
    """
    place = Path(folder)
    path = place / MANIFEST
    where = Where(file=f"{place.name}/{MANIFEST}")
    if not path.is_file():
        raise InputError(Problem("accounts.reader_file_missing", where, {"name": MANIFEST, "beside": ["–"]}))
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        files: Mapping[str, Mapping[str, Any]] = manifest["files"]
    except (json.JSONDecodeError, KeyError) as error:
        raise InputError(Problem("accounts.reader_unreadable", where, {"reason": str(error)})) from error
    problems = _check(place, files, verify)
    if problems:
        raise InputError(*problems)
    extensions = {
        one["key"]: Extension(
            one["name"], _labels(one["stressors"]), tuple(one["units"]), _read(place, one["flows"]),
            _dense(place, one["final_flows"]), _dense(place, one["standard_error"]), Origin(**one["origin"]),
            _dense(place, one["final_error"]),
        )
        for one in manifest["extensions"]
    }  # fmt: skip
    system = InputOutputSystem(
        manifest["name"], manifest["year"], _labels(manifest["industries"]), _labels(manifest["final"]),
        _read(place, manifest["intermediate_use"]), _array(place, manifest["final_demand"]),
        _array(place, manifest["output"]),
        {name: _array(place, entry) for name, entry in manifest["value_added"].items()},
        manifest["money_unit"], extensions, Origin(**manifest["origin"]),
        tuple((note[0], note[1]) for note in manifest["notes"]),
    )  # fmt: skip
    return _regional(system, place, manifest["regional"]) if "regional" in manifest else system


def _regional(system: InputOutputSystem, place: Path, content: Mapping[str, Any]) -> RegionalSystem:
    parts = [
        {source: _array(place, entry) for source, entry in content[key].items()}
        for key in ("coming_in", "coming_in_final")
    ]
    own = {one.name: getattr(system, one.name) for one in fields(InputOutputSystem)}
    return RegionalSystem(
        **own, coming_in=parts[0], coming_in_final=parts[1], transit=_array(place, content["transit"])
    )


def _check(folder: Path, files: Mapping[str, Mapping[str, Any]], verify: bool) -> list[Problem]:
    problems = []
    for name, entry in files.items():
        path = folder / name
        where = Where(file=f"{folder.name}/{name}")
        if not path.is_file():
            problems.append(
                Problem("accounts.reader_file_missing", where, {"name": name, "beside": [MANIFEST]})
            )
        elif path.stat().st_size != entry["bytes"] or (verify and sha256_of_file(path) != entry["sha256"]):
            problems.append(Problem("accounts.reader_changed", where, {"name": name}))
    return problems


def _labels(content: Mapping[str, Any]) -> Index:
    return Index(tuple(content["levels"]), tuple(tuple(label) for label in content["labels"]))


def _map(folder: Path, name: str) -> Any:
    return np.load(folder / name, mmap_mode="r", allow_pickle=False)


def _array(folder: Path, entry: Mapping[str, Any]) -> Array:
    array: Array = _map(folder, entry["dense"])
    return array


def _dense(folder: Path, entry: Mapping[str, Any] | None) -> Array | None:
    return None if entry is None else _array(folder, entry)


def _read(folder: Path, entry: Mapping[str, Any]) -> Matrix:
    if "dense" in entry:
        return _array(folder, entry)
    parts = (_map(folder, entry["data"]), _map(folder, entry["indices"]), _map(folder, entry["indptr"]))
    return sparse.csr_array(parts, shape=tuple(entry["shape"]))


def _key(path: Path, name: str, options: ReadOptions) -> str:
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    stamps = [f"{one}:{one.stat().st_size}:{one.stat().st_mtime_ns}" for one in files if one.is_file()]
    wanted = options.extensions if isinstance(options.extensions, bool) else sorted(options.extensions)
    choices = [
        name,
        str(_VERSION),
        str(options.year),
        str(options.unit),
        str(wanted),
        str(options.merge_split),
    ]
    return sha256_of_text(str(path.resolve()), *stamps, *choices, str(options.tolerance))[:20]


def cached(path: Path, name: str, options: ReadOptions, cache: Path) -> InputOutputSystem | None:
    """Return the system kept of an unchanged file read with the same choices, or None."""
    folder = cache / _key(path, name, options)
    return load_system(folder) if (folder / MANIFEST).is_file() else None


def keep(
    system: InputOutputSystem, path: Path, name: str, options: ReadOptions, cache: Path
) -> InputOutputSystem:
    """Write a system to the cache and return it mapped into memory."""
    folder = cache / _key(path, name, options)
    save_system(system, folder)
    return load_system(folder)


class OwnFormat:
    """The reader of systems written by `save_system`."""

    name = "lvshu"
    title = ("本程序保存的格式", "saved by this program")
    needs = (
        "save_system 写出的文件夹（system.json 与 .npy）",
        "a folder written by save_system (system.json and .npy)",
    )

    def recognises(self, path: Path) -> bool:
        """Return whether the folder holds a manifest."""
        return path.is_dir() and (path / MANIFEST).is_file()

    def read(self, path: Path, options: ReadOptions) -> InputOutputSystem:
        """Return the system, its hashes compared.

        Raises:
            InputError: a file is missing or was changed.
        """
        return load_system(path, verify=True)


FORMAT = OwnFormat()
