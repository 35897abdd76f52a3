"""A table of two regions and two sectors that balances, to be written in each publisher's layout."""

from __future__ import annotations

import numpy as np

REGIONS = ("AT", "CN")
SECTORS = ("Paddy rice", "Wheat")
CATEGORIES = ("Final consumption expenditure by households", "Gross fixed capital formation")
USE = np.array([[10.5, 2.25, 3, 1], [4, 20, 0.125, 2], [1e-3, 5, 30, 6], [7, 0, 8, 40]])
DEMAND = np.array([[50, 5, 1, 0.5], [60, 6, 2, -0.25], [3, 0, 70, 7], [4, 1, 80, 8]])
OUTPUT = USE.sum(axis=1) + DEMAND.sum(axis=1)
WAGES = 0.6 * (OUTPUT - USE.sum(axis=0))
SURPLUS = OUTPUT - USE.sum(axis=0) - WAGES
CO2 = np.array([1e6, 2e6, 3.5e6, 0])
CH4 = np.array([0.5, 1 / 3, 2, 7])
HOUSEHOLDS = np.array([[11.0, 0, 12, 0], [0, 0, 0.25, 0]])
INDUSTRIES = tuple((region, sector) for region in REGIONS for sector in SECTORS)
FINAL = tuple((region, category) for region in REGIONS for category in CATEGORIES)
