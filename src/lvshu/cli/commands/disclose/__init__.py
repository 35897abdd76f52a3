"""`lvshu disclose …`: what a published table gives away, and how to hide it."""
