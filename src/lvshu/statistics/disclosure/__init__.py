"""Statistical disclosure control: which cells of a published table must be hidden, and whether hiding them suffices.

structure   the cells of hierarchical and linked tables, and the sums between them
primary     which cells are unsafe by themselves: few contributors, p %, (n,k) dominance
attack      what a reader can work out: the feasible interval of every hidden cell
suppression which further cells to hide, at least cost
history     earlier releases: what was shown before cannot be hidden now
rounding    controlled rounding
table       all of it for one table: from records or cells to what may be published
"""
