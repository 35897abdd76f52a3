"""All that a run publishes of the core digital economy, as constraints on what it hides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvshu.engine.step import StepContext
from lvshu.statistics import digital_public
from lvshu.statistics.audited_joint import Told, published_of, show_derived
from lvshu.statistics.digital_account import classification_of, moments_of
from lvshu.statistics.digital_joint import Group, ask_groups, groups_of, innermost_cells, is_bound
from lvshu.statistics.digital_public import ROOTS, bound_draft, draft_of
from lvshu.statistics.digital_units import units_of
from lvshu.statistics.disclosure.linked import SAFE, Published
from lvshu.statistics.disclosure.primary import Rules, unsafe_cells
from lvshu.statistics.disclosure.structure import Key, key_of
from lvshu.statistics.disclosure.table import NEARLY, DraftTable, added_up
from lvshu.statistics.keys import CORE, MILLION, TOTAL
from lvshu.statistics.methods.domain_interval import told_by
from lvshu.statistics.protection import NONE_SAMPLED, SHOWN, thresholds

FEN = 0.005
SAME = 1e-6
"""Share of a figure by which two printings of it may differ without a revision."""
ACCOUNT, DISTRICT, CONSTANT, MODEL = (
    "digital_economy_account_public",
    "digital_economy_district",
    "digital_economy_constant",
    "digital_economy_district_model",
)
MONTHS, NOWCAST = "digital_core_month", "digital_core_nowcast"


def published(context: StepContext, derived: Sequence[Told] | None = None) -> list[Published]:
    """Return value added, bounds of starred classes and sums of squares of both, with what must stay in doubt.

    Args:
        context: of the step.
        derived: what is told of derived classes; what their public table tells when left out.
    """
    account = context.read(ACCOUNT, order=("code",)).to_pylist()
    if not account:
        return []
    moments, classes = moments_of(context, tell=False), classification_of(context, tell=False)
    units, rules = units_of(context, moments), thresholds(context, "enterprise")
    whole, squares = draft_of(units, classes)
    bound, bound_squares = bound_draft(units, classes)
    groups = groups_of(context, moments, units, classes, rules)
    figures = values(context, whole, rules, account, groups)
    _constants(context, figures)
    starred = _base("digital_starred_bound", bound, bound.cells.value * MILLION, _needs(bound, rules))
    bound_names = {key: name_of(key) for key in bound.structure.keys if is_bound(key)}
    ask_groups(starred, groups, bound_names)
    errors = _squares("digital_error_squares", whole, squares, figures)
    bound_errors = _squares("digital_starred_error_squares", bound, bound_squares, starred)
    for row in account:
        name = cell_name(TOTAL, row["code"])
        _show(starred, name, row, "bound_status", "value_added_partial_upper", ACCOUNT)
        _show_error(errors, name, row["error_status"])
        _show_error(bound_errors, name, row["bound_error_status"])
    for row in context.read(DISTRICT, order=("district_code", "class_code")).to_pylist():
        name = cell_name(row["district_code"], row["class_code"])
        _show_error(errors, name, row["error_status"])
    for row in context.read(MODEL, order=("district_code",)).to_pylist():
        if row["direct_error_basis"] == "published":
            _show_error(errors, cell_name(row["district_code"], CORE), SHOWN)
    _constant_errors(context, errors)
    told = published_of(context, moments) if derived is None else derived
    cells = innermost_cells(units, classes)
    seen = frozenset(code for code, count in zip(moments.codes, moments.units.tolist(), strict=True) if count)
    names = {key: name_of(key) for key in cells.values() if not is_bound(key)}
    for one, known, of_error in (
        (figures, names, False), (errors, names, True), (starred, bound_names, False), (bound_errors, bound_names, True)
    ):  # fmt: skip
        show_derived(one, told, cells, known, seen, of_error=of_error)
    return [figures, starred, errors, bound_errors]


def published_with_months(context: StepContext) -> list[Published]:
    """Return what `published` does, with what the months of the account and the table of its nowcast show of it.

    Args:
        context: of a step after those tables were made.
    """
    found = published(context)
    if found:
        show_months(context, found[0])
    return found


def show_months(context: StepContext, found: Published) -> None:
    """Take in the year's account as the sum of its months, and as the table of the nowcast repeats it.

    Args:
        context: of the step.
        found: of value added at current prices, in CNY.
    """
    year, name = context.settings.year, cell_name(TOTAL, CORE)
    where = f"status = 'benchmarked' AND substr(month, 1, 4) = '{year}'"
    months = context.read(MONTHS, columns=("value_added",), where=where).to_pylist()
    if months:
        found.show(name, float(sum(row["value_added"] for row in months)), f"{MONTHS} (sum of the year)", FEN)
    for row in context.read(NOWCAST, where=f"state = 'account' AND year = {year}").to_pylist():
        found.show(name, float(row["value_added"]), NOWCAST, FEN)


def cell_name(district: str, code: str) -> str:
    """Return the name of a cell of the account and its districts."""
    return f"{district}/{code}"


def name_of(key: Key) -> str:
    """Return the name of a cell by its key; groups of starred classes go by their mediums."""
    own = dict(key)
    return own["atom"] if "atom" in own else cell_name(own.get("district", TOTAL), own.get("class", CORE))


def values(
    context: StepContext, whole: DraftTable, rules: Rules, account: Iterable[Mapping[str, Any]],
    groups: Iterable[Group],
) -> Published:  # fmt: skip
    """Return what is public of the whole classes at current prices, in CNY; constant prices are not in it.

    Args:
        context: of the step, with the table by district, shares, revisions and earlier releases where there are.
        whole: cells of the account and its districts, from the records.
        rules: of confidentiality.
        account: rows of the public account.
        groups: of industry classes that derived classes make; they must stay in doubt, too.
    """
    found = _base("digital_value_added", whole, whole.cells.value * MILLION, _needs(whole, rules))
    ask_groups(found, groups, {key: name_of(key) for key in whole.structure.keys})
    truth = {  # a class without a cell has no unit, and is zero
        name_of(key): float(value) * MILLION
        for key, value in zip(whole.structure.keys, whole.cells.value, strict=True)
    }
    for row in account:
        name = cell_name(TOTAL, row["code"])
        _show(found, name, row, "value_status", "value_added_full", ACCOUNT)
        if row["low"] is not None:
            _show_interval(found, name, row, truth.get(name, 0.0), ACCOUNT)
        both = row["value_added"], row["value_added_partial_counted"]
        if None not in both:
            found.show(
                name, float(both[0]) - float(both[1]), f"{ACCOUNT} (value added less counted part)", FEN
            )
    for row in context.read(DISTRICT, order=("district_code", "class_code")).to_pylist():
        name = cell_name(row["district_code"], row["class_code"])
        _show(found, name, row, "status", "value_added", DISTRICT)
        if row["low"] is not None:
            _show_interval(found, name, row, truth.get(name, 0.0), DISTRICT)
    _model(context, found)
    for row in context.read("digital_economy_share").to_pylist():
        found.show(cell_name(TOTAL, CORE), float(row["numerator_value"]), "digital_economy_share", FEN)
    for row in context.read("digital_economy_revision", order=("code", "released_on")).to_pylist():
        if row["current_value"] is not None:
            found.show(
                cell_name(TOTAL, row["code"]), float(row["current_value"]), "digital_economy_revision", FEN
            )
    for row in context.read("uncertainty", where="indicator = 'digital_core_value_added_whole'").to_pylist():
        found.show(
            cell_name(TOTAL, CORE), float(row["value"]), "headline digital_core_value_added_whole", FEN
        )
    _earlier(context, found)
    return found


def _show_interval(found: Published, name: str, row: Mapping[str, Any], truth: float, source: str) -> None:
    told, within = told_by(float(row["low"]), float(row["high"]), truth, FEN)
    found.show(name, told, f"{source} (interval)", max(within, 1.0))


def _model(context: StepContext, found: Published) -> None:
    """Take in what the model's table repeats: the districts' published figures, and the city's as its sum."""
    rows = context.read(MODEL, order=("district_code",)).to_pylist()
    for row in rows:
        if row["direct_value"] is not None:
            found.show(cell_name(row["district_code"], CORE), float(row["direct_value"]), MODEL, FEN)
    if rows:
        made = float(sum(row["value_added"] for row in rows))
        found.show(cell_name(TOTAL, CORE), made, f"{MODEL} (sum)", FEN)


