"""Whatever the figures, signs and names: what is written is what is read."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.system import Extension, InputOutputSystem
from lvshu.accounts.readers import load_system, read_system, save_system
from lvshu.accounts.readers.pymrio_save import write_pymrio

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8)
NAMES = st.lists(WORDS, min_size=1, max_size=3, unique=True)


@st.composite
def systems(draw: st.DrawFn) -> InputOutputSystem:
    """Return a small system with figures of any size and sign, zero rows included."""
    regions, sectors, categories = draw(NAMES), draw(NAMES), draw(NAMES)
    n, c = len(regions) * len(sectors), len(regions) * len(categories)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    use = rng.lognormal(0, 6, (n, n)) * (rng.random((n, n)) < 0.7)
    demand = rng.normal(0, 10.0 ** draw(st.integers(-3, 9)), (n, c))
    stressors = Index.of(("stressor", "compartment"), [(word, "air") for word in draw(NAMES)])
    flows = rng.random((len(stressors), n))
    air = Extension("air", stressors, ("kg",) * len(stressors), flows, rng.random((len(stressors), c)))
    return InputOutputSystem(
        "small", draw(st.sampled_from([None, 2017])), Index.product(("region", "sector"), regions, sectors),
        Index.product(("region", "category"), regions, categories), use, demand, use.sum(axis=1) + demand.sum(axis=1),
        {"labour": rng.random(n)}, draw(st.sampled_from(["1e6 EUR", "1e4 CNY", "1e3 USD"])), {"air": air},
    )  # fmt: skip


def _same(ours: InputOutputSystem, theirs: InputOutputSystem) -> None:
    assert (ours.industries, ours.final, ours.money_unit) == (
        theirs.industries,
        theirs.final,
        theirs.money_unit,
    )
    assert np.array_equal(ours.intermediate_use, theirs.intermediate_use)
    assert np.array_equal(ours.final_demand, theirs.final_demand) and np.array_equal(
        ours.output, theirs.output
    )
    assert np.array_equal(ours.value_added["labour"], theirs.value_added["labour"])
    mine, other = ours.extensions["air"], theirs.extensions["air"]
    assert (mine.stressors, mine.units) == (other.stressors, other.units)
    assert np.array_equal(mine.flows, other.flows) and np.array_equal(mine.final_flows, other.final_flows)


@settings(max_examples=30, deadline=None)
@given(systems(), st.sampled_from(["txt", "parquet"]))
def test_the_format_of_pymrio(system: InputOutputSystem, table_format: str) -> None:
    with TemporaryDirectory() as folder:
        _same(system, read_system(write_pymrio(system, folder, table_format=table_format)))  # type: ignore[arg-type]


@settings(max_examples=20, deadline=None)
@given(systems())
def test_the_own_format(system: InputOutputSystem) -> None:
    with TemporaryDirectory() as folder:
        save_system(system, folder)
        _same(system, load_system(folder, verify=True))


def test_sparse_flows_stay_sparse(tmp_path: Path) -> None:
    index = Index.product(("region", "sector"), ["a"], ["x", "y"])
    use = sparse.csr_array(np.array([[0.0, 2], [0, 0]]))
    system = InputOutputSystem(
        "sparse", None, index, Index.of(("region", "category"), [("a", "households")]), use, np.array([[1.0], [0]]),
        np.array([3.0, 0]),
    )  # fmt: skip
    save_system(system, tmp_path / "kept")
    again = load_system(tmp_path / "kept").intermediate_use
    assert isinstance(again, sparse.csr_array) and np.array_equal(again.toarray(), use.toarray())
    dense = read_system(write_pymrio(system, tmp_path / "pymrio"), unit="CNY")
    assert np.array_equal(dense.intermediate_use, use.toarray())
