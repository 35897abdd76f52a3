"""The commands of `lvshu register`."""
