"""What people do on the workbench beyond looking: log in, take files, start runs, decide."""
