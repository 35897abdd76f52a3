"""Tables and figures printed in textbooks and manuals."""

from __future__ import annotations

import numpy as np

# Eurostat Manual of Supply, Use and Input-Output Tables (2008), table 15.4 (Germany 1995, domestic output at basic
# prices, million euro; employment in thousand persons): agriculture, manufacturing, construction, trade, business and
# other services. Multipliers and linkages: section 15.2, tables 15.10 (inverse), 15.20 and those beside it.
GERMANY_USE = np.array(
    [
        [1131, 25480, 1, 607, 710, 762],
        [7930, 304584, 64167, 41082, 11981, 30360],
        [426, 7334, 3875, 5296, 23457, 9155],
        [3559, 72717, 14190, 74399, 10835, 21008],
        [3637, 96115, 31027, 65755, 193176, 34223],
        [1552, 14986, 1747, 11225, 15058, 22070],
    ],
    dtype=float,
)
GERMANY_OUTPUT = np.array([43910, 1079446, 245606, 540063, 692487, 508918.0])
GERMANY_VALUE_ADDED = np.array([21664, 395022, 115624, 311407, 415426, 365017.0])
GERMANY_EMPLOYMENT = np.array([1096, 8381, 3236, 9251, 4258, 10206.0])
GERMANY_DIAGONAL = {0: 1.0339, 1: 1.4292, 2: 1.0289}
GERMANY_BACKWARD = [1.7048, 1.8413, 1.8136, 1.6035, 1.5951, 1.3782]
GERMANY_FORWARD = {0: 2.1126, 2: 1.3558, 3: 1.5848, 4: 2.1037, 5: 1.2106}
GERMANY_VALUE_ADDED_MULTIPLIER = [0.8450, 0.7647, 0.8615, 0.9019, 0.9393, 0.9199]
GERMANY_EMPLOYMENT_MULTIPLIER = [0.0326, 0.0162, 0.0207, 0.0237, 0.0112, 0.0242]

# D'Hernoncourt, Cordier and Hadley (2011), Input-output multipliers: specification sheet and supporting material,
# Spicosa project report (Netherlands 2000, million euro): agriculture, mining, manufacturing, utilities,
# construction, services. The report prints the household coefficients with two decimals.
NETHERLANDS_USE = np.array(
    [
        [2731, 3, 8260, 36, 59, 615],
        [4, 282, 2013, 3979, 188, 60],
        [3322, 291, 40218, 480, 8004, 16999],
        [983, 53, 2400, 4395, 85, 3458],
        [121, 70, 565, 135, 14103, 9509],
        [2884, 1078, 28400, 1404, 9339, 106994],
    ],
    dtype=float,
)
NETHERLANDS_OUTPUT = np.array([21863, 12292, 210900, 18249, 60244, 435953.0])
NETHERLANDS_COMPENSATION = np.array([2336, 520, 35083, 1629, 14339, 151784.0])
NETHERLANDS_HOUSEHOLD_COEFFICIENTS = np.array([0.0, 0.0, 0.08, 0.03, 0.0, 0.59])
NETHERLANDS_INCOME_EFFECT = [0.263, 0.099, 0.306, 0.212, 0.465, 0.493]
NETHERLANDS_TYPE_ONE = [2.466, 2.333, 1.840, 2.372, 1.953, 1.417]
NETHERLANDS_TYPE_TWO = [3.6377, 3.4423, 2.7144, 3.4996, 2.8813, 2.0907]
