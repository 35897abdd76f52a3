"""Small systems for tests: the textbook's two sectors, and random economies of several regions."""

from __future__ import annotations

import numpy as np

from lvshu.accounts.ledger.labels import Index
from lvshu.accounts.ledger.system import Extension, InputOutputSystem
from lvshu.core.origin import Origin

# Miller and Blair (2009), chapter 2: two sectors
USE = np.array([[150.0, 500.0], [200.0, 100.0]])
DEMAND = np.array([350.0, 1700.0])


def textbook() -> InputOutputSystem:
    """Return the two-sector economy with labour (0.3 and 0.25 per unit of output) as an extension."""
    output = USE.sum(axis=1) + DEMAND
    labour = Extension("labour", Index.of(("stressor",), ["labour"]), ("person",),
                       (np.array([0.3, 0.25]) * output)[None, :])  # fmt: skip
    return InputOutputSystem(
        "textbook", 2009, Index.product(("region", "sector"), ["here"], ["one", "two"]),
        Index.of(("region", "category"), [("here", "final")]), USE, DEMAND[:, None], output,
        {"value added": output - USE.sum(axis=0)}, "CNY", {"labour": labour}, Origin(title="Miller and Blair"),
    )  # fmt: skip


def random_system(
    seed: int,
    *,
    regions: int = 3,
    sectors: int = 4,
    stressors: int = 2,
    idle: bool = False,
    error: bool = False,
) -> InputOutputSystem:
    """Return a balanced economy of several regions, maybe with a sector that makes nothing."""
    generator = np.random.default_rng(seed)
    n = regions * sectors
    use = generator.lognormal(0.0, 1.0, (n, n))
    demand = generator.lognormal(2.0, 1.0, (n, 2 * regions))
    if idle:
        use[1], use[:, 1], demand[1] = 0.0, 0.0, 0.0
    output = use.sum(axis=1) + demand.sum(axis=1)
    scale = np.minimum(1.0, 0.7 * output / np.maximum(use.sum(axis=0), 1e-9))
    use = use * scale
    output = use.sum(axis=1) + demand.sum(axis=1)
    flows = generator.lognormal(1.0, 1.0, (stressors, n)) * (output > 0.0)
    names = [f"r{i}" for i in range(regions)]
    industries = Index.product(("region", "sector"), names, [f"s{i}" for i in range(sectors)])
    final = Index.product(("region", "category"), names, ["households", "government"])
    extension = Extension(
        "air", Index.of(("stressor",), [f"gas {i}" for i in range(stressors)]), ("tCO2", "kg", "t")[:stressors],
        flows, generator.lognormal(0.0, 1.0, (stressors, 2 * regions)), 0.1 * flows if error else None,
        final_error=np.zeros((stressors, 2 * regions)) if error else None,
    )  # fmt: skip
    return InputOutputSystem("random", 2020, industries, final, use, demand, output,
                             {"value added": output - use.sum(axis=0)}, "1e6 EUR", {"air": extension})  # fmt: skip
