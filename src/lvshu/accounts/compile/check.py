"""Does a table balance? Every imbalance by name, with its size and the way out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvshu.accounts.compile.compiled import names_of
from lvshu.accounts.ledger.closing import CHECK_NAMES, Closing, SumCheck
from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.regional import RegionalSystem
from lvshu.accounts.ledger.system import InputOutputSystem, Matrix
from lvshu.accounts.methods.compile.wording import figure
from lvshu.accounts.methods.leontief import spectral_radius
from lvshu.core.errors import Problem

Array = NDArray[np.float64]

ALLOWED = 1e-6
FLOOR = 1e-12
BALANCING_ITEM = "balancing_item"
MOST = 50


def check_system(
    system: InputOutputSystem, *, allowed: float = ALLOWED, most: int = MOST
) -> tuple[Problem, ...]:
    """Return everything that is wrong with a table; an empty tuple where nothing is.

    Shapes that do not fit, missing numbers and an economy that cannot deliver (spectral radius of A at least 1) are
    errors; rows or columns that do not add up, negative output and idle sectors with inputs are warnings.

    Args:
        system: the table; columns are looked at only where it has value added.
        allowed: largest difference told as rounding, relative to the output of the sector; without unit.
        most: how many imbalances of one kind are told one by one; the rest is told as one sum.
    """
    shapes = _shapes(system)
    if shapes:
        return shapes
    numbers = _numbers(system)
    if numbers:
        return numbers
    x, unit, names = system.output, system.money_unit, system.industries
    used = np.asarray(system.intermediate_use.sum(axis=1)).ravel() + system.final_demand.sum(axis=1)
    found = _apart("accounts.row_imbalance", used, x, names, unit, allowed, most)
    inputs = np.asarray(system.intermediate_use.sum(axis=0)).ravel()
    if system.value_added:
        whole = (
            inputs
            + system.inputs_from_outside
            + np.sum([np.asarray(row) for row in system.value_added.values()], axis=0)
        )
        found += _apart("accounts.column_imbalance", whole, x, names, unit, allowed, most)
    negative = np.flatnonzero(x < 0.0)
    found += [
        Problem("accounts.negative_output", values={"sector": names.text(int(i)), "output": figure(float(x[i])),
                                                    "unit": unit}, severity="warning")
        for i in negative[:most]
    ]  # fmt: skip
    size = np.asarray(abs(system.intermediate_use).sum(axis=0)).ravel()
    idle = np.flatnonzero((x == 0.0) & (size > 0.0))
    found += [
        Problem("accounts.idle_sector_inputs", values={"sector": names.text(int(i)), "amount": figure(float(size[i])),
                                                       "unit": unit}, severity="warning")
        for i in idle[:most]
    ]  # fmt: skip
    return (*found, *_productive(system))


def closing_of_system(system: InputOutputSystem, *, allowed: float = ALLOWED) -> Closing:
    """Return the sums of a table's rows and, where it has value added, of its columns, each against output."""
    if isinstance(system, RegionalSystem) and system.closing is not None:
        return system.closing
    names, x = names_of(system.industries), system.output
    sums = [
        (
            "row_balance",
            np.asarray(system.intermediate_use.sum(axis=1)).ravel() + system.final_demand.sum(axis=1),
        )
    ]
    if system.value_added:
        added = np.sum([np.asarray(row) for row in system.value_added.values()], axis=0)
        bought = np.asarray(system.intermediate_use.sum(axis=0)).ravel() + system.inputs_from_outside
        sums.append(("column_balance", bought + added))
    checks = []
    for check, total in sums:
        scale = np.maximum(np.abs(total), np.abs(x))
        most = np.maximum(allowed * scale, FLOOR * float(scale.max(initial=0.0)))
        checks += [
            SumCheck(check, names[place], float(x[place]), float(total[place]), float(most[place]))
            for place in range(len(x))
        ]
    return Closing(tuple(checks), system.money_unit)


def sums_apart(closing: Closing) -> tuple[Problem, ...]:
    """Return a warning for each sum of a published table that its parts do not make, the largest first."""
    return tuple(
        Problem("accounts.sum_apart", severity="warning", values={
            "check": CHECK_NAMES[one.check], "name": one.name, "stated": figure(one.stated),
            "computed": figure(one.computed), "difference": figure(one.difference), "unit": closing.unit})
        for one in closing.wrong
    )  # fmt: skip


