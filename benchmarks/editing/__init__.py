"""Editing of business records: lvshu beside Banff, and two million records alone."""
