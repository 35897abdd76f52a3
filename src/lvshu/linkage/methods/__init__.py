"""Numbers of linkage: arrays in, arrays out. No engine."""
