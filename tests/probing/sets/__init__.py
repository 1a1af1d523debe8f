"""Many probes at once."""
