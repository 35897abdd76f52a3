"""The annual exercise: what people write (lists, forms, returns, states, corrections), apart from the runs.

It lives in `desk/desk.sqlite` of the workspace. What the runs use of it is written to `inputs/` as ordinary tables.
"""
