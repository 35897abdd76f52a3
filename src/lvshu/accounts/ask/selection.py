"""Choosing stressors of a system by words: an extension, a stressor, a pattern, value added or a part of it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.system import Extension, InputOutputSystem
from lvshu.core.errors import MethodError, Problem
from lvshu.core.origin import Origin

Array = NDArray[np.float64]

VALUE_ADDED = "value_added"
ALL_ROWS = -1


@dataclass(frozen=True)
class Stressors:
    """Chosen stressors, as arrays.

    Attributes:
        index: m labels.
        units: m units, as published.
        flows: shape (m, n), each row in its unit.
        final_flows: of final demand itself, shape (m, c); zeros where none are given.
        standard_error: of `flows`, shape (m, n); NaN where it is not known; None where none is known.
        final_error: of `final_flows`, shape (m, c), likewise.
        origin: of every extension they come from.
    """

    index: Index
    units: tuple[str, ...]
    flows: Array
    final_flows: Array
    standard_error: Array | None
    final_error: Array | None
    origin: tuple[Origin, ...]


def choose(system: InputOutputSystem, words: str | Sequence[str] | None = None) -> Stressors:
    """Return the stressors that words mean.

    Args:
        system: m stressors in its extensions, n sectors, c columns of final demand.
        words: each the name of an extension, a stressor's label or a part of it, a pattern such as "CO2*",
            "value_added" (all of it) or the name of a row of value added; None for every stressor of every extension.

    Raises:
        MethodError: accounts.no_stressors, when the system carries none; accounts.no_such_stressor, with those near.
    """
    wanted = [words] if isinstance(words, str) else list(words or ())
    found: dict[tuple[str, int], None] = {}
    problems = []
    for word in wanted or ["*"]:
        rows = _matching(system, word)
        if not rows:
            problems.append(_unknown(system, word))
        found |= dict.fromkeys(rows)
    if problems:
        raise MethodError(*problems)
    return _gathered(system, list(found))


def names_of(system: InputOutputSystem) -> list[str]:
    """Return the names by which stressors can be asked for: extensions, then single stressors."""
    single = [" / ".join(label) for one in system.extensions.values() for label in one.stressors.labels]
    return [*system.extensions, *single, *([VALUE_ADDED, *system.value_added] if system.value_added else [])]


def _matching(system: InputOutputSystem, word: str) -> list[tuple[str, int]]:
    if word == VALUE_ADDED and system.value_added:
        return [(VALUE_ADDED, ALL_ROWS)]
    if word in system.value_added:
        return [(VALUE_ADDED, list(system.value_added).index(word))]
    if word in system.extensions:
        return [(word, row) for row in range(len(system.extensions[word].stressors))]
    pattern = word.casefold()
    found = []
    for name, extension in system.extensions.items():
        for row, label in enumerate(extension.stressors.labels):
            texts = (*label, " / ".join(label), f"{name} / {' / '.join(label)}")
            if any(fnmatchcase(text.casefold(), pattern) for text in texts):
                found.append((name, row))
    return found


def _unknown(system: InputOutputSystem, word: str) -> Problem:
    known = names_of(system)
    if not known or (word == "*" and not system.extensions):
        return Problem("accounts.no_stressors", values={"system": system.name})
    near = difflib.get_close_matches(word, known, n=5, cutoff=0.3) or known[:8]
    return Problem("accounts.no_such_stressor", values={"word": word, "near": near, "count": len(known)})


def _gathered(system: InputOutputSystem, rows: list[tuple[str, int]]) -> Stressors:
    n, c = len(system.industries), len(system.final)
    width = max(len(_levels(system, name)) for name, _ in rows)
    shared = _levels(system, rows[0][0]) if width > 1 else ("stressor",)
    levels = shared if len(shared) == width else tuple(f"stressor_{place + 1}" for place in range(width))
    several = len({name for name, _ in rows}) > 1
    labels, units, flows, final = [], [], np.zeros((len(rows), n)), np.zeros((len(rows), c))
    error, final_error = np.full((len(rows), n), np.nan), np.full((len(rows), c), np.nan)
    origins: dict[Origin, None] = {}
    for place, (name, row) in enumerate(rows):
        label: tuple[str, ...]
        if name == VALUE_ADDED:
            chosen = list(system.value_added) if row == ALL_ROWS else [list(system.value_added)[row]]
            label = (VALUE_ADDED if row == ALL_ROWS else chosen[0],)
            flows[place] = np.sum([system.value_added[one] for one in chosen], axis=0)
            units.append(system.money_unit)
            origins[system.origin] = None
        else:
            extension = system.extensions[name]
            label = extension.stressors.labels[row]
            flows[place] = _row(extension, row)
            if extension.final_flows is not None:
                final[place] = extension.final_flows[row]
            if extension.standard_error is not None:
                error[place] = extension.standard_error[row]
            if extension.final_error is not None:
                final_error[place] = extension.final_error[row]
            units.append(extension.units[row])
            origins[extension.origin] = None
        padded = (*label, *[""] * (width - len(label)))
        labels.append((name, *padded) if several else padded)
    index = Index.of(("extension", *levels) if several else levels, labels)
    known, final_known = (one if np.isfinite(one).any() else None for one in (error, final_error))
    return Stressors(index, tuple(units), flows, final, known, final_known, tuple(origins))


def _levels(system: InputOutputSystem, name: str) -> tuple[str, ...]:
    return ("stressor",) if name == VALUE_ADDED else system.extensions[name].stressors.levels


def _row(extension: Extension, row: int) -> Array:
    flows = extension.flows
    if isinstance(flows, sparse.csr_array):
        return np.asarray(flows[[row]].toarray()[0], dtype=np.float64)
    return np.asarray(flows[row], dtype=np.float64)
