"""Claims of speed, repeatable: `python3 start.py bench <name> [--size small|full] [--json]`."""
