"""Prices: cost-push, carbon price, burden of households."""
