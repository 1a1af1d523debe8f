"""What probes came to: exchanges, roll-ups, availability over time, and what else is on the same axis."""
