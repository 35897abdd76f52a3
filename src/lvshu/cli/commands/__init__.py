"""One module for each command; each has `execute(...)`, which returns the exit code."""
