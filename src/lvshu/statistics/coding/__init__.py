"""Coding of free text into classifications: models, retrieval, guarantees, queues and corrected totals."""
