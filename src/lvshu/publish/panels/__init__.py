"""The panels of the report, chapter by chapter: which table, which chart, which sentence."""
