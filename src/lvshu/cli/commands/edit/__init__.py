"""The commands of `lvshu edit`."""
