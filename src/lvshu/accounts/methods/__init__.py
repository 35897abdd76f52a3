"""Numeric methods of the accounts wing: arrays in, arrays out. They import numpy and scipy only."""
