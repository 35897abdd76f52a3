"""The commands of `lvshu accounts`, a module each: read a source, ask, show and write the results."""
