"""Results of probes: exchanges, roll-ups, availability over time, and the events on the same axis."""
