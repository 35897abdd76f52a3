"""What holds an economy together: paths, extraction, linkages, influence, closure."""
