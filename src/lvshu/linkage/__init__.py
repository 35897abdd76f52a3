"""Records of one unit found across lists: names compared, pairs scored, errors estimated. For all wings."""
