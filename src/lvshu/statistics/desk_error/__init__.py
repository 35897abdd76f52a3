"""Total error of the desks' headlines inside a run: what is known about each source, and the joint bootstrap."""
