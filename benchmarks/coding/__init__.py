"""Coding of free text: accuracy, speed, coverage of sets, retrieval without labels, corrected shares."""
