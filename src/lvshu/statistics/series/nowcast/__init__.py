"""Nowcasts of mixed frequency: vintages, dynamic factors, news apart from revisions, densities, backtests."""
