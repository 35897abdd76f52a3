"""Materials, waste and stocks: flow accounts, waste input-output, lifetimes, cycling, freight."""