def _earlier(context: StepContext, found: Published) -> None:
    """Take in earlier releases that show the figures as they stand; where one was revised see `disclosure.history`."""
    now = {name: (low, high) for name, low, high in found.known()}
    for release, shown, _ in digital_public.published(context):
        cells = {name_of(key): value for key, value in shown.items()}
        both = [(value, *now[name]) for name, value in cells.items() if name in now]
        if all(low - SAME * abs(one) <= one <= high + SAME * abs(one) for one, low, high in both):
            for name, value in cells.items():
                found.show(name, value, release, max(FEN, SAME * abs(value)))


def constants_shown(
    context: StepContext, parts: Mapping[str, Mapping[str, float]], account: Iterable[Mapping[str, Any]],
    whole: DraftTable, rules: Rules, groups: Sequence[Group],
) -> frozenset[str]:  # fmt: skip
    """Return the classes whose value at constant prices may be shown, the widest tried first.

    A sum at constant prices is another sum of the same classes with other weights: with hidden classes below it, it
    is shown only where all that must stay in doubt still does.

    Args:
        context: of the step.
        parts: of each class the factor to constant prices of each class that its sum is made of.
        account: rows of the public account.
        whole: cells of the account and its districts.
        rules: of confidentiality.
        groups: of industry classes that derived classes make.
    """
    rows = list(account)
    status = {row["code"]: row["value_status"] for row in rows}
    amount = {row["code"]: row["value_added_full"] for row in rows}
    of_cell = dict(zip(whole.structure.keys, (whole.cells.value * MILLION).tolist(), strict=True))
    found: set[str] = set()
    for code in sorted(parts, key=lambda one: (one != CORE, len(one), one)):
        if status.get(code) == "suppressed":
            continue
        if all(amount.get(part) is not None for part in parts[code]):
            found.add(code)  # nothing that its sum is made of is hidden
            continue
        trial = values(context, whole, rules, rows, groups)
        for one in (*sorted(found), code):
            constant = sum(
                factor * of_cell[key_of({"district": TOTAL, "class": part}, ROOTS)]
                for part, factor in parts[one].items()
            )
            _constant(trial, one, parts[one], constant)
        if all(one.verdict == SAFE for one in trial.reached()):
            found.add(code)
    return frozenset(found)


