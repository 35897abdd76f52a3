"""Numeric methods of the finance wing: arrays in, arrays out. They import numpy only."""
