"""What probes came to: exchanges, roll-ups, availability and latency over time."""
