"""Energy and emissions beyond the inventory: scorecards, quick estimates, city tables, reconciliation."""
