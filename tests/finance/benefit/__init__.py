"""Environmental benefit, its claims and disclosures; where the money goes."""
