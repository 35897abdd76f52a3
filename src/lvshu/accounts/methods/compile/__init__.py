"""Making tables: constructs, aggregation, balancing, regional tables, prices."""
