"""Responsibility, influence and household closure with labels, against the textbook and brute force."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lvshu.accounts.ask.analysis import Accounts
from lvshu.accounts.ask.coefficients import influential, with_households
from lvshu.accounts.ask.responsibility import downstream, shared, traded, upstream
from lvshu.core.errors import MethodError
from tests.accounts.labelled.systems import random_system, textbook


def test_upstream_and_downstream_against_the_inverses() -> None:
    accounts = Accounts(textbook())
    inverse = accounts.inverse().values
    intensity = np.array([0.3, 0.25])
    np.testing.assert_allclose(
        upstream(accounts, "labour").values[0], intensity @ inverse - intensity, rtol=1e-12
    )
    output = accounts.system.output
    ghosh = inverse * output / output[:, None]  # G = x^-1 L x
    np.testing.assert_allclose(
        downstream(accounts, "labour").values[0], ghosh @ intensity - intensity, rtol=1e-12
    )


def test_trade_and_shared_accounts_keep_the_emission() -> None:
    accounts = Accounts(random_system(4))
    produced = accounts.system.extensions["air"].flows[0].sum()
    np.testing.assert_allclose(traded(accounts, "gas 0").values.sum(), produced, rtol=1e-9)
    for share in (0.0, 0.4, 1.0):
        found = shared(accounts, "gas 0", passed_on=share).values
        np.testing.assert_allclose(found.sum(), produced, rtol=1e-9)
        np.testing.assert_allclose(found[12:].sum() if share == 0.0 else 0.0, 0.0, atol=1e-9 * produced)
    with pytest.raises(MethodError):
        shared(accounts, "gas 0", passed_on=1.5)


def test_influence_orders_by_the_change_of_the_inverse() -> None:
    accounts = Accounts(random_system(4))
    found = influential(accounts, 5)
    coefficients = accounts.coefficients().values
    inverse = np.linalg.inv(np.eye(12) - coefficients)
    names = [accounts.system.industries.text(place) for place in range(12)]
    i, j = (names.index(part) for part in found.columns.labels[0])
    step = np.zeros((12, 12))
    step[i, j] = 1e-6
    change = (np.linalg.inv(np.eye(12) - coefficients - step) - inverse) / 1e-6
    np.testing.assert_allclose(found.values[0, 0], (change**2).sum(), rtol=1e-4)
    assert (np.diff(found.values[0]) <= 0).all()


def test_households_inside_the_economy() -> None:
    system = textbook()
    wages = np.array([0.3, 0.3]) * system.output
    system = replace(system, value_added={"wages": wages, "rest": system.value_added["value added"] - wages})
    found = with_households(Accounts(system), "labour", income="wages", consumption="final", spent=0.6)
    use, output = np.asarray(system.intermediate_use), system.output
    closed = np.zeros((3, 3))
    closed[:2, :2] = use / output
    closed[2, :2] = 0.3
    closed[:2, 2] = 0.6 * system.final_demand[:, 0] / system.final_demand.sum()
    wanted = np.array([0.3, 0.25, 0.0]) @ np.linalg.inv(np.eye(3) - closed)
    np.testing.assert_allclose(found.values[2], wanted[:2], rtol=1e-12)
    np.testing.assert_allclose(found.values[3] * found.values[0], found.values[1], rtol=1e-12)
    with pytest.raises(MethodError) as caught:
        with_households(Accounts(system), "labour", income="profits", consumption="final")
    assert caught.value.code == "accounts.no_such_row"
