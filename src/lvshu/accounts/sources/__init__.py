"""Where a system comes from: a published table, an energy balance, a workspace, a public data set."""
