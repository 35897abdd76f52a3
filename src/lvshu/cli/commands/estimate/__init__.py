"""The commands of `lvshu estimate`."""