def _constants(context: StepContext, found: Published) -> None:
    """Take in values at constant prices: with the price indices, which are public, sums of current values."""
    rows = context.read(CONSTANT, order=("code",)).to_pylist()
    for row in rows:
        if row["current_value"] is not None:
            found.show(cell_name(TOTAL, row["code"]), float(row["current_value"]), CONSTANT, FEN)
        if row["constant_value"] is not None:
            factors = _factors(context, row["code"], rows)
            _constant(found, row["code"], factors, float(row["constant_value"]))


def _constant(found: Published, code: str, factors: Mapping[str, float], value: float) -> None:
    name = f"constant prices/{code}"
    found.adds_up(name, {cell_name(TOTAL, part): factor for part, factor in factors.items()}, FEN)
    found.show(name, value, CONSTANT, FEN)


def _factors(context: StepContext, code: str, rows: list[dict[str, Any]]) -> dict[str, float]:
    year = context.settings.year
    prices = context.read("digital_economy_price", where=f"year = {year}", order=("code",)).to_pylist()
    index = {row["code"]: float(row["price_index"]) for row in prices}
    basis = {row["code"]: row["basis"] for row in rows}

    def below(one: str) -> dict[str, float]:
        if basis[one] == "own":
            return {one: 100 / index[one]}
        parts = [part for part in basis if part != one and _above(part) == one]
        return {name: factor for part in parts for name, factor in below(part).items()}

    return below(code)


