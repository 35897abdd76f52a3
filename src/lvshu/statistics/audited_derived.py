"""All that a run publishes of value added by derived class, with the digital desk's figures, as constraints."""

from __future__ import annotations

from lvshu.engine.step import StepContext
from lvshu.statistics.derived_account import TABLE as ACCOUNT
from lvshu.statistics.derived_account import measured
from lvshu.statistics.derived_public import TABLE, Drawn, Industries, drawn_of, wanted_of
from lvshu.statistics.derived_table import classifications
from lvshu.statistics.disclosure.linked import Published
from lvshu.statistics.disclosure.primary import unsafe_cells
from lvshu.statistics.disclosure.table import NEARLY, added_up, error_doubt
from lvshu.statistics.keys import MILLION
from lvshu.statistics.methods.domain_interval import told_by
from lvshu.statistics.protection import SHOWN, thresholds

FEN = 0.005
DESK = "digital_economy_account_public"


def published(context: StepContext) -> list[Published]:
    """Return value added by derived class and the sums of squares behind it, with what must stay in doubt."""
    rows = context.read(TABLE, order=("classification", "class_code")).to_pylist()
    if not rows:
        return []
    found = classifications(context, tell=False)
    account = wanted_of(context.read(ACCOUNT, order=("classification", "class_code")).to_pylist())
    cells, drawn = drawn_of(context, found, measured(context)["value_added"].area, account)
    names = _names(drawn, cells)
    values, squares = Published("derived_value_added", unit="CNY"), Published(
        "derived_error_squares", unit="CNY", root_of=MILLION
    )  # fmt: skip
    truth = drawn.draft.cells.value * MILLION
    added = added_up(drawn.draft.structure, drawn.squares)
    values.signed = bool((truth < 0).any())
    unsafe = unsafe_cells(drawn.draft.cells, thresholds(context, "enterprise"))
    above, below = error_doubt(drawn.draft.structure, added, unsafe.flag, drawn.public_errors)
    relations = drawn.draft.structure.relations
    for start, end in zip(relations.indptr[:-1], relations.indptr[1:], strict=True):
        at, signs = relations.indices[start:end], relations.data[start:end]
        parts = {names[int(cell)]: 1.0 for cell in at[signs < 0]}
        for one in (values, squares):
            one.adds_up(names[int(at[signs > 0][0])], parts)
    for number, name in enumerate(names):
        if not drawn.draft.cells.count[number]:
            values.show(name, 0.0, "no unit")
        elif unsafe.flag[number]:
            need = float(unsafe.upper[number]) * MILLION, float(unsafe.lower[number]) * MILLION
            values.ask(name, float(truth[number]), *need)
            upper, lower = ((1 - NEARLY) * float(doubt[number]) for doubt in (above, below))
            squares.ask(name, float(added[number]), upper, lower)
        if drawn.known[number]:
            values.show(name, float(truth[number]), DESK, FEN)
        if drawn.known_errors[number]:
            squares.show(name, float(added[number]), f"{DESK} (standard error)")
    for row in rows:
        own = cells.get((row["classification"], row["class_code"]))
        if own is None:
            continue
        number = drawn.place[own]
        if row["full_value"] is not None:
            values.show(names[number], float(row["full_value"]), TABLE, FEN)
        if row["low"] is not None:
            told, within = told_by(float(row["low"]), float(row["high"]), float(truth[number]), FEN)
            values.show(names[number], told, f"{TABLE} (interval)", max(within, 1.0))
        if row["error_status"] == SHOWN:
            squares.show(names[number], float(added[number]), f"{TABLE} (standard error)")
    return [values, squares]


def _names(drawn: Drawn, cells: dict[tuple[str, str], Industries]) -> list[str]:
    """Return the name of each cell: of the first derived class that it is, else of its industries."""
    found = [
        dict(key).get("atom", f"{DESK} {number}") for number, key in enumerate(drawn.draft.structure.keys)
    ]
    for (classification, code), own in reversed(cells.items()):
        if own in drawn.place:
            found[drawn.place[own]] = f"{classification}/{code}"
    return found
