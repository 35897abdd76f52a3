"""What keeps the workbench safe: hosts, bounds, headers, tokens, roles."""