def balancing_item_left(system: InputOutputSystem, *, allowed: float = ALLOWED) -> tuple[Problem, ...]:
    """Return a notice where the rows of a saved regional table close only by their balancing item."""
    if not isinstance(system, RegionalSystem) or system.closing is not None:
        return ()
    columns = [place for place, label in enumerate(system.final.labels) if label[-1] == BALANCING_ITEM]
    amount = np.asarray(system.final_demand[:, columns].sum(axis=1), dtype=np.float64)
    left = np.flatnonzero(np.abs(amount) > allowed * np.abs(system.output))
    if not left.size:
        return ()
    worst = int(left[np.argmax(np.abs(amount[left]))])
    values = {"count": int(left.size), "name": names_of(system.industries)[worst],
              "amount": figure(float(amount[worst])), "unit": system.money_unit}  # fmt: skip
    return (Problem("accounts.balancing_item_left", values=values, severity="notice"),)


def not_closed(closing: Closing) -> tuple[Problem, ...]:
    """Return one warning for all sums of a table that its parts do not make; nothing where they do."""
    wrong = closing.wrong
    if not wrong:
        return ()
    worst = wrong[0]
    values = {"count": len(wrong), "checks": len(closing.checks), "check": CHECK_NAMES[worst.check],
              "name": worst.name, "difference": figure(worst.difference), "unit": closing.unit}  # fmt: skip
    return (Problem("accounts.table_not_closed", values=values, severity="warning"),)


def _shapes(system: InputOutputSystem) -> tuple[Problem, ...]:
    n, c = len(system.industries), len(system.final)
    expected: list[tuple[str, tuple[int, ...], tuple[int, ...]]] = [
        ("intermediate_use", system.intermediate_use.shape, (n, n)),
        ("final_demand", system.final_demand.shape, (n, c)),
        ("output", system.output.shape, (n,)),
    ]
    expected += [(f"value_added/{name}", np.shape(row), (n,)) for name, row in system.value_added.items()]
    for name, extension in system.extensions.items():
        m = len(extension.stressors)
        expected.append((f"extensions/{name}", extension.flows.shape, (m, n)))
        if extension.final_flows is not None:
            expected.append((f"extensions/{name}/final", extension.final_flows.shape, (m, c)))
    return tuple(
        Problem("accounts.table_shape", values={"part": part, "has": _times(has), "needs": _times(needs)})
        for part, has, needs in expected
        if has != needs
    )


def _times(shape: tuple[int, ...]) -> str:
    return " x ".join(str(length) for length in shape)


def _numbers(system: InputOutputSystem) -> tuple[Problem, ...]:
    use = system.intermediate_use
    parts = {
        "intermediate_use": np.asarray(use.data if sparse.issparse(use) else use),
        "final_demand": system.final_demand, "output": system.output,
        **{f"value_added/{name}": np.asarray(row) for name, row in system.value_added.items()},
    }  # fmt: skip
    return tuple(
        Problem("accounts.table_not_finite", values={"part": name, "count": int((~np.isfinite(cells)).sum())})
        for name, cells in parts.items()
        if not np.isfinite(cells).all()
    )


def _apart(
    code: str, total: Array, output: Array, names: Index, unit: str, allowed: float, most: int
) -> list[Problem]:
    difference = total - output
    scale = np.maximum(np.abs(total), np.abs(output))
    floor = FLOOR * float(scale.max(initial=0.0))
    wrong = np.flatnonzero(np.abs(difference) > np.maximum(allowed * scale, floor))
    order = wrong[np.argsort(-np.abs(difference[wrong]), kind="stable")]
    found = []
    for i in order[:most]:
        share = 100.0 * float(difference[i]) / float(scale[i])
        values = {"sector": names.text(int(i)), "total": figure(float(total[i])), "output": figure(float(output[i])),
                  "difference": figure(float(difference[i])), "share": f"{share:.3g}", "unit": unit}  # fmt: skip
        found.append(Problem(code, values=values, severity="warning"))
    rest = order[most:]
    if len(rest):
        amount = float(np.abs(difference[rest]).sum())
        left = {"count": len(rest), "amount": figure(amount), "unit": unit}
        found.append(Problem("accounts.more_imbalances", values=left, severity="warning"))
    return found


def _productive(system: InputOutputSystem) -> tuple[Problem, ...]:
    """The spectral radius of A, asked only where column sums leave it open."""
    use, x = system.intermediate_use, system.output
    divisor = np.where(x == 0.0, np.inf, x)
    size = np.asarray(abs(use).sum(axis=0)).ravel() / np.abs(divisor)
    if size.max(initial=0.0) < 1.0:
        return ()
    coefficients = dense(use) / divisor
    radius = spectral_radius(coefficients)
    if radius < 1.0:
        return ()
    worst = np.argsort(-size)[:5]
    values = {"radius": f"{radius:.6g}",
              "places": [f"{system.industries.text(int(j))} ({size[j]:.4g})" for j in worst]}  # fmt: skip
    return (Problem("accounts.table_not_productive", values=values),)


def dense(matrix: Matrix) -> Array:
    """Return a matrix as an array, whatever it was."""
    return np.asarray(matrix.toarray() if isinstance(matrix, sparse.csr_array) else matrix, dtype=np.float64)
