"""The commands of `lvshu desk`."""
