"""Editing and imputation of records: rules as text, error localisation, imputation that obeys them, a log to undo.

`rules` reads a rule file, `evaluate` tests records, `consistency` tests the rules themselves, `locate` finds the
values to change, `deduce`, `donor`, `model` and `adjust` fill them, `changes` logs and undoes. Numbers in, numbers
out: no engine here.
"""
