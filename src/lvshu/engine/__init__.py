"""Floor 1: queries written once, run on DuckDB (embedded) or Spark; steps and their context."""
