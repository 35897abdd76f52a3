"""The kernel of multi-regional accounts: it chooses how to solve, and never forms the inverse unless asked."""
