"""The structural measures on the official national tables: identities, and every sector really taken out."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lvshu.accounts.methods.leontief import (
    input_coefficients,
    leontief_inverse,
    leontief_model,
    required_output,
    total_intensity,
)
from lvshu.accounts.methods.structure.extraction import extraction
from lvshu.accounts.methods.structure.linkages import key_sectors, linkages, normalised
from lvshu.accounts.methods.structure.paths import PathLimits, production_layers, structural_paths

Array = NDArray[np.float64]
SECTORS = [f"{number:02d}" for number in range(1, 43)]


def domestic(path: Path) -> tuple[Array, Array, Array, Array]:
    """Return domestic intermediate use, domestic final use, output and compensation of employees."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    own = {row["Code"]: row for row in rows if row["Origin"] == "Domestic"}
    use = np.array([[float(own[code][user]) for user in SECTORS] for code in SECTORS])
    final = np.array([float(own[code]["TFU"]) for code in SECTORS])
    labour = next(row for row in rows if row["Code"] == "VA001")
    output = next(row for row in rows if row["Code"] == "TI")
    return use, final, *(np.array([float(row[user]) for user in SECTORS]) for row in (output, labour))  # type: ignore[return-value]


@pytest.mark.parametrize("name", ["china_2017_42.csv", "china_2018_42.csv", "china_2020_42.csv"])
def test_national_table(shared_data: Path, name: str) -> None:
    use, final, output, labour = domestic(shared_data / "china_io" / name)
    coefficients = input_coefficients(use, output)
    model = leontief_model(coefficients)
    made = required_output(model, final)
    intensity = np.divide(labour, output, out=np.zeros(42), where=output > 0.0)
    multiplier = total_intensity(model, intensity)

    found = structural_paths(coefficients, intensity, multiplier, final, PathLimits(cut_share=1e-5))
    assert found.listed + found.not_listed == pytest.approx(found.footprint, rel=1e-12)
    assert found.footprint == pytest.approx(float(intensity @ made), rel=1e-10)
    assert 0.8 < found.coverage < 0.9
    from_use = structural_paths(use, intensity, multiplier, final, PathLimits(cut_share=1e-5), output=output)
    assert from_use.paths() == found.paths()
    layers = production_layers(coefficients, intensity, multiplier, final, 8)
    assert layers.sum() == pytest.approx(found.footprint, rel=1e-12)

    lost = extraction(model, final)
    inverse = leontief_inverse(model)
    for sector in (0, 4, 11, 24, 41):
        rest = coefficients.copy()
        rest[sector], rest[:, sector] = 0.0, 0.0
        left = final.copy()
        left[sector] = 0.0
        without = np.linalg.solve(np.eye(42) - rest, left)
        assert lost.total[sector] == pytest.approx(made.sum() - without.sum(), rel=1e-9)
    links = linkages(model, made)
    np.testing.assert_allclose(links.backward_total, inverse.sum(axis=0), rtol=1e-11)
    assert set(key_sectors(normalised(links.backward_total), normalised(links.forward_total))) == {0, 1, 2, 3}
