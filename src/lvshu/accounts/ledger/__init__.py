"""The labelled types of the wing: names of axes, systems of one or many regions, results."""
