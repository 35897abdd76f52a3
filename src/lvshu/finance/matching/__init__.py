"""Names of borrowers to companies: encoding, blocking, scoring, calibration. Arrays and texts, no engine."""
