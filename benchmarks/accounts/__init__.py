"""Full accounts, few indicators, changed demand and changed technology, against pymrio."""