def _above(code: str) -> str:
    return "" if code == CORE else code[:2] if len(code) > 2 else CORE


def _constant_errors(context: StepContext, errors: Published) -> None:
    """Take in errors at constant prices: each a sum of squares weighted by the squared factors."""
    rows = context.read(CONSTANT, order=("code",)).to_pylist()
    for row in rows:
        if row["standard_error"] is not None:
            factors = _factors(context, row["code"], rows)
            squared = {cell_name(TOTAL, part): factor**2 for part, factor in factors.items()}
            name = f"constant prices/{row['code']}"
            errors.adds_up(name, squared)
            truth = sum(errors.truth.get(part, 0.0) * weight for part, weight in squared.items())
            errors.show(name, truth, f"{CONSTANT} (error)")


def _needs(draft: DraftTable, rules: Rules) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how far above and below each cell must stay in doubt, in CNY, zero where it is safe."""
    unsafe = unsafe_cells(draft.cells, rules)
    return (
        np.where(unsafe.flag, unsafe.upper, 0.0) * MILLION,
        np.where(unsafe.flag, unsafe.lower, 0.0) * MILLION,
    )


def _base(
    magnitude: str, draft: DraftTable, truth: NDArray[np.float64],
    need: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> Published:  # fmt: skip
    """Return a magnitude with the sums of its cells, nothing shown yet; what needs doubt is asked for."""
    is_square = magnitude.endswith("squares")
    found = Published(
        magnitude, unit="CNY", root_of=MILLION if is_square else 0.0, signed=bool((truth < 0).any())
    )
    names = [name_of(key) for key in draft.structure.keys]
    relations = draft.structure.relations
    for start, end in zip(relations.indptr[:-1], relations.indptr[1:], strict=True):
        cells, signs = relations.indices[start:end], relations.data[start:end]
        total = int(cells[signs > 0][0])
        found.adds_up(names[total], {names[int(cell)]: 1.0 for cell in cells[signs < 0]})
    for number, name in enumerate(names):
        found.truth[name] = float(truth[number])
        if not draft.cells.count[number]:
            found.show(name, 0.0, "no unit")
        elif need[0][number] > 0 or need[1][number] > 0:
            found.ask(name, float(truth[number]), float(need[0][number]), float(need[1][number]))
    return found


def _squares(
    magnitude: str, draft: DraftTable, squares: NDArray[np.float64], figures: Published
) -> Published:
    """Return the sums of squares: those of each figure that must stay in doubt stay in doubt by their own size."""
    added = added_up(draft.structure, squares)
    asked = np.array([name_of(key) in figures.asked for key in draft.structure.keys])
    need = np.where(asked, (1 - 2 * NEARLY) * added, 0.0)
    return _base(magnitude, draft, added, (need, need))


def _show(found: Published, name: str, row: Mapping[str, Any], status: str, column: str, source: str) -> None:
    if row[status] == SHOWN and row[column] is not None:
        found.show(name, float(row[column]), source, FEN)
    elif row[status] == NONE_SAMPLED:
        found.show(name, 0.0, f"{source} (none sampled)")


def _show_error(found: Published, name: str, status: str) -> None:
    """Take in a shown error: who knows the design reads the sum of squares off it."""
    if status == SHOWN and name in found.truth:
        found.show(name, found.truth[name], "standard error")
