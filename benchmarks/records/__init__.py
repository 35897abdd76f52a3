"""Linking records of persons: lvshu against Splink with the rules that a user would write."""
