"""The returns of platforms, U201 to U210: workbooks out, checked when they come back, taken with an audit trail."""
