"""The commands of `lvshu code`."""
