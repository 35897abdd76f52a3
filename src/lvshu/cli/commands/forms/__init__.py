"""The commands of `lvshu forms`."""
