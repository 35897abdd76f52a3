"""Floor 0: the nouns that everything speaks of. Standard library only."""
