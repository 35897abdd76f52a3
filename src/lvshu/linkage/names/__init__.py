"""Names of enterprises to one another: encoding, blocking, scoring, calibration. Arrays and texts, no engine."""
