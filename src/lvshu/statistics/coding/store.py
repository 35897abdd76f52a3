"""Models on disk: a folder with numbers (npz, no pickles), plain JSON and the card; hashes are checked on reading."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvshu.core.errors import InputError, Problem, Where
from lvshu.core.origin import sha256_of_file
from lvshu.statistics.coding.card import FORMAT, as_markdown
from lvshu.statistics.coding.coder import Coder, EntryIndex
from lvshu.statistics.coding.hierarchy import Hierarchy
from lvshu.statistics.coding.methods.calibration import Curve
from lvshu.statistics.coding.methods.conformal import Threshold
from lvshu.statistics.coding.methods.linear import LinearModel
from lvshu.statistics.coding.methods.ngrams import GramSettings
from lvshu.statistics.coding.methods.weights import Columns

NUMBERS, PLAIN, CARD, CARD_TEXT, SUMS = "model.npz", "model.json", "card.json", "card.md", "sha256.json"
Numbers = dict[str, NDArray[Any]]


def save(coder: Coder, folder: Path) -> Path:
    """Write a model into a folder and return the folder. Existing files of a model are replaced.

    Args:
        coder: the model.
        folder: made when absent.
    """
    folder.mkdir(parents=True, exist_ok=True)
    numbers, content = _parts(coder)
    with (folder / NUMBERS).open("wb") as handle:
        np.savez_compressed(handle, **numbers)  # type: ignore[arg-type]
    _write(folder / PLAIN, content)
    _write(folder / CARD, dict(coder.card))
    (folder / CARD_TEXT).write_text(as_markdown(coder.card), encoding="utf-8")
    _write(folder / SUMS, {name: sha256_of_file(folder / name) for name in (NUMBERS, PLAIN, CARD)})
    return folder


def load(folder: Path) -> Coder:
    """Return the model of a folder. Nothing in it is executed.

    Args:
        folder: that `save` wrote.

    Raises:
        InputError: coding.model_absent (no such files), coding.model_changed (a file differs from its hash),
            coding.model_broken (not the numbers of a model).
    """
    missing = [name for name in (NUMBERS, PLAIN, CARD, SUMS) if not (folder / name).is_file()]
    if missing:
        raise InputError(
            Problem("coding.model_absent", Where(file=str(folder)), {"files": ", ".join(missing)})
        )
    try:
        sums = json.loads((folder / SUMS).read_text(encoding="utf-8"))
        changed = [name for name in (NUMBERS, PLAIN, CARD) if sums.get(name) != sha256_of_file(folder / name)]
        if changed:
            raise InputError(
                Problem("coding.model_changed", Where(file=str(folder)), {"files": ", ".join(changed)})
            )
        content = json.loads((folder / PLAIN).read_text(encoding="utf-8"))
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        with np.load(folder / NUMBERS, allow_pickle=False) as numbers:
            return _whole({name: numbers[name] for name in numbers.files}, content, card)
    except (ValueError, KeyError, TypeError, AttributeError, OSError, zipfile.BadZipFile) as error:
        values = {"reason": f"{type(error).__name__}: {error}"[:200]}
        raise InputError(Problem("coding.model_broken", Where(file=str(folder)), values)) from None


def _parts(coder: Coder) -> tuple[Numbers, dict[str, Any]]:
    numbers: Numbers = {}
    if coder.model is not None and coder.columns is not None:
        numbers |= {"buckets": coder.columns.buckets, "weight": coder.columns.weight,
                    "factors": coder.model.factors, "classes": coder.model.classes,
                    "constant": coder.model.constant}  # fmt: skip
    for number, curve in enumerate(coder.curves):
        numbers |= {f"curve_{number}_given": curve.given, f"curve_{number}_right": curve.right}
    for name, threshold in coder.thresholds.items():
        numbers |= {f"{name}_{part}": getattr(threshold, part) for part in _THRESHOLD}
    index = coder.index
    if index is not None:
        numbers |= {"index_class": index.class_of, "index_buckets": index.columns.buckets,
                    "index_weight": index.columns.weight}  # fmt: skip
        for number, (field, _) in enumerate(index.fields):
            numbers |= {
                f"field_{number}_{name}": getattr(field, name) for name in ("data", "indices", "indptr")
            }
    content = {
        "format": FORMAT,
        "hierarchy": coder.hierarchy.as_json(),
        "grams": asdict(coder.grams),
        "index": None if index is None else {"words": list(index.words), "grams": asdict(index.grams),
                                              "fields": [weight for _, weight in index.fields]},
        "index_weight": coder.index_weight,
        "temperature": coder.temperature,
        "curves": len(coder.curves),
        "least": list(coder.least),
        "thresholds": {name: {"error": one.error, "by_class": one.by_class}
                       for name, one in coder.thresholds.items()},
        "baseline": dict(coder.baseline),
        "familiar": coder.familiar,
        "least_known": coder.least_known,
        "spelling": {str(key): value for key, value in coder.spelling.items()},
        "foreign": None if coder.foreign is None else sorted(coder.foreign),
    }  # fmt: skip
    return numbers, content


def _whole(numbers: Mapping[str, NDArray[Any]], content: Mapping[str, Any], card: Mapping[str, Any]) -> Coder:
    if content["format"] != FORMAT:
        raise ValueError(f"format {content['format']}, known {FORMAT}")
    columns = model = None
    if "factors" in numbers:
        columns = Columns(numbers["buckets"], numbers["weight"])
        model = LinearModel(numbers["factors"], numbers["classes"], numbers["constant"])
    hierarchy = Hierarchy.from_json(content["hierarchy"])
    if model is not None and model.classes.shape[0] != len(hierarchy.classes):
        raise ValueError("classes of the model and of the classification differ in number")
    return Coder(
        hierarchy=hierarchy,
        grams=GramSettings(**content["grams"]),
        columns=columns,
        model=model,
        index=_index(numbers, content["index"]),
        index_weight=float(content["index_weight"]),
        temperature=float(content["temperature"]),
        curves=tuple(
            Curve(numbers[f"curve_{number}_given"], numbers[f"curve_{number}_right"])
            for number in range(int(content["curves"]))
        ),
        least=tuple(content["least"]),
        thresholds={
            name: _threshold(numbers, name, one)
            for name, one in content["thresholds"].items()
        },
        baseline=content["baseline"],
        familiar=float(content.get("familiar", 0.0)),
        least_known=float(content.get("least_known", 0.0)),
        spelling={int(key): int(value) for key, value in content["spelling"].items()},
        foreign=None if (words := content.get("foreign")) is None else frozenset(words),
        card=card,
    )  # fmt: skip


_THRESHOLD = ("of_class", "below", "share", "texts")


def _threshold(numbers: Mapping[str, NDArray[Any]], name: str, one: Mapping[str, Any]) -> Threshold:
    """Return a threshold; models kept before texts drew their place know the place above alone."""
    above, texts = numbers[f"{name}_of_class"], numbers[f"{name}_texts"]
    below = numbers.get(f"{name}_below", above)
    share = numbers.get(f"{name}_share", np.ones(len(above)))
    return Threshold(one["error"], above, below, share, texts, one["by_class"])


def _index(numbers: Mapping[str, NDArray[Any]], content: Mapping[str, Any] | None) -> EntryIndex | None:
    if content is None:
        return None
    columns = Columns(numbers["index_buckets"], numbers["index_weight"])
    shape = (len(content["words"]), len(columns.buckets))
    fields = tuple(
        (
            sparse.csr_matrix(
                tuple(numbers[f"field_{number}_{name}"] for name in ("data", "indices", "indptr")),
                shape=shape,
            ),
            float(weight),
        )
        for number, weight in enumerate(content["fields"])
    )
    grams = GramSettings(**content["grams"])
    return EntryIndex(tuple(content["words"]), numbers["index_class"], columns, fields, grams)


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(
        json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
