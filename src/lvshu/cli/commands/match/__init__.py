"""The commands of `lvshu match`."""
