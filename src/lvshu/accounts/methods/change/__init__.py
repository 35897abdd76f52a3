"""Change over time: structural decomposition, index decomposition, Kaya."""
