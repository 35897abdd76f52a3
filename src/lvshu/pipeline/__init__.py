"""Floor 4: plan a run, run it, resume it, explain its figures, compare two of them."""
