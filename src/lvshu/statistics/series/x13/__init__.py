"""X-13ARIMA-SEATS, called as a program: its specification written, its output read, its complaints told."""
