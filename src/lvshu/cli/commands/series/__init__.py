"""The commands of `lvshu series`."""
