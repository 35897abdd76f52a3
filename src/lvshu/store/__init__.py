"""Floor 2: workspaces, locks, runs as database files of their own, books that are read while another is written."""
