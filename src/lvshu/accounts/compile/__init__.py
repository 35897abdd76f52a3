"""Making tables, with labels: from supply and use, by bridges, to margins, for regions, at constant prices."""
