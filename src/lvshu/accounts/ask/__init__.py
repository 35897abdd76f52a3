"""Questions to a system or to small tables, answered with labels, units, method and origin, without a run."""
