"""A run of probes: when it is due, what is sent, what is expected, and storing what came of it."""
