"""Loan names to companies: speed, memory, recall and precision."""
