"""Labelled results as people take them: a page with chart and table, csv, xlsx, json, parquet, text."""
