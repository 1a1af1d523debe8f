"""A run of probes: when it is due, what is sent, what is expected, and how its result is stored."""
