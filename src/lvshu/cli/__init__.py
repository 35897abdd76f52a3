"""Floor 5: the command `lvshu`."""
