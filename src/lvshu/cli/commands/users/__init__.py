"""The commands of `lvshu users`."""
