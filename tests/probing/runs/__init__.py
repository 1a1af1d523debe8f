"""A run of probes: when it is due, what is sent and expected, and what came of it."""
